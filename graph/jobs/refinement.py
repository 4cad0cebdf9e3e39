"""How the refining of a job's answers is counted and shown, and when it is worth its calls."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from graph.database import Database, Row
from graph.jobs.judges import JUDGES, Counts, spent_of, summed
from graph.jobs.spent import Spent, total

FEWEST_PAIRS = 20
"""Refined answers that are all compared with what they were made from, before any is believed."""
LEAST_WON = 0.5
"""Share of these, and of those compared later, that must win in both orders."""


def compared(counts: Counts) -> float:
    """Pairs with an opinion in both orders."""
    return counts.won + counts.lost + counts.tied + counts.inconsistent


def worth_it(counts: Counts) -> bool:
    """Whether answers are refined further: as long as too few pairs are compared, or enough were won."""
    return compared(counts) < FEWEST_PAIRS or counts.won >= LEAST_WON * compared(counts)


class Refinement(BaseModel):
    """What refining did for the answers of a job."""

    on: bool = Field(
        description="Whether it is still done: it is switched off when too few refined answers win in both "
        "orders"
    )
    critiques: int = Field(description="Answers in which something to improve was looked for")
    unchanged: int = Field(description="Those in which nothing was found")
    compared: int = Field(description="Refined answers that a judge compared with what they were made from")
    won: int = Field(description="Those that were better, whichever was shown first")
    lost: int = Field(description="Those that were worse, whichever was shown first")
    tied: int = Field(description="Those that were as good, whichever was shown first")
    inconsistent: int = Field(
        description="Those on which the judge said another thing in the other order: a tie, counted apart"
    )
    unjudged: int = Field(description="Those without a usable opinion in one of the orders")
    longer: float | None = Field(
        description="Share of its opinions that were for the longer answer, of those for one of the two"
    )
    spent: Spent = Spent()

    @classmethod
    def from_rows(cls, rows: Sequence[Row]) -> Self | None:
        """Built from the counts of a job; None if nothing was refined."""
        counted = {
            role: summed(row for row in rows if row["part"] == role)
            for role in ("critique", "refinement", "pair")
        }
        if not any(row["part"] in counted for row in rows):
            return None
        critiques, pairs = counted["critique"], counted["pair"]
        return cls(
            on=worth_it(pairs),
            critiques=int(critiques.judged + critiques.unjudged),
            unchanged=int(critiques.accept),
            compared=int(compared(pairs)),
            won=int(pairs.won),
            lost=int(pairs.lost),
            tied=int(pairs.tied),
            inconsistent=int(pairs.inconsistent),
            unjudged=int(pairs.unjudged),
            longer=pairs.longer / pairs.decided if pairs.decided else None,
            spent=total(spent_of(one) for one in counted.values()),
        )


async def of_jobs(database: Database, ids: Sequence[str]) -> Refinement | None:
    """What refining did in some jobs together; None if nothing was refined."""
    return Refinement.from_rows(await database.read(JUDGES, ids=[*ids]))
