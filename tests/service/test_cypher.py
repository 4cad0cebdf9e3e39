"""The read door over REST and on the command line; what it refuses is in tests/graph/test_door.py."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from planting import rows_of

from graph.database import Database
from service.server import beside
from service.settings import Settings

NDJSON = {"Accept": "application/x-ndjson"}
ENDLESS = "UNWIND range(1, 1000000000) AS x RETURN x"


def ask(http: httpx.Client, query: str, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
    return http.post("/v1/cypher", json={"query": query, **rest}, headers=headers)


def lines(response: httpx.Response) -> list[Any]:
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def test_own_cypher_is_answered(http: httpx.Client, planted: Any):
    text = "MATCH (n:TaxonomyNode {id: $id})-[:CONTAINS]->(d) RETURN n.name AS field, d ORDER BY d.name"
    answer = ask(http, text, params={"id": planted.field})
    assert answer.status_code == 200, answer.text
    table = answer.json()
    assert (table["columns"], table["truncated"], table["truncated_by"]) == (["field", "d"], False, None)
    [row] = table["rows"]
    assert row["field"] == "Sciences"
    assert row["d"]["properties"]["name"] == "Optics"


def test_rows_stream_and_say_where_they_end(http: httpx.Client):
    assert lines(ask(http, "UNWIND [1, 2] AS x RETURN x", NDJSON)) == [{"x": 1}, {"x": 2}]
    assert lines(ask(http, "MATCH (n:Nothing) RETURN n", NDJSON)) == []
    assert lines(ask(http, ENDLESS, NDJSON, limit=2)) == [{"x": 1}, {"x": 2}, {"$truncated": "rows"}]
    broken = "UNWIND range(5000, 0, -1) AS x RETURN 1 / x AS y"
    *rows, last = lines(ask(http, broken, NDJSON, limit=10_000))
    assert (len(rows), list(last)) == (5000, ["$error"])
    assert "/ by zero" in last["$error"]


def test_limits_have_limits(http: httpx.Client, refused: Any):
    assert len(ask(http, ENDLESS).json()["rows"]) == 1000
    assert ask(http, ENDLESS, limit=1).json()["truncated_by"] == "rows"
    refused(ask(http, "RETURN 1", limit=0), 422)
    assert "GLAN_QUERY_MOST_ROWS" in refused(ask(http, "RETURN 1", limit=10**9), 422)["detail"]
    assert "GLAN_QUERY_LONGEST_S" in refused(ask(http, "RETURN 1", timeout_s=10**6), 422)["detail"]
    refused(ask(http, "RETURN 1", timeout_s=0), 422)
    refused(ask(http, "RETURN 1" + " " * 100_000), 422)
    refused(http.post("/v1/cypher", json={"query": "RETURN 1", "other": 1}), 422)


@pytest.mark.parametrize("headers", [{}, NDJSON])
def test_errors_have_their_status_in_both_forms(http: httpx.Client, refused: Any, headers: Any):
    assert "Create" in refused(ask(http, "CREATE (n)", headers), 403)["detail"]
    assert "line 1, column 8" in refused(ask(http, "RETURN x", headers), 422)["detail"]
    slow = "UNWIND range(1, 1000000000000) AS x RETURN count(*) AS n"
    assert "timeout_s" in refused(ask(http, slow, headers, timeout_s=0.3), 408)["detail"]
    refused(ask(http, "RETURN $x", headers, params={"x": 2**63}), 422)
    refused(ask(http, "RETURN 1", {"Accept": "text/csv"}), 406)


def test_bytes_are_bounded(settings: Settings, database: Database):
    with beside(settings.model_copy(update={"query_most_mb": 1}), takes="none") as (url, token):
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            text = "UNWIND range(1, 100) AS n RETURN reduce(s = '', x IN range(1, 50000) | s + 'a') AS s"
            table = ask(client, text).json()
    assert table["truncated_by"] == "bytes"
    assert len(table["rows"]) == 20


async def test_a_stream_ends_at_the_server_when_the_client_goes(http: httpx.Client, database: Database):
    body = {"query": "UNWIND range(1, 1000000000) AS left RETURN left", "limit": 100_000, "timeout_s": 200}
    with http.stream("POST", "/v1/cypher", json=body, headers=NDJSON) as response:
        next(response.iter_bytes())
    await gone(database, "AS left")


async def test_a_table_ends_at_the_server_when_the_client_goes(http: httpx.Client, database: Database):
    body = {"query": "UNWIND range(1, 1000000000000) AS away RETURN count(away) AS n", "timeout_s": 200}
    with pytest.raises(httpx.ReadTimeout):
        await asyncio.to_thread(http.post, "/v1/cypher", json=body, timeout=1.5)
    await gone(database, "AS away")


async def gone(database: Database, text: str) -> None:
    """Returns once no query that contains `text` is running."""
    end = time.monotonic() + 60
    while text in str(await rows_of(database, "SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery")):
        assert time.monotonic() < end, "it runs on"
        await asyncio.sleep(0.1)


# Named queries


def test_named_queries_are_listed_one_by_one_and_streamed(http: httpx.Client, planted: Any, refused: Any):
    listed = {query["name"]: query for query in http.get("/v1/queries").json()["items"]}
    assert len(listed) >= 30
    assert {query["area"] for query in listed.values()} == {"explore"}
    thin = http.get("/v1/queries/explore.thin_subjects").json()
    assert thin == listed["explore.thin_subjects"]
    assert thin["browser"] == f':param id => "0190";\n:param limit => 20;\n{thin["text"]}'
    refused(http.get("/v1/queries/job.get"), 404)
    body = {"params": {"id": planted.root}}
    assert (
        lines(http.post("/v1/queries/explore.disciplines", json=body, headers=NDJSON))
        == (http.post("/v1/queries/explore.disciplines", json=body).json()["rows"])
    )
    short = http.post("/v1/queries/explore.recent_changes", json=body | {"limit": 1}).json()
    assert (len(short["rows"]), short["truncated_by"]) == (1, "rows")


# The guide


def test_the_guide_is_open_to_neo4j_browser_and_nothing_else_is(http: httpx.Client):
    url = str(http.base_url).rstrip("/")
    page = httpx.get(f"{url}/guide", headers={"Origin": "http://127.0.0.1:7474"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "http://127.0.0.1:7474", "Access-Control-Request-Headers": "pragma,sentry-trace"}
    assert httpx.options(f"{url}/guide", headers=asked).headers["access-control-allow-headers"] == "*"
    assert "access-control-allow-origin" not in http.get("/v1/queries", headers=asked).headers
    for query in http.get("/v1/queries").json()["items"]:
        assert f"<h4>{query['name']}</h4>" in page.text


# The command line


def test_glan_query_runs_cypher(glan: Any, planted: Any):
    text = "MATCH p = (f:Field {name: $name})-[:CONTAINS]->(d) RETURN p, d, $n + 1 AS n, [d] AS all"
    shown = glan("query", "--cypher", text, "name=Sciences", "n=1").stdout
    assert "(:Field Sciences)-[:CONTAINS]->(:Discipline Optics)" in shown
    assert '["(:Discipline Optics)"]' in shown
    assert glan.json("query", "--cypher", text, "name=Sciences", "n=1")["rows"][0]["n"] == 2
    (glan.folder / "own.cypher").write_text("RETURN 1 AS one")
    assert glan.json("query", "--cypher", "@own.cypher")["rows"] == [{"one": 1}]
    cut = glan("query", "--cypher", ENDLESS, "--limit", "2")
    assert "cut at the maximum number of rows (--limit)" in cut.stderr
    assert "refused: Create" in glan("query", "--cypher", "CREATE (n)", code=1).stderr
    assert "omit PROFILE" in glan("query", "--cypher", "PROFILE RETURN 1", code=1).stderr
    glan("query", "--cypher", "RETURN 1", "novalue", code=2)
