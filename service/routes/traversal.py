"""Traversals of the taxonomy."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from graph.instructions.instructions import PathStep
from graph.model import Kind, Node, Status
from graph.pages import Page
from graph.taxonomy.walking import traversal
from service.http.errors import responses
from service.routes import TheDatabase
from service.routes.parameters import Depth, NodeId, StatusFilter, TheListing, statuses_of

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])


class Tree(BaseModel):
    """A subtree, nested."""

    id: str
    kind: Kind
    name: str
    status: Status
    counts: dict[Kind, int] = Field(description="Number of nodes below by kind, each counted once")
    children: list["Tree"] = Field(description="Nodes down to the requested depth")


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
    """The subtree, nested, with the number of nodes of each kind below every node."""
    return Tree.model_validate(await traversal.tree(database, node_id, depth, statuses_of(status)))


class Paths(BaseModel):
    """All paths from a root down to a node."""

    items: list[list[PathStep]]


@router.get("/{node_id}/paths", responses=responses(404, 503))
async def paths(database: TheDatabase, node_id: NodeId) -> Paths:
    """All paths from a root down to the node."""
    return Paths.model_validate({"items": await traversal.paths(database, node_id)})
