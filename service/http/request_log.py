"""Every request has an id, a line in the log and its place in the counts; uncaught errors are defects."""

import logging
import re
import time
from contextvars import ContextVar
from typing import Any, Final

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.registry import Collector
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.access.tokens import PREFIX
from graph.model import new_id
from service.http.errors import defect

log = logging.getLogger("glan")
access_log = logging.getLogger("glan.access")

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
GIVEN_ID: Final = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)
# nginx's status for a client that left before the response was complete.
LEFT: Final = 499
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# A token that somebody puts into an address by mistake must not reach the log.
SECRET: Final = re.compile(re.escape(PREFIX) + r"[\w-]{20,}")


class Traffic:
    """Counts and durations of requests by method, route and status. Routes are templates, so they are few."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route")
        self._requests = Counter(
            "glan_http_requests", "Requests answered", (*labels, "status"), registry=registry
        )
        self._seconds = Histogram(
            "glan_http_request_seconds",
            "Seconds from a request's head to the end of its answer",
            labels,
            buckets=BUCKETS,
            registry=registry,
        )
        self._open = Counter("glan_http_sent_bytes", "Bytes of answers", registry=registry)

    def count(self, method: str, route: str, status: int, seconds: float, sent: int) -> None:
        """Counts one request: its duration in seconds and the bytes sent in its response."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        self._open.inc(sent)


class Copied(Collector):
    """A collector that exposes the metrics of one registry in another."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Any:
        """The current metric families."""
        return self._registry.collect()


class RequestLog:
    """Middleware outside all that respond to HTTP requests, so it sees every response, also theirs."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles the request, then logs and counts it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request.state.request_id = id_ = given if GIVEN_ID.fullmatch(given) else new_id()
        token = REQUEST_ID.set(id_)
        answer = _Answer(send, id_)
        began = time.perf_counter()
        try:
            await self._do(request, receive, answer)
        finally:
            self._write(request, answer, time.perf_counter() - began)
            REQUEST_ID.reset(token)

    async def _do(self, request: Request, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(request.scope, receive, answer.send)
        except (ClientDisconnect, OSError):
            answer.status = LEFT
        except Exception as error:
            log.exception("%s %s", request.method, shown(request.scope["path"]), exc_info=error)
            if answer.status:
                raise  # the response has begun; all that is left is to end the connection
            response = defect(request, "the service's log has the details under this request_id")
            await response(request.scope, receive, answer.send)

    def _write(self, request: Request, answer: "_Answer", seconds: float) -> None:
        status = answer.status if answer.ended else LEFT
        route = getattr(request.scope.get("route"), "path", "other")
        self._traffic.count(request.method, route, status, seconds, answer.bytes)
        fields: dict[str, Any] = {
            "method": request.method,
            "path": shown(request.scope["path"]),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": answer.bytes,
            "caller": getattr(request.state, "caller", None),
            "client": request.client.host if request.client else None,
        }
        line = "%(method)s %(path)s %(status)s %(ms)s ms %(bytes)s B %(caller)s"
        access_log.info(line, fields, extra={"fields": fields})


class _Answer:
    """One response: adds the request's id to its head, and records its status and size."""

    def __init__(self, send: Send, id_: str) -> None:
        self._send = send
        self._id = id_
        self.status = 0
        self.bytes = 0
        self.ended = False

    async def send(self, message: Message) -> None:
        """The ASGI send callable."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self._id
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)


def shown(path: str) -> str:
    """A path as it may be logged: on one line, with tokens masked."""
    return SECRET.sub(PREFIX + "...", path.encode("unicode_escape").decode())
