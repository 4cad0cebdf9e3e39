"""`Idempotency-Key`: a POST repeated under its key gets the first answer and has no second effect.

The answers are stored in the graph (graph/access/idempotency.py), so that every service on it knows them,
even after a crash. A request that a dead service left unanswered is executed again, and must not have its
effect twice: a job's id is derived from the claim's seed, and all other POSTs are idempotent themselves.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NoReturn

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.access import idempotency
from graph.access.idempotency import Answer, Claim, InProgress, OtherBody
from graph.database import Database
from graph.errors import GraphError
from graph.tasks import in_background
from service.http import bodies
from service.http.errors import is_lasting, refuse
from service.media.content_type import media_type
from service.parts import parts_of
from service.refusals import BadKey, BodyStalled, BodyTooLarge, KeyInProgress, KeyReused

log = logging.getLogger("glan")

KEY = re.compile(r"[!-~]{1,255}")
# Headers of the first answer that a repeat gets; the others belong to their connection.
KEPT_HEADERS = ("content-type", "location", "etag", "link", "cache-control")
RETRY_S = 1
CLEAN_S = 3600.0
# A command that ends sooner has nothing to clean up.
FIRST_CLEAN_S = 60.0
LONG = 100_000


class Idempotency:
    """Middleware; the innermost one, because it needs the caller and must not keep refusals."""

    def __init__(self, app: ASGIApp, lease_s: float, largest: int) -> None:
        self._app = app
        self._lease_s = lease_s
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a POST with a key from the graph, or executes it and keeps the answer."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        keys = request.headers.getlist("idempotency-key")
        if not keys:
            await self._app(scope, receive, send)
            return
        if len(keys) > 1 or not KEY.fullmatch(keys[0]):
            detail = "Idempotency-Key must be 1 to 255 visible ASCII characters, given once, such as a UUID"
            await refuse(request, BadKey(detail))(scope, receive, send)
            return
        try:
            body = await bodies.read(receive, self._largest)
        except bodies.Gone:
            return
        except BodyStalled as error:
            await refuse(request, error)(scope, receive, send)
            return
        except bodies.TooLarge:
            await self._too_large(request)(scope, receive, send)
            return
        await self._answer(request, keys[0], body, send)

    def _too_large(self, request: Request) -> Response:
        most = self._largest // bodies.MB
        detail = (
            f"with an Idempotency-Key a body may have {most} MB: send it in parts with a key each, or "
            "without a key, for inserting nodes twice gives them once"
        )
        return refuse(request, BodyTooLarge(detail))

    async def _answer(self, request: Request, key: str, body: bytes, send: Send) -> None:
        database = parts_of(request).database
        id_ = idempotency.request_id(request.scope.get("state", {}).get("caller_id", ""), key)
        fingerprint = await _fingerprint(request, body)
        try:
            found = await idempotency.begin(database, id_, fingerprint, self._lease_s)
        except (OtherBody, InProgress, GraphError) as error:
            await _refusal(request, error)(request.scope, _nothing, send)
            return
        if isinstance(found, Answer):
            headers = found.headers | {"Idempotency-Replayed": "true"}
            await Response(found.body, found.status, headers)(request.scope, _nothing, send)
            return
        request.scope.setdefault("state", {})["seed"] = found.seed
        async with self._renewed(database, found):
            await self._do(request, database, found, body, send)

    @asynccontextmanager
    async def _renewed(self, database: Database, claim: Claim) -> AsyncGenerator[None]:
        """Renews the claim while the request is executed."""

        async def renew() -> NoReturn:
            while True:
                await asyncio.sleep(self._lease_s / 3)
                try:
                    await idempotency.renew(database, claim, self._lease_s)
                except GraphError as error:
                    log.warning("%s", error)

        async with in_background(renew(), "lease of a request"):
            yield

    async def _do(self, request: Request, database: Database, claim: Claim, body: bytes, send: Send) -> None:
        keeper = _Keeper(request, database, claim, send, self._largest)
        try:
            await self._app(request.scope, bodies.replayed(body, _nothing), keeper.send)
        except Exception:
            await keeper.let_go()
            raise


class _Keeper:
    """Passes an answer on, and stores it before its end is sent: a complete answer is a kept one."""

    def __init__(self, request: Request, database: Database, claim: Claim, send: Send, largest: int) -> None:
        self._request = request
        self._database = database
        self._claim = claim
        self._send = send
        self._largest = largest
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._too_long = False

    async def send(self, message: Message) -> None:
        """Passes a message on, as ASGI has it."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            named = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
            self._headers = {name: named[name] for name in KEPT_HEADERS if name in named}
        elif message["type"] == "http.response.body":
            self._add(message.get("body", b""))
            if not message.get("more_body", False):
                await self._keep()
        await self._send(message)

    def _add(self, chunk: bytes) -> None:
        if len(self._body) + len(chunk) > self._largest:
            self._too_long = True
            self._body.clear()
        elif not self._too_long:
            self._body += chunk

    async def _keep(self) -> None:
        if self._too_long or not is_lasting(self._status):
            await self.let_go()
            return
        kept = self._request.scope["state"].get("kept_body", bytes(self._body))
        try:
            await idempotency.record(self._database, self._claim, Answer(self._status, self._headers, kept))
        except GraphError as error:
            # The request has had its effect; a repeat executes it again, which changes nothing.
            log.warning("the answer of a request could not be kept: %s", error)

    async def let_go(self) -> None:
        """Gives the claim up, so that a repeat executes the request again."""
        try:
            await idempotency.release(self._database, self._claim)
        except GraphError as error:
            log.warning("%s", error)


async def _nothing() -> Message:
    """Never returns: a request with a key is executed to its end even if the client leaves."""
    await asyncio.Event().wait()
    raise AssertionError


async def _fingerprint(request: Request, body: bytes) -> str:
    kind = media_type(request.headers.get("content-type"))
    parts = (request.method, request.scope["path"], request.scope["query_string"].decode("latin-1"), kind)
    digest = hashlib.sha256("\n".join(map(repr, parts)).encode())
    if len(body) > LONG:
        await asyncio.to_thread(digest.update, body)
    else:
        digest.update(body)
    return digest.hexdigest()


def _refusal(request: Request, error: Exception) -> Response:
    if isinstance(error, OtherBody):
        detail = "the Idempotency-Key was used for another request; use a new one, such as a UUID"
        return refuse(request, KeyReused(detail))
    if isinstance(error, InProgress):
        detail = "the first request with this Idempotency-Key is still in progress; repeat it later"
        return refuse(request, KeyInProgress(detail, headers={"Retry-After": str(RETRY_S)}))
    return refuse(request, error)


async def clean(database: Database, hours: float) -> NoReturn:
    """Deletes old answers every hour; never returns."""
    await asyncio.sleep(FIRST_CLEAN_S)
    while True:
        try:
            if forgotten := await idempotency.clean(database, hours):
                log.info("forgot the answers of %d requests older than %g hours", forgotten, hours)
        except GraphError as error:
            log.warning("%s", error)
        await asyncio.sleep(CLEAN_S)
