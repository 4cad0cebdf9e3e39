"""Refuses everything but HTTP, such as WebSocket: no route speaks it and no other middleware guards it."""

from starlette.types import ASGIApp, Receive, Scope, Send

# RFC 6455's code for a violated policy; the server turns it into a 403 when the handshake is not accepted.
POLICY_VIOLATION = 1008


class HttpOnly:
    """Middleware: the outermost one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on HTTP requests and the lifespan of the service; closes WebSockets, ignores the rest."""
        if scope["type"] in ("http", "lifespan"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
