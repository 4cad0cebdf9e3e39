"""From a judge's marks to outcomes, and to shares with their intervals: pure functions.

Every pair is judged in both orders. A model preferred in both wins, one preferred in neither loses; where the
orders disagree it is a tie, counted apart, for it says something about the judge and nothing about the
answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np

RULE = "pairwise@1"
RESAMPLES = 10_000
LEVEL = 0.95


class Outcome(StrEnum):
    """What comes of a question, for the model that is tested; inconsistent: a tie by disagreement."""

    win = "win"
    lose = "lose"
    tie = "tie"
    inconsistent = "inconsistent"


class Pair(NamedTuple):
    """The marks of one order: those of the model that is tested, and of the one it is compared with."""

    own: int
    other: int


class Read(NamedTuple):
    """A verdict as it was read: the marks by place, and how long the answers are."""

    first: int
    second: int
    first_length: int
    second_length: int


def outcome_of(one: Pair, turned: Pair) -> Outcome:
    """What the marks of both orders come to."""
    signs = {_sign(one), _sign(turned)}
    if len(signs) > 1:
        return Outcome.inconsistent
    return {1: Outcome.win, -1: Outcome.lose, 0: Outcome.tie}[signs.pop()]


def _sign(pair: Pair) -> int:
    return (pair.own > pair.other) - (pair.own < pair.other)


@dataclass
class Bias:
    """What a judge prefers whoever wrote it: counts of verdicts, without ties.

    `unequal`: those whose answers are not equally long.
    """

    decided: int = 0
    first: int = 0
    unequal: int = 0
    longer: int = 0

    def add(self, read: Read) -> None:
        """Counts one verdict."""
        if read.first == read.second:
            return
        wins_first = read.first > read.second
        self.decided += 1
        self.first += wins_first
        if read.first_length != read.second_length:
            self.unequal += 1
            self.longer += wins_first == (read.first_length > read.second_length)


@dataclass
class Tally:
    """Outcomes of some questions; the sums of both models' mean marks are over those that were judged."""

    outcomes: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    errors: int = 0
    own: float = 0.0
    other: float = 0.0

    def add(self, outcome: Outcome | None, marks: Sequence[Pair] = ()) -> None:
        """Counts one question; None: an answer or a verdict is missing for good."""
        if outcome is None:
            self.errors += 1
            return
        self.outcomes[outcome] += 1
        self.own += sum(pair.own for pair in marks) / len(marks)
        self.other += sum(pair.other for pair in marks) / len(marks)

    @property
    def judged(self) -> int:
        """The number of questions with an outcome."""
        return sum(self.outcomes.values())

    @property
    def ties(self) -> int:
        """Ties of both kinds."""
        return self.outcomes[Outcome.tie] + self.outcomes[Outcome.inconsistent]

    @property
    def score(self) -> float | None:
        """The share of wins, ties counting half; None if nothing was judged."""
        return (self.outcomes[Outcome.win] + self.ties / 2) / self.judged if self.judged else None


def interval(wins: int, ties: int, losses: int) -> tuple[float, float] | None:
    """The bootstrap interval of the score at LEVEL, by percentiles; None if nothing was judged.

    Drawing questions with replacement gives multinomial counts, which are drawn as such: the same, and as
    fast for a million questions as for ten. The same counts always give the same interval.
    """
    judged = wins + ties + losses
    if not judged:
        return None
    shares = np.array([wins, ties, losses]) / judged
    counts = np.random.default_rng([wins, ties, losses]).multinomial(judged, shares, size=RESAMPLES)
    scores = (counts[:, 0] + counts[:, 1] / 2) / judged
    low, high = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)
