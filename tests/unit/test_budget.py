"""Budgets are reserved before a call, settled after it, and never exceeded by more than one call."""

import asyncio
import random

import pytest

from generators.models.budget import Budget, BudgetSpent
from generators.spec import BudgetSpec
from generators.usage import Usage


def call(tokens: int, usd: float | None = 0.0) -> Usage:
    return Usage(1, tokens, 0, usd)


async def test_without_limits_everything_fits_and_is_counted() -> None:
    budget = Budget(None, Usage())
    for _ in range(5):
        await budget.reserve(call(10**9, None))
        await budget.settle(call(10**9, None), call(7, None))
    assert budget.spent == Usage(5, 35, 0, None)


@pytest.mark.parametrize(
    ("limits", "calls"),
    [(BudgetSpec(calls=7), 7), (BudgetSpec(tokens=70), 7), (BudgetSpec(usd=0.7), 7)],
)
async def test_a_limit_is_met_and_said(limits: BudgetSpec, calls: int) -> None:
    budget = Budget(limits, Usage())
    used = call(10, 0.1)
    for _ in range(calls):
        await budget.reserve(used)
        await budget.settle(used, used)
    with pytest.raises(BudgetSpent, match=r"\d of .* used"):
        await budget.reserve(used)
    assert budget.spent.calls == calls


async def test_what_was_spent_before_counts() -> None:
    budget = Budget(BudgetSpec(calls=7), Usage(7))
    with pytest.raises(BudgetSpent):
        await budget.reserve(call(1))


async def test_one_alone_may_go_where_the_worst_case_is_larger_than_the_limit() -> None:
    budget = Budget(BudgetSpec(tokens=100), Usage())
    most = call(5000)
    await budget.reserve(most)
    second = asyncio.create_task(budget.reserve(most))
    await asyncio.sleep(0)
    assert not second.done()
    await budget.settle(most, call(60))
    await asyncio.wait_for(second, 1)
    await budget.settle(most, call(60))
    with pytest.raises(BudgetSpent):
        await budget.reserve(most)


@pytest.mark.parametrize("seed", range(20))
async def test_many_at_once_never_exceed_by_more_than_one_call(seed: int) -> None:
    chance = random.Random(seed)
    limit = chance.randint(50, 3000)
    most = chance.randint(10, 500)
    budget = Budget(BudgetSpec(tokens=limit, usd=limit / 1000), Usage())
    started = 0

    async def worker() -> None:
        nonlocal started
        while True:
            await budget.reserve(call(most, most / 1000))
            started += 1
            await asyncio.sleep(0)
            used = chance.randint(0, most)
            await budget.settle(call(most, most / 1000), call(used, used / 1000))

    results = await asyncio.gather(*(worker() for _ in range(chance.randint(1, 40))), return_exceptions=True)
    assert all(isinstance(result, BudgetSpent) for result in results)
    assert budget.spent.calls == started
    assert limit <= budget.spent.tokens <= limit + most


async def test_an_unknown_price_spends_a_usd_budget_at_once() -> None:
    budget = Budget(BudgetSpec(usd=1.0), Usage(3, 1, 1, None))
    with pytest.raises(BudgetSpent):
        await budget.reserve(call(1, 0.1))
