"""Who may speak to the service: everyone on this machine, or whoever knows the token."""

import ipaddress
import secrets
from http import HTTPStatus

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import problem

OPEN_PATHS = ("/healthz", "/readyz")
LOOPBACK_NAMES = ("localhost", "testserver")


class NotLoopback(Exception):
    """The service was to listen beyond this machine without a token."""


def require_safe(host: str, token: str | None) -> None:
    """Raises NotLoopback for an address beyond loopback where no token is set."""
    if token is None and not is_loopback(host):
        raise NotLoopback(f"listening on {host} needs a token: set GLAN_TOKEN, or listen on 127.0.0.1")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Middleware: with a token every request must carry it; without one the Host must be this machine.

    The Host is looked at because a page in the user's browser can reach loopback under a name of its own.
    Plain ASGI, because Starlette's BaseHTTPMiddleware gets in the way of bodies that are streamed both ways.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through or answers it with a problem document."""
        if scope["type"] == "http":
            request = Request(scope)
            refusal = self._refusal(request)
            if refusal is not None:
                status, detail = refusal
                response = problem(request, status, detail)
                if status == HTTPStatus.UNAUTHORIZED:
                    response.headers["WWW-Authenticate"] = "Bearer"
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> tuple[HTTPStatus, str] | None:
        if request.url.path in OPEN_PATHS:
            return None
        if self._token is None:
            if is_loopback(request.url.hostname or ""):
                return None
            detail = "without GLAN_TOKEN the service answers to this machine's own names only"
            return HTTPStatus.FORBIDDEN, detail
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), self._token.encode()):
            return None
        return HTTPStatus.UNAUTHORIZED, "send the token: Authorization: Bearer ..."
