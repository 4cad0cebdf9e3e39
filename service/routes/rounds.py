"""Rounds of votes on the nodes of a taxonomy: opened, counted, closed and reopened."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph.model import Kind, Text
from graph.pages import Page
from graph.review import agreement, closing, results, rounds
from graph.review.agreement import Agreement
from graph.review.counting import Outcome
from graph.review.results import Next, NodeResult
from graph.review.rounds import NewRound, Round, RoundState
from graph.review.votes import VoterName
from service.http.errors import responses
from service.http.voters import voter_of
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/rounds", tags=["rounds"])

RoundId = Annotated[str, Path(description="Id of a round")]
EXAMPLE = {"root_id": "0199f0c2a7b1c3d4e5f60718", "name": "First reading", "quorum": 3}
REASON = {"reason": "Two departments had not voted yet."}


class Reopening(BaseModel):
    """Why a round is opened again."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(min_length=1, max_length=2000, description="Why", examples=[REASON["reason"]])


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Round, "description": "The round is there already"}}
    | responses(404, 409, 422, 503),
    openapi_extra=body_like(EXAMPLE),
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    wanted: Annotated[NewRound, Body()],
) -> Round:
    """Opens a round over what is proposed below a node, down to disciplines; later proposals wait.

    Below a discipline, everything down to concepts is voted on. The same request again finds the round.
    """
    found, created = await rounds.open_round(database, wanted, caller, getattr(request.state, "seed", None))
    response.headers["Location"] = parts_of(request).address(f"/v1/rounds/{found.id}")
    if not created:
        response.status_code = 200
    return found


@router.get("", responses=responses(422, 503))
async def list_rounds(
    database: TheDatabase,
    state: Annotated[list[RoundState] | None, Query(description="Only these states")] = None,
    root_id: Annotated[str | None, Query(description="Only those over this node")] = None,
    node_id: Annotated[str | None, Query(description="Only those that ask about this node")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Round]:
    """The rounds, newest first."""
    return await rounds.list_rounds(database, state, root_id, node_id, limit, cursor)


@router.get("/{round_id}", responses=responses(404, 503))
async def get(database: TheDatabase, round_id: RoundId) -> Round:
    """One round, with what the last closing made of its nodes."""
    return await rounds.get(database, round_id)


@router.get("/{round_id}/result", responses=responses(404, 422, 503))
async def result(
    database: TheDatabase,
    round_id: RoundId,
    outcome: Annotated[Outcome | None, Query(description="Only these")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[NodeResult]:
    """What the votes decide about each node, parents before children; before the closing, as they are now."""
    return await results.result(database, round_id, outcome, limit, cursor)


@router.get("/{round_id}/agreement", response_model=Agreement, responses=responses(404, 422, 503))
async def agree(
    database: TheDatabase,
    round_id: RoundId,
    by: Annotated[Kind | None, Query(description="Also below each node of this kind, such as Field")] = None,
) -> Agreement:
    """How far the voters agree: percent, Fleiss' kappa, Krippendorff's alpha, Gwet's AC1, and each voter.

    Votes of models are left out of all but the list of voters.
    """
    return await agreement.of(database, round_id, by)


@router.get("/{round_id}/next", response_model=Next, responses=responses(404, 422, 503))
async def next_for(
    database: TheDatabase,
    round_id: RoundId,
    request: Request,
    for_: Annotated[
        VoterName | None, Query(alias="for", description="Whom to ask; default: the name of the token")
    ] = None,
    limit: Limit = 20,
) -> Next:
    """What to ask a person next: parents first, then what others disagree about most.

    Nothing that stands only below what is removed so far.
    """
    who = for_ or voter_of(request).name
    return await results.next_for(database, round_id, who, limit)


@router.post("/{round_id}:close", responses=responses(404, 409, 503))
async def close(database: TheDatabase, caller: TheCaller, round_id: RoundId, request: Request) -> Round:
    """Closes the round, gives its nodes the status that the votes decide, and responds when all have it.

    It continues if the client disconnects. One that was killed is continued by the same request, with the
    same result; closing a closed round changes nothing.
    """
    work = closing.close(database, round_id, caller)
    task = parts_of(request).outliving(work, "closing a round", failed="a round could not be closed")
    return await asyncio.shield(task)


@router.post("/{round_id}:reopen", responses=responses(404, 409, 422, 503), openapi_extra=body_like(REASON))
async def reopen(
    database: TheDatabase, caller: TheCaller, round_id: RoundId, wanted: Annotated[Reopening, Body()]
) -> Round:
    """Opens a closed round again; its votes still count, and its nodes stay as they are until it closes."""
    return await rounds.reopen(database, round_id, wanted.reason, caller)
