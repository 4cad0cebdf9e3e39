"""Finds out from an error of the openai client what an endpoint means by it."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
import openai

from generators.errors import (
    CallFailed,
    EndpointRefuses,
    EndpointUnavailable,
    GenerationError,
    TooLong,
)
from generators.models.replies import complaints
from generators.models.replies.bodies import decoded, document, is_page, page_said
from generators.models.replies.retry_after import wait_in, wait_s
from graph.reasons import Reason

# Statuses of errors that may pass. Some gateways answer 409 or 425 while a model is loaded.
RETRYABLE = (408, 409, 425, 429)
FATAL = (401, 402, 403, 404, 405, 407)
# The status given to an empty reply, as a gateway would.
NOTHING_SAID = 502
NOT_READY = 503
LONGEST_SAID = 1000


class NothingSaid(openai.APIStatusError):
    """A reply with a good status is empty; it may have been paid for."""


def status_error(
    request: httpx2.Request,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    kind: type[openai.APIStatusError] = openai.APIStatusError,
) -> openai.APIStatusError:
    """The openai client's error for a bad reply; `content` is already decompressed and masked."""
    body = _body(content)
    if isinstance(body, list) and body:
        body = cast(Any, body[0])
    detail: Any = _member(cast(Any, body), "error") or cast(Any, body)
    plain = [
        (name, value)
        for name, value in headers.items()
        if name.lower() != "content-encoding" and value.isascii()
    ]
    response = httpx2.Response(status, headers=plain, content=content, request=request)
    message = f"Error code: {status} - {_message(detail)}"
    return kind(message, response=response, body=detail)


def _body(content: bytes) -> Any:
    if not is_page(content):
        try:
            return document(content)
        except ValueError:
            pass
    text = decoded(content)
    return page_said(text) if is_page(content) else text[:LONGEST_SAID]


def _message(detail: Any) -> str:
    """The message of an error."""
    message = next((m for name in ("message", "msg", "detail") if (m := _member(detail, name))), detail)
    return message if isinstance(message, str) else complaints.words(message)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


def status_of(error: openai.APIError) -> int | None:
    """The HTTP status of an error; None if there was no reply."""
    return error.status_code if isinstance(error, openai.APIStatusError) else None


def complaint(error: openai.APIError) -> str:
    """Everything that a refusal says, in lower case; empty if there was no reply."""
    if not isinstance(error, openai.APIStatusError):
        return ""
    body = cast(Any, error.body)
    told = complaints.words(body) if isinstance(body, dict | list) else str(body)
    return f"{error.param or ''} {error.code or ''} {told}".lower()[: complaints.LONGEST]


def is_page_error(error: openai.APIError) -> bool:
    """Whether the reply was a web page."""
    return isinstance(error, openai.APIStatusError) and is_page(error.response.content)


def is_per_minute(error: openai.APIError) -> bool:
    """Whether a 413 means too many tokens per minute, and not too large a request."""
    return status_of(error) == 413 and complaints.names_rate(complaint(error))


def retryable(error: openai.APIError) -> bool:
    """Whether the same request may succeed later."""
    status = status_of(error)
    if status is None:
        return isinstance(error, openai.APIConnectionError)
    if error.code == "insufficient_quota" or is_filtered(error) or is_too_long(error):
        return False
    return status in RETRYABLE or (status >= 500 and status != 501) or is_per_minute(error)


def timed_out(error: openai.APIError) -> bool:
    """Whether a reply timed out; not a connection, which the client reports as a timeout too."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 504)
    return (
        isinstance(error, openai.APITimeoutError) and "connect" not in type(error.__cause__).__name__.lower()
    )


def asked_wait(error: openai.APIError) -> float | None:
    """Seconds that the endpoint asks us to wait, in its headers or else in its body; None if it does not."""
    if not isinstance(error, openai.APIStatusError):
        return None
    asked = wait_s({name.lower(): value for name, value in error.response.headers.items()})
    return wait_in(json.dumps(error.body)) if asked is None else asked


def is_key(error: openai.APIError) -> bool:
    """Whether the key, account or model is refused (4xx but 429), as every further call would be."""
    status = status_of(error)
    return (
        status is not None
        and 400 <= status < 500
        and status != 429
        and complaints.names_key(complaint(error))
    )


def is_filtered(error: openai.APIError) -> bool:
    """Whether a content filter refuses this prompt only."""
    status = status_of(error)
    if status is None or status in (401, 402, 404, 429) or is_page_error(error) or is_key(error):
        return False
    return status == 451 or complaints.names_filter(complaint(error))


def is_doubtful(error: openai.APIError) -> bool:
    """Whether it is unclear if the key is refused or only this prompt, as by a firewall."""
    return status_of(error) == 403 and not is_key(error)


def refuses_format(error: openai.APIError) -> bool:
    """Whether the form of structured output is refused."""
    status, told = status_of(error), complaint(error)
    if status is None or status in (401, 402, 403, 429):
        return False
    return complaints.names_format(told, strictly=status == 404 or (status >= 500 and status != 501))


def is_too_long(error: openai.APIError) -> bool:
    """Whether the prompt exceeds the model's context, or its body the server's limit."""
    status = status_of(error)
    if status == 413:
        return not is_per_minute(error)
    told = complaint(error)
    if status == 500:
        return "context" in told and complaints.names_length(told)
    return status in (400, 422, 501) and complaints.names_length(told)


def said(endpoint: str, error: openai.APIError) -> str:
    """The error as a message for people."""
    if not isinstance(error, openai.APIStatusError):
        return f"no answer from {endpoint}: {error.message}"
    if is_page_error(error):
        return f"{endpoint} answers {error.status_code} with a web page ({error.body}) and no completion"
    return f"{endpoint} answers {error.status_code}: {error.message}"


def translation(endpoint: str, error: openai.APIError, silent_s: float = 0.0) -> GenerationError:
    """The error as a GenerationError: its class is what it means for a job, its message says what to do."""
    told = said(endpoint, error)
    if not isinstance(error, openai.APIStatusError):
        return EndpointUnavailable(f"{told}; is it running, and is the address right?")
    if 300 <= error.status_code < 400:
        return EndpointRefuses(f"{endpoint} answers {error.status_code}: {_moved(error)}")
    if is_filtered(error):
        return CallFailed(Reason.refused, told)
    if is_key(error) or error.status_code in FATAL or error.code == "insufficient_quota":
        return EndpointRefuses(f"{told}; check key, model name and quota")
    if retryable(error):
        right = "; is the address right, with its /v1?" if is_page_error(error) else ""
        return EndpointUnavailable(
            f"{told}{right}; no usable reply for {silent_s:.0f} s: resume the job when the "
            "endpoint works again"
        )
    return TooLong(told) if is_too_long(error) else CallFailed(Reason.bad_request, told)


def _moved(error: openai.APIStatusError) -> str:
    """Where an address redirects to, and what to set."""
    request, location = error.response.request, error.response.headers.get("location", "")
    if not location:
        return "it leads elsewhere and does not say where; is the address right?"
    target = re.sub(r"[?#].*", "", str(request.url.join(location)))
    address = urlsplit(target)
    target = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"
    base = re.sub(r"/(chat/completions|models)/?$", "", target)
    if base == target:
        return f"it leads to {target}, which is not a chat endpoint; is the address right?"
    return f"it leads to {target}; set OPENAI_BASE_URL (GLAN_ANSWER_BASE_URL for answers) to {base}"
