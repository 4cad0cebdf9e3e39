"""Tasks of a run side by side, as many as there is room for, and what becomes of their failures."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, TypeVar

from generators.models.stop import Stopped

T = TypeVar("T")


class Crew:
    """Tasks side by side, which may begin others; after a failure nothing new begins."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failures: list[BaseException] = []

    async def start(
        self, items: AsyncIterable[T], work: Callable[[T], Awaitable[Any]], seats: asyncio.Semaphore
    ) -> None:
        """Begins work on all items, each when a seat is free for it, and nothing more after a failure."""
        try:
            async for item in items:
                await seats.acquire()
                if self._failures:
                    seats.release()
                    break
                task = asyncio.ensure_future(work(item))
                self._tasks.add(task)
                task.add_done_callback(lambda task: self._end(task, seats))
        except Exception as error:  # of the items themselves; what runs is awaited all the same
            self._failures.append(error)

    def _end(self, task: "asyncio.Task[Any]", seats: asyncio.Semaphore) -> None:
        self._tasks.discard(task)
        seats.release()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failures.append(error)

    async def ended(self) -> None:
        """Waits for all that was begun, then raises the first real error."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        _raise_first(self._failures)


async def each(
    items: AsyncIterable[T], work: Callable[[T], Awaitable[Any]], seats: asyncio.Semaphore
) -> None:
    """Works on all items, side by side as far as there are seats; takes an item only when one is free.

    After a failure nothing new begins; what runs is awaited, then the first real error is raised.
    """
    crew = Crew()
    await crew.start(items, work, seats)
    await crew.ended()


async def together(*works: Awaitable[Any]) -> None:
    """Waits for all, then raises the first real error."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    _raise_first([result for result in ended if isinstance(result, BaseException)])


def _raise_first(failures: list[BaseException]) -> None:
    """A stop is the least of them: what led to it tells more."""
    for failure in sorted(failures, key=lambda f: isinstance(f, Stopped)):
        raise failure
