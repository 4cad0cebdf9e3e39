"""The only place that knows HTTP statuses: errors become RFC 9457 problem documents."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from generators.errors import GenerationError, NoPrice
from graph import errors as graph_errors

log = logging.getLogger("glan")

MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[Exception], HTTPStatus] = {
    graph_errors.NotFound: HTTPStatus.NOT_FOUND,
    graph_errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    graph_errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    graph_errors.Conflict: HTTPStatus.CONFLICT,
    graph_errors.DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    graph_errors.GraphError: HTTPStatus.INTERNAL_SERVER_ERROR,
    NoPrice: HTTPStatus.UNPROCESSABLE_ENTITY,
    GenerationError: HTTPStatus.BAD_GATEWAY,
    # Raised where parameters are packed for the database: half a surrogate pair, more than 64 bits.
    UnicodeEncodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OverflowError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    where: str = Field(description="Such as body.name or query.limit")
    problem: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it; `detail` says what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem] | None = None


def problem(
    request: Request, status: int, detail: str, errors: list[FieldProblem] | None = None
) -> JSONResponse:
    """A problem document as a response."""
    title = HTTPStatus(status).phrase
    # A detail may quote anything the client sent, half a surrogate pair as well.
    sayable = detail.encode(errors="replace").decode()
    document = Problem(title=title, status=status, detail=sayable, instance=request.url.path, errors=errors)
    return JSONResponse(document.model_dump(exclude_none=True), status, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors an endpoint may give, for the OpenAPI document."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Makes every error of the service a problem document."""
    for kind, status in STATUSES.items():
        app.add_exception_handler(kind, _known(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


def _known(status: HTTPStatus) -> Any:
    async def handle(request: Request, error: Exception) -> JSONResponse:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s: %s", request.method, request.url.path, error)
        return problem(request, status, str(error))

    return handle


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldProblem(where=".".join(map(str, e["loc"])), problem=str(e["msg"]).removeprefix("Value error, "))
        for e in error.errors()
    ]
    detail = "; ".join(f"{e.where}: {e.problem}" for e in errors[:5])
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    response = problem(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    log.exception("%s %s", request.method, request.url.path, exc_info=error)
    return problem(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "a defect of glan; the service's log has the details"
    )
