"""Proposed changes of the taxonomy: lists, decisions, and the search for duplicates."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph.model import Text
from graph.pages import Page
from graph.proposals import deciding, finding, listing, searches, suggesting
from graph.proposals.decisions import Decided, Decision, decide
from graph.proposals.listing import Wanted
from graph.proposals.proposal import Proposal, ProposalKind, ProposalState
from graph.proposals.searches import DuplicateSearch, SearchSpec
from graph.proposals.suggesting import Suggestion
from service.http.errors import responses
from service.http.worker_process import compute
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, NodeId

router = APIRouter(prefix="/v1/proposals", tags=["proposals"])
search_router = APIRouter(prefix="/v1", tags=["proposals"])

ProposalId = Annotated[str, Path(description="Id of a proposal")]


class Comment(BaseModel):
    """What is said with a decision."""

    model_config = ConfigDict(extra="forbid")

    comment: Annotated[Text, Field(max_length=2_000)] | None = None


@router.get("", responses=responses(422, 503))
async def list_proposals(
    database: TheDatabase,
    kind: Annotated[list[ProposalKind] | None, Query(description="Only these kinds")] = None,
    state: Annotated[
        list[ProposalState] | None, Query(description="Only these states; default: open")
    ] = None,
    tier: Annotated[
        list[int] | None, Query(description="Only merges of these tiers, 1 to 4", max_length=4)
    ] = None,
    under: Annotated[Text | None, Query(description="Only about nodes at or below this one")] = None,
    q: Annotated[
        Text | None,
        Query(max_length=500, description="Only with this in a name, or the first line of the evidence"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Maximum number of items per page")] = 50,
    cursor: Cursor = None,
) -> Page[Proposal]:
    """Proposals with their evidence and the paths of their nodes: by tier and score, the best first."""
    wanted = Wanted(kind=kind, tier=tier, under=under, q=q)
    return await listing.list_proposals(database, wanted, state, limit, cursor)


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Proposal, "description": "It was proposed before, and is as it was decided"}}
    | responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(
        {
            "kind": "remove",
            "about": [{"id": "0199f0c2a7b1c3d4e5f60718", "role": "subject"}],
            "evidence": ["nobody teaches it any more"],
        }
    ),
)
async def suggest(
    database: TheDatabase, caller: TheCaller, request: Request, response: Response, suggestion: Suggestion
) -> Proposal:
    """Proposes a change of the taxonomy: to merge, remove, move, rename or update nodes.

    The same change is one proposal, whoever proposes it. One that was rejected stays so, unless the evidence
    is another one. To propose a new node, insert it with the status proposed.
    """
    proposal, is_new = await suggesting.suggest(database, suggestion, by=caller)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = parts_of(request).address(f"/v1/proposals/{proposal.id}")
    return proposal


@router.post(
    ":decide",
    responses=responses(400, 409, 422, 503),
    openapi_extra=body_like({"decision": "accept", "filter": {"kind": ["merge"], "tier": [1, 2]}}),
)
async def decide_many(
    database: TheDatabase, caller: TheCaller, decision: Annotated[Decision, Body()]
) -> Decided:
    """Decides up to 100 proposals, each in a transaction of its own.

    With a filter, repeat it with the `next` of the response until that is null. What is refused is listed
    with its reason and stays as it was. Repeating a request changes nothing more.
    """
    return await decide(database, decision, by=caller)


@router.get("/{proposal_id}", responses=responses(404, 503))
async def get(database: TheDatabase, proposal_id: ProposalId) -> Proposal:
    """One proposal."""
    return await listing.get(database, proposal_id)


@router.post(
    "/{proposal_id}:accept",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"comment": "the same journal names both"}),
)
async def accept(
    database: TheDatabase, caller: TheCaller, proposal_id: ProposalId, said: Comment | None = None
) -> Proposal:
    """Does what is proposed, as an edit of the caller's, in the transaction that stores the decision.

    If the edit is refused (409), the proposal stays open, with the reason in `refusal`. Repeating it changes
    nothing.
    """
    comment = said.comment if said else None
    return await deciding.accept(database, proposal_id, by=caller, comment=comment)


@router.post(
    "/{proposal_id}:reject",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"comment": "one is a planet"}),
)
async def reject(
    database: TheDatabase, caller: TheCaller, proposal_id: ProposalId, said: Comment | None = None
) -> Proposal:
    """Rejects a proposal; it comes up again only if its evidence changes, and may be accepted later.

    A node that was to be added gets the status rejected.
    """
    comment = said.comment if said else None
    return await deciding.reject(database, proposal_id, by=caller, comment=comment)


@search_router.post(
    "/nodes/{node_id}:find_duplicates",
    status_code=202,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"across": ["0199f0c2a7b1c3d4e5f60719"], "tier": 4}),
)
async def find_duplicates(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    node_id: NodeId,
    spec: SearchSpec | None = None,
) -> DuplicateSearch:
    """Begins to look for nodes below a node that may be the same; what is found becomes proposals to merge.

    Fields, sub-fields, disciplines and subjects are compared, each kind with itself. Poll the address in
    `Location` for its progress. The same request while it is running returns the running search.
    """
    seed: str | None = getattr(request.state, "seed", None)
    search, fresh = await searches.begin(database, node_id, spec or SearchSpec(), caller, seed)
    parts = parts_of(request)
    if fresh:
        # One at a time: each may hold the names of 200,000 nodes.
        running = finding.run(parts.database, search, compute, parts.searching)
        parts.outliving(running, "finding duplicates")
    response.headers["Location"] = parts.address(f"/v1/duplicate_searches/{search.id}")
    return search


@search_router.get("/duplicate_searches/{search_id}", responses=responses(404, 503))
async def duplicate_search(
    database: TheDatabase, search_id: Annotated[str, Path(description="Id of a search for duplicates")]
) -> DuplicateSearch:
    """A search for duplicates: how far it is, and what it has found."""
    return await searches.get(database, search_id)
