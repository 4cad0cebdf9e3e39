"""Taxonomy nodes: edits and traversals."""

import json
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from graph import nodes, traversal
from graph.errors import Invalid
from graph.instructions import PathStep
from graph.model import Kind, NewNode, Node, NodePatch, Status
from graph.pages import Page
from graph.traversal import Listing
from service import bulk, bulk_items
from service.errors import responses
from service.routes import TheDatabase

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])

NodeId = Annotated[str, Path(description="Id of a node", examples=["0199f0c2a7b1c3d4e5f60718"])]
KindFilter = Annotated[Kind | None, Query(description="Only nodes of this kind")]
StatusFilter = Annotated[
    list[Status] | None, Query(description="Only these statuses; default: all but retired")
]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]
Depth = Annotated[int | None, Query(ge=1, le=100, description="At most so many links away")]


class Tree(BaseModel):
    """A subtree, nested."""

    id: str
    kind: Kind
    name: str
    status: Status
    counts: dict[Kind, int] = Field(description="Nodes below, by kind, each once")
    children: list["Tree"]


class BulkLine(BaseModel):
    """What became of one line of a bulk insertion."""

    line: int = Field(description="Counted from 1")
    status: str = Field(description="created, existing or error")
    id: str | None = None
    error: str | None = None


def _statuses(chosen: list[Status] | None) -> tuple[Status, ...]:
    return tuple(chosen) if chosen else traversal.PRESENT


def _listing(
    kind: KindFilter = None, status: StatusFilter = None, limit: Limit = 100, cursor: Cursor = None
) -> Listing:
    return Listing(kind=kind, statuses=_statuses(status), limit=limit, cursor=cursor)


TheListing = Annotated[Listing, Depends(_listing)]


def _tag(node: Node, response: Response) -> Node:
    response.headers["ETag"] = f'"{node.version}"'
    return node


def _version(if_match: str | None) -> int:
    if if_match is None:
        raise HTTPException(428, "send If-Match with the ETag of the node as you read it")
    try:
        return int(if_match.strip().removeprefix("W/").strip('"'))
    except ValueError:
        raise HTTPException(412, f"If-Match: {if_match} is no ETag of a node; read it again") from None


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Node, "description": "It was there already"}}
    | responses(400, 404, 409, 422, 503),
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"kind": "Field", "name": "Games", "parent_id": "…"}}}
        }
    },
)
async def insert(database: TheDatabase, node: NewNode, request: Request, response: Response) -> Node:
    """Inserts a node; the same name under the same parent again gives the node that is there."""
    inserted, created = await nodes.insert(database, node, by="rest")
    response.status_code = 201 if created else 200
    response.headers["Location"] = f"/v1/nodes/{inserted.id}"
    return _tag(inserted, response)


@router.get("", responses=responses(404, 422, 503))
async def list_nodes(
    database: TheDatabase,
    listing: TheListing,
    name: Annotated[str | None, Query(description="Exactly this name, normalised")] = None,
    q: Annotated[str | None, Query(description="Full text: words, prefixes, small typos")] = None,
    under: Annotated[str | None, Query(description="Only below this node")] = None,
) -> Page[Node]:
    """Nodes in the order of their ids or, with `q`, the best match first."""
    if q is not None:
        if name is not None:
            raise Invalid("give either q or name")
        return await traversal.search(database, q, under=under, **listing)
    return await traversal.list_nodes(database, name=name, under=under, **listing)


@router.get("/{node_id}", responses=responses(404, 503))
async def get(database: TheDatabase, node_id: NodeId, response: Response) -> Node:
    """One node, with its ETag."""
    return _tag(await nodes.get(database, node_id), response)


@router.patch(
    "/{node_id}",
    responses=responses(400, 404, 409, 412, 422, 428, 503),
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"weight": 2.5, "properties": {"reviewed": True}}}}
        }
    },
)
async def change(
    database: TheDatabase,
    node_id: NodeId,
    patch: NodePatch,
    response: Response,
    if_match: Annotated[str | None, Header(description="ETag of the node as you read it")] = None,
) -> Node:
    """Changes what is given; a renamed concept or session makes what was drawn from it stale."""
    return _tag(await nodes.patch(database, node_id, patch, _version(if_match)), response)


class Retired(BaseModel):
    """How many nodes were retired."""

    retired: int


@router.delete("/{node_id}", responses=responses(404, 412, 422, 503))
async def retire(
    database: TheDatabase,
    node_id: NodeId,
    mode: Annotated[str, Query(pattern="^retire$", description="retire: keeps the history")] = "retire",
    if_match: Annotated[str | None, Header(description="ETag of the node as you read it")] = None,
) -> Retired:
    """Retires a node and what hangs on it alone."""
    version = None if if_match is None else _version(if_match)
    return Retired(retired=await nodes.retire(database, node_id, version))


@router.get("/{node_id}/children", responses=responses(404, 422, 503))
async def children(
    database: TheDatabase,
    node_id: NodeId,
    listing: TheListing,
) -> Page[Node]:
    """The nodes directly below, in order."""
    return await traversal.children(database, node_id, **listing)


