"""Answers HEAD like GET, without the body."""

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Key in the scope that tells a streaming route that its body need not be produced.
ASKED_FOR_HEAD = "glan.head"


class Head:
    """Middleware: shows HEAD as GET to everything inside it, and sends only the head of the response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a HEAD request as a GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # Changed in place, so that the log, which is outside, sees which route matched.
        scope["method"], scope[ASKED_FOR_HEAD] = "GET", True
        answer = _HeadOnly(send)
        try:
            await self._app(scope, receive, answer.send)
        except (_Enough, ClientDisconnect, ExceptionGroup):
            if not answer.ended:
                raise
        finally:
            scope["method"] = "HEAD"


class _Enough(OSError):
    """Ends a stream in the same way as a client that disconnects."""


class _HeadOnly:
    def __init__(self, send: Send) -> None:
        self._send = send
        self.ended = False

    async def send(self, message: Message) -> None:
        """The ASGI send callable: passes the head on and drops the body."""
        if message["type"] != "http.response.start":
            return
        await self._send(message)
        await self._send({"type": "http.response.body", "body": b""})
        self.ended = True
        if "content-length" not in Headers(raw=message["headers"]):
            raise _Enough
