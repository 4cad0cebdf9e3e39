"""Benchmarks that are kept out of the data."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from graph.model import Text
from graph.pages import Page
from graph.quality import benchmarks
from graph.quality.benchmarks import Benchmark, Name
from graph.quality.loading import About, NewItem
from service.http.errors import responses
from service.media import benchmark_items
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase
from service.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/benchmarks", tags=["benchmarks"])

BenchmarkName = Annotated[str, Path(description="Name of a benchmark", examples=["gsm8k"])]
EXAMPLE = '{"text": "A farmer has 12 geese and buys 5 more. How many does he have?", "split": "test"}\n'


def _about(
    name: Annotated[Name, Query()],
    version: Annotated[Text, Query(max_length=200, description="Its version, such as the hub's commit")] = "",
    licence: Annotated[Text, Query(max_length=200, description="Its licence, such as MIT")] = "",
    source: Annotated[Text, Query(max_length=1000, description="Where it comes from")] = "",
    sha256: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="SHA-256 of its file; default: of its items")
    ] = None,
) -> About:
    return About(name=name, version=version, licence=licence, source=source, sha256=sha256)


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Benchmark, "description": "The same benchmark is loaded already"}}
    | responses(409, 415, 422, 503, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {"schema": NewItem.model_json_schema(), "example": EXAMPLE},
            },
        }
    },
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    about: Annotated[About, Depends(_about)],
) -> Benchmark:
    """Loads a benchmark, one item per line, of any length; it is matched from when all items are stored.

    All items are stored or none. The same items again change nothing; other items under a name that is taken
    are refused, because a benchmark never changes.
    """
    from generators.running.comparing import benchmark_loading  # numpy, which no other request needs

    database.require_room()
    parts = await benchmark_items.read(request.headers.get("content-type", ""), request.stream())
    loaded = await benchmark_loading.load(database, about, parts, by=caller)
    response.headers["Location"] = parts_of(request).address(f"/v1/benchmarks/{about.name}")
    if not loaded.created:
        response.status_code = 200
    return loaded.benchmark


@router.get("", responses=responses(422, 503))
async def list_benchmarks(
    database: TheDatabase, limit: Limit = 100, cursor: Cursor = None
) -> Page[Benchmark]:
    """The benchmarks by name, including those being loaded or removed."""
    return await benchmarks.list_benchmarks(database, limit, cursor)


@router.get("/{name}", responses=responses(404, 503))
async def get(database: TheDatabase, name: BenchmarkName) -> Benchmark:
    """One benchmark; while it is being loaded, `items` shows the progress."""
    return await benchmarks.get(database, name)


@router.delete("/{name}", responses=responses(404, 409, 503))
async def remove(
    database: TheDatabase,
    name: BenchmarkName,
    evidence: Annotated[
        bool, Query(description="Remove it with what shows which instructions match its items")
    ] = False,
) -> Benchmark:
    """Removes a benchmark with its items and returns what it was; instructions stay as they are."""
    return await benchmarks.remove(database, name, with_evidence=evidence)
