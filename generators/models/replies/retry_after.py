"""How long a provider asks us to wait, in all forms that providers use."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# A larger number is a time in seconds since 1970, not a duration.
_EPOCH = 10**9


def wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait from now; None if the headers ask for none. Header names must be in lower case.

    Reads retry-after-ms, Retry-After as seconds or date (RFC 9110, 10.2.3), or else x-ratelimit-reset* and
    similar headers: the latest reset of the limits that are used up, or else the earliest of all.
    """
    now = now or datetime.now(UTC)
    if "retry-after-ms" in headers:
        milliseconds = _number(headers["retry-after-ms"])
        if milliseconds is not None:
            return max(0.0, milliseconds / 1000)
    if "retry-after" in headers:
        asked = _span(headers["retry-after"], now)
        if asked is not None:
            return asked
    return _reset_s(headers, now)


def _reset_s(headers: Mapping[str, str], now: datetime) -> float | None:
    used_up: list[float] = []
    others: list[float] = []
    for name, value in headers.items():
        if "ratelimit" in name and "reset" in name:
            span = _span(value, now)
            if span is not None:
                remaining = _number(headers.get(name.replace("reset", "remaining"), ""))
                (used_up if remaining == 0 else others).append(span)
    if used_up:
        return max(used_up)
    return min(others) if others else None


def _span(text: str, now: datetime) -> float | None:
    """Seconds from "1", "1.5s", "6m0s", "20ms", a date, or seconds since 1970; None for anything else."""
    text = text.strip()
    number = _number(text)
    if number is not None:
        return max(0.0, number - now.timestamp() if number > _EPOCH else number)
    if text and not _PARTS.sub("", text):
        return sum(float(amount) * _SECONDS[unit] for amount, unit in _PARTS.findall(text))
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_IN_WORDS = (
    # Google's RetryInfo, and what gateways add to a body.
    re.compile(
        r'"retry_?(?:delay|after)(?:_(?:seconds|s))?"\s*:\s*"?(\d+(?:\.\d+)?(?:ms|s|m|h)?)', re.IGNORECASE
    ),
    re.compile(
        r"(?:try again|retry)(?: again)? (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)\b", re.IGNORECASE
    ),
    re.compile(r"(?:try again|retry)(?: again)? (?:in|after) (\d+(?:\.\d+)?) ?sec", re.IGNORECASE),
)
# When a limit is reset, in milliseconds since 1970: OpenRouter repeats its headers in the body.
_RESET = re.compile(r'"x-ratelimit-reset"\s*:\s*"?(\d{13})"?', re.IGNORECASE)


def wait_in(text: str, now: datetime | None = None) -> float | None:
    """Seconds that the body of an error asks us to wait; None if it does not."""
    now = now or datetime.now(UTC)
    if found := _RESET.search(text):
        return max(0.0, int(found[1]) / 1000 - now.timestamp())
    for words in _IN_WORDS:
        if found := words.search(text):
            return _span(found[1], now)
    return None
