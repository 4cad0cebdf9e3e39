"""A pull as an HTTP answer: a page, lines or a Parquet file, from windows of rows."""

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
from service.media.layouts import LAYOUTS, Layout
from service.parts import parts_of

STATE = load("instruction.state")
MEDIA_TYPES = {PullFormat.json: JSON, PullFormat.ndjson: NDJSON, PullFormat.parquet: PARQUET}
# What an answer is depends on these, and no part of it can be asked for by bytes.
HEADERS = {"Vary": "Accept", "Accept-Ranges": "none"}


class Stream(StreamingResponse):
    """Closes what it is made from in any case: the client may leave in the middle."""

    def __init__(
        self, content: AsyncGenerator[bytes], format: PullFormat, name: str, tag: dict[str, str]
    ) -> None:
        suffix = {PullFormat.ndjson: "jsonl", PullFormat.parquet: "parquet"}[format]
        headers = HEADERS | {"Content-Disposition": f'inline; filename="{name}.{suffix}"'} | tag
        super().__init__(content, media_type=MEDIA_TYPES[format], headers=headers)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As any response."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._content.aclose()


async def head(windows: Windows, format: PullFormat, tag: dict[str, str]) -> Response:
    """What HEAD gets: the headers. How long the answer is nobody knows before it is made."""
    await windows.aclose()
    response = Response(media_type=MEDIA_TYPES[format], headers=HEADERS | tag)
    del response.headers["content-length"]
    return response


async def tag(database: Database, request: Request) -> dict[str, str]:
    """The ETag of a pull of accepted instructions: another one after one was made or an edit.

    It goes by the whole graph, so only HEAD has it: tools ask with that whether to fetch again.
    """
    return tag_of((await database.read(STATE))[0]["state"], request)


def tag_of(state: str, request: Request) -> dict[str, str]:
    """The ETag of a stream that depends on a state, the address and what the client accepts."""
    asked = (state, request.url.path, request.url.query, *request.headers.getlist("accept"))
    return {"ETag": f'W/"{hashlib.blake2b(repr(asked).encode(), digest_size=12).hexdigest()}"'}


def stream(
    windows: Windows, format: PullFormat, layout: Layout, *, cursors: bool, name: str, tag: dict[str, str]
) -> Stream:
    """All rows, as lines or as a Parquet file."""
    if format is PullFormat.parquet:
        return Stream(_parquet(windows, layout), format, name, tag)
    return Stream(_lines(windows, layout, cursors), format, name, tag)


async def page(request: Request, windows: Windows, layout: Layout, limit: int) -> Response:
    """The first rows as a page, with the next one's address as a Link header."""
    found = await page_of(windows, limit)
    lay_out = LAYOUTS[layout]
    body: dict[str, Any] = {"items": [lay_out(row) for row in found.items], "next": found.next}
    headers = dict(HEADERS)
    if found.next:
        there = request.url.include_query_params(cursor=found.next)
        # Without scheme and host, which behind a proxy are not those that the client sees.
        headers["Link"] = f'<{parts_of(request).address(there.path)}?{there.query}>; rel="next"'
    return Response(to_json(body), media_type=JSON, headers=headers)


async def _lines(windows: Windows, layout: Layout, cursors: bool) -> AsyncGenerator[bytes]:
    coming = ahead(windows)
    try:
        async for window in coming:
            lines = _of_window(window, layout)
            if cursors:
                lines = [_with_cursor(key, line) for key, line in zip(window.keys, lines, strict=True)]
            # A window at once: a chunk of its own for every line would cost more than the line.
            lines.append(b"")
            yield b"\n".join(lines)
    finally:
        await coming.aclose()
        await windows.aclose()


def _of_window(window: Window, layout: Layout) -> list[bytes]:
    if layout is Layout.full and window.lines is not None:
        return list(window.lines)
    lay_out = LAYOUTS[layout]
    return [to_json(lay_out(row)) for row in window.rows]


def _with_cursor(key: Sequence[str | int], line: bytes) -> bytes:
    return b'{"cursor":"%s","item":%s}' % (encode(key).encode(), line)


async def _parquet(windows: Windows, layout: Layout) -> AsyncGenerator[bytes]:
    coming = ahead(_laid_out(windows, layout))
    file = parquet.written(coming, layout)
    try:
        async for part in file:
            yield part
    finally:
        await file.aclose()
        await coming.aclose()
        await windows.aclose()


async def _laid_out(windows: Windows, layout: Layout) -> AsyncGenerator[list[Row]]:
    lay_out = LAYOUTS[layout]
    async for window in windows:
        yield [lay_out(row) for row in window.rows]
