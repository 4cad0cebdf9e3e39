"""Reasons to refuse a request beyond those of the graph; service/http/errors.py knows the status of each.

Refusal
├── Malformed              the body is not in the format that it declares
├── BadKey                 the Idempotency-Key is not valid
├── KeyReused              the Idempotency-Key belongs to another request
├── KeyInProgress          the first request with this Idempotency-Key has not ended yet
├── Unauthorized           there is no valid token
├── NotAllowed             this caller may not do it
├── TooManyRequests        the caller exceeds the rate limit
├── PreconditionRequired   a change must say which state of the node it applies to
├── NotAcceptable          the client accepts none of the available formats
├── Unsupported            the body is in a format that is not supported
├── BodyTooLarge           the body is longer than the limit
├── BodyStalled            the body stopped coming
├── AddressTooLong         the address is longer than the limit
├── HeadersTooLong         the headers are longer than the limit
└── Busy                   the work takes too long at the moment
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class Refusal(Exception):
    """The request is not answered; the message says what to do.

    `parts`: the wrong parts of the request, each with its problem; `headers`: added to the response.
    """

    always: ClassVar[Mapping[str, str]] = {}
    """Headers that every refusal of a kind has."""

    def __init__(
        self,
        detail: str,
        parts: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.parts = parts
        self.headers = {**self.always, **(headers or {})}


class Malformed(Refusal):
    """The body is not in the format that it declares."""


class BadKey(Refusal):
    """The Idempotency-Key is not valid."""


class KeyReused(Refusal):
    """The Idempotency-Key belongs to another request."""


class KeyInProgress(Refusal):
    """The first request with this Idempotency-Key has not ended yet."""


class Unauthorized(Refusal):
    """There is no valid token."""

    always: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class NotAllowed(Refusal):
    """This caller may not do it."""


class TooManyRequests(Refusal):
    """The caller exceeds the rate limit."""


class PreconditionRequired(Refusal):
    """A change must say which state of the node it applies to."""


class NotAcceptable(Refusal):
    """The client accepts none of the available formats."""


class Unsupported(Refusal):
    """The body is in a format that is not supported."""


class BodyTooLarge(Refusal):
    """The body is longer than the limit."""


class BodyStalled(Refusal):
    """The body stopped coming."""

    # Anything that still arrives of the body would be taken for the next request.
    always: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class AddressTooLong(Refusal):
    """The address is longer than the limit."""


class HeadersTooLong(Refusal):
    """The headers are longer than the limit."""


class Busy(Refusal):
    """The work takes too long at the moment."""
