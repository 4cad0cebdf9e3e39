"""Taxonomy nodes: one by one, lists, and edits."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph.errors import Invalid, NoPath, NotFound
from graph.model import NewNode, Node, NodePatch, Status
from graph.pages import Page
from graph.proposals.added import propose_added
from graph.taxonomy import nodes
from graph.taxonomy.editing import history as node_history
from graph.taxonomy.editing.history import Edit
from graph.taxonomy.walking import effective, search, traversal
from graph.taxonomy.walking.traversal import Listing
from service.http.errors import responses
from service.http.etags import of_node, versions_named
from service.parts import parts_of
from service.refusals import PreconditionRequired
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, IfMatch, Limit, NodeId, StatusFilter, TheListing

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])
collection_router = APIRouter(tags=["nodes"])


def _tag(node: Node, response: Response) -> Node:
    response.headers["ETag"] = of_node(node)
    return node


def _required(request: Request, node_id: str) -> frozenset[int] | None:
    """The versions that If-Match accepts, or None for any; raises PreconditionRequired where it is absent."""
    if "if-match" not in request.headers:
        raise PreconditionRequired("send If-Match with the ETag of the node as you read it")
    return versions_named(request, node_id)


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Node, "description": "The node existed already"}}
    | responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"kind": "Field", "name": "Games", "parent_id": "0199f0c2a7b1c3d4e5f60718"}),
)
async def insert(
    database: TheDatabase, caller: TheCaller, node: NewNode, request: Request, response: Response
) -> Node:
    """Inserts a node; repeating a name under the same parent returns the existing node.

    One with the status proposed, unless it is a taxonomy, gets a proposal to add it, which is decided like
    all others.
    """
    inserted, created = await nodes.insert(database, node, by=caller, also=propose_added)
    response.status_code = 201 if created else 200
    response.headers["Location"] = parts_of(request).address(f"/v1/nodes/{inserted.id}")
    return _tag(inserted, response)


@router.get("", responses=responses(404, 422, 503))
async def list_nodes(
    database: TheDatabase,
    listing: TheListing,
    name: Annotated[str | None, Query(description="Exactly this name, normalised")] = None,
    q: Annotated[str | None, Query(description="Full-text search: words, prefixes, small typos")] = None,
    under: Annotated[str | None, Query(description="Only nodes below this one")] = None,
    uri: Annotated[str | None, Query(description="Only the concept with this URI, of any taxonomy")] = None,
    notation: Annotated[str | None, Query(description="Only nodes with this code")] = None,
    status: StatusFilter = None,
    effective_status: Annotated[
        list[Status] | None,
        Query(
            description="Only nodes that count so: of all ways from a taxonomy down to it, the best one's "
            "worst status. Only what is accepted in this sense is grown"
        ),
    ] = None,
) -> Page[Node]:
    """Nodes, ordered by id; with `under` ordered as by `descendants`, with `q` by relevance.

    `q` finds every node by its own name, by its plain spelling (strasse for Straße) and without accents.

    Filters can be combined; a node is listed if it passes all of them.
    """

    async def turn(cursor: str | None, limit: int) -> Page[Node]:
        wanted = Listing(**listing | {"cursor": cursor, "limit": limit})
        if effective_status and not status:
            wanted["statuses"] = tuple(Status)
        if uri is not None or notation is not None:
            return await search.identified(
                database, uri=uri, notation=notation, name=name, under=under, **wanted
            )
        if q is not None:
            return await search.search(database, q, name=name, under=under, **wanted)
        return await traversal.list_nodes(database, name=name, under=under, **wanted)

    if q is not None and (uri is not None or notation is not None):
        raise Invalid("q cannot be combined with uri or notation: ask for one of them")
    limit, cursor = traversal.limit_of(listing), listing.get("cursor")
    if effective_status:
        return await effective.only(database, effective_status, turn, limit, cursor)
    return await turn(cursor, limit)


@router.get("/{node_id}", responses=responses(404, 503))
async def get(database: TheDatabase, node_id: NodeId, response: Response) -> Node:
    """One node, with its ETag."""
    return _tag(await nodes.get(database, node_id), response)


@router.patch(
    "/{node_id}",
    responses=responses(400, 404, 409, 412, 422, 428, 503),
    openapi_extra=body_like({"weight": 2.5, "properties": {"reviewed": True}}),
)
async def change(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    node_id: NodeId,
    patch: NodePatch,
    response: Response,
    _: IfMatch = None,
) -> Node:
    """Changes the given fields; renaming a concept or session makes the instructions drawn from it stale."""
    return _tag(await nodes.patch(database, node_id, patch, _required(request, node_id), by=caller), response)


class Removed(BaseModel):
    """The number of nodes retired or removed for good."""

    retired: int | None = Field(default=None, description="Nodes retired; absent after a purge")
    purged: int | None = Field(default=None, description="Nodes removed for good; absent after a retirement")


class Removal(StrEnum):
    """retire keeps the history; purge keeps nothing but a record of what was removed."""

    retire = "retire"
    purge = "purge"


@router.delete("/{node_id}", response_model_exclude_none=True, responses=responses(404, 409, 412, 422, 503))
async def remove(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    node_id: NodeId,
    mode: Annotated[
        Removal,
        Query(
            description="retire keeps the history; purge removes for good what no instruction was made from"
        ),
    ] = Removal.retire,
    import_id: Annotated[
        str | None,
        Query(
            description="To retire: the import that does not have it any more; one that has it brings it back"
        ),
    ] = None,
    _: IfMatch = None,
) -> Removed:
    """Retires or purges a node and whatever is reachable only through it.

    A purge is refused (409) while an instruction of any status was made from what would be removed, or an
    unfinished job grows from it.
    """
    version = versions_named(request, node_id)
    if mode is Removal.purge:
        return Removed(purged=await nodes.purge(database, node_id, version, by=caller))
    retired = await nodes.retire(database, node_id, version, by=caller, import_id=import_id)
    return Removed(retired=retired)


class Move(BaseModel):
    """The parent a node leaves and the one it is moved to."""

    model_config = ConfigDict(extra="forbid")

    from_id: str = Field(description="Id of the parent to move it from; its other parents stay")
    to_id: str = Field(description="Id of the parent to move it to")
    position: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None,
        description="Number of siblings before it; last if absent or too large",
    )


@router.post(
    "/{node_id}:move",
    responses=responses(404, 409, 412, 422, 503),
    openapi_extra=body_like({"from_id": "0199f0c2a7b1c3d4e5f60718", "to_id": "0199f0c2a7b1c3d4e5f60719"}),
)
async def move(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    node_id: NodeId,
    body: Move,
    response: Response,
    _: IfMatch = None,
) -> Node:
    """Moves a node from one parent to another.

    Instructions made from a concept in the session it leaves, or from a session in the syllabus it leaves,
    become stale.
    """
    version = versions_named(request, node_id)
    moved = await nodes.move(
        database, node_id, body.from_id, body.to_id, position=body.position, version=version, by=caller
    )
    return _tag(moved, response)


class Merge(BaseModel):
    """The node to merge into."""

    model_config = ConfigDict(extra="forbid")

    into_id: str = Field(description="Id of the node that stays; of the same kind")


@router.post(
    "/{node_id}:merge",
    responses=responses(404, 409, 412, 422, 503),
    openapi_extra=body_like({"into_id": "0199f0c2a7b1c3d4e5f60719"}),
)
async def merge(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    node_id: NodeId,
    body: Merge,
    response: Response,
    _: IfMatch = None,
) -> Node:
    """Merges a node into another, which takes over its children, parents, instructions and
    properties.

    The old id becomes an alias. Children of the same kind and name are merged too, as are concepts of the
    same name in a discipline. Instructions made from a merged concept or session become stale.
    """
    version = versions_named(request, node_id)
    return _tag(await nodes.merge(database, node_id, body.into_id, version=version, by=caller), response)


@router.get("/{node_id}/history", responses=responses(404, 422, 503))
async def history(
    database: TheDatabase, node_id: NodeId, limit: Limit = 100, cursor: Cursor = None
) -> Page[Edit]:
    """The edits of a node: author, change and time, newest first; also for a purged node."""
    return await node_history.of(database, node_id, limit=limit, cursor=cursor)


@router.put("/{node_id}/children/{child_id}", responses=responses(404, 409, 422, 503))
async def link(
    database: TheDatabase,
    caller: TheCaller,
    node_id: NodeId,
    child_id: Annotated[str, Path(description="Id of the node to link below it")],
    response: Response,
    position: Annotated[
        int | None, Query(ge=0, lt=2**31, description="Number of siblings before it; default: all")
    ] = None,
) -> Node:
    """Links a node under one more parent."""
    return _tag(await nodes.link(database, node_id, child_id, position, by=caller), response)


@router.delete("/{node_id}/children/{child_id}", status_code=204, responses=responses(404, 409, 503))
async def unlink(
    database: TheDatabase,
    caller: TheCaller,
    node_id: NodeId,
    child_id: Annotated[str, Path(description="Id of the node to unlink")],
) -> None:
    """Unlinks a node from a parent; refused if it has no other."""
    await nodes.unlink(database, node_id, child_id, by=caller)


@collection_router.get("/v1/nodes:resolve", responses=responses(404, 409, 503))
async def resolve(
    database: TheDatabase,
    path: Annotated[
        str, Query(description="An id, or a path of names starting at any node: Natural sciences/Physics")
    ],
    response: Response,
) -> Node:
    """The node that a path of names leads to; 409 if several match."""
    try:
        found = await traversal.resolve(database, path)
    except NoPath as error:
        names = await search.nearest(database, error)
        hint = f"; did you mean {' or '.join(map(repr, names))}?" if names else ""
        raise NotFound(f"{error}{hint}") from error
    return _tag(await nodes.get(database, found), response)
