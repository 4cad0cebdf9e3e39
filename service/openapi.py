"""The OpenAPI document where FastAPI's own says something else than the service does."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from service.errors import MEDIA_TYPE


def install(app: FastAPI) -> None:
    """Corrects what `/openapi.json` and `/docs` show."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        for content in _problems(document):
            # FastAPI adds its own media type to every model; an error is a problem document only.
            for media in content.keys() - {MEDIA_TYPE}:
                del content[media]
        return document

    app.openapi = openapi


def _problems(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                if MEDIA_TYPE in answer.get("content", {}):
                    yield answer["content"]
