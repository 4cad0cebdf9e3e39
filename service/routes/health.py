"""Liveness and readiness of the service."""

from fastapi import APIRouter
from pydantic import BaseModel

from graph.database import schema
from service.http.errors import responses
from service.routes import TheDatabase

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """`ok`."""

    status: str = "ok"


@router.get("/healthz")
async def live() -> Health:
    """Whether the process is up."""
    return Health()


@router.get("/readyz", responses=responses(503))
async def ready(database: TheDatabase) -> Health:
    """Whether the database can be reached, too."""
    await database.read(schema.CURRENT)
    return Health()
