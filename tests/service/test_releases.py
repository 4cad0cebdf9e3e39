"""Releases over REST and on the command line: their content stays, whatever happens to the graph."""

import asyncio
import base64
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from planting import Plant, Syllabus, instruction, rows_of

from graph.database import Database
from graph.errors import Conflict
from graph.instructions import instructions, releases
from graph.instructions.releases import NewRelease, State
from graph.model import Kind

COUNT = 2100


class Planted:
    """What `garden` has planted."""

    plant: Plant
    root: str
    discipline: str
    syllabus: Syllabus
    job: str


@pytest_asyncio.fixture
async def garden(http: httpx.Client, database: Database) -> Planted:
    """A taxonomy with COUNT accepted instructions and one that failed."""
    found = Planted()
    found.plant = plant = Plant(database)
    found.root = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", found.root)
    found.discipline = await plant.node(Kind.Discipline, "Optics", field)
    found.syllabus = await plant.syllabus(found.discipline, "lenses", {"s1": ["a"], "s2": ["b"]})
    found.job = await plant.job(found.discipline)
    await more(found, range(COUNT))
    await plant.instruct("failed", found.syllabus, "s1", "a", status="failed", reason="malformed")
    return found


async def more(garden: Planted, numbers: range) -> None:
    """Adds instructions drawn from the two sessions in turn."""
    sessions, concepts = list(garden.syllabus.sessions.values()), list(garden.syllabus.concepts.values())
    rows = [
        instruction(f"{n:05}", garden.syllabus.id, [sessions[n % 2]], [concepts[n % 2]], language="English")
        for n in numbers
    ]
    await garden.plant.database.writing(lambda tx: instructions.store(tx, garden.job, rows))


def body(garden: Planted, **more: Any) -> dict[str, Any]:
    return {"name": "one-1.0", "node_id": garden.discipline, "description": "For the first run"} | more


def content(http: httpx.Client, name: str = "one-1.0", **params: Any) -> bytes:
    answer = http.get(f"/v1/releases/{name}/instructions", params={"format": "ndjson"} | params)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_what_is_pinned_stays_whatever_is_edited(http: httpx.Client, garden: Planted):
    pulled = http.get(f"/v1/nodes/{garden.root}/instructions", params={"format": "ndjson"}).content
    answer = http.post("/v1/releases", json=body(garden))
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/releases/one-1.0")
    release = answer.json()
    assert (release["state"], release["count"], release["path"]) == ("done", COUNT, "Root/Sciences/Optics")
    assert (release["spec"], release["created_by"]) == ({"node_id": garden.discipline}, "rest")
    assert content(http) == pulled
    assert release["sha256"] == hashlib.sha256(pulled).hexdigest()
    assert release["bytes"] == len(pulled)
    # A concept is renamed, a session retired, and more is added: a pull now returns something else.
    concept = garden.syllabus.concepts["a"]
    renamed = http.patch(f"/v1/nodes/{concept}", json={"name": "A2"}, headers={"If-Match": '"1"'})
    assert renamed.status_code == 200
    assert http.delete(f"/v1/nodes/{garden.syllabus.sessions['s2']}").is_success
    await more(garden, range(COUNT, COUNT + 10))
    now = http.get(f"/v1/nodes/{garden.root}/instructions", params={"format": "ndjson"}).content
    assert now.count(b"\n") == 10
    assert http.get("/v1/releases/one-1.0").json() == release
    assert content(http) == pulled
    # A named query reports what has changed since.
    params = {"params": {"name": "one-1.0", "limit": 10_000}}
    changes = http.post("/v1/queries/explore.release_changes", json=params).json()["rows"]
    assert len(changes) == COUNT
    assert {row["status"] for row in changes} == {"stale"}
    own = {"query": "MATCH (p:ReleasePart {id: $id}) RETURN p.data AS data", "params": {"id": "one-1.0/0"}}
    [part] = http.post("/v1/cypher", json=own).json()["rows"]
    assert pulled.startswith(zlib.decompress(base64.b64decode(part["data"])))


async def test_formats_layouts_and_cursors(http: httpx.Client, garden: Planted, tmp_path: Path):
    assert http.post("/v1/releases", json=body(garden)).status_code == 201
    full = [json.loads(line) for line in content(http).splitlines()]
    alpaca = [json.loads(line) for line in content(http, layout="alpaca").splitlines()]
    assert alpaca == [
        {"instruction": item["question"], "input": "", "output": item["answer"]} for item in full
    ]
    with_cursors = [json.loads(line) for line in content(http, cursors=True).splitlines()]
    assert [line["item"] for line in with_cursors] == full
    for n in (0, 998, 999, 1000, COUNT - 1):
        rest = content(http, cursor=with_cursors[n]["cursor"])
        assert [json.loads(line) for line in rest.splitlines()] == full[n + 1 :]
    paged: list[Any] = []
    url: str | None = "/v1/releases/one-1.0/instructions?limit=700"
    while url:
        page = http.get(url)
        paged += page.json()["items"]
        url = page.links.get("next", {}).get("url")
    assert paged == full
    path = tmp_path / "release.parquet"
    path.write_bytes(content(http, format="parquet"))
    table: Any = pq.read_table(path)
    assert [row["id"] for row in table.to_pylist()] == [item["id"] for item in full]


