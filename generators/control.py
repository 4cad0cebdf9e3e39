"""How the tasks of a run are stopped without losing what was paid for, and how many go side by side."""

import asyncio
import math
import time
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, TypeVar

from graph.jobs.jobs import JobState

T = TypeVar("T")

# A lease goes on while the machine is suspended; where there is no such clock, the nearest one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now_s() -> float:
    """Seconds on a clock that no setting of the time moves."""
    return time.clock_gettime(_CLOCK)


class Stopped(Exception):
    """The run is to end: no new call is made."""


class Control:
    """Says when a run is to end: what is in flight finishes, nothing new begins, who waits is woken.

    And when it may pay: only while its lease holds by its own clock. A process that was suspended knows so
    before it has heard whether another has taken its job over.
    """

    def __init__(self) -> None:
        self.state: JobState | None = None
        self.reason: str | None = None
        self._stopping = asyncio.Event()
        self._held_until = math.inf
        self._turned = asyncio.Event()

    def held_until(self, when_s: float) -> None:
        """The lease holds until then, on the clock of `now_s`."""
        self._held_until = when_s
        self._turned.set()

    def stop(self, state: JobState, reason: str | None = None) -> None:
        """Ends the run; the first state and reason stand."""
        if self.state is None:
            self.state, self.reason = state, reason
            self._stopping.set()
            self._turned.set()

    def check(self) -> None:
        """Raises Stopped once the run is to end."""
        if self.state is not None:
            raise Stopped

    async def may_pay(self) -> None:
        """Returns while the lease holds, or once it does again; raises Stopped once the run is to end."""
        self.check()
        while now_s() >= self._held_until:
            self._turned.clear()
            await self._turned.wait()
            self.check()

    async def sleep(self, seconds: float) -> None:
        """Waits, or raises Stopped as soon as the run is to end."""
        self.check()
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopped


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
