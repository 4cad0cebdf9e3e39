"""`glan pull` when the connection is cut, the command is killed, or the service is gone."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest_asyncio
from cutting import cutting
from planting import Plant, instruction

from graph.database import Database
from graph.instructions import instructions
from graph.model import Kind

COUNT = 3000


@pytest_asyncio.fixture
async def whole(http: httpx.Client, database: Database) -> bytes:
    """The NDJSON of COUNT instructions of about two kB each under Root."""
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    discipline = await plant.node(Kind.Discipline, "Optics", await plant.node(Kind.Field, "Field", top))
    syllabus = await plant.syllabus(discipline, "lenses", {"s1": ["a"], "s2": ["b"]})
    sessions, concepts = list(syllabus.sessions.values()), list(syllabus.concepts.values())
    job = await plant.job(discipline)
    rows = [
        instruction(
            f"{n:05}", syllabus.id, [sessions[n % 2]], [concepts[n % 2]], answer=f"{n} é \u2028 " * 200
        )
        for n in range(COUNT)
    ]
    await database.writing(lambda tx: instructions.store(tx, job, rows))
    body = http.get(f"/v1/nodes/{top}/instructions", params={"format": "ndjson"}).content
    assert body.count(b"\n") == COUNT
    return body


def test_a_pull_that_is_cut_goes_on_by_itself(http: httpx.Client, glan: Any, whole: bytes):
    port = http.base_url.port
    assert port
    with cutting(port, 300_000, 20_000, 1_500_000) as (url, cutter):
        done = glan("pull", "Root", "-o", "cut.jsonl", "--url", url)
        assert cutter.made == 4
    assert (glan.folder / "cut.jsonl").read_bytes() == whole
    assert done.stderr.count("the connection was lost") == 3
    assert f"{COUNT} instructions in cut.jsonl" in done.stderr
    assert [path.name for path in glan.folder.glob("cut*")] == ["cut.jsonl"]
    with cutting(port, 900_000) as (url, _):
        assert glan("pull", "Root", "--url", url).stdout.encode() == whole


def test_a_page_after_the_last_line_goes_on_too(http: httpx.Client, glan: Any, whole: bytes):
    """Any client can resume as the command does: a stream that was cut, then pages from its last cursor."""
    port, root = http.base_url.port, http.get("/v1/nodes:resolve", params={"path": "Root"}).json()["id"]
    assert port
    path = f"/v1/nodes/{root}/instructions"
    body = b""
    with cutting(port, 700_000) as (url, _), httpx.Client(base_url=url, headers=http.headers) as client:
        params = {"format": "ndjson", "cursors": "true"}
        try:
            with client.stream("GET", path, params=params, headers={"Accept-Encoding": "identity"}) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
        except httpx.RemoteProtocolError:
            pass
    lines = [json.loads(line) for line in body.split(b"\n")[:-1]]
    assert 0 < len(lines) < COUNT
    found, cursor = [line["item"] for line in lines], lines[-1]["cursor"]
    while cursor:
        page = http.get(path, params={"cursor": cursor, "limit": 1000}).json()
        found += page["items"]
        cursor = page["next"]
    assert found == [json.loads(line) for line in whole.split(b"\n")[:-1]]


def test_parquet_that_is_cut_begins_anew(http: httpx.Client, glan: Any, whole: bytes):
    port = http.base_url.port
    assert port
    with cutting(port, 30_000) as (url, cutter):
        done = glan("pull", "Root", "--format", "parquet", "-o", "cut.parquet", "--url", url)
        assert cutter.made == 2
    assert "the connection was lost" in done.stderr
    rows: Any = pq.read_table(glan.folder / "cut.parquet").to_pylist()
    assert [row["id"] for row in rows] == [json.loads(line)["id"] for line in whole.split(b"\n")[:-1]]
    assert not list(glan.folder.glob("*.part*"))


def held(path: Path) -> dict[str, Any] | None:
    """The progress that the command has recorded, if any."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def test_a_pull_that_was_killed_goes_on(http: httpx.Client, glan: Any, whole: bytes):
    port = http.base_url.port
    assert port
    state = glan.folder / "out.jsonl.part.json"
    # Cut again and again early on, so that the command is still at work when it is killed.
    command = ("pull", "Root", "-o", "out.jsonl", "--url")
    with cutting(port, 900_000, *[9_000] * 20) as (url, _), glan.running(*command, url) as process:
        while held(state) is None:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = held(state)
    assert left
    assert 0 < left["count"] < COUNT
    assert not (glan.folder / "out.jsonl").exists()
    # The last line may be incomplete: only the recorded progress counts.
    with (glan.folder / "out.jsonl.part").open("ab") as file:
        file.write(b'{"half')
    done = glan("pull", "Root", "-o", "out.jsonl")
    assert f"continuing after {left['count']} instructions" in done.stderr
    assert (glan.folder / "out.jsonl").read_bytes() == whole
    assert [path.name for path in glan.folder.glob("out*")] == ["out.jsonl"]


def test_another_pull_into_the_same_file_begins_anew(glan: Any, whole: bytes):
    part = glan.folder / "out.jsonl.part"
    part.write_bytes(b"of something else\n")
    state = {"pull": ["/v1/nodes/x/instructions", "{}"], "cursor": "x", "bytes": 18, "count": 1}
    for text in (json.dumps(state), "{", "[]", '{"pull": 1}'):
        (glan.folder / "out.jsonl.part.json").write_text(text)
        assert "continuing" not in glan("pull", "Root", "-o", "out.jsonl").stderr
        assert (glan.folder / "out.jsonl").read_bytes() == whole
        part.write_bytes(b"of something else\n")


def test_a_service_that_does_not_come_back(http: httpx.Client, glan: Any, whole: bytes):
    """The command gives up with a message after some tries, and keeps what it has."""
    assert (
        "no service answers" in glan("pull", "--release", "x", "--url", "http://127.0.0.1:9", code=1).stderr
    )
    assert whole
