"""Hard limits of a job: reserved before a call, settled after it.

A call starts if its worst case fits into what is neither spent nor reserved; otherwise it waits for the calls
in flight, which mostly use less than their worst case. If nothing is in flight and less than the limit is
spent, one call may start alone. So a limit is never exceeded by more than what one call's token limit allows,
and is never left unused because worst cases are large.
"""

import asyncio

from generators.spec import BudgetSpec
from generators.usage import Usage


class BudgetSpent(Exception):
    """A limit is reached; the message says which."""


class Budget:
    """Limits of one run; `spent` includes what the job used before this run."""

    def __init__(self, limits: BudgetSpec | None, spent: Usage) -> None:
        self._limits = limits
        self.spent = spent
        self._reserved = Usage()
        self._in_flight = 0
        self._settled = asyncio.Condition()

    async def reserve(self, most: Usage) -> None:
        """Returns once a call that uses at most `most` may start. Raises BudgetSpent at a limit."""
        if self._limits is None:
            return
        while not self._fits(most):
            reached = self._reached()
            if reached and not self._in_flight:
                raise BudgetSpent(reached)
            if not self._in_flight:
                break
            async with self._settled:
                await self._settled.wait()
        self._reserved += most
        self._in_flight += 1

    async def settle(self, most: Usage, used: Usage) -> None:
        """Replaces a reservation with what the call actually used."""
        self.spent += used
        if self._limits is None:
            return
        self._reserved = _minus(self._reserved, most)
        self._in_flight -= 1
        async with self._settled:
            self._settled.notify_all()

    def _fits(self, most: Usage) -> bool:
        limits, then = self._limits, self.spent + self._reserved + most
        assert limits
        return (
            (limits.calls is None or then.calls <= limits.calls)
            and (limits.tokens is None or then.tokens <= limits.tokens)
            and (limits.usd is None or (then.usd is not None and then.usd <= limits.usd))
        )

    def _reached(self) -> str | None:
        limits, spent = self._limits, self.spent
        assert limits
        if limits.calls is not None and spent.calls >= limits.calls:
            return f"{spent.calls} of {limits.calls} calls are used"
        if limits.tokens is not None and spent.tokens >= limits.tokens:
            return f"{spent.tokens} of {limits.tokens} tokens are used"
        if limits.usd is not None and spent.usd is None:
            return "the price of what was used before is unknown, and the budget is in USD"
        if limits.usd is not None and spent.usd is not None and spent.usd >= limits.usd:
            return f"{spent.usd:.4f} of {limits.usd:.4f} USD are used"
        return None


def _minus(a: Usage, b: Usage) -> Usage:
    usd = None if b.usd is None else -b.usd
    return a + Usage(-b.calls, -b.prompt_tokens, -b.completion_tokens, usd)
