"""Runs one branch of a job: subjects, syllabi, draws, questions and answers, without waiting between steps.

If every syllabus gets an equal part of a known number, a new syllabus gets its part at once, and its
questions are asked while others are still being grown. Other quotas, and `until`, depend on all syllabi of
the branch, so their draws wait until the last syllabus is grown.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from generators.planning import draw, plan
from generators.running import growth, samples
from generators.running.frame.context import Run
from generators.running.frame.crew import Crew, each, together
from generators.spec import JobSpec
from graph.jobs import units
from graph.jobs.units import DrawUnit, GrowthUnit, InstructionUnit
from graph.taxonomy import syllabi

SYLLABI_AT_ONCE = 8


@dataclass
class Growing:
    """The progress of a branch's syllabi."""

    ready: int
    """Existing syllabi."""
    expected: int | None = None
    """Syllabi that share the branch's number; None until it is known or all lists of subjects exist."""
    grown: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue[str | None])
    """Ids of nodes with new syllabi below them; None marks the end."""
    whole: bool = False
    """Whether growing ended without an error and nothing is left to grow."""

    def part(self, number: int) -> int:
        """The part of the branch's number that the existing syllabi get."""
        return number * self.ready // max(self.ready, self.expected or 1)


async def grow_branch(run: Run, branch_id: str) -> None:
    """Grows the subjects and syllabi of a branch, without instructions."""
    await each(_syllabi(run, branch_id), lambda unit: growth.run_syllabus(run, unit), run.window)


async def run_branch(run: Run, branch_id: str) -> None:
    """Runs all steps of a branch; repeats draws and samples until no draw unit is pending.

    Crossings are left to `run_crossings`.
    """
    drawing = await _drawn_early(run, branch_id)
    if drawing is None:
        await grow_branch(run, branch_id)
    else:
        await _stream(run, branch_id, drawing)
    await _draw_all(run, branch_id, across=False)


async def run_crossings(run: Run, branch_id: str) -> None:
    """Draws what a branch is to get from crossings; syllabi of other branches must be grown by then."""
    await _draw_all(run, branch_id, across=True)


async def _draw_all(run: Run, branch_id: str, *, across: bool) -> None:
    while True:
        await _run_samples(run, _units(run, branch_id, across=across))
        if not await _waiting(run, branch_id, across=across):
            return


async def _waiting(run: Run, branch_id: str, *, across: bool) -> list[DrawUnit]:
    """The draw units that are pending, those of crossings or the others."""
    found = await units.pending(run.database, run.lease.job_id, branch_id, "draw")
    return [unit for unit in found if bool(unit.get("across")) is across]


async def _run_samples(run: Run, to_do: AsyncIterator[list[InstructionUnit]]) -> None:
    """Makes the questions and answers of instruction units, SYLLABI_AT_ONCE syllabi at a time."""
    seats = asyncio.Semaphore(SYLLABI_AT_ONCE)
    async with Crew() as crew:
        await crew.start(to_do, lambda some: samples.run_units(run, crew, some), seats)


async def _units(run: Run, branch_id: str, *, across: bool) -> AsyncIterator[list[InstructionUnit]]:
    """Instruction units, as one list per syllabus: those left by an earlier run, then newly drawn ones."""
    async for left in units.to_do(run.database, run.lease.job_id, branch_id):
        yield left
    for unit in await _waiting(run, branch_id, across=across):
        run.control.check()
        async for drawn in draw.draw(run.database, run.lease, run.spec, unit):
            yield drawn


def splits_as_it_grows(spec: JobSpec) -> bool:
    """Whether a syllabus's part is known before the other syllabi exist."""
    return spec.add is not None and spec.quota == "equal"


async def _drawn_early(run: Run, branch_id: str) -> draw.Drawing | None:
    """The draw unit of a branch, begun early; None if its syllabi cannot get their parts as they come."""
    if not splits_as_it_grows(run.spec):
        return None
    waiting = await _waiting(run, branch_id, across=False)
    return await draw.begin(run.database, run.lease, run.spec, waiting[0]) if waiting else None


async def _stream(run: Run, branch_id: str, drawing: draw.Drawing) -> None:
    there = len(await syllabi.weighted(run.database, branch_id))
    growing = Growing(there, run.spec.subjects_per_discipline)
    if there:
        growing.grown.put_nowait(branch_id)

    async def grow(unit: GrowthUnit) -> None:
        if await growth.run_syllabus(run, unit):
            growing.ready += 1
            growing.grown.put_nowait(unit["node_id"])

    async def grow_all() -> None:
        try:
            await each(_syllabi(run, branch_id, growing), grow, run.window)
            growing.whole = True
        finally:
            growing.grown.put_nowait(None)

    to_do = _planned(run, branch_id, drawing, growing)
    await together(grow_all(), _run_samples(run, to_do))


async def _syllabi(run: Run, branch_id: str, growing: Growing | None = None) -> AsyncIterator[GrowthUnit]:
    """The syllabus units of a branch; those of a list of subjects follow as soon as the list is stored.

    The lists are asked for one by one, because each prompt names the subjects of the earlier lists.
    """
    seen = set[str]()
    there = growing.ready if growing else 0
    lists = await units.pending(run.database, run.lease.job_id, branch_id, "subjects")
    for unit in lists or [None]:
        if unit is not None:
            async with run.window:
                await growth.run_subjects(run, unit)
        if not run.spec.does("syllabi"):
            continue
        await plan.plan_syllabi(run.database, run.lease, branch_id)
        found = await units.pending(run.database, run.lease.job_id, branch_id, "syllabi")
        new = [syllabus for syllabus in found if syllabus["id"] not in seen]
        seen.update(syllabus["id"] for syllabus in new)
        if growing and (not lists or unit is lists[-1]):
            growing.expected = there + len(seen)
        for syllabus in new:
            run.control.check()
            yield syllabus


async def _planned(
    run: Run, branch_id: str, drawing: draw.Drawing, growing: Growing
) -> AsyncIterator[list[InstructionUnit]]:
    """Instruction units, as one list per syllabus: those left by an earlier run, then those of new syllabi.

    What remains of the number after rounding and failed syllabi is drawn once the last syllabus is grown.
    """
    async for left in units.to_do(run.database, run.lease.job_id, branch_id):
        yield left
    waiting: list[str] = []
    while (node_id := await growing.grown.get()) is not None:
        waiting.append(node_id)
        if growing.expected is None or not growing.grown.empty():
            continue
        run.control.check()
        part = growing.part(drawing.requested) - (drawing.requested - drawing.left)
        async for drawn in draw.draw_some(drawing, waiting, part):
            yield drawn
        waiting.clear()
    if growing.whole:
        run.control.check()
        async for drawn in draw.rest(drawing):
            yield drawn
