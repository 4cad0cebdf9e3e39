"""Headers that browsers obey, on every answer; what a route has set itself stays."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Answers are data; a browser is to run and load nothing because of them.
POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
# What people's data is in may be kept by their own client alone, and is asked for again each time.
CACHE: Final = "private, no-cache"


class SecurityHeaders:
    """Middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds what is missing to the head of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
                kept = message["status"] in (200, 304) and scope["method"] in ("GET", "HEAD")
                headers.setdefault("Cache-Control", CACHE if kept else "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
