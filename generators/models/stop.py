"""How a run is stopped without losing what was paid for, and when it may pay."""

import asyncio
import math
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from graph.jobs.job import JobState

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
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._left = False

    def leave(self, state: JobState = JobState.planned) -> None:
        """Ends the run at once: what is in flight is given up; a resumed job asks for it again."""
        self.stop(state)
        self._left = True
        for task in self._in_flight:
            task.cancel()

    @contextmanager
    def leaving(self) -> Generator[None]:
        """What is awaited within is given up by `leave`; raises Stopped then."""
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
