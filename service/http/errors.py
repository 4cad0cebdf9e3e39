"""Turns errors into RFC 9457 problem documents; the one place where errors are mapped to HTTP statuses."""

import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from generators.errors import GenerationError, NoPrice
from graph import errors as graph_errors
from service import refusals
from service.http.redispatch import ASKED, again
from service.media.content_type import media_type
from service.parts import parts_of

log = logging.getLogger("glan")

# Roughly how long it takes until a Neo4j that died is back.
RETRY_S = 5
MEDIA_TYPE = "application/problem+json"
HALF_CHARACTER = "a text holds half a surrogate pair, which is not a character: send the whole character"
STATUSES: dict[type[Exception], HTTPStatus] = {
    graph_errors.NotFound: HTTPStatus.NOT_FOUND,
    graph_errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    graph_errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    graph_errors.Refused: HTTPStatus.FORBIDDEN,
    # Not 504: the client's own timeout has passed, and a gateway must not retry.
    graph_errors.TimedOut: HTTPStatus.REQUEST_TIMEOUT,
    graph_errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    graph_errors.Conflict: HTTPStatus.CONFLICT,
    graph_errors.DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    graph_errors.DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    graph_errors.GraphError: HTTPStatus.INTERNAL_SERVER_ERROR,
    NoPrice: HTTPStatus.UNPROCESSABLE_ENTITY,
    GenerationError: HTTPStatus.BAD_GATEWAY,
    refusals.BadKey: HTTPStatus.BAD_REQUEST,
    refusals.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.KeyInProgress: HTTPStatus.CONFLICT,
    refusals.Unauthorized: HTTPStatus.UNAUTHORIZED,
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
    refusals.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.AddressTooLong: HTTPStatus.REQUEST_URI_TOO_LONG,
    refusals.HeadersTooLong: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    refusals.PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    refusals.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    refusals.Unsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.Malformed: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.BodyStalled: HTTPStatus.REQUEST_TIMEOUT,
    refusals.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    # Raised while parameters are packed for the database: half a surrogate pair, an integer over 64 bits.
    UnicodeEncodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OverflowError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


# Statuses that say nothing about the request itself: the same request may succeed later.
PASSING = frozenset(
    (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
)
# Maximum number of invalid parts of a request that are reported.
MOST_ERRORS = 100


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    where: str = Field(description="Such as body.name or query.limit")
    problem: str = Field(description="The problem with it")


class Problem(BaseModel):
    """An error, as RFC 9457 has it; `detail` says what to do."""

    type: str = Field(default="about:blank", description="about:blank; the status says what is wrong")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="What happened and what to do")
    instance: str = Field(description="The path of the request")
    request_id: str = Field(default="", description="As in X-Request-ID and in the log")
    errors: list[FieldProblem] | None = Field(
        default=None, description="One entry for each part that is wrong"
    )


def problem(
    request: Request, status: int, detail: str, errors: list[FieldProblem] | None = None
) -> JSONResponse:
    """A problem document as a response."""
    title = HTTPStatus(status).phrase
    # A detail may quote anything that the client sent, even half a surrogate pair.
    sayable = detail.encode(errors="replace").decode()
    # The path as requested, before an alias in it was replaced.
    instance = request.scope.get(ASKED, request.url.path)
    id_: str = getattr(request.state, "request_id", "")
    document = Problem(
        title=title,
        status=status,
        detail=sayable,
        instance=instance,
        request_id=id_,
        errors=errors,
    )
    return JSONResponse(document.model_dump(exclude_none=True), status, media_type=MEDIA_TYPE)


def refuse(request: Request, error: Exception) -> JSONResponse:
    """The problem document for an error listed in STATUSES."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    parts, headers = (error.parts, error.headers) if isinstance(error, refusals.Refusal) else ((), {})
    fields = [FieldProblem(where=where, problem=said) for where, said in parts]
    detail = HALF_CHARACTER if isinstance(error, UnicodeEncodeError) else str(error)
    response = problem(request, status, detail, fields or None)
    response.headers.update(headers)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_S)
    return response


def defect(request: Request, detail: str = "the service's log has the details") -> JSONResponse:
    """The problem document for a request that failed because of a defect in glan."""
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, f"a defect of glan; {detail}")


def is_lasting(status: int) -> bool:
    """Whether the same request would get the same response again."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors that an endpoint may return, for the OpenAPI document."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def sends_json(request: Request) -> bool:
    """Whether the request declares its body as JSON."""
    kind = media_type(request.headers.get("content-type"))
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def install(app: FastAPI) -> None:
    """Has every error of the application answered with a problem document."""
    for kind, status in STATUSES.items():
        app.add_exception_handler(kind, _known(status))
    app.add_exception_handler(graph_errors.NoNode, _no_node)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


async def _no_node(request: Request, error: Exception) -> Response:
    assert isinstance(error, graph_errors.NoNode)
    return await again(request, error.node_id) or problem(request, HTTPStatus.NOT_FOUND, str(error))


def _known(status: HTTPStatus) -> Any:
    async def handle(request: Request, error: Exception) -> JSONResponse:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s: %s", request.method, request.url.path, error)
        return refuse(request, error)

    return handle


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldProblem(where=".".join(map(str, e["loc"])), problem=str(e["msg"]).removeprefix("Value error, "))
        for e in error.errors()[:MOST_ERRORS]
    ]
    if any(e.where.partition(".")[0] == "body" for e in errors) and not sends_json(request):
        given = request.headers.get("content-type")
        was = f"it was sent with Content-Type: {given}" if given else "it was sent without a Content-Type"
        return refuse(
            request,
            refusals.Unsupported(f"the body must be JSON, but {was}: send Content-Type: application/json"),
        )
    detail = "; ".join(f"{e.where}: {e.problem}" for e in errors[:5])
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        parts = parts_of(request)
        detail = f"nothing is at {request.url.path}: {parts.address('/')} says where things are, and "
        detail += f"{parts.address('/docs')} describes the REST API"
    response = problem(request, error.status_code, detail)
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(allowed(request))
    return response


def addresses(app: FastAPI) -> Iterator[tuple[str, set[str]]]:
    """Path template and methods of every route, including those in routers and those hidden from /docs."""
    for context in iter_route_contexts(app.routes):
        if context.path is not None and context.methods:
            yield context.path, set(context.methods)


def allowed(request: Request) -> list[str]:
    """The methods of all routes at the request's path; Starlette itself reports only the first route's."""
    path, found = request.scope["path"], dict[str, set[str]]()
    for template, methods in addresses(request.app):
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            found.setdefault(template, set()).update(methods)
    # `/v1/jobs/{id}` matches `/v1/jobs/x:pause` too; the template with the most literal text is meant.
    closest = max(found, key=lambda template: len(re.sub(r"\{.*?\}", "", template)), default="")
    methods = found.get(closest, set())
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    log.exception("%s %s", request.method, request.url.path, exc_info=error)
    return defect(request)
