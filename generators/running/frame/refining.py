"""What is known in one run of how refining a job's answers does, and who waits to know."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from generators.running.frame.standing import ANOTHER, Lately
from graph.jobs.judges import Counts
from graph.jobs.refinement import FEWEST_PAIRS, compared, worth_it
from graph.reasons import Role

ROLES: tuple[Role, ...] = ("critique", "refinement", "pair")


@dataclass
class Refining:
    """The counters of a job's refining, as this run knows them. `begun` guards their first reading."""

    counters: dict[Role, str] = field(default_factory=dict[Role, str])
    """The id of what counts each role."""
    pairs: Counts = field(default_factory=Counts)
    begun: asyncio.Lock = field(default_factory=asyncio.Lock)
    ready: bool = False
    lately: Lately = field(default_factory=Lately)
    _trying: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def known(self) -> bool:
        """Whether enough pairs were compared to know whether refining is worth it."""
        return compared(self.pairs) >= FEWEST_PAIRS

    @property
    def on(self) -> bool:
        """Whether answers are refined."""
        return worth_it(self.pairs)

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[bool]:
        """A place among the answers that are refined; whether it is one of those that are all compared.

        Until enough of those are compared the others wait, so that few are refined in vain.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: self.known or compared(self.pairs) + self._trying < FEWEST_PAIRS
            )
            trial = not self.known
            self._trying += trial
        try:
            yield trial
        finally:
            async with self._changed:
                self._trying -= trial
                self._changed.notify_all()

    def useless(self, model: str) -> str | None:
        """Why the job must pause, if too few of the last opinions could be used."""
        return self.lately.useless(model, "answers to refine", f"{ANOTHER} refine nothing")

    @property
    def off(self) -> str | None:
        """Why answers are not refined any more, if so."""
        if self.on:
            return None
        return (
            f"refining is switched off: {self.pairs.won:.0f} of {compared(self.pairs):.0f} refined answers "
            "that were compared with what they were made from are better, whichever is shown first"
        )