async def test_the_same_again_and_something_else(http: httpx.Client, garden: Planted, refused: Any):
    first = http.post("/v1/releases", json=body(garden))
    again = http.post("/v1/releases", json=body(garden, description="Another text"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    detail = refused(http.post("/v1/releases", json=body(garden, node_id=garden.root)), 409)["detail"]
    assert "another name" in detail
    refused(http.post("/v1/releases", json=body(garden, strategy="single")), 409)
    for wrong in ({"name": "a b"}, {"name": "-x"}, {"name": ""}, {"name": "x" * 101}, {"colour": "red"}):
        refused(http.post("/v1/releases", json=body(garden, **wrong)), 422)
    refused(http.post("/v1/releases", json=body(garden, node_id="nowhere", name="other")), 404)
    for path in ("", "/instructions"):
        refused(http.get(f"/v1/releases/nope{path}"), 404)
    refused(http.get("/v1/releases/one-1.0/instructions", params={"cursor": "x"}), 422)
    for n in range(3):
        wanted = body(garden, name=f"many-{n}", language="English", strategy="pair" if n else "single")
        assert http.post("/v1/releases", json=wanted).json()["count"] == (0 if n else COUNT)
    names: list[str] = []
    url: str | None = "/v1/releases?limit=2"
    while url:
        page = http.get(url).json()
        names += [release["name"] for release in page["items"]]
        url = f"/v1/releases?limit=2&cursor={page['next']}" if page["next"] else None
    assert names == ["many-0", "many-1", "many-2", "one-1.0"]
    assert content(http, "many-1") == b""


async def test_a_build_that_was_killed_leaves_nothing_half_visible_and_begins_anew(
    http: httpx.Client, garden: Planted, database: Database, refused: Any
):
    wanted = NewRelease(**body(garden))
    _, build = await releases.begin(database, wanted)
    assert build
    # The state that a killed builder leaves: some parts are stored and nothing follows.
    add: Any = build._add
    of = {"syllabus_id": garden.syllabus.id, "job_id": None}
    await add([{"id": f"{n:05}", **of} for n in range(releases.PART)])
    shown = http.get("/v1/releases/one-1.0").json()
    assert (shown["state"], shown["count"], shown["sha256"]) == ("building", releases.PART, None)
    assert "still being built" in refused(http.get("/v1/releases/one-1.0/instructions"), 409)["detail"]
    assert http.post("/v1/releases", json=body(garden)).status_code == 202
    refused(http.post("/v1/releases", json=body(garden, node_id=garden.root)), 409)
    await rows_of(database, "MATCH (r:Release) SET r.lease_until = datetime() - duration('PT1S')")
    answer = http.post("/v1/releases", json=body(garden))
    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(content(http)).hexdigest()
    assert answer.json()["count"] == COUNT
    # If the old builder wakes up, it can no longer change anything.
    with pytest.raises(Conflict):
        await add([{"id": "00000", **of}])
    with pytest.raises(Conflict):
        await build.run()
    assert http.get("/v1/releases/one-1.0").json() == answer.json()


async def test_many_ask_at_once_and_one_builds(garden: Planted, database: Database):
    wanted = NewRelease(**body(garden))

    async def ask() -> State:
        release, build = await releases.begin(database, wanted)
        return (await build.run()).state if build else release.state

    states = await asyncio.gather(*(ask() for _ in range(8)))
    assert states.count(State.done) >= 1
    assert (await releases.get(database, "one-1.0")).count == COUNT
    [row] = await rows_of(database, "MATCH (p:ReleasePart) RETURN count(p) AS parts, sum(p.count) AS count")
    assert row == {"parts": 3, "count": COUNT}


async def test_a_build_goes_on_when_the_client_leaves(http: httpx.Client, garden: Planted):
    with pytest.raises(httpx.TimeoutException):
        http.post("/v1/releases", json=body(garden), timeout=httpx.Timeout(10, read=0.01))
    shown: dict[str, Any] = {}
    while shown.get("state") != "done":
        await asyncio.sleep(0.05)
        shown = http.get("/v1/releases/one-1.0").json()
    assert shown["count"] == COUNT


async def test_on_the_command_line(glan: Any, garden: Planted, http: httpx.Client):
    made = await asyncio.to_thread(glan.json, "release", "create", "Root", "r1", "--description", "first")
    assert (made["count"], made["state"], made["description"]) == (COUNT, "done", "first")
    assert f"{COUNT:,}" in glan("release", "create", "Root", "r1").stdout
    assert "another name" in glan("release", "create", "Optics", "r1", code=1).stderr
    assert made["sha256"] in glan("release", "show", "r1").stdout
    assert glan.json("release", "list") == [made]
    assert "r1" in glan("release", "list").stdout
    assert "no release" in glan("release", "show", "nope", code=1).stderr
    glan("pull", "--release", "r1", "-o", "r1.jsonl")
    written = (glan.folder / "r1.jsonl").read_bytes()
    assert hashlib.sha256(written).hexdigest() == made["sha256"]
    glan("pull", "--release", "r1", "--format", "parquet", "--layout", "openai", "-o", "r1.parquet")
    table: Any = pq.read_table(glan.folder / "r1.parquet")
    assert (table.num_rows, table.column_names) == (COUNT, ["messages"])
    assert "give either a NODE or --release" in glan("pull", "Root", "--release", "r1", code=2).stderr
    assert "give either a NODE or --release" in glan("pull", code=2).stderr
    assert "--since" in glan("pull", "--release", "r1", "--since", "2026-01-01", code=2).stderr
