"""What changed from a taxonomy to a file, or to another taxonomy."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import IO, Annotated, Any, cast

from fastapi import APIRouter, Query, Request, Response

from graph.errors import Invalid, NoNode
from graph.model import Node
from graph.taxonomy import nodes
from graph.taxonomy.editing import aliases
from service.http.errors import responses
from service.media import strict_json
from service.media.accept import JSON, accepted
from service.media.closing import ClosingResponse, pieces
from service.media.content_type import media_type
from service.parts import Parts, parts_of
from service.refusals import Busy, Malformed
from service.routes import TheDatabase, sent_files
from service.routes.parameters import NodeId
from service.taxonomies.comparing.diff import ALL, SHOWN, Compared, comparing
from service.taxonomies.options import Format, Options
from service.taxonomies.writing.collecting import collected
from service.taxonomies.writing.options import ExportOptions, Which

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])

MARKDOWN = "text/markdown"
LONGEST_WAIT_S = 30.0
EXAMPLE = {"with": "0199f0c2a7b1c3d4e5f60718"}


@router.post(
    "/{node_id}:diff",
    response_class=Response,
    responses={
        200: {
            "description": "The counts, and the operations that `glan taxonomy apply` takes; or Markdown",
            "content": {
                JSON: {"schema": {"type": "object"}},
                MARKDOWN: {"schema": {"type": "string"}},
            },
        }
    }
    | responses(404, 406, 408, 413, 415, 422, 503, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"type": "object"}, "example": EXAMPLE}}
            | {media: sent_files.FILE for media in sent_files.SYNTAXES},
        }
    },
)
async def diff(
    database: TheDatabase,
    request: Request,
    node_id: NodeId,
    status: Annotated[
        Which, Query(description="accepted: what is accepted on a way from the node; all: everything")
    ] = Which.accepted,
    format_: Annotated[
        Format, Query(alias="format", description="Replaces Content-Type; auto: told by the content")
    ] = Format.auto,
    encoding: Annotated[
        str, Query(max_length=40, description="Encoding of the file, such as latin-1; default: told by it")
    ] = "",
    every: Annotated[
        bool, Query(alias="all", description="List all in Markdown, not the first of each group")
    ] = False,
) -> Response:
    """What changed from a node to a file in the body, or to another node: `{"with": id}`.

    Concepts are the same by URI, else by notation, else by name and place. Nothing is stored.
    """
    media = accepted(request, (JSON, MARKDOWN), f"{JSON} or {MARKDOWN}")
    one = await _node(database, node_id)
    kind = media_type(request.headers.get("content-type"))
    other = await _node(database, _with(await request.body())) if kind == JSON else None
    chosen = Options(format=sent_files.syntax_of(kind, format_, JSON), encoding=encoding)
    options = ExportOptions(status)
    parts = parts_of(request)
    home = parts.settings.home
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_turn(parts))
        found = stack.enter_context(comparing(home))
        path = found.pairing.path / "body"
        if other is None:
            await sent_files.keep(request.stream(), path, database.require_room)
        await _read(database, found, one, options, home)
        if other is None:
            await asyncio.to_thread(found.read_file, str(path), chosen, home, "the file")
        else:
            await _read(database, found, other, options, home)
        file = stack.enter_context((found.pairing.path / "diff").open("w+b"))
        await asyncio.to_thread(_write, found, file, media == MARKDOWN, ALL if every else SHOWN)
        headers = {"Vary": "Accept", "Content-Length": str(file.tell())}
        file.seek(0)
        return ClosingResponse(pieces(file), stack.pop_all(), media, headers)


@asynccontextmanager
async def _turn(parts: Parts) -> AsyncGenerator[None]:
    """One of a few comparisons at a time, of which each has files on the disk; raises Busy."""
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            await parts.comparing.acquire()
    except TimeoutError:
        raise Busy("as many taxonomies as may be are being compared; send it again in a while") from None
    try:
        yield
    finally:
        parts.comparing.release()


async def _node(database: TheDatabase, id_: str) -> Node:
    """A node by its id, also by that of one that was merged into it.

    The alias is looked up here: to send the request through the routes again, its body would be read whole.
    """
    try:
        return await nodes.get(database, id_)
    except NoNode:
        found = await aliases.resolve(database, [id_])
        return await nodes.get(database, found.get(id_, id_))


def _with(body: bytes) -> str:
    try:
        value = strict_json.loads(body)
    except ValueError as error:
        raise Malformed(f"the body is not readable JSON: {error}") from None
    fields = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    id_ = fields.get("with")
    if not isinstance(id_, str) or len(fields) > 1:
        raise Invalid('send {"with": id} to compare with another node, or a file with its Content-Type')
    return id_


async def _read(
    database: TheDatabase, found: Compared, node: Node, options: ExportOptions, home: Path
) -> None:
    async with collected(database, node.id, options, home) as collection:
        await asyncio.to_thread(found.read_graph, collection, options, node.name, home)


def _write(found: Compared, file: IO[bytes], as_markdown: bool, most: int) -> None:
    found.compare()
    if as_markdown:
        lines: Iterable[str] = found.markdown(most)
        file.writelines(f"{line}\n".encode() for line in lines)
    else:
        found.write_json(file)
