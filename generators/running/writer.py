"""Writes instructions in batches, in a separate task; `put` returns once its row is durable."""

import asyncio
from types import TracebackType
from typing import Self

from graph.database import Database, Transaction
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction
from graph.jobs import leases

LARGEST_BATCH = 500
# Maximum rows in the queue; further calls of `put` wait for the database.
QUEUE = 2000
# Seconds to wait for more rows, because a transaction costs its round trips however few rows it writes.
GATHER_S = 0.004

_Waiting = tuple[NewInstruction | str, "asyncio.Future[None]"]


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
        """Stores an instruction. Raises GraphError, in particular LeaseLost if the lease is lost."""
        await self._durable(row)

    async def end_unit(self, unit_id: str) -> None:
        """Ends a unit whose instructions are all stored, and stores their counts. Raises as `put` does."""
        await self._durable(unit_id)

    async def _durable(self, item: NewInstruction | str) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((item, done))
        await done

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            if self._queue.qsize() < LARGEST_BATCH:
                await asyncio.sleep(GATHER_S)
            while len(batch) < LARGEST_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._store(batch)

    async def _store(self, batch: list[_Waiting]) -> None:
        rows = [item for item, _ in batch if isinstance(item, dict)]
        ended = [item for item, _ in batch if isinstance(item, str)]

        async def work(tx: Transaction) -> None:
            await instructions.store(tx, self._lease.job_id, rows, ended=ended, fence=self._lease.fence)

        failure: Exception | None = None
        try:
            await self._database.writing(work)
        except Exception as error:  # whatever it is, every waiting caller gets it
            failure = error
        for _, done in batch:
            self._queue.task_done()
            if done.cancelled():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)
