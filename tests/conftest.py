"""One embedded Neo4j for the whole session, wiped before each test that uses the `database` fixture."""

import os
import shutil
import signal
import sys
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from openai_server import OpenAIServer
from planting import wipe

from graph.database import Address, Database, schema
from graph.embedded.attach import Attachment, EmbeddedConfig, attach, stop
from service.settings import Settings

# pytest asks tracemalloc where an object that warns was made, and imports it only then. If that import sets
# the garbage collector off, the next such object meets a module half imported, and a test that allows the
# warning fails. So it is there from the beginning.
assert not tracemalloc.is_tracing()

# Tests must never use an endpoint, a database or a service of the person who runs them.
for name in [*os.environ]:
    if name.startswith(("OPENAI_", "NEO4J_", "GLAN_")) and name not in ("GLAN_CACHE", "GLAN_MAVEN_URL"):
        del os.environ[name]

# A Neo4j of the tests lives for minutes at most: the second compiler would cost it more than it gains, and so
# would a collector with threads of its own (a tenth of the CPU of tests/graph).
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# Each test has a small graph of its own, unlike the one before: by its statistics Neo4j would plan the same
# statements again every ten seconds, which took it longer than running them.
# Together the tests run over a thousand statements, told apart by the types of their parameters; with room
# for fewer, 6 % of the time of tests/graph was planning again what had been evicted.
PLANS_STAY = {
    "dbms.cypher.min_replan_interval": "10m",
    "server.memory.query_cache.per_db_cache_num_entries": "5000",
}

# A tenth of a run is waiting for the disk; what is lost with the machine's memory, no test asks for.
MEMORY, ENOUGH = Path("/dev/shm"), 8 * 2**30

# Where Python keeps no bytecode, each of the hundreds of processes that tests start would compile glan again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Processes that tests start buffer their output as those of users do.
os.environ.pop("PYTHONUNBUFFERED", None)
sys.dont_write_bytecode = False

# A shell that runs the tests in the background has them ignore SIGINT, and their child processes as well.
signal.signal(signal.SIGINT, signal.default_int_handler)


# Tests are marked by the fixtures they use, so that nobody has to remember to mark them.
NEEDS_NEO4J = {"neo4j", "settings", "session_database", "database", "config"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that need a Neo4j, which `make test-fast` leaves out."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "e2e" in item.path.parts or NEEDS_NEO4J.intersection(fixtures):
            item.add_marker("neo4j")


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ENOUGH


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """The data folder of the session's Neo4j."""
    folder = Path(tempfile.mkdtemp(prefix="glan-tests-", dir=MEMORY if _has_room(MEMORY) else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """Settings for the session's Neo4j."""
    return Settings(home=home, linger_s=5, lease_s=3)


@pytest.fixture(scope="session")
def neo4j(settings: Settings) -> Iterator[Attachment]:
    """The running Neo4j of the session."""
    config = EmbeddedConfig(
        home=settings.home,
        cache=settings.cache,
        maven_url=settings.maven_url,
        linger_s=settings.linger_s,
        settings=PLANS_STAY,
    )
    attachment = attach(config)
    yield attachment
    attachment.release()
    stop(config, force=True)


@pytest_asyncio.fixture(scope="session")
async def session_database(neo4j: Attachment) -> AsyncIterator[Database]:
    """A database opened and migrated once per session; tests use `database`, which empties it."""
    database = await Database.open(Address(neo4j.uri, neo4j.username, neo4j.password))
    await schema.migrate(database)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def database(session_database: Database) -> Database:
    """An empty database."""
    await wipe(session_database)
    return session_database


@pytest.fixture
def endpoint() -> Iterator[OpenAIServer]:
    """A deterministic OpenAI endpoint."""
    with OpenAIServer() as server:
        yield server
