"""How the tasks of a run are stopped, and how many run concurrently."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from generators.models.stop import Control, Stopped, now_s
from generators.running.frame.crew import Crew, each
from graph.jobs.job import JobState


async def numbers(to: int, taken: list[int] | None = None) -> AsyncIterator[int]:
    for n in range(to):
        if taken is not None:
            taken.append(n)
        yield n


async def test_no_more_than_the_seats_at_once_and_nothing_taken_before_its_time() -> None:
    taken: list[int] = []
    running = most = 0

    async def work(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        # One item may be waiting for its seat.
        assert len(taken) <= done + 4
        await asyncio.sleep(0)
        running -= 1

    done = 0

    async def counted(n: int) -> None:
        nonlocal done
        await work(n)
        done += 1

    await each(numbers(50, taken), counted, asyncio.Semaphore(3))
    assert (done, most) == (50, 3)


async def test_after_a_failure_nothing_begins_what_runs_ends_and_the_real_error_is_raised() -> None:
    ended: list[int] = []

    async def work(n: int) -> None:
        await asyncio.sleep(0.01 * n)
        if n == 1:
            raise ValueError("real")
        ended.append(n)
        if n == 0:
            raise Stopped

    seats = asyncio.Semaphore(3)
    with pytest.raises(ValueError, match="real"):
        await each(numbers(50), work, seats)
    assert ended == [0, 2]
    assert seats._value == 3


async def test_a_crew_has_what_its_own_tasks_begin_and_nothing_begins_after_a_failure() -> None:
    ended: list[int] = []

    async def late(n: int) -> None:
        await asyncio.sleep(0.01)
        ended.append(n)
        if n == 1:
            raise ValueError("late")

    async def begin(n: int) -> None:
        await crew.start(numbers(n + 1), late, inner)

    inner, outer = asyncio.Semaphore(2), asyncio.Semaphore(1)
    with pytest.raises(ValueError, match="late"):
        async with Crew() as crew:
            # The task that starts others has ended, and its seat is free, long before the others end.
            await crew.start(numbers(9), begin, outer)
    assert 1 in ended
    assert len(ended) < 9
    assert (inner._value, outer._value) == (2, 1)


async def test_who_is_cancelled_leaves_no_task_behind() -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def inner(n: int) -> None:
        begun.append(n)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as one that closes its connection
            ended.append(n)

    async def outer(_: int) -> None:
        await each(numbers(2), inner, asyncio.Semaphore(2))

    work = asyncio.create_task(each(numbers(2), outer, asyncio.Semaphore(2)))
    while len(begun) < 4:
        await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert sorted(ended) == [0, 0, 1, 1]


async def test_an_error_of_the_items_is_raised_after_what_runs() -> None:
    ended: list[int] = []

    async def items() -> AsyncIterator[int]:
        yield 1
        raise ValueError("no more")

    async def work(n: int) -> None:
        await asyncio.sleep(0.01)
        ended.append(n)

    with pytest.raises(ValueError, match="no more"):
        await each(items(), work, asyncio.Semaphore(1))
    assert ended == [1]


async def test_stopping_wakes_who_sleeps_and_the_first_reason_stands() -> None:
    control = Control()
    control.check()
    sleeper = asyncio.create_task(control.sleep(60))
    await asyncio.sleep(0)
    control.stop(JobState.paused, "first")
    control.stop(JobState.failed, "second")
    with pytest.raises(Stopped):
        await sleeper
    with pytest.raises(Stopped):
        control.check()
    assert (control.state, control.reason) == (JobState.paused, "first")


async def test_nothing_is_paid_after_the_lease_until_it_is_renewed() -> None:
    control = Control()
    await control.may_pay()
    control.held_until(now_s() + 60)
    await control.may_pay()
    control.held_until(now_s())
    waiting = [asyncio.create_task(control.may_pay()) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in waiting)
    control.held_until(now_s())
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in waiting)
    control.held_until(now_s() + 60)
    await asyncio.gather(*waiting)


async def test_stopping_wakes_who_waits_for_the_lease() -> None:
    control = Control()
    control.held_until(0)
    waiting = asyncio.create_task(control.may_pay())
    await asyncio.sleep(0)
    control.stop(JobState.running)
    with pytest.raises(Stopped):
        await waiting
