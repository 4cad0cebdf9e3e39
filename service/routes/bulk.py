"""Bulk insertion, streamed both ways."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from graph.errors import DatabaseUnavailable
from graph.proposals.imported import propose_imported
from graph.taxonomy.streams import bulk, import_log
from service.http.errors import responses
from service.media import bulk_items
from service.refusals import BodyStalled
from service.routes import TheCaller, TheDatabase
from service.taxonomies.inserting.parts import NOT_INSERTED

router = APIRouter(tags=["nodes"])


class BulkLine(BaseModel):
    """The result of one line of a bulk insertion."""

    line: int = Field(description="Counted from 1")
    status: str = Field(
        description="created, existing or error; with on_existing also unchanged (it is as the item says), "
        "updated, proposed, or conflict (changed both here and in the item; a proposal is made of it)"
    )
    id: str | None = None
    error: str | None = None
    conflicts: list[dict[str, Any]] | None = Field(
        default=None,
        description="Fields changed both in the graph and in the item: field (name, description, uri, "
        "notation or properties.NAME), before (what an import said before; null if nothing, or if it was "
        "long), has (the graph), told (the item); long texts are cut",
    )


@router.post(
    "/v1/nodes:bulk",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One BulkLine per line of input, as NDJSON",
            "content": {"application/x-ndjson": {"schema": BulkLine.model_json_schema()}},
        }
    }
    | responses(404, 413, 415, 422, 503, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "example": '{"ref":"g","kind":"Field","name":"Games","parent_path":"GLAN"}\n'
                    '{"kind":"Discipline","name":"Chess","parent_ref":"g"}'
                },
                "application/json": {
                    "schema": {
                        "type": "array",
                        "items": {},
                        "description": "A line that is not a valid node gets an error in its result",
                    },
                    "example": [{"kind": "Discipline", "name": "Chess", "parent_path": "GLAN/Games"}],
                },
            },
        }
    },
)
async def insert_bulk(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    atomic: Annotated[bool, Query(description="Insert all items or none")] = False,
    import_: Annotated[
        str | None,
        Query(
            alias="import",
            description="Id of the announced import that this belongs to: its proposals are linked to it",
        ),
    ] = None,
) -> StreamingResponse:
    """Inserts many nodes and returns one line for each; invalid items do not stop the others."""
    source = await bulk_items.read(request.headers.get("content-type", ""), request.stream())
    if atomic:
        results = await bulk.insert_atomic(database, source, by=caller)
        return StreamingResponse(map(_line, results), media_type="application/x-ndjson")
    if import_ is not None:
        await import_log.get(database, import_)
    database.require_room()  # now, while a full disk can still be reported as a status
    arrived = _Arrived(source)

    async def undecided(found: bulk.Decisions) -> None:
        await propose_imported(database, found, import_, by=caller)

    results = bulk.insert(database, arrived.items(), by=caller, undecided=undecided)
    lines = _lines(results, arrived)
    return DuplexResponse(lines, media_type="application/x-ndjson")


class _Arrived:
    """Items until the body ends or stalls: those that arrived are inserted and answered in either case."""

    def __init__(self, source: AsyncIterator[bulk.Item]) -> None:
        self._source = source
        self.stalled: BodyStalled | None = None

    async def items(self) -> AsyncIterator[bulk.Item]:
        """The items; `stalled` is set at the end if more may have been meant to come."""
        try:
            async for item in self._source:
                yield item
        except BodyStalled as error:
            self.stalled = error


async def _lines(parts: AsyncIterator[list[dict[str, Any]]], arrived: _Arrived) -> AsyncIterator[bytes]:
    """The result lines, part by part, because writing each alone would cost more than the line itself.

    If the database becomes unavailable, its disk full, or the body stalls, the first line that was not stored
    says so and ends the response.
    """
    stored = 0
    error: Exception | None = None
    try:
        async for results in parts:
            stored = results[-1]["line"]
            yield b"".join(map(_line, results))
    except DatabaseUnavailable as unavailable:
        error = unavailable
    if error := error or arrived.stalled:
        problem = f"{NOT_INSERTED}: {error}"
        yield _line({"line": stored + 1, "status": "error", "error": problem})


class DuplexResponse(StreamingResponse):
    """Responds while the request body is still being read.

    Starlette's StreamingResponse listens for a disconnect at the same time and would consume the body.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until the end; if the client leaves, body and response end and what was inserted stays."""
        with suppress(ClientDisconnect, OSError):
            await self.stream_response(send)


def _line(result: dict[str, Any]) -> bytes:
    if len(result) == len(("line", "status", "id")) and "id" in result:
        # The same output as below in a tenth of the time: nothing in it needs escaping.
        return (
            f'{{"line": {result["line"]}, "status": "{result["status"]}", "id": "{result["id"]}"}}\n'.encode()
        )
    # An error may quote anything that the client sent, even half a surrogate pair.
    return json.dumps(result, ensure_ascii=False).encode(errors="replace") + b"\n"
