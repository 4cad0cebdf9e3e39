"""Corrects the OpenAPI document where FastAPI's own differs from what the service does."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI

from service.http.errors import MEDIA_TYPE, responses
from service.http.scopes import needed

METHODS: Final = ("get", "put", "post", "delete", "patch")
SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `glan token create`, or GLAN_TOKEN. Its scopes: read, write, generate; "
        "admin is GLAN_TOKEN alone. Without any token the service answers to its own machine only.",
    }
}
REQUEST_ID: Final[dict[str, Any]] = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": "Your id for the request, used in the response and the log; an invalid value is replaced",
    "schema": {"type": "string"},
    "example": "import-7",
}
KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat with the same key and body gets the same response and has no second effect",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    "example": "0d5f7a52-5c3e-4f0e-9b0a-2f2f3a1c9d11",
}
IF_NONE_MATCH: Final[dict[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of copies you have: 304 if one of them is still current",
    "schema": {"type": "string"},
    "example": 'W/"6f0c"',
}


def install(app: FastAPI) -> None:
    """Corrects what `/openapi.json` and `/docs` show."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            document["components"]["securitySchemes"] = SECURITY
            for method, path, operation in _operations(document):
                _complete(method, path, operation)
            for content in _problems(document):
                # FastAPI adds its default media type to every model; errors are only problem documents.
                for media in content.keys() - {MEDIA_TYPE}:
                    del content[media]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield method, path, operations[method]


def _complete(method: str, path: str, operation: dict[str, Any]) -> None:
    """Adds what the middlewares do, which the routes do not declare."""
    need = needed(method.upper(), path)
    operation["security"] = [] if need is None else [{"token": [str(need)]}]
    parameters = operation.setdefault("parameters", [])
    parameters.append(REQUEST_ID)
    errors = {414, 429, 431} if need else {414, 431}
    if method == "post":
        parameters.append(KEY)
        errors |= {400, 408, 409, 413, 422}
    if "requestBody" in operation:
        errors |= {408, 413, 415, 422}
    if method == "get" and _is_json(operation):
        parameters.append(IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Your copy is still current"}
    listed = operation["responses"]
    for status, answer in responses(*errors).items():
        described = {name: value for name, value in answer.items() if name != "model"}
        listed.setdefault(str(status), described)
    operation["responses"] = dict(sorted(listed.items()))
    for status, answer in operation["responses"].items():
        answer.setdefault("headers", {}).update(_headers(method, status, operation))


def _headers(method: str, status: str, operation: dict[str, Any]) -> dict[str, Any]:
    found = {"X-Request-ID": "The id of the request"}
    if status in ("200", "304") and method == "get" and _is_json(operation):
        found["ETag"] = "For a single node made from its version, otherwise a digest of the content"
    if status in ("429", "409") and method == "post":
        found["Retry-After"] = "Seconds to wait; present if a retry can succeed"
    return {
        name: {"description": text, "required": name == "X-Request-ID", "schema": {"type": "string"}}
        for name, text in found.items()
    }


def _is_json(operation: dict[str, Any]) -> bool:
    return "application/json" in operation["responses"].get("200", {}).get("content", {})


def _problems(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _, _, operation in _operations(document):
        for answer in operation["responses"].values():
            if MEDIA_TYPE in answer.get("content", {}):
                yield answer["content"]
