"""Runs tasks side by side, as many as there is room for, and raises their failures."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Self, TypeVar

from generators.models.stop import Stopped

T = TypeVar("T")


class Crew:
    """Tasks that run side by side and may start others; after a failure no new task starts.

    Leaving the context waits for all of them, then raises the first error that is not Stopped, or else
    Stopped. Whoever is cancelled in it takes them along: a task left alone would work on for nobody.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._tasks and kind is None:
                await asyncio.wait(self._tasks)
        finally:
            await self._cancel()
        if kind is None:
            _raise_first(self._failures)

    async def _cancel(self) -> None:
        """Cancels what is still running, and waits for its end."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    async def start(
        self, items: AsyncIterable[T], work: Callable[[T], Awaitable[Any]], seats: asyncio.Semaphore
    ) -> None:
        """Starts a task for each item as soon as a seat is free; starts no more after a failure."""
        try:
            async for item in items:
                await seats.acquire()
                if self._failures:
                    seats.release()
                    break
                task = asyncio.ensure_future(work(item))
                self._tasks.add(task)
                task.add_done_callback(lambda task: self._end(task, seats))
        except Exception as error:  # raised by `items` itself; running tasks are still awaited
            self._failures.append(error)

    def _end(self, task: "asyncio.Task[Any]", seats: asyncio.Semaphore) -> None:
        self._tasks.discard(task)
        seats.release()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failures.append(error)


async def each(
    items: AsyncIterable[T], work: Callable[[T], Awaitable[Any]], seats: asyncio.Semaphore
) -> None:
    """Works on all items side by side, at most one per seat.

    After a failure no new task starts; the running ones are awaited, then the first error is raised, as by
    a `Crew`.
    """
    async with Crew() as crew:
        await crew.start(items, work, seats)


async def together(*works: Awaitable[Any]) -> None:
    """Waits for all of `works`, then raises the first error, as a `Crew` does."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    _raise_first([result for result in ended if isinstance(result, BaseException)])


def _raise_first(failures: list[BaseException]) -> None:
    """Raises the first failure. Stopped comes last: the error that led to it says more."""
    for failure in sorted(failures, key=lambda f: isinstance(f, Stopped)):
        raise failure
