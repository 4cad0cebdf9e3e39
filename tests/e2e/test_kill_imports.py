"""kill -9 of the client, of the service and of Neo4j at ten places of an import; then the same is sent again.

Some of the places are tried by default, and all with EVERY_KILL=1, which takes minutes.

What is there in the end is what an undisturbed import leaves, byte for byte, and no concept is there twice.
An import that was killed is in the log as one that did not end.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pages import service, serving
from planting import rows_of, wipe
from vocabularies import PREFIXES

from graph.database import Database
from graph.embedded.attach import attach, info, stop
from graph.queries import Query
from graph.taxonomy.streams import import_log
from graph.taxonomy.streams.import_facts import ImportState
from service.database import embedded_config, open_database
from service.settings import Settings

QUIET = subprocess.DEVNULL
GLAN = Path(sys.executable).with_name("glan")
Place = tuple[Callable[[Database], Awaitable[int]], int]
CONCEPTS, WIDTH, CHANGED = 2_500, 15, 20
EVERY = "EVERY_KILL" in os.environ
COUNT = "MATCH (n:TaxonomyNode) RETURN count(n) AS n"
UPDATE = {"on_existing": "update", "missing": "retire"}


def vocabulary(version: int) -> str:
    """A tree of concepts; in the second version some are called otherwise, and the last ones are missing."""
    lines = [PREFIXES, ':s a skos:ConceptScheme ; dct:title "Things"@en .']
    for n in range(CONCEPTS - 5 * (version - 1)):
        name = f"Thing {n}" if version == 1 or n % (CONCEPTS // CHANGED) else f"Thing {n}, renamed"
        above = f" ; skos:broader :c{(n - 1) // WIDTH}" if n else ""
        lines.append(f':c{n} a skos:Concept ; skos:inScheme :s ; skos:prefLabel "{name}"@en{above} .')
    return "\n".join(lines)


async def imports_there(database: Database) -> int:
    """Imports in the log."""
    return (await rows_of(database, "MATCH (i:Import) RETURN count(i) AS n"))[0]["n"]


async def nodes_there(database: Database) -> int:
    """Nodes of the taxonomy."""
    # By way of glan's own connection, which waits for a Neo4j that was killed.
    return (await database.read(Query("test", COUNT, "", "read", {}, {})))[0]["n"]


async def changes_there(database: Database) -> int:
    """Nodes that were changed or retired."""
    found = await rows_of(database, "MATCH (n:TaxonomyNode) WHERE n.version > 1 RETURN count(n) AS n")
    return found[0]["n"]


async def exported(database: Database, http: httpx.AsyncClient) -> bytes:
    """The taxonomy, in which every concept is once."""
    rows = await rows_of(
        database,
        "MATCH (n:TaxonomyNode) RETURN count(n.uri) AS nodes, count(DISTINCT n.uri) AS uris",
    )
    assert rows[0]["nodes"] == rows[0]["uris"]
    [top] = (await http.get("/v1/nodes?kind=Taxonomy")).json()["items"]
    answer = await http.get(f"/v1/nodes/{top['id']}/taxonomy?format=ntriples&status=all")
    assert answer.status_code == 200
    return answer.content


async def killed(process: subprocess.Popen[Any], database: Database, before: int, place: Place) -> None:
    """Kills a process once its import is in the log, beside those from before, and the place is reached."""
    reached, moment = place
    while await imports_there(database) == before or await reached(database) < moment:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)


async def interrupted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that the newest import has not ended, and that this is said of it once nobody hears of it."""
    newest = (await import_log.list_imports(database, limit=1)).items[0]
    assert newest.state in (ImportState.running, ImportState.interrupted)
    assert newest.ended_at is None
    with monkeypatch.context() as patched:
        patched.setattr(import_log, "ALIVE_S", 0)
        gone = await import_log.get(database, newest.id)
    assert gone.state is ImportState.interrupted
    assert "send the file again" in (gone.reason or "")


