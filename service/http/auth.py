"""Access to the service: everyone on this machine, or the bearers of tokens with the scope needed.

GLAN_TOKEN may do everything, and only it may make other tokens. Those are kept in the graph
(graph/access/tokens.py) with their scopes (service/http/scopes.py).
"""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.access import tokens
from graph.access.tokens import NOBODY
from graph.database import Database
from graph.errors import GraphError
from service.http import documentation
from service.http.errors import refuse
from service.http.limits import Rate
from service.http.scopes import READING, Need, is_public, needed
from service.loopback import NotLoopback, is_loopback
from service.parts import parts_of
from service.refusals import Busy, NotAllowed, Refusal, TooManyRequests, Unauthorized

# These reveal only what glan can do and where, and a browser sends no token.
OPEN = re.compile(rf"/|/ui/?|{documentation.PATHS.pattern}")
# How long a token that another service made or revoked may go unnoticed here.
REMEMBERED_S = 3.0
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Caller:
    """The sender of a request, with its scopes."""

    id: str
    """Differs between tokens, including successive ones of the same name."""
    name: str
    needs: frozenset[Need]

    def may(self, need: Need | None) -> bool:
        """Whether this caller may make a request that needs `need`."""
        return need is None or need in self.needs


SCOPES: frozenset[Need] = frozenset(tokens.Scope)
ANYBODY = Caller("", NOBODY, SCOPES)
ADMIN: frozenset[Need] = frozenset(("admin",))
OWNER = Caller("GLAN_TOKEN", NOBODY, SCOPES | ADMIN)


class Access:
    """GLAN_TOKEN, and for a few seconds the tokens looked up in the graph."""

    def __init__(self, token: str | None, host: str) -> None:
        self._digest = tokens.hashed(token) if token else None
        self._beyond = not is_loopback(host)
        self._host = host
        self._bearers: dict[str, tuple[float, Caller]] = {}
        self._any: tuple[float, bool] | None = None

    async def require_safe(self, database: Database) -> None:
        """Raises NotLoopback if the service would listen beyond this machine without a token."""
        if self._beyond and not await self.configured(database):
            raise NotLoopback(
                f"listening on {self._host} needs a token: set GLAN_TOKEN, make one with glan token create, "
                "or listen on 127.0.0.1"
            )

    async def configured(self, database: Database) -> bool:
        """Whether a token exists; every request then needs one."""
        if self._digest is not None:
            return True
        now = time.monotonic()
        if self._any is None or now > self._any[0]:
            self._any = now + REMEMBERED_S, await tokens.any_live(database)
        return self._any[1]

    async def open(self, database: Database) -> bool:
        """Whether requests need no token; never beyond loopback, even after the last token was revoked."""
        return not self._beyond and not await self.configured(database)

    async def caller(self, database: Database, secret: str) -> Caller | None:
        """The caller with that token; None if it is unknown, expired or revoked."""
        digest = tokens.hashed(secret)
        # Comparing digests takes a time that reveals nothing about the token.
        if self._digest is not None and secrets.compare_digest(digest, self._digest):
            return OWNER
        now = time.monotonic()
        until, known = self._bearers.get(digest, (0.0, ANYBODY))
        if now < until:
            return known
        bearer = await tokens.bearer(database, secret)
        if bearer is None:
            self._bearers.pop(digest, None)
            return None
        if len(self._bearers) >= MOST_REMEMBERED:
            self._bearers.clear()
        caller = Caller(bearer.id, bearer.name, frozenset(bearer.scopes))
        self._bearers[digest] = now + _remembered_s(bearer), caller
        return caller

    def forget(self) -> None:
        """Called when a token was made or revoked here, so that it takes effect at once."""
        self._bearers.clear()
        self._any = None


def _remembered_s(bearer: tokens.Bearer) -> float:
    left = bearer.expires_at.timestamp() - time.time() if bearer.expires_at else REMEMBERED_S
    return min(REMEMBERED_S, left)


