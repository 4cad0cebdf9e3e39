"""Runs the units of a job: the only loop. Its branches go side by side and wait for nothing else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from generators import draw, growth, plan, samples
from generators.control import Run, Stopped, finish_all
from generators.models import Models
from generators.spec import JobSpec
from generators.writer import InstructionWriter
from graph import jobs, syllabi
from graph.database import Database, Row
from graph.errors import DatabaseUnavailable, LeaseLost
from graph.jobs import Hold, JobState, UnitStep

log = logging.getLogger("glan")

BRANCHES_AT_ONCE = 8
UNITS_AT_ONCE = 16
HEARTBEAT_S = 1.0


async def run_job(
    database: Database,
    models: Models,
    hold: Hold,
    spec: JobSpec,
    *,
    concurrency: int,
    lease_s: float,
    quit: asyncio.Event,
) -> JobState | None:
    """Runs a claimed job until it ends or is stopped, and returns its state; None when the lease was lost.

    Setting `quit` hands the job back after what is in flight, for whoever comes next.
    """
    async with InstructionWriter(database, hold) as writer:
        run = Run(database, hold, spec, models, writer, asyncio.Semaphore(concurrency))
        heart = asyncio.create_task(_heartbeat(run, lease_s, quit), name="heartbeat")
        try:
            await _grow(run)
            state, reason = await _verdict(run)
        except Stopped:
            assert run.state
            state, reason = run.state, run.reason
        except LeaseLost as error:
            log.warning("%s", error)
            return None
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
        try:
            await jobs.release(database, hold, state, reason)
        except LeaseLost:
            return None
        return state


async def _heartbeat(run: Run, lease_s: float, quit: asyncio.Event) -> None:
    """Keeps the lease and hears what the users want of the job."""
    while True:
        await asyncio.sleep(min(HEARTBEAT_S, lease_s / 3))
        try:
            wanted = await jobs.renew(run.database, run.hold, lease_s)
        except LeaseLost:
            run.stop(JobState.running, "another worker took over")
            return
        except DatabaseUnavailable as error:
            log.warning("%s", error)
            continue
        if wanted:
            run.stop(JobState(wanted))
        elif quit.is_set():
            run.stop(JobState.planned)


async def _grow(run: Run) -> None:
    """All branches, and again while what some could not draw finds room in others."""
    while True:
        await _run_branches(run)
        if not await _spread_shortfall(run):
            return


async def _run_branches(run: Run) -> None:
    """Every branch with something left to do, BRANCHES_AT_ONCE side by side."""
    seats = asyncio.Semaphore(BRANCHES_AT_ONCE)
    after = ""
    while branches := await jobs.branches(run.database, run.hold.job_id, after, limit=100):
        await finish_all(_seated(seats, _run_branch(run, branch_id)) for branch_id in branches)
        after = branches[-1]


async def _seated(seats: asyncio.Semaphore, work: Awaitable[None]) -> None:
    async with seats:
        await work


async def _run_branch(run: Run, branch_id: str) -> None:
    """Subjects, then syllabi, then questions and answers of one branch; again while units come up."""
    while True:
        await _units(run, branch_id, "subjects", growth.run_subjects)
        if run.spec.does("syllabi"):
            await plan.plan_syllabi(run.database, run.hold, branch_id)
            await _units(run, branch_id, "syllabi", growth.run_syllabus)
        await _units(run, branch_id, "draw", _draw)
        await _units(run, branch_id, "instructions", samples.run_unit)
        if not await jobs.pending(run.database, run.hold.job_id, branch_id, "draw"):
            return


async def _draw(run: Run, unit: Row) -> None:
    await draw.draw(run.database, run.hold, run.spec, unit)


async def _units(
    run: Run, branch_id: str, step: UnitStep, work: Callable[[Run, Row], Coroutine[Any, Any, None]]
) -> None:
    """All pending units of a step; lists of subjects one by one, so that each knows those before."""
    run.check()
    units = await jobs.pending(run.database, run.hold.job_id, branch_id, step)
    if step in ("subjects", "draw"):
        for unit in units:
            await work(run, unit)
        return
    seats = asyncio.Semaphore(UNITS_AT_ONCE)
    await finish_all(_seated(seats, work(run, unit)) for unit in units)


async def _spread_shortfall(run: Run) -> int:
    run.check()
    if not await jobs.short(run.database, run.hold.job_id):
        return 0
    weights = run.spec.weights()
    branches = await jobs.all_branches(run.database, run.hold.job_id)
    rooms = [(id_, await draw.room_below(run.database, id_, weights)) for id_ in branches]
    return await plan.spread_shortfall(run.database, run.hold, rooms)


async def _verdict(run: Run) -> tuple[JobState, str | None]:
    """How a job that has nothing left to do has ended, and why."""
    job = await jobs.get(run.database, run.hold.job_id)
    if job.ledger.pending > 0:
        made = job.ledger.requested - job.ledger.pending
        if not made and not await syllabi.below(run.database, job.root_id):
            return JobState.failed, f"no syllabus could be grown: {_why(job)}"
        return (
            JobState.exhausted,
            f"{made} of {job.ledger.requested}: every combination of the wanted strategies is drawn; "
            "grow more subjects, or other strategies or numbers of concepts",
        )
    grown = sum(count.done for count in job.steps.values())
    failed = sum(count.failed for count in job.steps.values())
    if failed and not grown:
        return JobState.failed, f"every unit failed: {_why(job)}"
    return JobState.done, None


def _why(job: jobs.Job) -> str:
    return ", ".join(f"{n} x {reason}" for reason, n in job.reasons.items()) or "there are no subjects"
