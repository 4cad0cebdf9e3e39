"""Runs a job of the step taxonomy: level by level, all lists of a level side by side."""

from collections.abc import AsyncIterator, Sequence

from generators.planning import proposing
from generators.running import growth
from generators.running.frame.context import Run
from generators.running.frame.crew import each
from graph.jobs import jobs, units
from graph.jobs.job import JobState
from graph.jobs.units import LevelUnit, NamingUnit
from graph.model import UPPER, Kind


async def propose_all(run: Run) -> tuple[JobState, str | None]:
    """Has all levels of a job proposed; returns the state in which it ends, and the reason."""
    await _ask(run)  # what an earlier run had planned
    for level in await _levels(run):
        left = True
        while left:
            run.control.check()
            left = await proposing.plan_page(run.database, run.lease, run.spec, level)
            await _ask(run)
    return await _verdict(run)


async def _levels(run: Run) -> Sequence[LevelUnit]:
    """The levels whose lists are not all planned, from the top down."""
    found = await units.pending(run.database, run.lease.job_id, run.spec.root_id, "levels")
    return sorted(found, key=lambda level: UPPER.index(Kind(level["kind"])))


async def _ask(run: Run) -> None:
    """Asks for all lists that are planned."""
    planned = await units.pending(run.database, run.lease.job_id, run.spec.root_id, "taxonomy")
    await each(_each(run, planned), lambda unit: growth.run_names(run, unit), run.window)


async def _each(run: Run, planned: Sequence[NamingUnit]) -> AsyncIterator[NamingUnit]:
    for unit in planned:
        run.control.check()
        yield unit


async def _verdict(run: Run) -> tuple[JobState, str | None]:
    job = await jobs.get(run.database, run.lease.job_id)
    count = job.steps.get("taxonomy")
    if count and count.failed and not count.done:
        why = ", ".join(f"{found.count} x {reason}" for reason, found in job.reasons.items())
        return JobState.failed, f"every list failed: {why}"
    return JobState.done, None
