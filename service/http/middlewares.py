"""The middlewares that every request and response passes, in order."""

from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from service.http import bodies
from service.http.auth import Access, Guard
from service.http.bodies import Bodies
from service.http.compression import Compression
from service.http.etags import ETags
from service.http.head import Head
from service.http.headers import SecurityHeaders
from service.http.http_only import HttpOnly
from service.http.idempotency import Idempotency
from service.http.limits import Lengths, Rate
from service.http.request_log import RequestLog, Traffic
from service.http.root_path import RootPath
from service.settings import Settings, listed

CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": [
        *("Authorization", "Content-Type", "Accept", "If-Match", "If-None-Match"),
        *("Idempotency-Key", "X-Request-ID"),
    ],
    "expose_headers": [
        *("ETag", "Location", "Link", "Retry-After", "X-Request-ID", "Idempotency-Replayed"),
        *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    ],
}


def add(app: FastAPI, settings: Settings, access: Access, traffic: Traffic) -> None:
    """Adds the middlewares. A request passes them in this order; each one added wraps those added before it.

    All are plain ASGI and pass streams on in both directions as they arrive.
    """
    largest = settings.max_body_mb * bodies.MB
    allowed = listed(settings.cors_origins)
    passed: list[tuple[Any, dict[str, Any]]] = [
        # The others check HTTP only, so nothing else may reach them.
        (HttpOnly, {}),
        (RootPath, {"prefix": settings.root_path or ""}),
        # Gives every request an id, a line in the log and a count; an uncaught error becomes a 500.
        (RequestLog, {"traffic": traffic}),
        (SecurityHeaders, {}),
        # Outside the guard, because a browser's preflight request carries no token.
        *([(CORSMiddleware, {"allow_origins": allowed, **CORS})] if allowed else []),
        (Lengths, {}),
        # Authentication, scope and rate limit, before any of the body is read.
        (Guard, {"access": access, "rate": _rate(settings), "origins": allowed}),
        # Outside the middlewares that look at responses, so that they see the response to a GET.
        (Head, {}),
        # Outside ETags, which are made from the content before it is compressed.
        (Compression, {}),
        (ETags, {}),
        (Bodies, {"largest": largest, "idle_s": settings.body_timeout_s}),
        # The innermost: it needs to know whose key it is, and refusals of the others must not be kept.
        (Idempotency, {"lease_s": settings.lease_s, "largest": largest}),
    ]
    for middleware, options in reversed(passed):
        app.add_middleware(middleware, **options)


def _rate(settings: Settings) -> Rate | None:
    return Rate(settings.rate_limit) if settings.rate_limit else None
