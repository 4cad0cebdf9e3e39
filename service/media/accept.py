"""The formats in which instructions are pulled, and which of them a request asks for."""

from collections.abc import Sequence
from enum import StrEnum

from fastapi import Request

from service.refusals import NotAcceptable

JSON = "application/json"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"


class PullFormat(StrEnum):
    """json: a page; ndjson (or jsonl): all, one object per line; parquet: all as one file."""

    json = "json"
    ndjson = "ndjson"
    jsonl = "jsonl"
    parquet = "parquet"


# The first one is sent to clients that accept anything, such as browsers. NDJSON has several names.
OFFERED: dict[str, PullFormat] = {
    JSON: PullFormat.json,
    NDJSON: PullFormat.ndjson,
    "application/ndjson": PullFormat.ndjson,
    "application/jsonl": PullFormat.ndjson,
    "application/x-jsonlines": PullFormat.ndjson,
    PARQUET: PullFormat.parquet,
}


def asked_for(request: Request, given: PullFormat | None) -> PullFormat:
    """The format named by the parameter, else by Accept; raises NotAcceptable listing what is offered."""
    if given is not None:
        return PullFormat.ndjson if given is PullFormat.jsonl else given
    said = f"{JSON} (a page), {NDJSON} or {PARQUET} (all); or say ?format=json, ndjson or parquet"
    return OFFERED[accepted(request, tuple(OFFERED), said)]


def accepted(request: Request, offered: Sequence[str], said: str) -> str:
    """The media type that the client prefers (RFC 9110), the first among equals; raises NotAcceptable."""
    accept = ", ".join(request.headers.getlist("accept")) or "*/*"
    ranges = _ranges(accept)
    best = max(offered, key=lambda media: _quality(media, ranges))
    if _quality(best, ranges)[0] <= 0:
        raise NotAcceptable(f"Accept: {accept} is not available here; this endpoint returns {said}")
    return best


def _ranges(accept: str) -> dict[str, float]:
    """The quality of each media range in an Accept header; an invalid quality counts as refused."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        media, *params = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for param in params:
            name, _, value = param.partition("=")
            if name.strip() == "q":
                quality = _number(value.strip())
        if media:
            found[media] = max(quality, found.get(media, 0.0))
    return found


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0


def _quality(media: str, ranges: dict[str, float]) -> tuple[float, int]:
    """The quality given by the most specific matching range, and a rank: the more specific, the higher."""
    fitting = (media, f"{media.partition('/')[0]}/*", "*/*")
    fits = ((ranges[name], -n) for n, name in enumerate(fitting) if name in ranges)
    return next(fits, (0.0, 0))
