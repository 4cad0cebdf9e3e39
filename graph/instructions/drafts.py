"""Drafts: answers that were paid for beside the one an instruction has, kept with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict

from pydantic import BaseModel, Field

from graph.database import Transaction
from graph.queries import load
from graph.reasons import CallUse

DRAFTS = load("instruction.drafts")

DraftKind = Literal["sample", "answer", "refined"]
"""sample: one of several answers that are held against each other; answer: what was refined; refined: what
came of that."""


class DraftProperties(CallUse):
    """A draft as it is stored; `number`: from 1 on, within its instruction and kind.

    `text` is None if its reply could not be used, for `reason`; `final`: the short final answer in it.
    """

    id: str
    number: int
    kind: DraftKind
    text: str | None
    final: str | None
    reason: str | None
    detail: str | None
    raw: str | None
    model: str
    prompt: str
    prompt_version: str


class NewDraft(TypedDict):
    """A draft of an instruction; where a `counter` counts its use, `counts` is what it adds there."""

    instruction: str
    draft: DraftProperties
    counter: str | None
    counts: list[float]


class StoredDraft(TypedDict):
    """What a worker reads back about a draft, to do what is still missing."""

    number: int
    kind: DraftKind
    text: str | None
    final: str | None
    reason: str | None


class Draft(BaseModel):
    """An answer that was paid for beside the one an instruction has, or that one itself."""

    number: int = Field(description="From 1 on, in the order in which they were asked for")
    kind: DraftKind = Field(
        description="sample: one of several answers to the question; answer: what was refined; refined: what "
        "came of that"
    )
    text: str | None = Field(default=None, description="Null if the reply could not be used")
    final: str | None = Field(default=None, description="The short final answer in it")
    chosen: bool = Field(description="Whether it is the answer that the instruction has")
    reason: str | None = Field(default=None, description="Why the reply could not be used")
    detail: str | None = Field(default=None, description="The same in words")
    raw: str | None = Field(default=None, description="The model's text, if it could not be used")
    model: str = Field(description="The model that wrote it")
    prompt: str = Field(description="Hash of its prompt")
    prompt_version: str = Field(description="Version of that prompt, such as refinements@1")
    calls: int = Field(description="Requests that were paid for")
    cost_usd: float | None = Field(default=None, description="Null if the price is unknown")
    at: datetime = Field(description="UTC")


async def store(tx: Transaction, rows: Sequence[NewDraft]) -> None:
    """Stores drafts; one that is there stays as it is and is not counted again."""
    if rows:
        await tx.run(DRAFTS, rows=sorted(rows, key=lambda row: row["draft"]["id"]))
