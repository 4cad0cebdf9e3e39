"""A subtree in the formats of networkx and similar tools, and analyses of its concepts and questions."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response

from graph.analysis import concepts, formats, read
from graph.analysis.concepts import Analysis
from graph.analysis.formats import NodeLink
from graph.model import Kind
from graph.taxonomy.walking.traversal import PRESENT
from service.http.errors import responses
from service.http.worker_process import compute
from service.routes import TheDatabase
from service.routes.parameters import Depth, NodeId, StatusFilter

router = APIRouter(prefix="/v1/nodes", tags=["analysis"])

GRAPHML = "application/graphml+xml"


class GraphFormat(StrEnum):
    """node-link: the JSON of networkx; graphml: XML that Gephi, Cytoscape, yEd and igraph read as well."""

    node_link = "node-link"
    graphml = "graphml"


@router.get(
    "/{node_id}/graph",
    response_model=NodeLink,
    responses={
        200: {
            "description": 'For networkx: `nx.node_link_graph(answer, edges="edges")`, or `nx.read_graphml`',
            "content": {GRAPHML: {"schema": {"type": "string"}}},
        }
    }
    | responses(404, 422, 503),
)
async def graph(
    database: TheDatabase,
    node_id: NodeId,
    format_: Annotated[GraphFormat, Query(alias="format", description="node-link (JSON) or graphml")] = (
        GraphFormat.node_link
    ),
    depth: Depth = None,
    kind: Annotated[list[Kind] | None, Query(description="Return only nodes of these kinds")] = None,
    status: StatusFilter = None,
) -> Response:
    """The subtree as a graph: each node once, however many ways lead to it, and the links between them.

    A node excluded by its status takes along what is reachable only through it. Where more than 25,000 nodes
    would have to be read it is refused (422), before they are.
    """
    found = await read.subtree(database, node_id, kinds=kind or (), depth=depth, statuses=status or PRESENT)
    if format_ is GraphFormat.graphml:
        return Response(await compute(formats.graphml, found), media_type=GRAPHML)
    return Response(await compute(formats.node_link, found), media_type="application/json")


@router.get("/{node_id}/analysis", responses=responses(404, 422, 503))
async def analyse(
    database: TheDatabase,
    node_id: NodeId,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of items per list")] = 20,
) -> Analysis:
    """How instructions bring the concepts below a node together: communities, bridges, isolated concepts.

    Two concepts are linked when an accepted instruction covers both. Where more than 25,000 nodes or 400,000
    links between instructions and concepts would have to be read it is refused (422), before they are.
    """
    return await compute(concepts.analyse, await read.cooccurrence(database, node_id), limit)
