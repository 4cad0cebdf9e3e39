"""Whether more calls in flight bring more replies, or only make each of them wait.

A server with four slots takes any number of calls and answers them no sooner. What tells is how long calls
take: where twice as many are in flight and each takes twice as long, nothing is gained. Calls of one kind are
compared with calls of the same kind, for a syllabus takes longer than a question.
"""

from dataclasses import dataclass, field

# Calls that are answered sooner than this wait for nobody; what they take is our own time.
AT_ONCE_S = 0.03
# Levels nearer to each other than this cannot be told apart.
APART = 1.5
# Of what twice the calls could bring at best, the part that counts as a gain (2 ** 0.4 is a third more).
GAIN = 0.4


@dataclass
class Level:
    """What calls took that were sent while so many were allowed in flight."""

    limit: float
    began: float
    taken: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    """By kind: how many, and their seconds together."""
    calls: int = 0

    def add(self, kind: str, took_s: float) -> None:
        """One more call that was sent at this level."""
        calls, seconds = self.taken.get(kind, (0, 0.0))
        self.taken[kind] = (calls + 1, seconds + took_s)
        self.calls += 1

    def is_apart(self, lower: "Level") -> bool:
        """Whether the two can be compared."""
        return self.limit >= APART * lower.limit and any(kind in lower.taken for kind in self.taken)

    def gains_over(self, lower: "Level") -> bool:
        """Whether clearly more replies come back per second than at a lower level that is apart."""
        if sum(seconds for _, seconds in self.taken.values()) < AT_ONCE_S * self.calls:
            return True
        more = self.limit / lower.limit
        return more / self._longer_than(lower) > more**GAIN

    def _longer_than(self, lower: "Level") -> float:
        """How many times as long calls take, the kinds that both have by their number."""
        both = [(*self.taken[kind], *lower.taken[kind]) for kind in self.taken if kind in lower.taken]
        total = sum(calls for calls, *_ in both)
        ratios = sum(
            calls * (seconds / calls) / max(before_s / before, 1e-6)
            for calls, seconds, before, before_s in both
        )
        return max(ratios / total, 1e-6)
