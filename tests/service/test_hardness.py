"""Clients that are slow, rude or gone get a clear response or none, and leave no resources behind."""

import asyncio
import gc
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from planting import Plant, instruction, rows_of
from pydantic import SecretStr

from graph.database import Database, Transaction
from graph.instructions import instructions
from graph.model import Kind
from graph.taxonomy.streams.batch import Batch
from graph.taxonomy.streams.bulk import BATCH
from service.server import Server, _Thread, make_server
from service.settings import Settings

SECRET = "hard"
BEARER = f"Authorization: Bearer {SECRET}\r\n"
MB = 1_000_000
AT_ONCE = 20
NDJSON = "Content-Type: application/x-ndjson\r\n"


@dataclass
class Service:
    """A service in a thread, with short timeouts."""

    server: Server
    port: int
    http: httpx.Client

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def send(self, text: str | bytes) -> socket.socket:
        """A new connection on which `text` has been sent."""
        connection = self.connect()
        connection.sendall(text.encode() if isinstance(text, str) else text)
        return connection

    def head(self, line: str, headers: str = "") -> str:
        return f"{line} HTTP/1.1\r\nHost: localhost\r\n{BEARER}{headers}\r\n"

    @property
    def tasks(self) -> int:
        return len(asyncio.all_tasks(self.server.servers[0].get_loop()))


@pytest.fixture(scope="module")
def impatient(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "token": SecretStr(SECRET),
            "body_timeout_s": 1.0,
            "head_timeout_s": 1.0,
            "stall_timeout_s": 1.0,
            "max_body_mb": 2,
        }
    )


