"""Security headers for browsers, on every response; a header that a route has set is kept."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Responses are data: a browser must neither run nor load anything because of them.
POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
# Only the user's own client may keep a response, and it must revalidate it each time.
CACHE: Final = "private, no-cache"


class SecurityHeaders:
    """Middleware: sets these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the missing headers to the response."""
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
