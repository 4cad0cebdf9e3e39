"""Opening a database, its errors, and the guarantees of a transaction."""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from neo4j import exceptions as neo4j_errors
from planting import Plant, rows_of

from graph.database import Address, Database, Transaction, connection, require_version
from graph.database.errors import translated
from graph.embedded.reserve import Reserve
from graph.errors import (
    Conflict,
    DatabaseUnavailable,
    DiskFull,
    GraphError,
    NotFound,
    ServerTooOld,
    ServerUnreachable,
    WrongPassword,
)
from graph.model import Kind, NewNode
from graph.queries import load, parse
from graph.taxonomy import nodes

ADD = parse("test.add", "// Adds one.\n// access: write\nMERGE (n:Counter) SET n.n = coalesce(n.n, 0) + 1")
SERVER_NAME = load("admin.database")
GET = parse("test.get", "// The number.\n// access: read\nMATCH (n:Counter) RETURN n.n AS n")


@pytest.fixture
def address(session_database: Database) -> Address:
    return session_database._address


async def refused(address: Address, error: type[GraphError]) -> str:
    with pytest.raises(error) as caught:
        await Database.open(address)
    assert type(caught.value) is error
    return str(caught.value)


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "nobody"}])
async def test_wrong_user_or_password(address: Address, wrong: dict[str, str]):
    message = await refused(replace(address, **wrong), WrongPassword)
    assert "NEO4J_PASSWORD" in message
    assert address.uri in message
    assert address.password not in message


async def test_port_where_nobody_listens(address: Address):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    message = await refused(replace(address, uri=f"bolt://127.0.0.1:{port}"), ServerUnreachable)
    assert str(port) in message
    assert "NEO4J_URI" in message


async def test_server_that_is_no_neo4j(address: Address):
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        message = await refused(replace(address, uri=f"bolt://127.0.0.1:{port}"), ServerUnreachable)
    assert "NEO4J_URI" in message


@pytest.mark.parametrize("uri", ["", "nonsense", "localhost:7687", "http://127.0.0.1:7474", "bolt://"])
async def test_address_that_is_none(address: Address, uri: str):
    with pytest.raises(DatabaseUnavailable) as caught:
        await Database.open(replace(address, uri=uri))
    assert "NEO4J_URI" in str(caught.value)


async def test_database_that_is_not_there(address: Address):
    other = await Database.open(replace(address, database="elsewhere"))
    try:
        with pytest.raises(GraphError):
            await other.read(GET)
    finally:
        await other.close()


@pytest.mark.parametrize(
    "agent", ["Neo4j/5.26.0", "Neo4j/5.26-aura", "Neo4j/5.27.1", "Neo4j/6.0.0", "Neo4j/2025.10.1"]
)
def test_new_enough(agent: str):
    require_version(agent, "bolt://x")


@pytest.mark.parametrize(
    "agent", ["Neo4j/5.25.9", "Neo4j/5.3.0", "Neo4j/4.4.40", "Neo4j/3.5", "Other/9.9", ""]
)
def test_too_old(agent: str):
    with pytest.raises(ServerTooOld, match=r"bolt://x.+5\.26.+NEO4J_URI"):
        require_version(agent, "bolt://x")


async def test_write_through_a_read_is_refused(database: Database):
    with pytest.raises(GraphError, match="AccessMode"):
        await database.read(ADD)
    with pytest.raises(GraphError):
        _ = [row async for row in database.stream(ADD)]
    assert await database.read(GET) == []


async def test_transaction_that_fails_leaves_nothing(database: Database):
    async def work(tx: Transaction) -> None:
        await tx.run(ADD)
        raise NotFound("on purpose")

    with pytest.raises(NotFound):
        await database.writing(work)
    assert await database.read(GET) == []


async def test_deadlocks_are_retried(plant: Plant):
    """Two transactions that lock two nodes in opposite orders both succeed."""
    ids = [await plant.node(Kind.Taxonomy, name) for name in "ab"]
    lock = load("node.lock")
    both_hold_one = asyncio.Barrier(2)
    attempts: list[str] = []

    async def work(tx: Transaction, first: str, second: str) -> None:
        await tx.run(lock, ids=[first])
        if first not in attempts:
            attempts.append(first)
            await both_hold_one.wait()
        else:
            attempts.append(first)
        await tx.run(lock, ids=[second])

    await asyncio.gather(
        plant.database.writing(lambda tx: work(tx, ids[0], ids[1])),
        plant.database.writing(lambda tx: work(tx, ids[1], ids[0])),
    )
    assert len(attempts) > 2


async def test_many_at_once_lose_nothing(database: Database):
    await database.write(ADD)
    await asyncio.gather(*(database.write(ADD) for _ in range(60)))
    assert await database.read(GET) == [{"n": 61}]


async def test_errors_of_a_query_are_ours(database: Database):
    broken = parse("test.broken", "// Nothing.\n// access: read\nMATCH (n RETURN n")
    with pytest.raises(GraphError, match="SyntaxError"):
        await database.read(broken)
    taxonomy, _ = await nodes.insert(database, NewNode(kind=Kind.Taxonomy, name="T"))
    twice = parse("test.twice", "// Twice.\n// access: write\nCREATE (:TaxonomyNode {id: $id})")
    with pytest.raises(Conflict, match="already"):
        await database.write(twice, id=taxonomy.id)


