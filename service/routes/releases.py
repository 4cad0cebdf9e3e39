"""Releases: named sets of a subtree's accepted instructions that never change."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from graph.instructions import pinned, releases
from graph.instructions.instructions import Instruction
from graph.instructions.pinned import Only
from graph.instructions.releases import NewRelease, Release
from graph.pages import Page
from service.cards.card import Card, card_of
from service.cards.known import Publication
from service.http.errors import responses
from service.http.head import ASKED_FOR_HEAD
from service.media import pull_answers
from service.media.accept import JSON, PullFormat, accepted, asked_for
from service.media.layouts import Layout
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.instructions import Cursors, FormatParam, SplitParam, TheStyle, pulled
from service.routes.parameters import Cursor, Limit

MARKDOWN = "text/markdown"

router = APIRouter(prefix="/v1/releases", tags=["releases"])

ReleaseName = Annotated[str, Path(description="Name of a release", examples=["beekeeping-1.0"])]
EXAMPLE = {
    "name": "beekeeping-1.0",
    "node_id": "0199f0c2a7b1c3d4e5f60718",
    "description": "For the first run",
}


def _publication(
    layout: Annotated[Layout, Query(description="Layout of the files")] = Layout.full,
    suffix: Annotated[
        Literal["parquet", "jsonl"], Query(alias="files", description="Format of the files")
    ] = "parquet",
    repository: Annotated[
        str | None, Query(max_length=200, description="Repository of the hub that the files are in")
    ] = None,
    licence: Annotated[
        str | None, Query(max_length=200, description="Licence, in place of the release's own")
    ] = None,
) -> Publication:
    return Publication(licence, repository, layout, suffix)


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": Release, "description": "The release existed already"},
        202: {"model": Release, "description": "Another request is building it; GET shows its progress"},
    }
    | responses(404, 409, 422, 503),
    openapi_extra=body_like(EXAMPLE),
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    wanted: Annotated[NewRelease, Body()],
) -> Release:
    """Pins the accepted instructions below a node under a name, and responds when all are pinned.

    Their text is kept as it is now. The build continues if the client disconnects; one that was killed starts
    over with the same request. Repeating a request returns the existing release.
    """
    release, build = await releases.begin(database, wanted, by=caller)
    response.headers["Location"] = parts_of(request).address(f"/v1/releases/{release.name}")
    if build is None:
        response.status_code = 200 if release.state is releases.State.done else 202
        return release
    task = parts_of(request).outliving(build.run(), "release", failed="a release could not be built")
    return await asyncio.shield(task)


@router.get("", responses=responses(422, 503))
async def list_releases(database: TheDatabase, limit: Limit = 100, cursor: Cursor = None) -> Page[Release]:
    """The releases by name, including those being built."""
    return await releases.list_releases(database, limit, cursor)


@router.get("/{name}", responses=responses(404, 503))
async def get(database: TheDatabase, name: ReleaseName) -> Release:
    """One release; while it is being built, `count` shows the progress."""
    return await releases.get(database, name)


@router.get(
    "/{name}/card",
    response_model=Card,
    responses={200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}}
    | responses(404, 406, 409, 422, 503),
)
async def card(
    database: TheDatabase,
    request: Request,
    name: ReleaseName,
    publication: Annotated[Publication, Depends(_publication)],
) -> Response:
    """The card of a release: README.md of its repository on the hub, from what was pinned alone.

    As JSON (the default) with the files that it names, or as `text/markdown`, by `Accept`. All lines are
    read.
    """
    kind = accepted(request, (JSON, MARKDOWN), f"{JSON} or {MARKDOWN}")
    found = await card_of(database, name, publication)
    if kind == MARKDOWN:
        return Response(found.text, media_type=f"{MARKDOWN}; charset=utf-8", headers={"Vary": "Accept"})
    return Response(found.model_dump_json(), media_type=JSON, headers={"Vary": "Accept"})


@router.get(
    "/{name}/instructions",
    response_model=Page[Instruction],
    responses=pulled("the whole release from the cursor on") | responses(404, 406, 409, 422, 503),
)
async def pull(
    database: TheDatabase,
    request: Request,
    name: ReleaseName,
    written: TheStyle,
    split: SplitParam = None,
    field: Annotated[
        str | None, Query(max_length=1000, description="Only those of the field of this name")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    format_: FormatParam = None,
    cursors: Cursors = False,
) -> Response:
    """The content of a release: always the same bytes, whatever was edited since.

    `sha256` of a release is that of this answer as NDJSON in the full layout. Splits and fields are the ones
    that were pinned with it.
    """
    kind = asked_for(request, format_)
    windows = await pinned.pull(database, name, cursor, Only(split, field, written.pairs))
    if kind is PullFormat.json:
        return await pull_answers.page(request, windows, written, limit)
    # A release never changes.
    tag = pull_answers.tag_of(name, request)
    if ASKED_FOR_HEAD in request.scope:
        return await pull_answers.head(windows, kind, tag)
    return pull_answers.stream(windows, kind, written, cursors=cursors, name=name, tag=tag)