class Guard:
    """Middleware: if a token exists, every request must bear one; otherwise it must come from this machine.

    Without a token the Host is checked, because a page in the user's browser can reach loopback under a name
    of its own, and the origin of every request that changes something, because a page can also use our name.
    Plain ASGI, because Starlette's BaseHTTPMiddleware interferes with bodies streamed in both directions.
    """

    def __init__(
        self, app: ASGIApp, access: Access, rate: Rate | None = None, origins: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._access = access
        self._rate = rate
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, with its caller in `request.state`, or answers with a problem document."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await self._caller(request)
        except Refusal as refusal:
            # Guesses of tokens are counted per address, so that each guess is not a new caller.
            refusal = await self._counted(request, None) or refusal
            await _refused(request, refusal)(scope, receive, send)
            return
        refusal = await self._counted(request, caller)
        if refusal is not None:
            await _refused(request, refusal)(scope, receive, send)
            return
        request.state.caller, request.state.caller_id = caller.name, caller.id
        request.state.may = caller.may
        await self._app(scope, receive, _with(request, send))

    async def _counted(self, request: Request, caller: Caller | None) -> Refusal | None:
        """The refusal of a caller over the rate limit; for others its headers are kept for the answer."""
        if self._rate is None or is_public(request.method, request.scope["path"]):
            return None
        address = request.client.host if request.client else ""
        allowed, headers = await self._rate.hit(caller.id if caller and caller.id else f"at {address}")
        request.state.rate_headers = headers
        if allowed:
            return None
        detail = f"too many requests: try again in {headers['Retry-After']} s (GLAN_RATE_LIMIT)"
        return TooManyRequests(detail)

    async def _caller(self, request: Request) -> Caller:
        """The caller of a request; raises Refusal for one that may not make it."""
        path = request.scope["path"]
        if is_public(request.method, path):
            return ANYBODY
        if OPEN.fullmatch(path) and request.method in READING:
            # The Host still counts.
            await self._require_host(request)
            return ANYBODY
        try:
            caller = await self._known(request)
        except GraphError as error:
            raise Busy(str(error)) from error
        need = needed(request.method, path)
        if not caller.may(need):
            raise NotAllowed(_missing(caller, need))
        return caller

    async def _require_host(self, request: Request) -> None:
        try:
            if await self._access.open(parts_of(request).database):
                _require_here(request)
        except GraphError as error:
            raise Busy(str(error)) from error

    def _require_origin(self, request: Request) -> None:
        """Raises NotAllowed for a change by a page of another origin, unless GLAN_CORS_ORIGINS names it.

        A page can make a browser send requests whose answers it may not read, and another port of this
        machine is another origin. Only browsers send these headers, and no page can forge them (RFC 6454, W3C
        Fetch Metadata); a client that sends neither is not a browser.
        """
        if request.method in READING:
            return
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if origin in self._origins or _is_own(request, origin, site):
            return
        detail = (
            f"without a token the service changes nothing for pages of {origin or 'another origin'}; "
            "name the origin in GLAN_CORS_ORIGINS, or make a token with glan token create"
        )
        raise NotAllowed(detail)

    async def _known(self, request: Request) -> Caller:
        database = parts_of(request).database
        if await self._access.open(database):
            _require_here(request)
            self._require_origin(request)
            return ANYBODY
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorized("send a token: Authorization: Bearer ...")
        caller = await self._access.caller(database, secret.strip())
        if caller is None:
            detail = "the token is unknown, expired or revoked; glan token create makes a new one"
            raise Unauthorized(detail)
        return caller


def _is_own(request: Request, origin: str | None, site: str | None) -> bool:
    """Whether a request comes from a page of this service, or from no page at all."""
    if site is not None:
        return site.lower() in ("same-origin", "none")
    # Older browsers send the origin alone.
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def _require_here(request: Request) -> None:
    if not is_loopback(request.url.hostname or ""):
        detail = "without a token the service answers to this machine's own names only"
        raise NotAllowed(detail)


def _with(request: Request, send: Send) -> Send:
    """`send` with the headers of the rate limit, if there is one."""
    headers: dict[str, str] = getattr(request.state, "rate_headers", {})
    if not headers:
        return send

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return with_headers


def _missing(caller: Caller, need: Need | None) -> str:
    if need == "admin":
        return (
            "tokens are made by the holder of GLAN_TOKEN, or by glan token on the machine of the database "
            "with no GLAN_URL"
        )
    has = ", ".join(sorted(str(scope) for scope in caller.needs)) or "none"
    return f"this needs the scope {need}; the token {caller.name} has {has}"


def _refused(request: Request, refusal: Refusal) -> Response:
    response = refuse(request, refusal)
    response.headers.update(getattr(request.state, "rate_headers", {}))
    return response
