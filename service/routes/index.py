"""`/`: an index of the service's addresses."""

import importlib.metadata

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.parts import parts_of

router = APIRouter(tags=["health"])

PLACES = {
    "/docs": "the REST API, to read and to try",
    "/openapi.json": "the REST API as an OpenAPI document",
    "/guide": "the named queries, for Neo4j Browser",
    "/v1/nodes": "the taxonomy",
    "/v1/jobs": "the jobs",
    "/v1/queries": "the named queries",
    "/v1/releases": "the releases",
    "/healthz": "whether the service answers",
    "/readyz": "whether the database does, too",
    "/metrics": "counts for Prometheus",
}


class Index(BaseModel):
    """Where things are."""

    name: str = "glan"
    version: str
    places: dict[str, str]


@router.get("/", include_in_schema=False)
async def index(request: Request) -> Index:
    """Where things are; open to all, as it holds nothing else."""
    places = {parts_of(request).address(path): what for path, what in PLACES.items()}
    return Index(version=importlib.metadata.version("glan"), places=places)
