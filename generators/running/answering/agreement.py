"""Whether final answers agree: by their text, and where that cannot tell, by math-verify.

math-verify computes, which may take seconds and hold the interpreter: it runs in a process of its own, which
the first pair that needs it starts.
"""

import logging
from dataclasses import dataclass, field

from anyio import BrokenWorkerProcess, CapacityLimiter, fail_after, to_process
from anyio.lowlevel import RunVar

from generators.quality.consensus import expressions, final_answers

log = logging.getLogger("glan")

LONGEST_S = 30.0
"""Seconds after which two expressions count as different, with the wait for those before them."""
_turns: RunVar[CapacityLimiter] = RunVar("expressions")


async def same(one: str, other: str) -> bool:
    """Whether two final answers are the same."""
    told = final_answers.compared(one, other)
    if told is not None:
        return told
    return expressions.comparable(one, other) and await _equal(one, other)


async def _equal(one: str, other: str) -> bool:
    turns = _turns.get(None) or CapacityLimiter(1)
    _turns.set(turns)
    try:
        with fail_after(LONGEST_S):
            return await to_process.run_sync(expressions.equal, one, other, cancellable=True, limiter=turns)
    except (TimeoutError, BrokenWorkerProcess):
        log.warning("these final answers could not be compared, and count as different: %r, %r", one, other)
        return False


@dataclass
class Votes:
    """Final answers of several answers, those that are the same together."""

    groups: list[list[int]] = field(default_factory=list[list[int]])
    """The places of the answers in each group."""
    _first: list[str] = field(default_factory=list[str])

    async def add(self, place: int, final: str | None) -> None:
        """Adds the answer at a place; one without a final answer agrees with none."""
        if final is None:
            return
        for group, first in zip(self.groups, self._first, strict=True):
            if await same(first, final):
                group.append(place)
                return
        self.groups.append([place])
        self._first.append(final)

    @property
    def largest(self) -> list[int]:
        """The places of the answers of the largest group, the earliest one among equals."""
        return max(self.groups, key=len) if self.groups else []
