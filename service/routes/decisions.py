"""People's decisions about instructions: accepted or rejected, one or many, with a reason and a name."""

import asyncio
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.instructions import decisions
from graph.instructions.decisions import Decision, Decisions
from graph.instructions.pulls import Chosen
from graph.model import Text
from service.http.errors import responses
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase, body_like

router = APIRouter(tags=["instructions"])

EXAMPLE = {"ids": ["0199f0c2a7b1"], "decision": "reject", "reason": "The answer is about another law."}


class DecisionFilter(Chosen):
    """Which instructions below a node are meant."""

    status: Literal["accepted", "stale", "withdrawn"] = Field(
        default="accepted", description="Only this status"
    )


class NewDecision(BaseModel):
    """What is decided, about which instructions, and why."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Text] | None = Field(
        default=None, min_length=1, max_length=1000, description="Ids of instructions"
    )
    filter: DecisionFilter | None = Field(default=None, description="Or all that pass this")
    decision: Decision = Field(description="accept or reject")
    reason: Text = Field(min_length=1, max_length=2000, description="Why", examples=[EXAMPLE["reason"]])

    @model_validator(mode="after")
    def _ids_or_filter(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("name instructions by ids or by a filter, and not by both")
        return self


@router.post("/v1/instructions:decide", responses=responses(404, 422, 503), openapi_extra=body_like(EXAMPLE))
async def decide(
    database: TheDatabase, caller: TheCaller, request: Request, wanted: Annotated[NewDecision, Body()]
) -> Decisions:
    """Accepts or rejects instructions, signed with who decides, why and when, in the history of the syllabus.

    What is rejected is neither covered nor pulled, as what a check withdraws; accepted again, it comes back
    as it was. What is accepted stays whatever checks find. It continues if the client disconnects, and
    repeating it changes nothing.
    """
    given = (wanted.decision, wanted.reason, caller)
    if wanted.filter is not None:
        chosen = wanted.filter.wanted((wanted.filter.status,))
        work = decisions.decide_below(database, wanted.filter.node_id, chosen, *given)
    else:
        work = decisions.decide(database, wanted.ids or [], *given)
    return await asyncio.shield(parts_of(request).outliving(work, "deciding about instructions"))
