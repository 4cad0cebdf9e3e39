"""A pull as an HTTP response: a page, lines or a Parquet file, made from windows of rows."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from graph.database import Database, Row
from graph.instructions.pulls import Window, Windows, ahead, page_of
from graph.pages import encode
from graph.queries import load
from service.media import parquet
from service.media.accept import JSON, NDJSON, PARQUET, PullFormat
from service.media.layouts import Layout, Style
from service.parts import parts_of

STATE = load("instruction.state")
MEDIA_TYPES = {PullFormat.json: JSON, PullFormat.ndjson: NDJSON, PullFormat.parquet: PARQUET}
# The format depends on Accept, and byte ranges are not supported.
HEADERS = {"Vary": "Accept", "Accept-Ranges": "none"}


class Stream(StreamingResponse):
    """A streaming response that closes its source in any case, even if the client leaves early."""

    def __init__(
        self, content: AsyncGenerator[bytes], format: PullFormat, name: str, tag: dict[str, str]
    ) -> None:
        suffix = {PullFormat.ndjson: "jsonl", PullFormat.parquet: "parquet"}[format]
        headers = HEADERS | {"Content-Disposition": f'inline; filename="{name}.{suffix}"'} | tag
        super().__init__(content, media_type=MEDIA_TYPES[format], headers=headers)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response, then closes its source."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._content.aclose()


async def head(windows: Windows, format: PullFormat, tag: dict[str, str]) -> Response:
    """The response to HEAD: headers only, without Content-Length, which is unknown until all is written."""
    await windows.aclose()
    response = Response(media_type=MEDIA_TYPES[format], headers=HEADERS | tag)
    del response.headers["content-length"]
    return response


async def tag(database: Database, request: Request) -> dict[str, str]:
    """The ETag header of a pull of accepted instructions; it changes with every new instruction or edit.

    It depends on the whole graph, so only HEAD returns it, with which tools check whether to fetch again.
    """
    return tag_of((await database.read(STATE))[0]["state"], request)


def tag_of(state: str, request: Request) -> dict[str, str]:
    """The ETag header of a stream that depends on a state, the address and the Accept header."""
    asked = (state, request.url.path, request.url.query, *request.headers.getlist("accept"))
    return {"ETag": f'W/"{hashlib.blake2b(repr(asked).encode(), digest_size=12).hexdigest()}"'}


def stream(
    windows: Windows, format: PullFormat, style: Style, *, cursors: bool, name: str, tag: dict[str, str]
) -> Stream:
    """All rows, as lines or as a Parquet file."""
    if format is PullFormat.parquet:
        return Stream(_parquet(windows, style), format, name, tag)
    return Stream(_lines(windows, style, cursors), format, name, tag)


async def page(request: Request, windows: Windows, style: Style, limit: int) -> Response:
    """The first rows as a page, with the address of the next page as a Link header."""
    found = await page_of(windows, limit)
    body: dict[str, Any] = {"items": [style.write(row) for row in found.items], "next": found.next}
    headers = dict(HEADERS)
    if found.next:
        there = request.url.include_query_params(cursor=found.next)
        # Without scheme and host, because behind a proxy the client sees different ones.
        headers["Link"] = f'<{parts_of(request).address(there.path)}?{there.query}>; rel="next"'
    return Response(to_json(body), media_type=JSON, headers=headers)


async def _lines(windows: Windows, style: Style, cursors: bool) -> AsyncGenerator[bytes]:
    coming = ahead(windows)
    try:
        async for window in coming:
            lines = _of_window(window, style)
            if cursors:
                lines = [
                    _with_cursor(window.of, key, line) for key, line in zip(window.keys, lines, strict=True)
                ]
            # One chunk per window: a chunk for every line would cost more than the line itself.
            lines.append(b"")
            yield b"\n".join(lines)
    finally:
        await coming.aclose()
        await windows.aclose()


def _of_window(window: Window, style: Style) -> list[bytes]:
    if style.layout is Layout.full and window.lines is not None:
        return list(window.lines)
    return [to_json(style.write(row)) for row in window.rows]


def _with_cursor(of: str, key: Sequence[str | int], line: bytes) -> bytes:
    return b'{"cursor":"%s","item":%s}' % (encode(of, key).encode(), line)


async def _parquet(windows: Windows, style: Style) -> AsyncGenerator[bytes]:
    coming = ahead(_laid_out(windows, style))
    file = parquet.written(coming, style.layout)
    try:
        async for part in file:
            yield part
    finally:
        await file.aclose()
        await coming.aclose()
        await windows.aclose()


async def _laid_out(windows: Windows, style: Style) -> AsyncGenerator[list[Row]]:
    async for window in windows:
        yield [style.write(row) for row in window.rows]
