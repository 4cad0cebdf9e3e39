"""Serves /docs from local files: it works offline, and no third party learns that it was read."""

import base64
import hashlib
import re
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS = re.compile(r"/(docs|redoc)(/.*)?|/openapi\.json|/static-offline-docs/.*")
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# Swagger UI and ReDoc set inline styles; the only inline scripts allowed are the page's own, by digest.
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
)


def make_app(**options: Any) -> FastAPI:
    """A FastAPI application that serves its own documentation files."""
    app = FastAPIOffline(**options)
    app.add_middleware(Policy)
    return app


class Policy:
    """Middleware: a Content-Security-Policy for the documentation pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the policy to a page, whose body is sent in one piece, once its scripts are known."""
        if scope["type"] != "http" or not PATHS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def with_policy(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                start["headers"] = [*start["headers"], (b"content-security-policy", _policy(message))]
                held, start = start, None
                await send(held)
            await send(message)

        await self._app(scope, receive, with_policy)


def _policy(message: Message) -> bytes:
    scripts = INLINE.findall(message.get("body", b""))
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts)
    return POLICY.format(scripts="".join(f" 'sha256-{digest}'" for digest in digests)).encode()
