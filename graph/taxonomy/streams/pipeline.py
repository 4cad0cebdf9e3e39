"""Transactions one after the other, each reading while the one before is committed.

Work in parts, each of which may rely on those before, spends much of its time waiting for the disk. So a part
reads and locks what it needs while the part before commits, and writes once that is committed: nothing is
written out of order. If a part has to be retried, the part that ran beside it starts over as well.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Generic, Protocol, TypeVar

from graph.database import Database, Transaction

AT_ONCE = 2
# An edit may hold what the part before waits for, and wait for what this part holds: a deadlock that Neo4j
# cannot see, because only this module knows that this part waits for the one before.
WAIT_S = 3.0


class Work(Protocol):
    """The work of one part, in two steps of one transaction; each try gets a new instance."""

    async def look(self, tx: Transaction) -> None:
        """Reads and locks. Does not see what the part before wrote, and must not wait for its locks."""
        ...

    async def write(self, tx: Transaction) -> None:
        """Writes; called once all parts before are committed."""
        ...

    def committed(self) -> None:
        """Called once everything is durable."""
        ...


P = TypeVar("P")
W = TypeVar("W", bound=Work)

Make = Callable[[P, W | None], W]
"""Makes the work of a part; also gets the work before it if that has written but not yet committed."""


class _Again(Exception):
    """The part before was not committed as expected, so this part has to start over."""


async def relay(database: Database, parts: AsyncIterator[P], make: Make[P, W]) -> AsyncGenerator[W]:
    """Yields the work of each part once it is durable, in order; at most AT_ONCE run, and one more is read.

    Raises the error of the first part that fails; the parts after it change nothing.
    """
    legs: list[_Leg[P, W]] = []
    coming = asyncio.ensure_future(_next(parts))
    ended = False
    try:
        while legs or not ended:
            waiting: list[asyncio.Future[Any]] = [leg.task for leg in legs[:1]]
            if not ended and len(legs) < AT_ONCE:
                waiting.append(coming)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if legs and legs[0].task.done():
                yield legs.pop(0).task.result()
            elif (part := coming.result()) is None:
                ended = True
            else:
                legs.append(_Leg(database, part[0], make, legs[-1] if legs else None))
                coming = asyncio.ensure_future(_next(parts))
    finally:
        left: list[asyncio.Future[Any]] = [coming, *(leg.task for leg in legs)]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _next(parts: AsyncIterator[P]) -> tuple[P] | None:
    """The next part in a tuple, or None after the last one."""
    async for part in parts:
        return (part,)
    return None


class _Leg(Generic[P, W]):
    """A running part."""

    def __init__(self, database: Database, part: P, make: Make[P, W], before: "_Leg[P, W] | None") -> None:
        loop = asyncio.get_running_loop()
        # The work of the first try that has written; None if the part ended without one.
        self.written: asyncio.Future[W | None] = loop.create_future()
        # Whether that try has been committed.
        self.kept: asyncio.Future[bool] = loop.create_future()
        self._database = database
        self._part = part
        self._make = make
        self.task = asyncio.create_task(self._run(before))
        self.task.add_done_callback(self._over)

    async def _run(self, before: "_Leg[P, W] | None") -> W:
        if before is None:
            work = await self._database.writing(self._alone)
        else:
            try:
                work = await self._database.writing(lambda tx: self._beside(tx, before))
            except _Again:
                self._undone()
                await asyncio.wait([before.task])
                before.task.result()
                work = await self._database.writing(self._alone)
        work.committed()
        return work

    async def _beside(self, tx: Transaction, before: "_Leg[P, W]") -> W:
        written = await asyncio.shield(before.written)
        if written is None or self.written.done():
            raise _Again
        work = self._make(self._part, written)
        await work.look(tx)
        try:
            kept = await asyncio.wait_for(asyncio.shield(before.kept), WAIT_S)
        except TimeoutError:
            kept = False
        if not kept:
            raise _Again
        return await self._written(work, tx)

    async def _alone(self, tx: Transaction) -> W:
        self._undone()
        work = self._make(self._part, None)
        await work.look(tx)
        return await self._written(work, tx)

    async def _written(self, work: W, tx: Transaction) -> W:
        await work.write(tx)
        _say(self.written, work)
        return work

    def _undone(self) -> None:
        """Before another try: if an earlier one had written, tells the part beside it that this is undone."""
        if self.written.done():
            _say(self.kept, False)

    def _over(self, task: "asyncio.Task[W]") -> None:
        _say(self.written, None)
        _say(self.kept, not task.cancelled() and task.exception() is None)


def _say(future: "asyncio.Future[Any]", value: Any) -> None:
    """Sets a result unless there is one already: the first one counts."""
    if not future.done():
        future.set_result(value)
