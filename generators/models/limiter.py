"""Limits how many calls are in flight at once, with one limiter per model at an endpoint.

The limit adapts as TCP does. Whenever as many calls as the limit have succeeded, it doubles, or, after the
first refusal, grows by one. A burst of refusals lowers it by a quarter once: refusals of calls sent before
the decrease, and those while a Retry-After runs, belong to the same burst. If only refusals come back, no new
call is sent before the time that the endpoint names.

The limit grows only while throughput does: if more calls in flight only take longer, it returns to the limit
that was enough and tries a larger one again later, after longer and longer pauses.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from generators.models.throughput import Level

FIRST = 4
# Rounds at a limit that is enough before a larger one is tried again: initially, and at most.
HOLD, LONGEST_HOLD = 8, 128
DECREASE = 0.75
# Refusals in a row after which no call is sent before the time that they name.
BLOCKED_AFTER = 3
# Minimum seconds of a burst, for endpoints that name no time.
BURST_S = 1.0


class Slots:
    """At most `limit` callers at once; urgent ones go first, all others in order of arrival."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.in_flight = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self, *, urgent: bool = False) -> None:
        """Waits for a free slot."""
        if self.in_flight < int(self.limit) and not (self._urgent or self._waiting):
            self.in_flight += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._urgent if urgent else self._waiting
        queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Gives a slot back."""
        self.in_flight -= 1
        self._wake()

    def _wake(self) -> None:
        while self.in_flight < int(self.limit):
            queue = self._urgent or self._waiting
            if not queue:
                return
            waiter = queue.popleft()
            if not waiter.done():
                self.in_flight += 1
                waiter.set_result(None)


class Claim:
    """The right to hold one paid reply that is not stored yet, and would be paid for again after a crash.

    It is taken before a call is sent and held until the result is stored; a call that waits without a reply
    gives it back.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = False
        self._paid = False

    async def take(self, *, urgent: bool = False) -> None:
        """Returns once a call may be sent."""
        if not self._held:
            await self._slots.acquire(urgent=urgent)
            self._held = True

    def paid(self) -> None:
        """A reply has come: the claim is held until `done`."""
        self._paid = True

    def waits(self) -> None:
        """The call waits to be sent, or sent again: the claim is given back unless a reply has come."""
        if not self._paid:
            self.done()

    def done(self) -> None:
        """Gives the claim back: the paid reply is stored, or there is none."""
        if self._held:
            self._held = False
            self._slots.release()


class Limiter(Slots):
    """`await acquire()`, send, then `succeeded()`, `refused(...)` or `failed()`, and `release()`."""

    def __init__(self, cap: int, floor: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(float(min(cap, max(min(floor, cap), FIRST))))
        self.cap = cap
        self.floor = min(floor, cap)
        self.refusals = 0
        self.successes = 0
        self.failing_since: float | None = None
        self._clock = clock
        self._growing_fast = True
        self._burst_until = 0.0
        self._refused_in_a_row = 0
        self.blocked_until = 0.0
        self.answered_sent_at = 0.0
        """When the latest successful call was sent, by `clock`."""
        self._level = Level(self.limit, clock())
        self._enough: Level | None = None
        self._hold = 0
        self._next_hold = HOLD

    def succeeded(self, kind: str = "", took_s: float = 0.0) -> None:
        """Records that a call of a kind succeeded after `took_s` seconds."""
        self.successes += 1
        self.failing_since = None
        self._refused_in_a_row = 0
        sent_at = self._clock() - took_s
        self.answered_sent_at = max(self.answered_sent_at, sent_at)
        # Only a limit that is fully used says anything about a larger one.
        if self.in_flight >= int(self.limit) and sent_at >= self._level.began:
            self._level.add(kind, took_s)
            if self._level.calls >= int(self.limit):
                self._look()

    def _look(self) -> None:
        """After as many successes as the limit: raises it, keeps it, or returns to what was enough."""
        level, enough = self._level, self._enough
        if self._hold:
            self._hold -= 1
            self._enough = level
            self._set(self.limit if self._hold else self._more())
        elif enough is None or not level.is_apart(enough) or level.gains_over(enough):
            if enough is None or level.is_apart(enough):
                self._enough, self._next_hold = level, HOLD
            self._set(self._more())
        elif level.calls >= 2 * int(self.limit):
            # Decided after twice as many calls, because a few may have been slow by chance.
            self._hold, self._next_hold = self._next_hold, min(2 * self._next_hold, LONGEST_HOLD)
            self._set(enough.limit)

    def _more(self) -> float:
        return min(float(self.cap), self.limit * 2 if self._growing_fast else self.limit + 1.0)

    def _set(self, limit: float) -> None:
        """Begins a level with a new limit."""
        self.limit = limit
        self._level = Level(limit, self._clock())
        self._wake()

    def refused(self, sent_at: float, wait_s: float | None) -> None:
        """Records that the endpoint asked us to slow down (429, 503): one decrease per burst.

        `sent_at`: when the call was sent, by `clock`; `wait_s`: seconds that the endpoint asks us to wait.
        """
        now = self._clock()
        self.refusals += 1
        self._refused_in_a_row += 1
        self.failed()
        if sent_at >= self._burst_until:
            self._growing_fast = False
            self._set(max(float(self.floor), self.limit * DECREASE))
            if self._enough and self._enough.limit >= self.limit:
                self._enough = None
            self._hold = 0
            self._burst_until = now + max(BURST_S, min(wait_s or 0.0, 60.0))
        if self._refused_in_a_row >= max(BLOCKED_AFTER, int(self.limit)):
            self.blocked_until = max(self.blocked_until, now + (wait_s or 0.0))

    def failed(self) -> None:
        """Records that a call failed in a way that may pass."""
        if self.failing_since is None:
            self.failing_since = self._clock()

    def silent_s(self) -> float:
        """Seconds since the first failed call after the last success; 0 if none has failed since."""
        return 0.0 if self.failing_since is None else self._clock() - self.failing_since

    def blocked_s(self) -> float:
        """Seconds for which no new call may be sent."""
        return max(0.0, self.blocked_until - self._clock())
