"""Requests that try to end Neo4j, many at once, while a second client reads and writes.

Each request is refused before it is sent, or ended by a bound on memory, time, rows or bytes. The second
client gets every answer, and the database does not restart.
"""

import threading
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from planting import rows_of

from graph.database import Database

# Far longer than a response takes on a slow machine, and far shorter than a restart of Neo4j.
LONGEST_S = 10.0
AT_ONCE = 8
TIMEOUT_S = 2.0
FEWEST = 24

DOUBLING = "RETURN size(reduce(s = 'x', i IN range(1, 40) | s + s)) AS n"
REFUSED = {
    "a string that doubles": DOUBLING,
    "a list that doubles": "RETURN size(reduce(s = [1], i IN range(1, 40) | s + s)) AS n",
    "a string that doubles by its name in backticks": DOUBLING.replace("s + s", "`s` + `s`"),
    "a string that doubles in a subquery": f"CALL () {{ {DOUBLING} }} RETURN n",
    "a string that doubles in every row": f"UNWIND range(1, 1000) AS row {DOUBLING}",
    "a long range": "RETURN size([x IN range(1, 1000000000) | x]) AS n",
    "a text in a text": "RETURN replace(reduce(s = '', x IN range(1, 9999) | s + 'a'), 'a', $long) AS s",
    "a pattern that tries all ways": "RETURN $long =~ '(a|a)*b' AS n",
    "a pattern that repeats five times": "RETURN $long =~ '.*.*.*.*.*x' AS n",
    "a nest": "RETURN " + "[" * 10_000 + "1" + "]" * 10_000 + " AS x",
}
ENDED = {
    "a collection that grows": "UNWIND range(1, 1000000000) AS x RETURN size(collect(x)) AS n",
    "a collection of all with all": "MATCH (a), (b), (c), (d) RETURN size(collect([a, b, c, d])) AS n",
    "a product without a collection": "MATCH (a), (b), (c), (d), (e) WHERE a.id + b.id + c.id + d.id = e.id"
    " RETURN count(*) AS n",
    "ways of any length": "MATCH p = (a)-[*]-(b) RETURN max(length(p)) AS n",
    "distinct rows without end": "UNWIND range(1, 1000000000) AS x RETURN DISTINCT toString(x) AS x",
    "rows in order": "UNWIND range(1, 1000000000) AS x RETURN x ORDER BY x DESC",
    "long texts in long lists": "UNWIND range(1, 100000000) AS x RETURN collect($long + toString(x)) AS n",
    "counts by group": "UNWIND range(1, 1000000000) AS x RETURN x, count(*) AS n",
    "wide rows": "UNWIND range(1, 1000000) AS x RETURN [$long, $long, $long, $long] AS row",
}
PARAMS = {"long": "a" * 50_000}


class Second:
    """A client that reads and writes until it is told to stop."""

    def __init__(self, client: httpx.Client, field_id: str) -> None:
        self._client, self._field_id = client, field_id
        self._stop = threading.Event()
        self.answers: list[tuple[str, int, float]] = []

    def run(self) -> None:
        n = 0
        while not self._stop.is_set():
            n += 1
            self._ask("health", lambda: self._client.get("/healthz"))
            self._ask("node", lambda: self._client.get(f"/v1/nodes/{self._field_id}"))
            self._ask("tree", lambda: self._client.get(f"/v1/nodes/{self._field_id}/tree"))
            body = {"kind": "Discipline", "name": f"D{n % 50}", "parent_id": self._field_id}
            self._ask("insertion", lambda: self._client.post("/v1/nodes", json=body))  # noqa: B023

    def _ask(self, what: str, request: Callable[[], httpx.Response]) -> None:
        response = request()
        self.answers.append((what, response.status_code, response.elapsed.total_seconds()))

    def stop(self) -> None:
        self._stop.set()


@contextmanager
def second_client(http: httpx.Client, field_id: str) -> Generator[Second]:
    """A second client at work; at the end, all its responses must have been successful and in time."""
    with httpx.Client(base_url=http.base_url, headers=http.headers, timeout=120) as client:
        second = Second(client, field_id)
        thread = threading.Thread(target=second.run)
        thread.start()
        try:
            yield second
        finally:
            second.stop()
            thread.join()
    assert {status for _, status, _ in second.answers} <= {200, 201}, second.answers
    slowest = max(second.answers, key=lambda answer: answer[2])
    assert slowest[2] < LONGEST_S, slowest


@pytest.fixture
def field(http: httpx.Client, add: Callable[..., str]) -> str:
    """The id of a field with 60 disciplines, on which patterns can explode."""
    root = add(http, "Taxonomy", "T")
    id_ = add(http, "Field", "F", root)
    for n in range(60):
        add(http, "Discipline", f"D{n}", id_)
    return id_


@pytest_asyncio.fixture
async def same_neo4j(database: Database) -> AsyncIterator[None]:
    """Checks after the test that Neo4j has not been restarted."""
    before = await _started(database)
    yield
    assert await _started(database) == before


async def _started(database: Database) -> int:
    bean = "CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes"
    return (await rows_of(database, f"{bean} RETURN attributes.StartTime.value AS at"))[0]["at"]


def test_what_ends_neo4j_elsewhere_is_refused(http: httpx.Client, field: str, same_neo4j: None) -> None:
    for name, status, detail in besieged(http, field, REFUSED):
        assert status == 422, (name, status, detail)


def test_what_grows_without_end_is_ended(http: httpx.Client, field: str, same_neo4j: None) -> None:
    for name, status, detail in besieged(http, field, ENDED):
        # Too long, too much memory, no slot left, or cut at a bound that the answer names.
        cut = status == 200 and '"truncated":true' in detail
        assert cut or status in (408, 422, 503), (name, status, detail)


def besieged(http: httpx.Client, field_id: str, queries: dict[str, str]) -> list[tuple[str, int, str]]:
    """The answers to all queries, AT_ONCE at a time, as long as a second client needs for FEWEST answers."""
    answers: list[tuple[str, int, str]] = []
    with second_client(http, field_id) as second, ThreadPoolExecutor(AT_ONCE) as pool:
        while not answers or len(second.answers) < FEWEST:
            answers += pool.map(lambda item: ask(http, *item), queries.items())
    return answers


def ask(http: httpx.Client, name: str, text: str) -> tuple[str, int, str]:
    """Runs the user's own Cypher; returns the name, the status and the end of the response."""
    body: dict[str, Any] = {"query": text, "params": PARAMS, "timeout_s": TIMEOUT_S, "limit": 10_000}
    response = http.post("/v1/cypher", json=body, timeout=120)
    return name, response.status_code, response.text[-300:]
