"""Reconciliation API 0.2 (W3C Community Group): a person's table is matched with a taxonomy in OpenRefine."""

import importlib.metadata
from typing import Annotated, Any, Literal, cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from graph.database import Database
from graph.errors import Invalid
from graph.model import Kind, Text
from graph.proposals.reconciling import CALLED, IDENTIFIED, SPELLED, Candidate, candidates
from graph.taxonomy import nodes
from service.http.errors import responses
from service.loopback import leads_here
from service.media import strict_json
from service.media.content_type import media_type
from service.parts import parts_of
from service.refusals import Malformed, Unsupported
from service.routes import TheDatabase
from service.routes.parameters import NodeId
from service.taxonomies.vocabulary import GLAN

router = APIRouter(prefix="/v1/reconcile", tags=["proposals"])

FORM = "application/x-www-form-urlencoded"
MOST_QUERIES = 50
MOST_VALUES = 10_000
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPES = (Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject)
IDENTIFIERS = ("uri", "notation")


class OfType(BaseModel):
    """A type of entities: a kind of node."""

    id: str
    name: str


class View(BaseModel):
    """Where an entity is shown."""

    url: str


class Manifest(BaseModel):
    """What the service offers."""

    versions: list[str] = Field(description="Versions of the Reconciliation API")
    name: str
    identifierSpace: str = Field(description="What the ids of candidates are put behind")
    schemaSpace: str
    defaultTypes: list[OfType]
    view: View
    serviceVersion: str


class Property(BaseModel):
    """A further column of the row; uri and notation are used."""

    pid: str
    v: Any


class ReconcileQuery(BaseModel):
    """What is asked of one cell."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[Text, Field(max_length=1_000)] = ""
    type: str | list[str] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    properties: list[Property] = Field(default_factory=list[Property], max_length=20)
    type_strict: Literal["any", "all", "should"] | None = None


class Feature(BaseModel):
    """A part of the evidence."""

    id: str
    value: bool | float


class ReconcileCandidate(BaseModel):
    """A node that may be meant."""

    id: str
    name: str
    description: str
    score: float = Field(description="0 to 100")
    match: bool = Field(description="Whether it is certain; true of one candidate at most")
    type: list[OfType]
    features: list[Feature]


class ReconcileResult(BaseModel):
    """The candidates for one cell, the best first."""

    result: list[ReconcileCandidate]


Results = dict[str, ReconcileResult]
QUERIES: TypeAdapter[dict[str, ReconcileQuery]] = TypeAdapter(dict[str, ReconcileQuery])


@router.get("/{node_id}", responses=responses(404, 422, 503))
async def manifest(
    database: TheDatabase,
    request: Request,
    response: Response,
    node_id: NodeId,
    queries: Annotated[
        str | None, Query(description="Queries in JSON, by names of the client's choice")
    ] = None,
) -> Manifest | Results:
    """What this service offers, which OpenRefine asks for first; with `queries`, candidates as by POST.

    OpenRefine asks for it in the browser, from its own page; pages of this machine may read the answer.
    """
    origin = request.headers.get("origin", "")
    if leads_here(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    taxonomy = await nodes.get(database, node_id)
    if queries is not None:
        return await _answers(database, node_id, queries.encode())
    address = parts_of(request).address("/v1/nodes/")
    return Manifest(
        versions=["0.2"],
        name=f"{taxonomy.name} (glan)",
        identifierSpace=GLAN,
        schemaSpace=SKOS,
        defaultTypes=[OfType(id=kind.value, name=kind.value) for kind in TYPES],
        view=View(url=f"{request.url.scheme}://{request.url.netloc}{address}{{{{id}}}}"),
        serviceVersion=importlib.metadata.version("glan"),
    )


@router.post(
    "/{node_id}",
    responses=responses(404, 413, 415, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {"queries": {"type": "string", "description": "Queries in JSON"}},
                        "required": ["queries"],
                    },
                    "example": {"queries": '{"q0": {"query": "Optics", "limit": 3}}'},
                }
            },
        }
    },
)
async def reconcile(database: TheDatabase, request: Request, node_id: NodeId) -> Results:
    """Candidates for up to 50 texts, the best first.

    Tier 1 (URI or notation), 2 (name but for its spelling), 3 (alternative name) and 4 (similar name) are as
    in searches for duplicates. `match` is true of the only candidate of tier 1, or else of tier 2.
    """
    if media_type(request.headers.get("content-type")) != FORM:
        raise Unsupported(f"send the field queries as {FORM}")
    try:
        form = parse_qs((await request.body()).decode(), max_num_fields=10)
    except ValueError as error:
        raise Malformed(f"the form cannot be read: {error}", [("body", str(error))]) from None
    if len(form.get("queries", ())) != 1:
        raise Malformed("the form needs one field: queries", [("body.queries", "missing, or given twice")])
    await nodes.get(database, node_id)
    return await _answers(database, node_id, form["queries"][0].encode())


async def _answers(database: Database, node_id: str, text: bytes) -> Results:
    asked = _parsed(text)
    return {
        name: ReconcileResult(result=[_shown(one) for one in await _of(database, node_id, query)])
        for name, query in asked.items()
    }


def _parsed(text: bytes) -> dict[str, ReconcileQuery]:
    try:
        strict_json.require_at_most(text, MOST_VALUES)
        asked = QUERIES.validate_python(strict_json.loads(text))
    except (ValueError, strict_json.TooMany) as error:
        problems = error.errors()[:10] if isinstance(error, ValidationError) else []
        parts = [(".".join(("queries", *map(str, one["loc"]))), one["msg"]) for one in problems]
        said = "; ".join(f"{where}: {what}" for where, what in parts) or str(error)
        raise Malformed(f"queries cannot be read: {said}", parts or [("queries", said)]) from None
    if len(asked) > MOST_QUERIES:
        raise Invalid(f"{len(asked)} queries; send at most {MOST_QUERIES} at once")
    return asked


async def _of(database: Database, node_id: str, query: ReconcileQuery) -> list[Candidate]:
    wanted = [query.type] if isinstance(query.type, str) else query.type or []
    kinds = [kind for kind in Kind if kind.value in wanted]
    if wanted and not kinds and query.type_strict != "should":
        return []
    values = [one.v for one in query.properties if one.pid in IDENTIFIERS]
    flat = [
        item for value in values for item in (cast(list[Any], value) if isinstance(value, list) else [value])
    ]
    # A value is a text, or an entity that another column was matched with.
    named = [cast(dict[str, Any], item).get("id") if isinstance(item, dict) else item for item in flat]
    identifiers = [item for item in named if isinstance(item, str)][:10]
    return await candidates(
        database,
        node_id,
        query.query,
        kinds=() if query.type_strict == "should" else kinds,
        identifiers=identifiers,
        limit=min(query.limit or 10, 50),
    )


def _shown(one: Candidate) -> ReconcileCandidate:
    node = one.node
    return ReconcileCandidate(
        id=node.id,
        name=node.name,
        description=node.description[:200],
        score=round(one.score, 1),
        match=one.match,
        type=[OfType(id=node.kind.value, name=node.kind.value)],
        features=[
            Feature(id="uri_or_notation", value=one.tier == IDENTIFIED),
            Feature(id="same_name", value=one.tier == SPELLED),
            Feature(id="other_name", value=one.tier == CALLED),
            Feature(id="similarity", value=round(one.alike, 1)),
        ],
    )