@pytest.fixture
def service(impatient: Settings, database: Database) -> Iterator[Service]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = make_server(impatient, host="127.0.0.1", port=0, takes="none")
        thread = _Thread(server, listener)
        thread.start()
        thread.await_start()
        port = listener.getsockname()[1]
        headers = {"Authorization": f"Bearer {SECRET}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
            yield Service(server, port, http)
        server.should_exit = True
        thread.join()
    gc.collect()  # so that warnings about resources left open appear at the test that left them


@pytest_asyncio.fixture
async def large(database: Database) -> AsyncIterator[str]:
    """The id of a syllabus with 4,000 instructions of 4 kB: more than a connection's buffers hold."""
    plant = Plant(database)
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    syllabus = await plant.syllabus(await plant.node(Kind.Discipline, "D", field), "S", {"one": ["c"]})
    job = await plant.job(syllabus.id)
    concepts = [syllabus.concepts["c"]]
    sessions = [syllabus.sessions["one"]]
    for start in range(0, 4000, 500):
        rows = [
            instruction(f"{n:06d}", syllabus.id, sessions, concepts, answer="a" * 4000, combination=str(n))
            for n in range(start, start + 500)
        ]
        await database.writing(lambda tx, rows=rows: instructions.store(tx, job, rows))
    yield syllabus.id


def answer(connection: socket.socket) -> bytes:
    """Everything received until the other side closes."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def closed(connection: socket.socket) -> bool:
    """Waits until the other side has ended the connection, by closing or resetting it."""
    with suppress(ConnectionError):
        answer(connection)
    return True


def await_true(condition: Callable[[], bool]) -> None:
    """Waits until the condition holds; ends at the latest with the test's timeout."""
    while not condition():
        time.sleep(0.05)


async def await_rows(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():
        await asyncio.sleep(0.05)


# Bodies


def test_a_body_of_100_mb_is_refused_before_and_while_it_comes(service: Service, refused: Any):
    body = b'{"kind":"Taxonomy","name":"' + b"x" * 100 * MB + b'"}'
    kind = {"Content-Type": "application/json"}
    said = refused(service.http.post("/v1/nodes", content=body, headers=kind), 413)["detail"]
    assert "2 MB" in said
    assert "nodes:bulk" in said
    # Without a Content-Length, the size is discovered as the body arrives.
    parts = (body[n : n + MB] for n in range(0, len(body), MB))
    refused(service.http.post("/v1/nodes", content=parts, headers=kind), 413)
    refused(service.http.post("/v1/nodes:bulk", content=body, headers=kind), 413)
    # The connection and the service still work.
    assert service.http.get("/v1/nodes").json()["items"] == []


def test_a_bulk_insertion_has_no_end_but_a_line_has(service: Service):
    line = b'{"kind":"Taxonomy","name":"T"}\n'
    answers = service.http.post(
        "/v1/nodes:bulk",
        content=(line if n % 10 else b"x" * MB for n in range(60)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    results = [json.loads(text) for text in answers.text.splitlines()]
    assert {result["status"] for result in results} == {"error", "existing", "created"}
    assert "1 MB" in results[0]["error"]


@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/nodes:bulk?atomic=true"])
def test_a_body_that_stops_is_a_time_out(service: Service, path: str):
    kind = "Content-Type: application/json\r\nContent-Length: 100\r\n"
    with service.send(service.head(f"POST {path}", kind) + '{"kind":') as connection:
        head = answer(connection).decode()
    assert head.startswith("HTTP/1.1 408 ")
    assert "GLAN_BODY_TIMEOUT_S" in head


def test_a_stream_of_lines_that_stops_is_ended_and_what_came_is_kept(service: Service):
    """What came is inserted and answered, then a line says why the response ends."""
    line = json.dumps({"kind": "Taxonomy", "name": "T"}) + "\n" + '{"kind": "Tax'
    chunk = f"{len(line):x}\r\n{line}\r\n"
    head = service.head("POST /v1/nodes:bulk", NDJSON + "Transfer-Encoding: chunked\r\n")
    with service.send(head + chunk) as connection:
        received = answer(connection).decode()
    results = [json.loads(text) for text in received.splitlines() if text.startswith("{")]
    assert [result["status"] for result in results] == ["created", "error"]
    assert [result["line"] for result in results] == [1, 2]
    assert "GLAN_BODY_TIMEOUT_S" in results[1]["error"]
    assert len(service.http.get("/v1/nodes?name=T").json()["items"]) == 1


async def test_a_stream_that_waits_for_its_results_gets_them_however_slow_the_insertion(
    service: Service, monkeypatch: pytest.MonkeyPatch
):
    """A client that sends no more until it has read is not at fault if the server takes longer."""
    write = Batch.write

    async def slow(self: Batch, tx: Transaction) -> None:
        await asyncio.sleep(1.5)  # longer than a body may stall
        await write(self, tx)

    monkeypatch.setattr(Batch, "write", slow)
    text = "".join(json.dumps({"kind": "Taxonomy", "name": f"T{n}"}) + "\n" for n in range(BATCH))
    head = service.head("POST /v1/nodes:bulk", NDJSON + "Transfer-Encoding: chunked\r\n")
    with service.send(head + f"{len(text):x}\r\n{text}\r\n") as connection:
        received = answer(connection)
    assert received.count(b'"created"') == BATCH


def test_a_head_that_never_ends_and_one_that_never_begins(service: Service):
    for text in ("", "GET /v1/nodes HTTP/1.1\r\nHost: loc"):
        with service.send(text) as connection:
            assert closed(connection)
    connection = service.connect()
    with connection:
        for part in "GET /healthz HTTP/1.1\r\nX: " + "x" * 100:  # a byte now and then is not enough either
            try:
                connection.sendall(part.encode())
            except ConnectionError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("the head is still awaited")


async def test_who_does_not_read_a_stream_holds_nothing(service: Service, large: str, database: Database):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", service.port))
    with connection:
        connection.sendall(
            service.head(f"GET /v1/nodes/{large}/instructions", "Accept: application/x-ndjson\r\n").encode()
        )

        async def reads() -> bool:
            return await transactions(database) > 0

        async def has_ended() -> bool:
            return await transactions(database) == 0

        await await_rows(reads)
        await await_rows(has_ended)


async def transactions(database: Database) -> int:
    """The number of open transactions, without the one that counts them."""
    rows = await rows_of(
        database,
        "SHOW TRANSACTIONS YIELD transactionId, currentQuery "
        "WHERE NOT currentQuery STARTS WITH 'SHOW TRANSACTIONS' RETURN transactionId AS id",
    )
    return len(rows)


# Connections


async def test_who_closes_their_half_is_taken_to_have_left(service: Service, large: str, database: Database):
    """As in most servers: so a client that has really left is noticed, and its request ends."""
    for line, headers in (
        ("GET /v1/nodes", ""),
        (f"GET /v1/nodes/{large}/instructions", "Accept: application/x-ndjson\r\n"),
        ("POST /v1/nodes:bulk", NDJSON + "Transfer-Encoding: chunked\r\n"),
    ):
        with service.send(service.head(line, headers)) as connection:
            connection.shutdown(socket.SHUT_WR)
            assert closed(connection)

    async def ended() -> bool:
        return await transactions(database) == 0

    await await_rows(ended)


def test_a_body_cut_short_changes_nothing(service: Service):
    headers = "Content-Type: application/json\r\nContent-Length: 100\r\n"
    with service.send(service.head("POST /v1/nodes", headers) + '{"kind":"Taxonomy"') as connection:
        connection.shutdown(socket.SHUT_WR)
        assert closed(connection)
    assert service.http.get("/v1/nodes").json()["items"] == []


def test_pipelined_requests_are_answered_in_order(service: Service):
    body = '{"kind":"Taxonomy","name":"T"}'
    post = service.head(
        "POST /v1/nodes", f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    requests = post + body + service.head("GET /v1/nodes?name=T") + service.head("GET /nothing")
    with service.send(requests + service.head("GET /healthz", "Connection: close\r\n")) as connection:
        received = answer(connection).decode()
    assert [part[:3] for part in received.split("HTTP/1.1 ")[1:]] == ["201", "200", "404", "200"]
    assert '"name":"T"' in received.split("HTTP/1.1 ")[2]


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/nodes HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"GET /v1/nodes HTTP/1.1\r\n\r\n",
        b"GET /v1/nodes HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /v1/nodes HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/nodes HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET /v1/nodes HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_request_is_refused(service: Service, text: bytes):
    with service.connect() as connection:
        try:
            connection.sendall(text)  # which may be refused, and the connection closed, before the end
            connection.shutdown(socket.SHUT_WR)
            received = answer(connection)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            received = b""
    assert not received or received[9:12] in (b"400", b"401", b"431")
    assert service.http.get("/healthz").status_code == 200


def test_long_addresses_and_headers(service: Service, refused: Any):
    with service.send(service.head("GET /v1/nodes?name=" + "n" * 70_000, "Connection: close\r\n")) as long:
        assert answer(long).startswith(b"HTTP/1.1 414 ")
    refused(service.http.get("/v1/nodes", headers={"X": "x" * 40_000}), 431)


# Leaks


@dataclass(frozen=True)
class Held:
    """The resources that a service holds."""

    files: int
    tasks: int
    transactions: int
    bolt: int


async def held(service: Service, database: Database) -> Held:
    gc.collect()
    bolt = await rows_of(
        database, "CALL dbms.listConnections() YIELD connector, userAgent WHERE connector = 'bolt' RETURN 1"
    )
    return Held(len(os.listdir("/proc/self/fd")), service.tasks, await transactions(database), len(bolt))


def memory() -> int:
    """Resident bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def abort(service: Service, request: bytes, enough: int) -> int:
    """Reads a little of the response and resets the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port, limit=4096)
    writer.write(request)
    received = len(await reader.read(enough))
    writer.transport.abort()
    return received


async def abort_many(service: Service, requests: list[bytes], count: int) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> None:
        async with slots:
            assert await abort(service, requests[n % len(requests)], 200 + n % 3000)

    await asyncio.gather(*(one(n) for n in range(count)))


async def settled(service: Service, database: Database, before: Held) -> None:
    """Waits until no more is held than before, apart from connections that the pool keeps for reuse.

    Those are at most as many as there are requests at once; a thousand leaks would hold a thousand.
    """
    while True:
        now = await held(service, database)
        if (
            now.tasks <= before.tasks
            and now.transactions <= before.transactions
            and now.files <= before.files + AT_ONCE
            and now.bolt <= before.bolt + AT_ONCE
        ):
            return
        await asyncio.sleep(0.1)


# A request dropped while the driver opens a connection for it leaves the driver's socket to the garbage
# collector, which warns about it. Whether sockets stay open is counted below.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(900)
async def test_hundreds_of_aborted_streams_leave_nothing_behind(
    service: Service, large: str, database: Database
):
    job = (await rows_of(database, "MATCH (j:Job) RETURN j.id AS id"))[0]["id"]
    line = json.dumps({"kind": "Taxonomy", "name": "T"}) + "\n"
    chunk = f"{len(line) * 30:x}\r\n{line * 30}\r\n"
    pull = service.head(f"GET /v1/nodes/{large}/instructions", "Accept: application/x-ndjson\r\n")
    events = service.head(f"GET /v1/jobs/{job}/events")
    bulk = service.head("POST /v1/nodes:bulk", NDJSON + "Transfer-Encoding: chunked\r\n") + chunk
    page = service.head(f"GET /v1/nodes/{large}/instructions?limit=50")
    requests = [text.encode() for text in (pull, events, bulk, page)]
    await abort_many(service, requests, 100)  # opens now what is opened once and kept
    service.http.get("/healthz")
    await asyncio.sleep(1.5)
    before, memory_before = await held(service, database), memory()
    await abort_many(service, requests, 400)
    await settled(service, database, before)
    assert memory() - memory_before < 64 * MB
    assert service.http.get("/v1/nodes?name=T").json()["items"]


async def test_a_client_that_leaves_in_the_middle_of_a_bulk_insertion(service: Service, database: Database):
    """Every acknowledged node is there, later ones may be, and none is there in part."""
    lines = [json.dumps({"kind": "Taxonomy", "name": f"T{n}"}) + "\n" for n in range(3000)]
    head = service.head("POST /v1/nodes:bulk", NDJSON + "Transfer-Encoding: chunked\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    text = "".join(lines)
    writer.write((head + f"{len(text):x}\r\n{text}\r\n").encode())
    received = await reader.readuntil(b'"line": 500')
    writer.transport.abort()
    acknowledged = received.count(b'"created"')
    assert acknowledged >= 499

    async def ended() -> bool:
        return await transactions(database) == 0

    await await_rows(ended)
    [row] = await rows_of(database, "MATCH (n:Taxonomy) RETURN count(n) AS count, count(n.key) AS keys")
    assert acknowledged <= row["count"] == row["keys"] <= 3000
