"""Verdicts of judges, stored with the instructions they are about, and counted at their judges."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

from pydantic import BaseModel, Field

from graph.database import Database, Transaction
from graph.queries import load
from graph.reasons import CallUse, Opinion, Part, Role

JUDGE = load("quality.judge")
TALLY = load("quality.tally")
VERDICTS = load("quality.verdicts")
VERDICTS_OF = load("quality.verdicts_of")
AUTHORS = load("check.authors")


Order = Literal["draft first", "refined first"]
"""The order in which two answers were shown."""


class JudgeFacts(TypedDict):
    """What tells one judge of a job from another: what it judges, by which model, prompt and rule."""

    part: Role
    model: str
    prompt: str
    rule: str


class VerdictProperties(CallUse):
    """A verdict as it is stored; `scores`: the judge's values, as JSON; `order`: of a pair."""

    id: str
    part: Opinion
    order: NotRequired[Order | None]
    model: str
    prompt: str
    rule: str
    verdict: str
    applied: bool
    scores: str
    flaws: list[str]
    why: str
    problem: NotRequired[str]


class KnownVerdict(NamedTuple):
    """A verdict that is there; `problem`: what is wrong, in words, if it says so."""

    id: str
    verdict: str
    applied: bool
    problem: str


class NewVerdict(TypedDict):
    """A verdict on an instruction; `counts`: what it adds to the counts of its judge (see jobs.Counts)."""

    instruction: str
    judge: str
    verdict: VerdictProperties
    counts: list[float]


class StoredVerdict(TypedDict):
    """What a worker reads back about a verdict on an answer that is not settled."""

    part: Opinion
    order: Order | None
    verdict: str
    why: str
    flaws: list[str]
    scores: str


class Verdict(BaseModel):
    """What a judge found of an instruction's question or answer, or of two answers to it."""

    id: str
    part: Opinion = Field(
        description="What was judged; critique: what could be better in an answer; pair: whether the refined "
        "answer is better than the one it was made from"
    )
    order: Order | None = Field(default=None, description="Of a pair: in which order the two were shown")
    verdict: Literal["accept", "revise", "reject", "unjudged", "won", "lost", "tie"] = Field(
        description="unjudged: the judge gave no usable opinion, twice; won, lost, tie: what became of the "
        "refined answer of a pair, in this order"
    )
    applied: bool = Field(
        description="Whether it decided; false as long as the judge did not tell good samples from bad ones"
    )
    model: str = Field(description="The model that judged")
    prompt: str = Field(description="Hash of its prompt")
    rule: str = Field(description="The rule that makes a verdict from its values, such as judge-answers@1")
    scores: dict[str, Any] = Field(description="Its values, such as correct, complete and follows")
    flaws: list[str] = Field(description="The flaws it named")
    why: str = Field(description="Its reasons, or why there is no opinion")
    calls: int = Field(description="Requests that were paid for")
    cost_usd: float | None = Field(default=None, description="Null if the price is unknown")
    at: datetime = Field(description="UTC")


async def judge(
    tx: Transaction, owner: str, id_: str, facts: JudgeFacts, nothing: Sequence[float]
) -> list[float]:
    """Stores a judge of a job or a check; returns its counts, which are `nothing` if it is new."""
    [row] = await tx.run(JUDGE, owner=owner, id=id_, facts=facts, counts=list(nothing))
    return row["counts"]


async def tally(tx: Transaction, judge_id: str, counts: Sequence[float]) -> None:
    """Adds to the counts of a judge."""
    await tx.run(TALLY, id=judge_id, counts=list(counts))


async def store(tx: Transaction, rows: Sequence[NewVerdict]) -> None:
    """Stores verdicts; one that is there stays as it is and is not counted again."""
    if rows:
        await tx.run(VERDICTS, rows=sorted(rows, key=lambda row: row["verdict"]["id"]))


async def known(database: Database, ids: Sequence[str]) -> dict[str, KnownVerdict]:
    """Those of these verdicts that are there, by id."""
    rows = await database.read(VERDICTS_OF, ids=sorted(ids))
    return {
        row["id"]: KnownVerdict(
            row["id"],
            row["verdict"],
            row["applied"],
            row["problem"] or ", ".join(row["flaws"] or ()) or row["why"] or "",
        )
        for row in rows
    }


async def authors(database: Database, ids: Sequence[str]) -> dict[Part, list[str]]:
    """Which models wrote the questions and answers of some instructions."""
    [row] = await database.read(AUTHORS, ids=sorted(ids))
    return {"question": sorted(row["question"]), "answer": sorted(row["answer"])}
