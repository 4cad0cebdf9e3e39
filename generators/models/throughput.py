"""Tells whether more calls in flight bring more replies, or only make each call wait.

A server with four slots takes any number of calls but does not answer them sooner. The duration of calls
shows it: if twice as many are in flight and each takes twice as long, nothing is gained. Calls are compared
only with calls of the same kind, because a syllabus takes longer than a question.
"""

from dataclasses import dataclass, field

# Seconds under which calls do not wait at the server; what they take is our own time.
AT_ONCE_S = 0.03
# Levels whose limits differ by a smaller factor cannot be told apart.
APART = 1.5
# With k times the calls, more than k ** GAIN times the replies count as a gain (2 ** 0.4 is a third more).
GAIN = 0.4


@dataclass
class Level:
    """The durations of calls that were sent under one limit; `began` is when the level started."""

    limit: float
    began: float
    taken: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    """By kind: the number of calls and their total seconds."""
    calls: int = 0

    def add(self, kind: str, took_s: float) -> None:
        """Counts one more call that was sent at this level."""
        calls, seconds = self.taken.get(kind, (0, 0.0))
        self.taken[kind] = (calls + 1, seconds + took_s)
        self.calls += 1

    def is_apart(self, lower: "Level") -> bool:
        """Whether this level is far enough above a lower one, and has calls of the same kinds, to compare."""
        return self.limit >= APART * lower.limit and any(kind in lower.taken for kind in self.taken)

    def gains_over(self, lower: "Level") -> bool:
        """Whether clearly more replies per second come back than at a lower level that `is_apart`."""
        if sum(seconds for _, seconds in self.taken.values()) < AT_ONCE_S * self.calls:
            return True
        more = self.limit / lower.limit
        return more / self._longer_than(lower) > more**GAIN

    def _longer_than(self, lower: "Level") -> float:
        """The factor by which calls take longer, averaged over the kinds that both levels have."""
        both = [(*self.taken[kind], *lower.taken[kind]) for kind in self.taken if kind in lower.taken]
        total = sum(calls for calls, *_ in both)
        ratios = sum(
            calls * (seconds / calls) / max(before_s / before, 1e-6)
            for calls, seconds, before, before_s in both
        )
        return max(ratios / total, 1e-6)
