"""Results of queries as responses: a JSON table or a stream of rows, bounded, ended if the client leaves."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from graph.errors import GraphError, Invalid
from graph.read_door.json_values import encode
from graph.read_door.tables import Bounds, Rows, Table
from service.media.accept import JSON, NDJSON, accepted
from service.media.closing import ClosingResponse
from service.parts import parts_of
from service.settings import Settings, variable

T = TypeVar("T")

LOOK_S = 0.5  # seconds between checks whether the client is still there
NOBODY = 499  # the status that servers log for a client that has left; nobody receives it
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Table,
        "description": "A table; with Accept: application/x-ndjson the rows alone, one per line. "
        'Where rows are left out, the last line is {"$truncated":"rows"} or {"$truncated":"bytes"}; where '
        'the query fails on its way, it is {"$error":"..."}',
        "content": {NDJSON: {"schema": {"type": "object"}}},
    }
}


class Most:
    """The bounds that the settings put on a result."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def bounds(self, limit: int | None, timeout_s: float | None, usual: int) -> Bounds:
        """The bounds requested, or the usual ones; raises Invalid if they exceed what the settings allow."""
        most = self._settings
        if limit is not None and limit > most.query_most_rows:
            raise Invalid(f"limit: at most {most.query_most_rows} ({variable('query_most_rows')})")
        if timeout_s is not None and timeout_s > most.query_longest_s:
            raise Invalid(f"timeout_s: at most {most.query_longest_s:g} ({variable('query_longest_s')})")
        return Bounds(
            rows=min(usual, most.query_most_rows) if limit is None else limit,
            bytes=most.query_most_mb * 2**20,
            timeout_s=timeout_s or min(most.query_timeout_s, most.query_longest_s),
        )


def most_of(request: Request) -> Most:
    """The bounds of the running application."""
    return Most(parts_of(request).settings)


TheMost = Annotated[Most, Depends(most_of)]


async def respond(request: Request, opened: AbstractAsyncContextManager[Rows]) -> Response:
    """The result in the format that the client accepts; the query is cancelled if the client leaves."""
    if accepted(request, (JSON, NDJSON), f"{JSON} or {NDJSON}") == NDJSON:
        return await _while_listening(request, _streamed(opened))
    return await _while_listening(request, _whole(opened))


async def _whole(opened: AbstractAsyncContextManager[Rows]) -> Response:
    async with opened as rows:
        return Response(await rows.table(), media_type="application/json")


async def _streamed(opened: AbstractAsyncContextManager[Rows]) -> Response:
    """A stream that begins once its first row is there, so that most errors still get a status."""
    stack = AsyncExitStack()
    try:
        rows = await stack.enter_async_context(opened)
        ahead = aiter(rows)
        first = await anext(ahead, None)
        return ClosingResponse(_lines(rows, first, ahead), stack, NDJSON)
    except BaseException:
        await stack.aclose()
        raise


async def _lines(rows: Rows, first: bytes | None, ahead: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    try:
        if first is not None:
            yield first + b"\n"
            async for row in ahead:
                yield row + b"\n"
        if rows.truncated_by:
            yield encode({"$truncated": rows.truncated_by}) + b"\n"
    except GraphError as error:
        yield encode({"$error": str(error)}) + b"\n"


async def _while_listening(request: Request, work: Awaitable[Response]) -> Response:
    """The response that `work` returns; cancels it if the client leaves."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if await request.is_disconnected():
                return Response(status_code=NOBODY)
        return await task
    finally:
        task.cancel()
