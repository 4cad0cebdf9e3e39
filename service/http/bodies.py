"""Bodies of requests: bounded in size and time, and checked to be JSON, before they are used."""

import asyncio
import re
from typing import Any, Final, cast

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.errors import refuse, sends_json
from service.media import strict_json
from service.media.content_type import media_type
from service.refusals import BodyStalled, BodyTooLarge, Malformed, Refusal, Unsupported

MB: Final = 1_000_000
# Read line by line, and of any length.
STREAMED: Final = ("/v1/nodes:bulk", "/v1/benchmarks")
# Files of any syntax, which are stored before they are read; JSON to compare with is not a file.
FILES: Final = re.compile(r"/v1/nodes/[^/]+:diff")
IMPORTS: Final = "/v1/imports"
# JSON of more bytes is parsed in a thread.
LONG: Final = 100_000
# Parsed JSON is validated in one turn of the event loop; this many values take less than a tenth of a second.
# Parameters of queries are passed on without validation, and pairs for a calibration are cheap to validate.
MOST_VALUES: Final = 10_000
MOST_IN_LARGE: Final = 100_000
MOST_FIELDS: Final = 100
LARGE: Final = re.compile(r"/v1/(cypher|queries/[^/]*|rules:calibrate)")
INSTEAD: Final = "send it in parts; nodes in any number as NDJSON to /v1/nodes:bulk"


class TooLarge(Exception):
    """The body is longer than the limit for bodies that are read whole."""


class Gone(Exception):
    """The client left before its body had arrived."""


async def read(receive: Receive, largest: int) -> bytes:
    """The body; raises TooLarge as soon as the limit is exceeded, or Gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > largest:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read once more, then continues with the original one."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class Bodies:
    """Middleware: reads bodies whole, up to a limit, or passes them on as streams that may not stall.

    A refused body is not read any further: the server discards the rest, so that a client that reads its
    answer only after sending gets it.
    """

    def __init__(self, app: ASGIApp, largest: int, idle_s: float) -> None:
        self._app = app
        self._largest = largest
        self._idle_s = idle_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its body in one piece, or refuses it."""
        if scope["type"] != "http" or not _has_body(request := Request(scope)):
            await self._app(scope, receive, send)
            return
        patient = _Patient(receive, self._idle_s)
        streamed = scope["path"] in STREAMED
        try:
            _require_plain(request)
            if _sends_file(request) or (streamed and not sends_json(request)):
                await self._app(scope, patient.receive, send)
                return
            body = await self._read(request, patient.receive)
            if sends_json(request) and body and not streamed:
                await _require_json(body, MOST_IN_LARGE if LARGE.fullmatch(scope["path"]) else MOST_VALUES)
        except Gone:
            return
        except (TooLarge, Refusal, ValueError) as error:
            await self._refusal(request, error)(scope, receive, send)
            return
        await self._app(scope, replayed(body, receive), send)

    async def _read(self, request: Request, receive: Receive) -> bytes:
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._largest:
            raise TooLarge
        return await read(receive, self._largest)

    def _refusal(self, request: Request, error: Exception) -> Response:
        if isinstance(error, TooLarge):
            return refuse(request, BodyTooLarge(too_large(self._largest)))
        if isinstance(error, Refusal):
            return refuse(request, error)
        detail = f"the body is not readable JSON: {error}"
        said = str(error).encode(errors="replace").decode()
        return refuse(request, Malformed(detail, [("body", said)]))


def too_large(largest: int) -> str:
    """What to do instead of sending a body of more bytes."""
    return (
        f"a body may have at most {largest // MB} MB (GLAN_MAX_BODY_MB): send less at once; any number "
        "of nodes as NDJSON to /v1/nodes:bulk"
    )


class _Patient:
    """A connection whose body may be slow but must not stall."""

    def __init__(self, receive: Receive, idle_s: float) -> None:
        self._receive = receive
        self._idle_s = idle_s
        self._ended = False

    async def receive(self) -> Message:
        """The next part; raises BodyStalled, which a route that answers already says in its answer."""
        if self._ended:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._idle_s)
        except TimeoutError:
            detail = (
                f"no data of the body has arrived for {self._idle_s:g} s (GLAN_BODY_TIMEOUT_S); send it again"
            )
            raise BodyStalled(detail) from None
        self._ended = not message.get("more_body", False)
        return message


def _sends_file(request: Request) -> bool:
    """Whether the body is a file that the route keeps on disk, whatever its syntax."""
    kind, path = media_type(request.headers.get("content-type")), request.scope["path"]
    return path == IMPORTS or (kind != "application/json" and FILES.fullmatch(path) is not None)


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _require_plain(request: Request) -> None:
    """Raises Unsupported for a compressed body: a few bytes could become any number."""
    coding = ", ".join(request.headers.getlist("content-encoding")).strip()
    if coding and coding.lower() != "identity":
        raise Unsupported(
            f"the body has Content-Encoding: {coding}, which is not supported; send it unencoded"
        )


async def _require_json(body: bytes, most: int) -> None:
    if len(body) > LONG:
        await asyncio.to_thread(_check_json, body, most)
    else:
        _check_json(body, most)


def _check_json(body: bytes, most: int) -> None:
    try:
        strict_json.require_at_most(body, most)
    except strict_json.TooMany as error:
        raise BodyTooLarge(f"the body is too large: {error}; {INSTEAD}") from None
    value = strict_json.loads(body)
    if isinstance(value, dict) and len(cast(dict[str, Any], value)) > MOST_FIELDS:
        raise BodyTooLarge(f"the body has over {MOST_FIELDS} fields, more than any request has")
