"""Headers of errors, next to the problem document."""

import httpx
from fastapi import FastAPI

from graph.errors import DiskFull, ServerUnreachable
from service.http import errors


async def test_a_database_that_is_being_started_says_when_to_come_back() -> None:
    app = FastAPI()
    errors.install(app)

    @app.get("/gone")
    async def gone() -> None:
        raise ServerUnreachable("being started")

    @app.get("/full")
    async def full() -> None:
        raise DiskFull("full")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it") as client:
        found = await client.get("/gone")
        assert (found.status_code, found.json()["detail"]) == (503, "being started")
        assert int(found.headers["Retry-After"]) > 0
        assert (await client.get("/full")).status_code == 507
