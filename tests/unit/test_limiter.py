"""The controller of calls in flight: rises while all is well, falls once per burst, and never too early."""

import asyncio

import pytest

from generators.models.limiter import BLOCKED_AFTER, Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def saturated(limiter: Limiter) -> None:
    while limiter.in_flight < int(limiter.limit):
        await limiter.acquire()


async def succeed(limiter: Limiter, times: int) -> None:
    for _ in range(times):
        await saturated(limiter)
        limiter.succeeded()
        limiter.release()


async def test_doubles_until_the_first_refusal_and_then_adds_one_a_round() -> None:
    clock = Clock()
    limiter = Limiter(1000, clock=clock)
    start = limiter.limit
    await succeed(limiter, int(start))
    assert limiter.limit == 2 * start
    limiter.refused(sent_at=clock.now, wait_s=1.0)
    lowered = limiter.limit
    assert lowered < 2 * start
    await succeed(limiter, int(lowered) + 1)
    assert lowered + 0.9 < limiter.limit < lowered + 1.3


async def test_stays_within_cap_and_floor() -> None:
    clock = Clock()
    limiter = Limiter(20, floor=2, clock=clock)
    await succeed(limiter, 500)
    assert limiter.limit == 20
    for _ in range(100):
        limiter.refused(sent_at=clock.now, wait_s=0.0)
        clock.now += 10
    assert limiter.limit == 2


async def test_a_burst_is_one_decrease() -> None:
    clock = Clock()
    limiter = Limiter(64, clock=clock)
    await succeed(limiter, 200)
    before = limiter.limit
    for _ in range(50):
        limiter.refused(sent_at=clock.now, wait_s=3.0)
        clock.now += 0.01
    once = limiter.limit
    assert once == before * 0.75
    # Calls sent before the decrease, or during the requested wait, belong to the same burst.
    clock.now += 2.0
    limiter.refused(sent_at=clock.now, wait_s=3.0)
    assert limiter.limit == once
    clock.now += 3.0
    limiter.refused(sent_at=clock.now - 4.0, wait_s=3.0)
    assert limiter.limit == once
    limiter.refused(sent_at=clock.now, wait_s=3.0)
    assert limiter.limit < once


async def test_nothing_new_is_sent_where_only_refusals_come_back() -> None:
    clock = Clock()
    limiter = Limiter(2, clock=clock)
    for _ in range(BLOCKED_AFTER):
        limiter.refused(sent_at=clock.now, wait_s=7.0)
    assert limiter.blocked_s() == 7.0
    clock.now += 7.0
    assert limiter.blocked_s() == 0.0


async def test_one_refusal_among_successes_blocks_nobody() -> None:
    clock = Clock()
    limiter = Limiter(8, clock=clock)
    for _ in range(20):
        limiter.refused(sent_at=clock.now, wait_s=7.0)
        limiter.succeeded()
    assert limiter.blocked_s() == 0.0


async def test_an_unused_limit_does_not_grow() -> None:
    limiter = Limiter(64)
    before = limiter.limit
    for _ in range(100):
        await limiter.acquire()
        limiter.succeeded()
        limiter.release()
    assert limiter.limit == before


async def test_silence_is_counted_from_the_first_failure_after_a_success() -> None:
    clock = Clock()
    limiter = Limiter(4, clock=clock)
    clock.now += 1000  # idle is not silent
    assert limiter.silent_s() == 0
    limiter.failed()
    clock.now += 5
    limiter.failed()
    assert limiter.silent_s() == 5
    limiter.succeeded()
    assert limiter.silent_s() == 0


async def test_the_urgent_go_first_and_all_others_in_their_order() -> None:
    limiter = Limiter(1)
    await limiter.acquire()
    order: list[str] = []

    async def wait(name: str, *, urgent: bool) -> None:
        await limiter.acquire(urgent=urgent)
        order.append(name)
        limiter.release()

    tasks = [
        asyncio.create_task(wait(name, urgent=name.startswith("u"))) for name in ("a", "b", "u1", "c", "u2")
    ]
    await asyncio.sleep(0)
    limiter.release()
    await asyncio.gather(*tasks)
    assert order == ["u1", "u2", "a", "b", "c"]
    assert limiter.in_flight == 0


@pytest.mark.parametrize("granted", [False, True])
async def test_who_is_cancelled_while_waiting_takes_no_slot_along(granted: bool) -> None:
    limiter = Limiter(1)
    await limiter.acquire()
    waiter = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0)
    if granted:
        limiter.release()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    if not granted:
        limiter.release()
    assert limiter.in_flight == 0
    await asyncio.wait_for(limiter.acquire(), 1)


class Server:
    """A simulated server: `slots` calls at once, `seconds` per reply; calls beyond the slots are queued."""

    def __init__(self, limiter: Limiter, clock: Clock, slots: int, seconds: float = 1.0) -> None:
        self.limiter, self.clock, self.slots, self.seconds = limiter, clock, slots, seconds
        self._free_at = [clock.now] * slots
        self._ends: list[tuple[float, float]] = []
        self.most = 0

    async def reply(self) -> None:
        """Fills up to the limit of calls in flight, then advances the clock to the next reply."""
        while self.limiter.in_flight < int(self.limiter.limit):
            await self.limiter.acquire()
            self._free_at.sort()
            ends = max(self._free_at[0], self.clock.now) + self.seconds
            self._free_at[0] = ends
            self._ends.append((ends, self.clock.now))
        self.most = max(self.most, self.limiter.in_flight)
        self._ends.sort()
        self.clock.now, sent_at = self._ends.pop(0)
        self.limiter.succeeded("answers", self.clock.now - sent_at)
        self.limiter.release()


@pytest.mark.parametrize("slots", [1, 4, 6])
async def test_the_limit_grows_only_while_throughput_does(slots: int) -> None:
    clock = Clock()
    limiter = Limiter(32, clock=clock)
    server = Server(limiter, clock, slots)
    limits: list[float] = []
    for _ in range(400):
        await server.reply()
        limits.append(limiter.limit)
    # Higher limits are tried, given up, and tried ever more rarely.
    assert server.most <= 16
    assert sorted(limits)[len(limits) // 2] <= 2 * max(slots, 4)
    assert sum(limit > 2 * max(slots, 4) for limit in limits) < 100


async def test_a_server_that_answers_all_at_once_gets_all() -> None:
    clock = Clock()
    limiter = Limiter(64, clock=clock)
    server = Server(limiter, clock, 1000)
    for _ in range(400):
        await server.reply()
    assert limiter.limit == 64


async def test_a_server_that_gets_more_slots_is_found_out() -> None:
    clock = Clock()
    limiter = Limiter(32, clock=clock)
    server = Server(limiter, clock, 4)
    for _ in range(100):
        await server.reply()
    server._free_at += [clock.now] * 60
    for _ in range(1500):
        await server.reply()
    assert limiter.limit == 32
