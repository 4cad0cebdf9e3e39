"""Coverage of a subtree."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from generators.spaces.strata import ALL_STRATA
from graph import coverage
from graph.coverage import Coverage, Day, Gap
from graph.model import Kind
from graph.pages import Page
from service.http.errors import responses
from service.routes import TheDatabase
from service.routes.parameters import Cursor, Limit, NodeId

router = APIRouter(prefix="/v1/nodes", tags=["coverage"])

STRATUM_NAMES = [str(stratum) for stratum in ALL_STRATA]


@router.get("/{node_id}/coverage", responses=responses(404, 422, 503))
async def of(
    database: TheDatabase,
    node_id: NodeId,
    by: Annotated[
        Kind | None, Query(description="Return a page of rows instead, one for each node of this kind below")
    ] = None,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Coverage | Page[Coverage]:
    """How the accepted instructions below a node spread over its concepts."""
    if by is None:
        return await coverage.of(database, node_id, STRATUM_NAMES)
    return await coverage.by_kind(database, node_id, by, STRATUM_NAMES, limit, cursor)


class Growth(BaseModel):
    """The coverage of a subtree day by day."""

    items: list[Day]


@router.get("/{node_id}/coverage/growth", responses=responses(404, 503))
async def growth(database: TheDatabase, node_id: NodeId) -> Growth:
    """How coverage grew day by day, counting the instructions that are accepted now."""
    return Growth(items=await coverage.growth(database, node_id))


@router.get("/{node_id}/coverage/gaps", responses=responses(404, 422, 503))
async def gaps(
    database: TheDatabase, node_id: NodeId, limit: Limit = 100, cursor: Cursor = None
) -> Page[Gap]:
    """The concepts below a node, the least covered first."""
    return await coverage.gaps(database, node_id, limit, cursor)
