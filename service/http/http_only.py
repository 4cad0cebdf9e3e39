"""Refuses whatever is not HTTP, such as WebSocket: no route speaks it, and no other middleware checks it."""

from starlette.types import ASGIApp, Receive, Scope, Send

# As RFC 6455 has it for what breaks the rules of a service; before it is accepted it becomes a 403.
POLICY_VIOLATION = 1008


class HttpOnly:
    """Middleware, the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes requests and the start and end of the service on, and nothing else."""
        if scope["type"] in ("http", "lifespan"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
