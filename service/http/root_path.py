"""Supports a proxy that serves the service under a path prefix, GLAN_ROOT_PATH."""

import re
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

# The documentation pages, which need to know the prefix; the files that they load do not.
PAGES = re.compile(r"/docs|/redoc|/openapi\.json")


class RootPath:
    """Middleware outside all that look at paths: strips the prefix if the proxy has left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its path relative to the prefix."""
        if scope["type"] == "http" and self._prefix:
            path: str = scope["path"]
            if path == self._prefix or path.startswith(self._prefix + "/"):
                path = path.removeprefix(self._prefix) or "/"
                scope = {**scope, "path": path, "raw_path": quote(path).encode()}
            if PAGES.fullmatch(path):
                # FastAPI's own pages read the prefix under this name.
                scope = {**scope, "root_path": self._prefix}
        await self._app(scope, receive, send)
