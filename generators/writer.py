"""Writes instructions in batches, in a task of its own; `put` returns when its row is durable."""

import asyncio
from types import TracebackType
from typing import Self

from graph import instructions, jobs
from graph.database import Database, Row, Transaction

LARGEST_BATCH = 250
# Rows that may wait; who brings more waits for the database.
QUEUE = 1000

_Waiting = tuple[Row, "asyncio.Future[None]"]


class InstructionWriter:
    """`async with InstructionWriter(database, hold) as writer: await writer.put(row)`."""

    def __init__(self, database: Database, hold: jobs.Hold) -> None:
        self._database = database
        self._hold = hold
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

    async def put(self, row: Row) -> None:
        """Stores a row; raises GraphError, LeaseLost when the job is no longer ours."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((row, done))
        await done

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < LARGEST_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._store(batch)

    async def _store(self, batch: list[_Waiting]) -> None:
        async def work(tx: Transaction) -> None:
            await jobs.held(tx, self._hold)
            await instructions.store(tx, self._hold.job_id, [row for row, _ in batch])

        try:
            await self._database.writing(work)
        except Exception as error:  # every waiting caller gets it, whatever it is
            for _, done in batch:
                if not done.cancelled():
                    done.set_exception(error)
        else:
            for _, done in batch:
                if not done.cancelled():
                    done.set_result(None)
        finally:
            for _ in batch:
                self._queue.task_done()
