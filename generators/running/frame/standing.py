"""What is known of a judge in one run: how it did with sentinels, and what it has found lately."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from generators.quality.judging import sentinels
from generators.quality.judging.sentinels import Answered, Sentinel
from generators.quality.judging.verdicts import VerdictKind
from generators.usage import Usage
from graph.jobs.judges import FEWEST_SENTINELS, Counts
from graph.reasons import Part

WINDOW = 50
MOST_UNJUDGED = 10
"""Of WINDOW calls in a row: with more unusable opinions than this, the judge is of no use."""
FEWEST_FOR_ALARM = 100
HIGHEST_PASS, LOWEST_PASS = 0.99, 0.2
"""Shares of samples that a judge lets pass beyond which it most likely does not judge."""

ANOTHER = "name another one with --judge-model, or"
"""What to do about a model whose opinions cannot be used, before what else may be done."""


class Lately:
    """The last WINDOW calls of a model that gives opinions: whether each gave a usable one."""

    def __init__(self) -> None:
        self._unusable = deque[bool](maxlen=WINDOW)

    def saw(self, *, usable: bool) -> None:
        """Counts one more call."""
        self._unusable.append(not usable)

    def useless(self, model: str, about: str, instead: str) -> str | None:
        """Why the job must pause, if too few of the opinions could be used; `instead`: what to do then."""
        unusable = sum(self._unusable)
        if unusable <= MOST_UNJUDGED:
            return None
        return (
            f"{model} gave no usable opinion in {unusable} of its last {len(self._unusable)} calls about "
            f"{about}; {instead}"
        )


@dataclass
class Standing:
    """One judge of a job, of questions or of answers. `begun` guards the first sentinels."""

    part: Part
    id: str = ""
    model: str = ""
    counts: Counts = field(default_factory=Counts)
    begun: asyncio.Lock = field(default_factory=asyncio.Lock)
    ready: bool = False
    verdicts: int = 0
    """Verdicts of this run."""
    _lately: Lately = field(default_factory=Lately)
    _answers: deque[Answered] = field(default_factory=lambda: deque[Answered](maxlen=2))

    def first(self) -> list[Sentinel]:
        """The sentinels that are left before any verdict decides, good and bad ones in turn."""
        half = FEWEST_SENTINELS // 2
        good = sentinels.shipped(self.part, good=True)[int(self.counts.good) : half]
        bad = sentinels.shipped(self.part, good=False)[int(self.counts.bad) : half]
        return [*good, *bad]

    def next(self) -> Sentinel:
        """A later sentinel, in turn: a good one, a bad one, a bad copy of an accepted answer."""
        number = int(self.counts.sentinels)
        if number % 3 == 2 and self._answers:
            other = self._answers[0] if len(self._answers) > 1 else None
            if made := sentinels.spoilt(number // 3, self._answers[-1], other):
                return made
        good = number % 3 == 0
        there = sentinels.shipped(self.part, good=good)
        return there[int(self.counts.good if good else self.counts.bad) % len(there)]

    def remember(self, own: Answered) -> None:
        """Keeps an accepted answer, from which a sentinel may be made."""
        self._answers.append(own)

    def saw(self, verdict: VerdictKind) -> None:
        """Counts one more call among the last ones."""
        self._lately.saw(usable=verdict is not VerdictKind.unjudged)

    @property
    def is_due(self) -> bool:
        """Whether a sentinel comes next."""
        return self.verdicts % sentinels.EVERY == 0

    @property
    def useless(self) -> str | None:
        """Why the job must pause, if too few of the last opinions could be used."""
        return self._lately.useless(f"the judge {self.model}", f"{self.part}s", f"{ANOTHER} judge nothing")

    @property
    def alarm(self) -> str | None:
        """What is suspicious about its verdicts, if there are enough of them."""
        judged = self.counts.judged
        if judged < FEWEST_FOR_ALARM:
            return None
        share = (self.counts.accept + self.counts.revise) / judged
        if LOWEST_PASS <= share <= HIGHEST_PASS:
            return None
        told = "nearly all" if share > HIGHEST_PASS else "hardly any"
        return f"the judge {self.model} lets {told} {self.part}s pass: look at some of its verdicts"

    @property
    def shut(self) -> str | None:
        """Why its verdicts do not decide, if they do not."""
        counts = self.counts
        if counts.applies:
            return None
        return (
            f"the judge {self.model} rejected {counts.caught:.0f} of {counts.bad:.0f} bad {self.part}s and "
            f"kept {counts.kept:.0f} of {counts.good:.0f} good ones: its verdicts on {self.part}s are stored "
            "and not applied"
        )


def used(usage: Usage) -> Counts:
    """What a judge's calls add to its counts."""
    return Counts(
        calls=usage.calls,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        usd=usage.usd or 0.0,
        unpriced=float(usage.usd is None and usage.calls > 0),
    )


def of_sentinel(sentinel: Sentinel, verdict: VerdictKind) -> Counts:
    """What a sentinel adds to the counts of its judge; without an opinion it was right about nothing."""
    if sentinel.good:
        return Counts(good=1, kept=verdict in (VerdictKind.accept, VerdictKind.revise))
    return Counts(bad=1, caught=verdict is VerdictKind.reject)


def of_verdict(verdict: VerdictKind, *, applied: bool) -> Counts:
    """What a verdict adds to the counts of its judge."""
    return Counts(applied=applied)._replace(**{verdict.value: 1.0})
