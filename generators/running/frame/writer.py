"""Writes instructions in batches, in a separate task; `put` returns once its row is durable."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from generators.running.comparing.batches import batches
from graph.database import Database, Transaction
from graph.errors import Conflict
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction
from graph.jobs import leases
from graph.quality import evidence
from graph.quality.evidence import Held

LARGEST_BATCH = 500
# Maximum rows in the queue; further calls of `put` wait for the database.
QUEUE = 2000
# Whoever held a question in the way may have given it up before it is known who that was.
TRIES = 5

_Waiting = tuple[NewInstruction | str, "asyncio.Future[None]"]


class QuestionTaken(Exception):
    """Another worker has just kept the same question; nothing of this one is stored."""

    def __init__(self, held: Held) -> None:
        super().__init__(held.id)
        self.held = held


class InstructionWriter:
    """`async with InstructionWriter(database, lease) as writer: await writer.put(row)`."""

    def __init__(self, database: Database, lease: leases.Lease) -> None:
        self._database = database
        self._lease = lease
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="instruction writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._queue.join()
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def put(self, row: NewInstruction) -> None:
        """Stores an instruction.

        Raises GraphError, in particular LeaseLost if the lease is lost; QuestionTaken.
        """
        await self._durable(row)

    async def end_unit(self, unit_id: str) -> None:
        """Ends a unit whose instructions are all stored, and stores their counts. Raises as `put` does."""
        await self._durable(unit_id)

    async def _durable(self, item: NewInstruction | str) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((item, done))
        await done

    async def _run(self) -> None:
        async for batch in batches(self._queue, LARGEST_BATCH):
            await self._store(batch)

    async def _store(self, batch: list[_Waiting]) -> None:
        in_vain = 0
        while batch:
            distinct, repeated = _apart(batch)
            failure = await self._tried(distinct)
            if isinstance(failure, Conflict):
                left = await self._refused(distinct)
                in_vain = 0 if len(left) < len(distinct) else in_vain + 1
                if in_vain < TRIES:
                    # The others are stored by another try.
                    batch = left + repeated
                    continue
            for _, done in distinct:
                self._end(done, failure)
            batch = await self._refused(repeated)

    async def _refused(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Tells those whose questions others hold by now; returns the rest."""
        if not batch:
            return []
        try:
            taken = await self._taken(batch)
        except Exception as error:  # every waiting caller gets it, and the task continues
            for _, done in batch:
                self._end(done, error)
            return []
        for number, held in taken.items():
            self._end(batch[number][1], QuestionTaken(held))
        return [waiting for number, waiting in enumerate(batch) if number not in taken]

    async def _tried(self, batch: list[_Waiting]) -> Exception | None:
        """Stores a batch as one; returns the error if nothing of it was stored."""
        rows = [item for item, _ in batch if isinstance(item, dict)]
        ended = [item for item, _ in batch if isinstance(item, str)]

        async def work(tx: Transaction) -> None:
            await instructions.store(tx, self._lease.job_id, rows, ended=ended, fence=self._lease.fence)

        try:
            await self._database.writing(work)
        except Exception as error:  # whatever it is, every waiting caller gets it
            return error
        return None

    async def _taken(self, batch: list[_Waiting]) -> dict[int, Held]:
        """Which rows of a batch have questions that others hold by now, by their place in it."""
        keys = {number: kept for number, waiting in enumerate(batch) if (kept := _kept(waiting))}
        held = await evidence.holders(self._database, [key for key, _ in keys.values()])
        return {
            number: held[key] for number, (key, id_) in keys.items() if key in held and held[key].id != id_
        }

    def _end(self, done: "asyncio.Future[None]", failure: Exception | None) -> None:
        self._queue.task_done()
        if done.cancelled():
            return
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)


def _apart(batch: Sequence[_Waiting]) -> tuple[list[_Waiting], list[_Waiting]]:
    """Rows without two of the same question, and those that repeat one: these come after it."""
    distinct, repeated, keys = list[_Waiting](), list[_Waiting](), set[str]()
    for waiting in batch:
        kept = _kept(waiting)
        (repeated if kept and kept[0] in keys else distinct).append(waiting)
        if kept:
            keys.add(kept[0])
    return distinct, repeated


def _kept(waiting: _Waiting) -> tuple[str, str] | None:
    """The key of the question in a row that may be kept, and the row's id."""
    item, _ = waiting
    if isinstance(item, str):
        return None
    key = item["properties"].get("text_key")
    return (key, item["properties"]["id"]) if key else None
