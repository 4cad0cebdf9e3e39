"""Verdicts of judges, stored with the instructions they are about, and counted at their judges."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, Field

from graph.database import Transaction
from graph.queries import load
from graph.reasons import Part

JUDGE = load("quality.judge")
TALLY = load("quality.tally")
VERDICTS = load("quality.verdicts")


class JudgeFacts(TypedDict):
    """What tells one judge of a job from another: what it judges, by which model, prompt and rule."""

    part: Part
    model: str
    prompt: str
    rule: str


class VerdictProperties(TypedDict):
    """A verdict as it is stored; `scores`: the judge's values, as JSON."""

    id: str
    part: Part
    model: str
    prompt: str
    rule: str
    verdict: str
    applied: bool
    scores: str
    flaws: list[str]
    why: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class NewVerdict(TypedDict):
    """A verdict on an instruction; `counts`: what it adds to the counts of its judge (see jobs.Counts)."""

    instruction: str
    judge: str
    verdict: VerdictProperties
    counts: list[float]


class Verdict(BaseModel):
    """What a judge found of an instruction's question or answer."""

    id: str
    part: Part = Field(description="What was judged")
    verdict: Literal["accept", "revise", "reject", "unjudged"] = Field(
        description="unjudged: the judge gave no usable opinion, twice"
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
    tx: Transaction, job_id: str, id_: str, facts: JudgeFacts, nothing: Sequence[float]
) -> list[float]:
    """Stores a judge of a job; returns its counts, which are `nothing` if it is new."""
    [row] = await tx.run(JUDGE, job_id=job_id, id=id_, facts=facts, counts=list(nothing))
    return row["counts"]


async def tally(tx: Transaction, judge_id: str, counts: Sequence[float]) -> None:
    """Adds to the counts of a judge."""
    await tx.run(TALLY, id=judge_id, counts=list(counts))


async def store(tx: Transaction, rows: Sequence[NewVerdict]) -> None:
    """Stores verdicts; one that is there stays as it is and is not counted again."""
    if rows:
        await tx.run(VERDICTS, rows=sorted(rows, key=lambda row: row["verdict"]["id"]))
