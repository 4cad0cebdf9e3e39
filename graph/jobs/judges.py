"""The judges of a job as they are counted and shown: when their verdicts decide, and what they found."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple, Self

from pydantic import BaseModel, Field

from graph.database import Database, Row
from graph.jobs.spent import Spent, total
from graph.queries import load
from graph.reasons import Part, Role

PARTS: tuple[Part, ...] = ("question", "answer")
JUDGES = load("job.judges")

FEWEST_SENTINELS = 20
"""Samples whose verdict is known, half of them good, half bad, before any verdict of a judge decides."""
LEAST_CAUGHT, LEAST_KEPT = 0.7, 0.8
"""Shares of the bad ones rejected, and of the good ones kept, from which on verdicts decide."""
JUDGE_COUNTS = ("good", "kept", "bad", "caught", "accept", "revise", "reject", "unjudged", "applied")


class Counts(NamedTuple):
    """What is counted of a judge, in this order in one property, so that nobody sees half of it.

    Of the samples whose verdict is known: good ones and those kept, bad ones and those caught. Of pairs of
    answers: those that the refined one won, lost or tied in both orders, and those in which the orders
    disagree; of their verdicts: those that decided, and for the longer one. What is stored may end earlier:
    with zeros.
    """

    good: float = 0.0
    kept: float = 0.0
    bad: float = 0.0
    caught: float = 0.0
    accept: float = 0.0
    revise: float = 0.0
    reject: float = 0.0
    unjudged: float = 0.0
    applied: float = 0.0
    calls: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    usd: float = 0.0
    unpriced: float = 0.0
    won: float = 0.0
    lost: float = 0.0
    tied: float = 0.0
    inconsistent: float = 0.0
    decided: float = 0.0
    longer: float = 0.0

    def plus(self, other: "Counts") -> "Counts":
        """The sums, count by count."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def tokens(self) -> float:
        """Sent and received."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def sentinels(self) -> float:
        """Samples whose verdict is known that the judge was tried on."""
        return self.good + self.bad

    @property
    def judged(self) -> float:
        """Verdicts with an opinion."""
        return self.accept + self.revise + self.reject

    @property
    def applies(self) -> bool:
        """Whether the judge was right about enough samples for its verdicts to decide."""
        return (
            self.sentinels >= FEWEST_SENTINELS
            and self.caught >= LEAST_CAUGHT * self.bad
            and self.kept >= LEAST_KEPT * self.good
        )


class Judge(BaseModel):
    """A judge of a job: how well it told good samples from bad ones, and what it found."""

    part: Part = Field(description="What it judges")
    model: str = Field(description="The model that judges")
    rule: str = Field(description="The rule that makes verdicts from its values, such as judge-answers@1")
    applies: bool = Field(
        description="Whether its verdicts decide: only if it was right about enough samples whose verdict is "
        "known; otherwise they are stored and not applied"
    )
    good: int = Field(description="Good samples that it was tried on")
    kept: int = Field(description="Those that it kept")
    bad: int = Field(description="Bad samples that it was tried on")
    caught: int = Field(description="Those that it rejected")
    accept: int = Field(description="Verdicts: fit as it is")
    revise: int = Field(description="Verdicts: kept, but could be better")
    reject: int = Field(description="Verdicts: not fit to learn from")
    unjudged: int = Field(description="Calls without a usable opinion, despite another try")
    applied: int = Field(description="Verdicts that decided")
    spent: Spent = Spent()

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the judge's counts."""
        counts = Counts(*row["counts"])
        plain: Row = {name: int(getattr(counts, name)) for name in JUDGE_COUNTS}
        plain |= {name: row[name] for name in ("part", "model", "rule")}
        return cls(**plain, applies=counts.applies, spent=spent_of(counts))


def spent_of(counts: Counts) -> Spent:
    """What is counted of calls, as it is shown."""
    usd = None if counts.unpriced else counts.usd
    return Spent(calls=int(counts.calls), tokens=int(counts.tokens), usd=usd)


# By what is counted, in the order in which it is done.
STEPS: dict[Role, str] = {
    "question": "judge_questions",
    "critique": "critiques",
    "refinement": "refinements",
    "pair": "judge_pairs",
    "answer": "judge_answers",
}


def by_step_of(rows: Sequence[Row]) -> dict[str, Spent]:
    """What judging and refining used, by step, from the counts of a job."""
    return {
        step: total(spent_of(Counts(*row["counts"])) for row in rows if row["part"] == role)
        for role, step in STEPS.items()
        if any(row["part"] == role for row in rows)
    }


async def of_jobs(database: Database, ids: Sequence[str]) -> list[Judge]:
    """The judges of some jobs, by what they judge; the counts of the same model and rule are added up."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in await database.read(JUDGES, ids=[*ids]):
        if row["part"] in PARTS:
            found.setdefault((row["part"], row["model"], row["rule"]), []).append(row)
    rows: list[Row] = [some[0] | {"counts": summed(some)} for some in found.values()]
    rows.sort(key=lambda row: (row["part"] != "question", row["model"], row["rule"]))
    return [Judge.from_row(row) for row in rows]


def summed(rows: Iterable[Row]) -> Counts:
    """The counts of some rows, added up."""
    return reduce(Counts.plus, (Counts(*row["counts"]) for row in rows), Counts())
