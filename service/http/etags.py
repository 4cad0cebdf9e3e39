"""ETags: every JSON response to a GET has one; a client that already has that version gets a 304.

A node's ETag names the node, its version and its content, such as "0190-3-5f1c". It includes the id because
an old id, or a path, may lead to another node of the same version, and the content because a 304 must never
stand for different content. If-Match compares only id and version.
"""

import hashlib
import re
from typing import Final

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.model import Node
from service.http.redispatch import ASKED
from service.media.content_type import media_type

# The headers that a 304 repeats, because caches need them.
REPEATED: Final = ("etag", "cache-control", "link", "vary", "content-location", "expires")
# One entity tag of a list; some clients send a version without quotes.
TAG: Final = re.compile(r'(?:W/)?"([^"]*)"|([^\s,"]+)')


def of_node(node: Node) -> str:
    """The ETag of a node as returned to clients."""
    return f'"{node.id}-{node.version}-{_digest(node.model_dump_json().encode(), 4)}"'


def versions_named(request: Request, node_id: str) -> frozenset[int] | None:
    """The versions of a node that If-Match accepts; None where it is absent or accepts any (*).

    A bare version such as "3" applies to the node whose id was sent, not to one that this id was merged into.
    """
    lines = request.headers.getlist("if-match")
    if not lines or [line.strip() for line in lines] == ["*"]:
        return None
    own = rf"{re.escape(node_id)}-(\d{{1,18}})-\w+"
    sent = re.split(r"[/:]", request.scope.get(ASKED, request.scope["path"]))
    wanted = rf"{own}|(\d{{1,18}})" if node_id in sent else own
    tags = [quoted or plain for line in lines for quoted, plain in TAG.findall(line)]
    return frozenset(
        int(found[found.lastindex or 1]) for tag in tags if (found := re.fullmatch(wanted, tag, re.ASCII))
    )


def _digest(content: bytes | bytearray, size: int = 12) -> str:
    return hashlib.blake2b(content, digest_size=size).hexdigest()


class ETags:
    """Middleware: adds a digest of the content where the route set no ETag; streams pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 304 if the client's If-None-Match names the response's ETag."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Tagged(Headers(scope=scope).get("if-none-match"), send).send)


class _Tagged:
    """One response. If it is JSON of known length, its head is held back until the body is complete."""

    def __init__(self, wanted: str | None, send: Send) -> None:
        self._wanted = wanted
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """The ASGI send callable."""
        if message["type"] == "http.response.start" and _whole(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._answer(self._start)

    async def _answer(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        if "etag" not in headers:
            headers["ETag"] = f'W/"{_digest(self._body)}"'
        if self._wanted is not None and matches(self._wanted, headers["etag"]):
            kept = [
                (name, value) for name, value in headers.raw if name.decode("latin-1").lower() in REPEATED
            ]
            await self._send({"type": "http.response.start", "status": 304, "headers": kept})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(start)
        await self._send({"type": "http.response.body", "body": bytes(self._body)})


def matches(wanted: str, etag: str) -> bool:
    """Whether an If-None-Match names the ETag, by weak comparison as RFC 9110 requires for a GET."""
    named = [part.strip().removeprefix("W/") for part in wanted.split(",")]
    return "*" in named or etag.removeprefix("W/") in named


def _whole(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    kind = media_type(headers.get("content-type"))
    return message["status"] == 200 and kind == "application/json" and "content-length" in headers
