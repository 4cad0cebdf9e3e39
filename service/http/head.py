"""HEAD is answered as GET, without the body."""

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Where the scope says so to a route whose body would be a stream, and need not be made.
ASKED_FOR_HEAD = "glan.head"


class Head:
    """Middleware: turns HEAD into GET for all within, and lets only the head of the answer out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Does the request as a GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # In place: the log, outside, is to see which route it was.
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
    """Ends the making of a stream, as a client that has left does."""


class _HeadOnly:
    def __init__(self, send: Send) -> None:
        self._send = send
        self.ended = False

    async def send(self, message: Message) -> None:
        """As ASGI has it."""
        if message["type"] != "http.response.start":
            return
        await self._send(message)
        await self._send({"type": "http.response.body", "body": b""})
        self.ended = True
        if "content-length" not in Headers(raw=message["headers"]):
            raise _Enough