@router.get("/{node_id}/parents", responses=responses(404, 422, 503))
async def parents(
    database: TheDatabase,
    node_id: NodeId,
    listing: TheListing,
) -> Page[Node]:
    """The nodes directly above."""
    return await traversal.parents(database, node_id, **listing)


@router.get("/{node_id}/ancestors", responses=responses(404, 422, 503))
async def ancestors(
    database: TheDatabase,
    node_id: NodeId,
    listing: TheListing,
    depth: Depth = None,
) -> Page[Node]:
    """All nodes above, each once."""
    return await traversal.ancestors(database, node_id, depth=depth, **listing)


@router.get("/{node_id}/descendants", responses=responses(404, 422, 503))
async def descendants(
    database: TheDatabase,
    node_id: NodeId,
    listing: TheListing,
    depth: Depth = None,
) -> Page[Node]:
    """All nodes below, each once."""
    return await traversal.descendants(database, node_id, depth=depth, **listing)


@router.get("/{node_id}/tree", responses=responses(404, 422, 503))
async def tree(
    database: TheDatabase,
    node_id: NodeId,
    depth: Annotated[int, Query(ge=0, le=20, description="Levels below the node")] = 2,
    status: StatusFilter = None,
) -> Tree:
    """The subtree, nested, with how many nodes of each kind are below each."""
    return Tree.model_validate(await traversal.tree(database, node_id, depth, _statuses(status)))


class Paths(BaseModel):
    """All ways from a root down to a node."""

    items: list[list[PathStep]]


@router.get("/{node_id}/paths", responses=responses(404, 503))
async def paths(database: TheDatabase, node_id: NodeId) -> Paths:
    """All ways from a root down to the node."""
    return Paths.model_validate({"items": await traversal.paths(database, node_id)})


@router.put("/{node_id}/children/{child_id}", responses=responses(404, 409, 422, 503))
async def link(
    database: TheDatabase,
    node_id: NodeId,
    child_id: Annotated[str, Path(description="Id of the node to put below")],
    response: Response,
    position: Annotated[int | None, Query(ge=0, lt=2**31, description="Place among its siblings")] = None,
) -> Node:
    """Puts a node under one more parent."""
    return _tag(await nodes.link(database, node_id, child_id, position), response)


@router.delete("/{node_id}/children/{child_id}", status_code=204, responses=responses(404, 409, 503))
async def unlink(
    database: TheDatabase,
    node_id: NodeId,
    child_id: Annotated[str, Path(description="Id of the node to take away")],
) -> None:
    """Takes a node from under a parent, if it has another."""
    await nodes.unlink(database, node_id, child_id)


collection_router = APIRouter(tags=["nodes"])


@collection_router.get("/v1/nodes:resolve", responses=responses(404, 409, 503))
async def resolve(
    database: TheDatabase,
    path: Annotated[str, Query(description="An id, or names from any node down: Natural sciences/Physics")],
    response: Response,
) -> Node:
    """The node that a path of names leads to; 409 where several fit."""
    return _tag(await nodes.get(database, await traversal.resolve(database, path)), response)


@collection_router.post(
    "/v1/nodes:bulk",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One BulkLine a line of input, as NDJSON",
            "content": {"application/x-ndjson": {"schema": BulkLine.model_json_schema()}},
        }
    }
    | responses(413, 415, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "example": '{"ref":"g","kind":"Field","name":"Games","parent_path":"GLAN"}\n'
                    '{"kind":"Discipline","name":"Chess","parent_ref":"g"}'
                },
                "application/json": {
                    "schema": {"type": "array", "items": {"type": "object"}},
                    "example": [{"kind": "Discipline", "name": "Chess", "parent_path": "GLAN/Games"}],
                },
            },
        }
    },
)
async def insert_bulk(
    database: TheDatabase,
    request: Request,
    atomic: Annotated[bool, Query(description="All or none")] = False,
) -> StreamingResponse:
    """Inserts many nodes and answers a line for each; bad ones do not stop good ones."""
    source = await bulk_items.read(request.headers.get("content-type", ""), request.stream())
    if atomic:
        results = await bulk.insert_atomic(database, source, by="rest")
        return StreamingResponse(map(_line, results), media_type="application/x-ndjson")
    lines = (_line(result) async for result in bulk.insert(database, source, by="rest"))
    return DuplexResponse(lines, media_type="application/x-ndjson")


class DuplexResponse(StreamingResponse):
    """Streams while the body is still read; Starlette's own, listening for a disconnect, would eat it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A client that leaves ends the body, and with it the response; what was inserted stays."""
        with suppress(ClientDisconnect, OSError):
            await self.stream_response(send)


def _line(result: dict[str, Any]) -> bytes:
    # An error may quote anything the client sent, half a surrogate pair as well.
    return json.dumps(result, ensure_ascii=False).encode(errors="replace") + b"\n"
