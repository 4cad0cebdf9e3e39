"""A taxonomy, or what is below a node of one, as a file for other tools."""

import asyncio
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from graph.errors import Invalid
from graph.model import Kind
from service.http.errors import responses
from service.media.accept import accepted
from service.media.closing import ClosingResponse, pieces
from service.parts import parts_of
from service.routes import TheDatabase
from service.routes.parameters import NodeId
from service.taxonomies.vocabulary import GLAN
from service.taxonomies.writing import document
from service.taxonomies.writing.addresses import ABSOLUTE, FORBIDDEN
from service.taxonomies.writing.collecting import collected
from service.taxonomies.writing.labels import LANGUAGE
from service.taxonomies.writing.options import ExportFormat, ExportOptions, Which

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])

MEDIA = {
    "text/turtle": ExportFormat.turtle,
    "application/rdf+xml": ExportFormat.rdfxml,
    "application/ld+json": ExportFormat.jsonld,
    "application/n-triples": ExportFormat.ntriples,
    "text/csv": ExportFormat.csv,
    "application/x-ndjson": ExportFormat.ndjson,
    "text/tab-separated-values": ExportFormat.sssom,
}
SUFFIX = {"turtle": "ttl", "rdfxml": "rdf", "ntriples": "nt", "sssom": "sssom.tsv"}
HEADERS = {"Vary": "Accept", "Accept-Ranges": "none"}


def _languages(text: str | None) -> tuple[str, ...]:
    found = [part.strip() for part in (text or "").split(",") if part.strip()]
    for tag in found:
        if not LANGUAGE.fullmatch(tag):
            raise Invalid(f"lang: {tag!r} is not a language tag such as en")
    return tuple(found)


def _base(text: str | None) -> str:
    if text and (not ABSOLUTE.match(text) or FORBIDDEN.search(text)):
        raise Invalid("base: it must be an absolute IRI, such as https://example.org/id/")
    return text or GLAN


@router.get(
    "/{node_id}/taxonomy",
    response_class=Response,
    responses={
        200: {
            "description": "The whole file",
            "content": {media: {"schema": {"type": "string"}} for media in MEDIA},
        }
    }
    | responses(404, 406, 422, 503),
)
async def export(
    database: TheDatabase,
    request: Request,
    node_id: NodeId,
    status: Annotated[
        Which, Query(description="accepted: what is accepted on a way from the node; all: everything")
    ] = Which.accepted,
    lang: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Only labels and notes in these languages, such as en,de; a name of no known "
            "language is in the first",
        ),
    ] = None,
    base: Annotated[
        str | None,
        Query(max_length=1000, description="What the ids of nodes without a URI are put behind"),
    ] = None,
    to: Annotated[Kind, Query(description="The lowest kind")] = Kind.Discipline,
    format_: Annotated[
        ExportFormat | None,
        Query(alias="format", description="Replaces Accept, for tools that cannot set it"),
    ] = None,
) -> Response:
    """What is below a node, as SKOS in one of four syntaxes, as CSV or NDJSON, or its mappings as SSSOM.

    The same taxonomy gives the same bytes. The response begins once everything has been read.
    """
    said = ", ".join(MEDIA)
    format_ = format_ or MEDIA[accepted(request, tuple(MEDIA), f"{said}; or say ?format=turtle, ...")]
    media = next(name for name, one in MEDIA.items() if one is format_)
    options = ExportOptions(status, to, _languages(lang), _base(base))
    name = f"{node_id}.{SUFFIX.get(format_, format_)}"
    async with AsyncExitStack() as stack:
        home = parts_of(request).settings.home
        found = await stack.enter_async_context(collected(database, node_id, options, home))
        file = stack.enter_context((found.path / "export").open("w+b"))
        await asyncio.to_thread(document.write, found, format_, options, file)
        size = file.tell()
        file.seek(0)
        headers = HEADERS | {
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Length": str(size),
        }
        return ClosingResponse(pieces(file), stack.pop_all(), media, headers)
