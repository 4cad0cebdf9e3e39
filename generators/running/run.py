"""Runs the units of a job: its main loop.

A job's branches run side by side and do not wait for each other. Units and samples are taken when there is
room for them and never listed as a whole, so that memory does not grow with the job.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from generators.models.budget import Budget
from generators.models.registry import Models
from generators.models.settings import differences, resolve
from generators.models.stop import Control, Stopped, now_s
from generators.planning import draw, plan
from generators.planning import test_sets as planned_sets
from generators.running import branch, proposing
from generators.running.answering import consensus_stage
from generators.running.checking import sweep
from generators.running.comparing.benchmarks import Benchmarks
from generators.running.comparing.checks import QuestionCheck
from generators.running.evaluating import pairwise, test_sets
from generators.running.frame.context import Run
from generators.running.frame.crew import each
from generators.running.frame.trouble import Trouble
from generators.running.frame.writer import InstructionWriter
from generators.spec import HeldOut, JobSpec
from generators.steps import language
from generators.usage import Usage
from graph.database import Database
from graph.errors import GraphError, LeaseLost
from graph.jobs import jobs, leases, units
from graph.jobs.job import Job, JobState, Live
from graph.jobs.leases import Lease
from graph.taxonomy import syllabi

log = logging.getLogger("glan")

BRANCHES_AT_ONCE = 8
HEARTBEAT_S = 1.0
# Samples open per call that may be in flight, and more for the rows that wait for the database.
OPEN_PER_CALL = 3
OPEN_AT_LEAST = 64
# A target in total is given up once this many samples in a row were not accepted: more would cost as much.
MOST_IN_VAIN = 20


async def run_job(
    database: Database,
    models: Models,
    lease: Lease,
    *,
    lease_s: float,
    quit: asyncio.Event,
    control: Control | None = None,
    benchmarks: Benchmarks | None = None,
) -> JobState | None:
    """Runs a claimed job until it ends or is stopped, and returns its state; None if the lease was lost.

    Setting `quit` hands the job back for the next worker once the calls in flight are done; `control` can end
    it in other states. While the disk is full, no call is sent, and
    paid replies wait until they are stored. `benchmarks`: those of this process, whose index outlives a job.
    """
    patient = database.waiting_for_room()
    job = await jobs.get(database, lease.job_id)
    spec = JobSpec.model_validate(job.spec)
    index = benchmarks or Benchmarks(database)
    check = QuestionCheck(patient, spec.checks, index)
    async with InstructionWriter(patient, lease) as writer, check:
        run = await _begin(job, spec, patient, models, lease, writer, check)
        run.control = control or run.control
        run.control.held_until(0)  # nothing is paid for before the first heartbeat
        heart = asyncio.create_task(_heartbeat(run, database, lease_s, quit), name="heartbeat")
        asked = False
        try:
            await _same_or_recorded(run, job)
            await check.begin(lease.job_id)
            await consensus_stage.record(run)
            state, reason = await _done(run, lease_s, index)
        except Stopped:
            assert run.control.state
            state, reason, asked = run.control.state, run.control.reason, run.control.asked
        except LeaseLost as error:
            log.warning("%s", error)
            return None
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
        try:
            await check.settle()
            await _record_notes(run)
            return await leases.release(
                patient, lease, state, reason, timings=run.progress.timings(), asked=asked
            )
        except LeaseLost:
            return None


async def _record_notes(run: Run) -> None:
    """Adds the run's notes to the job's record, each once."""
    job = await jobs.get(run.database, run.lease.job_id)
    new = sorted(run.progress.notes.difference(job.changes))
    if new:
        await leases.change(run.database, run.lease, job.resolved, new)


async def _begin(
    job: Job,
    spec: JobSpec,
    database: Database,
    models: Models,
    lease: Lease,
    writer: InstructionWriter,
    check: QuestionCheck,
) -> Run:
    # The first use of the language detector takes half a second, which would block the event loop.
    for name in spec.languages():
        await asyncio.to_thread(language.code_of, name)
    window = asyncio.Semaphore(OPEN_PER_CALL * models.settings.concurrency + OPEN_AT_LEAST)
    return Run(
        database=database,
        spec=spec,
        models=models,
        budget=Budget(spec.budget, Usage.of(job.spent)),
        lease=lease,
        writer=writer,
        window=window,
        check=check,
    )


async def _same_or_recorded(run: Run, job: Job) -> None:
    """Records every difference to the settings of the previous run before the first call."""
    now = resolve(run.spec, run.models.settings)
    changes = differences(job.resolved, now)
    for change in changes:
        log.warning("job %s continues with other settings: %s", job.id, change)
    if changes:
        told = [f"continued with {change}" for change in changes]
        await leases.change(run.database, run.lease, now, told)
    await run.call(lambda: _priced(run))


async def _priced(run: Run) -> None:
    run.models.settings.require_prices(run.spec)


async def _heartbeat(run: Run, database: Database, lease_s: float, quit: asyncio.Event) -> None:
    """Renews the lease, publishes the run's progress and obeys users' requests to pause or cancel the job."""
    trouble = Trouble()
    while True:
        try:
            await _beat(run, database, lease_s, quit)
            trouble.ended()
        except LeaseLost:
            run.control.stop(JobState.running, "another worker took over")
            return
        except GraphError as error:  # whatever it is: nobody else renews the lease or obeys requests
            run.control.missed(error, quitting=quit.is_set())
            trouble.tell(error, f"job {run.lease.job_id} waits: ")
        await asyncio.sleep(min(HEARTBEAT_S, lease_s / 3))


async def _beat(run: Run, database: Database, lease_s: float, quit: asyncio.Event) -> None:
    asked_s = now_s()
    live = Live.model_validate(run.progress.snapshot())
    wanted = await leases.renew(database, run.lease, lease_s, live)
    # By this clock the lease ends earlier than in the database, which counts from a later moment.
    run.control.held_until(asked_s + lease_s)
    if wanted:
        run.control.stop(JobState(wanted), asked=True)
    elif quit.is_set():
        run.control.stop(JobState.planned)


async def _done(run: Run, lease_s: float, index: Benchmarks) -> tuple[JobState, str | None]:
    """Does the job; returns the state in which it ends, and the reason."""
    if run.spec.proposes:
        return await proposing.propose_all(run)
    if run.spec.test_run:
        await pairwise.compare_all(run)
        return JobState.done, None
    if run.spec.held_out and await test_sets.removed(run.database, run.spec.held_out):
        return JobState.failed, f"the test set {run.spec.held_out.name} was removed"
    await _grow(run)
    if not run.spec.held_out:
        await sweep.sweep(run, lease_s, index)
    return await _verdict(run)


async def _grow(run: Run) -> None:
    """Runs all branches, again while others have room for what some could not draw."""
    if plan.settles_late(run.spec):
        await _run_branches(run, branch.grow_branch)
        await plan.settle_quota(run.database, run.lease, run.spec)
    await _draw_branches(run)
    missing, in_vain = await _missing(run), 0
    while in_vain < MOST_IN_VAIN and (await _spread_shortfall(run) or await _top_up(run, missing)):
        before = missing
        await _draw_branches(run)
        missing = await _missing(run)
        in_vain = 0 if missing < before else in_vain + before
    if run.spec.held_out and not missing:
        await test_sets.complete(run.database, run.spec.held_out)


async def _missing(run: Run) -> int:
    """How many instructions the job's target still needs, if it has one that others are drawn for."""
    if held_out := run.spec.held_out:
        lacking = await planned_sets.lacking(run.database, run.lease.job_id, held_out)
        return sum(missing for _, missing in lacking)
    return await plan.missing(run.database, run.spec)


