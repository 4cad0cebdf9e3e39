"""Imports of vocabularies: read from a body and inserted in the background, and the log of all of them."""

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path as Folder
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from graph.database import Database
from graph.errors import GraphError
from graph.model import Text, new_id
from graph.pages import Page
from graph.tasks import in_background
from graph.taxonomy import nodes
from graph.taxonomy.streams import import_log
from graph.taxonomy.streams.import_facts import (
    Code,
    Import,
    ImportProblem,
    ImportState,
    NewImport,
    NewProblems,
    Report,
)
from service.http.errors import responses
from service.media.accept import JSON
from service.media.content_type import media_type
from service.parts import Parts, parts_of
from service.refusals import Busy
from service.routes import TheCaller, TheDatabase, body_like, sent_files
from service.routes.import_options import Place, TheOptions, ThePlace
from service.routes.parameters import Cursor, Limit
from service.taxonomies.checking import STAGING, checked
from service.taxonomies.inserting.in_process import GraphStore
from service.taxonomies.inserting.insertion import Insertion
from service.taxonomies.options import Options

router = APIRouter(prefix="/v1/imports", tags=["imports"])
announcing = APIRouter(tags=["imports"])

ImportId = Annotated[str, Path(description="Id of an import")]
EXAMPLES = 20
BEAT_S = 10.0
STOPPED = "the service was stopped; send the file again: what is there is found"
ANNOUNCED = {"file": "physh.ttl", "sha256": "0" * 64, "format": "turtle"}
PROBLEMS = {"code": "homonym", "uris": ["https://example.org/2"], "texts": ["called as another one there"]}


@router.post(
    "",
    status_code=202,
    responses={
        200: {
            "description": "With check: what the file would become",
            "content": {JSON: {"schema": {"type": "object"}}},
        },
        202: {"model": Import, "description": "The file was read, and is being inserted"},
    }
    | responses(404, 408, 409, 413, 415, 422, 503, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {media: sent_files.FILE for media in (JSON, *sent_files.SYNTAXES)},
        }
    },
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    options: TheOptions,
    place: ThePlace,
    file: Annotated[
        Text,
        Query(
            max_length=60,
            pattern=r"^[^/\\\x00-\x1f]+$",
            description="Name of the file, for the log and for a taxonomy that it gives no name",
        ),
    ] = "import",
    check: Annotated[bool, Query(description="Show what the file would become, and write nothing")] = False,
) -> Any:
    """Inserts the vocabulary in the body; sending it again changes nothing.

    The response comes once the file was read and planned: until then any error leaves everything as it was.
    Poll the address in `Location` for the progress, and `/problems` for what was not stored as the file says.
    """
    kind = media_type(request.headers.get("content-type"))
    options = replace(options, format=sent_files.syntax_of(kind, options.format, JSON))
    if place.under is not None:
        top = await nodes.get(database, place.under)
        place = replace(place, target=replace(place.target, under=(top.id, top.kind)))
    parts = parts_of(request)
    database.require_room()
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(_staged(parts))
        path = folder / "body" / (file if file not in (".", "..") else "import")
        path.parent.mkdir()
        await sent_files.keep(request.stream(), path, database.require_room)
        if check:
            report = await asyncio.to_thread(_checked, path, options, folder)
            # A file may say anything, even half a surrogate pair.
            text = json.dumps(report, ensure_ascii=False)
            return Response(text.encode(errors="replace"), media_type=JSON)
        store = GraphStore(database, folder, caller, getattr(request.state, "seed", None) or new_id())
        # From here on it outlives the request, with what it holds.
        work = _run(database, store, lambda: _inserted(path, options, folder, store, place), stack.pop_all())
    task = parts.outliving(work, "an import", failed="an import failed")
    await asyncio.wait({task, store.begun}, return_when=asyncio.FIRST_COMPLETED)
    if not store.begun.done():
        await task
        raise GraphError("an import ended before it began")
    begun = store.begun.result()
    response.headers["Location"] = parts.address(f"/v1/imports/{begun.id}")
    return begun


