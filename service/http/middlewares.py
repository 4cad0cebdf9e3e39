"""What every request passes on its way to a route and every answer on its way back."""

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
    """What every request passes, in this order; added from the last, for each wraps those before.

    All are plain ASGI and pass streams on in both directions as they come.
    """
    largest = settings.max_body_mb * bodies.MB
    allowed = listed(settings.cors_origins)
    passed: list[tuple[Any, dict[str, Any]]] = [
        # The others look at HTTP alone, so nothing else comes to them.
        (HttpOnly, {}),
        (RootPath, {"prefix": settings.root_path or ""}),
        # Sees every answer: an id, a line in the log, a count; what nobody caught becomes a 500.
        (RequestLog, {"traffic": traffic}),
        (SecurityHeaders, {}),
        # Before the guard: a browser asks beforehand, and without a token, whether it may ask.
        *([(CORSMiddleware, {"allow_origins": allowed, **CORS})] if allowed else []),
        (Lengths, {}),
        # Who asks, and whether they may, before anything of a body is read.
        (Guard, {"access": access, "rate": _rate(settings), "origins": allowed}),
        # Outside all that look at an answer, so that they see the one to a GET.
        (Head, {}),
        # Outside the ETags, which stand for what is compressed.
        (Compression, {}),
        (ETags, {}),
        (Bodies, {"largest": largest, "idle_s": settings.body_timeout_s}),
        # The innermost: whose key it is must be known, and what was refused is no answer to keep.
        (Idempotency, {"lease_s": settings.lease_s, "largest": largest}),
    ]
    for middleware, options in reversed(passed):
        app.add_middleware(middleware, **options)


def _rate(settings: Settings) -> Rate | None:
    return Rate(settings.rate_limit) if settings.rate_limit else None
