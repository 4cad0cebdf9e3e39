"""Stops a run without losing what was paid for, and says when it may pay."""

import asyncio
import math
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from graph.errors import DiskFull, GraphError
from graph.jobs.job import JobState

# A lease runs on while the machine is suspended, and so does CLOCK_BOOTTIME; not all systems have it.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now_s() -> float:
    """Seconds on a clock that is not affected by changes of the system time."""
    return time.clock_gettime(_CLOCK)


class Stopped(Exception):
    """The run must end: no new call is made."""


class Control:
    """Says when a run must end: calls in flight finish, no new ones begin, and waiting tasks are woken.

    It also says when a run may pay: only while its lease holds by this process's clock. So a process that was
    suspended does not pay before it knows whether another worker has taken over its job.
    """

    def __init__(self) -> None:
        self.state: JobState | None = None
        self.reason: str | None = None
        self.asked = False
        """Whether a user's request is why it ends; whoever releases the job looks whether it still stands."""
        self.stopping = asyncio.Event()
        """Set once the run must end."""
        self._held_until = math.inf
        self._turned = asyncio.Event()
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._left = False

    def leave(self, state: JobState = JobState.planned) -> None:
        """Ends the run at once: calls in flight are given up, and a resumed job makes them again."""
        self.stop(state)
        self._left = True
        for task in self._in_flight:
            task.cancel()

    @contextmanager
    def leaving(self) -> Generator[None]:
        """A context in which `leave` cancels what is awaited; it then raises Stopped."""
        task = asyncio.current_task()
        assert task
        self._in_flight.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self._left:
                raise
            task.uncancel()
            raise Stopped from None
        finally:
            self._in_flight.discard(task)

    def held_until(self, when_s: float) -> None:
        """Sets until when the lease holds, on the clock of `now_s`."""
        self._held_until = when_s
        self._turned.set()

    def missed(self, error: GraphError, *, quitting: bool) -> None:
        """Says that a heartbeat failed: a run that is told to quit ends all the same."""
        if isinstance(error, DiskFull):
            self.held_until(0)  # what cannot be stored must not be paid for
        if quitting:
            self.stop(JobState.planned)

    def stop(self, state: JobState, reason: str | None = None, *, asked: bool = False) -> None:
        """Ends the run; the first call's state and reason count. `asked`: at a user's request."""
        if self.state is None:
            self.state, self.reason, self.asked = state, reason, asked
            self.stopping.set()
            self._turned.set()

    def check(self) -> None:
        """Raises Stopped if the run must end."""
        if self.state is not None:
            raise Stopped

    async def may_pay(self) -> None:
        """Returns if the lease holds, or once it holds again. Raises Stopped if the run must end."""
        self.check()
        while now_s() >= self._held_until:
            self._turned.clear()
            await self._turned.wait()
            self.check()

    async def sleep(self, seconds: float) -> None:
        """Waits for some seconds. Raises Stopped as soon as the run must end."""
        self.check()
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopped
