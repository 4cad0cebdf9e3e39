"""The named read queries of cypher/: lists and runs them."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph import queries
from graph.queries import Query, Reads
from graph.read_door import tables
from service.http.errors import responses
from service.media.tables import RESPONSES, TheMost, respond
from service.routes import TheDatabase, body_like
from service.routes.cypher import Limit, TimeOut

router = APIRouter(prefix="/v1/queries", tags=["queries"])

USUAL_ROWS = 10_000
Name = Annotated[str, Path(description="Such as explore.thin_subjects")]


class Parameter(BaseModel):
    """A parameter of a named query."""

    type: str = Field(
        description="string, integer, float, boolean, list or map; `or null` where it may be null"
    )
    meaning: str = Field(description="What it means")


class QueryCost(BaseModel):
    """What a query takes that reads everything of a sort below a node."""

    seconds: float = Field(description="For a million of them, as measured on two cores")
    reads: Reads = Field(description="What it reads")


class NamedQuery(BaseModel):
    """A named query."""

    name: str = Field(description="area.name")
    area: str = Field(description="Subject area, such as explore")
    meaning: str = Field(description="What it answers, in one sentence")
    text: str = Field(description="Its Cypher")
    params: dict[str, Parameter] = Field(description="Its parameters")
    example: dict[str, Any] = Field(
        description="Example values, which are the defaults of all parameters but ids"
    )
    browser: str = Field(description="Parameters and Cypher to paste into Neo4j Browser")
    cost: QueryCost | None = Field(description="Null if it does not depend on how much is below a node")

    @classmethod
    def of(cls, query: Query) -> Self:
        """The query in the form returned to clients."""
        return cls(
            name=query.name,
            area=query.area,
            meaning=query.meaning,
            text=query.text,
            params={n: Parameter(type=p.type, meaning=p.meaning) for n, p in query.params.items()},
            example=query.example,
            browser=query.browser,
            cost=query.cost and QueryCost(seconds=query.cost.seconds, reads=query.cost.reads),
        )


class QueryList(BaseModel):
    """All named read queries."""

    items: list[NamedQuery]


class QueryParams(BaseModel):
    """Parameters of a named query."""

    model_config = ConfigDict(extra="forbid")

    params: dict[str, Any] = Field(
        default_factory=dict, description="By name; for all but ids, the example's values are the defaults"
    )
    limit: Limit = Field(default=None, description=f"Maximum number of rows; default {USUAL_ROWS}")
    timeout_s: TimeOut = None


@router.get("", responses=responses(503))
async def list_queries() -> QueryList:
    """The named read queries with their text, meaning and parameters, by area."""
    return QueryList(items=[NamedQuery.of(query) for query in queries.offered()])


@router.get("/{name}", responses=responses(404, 503))
async def get_query(name: Name) -> NamedQuery:
    """One named query."""
    return NamedQuery.of(tables.find(name))


@router.post(
    "/{name}",
    responses=RESPONSES | responses(400, 404, 406, 408, 422, 503),
    openapi_extra=body_like({"params": {"id": "0199f0c2a7b1c3d4e5f60718"}}),
)
async def run(
    database: TheDatabase, most: TheMost, request: Request, name: Name, body: QueryParams
) -> Response:
    """Runs a named query; for a missing parameter the example's value is used, except for ids."""
    bounds = most.bounds(body.limit, body.timeout_s, USUAL_ROWS)
    return await respond(request, tables.named(database, name, body.params, bounds))
