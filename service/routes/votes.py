"""The votes of a round."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, Field

from graph.access.tokens import NOBODY
from graph.pages import Page
from graph.review import loading, votes
from graph.review.loading import LoadReport
from graph.review.votes import NewVote, Vote, Voter
from service.http.errors import responses
from service.http.voters import TheVoter
from service.media import vote_lines
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit, NodeId
from service.routes.rounds import RoundId

router = APIRouter(prefix="/v1/rounds", tags=["rounds"])

EXAMPLE = {"choice": "remove", "comment": "A part of Physics."}
LINE = '{"uri": "http://example.org/optics", "who": "Ada", "choice": "keep"}\n'


class Undone(BaseModel):
    """What counts after a vote was taken back."""

    vote: Vote | None = Field(description="The vote before, which counts again; null if there was none")


@router.put(
    "/{round_id}/votes/{node_id}",
    responses=responses(403, 404, 409, 422, 503),
    openapi_extra=body_like(EXAMPLE),
)
async def cast(
    database: TheDatabase,
    voter: TheVoter,
    round_id: RoundId,
    node_id: NodeId,
    wanted: Annotated[NewVote, Body()],
) -> Vote:
    """Votes on a node, in the name of the token; another vote replaces it, and the one before is kept.

    The same vote again changes nothing.
    """
    return await votes.cast(database, round_id, node_id, voter, wanted)


@router.delete("/{round_id}/votes/{node_id}", responses=responses(403, 404, 409, 422, 503))
async def undo(database: TheDatabase, voter: TheVoter, round_id: RoundId, node_id: NodeId) -> Undone:
    """Takes back one's vote on a node; the vote before, if there was one, counts again."""
    return Undone(vote=await votes.undo(database, round_id, node_id, voter))


@router.post(
    "/{round_id}/votes:bulk",
    responses=responses(404, 409, 413, 415, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": vote_lines.EXAMPLE},
                "application/x-ndjson": {"schema": vote_lines.SCHEMA, "example": LINE},
            },
        }
    },
)
async def load_votes(
    database: TheDatabase, caller: TheCaller, round_id: RoundId, request: Request
) -> LoadReport:
    """Loads votes of others from a file, each marked with who loads it; bad lines do not stop good ones.

    What a person has voted with a token stays as it is.
    """
    parts = await vote_lines.read(request.headers.get("content-type", ""), await request.body())
    loader = Voter(caller, unverified=caller == NOBODY)
    return await loading.load_votes(database, round_id, parts, loader)


@router.get("/{round_id}/votes", responses=responses(404, 422, 503))
async def list_votes(
    database: TheDatabase,
    round_id: RoundId,
    node: Annotated[str | None, Query(description="Only votes on the node with this id")] = None,
    who: Annotated[str | None, Query(description="Only votes of this person")] = None,
    history: Annotated[bool, Query(description="Also those that were replaced or undone")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Vote]:
    """The votes, in the order in which they came."""
    return await votes.list_votes(database, round_id, node, who, history=history, limit=limit, cursor=cursor)
