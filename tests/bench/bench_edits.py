"""How long edits wait below a discipline into which a job writes as fast as it can.

The job's rows are made without calls, so that its batches are always full: no endpoint could answer faster.
At the same time the discipline is edited, one edit after the other. A wait is given as a ratio to the time of
one batch, because an edit should wait only for the batch that is being written.
Run: python tests/bench/bench_edits.py [--quick]
"""

import asyncio
import random
import statistics
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import planted

from generators.running.frame.writer import LARGEST_BATCH, InstructionWriter
from graph import coverage
from graph.database import Database
from graph.instructions.rows import NewInstruction, Properties
from graph.jobs import jobs, leases
from graph.model import Kind, NewNode, NodePatch, Status
from graph.rollups.count import count as recount
from graph.taxonomy import nodes, syllabi
from service.database import open_database
from service.settings import Settings

ROUNDS, QUICK_ROUNDS = 20, 4
SYLLABI = 4

Edit = Callable[[], Awaitable[object]]


class TimedWriter(InstructionWriter):
    """The writer of a job, which records how long each full batch took."""

    def __init__(self, database: Database, lease: leases.Lease) -> None:
        super().__init__(database, lease)
        self.batches: list[float] = []

    async def _store(self, batch: list[tuple[NewInstruction | str, "asyncio.Future[None]"]]) -> None:
        began = perf_counter()
        await super()._store(batch)
        if len(batch) == LARGEST_BATCH:
            self.batches.append(perf_counter() - began)


@dataclass
class Beside:
    """A discipline, a job that writes into it, and the edits made at the same time."""

    database: Database
    discipline: str
    writer: TimedWriter
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    sessions: list[tuple[str, syllabi.Session]] = field(default_factory=list[tuple[str, syllabi.Session]])
    waits: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def row(self, n: int) -> NewInstruction:
        syllabus, session = self.rng.choice(self.sessions)
        concepts = [concept.id for concept in self.rng.sample(session.concepts, 2)]
        properties: Properties = {
            "id": f"bench-{n}",
            "job_id": "bench",
            "status": "accepted",
            "strategy": "single",
            "question": f"Question {n}? " + "why " * 40,
            "answer": f"Answer {n}. " + "because " * 150,
            "syllabus_id": syllabus,
            "sessions": [session.id],
            "concepts": concepts,
        }
        return {"properties": properties, "sessions": [session.id], "concepts": concepts}

    async def edits(self, n: int) -> None:
        """Makes one edit of each kind, on sessions and concepts that the job draws from."""
        _, session = self.rng.choice(self.sessions)
        concept = self.rng.choice(session.concepts).id
        await self.timed("rename", lambda: self.change(concept, NodePatch(name=f"renamed {n}")))
        await self.timed("status", lambda: self.change(session.id, NodePatch(status=Status.rejected)))
        await self.timed("status", lambda: self.change(session.id, NodePatch(status=Status.accepted)))
        fresh = NewNode(kind=Kind.KeyConcept, name=f"fresh {n}", parent_id=session.id)
        inserted = await self.timed("insert", lambda: nodes.insert(self.database, fresh))
        assert isinstance(inserted, tuple)
        _, other = self.rng.choice(self.sessions)
        await self.timed("link", lambda: nodes.link(self.database, other.id, concept))
        id_ = inserted[0].id
        await self.timed("retire", lambda: nodes.retire(self.database, id_))

    async def change(self, node_id: str, patch: NodePatch) -> object:
        node = await nodes.get(self.database, node_id)
        return await nodes.patch(self.database, node_id, patch, node.version)

    async def timed(self, name: str, edit: Edit) -> object:
        began = perf_counter()
        result = await edit()
        self.waits.setdefault(name, []).append(perf_counter() - began)
        return result


def main() -> None:
    for row in measure(quick="--quick" in sys.argv):
        print("  ".join(f"{name} {value:>9}" for name, value in row.items()))


def measure(quick: bool = False) -> list[dict[str, str]]:
    """One row per kind of edit."""
    with planted(SYLLABI) as garden:
        return asyncio.run(
            _measure(garden.settings(), garden.discipline_id, QUICK_ROUNDS if quick else ROUNDS)
        )


async def _measure(settings: Settings, discipline: str, rounds: int) -> list[dict[str, str]]:
    async with open_database(settings) as database:
        await jobs.create(database, "bench", discipline, {"spec": "{}", "requested": 0, "spec_key": "b"}, [])
        claimed = await leases.claim(database, "bench", 3_600)
        assert claimed
        async with TimedWriter(database, claimed[0]) as writer:
            beside = Beside(database, discipline, writer)
            for syllabus in await syllabi.below(database, discipline):
                found = await syllabi.sessions(database, syllabus)
                beside.sessions += [(syllabus, session) for session in found]
            await _edits_beside_the_job(beside, rounds)
        await _require_no_drift(database, discipline)
    return _rows(beside)


async def _edits_beside_the_job(beside: Beside, rounds: int) -> None:
    numbers, stop = count(), asyncio.Event()

    async def produce() -> None:
        while not stop.is_set():
            await beside.writer.put(beside.row(next(numbers)))

    producers = [asyncio.create_task(produce()) for _ in range(4 * LARGEST_BATCH)]
    while len(beside.writer.batches) < 3:
        await asyncio.sleep(0.05)
    # Neo4j plans each query once; the first round does not count.
    await beside.edits(-1)
    beside.waits.clear()
    for n in range(rounds):
        await beside.edits(n)
    stop.set()
    await asyncio.gather(*producers)


async def _require_no_drift(database: Database, discipline: str) -> None:
    kept = (await coverage.below(database, [discipline]))[discipline]
    counted = (await recount(database, {discipline: [discipline]}))[discipline]
    assert (kept.degrees, kept.made, kept.covered) == (counted.degrees, counted.made, counted.covered)


def _rows(beside: Beside) -> list[dict[str, str]]:
    batch = statistics.median(beside.writer.batches)
    return [
        {
            "edit": name,
            "median s": f"{statistics.median(waits):.2f}",
            "longest s": f"{max(waits):.2f}",
            "a batch s": f"{batch:.2f}",
            "median/batch": f"{statistics.median(waits) / batch:.1f}",
            "longest/batch": f"{max(waits) / batch:.1f}",
            "batches": f"{len(beside.writer.batches)}",
        }
        for name, waits in beside.waits.items()
    ]


if __name__ == "__main__":
    main()