@asynccontextmanager
async def _staged(parts: Parts) -> AsyncGenerator[Folder]:
    """A folder for a file that is read or inserted, of which there may be few at once; raises Busy."""
    if parts.importing.locked():
        raise Busy("as many files as may be are being imported at the moment; send it again in a while")
    async with parts.importing:
        folder = await asyncio.to_thread(_folder, parts.settings.home)
        try:
            yield Folder(folder.name)
        finally:
            # To remove a large file takes a moment.
            await asyncio.to_thread(folder.cleanup)


def _folder(home: Folder) -> "tempfile.TemporaryDirectory[str]":
    (home / STAGING).mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="import-", dir=home / STAGING)


def _checked(path: Folder, options: Options, folder: Folder) -> dict[str, Any]:
    with checked([str(path)], options, folder) as found:
        return found.report(EXAMPLES)


def _inserted(path: Folder, options: Options, folder: Folder, store: GraphStore, place: Place) -> None:
    with checked([str(path)], options, folder) as found:
        insertion = Insertion(store, found, place.target, place.missing)
        insertion.prepare()
        insertion.begin(options)
        insertion.run()


async def _run(database: Database, store: GraphStore, work: Callable[[], None], held: AsyncExitStack) -> None:
    """Runs an import in a thread; notes in the log that it is alive, and if the service is stopped."""
    async with held, in_background(_beat(database, store)):
        worked = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            await asyncio.shield(worked)
        except asyncio.CancelledError:
            store.stop()
            if store.begun.done():
                said = store.last.model_copy(update={"state": ImportState.interrupted, "reason": STOPPED})
                with suppress(GraphError):
                    await import_log.report(database, store.id, said, "rest")
            # It ends at its next call of the graph; what it holds is needed until then.
            await asyncio.gather(worked, return_exceptions=True)
            raise


async def _beat(database: Database, store: GraphStore) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        with suppress(GraphError):
            await import_log.beat(database, store.id)


@announcing.post(
    "/v1/imports:announce",
    status_code=201,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(ANNOUNCED),
)
async def announce(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    new: Annotated[NewImport, Body()],
) -> Import:
    """Notes an import whose items a client sends to POST /v1/nodes:bulk itself, as glan taxonomy load does.

    The client reports how far it is; an import that is not heard of for a minute counts as interrupted.
    """
    seed: str | None = getattr(request.state, "seed", None)
    found = await import_log.begin(database, new, "command", by=caller, import_id=seed)
    response.headers["Location"] = parts_of(request).address(f"/v1/imports/{found.id}")
    return found


@router.get("", responses=responses(422, 503))
async def list_imports(
    database: TheDatabase,
    state: Annotated[list[ImportState] | None, Query(description="Only these states")] = None,
    under: Annotated[
        Text | None, Query(description="Only those that went into this node, or into one below it")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Import]:
    """What was read into the graph from files, by whom, and what became of it; newest first."""
    return await import_log.list_imports(database, state, under, limit, cursor)


@router.get("/{import_id}", responses=responses(404, 503))
async def get(database: TheDatabase, import_id: ImportId) -> Import:
    """One import: how far it is, and what became of the concepts of its file."""
    return await import_log.get(database, import_id)


@router.get("/{import_id}/problems", responses=responses(404, 422, 503))
async def list_problems(
    database: TheDatabase,
    import_id: ImportId,
    code: Annotated[Code | None, Query(description="Only these, such as homonym or refused")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ImportProblem]:
    """What is wrong in the file, and what was not stored as it says: the first 1,000 of each code.

    `refused`, `conflict` and `missing` are those of the insertion. All are counted in the import.
    """
    return await import_log.list_problems(database, import_id, code, limit, cursor)


@router.post(
    "/{import_id}/problems",
    status_code=204,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(PROBLEMS),
)
async def keep_problems(
    database: TheDatabase, import_id: ImportId, found: Annotated[NewProblems, Body()]
) -> None:
    """Keeps problems of an announced import; the same ones again change nothing."""
    await import_log.keep_problems(database, import_id, [found], "command")


@router.post(
    "/{import_id}:report",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"state": "done", "created": 120, "unchanged": 7}),
)
async def report(database: TheDatabase, import_id: ImportId, said: Annotated[Report, Body()]) -> Import:
    """Says how far an announced import is, or how it ended, with what became of the concepts until now.

    Refused (409) once it has ended otherwise, and for imports that the service runs itself.
    """
    await import_log.report(database, import_id, said, "command")
    return await import_log.get(database, import_id)
