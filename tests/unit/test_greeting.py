"""What glan says about servers at NEO4J_URI that are not the Neo4j it needs; each is a real listener."""

import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from graph.database import Address, Database, driver
from graph.errors import DatabaseUnavailable, ServerTooOld, ServerUnreachable

pytestmark = pytest.mark.slow

BOLT_4_4, NO_BOLT_IN_COMMON = b"\0\0\4\4", b"\0\0\0\0"
HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
SILENCE = b""


@contextmanager
def answering(reply: bytes) -> Generator[int]:
    """The port of a listener that sends `reply` after the first bytes and nothing more."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(100)
            if reply:
                self.request.sendall(reply)
            else:
                ended.wait(20)

    ended = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        ended.set()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (BOLT_4_4, ServerTooOld, "needs Neo4j 5.26"),
        (NO_BOLT_IN_COMMON, ServerTooOld, "needs Neo4j 5.26"),
        (HTTP, ServerUnreachable, "Bolt port, 7687"),
        (SILENCE, ServerUnreachable, "Bolt port, 7687"),
    ],
)
async def test_a_server_that_will_not_do_is_said_in_seconds(
    scheme: str, reply: bytes, kind: type[DatabaseUnavailable], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "GREETING_S", 1.0)
    with answering(reply) as port, pytest.raises(kind, match=says):
        await Database.open(Address(f"{scheme}://127.0.0.1:{port}", "neo4j", "x"))
