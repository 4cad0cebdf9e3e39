"""The named read queries of cypher/, to look at and to run."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from graph import queries, reading
from graph.errors import GraphError, Invalid
from service.errors import responses
from service.routes import TheDatabase

router = APIRouter(prefix="/v1/queries", tags=["queries"])


class Parameter(BaseModel):
    """A parameter of a named query."""

    type: str
    meaning: str


class NamedQuery(BaseModel):
    """A named query; `text` can be pasted into Neo4j Browser."""

    name: str
    meaning: str
    text: str
    params: dict[str, Parameter]
    example: dict[str, Any]


class QueryList(BaseModel):
    """All named read queries."""

    items: list[NamedQuery]


class QueryParams(BaseModel):
    """Parameters of a query, as a JSON object."""

    params: dict[str, Any] = Field(default_factory=dict)


@router.get("", responses=responses(503))
async def list_queries() -> QueryList:
    """The named read queries with their text, meaning and parameters."""
    return QueryList(
        items=[
            NamedQuery(
                name=q.name,
                meaning=q.meaning,
                text=q.text,
                params={n: Parameter(type=p.type, meaning=p.meaning) for n, p in q.params.items()},
                example=q.example,
            )
            for q in queries.readable()
        ]
    )


@router.post(
    "/{name}",
    responses=responses(400, 404, 422, 503),
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"params": {"id": "0199f0c2a7b1c3d4e5f60718"}}}}
        }
    },
)
async def run(
    database: TheDatabase,
    name: Annotated[str, Path(description="Such as explore.thin_subjects")],
    body: QueryParams,
) -> reading.Table:
    """Runs a named query; a parameter that is not given is taken from its example, but for ids."""
    try:
        return await reading.run_named(database, name, body.params)
    except GraphError as error:
        if type(error) is GraphError:  # Neo4j refuses a value, such as a limit below 0
            raise Invalid(str(error)) from error
        raise
