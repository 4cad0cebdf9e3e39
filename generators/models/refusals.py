"""What an endpoint means when it does not answer well: reads the errors of the openai client."""

from collections.abc import Mapping
from typing import Any

import httpx2
import openai
import pydantic_core

from generators.errors import (
    CallFailed,
    EndpointRefuses,
    EndpointUnavailable,
    GenerationError,
    TooLong,
)
from generators.models.retry_after import wait_s
from graph.reasons import Reason

# Errors that may pass. 409 and 425 are what some gateways answer while a model is loaded.
RETRYABLE = (408, 409, 425, 429)
FATAL = (401, 402, 403, 404)


def status_error(
    request: httpx2.Request, status: int, headers: Mapping[str, str], content: bytes
) -> openai.APIStatusError:
    """The client's error for a reply that is not a good one; `content` is decompressed already."""
    try:
        body: Any = pydantic_core.from_json(content)
    except ValueError:
        body = content.decode(errors="replace")
    detail = _member(body, "error") or body
    message = _member(detail, "message") or detail
    plain = [(name, value) for name, value in headers.items() if name.lower() != "content-encoding"]
    response = httpx2.Response(status, headers=plain, content=content, request=request)
    return openai.APIStatusError(f"Error code: {status} - {message}", response=response, body=detail)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


def retryable(error: openai.APIError) -> bool:
    """Whether the same request may be answered well later."""
    if isinstance(error, openai.APIStatusError):
        if error.code == "insufficient_quota":
            return False
        return error.status_code in RETRYABLE or (error.status_code >= 500 and error.status_code != 501)
    return isinstance(error, openai.APIConnectionError)


def timed_out(error: openai.APIError) -> bool:
    """Whether we waited in vain: the client calls a refused connection a time-out too, its cause knows."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 504)
    return (
        isinstance(error, openai.APITimeoutError) and "connect" not in type(error.__cause__).__name__.lower()
    )


def asked_wait(error: openai.APIError) -> float | None:
    """Seconds the endpoint asks us to wait."""
    if not isinstance(error, openai.APIStatusError):
        return None
    return wait_s({name.lower(): value for name, value in error.response.headers.items()})


def complaint(error: openai.APIError) -> str:
    """What a refused request was refused for, in lower case; empty where it is no such refusal."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 422, 501):
        return ""
    return f"{error.param or ''} {error.code or ''} {error.message}".lower()


def names_parameter(error: openai.APIError, parameter: str) -> bool:
    """Whether a refusal is about this parameter of the request."""
    told = complaint(error)
    return error.param == parameter or any(word in told for word in ("unsupported", "not support", "unknown"))


def names_format(told: str) -> bool:
    """Whether a refusal is about the way of structured output."""
    return any(
        word in told for word in ("response_format", "json_schema", "json_object", "grammar", "schema")
    )


def is_too_long(error: openai.APIError) -> bool:
    """Whether the prompt does not fit the model's context."""
    told = complaint(error)
    return "context_length" in told or (
        any(word in told for word in ("context", "too long", "token"))
        and any(word in told for word in ("exceed", "maximum", "too long", "too many", "larger"))
    )


def said(endpoint: str, error: openai.APIError) -> str:
    """The error for people."""
    if isinstance(error, openai.APIStatusError):
        return f"{endpoint} answers {error.status_code}: {error.message}"
    return f"no answer from {endpoint}: {error.__cause__ or error.message}"


def translation(endpoint: str, error: openai.APIError, silent_s: float = 0.0) -> GenerationError:
    """What the error means for a job, with what to do about it."""
    told = said(endpoint, error)
    if not isinstance(error, openai.APIStatusError):
        return EndpointUnavailable(f"{told}; is it running, is the address right?")
    if error.status_code in FATAL or error.code == "insufficient_quota":
        return EndpointRefuses(f"{told}; check key, model name and quota")
    if retryable(error):
        return EndpointUnavailable(
            f"{told}; nothing has come back well for {silent_s:.0f} s: resume the job when it is well again"
        )
    if is_too_long(error):
        return TooLong(told)
    return CallFailed(Reason.bad_request, told)