async def _draw_branches(run: Run) -> None:
    """Runs all branches, and then their crossings: partners may be in any of them."""
    await _run_branches(run, branch.run_branch)
    if run.spec.cross_share:
        await _run_branches(run, branch.run_crossings)


async def _run_branches(run: Run, work: Callable[[Run, str], Awaitable[None]]) -> None:
    """Works on every branch with something left to do, BRANCHES_AT_ONCE side by side."""
    await each(_branches(run), lambda id_: work(run, id_), asyncio.Semaphore(BRANCHES_AT_ONCE))


async def _branches(run: Run) -> AsyncIterator[str]:
    after = ""
    while branches := await units.branches(run.database, run.lease.job_id, after, limit=100):
        for branch_id in branches:
            run.control.check()
            yield branch_id
        after = branches[-1]


async def _spread_shortfall(run: Run) -> int:
    run.control.check()
    if run.spec.held_out:
        return 0  # another discipline cannot make up for what is missing in one
    return await draw.spread_shortfall(run.database, run.lease, run.spec)


async def _top_up(run: Run, missing: int) -> int:
    """Draws in place of what was not accepted, if the job has a target in total and accepted any so far."""
    run.control.check()
    if run.spec.held_out:
        return await planned_sets.top_up(run.database, run.lease, run.spec) if missing else 0
    ledger = (await jobs.get(run.database, run.lease.job_id)).ledger
    if not missing or not ledger.accepted:
        return 0
    return await draw.top_up(run.database, run.lease, run.spec, missing)


async def _verdict(run: Run) -> tuple[JobState, str | None]:
    """The end state of a job that has nothing left to do, and the reason."""
    job = await jobs.get(run.database, run.lease.job_id)
    if run.spec.held_out and await _missing(run):
        return JobState.exhausted, await _why_incomplete(run, run.spec.held_out, job)
    if job.ledger.pending > 0:
        made = job.ledger.requested - job.ledger.pending
        if not made and not await syllabi.below(run.database, job.root_id):
            return JobState.failed, f"no syllabus could be grown: {_why(job)}"
        return (
            JobState.exhausted,
            f"{made} of {job.ledger.requested}: every combination of the wanted strategies has been "
            f"drawn{_often(run.spec.laps)}; grow more subjects, or other strategies or numbers of concepts",
        )
    if missing := await plan.missing(run.database, run.spec):
        return JobState.exhausted, f"{missing} of the target are missing: {await _why_missing(run, job)}"
    grown = sum(count.done for count in job.steps.values())
    failed = sum(count.failed for count in job.steps.values())
    if failed and not grown:
        return JobState.failed, f"every unit failed: {_why(job)}"
    return JobState.done, None


async def _why_missing(run: Run, job: Job) -> str:
    if not await draw.room(run.database, run.lease, run.spec):
        return (
            "every combination of the wanted strategies has been drawn; grow more subjects, or other "
            "strategies or numbers of concepts"
        )
    return f"the last {MOST_IN_VAIN} and more were not accepted ({_why(job)}); resume the job to try further"


async def _why_incomplete(run: Run, held_out: HeldOut, job: Job) -> str:
    lacking = await planned_sets.lacking(run.database, run.lease.job_id, held_out)
    named = ", ".join(f"{branch.name} has {branch.held}" for branch, _ in lacking[:5])
    more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    return (
        f"the test set is not complete: {named}{more} of {held_out.per_discipline} questions; "
        f"their combinations are drawn, or the last ones were not kept ({_why(job)}); grow more syllabi "
        "there and resume the job"
    )


def _often(laps: int) -> str:
    return f" {laps} times, as often as the dials and repeats allow" if laps > 1 else ""


def _why(job: Job) -> str:
    return ", ".join(f"{count.count} x {reason}" for reason, count in job.reasons.items()) or (
        "there are no subjects"
    )