async def test_values_are_no_query(plant: Plant):
    hostile = "x'}) DETACH DELETE n // ` \\' $id {"
    id_ = await plant.node(Kind.Taxonomy, hostile, properties={hostile: hostile})
    node = await nodes.get(plant.database, id_)
    assert (node.name, node.properties) == (hostile, {hostile: hostile})
    assert len(await rows_of(plant.database, "MATCH (n:TaxonomyNode) RETURN n")) == 1


@pytest.fixture
def dead(address: Address) -> Address:
    """The address of a server that no longer listens."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return replace(address, uri=f"bolt://127.0.0.1:{gone.getsockname()[1]}")


async def test_all_that_notice_a_dead_server_wait_for_one_start(address: Address, dead: Address):
    starts = 0
    noticed = asyncio.Event()

    async def revive() -> Address:
        nonlocal starts
        starts += 1
        await noticed.wait()
        return address

    database = Database(dead, revive)
    waiting = [asyncio.create_task(database.read(SERVER_NAME)) for _ in range(10)]
    while not starts:
        await asyncio.sleep(0.01)
    waiting[0].cancel()  # the one that noticed first may be cancelled; the others are still answered
    late = asyncio.create_task(database.write(ADD))
    noticed.set()
    answers = await asyncio.gather(*waiting[1:], late)
    assert all(answers[:-1])
    assert starts == 1
    await database.close()


COMMIT = b"\x00\x02\xb0\x12\x00\x00"


@asynccontextmanager
async def losing_commits(address: Address) -> AsyncGenerator[Address]:
    """A way to the server that is cut each time the server has committed, before it can say so."""
    _, _, port = address.uri.rpartition(":")

    async def serve(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, out = await asyncio.open_connection("127.0.0.1", int(port))
        committing = asyncio.Event()

        async def answers() -> None:
            while (data := await server.read(65536)) and not committing.is_set():
                back.write(data)
            back.close()

        answering = asyncio.create_task(answers())
        while data := await client.read(65536):
            if COMMIT in data:
                committing.set()
            out.write(data)
        out.close()
        await answering

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield replace(address, uri=f"bolt://127.0.0.1:{listening.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize(("once", "there"), [(True, 1), (False, 2)])
async def test_a_commit_whose_answer_is_lost(plant: Plant, address: Address, once: bool, there: int):
    async def revive() -> Address:
        return address

    async with losing_commits(address) as cut:
        database = Database(cut, revive)
        adding = database.writing(lambda tx: tx.run(ADD), once=once)
        if once:
            with pytest.raises(ServerUnreachable):
                await adding
        else:
            await adding
        # Both can be used afterwards.
        assert await database.read(SERVER_NAME)
        await database.close()
    assert await rows_of(plant.database, "MATCH (n:Counter) RETURN n.n AS n") == [{"n": there}]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Neo.TransientError.General.DatabaseUnavailable", DatabaseUnavailable),
        ("Neo.TransientError.Transaction.DeadlockDetected", DatabaseUnavailable),
        # The statement's own fault: asked again later it would need as much.
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", GraphError),
        ("Neo.ClientError.Transaction.TransactionTimedOut", GraphError),
    ],
)
def test_what_passes_by_itself_is_told_from_what_does_not(code: str, kind: type[GraphError]):
    with pytest.raises(GraphError) as caught, translated("bolt://here"):
        raise neo4j_errors.Neo4jError._hydrate_neo4j(code=code, message="as it is")  # pyright: ignore[reportPrivateUsage]
    assert type(caught.value) is kind
    assert "as it is" in str(caught.value)


async def test_nobody_waits_for_a_long_start_for_ever(
    address: Address, dead: Address, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "AWAIT_START_S", 0.05)
    started = asyncio.Event()

    async def revive() -> Address:
        await started.wait()
        return address

    database = Database(dead, revive)
    for _ in range(2):
        with pytest.raises(ServerUnreachable, match="being started again"):
            await database.read(SERVER_NAME)
    started.set()
    monkeypatch.undo()
    assert await database.read(SERVER_NAME)
    await database.close()


async def test_a_full_disk_refuses_writes_and_nothing_else(address: Address, tmp_path: Path):
    free_mb = shutil.disk_usage(tmp_path).free >> 20
    full = await Database.open(address, None, Reserve(tmp_path, 2 * free_mb + 1).require)
    with pytest.raises(DiskFull, match="GLAN_DISK_RESERVE_MB"):
        await full.write(ADD)
    assert await full.read(SERVER_NAME)
    await full.close()


async def test_a_write_that_waits_for_room_is_done_when_there_is_some(database: Database):
    looks = 0

    def room() -> None:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise DiskFull("full")

    filling = await Database.open(database._address, None, room)
    await filling.waiting_for_room().write(ADD)
    assert looks == 3
    assert await database.read(GET) == [{"n": 1}]
    await filling.close()


async def test_settings_of_neo4j_that_were_given_hold(session_database: Database) -> None:
    query = "SHOW SETTINGS 'dbms.cypher.min_replan_interval' YIELD value"
    assert await rows_of(session_database, query) == [{"value": "10m"}]  # as in conftest.py
