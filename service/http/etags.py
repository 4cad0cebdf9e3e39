"""ETags: every JSON answer to a GET has one, and who has it already is answered 304."""

import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A 304 repeats what a cache needs to know.
REPEATED: Final = ("etag", "cache-control", "link", "vary", "content-location", "expires")


class ETags:
    """Middleware: a digest of the content where the route gave no ETag; streams pass by untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Compares the answer with what the client has."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Tagged(Headers(scope=scope).get("if-none-match"), send).send)


class _Tagged:
    """One answer: its head is held back until the body is there, if that is JSON of a known length."""

    def __init__(self, wanted: str | None, send: Send) -> None:
        self._wanted = wanted
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """As ASGI has it."""
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
            headers["ETag"] = f'W/"{hashlib.blake2b(self._body, digest_size=12).hexdigest()}"'
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
    """Whether an If-None-Match names the ETag; compared weakly, as RFC 9110 has it for a GET."""
    named = [part.strip().removeprefix("W/") for part in wanted.split(",")]
    return "*" in named or etag.removeprefix("W/") in named


def _whole(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    kind = headers.get("content-type", "").split(";")[0]
    return message["status"] == 200 and kind == "application/json" and "content-length" in headers
