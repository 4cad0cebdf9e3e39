"""Deciding many proposals: those named, or those that a filter chooses, a bounded number in one request."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.database import Database
from graph.errors import Conflict, NotFound
from graph.model import Text
from graph.proposals.deciding import accept, reject
from graph.proposals.listing import Wanted, get, placed
from graph.proposals.proposal import ProposalState

MOST_AT_ONCE = 100


class Choice(StrEnum):
    """What is decided."""

    accept = "accept"
    reject = "reject"


class Decision(BaseModel):
    """A decision on many proposals."""

    model_config = ConfigDict(extra="forbid")

    decision: Choice
    ids: list[Text] | None = Field(
        default=None, min_length=1, max_length=MOST_AT_ONCE, description="Ids of proposals"
    )
    filter: Wanted | None = Field(
        default=None, description="Open proposals of these kinds, tiers, nodes or words, the best first"
    )
    comment: Annotated[Text, Field(max_length=2_000)] | None = None
    limit: int = Field(
        default=MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE, description="With a filter: how many to decide now"
    )
    cursor: str | None = Field(
        default=None, max_length=500, description="With a filter: `next` of the response before"
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("say ids or filter")
        if self.filter is not None and self.filter.is_any:
            raise ValueError("filter: choose by kind, tier, under or q")
        return self


class Refusal(BaseModel):
    """A proposal that could not be decided, and why."""

    id: str
    reason: str


class Decided(BaseModel):
    """Numbers of the proposals in this response by what became of them."""

    applied: int = Field(default=0, description="Accepted, and done now or before")
    rejected: int = 0
    superseded: int = Field(default=0, description="A node of theirs is not there any more")
    refused: list[Refusal] = Field(
        default_factory=list[Refusal], description="Those left as they were, each with the reason"
    )
    next: str | None = Field(
        default=None, description="Cursor with which to continue; null when the filter has no more"
    )


async def decide(database: Database, decision: Decision, *, by: str) -> Decided:
    """Decides proposals, each in a transaction of its own; the same request again changes nothing more.

    With a filter, at most `limit` of them, and `next` leads to the others.
    """
    ids, following = decision.ids or [], None
    if decision.filter is not None:
        found = await placed(database, decision.filter, None, decision.limit, decision.cursor)
        ids, following = [one.proposal.id for one in found.items], found.next
    decided = Decided(next=following)
    for id_ in dict.fromkeys(ids):
        await _decide(database, decision, id_, by, decided)
    return decided


async def _decide(database: Database, decision: Decision, id_: str, by: str, decided: Decided) -> None:
    act = accept if decision.decision is Choice.accept else reject
    try:
        state = (await act(database, id_, by=by, comment=decision.comment)).state
    except NotFound as error:
        decided.refused.append(Refusal(id=id_, reason=str(error)))
        return
    except Conflict as error:
        # An earlier merge of the same request may have taken a node away.
        state = (await get(database, id_)).state
        if state is not ProposalState.superseded:
            decided.refused.append(Refusal(id=id_, reason=str(error)))
            return
    if state in (ProposalState.applied, ProposalState.rejected, ProposalState.superseded):
        setattr(decided, state.value, getattr(decided, state.value) + 1)
