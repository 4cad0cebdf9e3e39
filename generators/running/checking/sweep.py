"""Looks once more through a job's own questions when it ends, if other jobs ran beside it.

Two workers that keep a question at the same moment do not see each other's: each compares its questions with
those in the graph and with its own that are on their way into it. So what a job kept while others ran is
checked for duplicates as what is there is: by a check, which can be looked at and undone.
"""

import logging

from generators.quality.duplicates.near_duplicates import RULE
from generators.running.checking import graph_check
from generators.running.comparing.benchmarks import Benchmarks
from generators.running.frame.context import Run
from graph.database import Database
from graph.jobs import jobs
from graph.quality import checks
from graph.quality.checks import Check, CheckKind, CheckSpec, CheckState

log = logging.getLogger("glan")

LOOK_S = 0.5
WORKER = "the worker of job "


async def sweep(run: Run, lease_s: float, benchmarks: Benchmarks) -> None:
    """Runs the check to its end. Raises Stopped; another worker, or the job once it is resumed, then ends it.

    Does nothing for a job that compares no questions, and for one that ran alone.
    """
    if not (run.spec.checks.duplicates and run.spec.wants_instructions):
        return
    since = await jobs.beside(run.database, run.lease.job_id)
    if since is None:
        return
    await run.check.settle()
    spec = CheckSpec(
        kind=CheckKind.duplicates, node_id=run.spec.root_id, job_id=run.lease.job_id, since=since
    )
    check = await _begun(run.database, spec)
    while not check.ended:
        await _run(run, check, lease_s, benchmarks)
        run.control.check()
        check = await checks.get(run.database, check.id)
    if check.withdrawn:
        run.progress.notes.add(
            f"{check.withdrawn} questions were kept while another job kept the same: check {check.id} has "
            f"withdrawn them; side by side: glan check pairs {check.id}"
        )


async def _begun(database: Database, spec: CheckSpec) -> Check:
    """The unfinished check of an earlier run of the job, or a new one."""
    states = [CheckState.planned, CheckState.running]
    found = await checks.list_checks(database, states=states, spec_key=spec.key(), limit=1)
    if found.items:
        return found.items[0]
    return await checks.create(database, spec, RULE, f"job {spec.job_id}")


async def _run(run: Run, check: Check, lease_s: float, benchmarks: Benchmarks) -> None:
    """Runs the check if no other worker does, or waits a moment for that one."""
    claimed = await checks.claim(run.database, f"{WORKER}{run.lease.job_id}", lease_s, [check.id])
    if claimed is None:
        await run.control.sleep(LOOK_S)
        return
    hold, stored = claimed
    log.info("job %s: looks for duplicates among what it kept beside others", run.lease.job_id)
    await graph_check.run_check(run.database, hold, stored, run.control.stopping, benchmarks)
