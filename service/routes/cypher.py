"""The read door: runs users' own Cypher."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph.queries import load
from graph.read_door import tables
from graph.read_door.gate import LONGEST_TEXT
from service.http.errors import responses
from service.media.tables import RESPONSES, TheMost, respond
from service.routes import TheDatabase, body_like

router = APIRouter(tags=["queries"])

USUAL_ROWS = 1_000
EXAMPLE = load("explore.jobs")
Limit = Annotated[
    int | None,
    Field(ge=1, description=f"Maximum number of rows; default {USUAL_ROWS}, at most GLAN_QUERY_MOST_ROWS"),
]
TimeOut = Annotated[
    float | None,
    Field(
        gt=0,
        allow_inf_nan=False,
        description="Timeout in seconds; default GLAN_QUERY_TIMEOUT_S, at most GLAN_QUERY_LONGEST_S",
    ),
]


class OwnQuery(BaseModel):
    """A Cypher query written by the user."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(max_length=LONGEST_TEXT, description="One read-only statement")
    params: dict[str, Any] = Field(default_factory=dict, description="Parameters by name, without the $")
    limit: Limit = None
    timeout_s: TimeOut = None


@router.post(
    "/v1/cypher",
    responses=RESPONSES | responses(400, 406, 408, 503),
    openapi_extra=body_like({"query": EXAMPLE.text, "params": EXAMPLE.example, "limit": 100}),
)
async def cypher(database: TheDatabase, most: TheMost, request: Request, body: OwnQuery) -> Response:
    """Runs your own read-only Cypher; anything else is refused (403), naming the part that is not allowed.

    It runs in a read transaction that ends after `timeout_s` (408) and with `limit` rows; `truncated` says
    that there are more, and `truncated_by` why. Nodes, relationships and paths come as objects that graph
    libraries can draw: {"id","labels","properties"}, {"id","type","start","end","properties"},
    {"nodes","relationships"}.
    """
    bounds = most.bounds(body.limit, body.timeout_s, USUAL_ROWS)
    return await respond(request, tables.own(database, body.query, body.params, bounds))