async def sent(address: str, file: Path) -> dict[str, Any]:
    """The import that a service begins with a file."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        params = UPDATE | {"file": file.name}
        answer = await http.post("/v1/imports", content=file.read_bytes(), params=params)
        assert answer.status_code == 202, answer.text
        return answer.json()


def places(seed: int) -> list[list[Place]]:
    """Of each version: at the beginning, in the first thousand and the second, and while it changes nodes."""
    drawn = random.Random(seed)
    moments = [0, drawn.randint(1, 1000), drawn.randint(1001, 2000), 2000]
    if not EVERY:
        moments = moments[seed % 2 :: 2]
    return [[(nodes_there, moment) for moment in moments], [(changes_there, drawn.randint(1, CHANGED // 2))]]


async def test_killed_anywhere_it_ends_as_if_undisturbed(
    database: Database,
    environment: dict[str, str],
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    files = [tmp_path / f"things-{version}.ttl" for version in (1, 2)]
    for version, file in enumerate(files, 1):
        file.write_text(vocabulary(version))
    env = os.environ | environment | {"GLAN_URL": address}
    options = ["--on-existing", UPDATE["on_existing"], "--missing", UPDATE["missing"], "--json"]
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        wanted: list[bytes] = []
        for file in files:
            await asyncio.to_thread(
                subprocess.run, [GLAN, "taxonomy", "load", file, *options], env=env, check=True,
                capture_output=True,
            )  # fmt: skip
            wanted.append(await exported(database, http))
        assert wanted[0] != wanted[1]

        # The client.
        await wipe(database)
        for file, end, killed_at in zip(files, wanted, places(1), strict=True):
            command = [GLAN, "taxonomy", "load", file, *options]
            for place in killed_at:
                before = await imports_there(database)
                process = subprocess.Popen(command, env=env, stdout=QUIET, stderr=QUIET)
                await killed(process, database, before, place)
                await interrupted(database, monkeypatch)
            await asyncio.to_thread(subprocess.run, command, env=env, check=True, capture_output=True)
            assert await exported(database, http) == end

        # The service, which reads the same files as bodies.
        await wipe(database)
        for file, end, killed_at in zip(files, wanted, places(2), strict=True):
            for place in killed_at:
                before = await imports_there(database)
                with service(environment, tmp_path) as (other, process):
                    await sent(other, file)
                    await killed(process, database, before, place)
                await interrupted(database, monkeypatch)
            found = await sent(address, file)
            while found["state"] == "running":
                found = (await http.get(f"/v1/imports/{found['id']}")).json()
            assert (found["state"], found["errors"], found["conflicts"]) == ("done", 0, 0)
            assert await exported(database, http) == end


async def test_neo4j_killed_anywhere_the_import_goes_on(
    settings: Settings, environment: dict[str, str], tmp_path: Path
):
    """What reads the file waits for Neo4j to be back; nothing has to be sent again."""
    own = settings.model_copy(update={"home": tmp_path / "home"})
    file = tmp_path / "things.ttl"
    file.write_text(vocabulary(1))
    config = embedded_config(own)
    keep = await asyncio.to_thread(attach, config)
    try:
        with serving(environment | {"GLAN_HOME": str(own.home)}, tmp_path) as address:
            env = environment | {"GLAN_URL": address}
            command = [GLAN, "taxonomy", "load", file, "--json"]
            async with (
                httpx.AsyncClient(base_url=address, timeout=120) as http,
                open_database(own) as database,
            ):
                await asyncio.to_thread(subprocess.run, command, env=env, check=True, capture_output=True)
                wanted = await exported(database, http)
                await wipe(database)
                process = subprocess.Popen(command, env=env, stdout=QUIET, stderr=QUIET)
                for moment in sorted(random.Random(3).sample(range(1, CONCEPTS - 500), 10 if EVERY else 1)):
                    while await nodes_there(database) < moment:
                        assert process.poll() is None
                    running = info(config)
                    assert running
                    assert running.pid
                    os.kill(running.pid, signal.SIGKILL)
                assert await asyncio.to_thread(process.wait, 180) == 0
                assert await exported(database, http) == wanted
                newest = (await http.get("/v1/imports")).json()["items"][0]
                assert (newest["state"], newest["errors"]) == ("done", 0)
    finally:
        keep.release()
        await asyncio.to_thread(stop, config, force=True)
