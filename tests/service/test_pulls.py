"""Pulls over HTTP: formats, negotiation, compression, cursors, and tools that read from a URL."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
import zstandard
from planting import Plant, instruction, rows_of

from graph.database import Database
from graph.instructions import instructions
from graph.model import Kind
from service.media.accept import JSON, NDJSON, PARQUET
from service.media.layouts import Layout
from service.media.parquet import ROWS, Writer
from service.media.parquet import schema as schema_of

COUNT = 2345
TEXT = 'Why is the sky blue? 日本語 \u2028 "quoted" \\ end'


@pytest.fixture(scope="module")
def http(session_http: httpx.Client) -> httpx.Client:
    """A client of the service; the database is not wiped between these tests, which only read."""
    return session_http


@pytest_asyncio.fixture(scope="module")
async def root(session_database: Database) -> str:
    """The id of a taxonomy with COUNT instructions in three sessions, every tenth drawn from two of them."""
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    plant = Plant(session_database)
    top = await plant.node(Kind.Taxonomy, "Root")
    discipline = await plant.node(Kind.Discipline, "Optics", await plant.node(Kind.Field, "Field", top))
    syllabus = await plant.syllabus(discipline, "lenses", {"s1": ["a"], "s2": ["b"], "s3": ["c"]})
    sessions, concepts = list(syllabus.sessions.values()), list(syllabus.concepts.values())
    job = await plant.job(discipline)
    rows = [
        instruction(
            f"{n:05}",
            syllabus.id,
            [sessions[n % 3], sessions[(n + 1) % 3]][: 2 if n % 10 == 0 else 1],
            concepts[: 1 + n % 3],
            question=f"{n}: {TEXT}",
            job_id=job,
            calls=2,
            cost_usd=n / 1e6,
            language="English",
        )
        for n in range(COUNT)
    ]
    await session_database.writing(lambda tx: instructions.store(tx, job, rows))
    return top


def url_of(root: str) -> str:
    return f"/v1/nodes/{root}/instructions"


def lines(body: bytes) -> list[Any]:
    assert body.endswith(b"\n")
    return [json.loads(line) for line in body[:-1].split(b"\n")]


@pytest.fixture(scope="module")
def everything(http: httpx.Client, root: str) -> list[dict[str, Any]]:
    found = lines(http.get(url_of(root), params={"format": "ndjson"}).content)
    assert len(found) == len({item["id"] for item in found}) == COUNT
    return found


# Which format


@pytest.mark.parametrize(
    ("accept", "gets"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", JSON),
        (NDJSON, NDJSON),
        ("application/jsonl", NDJSON),
        ("APPLICATION/X-NDJSON ; Q=0.9", NDJSON),
        (f"{NDJSON}, application/json;q=0.5", NDJSON),
        (f"{NDJSON};q=0.5, application/json", JSON),
        (f"{JSON};q=0, */*", NDJSON),
        (f"*/*;q=0.1, {PARQUET};q=0.2", PARQUET),
        (PARQUET, PARQUET),
        (f"{JSON};q=nonsense, {PARQUET};q=0.1", PARQUET),
    ],
)
def test_accept(http: httpx.Client, root: str, accept: str | None, gets: str):
    with http.stream("GET", url_of(root), headers={"Accept": accept} if accept else {}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == gets
        assert "Accept" in answer.headers["vary"].split(", ")
    head = http.head(url_of(root), headers={"Accept": accept} if accept else {})
    assert (head.status_code, head.headers["content-type"].split(";")[0]) == (200, gets)
    assert head.content == b""


def test_no_format_that_is_accepted(http: httpx.Client, root: str, refused: Any):
    for accept in ("text/csv", "text/*", f"{JSON};q=0", "application/json;q=2", "image/png, text/html"):
        detail = refused(http.get(url_of(root), headers={"Accept": accept}), 406)["detail"]
        assert all(kind in detail for kind in (JSON, NDJSON, PARQUET))
        assert http.head(url_of(root), headers={"Accept": accept}).status_code == 406
    refused(http.get(url_of(root), params={"format": "csv"}), 422)
    refused(http.get(url_of("nowhere"), params={"format": "parquet"}), 404)
    refused(http.get(url_of("nowhere"), params={"format": "ndjson"}), 404)
    refused(http.get(url_of(root), params={"format": "ndjson", "cursor": "nonsense"}), 422)
    assert http.head(url_of("nowhere")).status_code == 404


def test_a_parameter_goes_before_accept(http: httpx.Client, root: str):
    headers = {"Accept": "text/html"}
    for name, kind in (("json", JSON), ("ndjson", NDJSON), ("jsonl", NDJSON), ("parquet", PARQUET)):
        with http.stream("GET", url_of(root), params={"format": name}, headers=headers) as answer:
            assert answer.headers["content-type"].split(";")[0] == kind


# What is in it


def test_pages_are_the_stream(http: httpx.Client, root: str, everything: list[Any]):
    paged: list[Any] = []
    url: str | None = f"{url_of(root)}?limit=1000"
    while url:
        answer = http.get(url)
        paged += answer.json()["items"]
        url = answer.links.get("next", {}).get("url")
    assert paged == everything


def test_every_line_with_a_cursor_is_a_place_to_go_on_from(
    http: httpx.Client, root: str, everything: list[Any]
):
    params = {"format": "ndjson", "cursors": "true"}
    found = lines(http.get(url_of(root), params=params).content)
    assert [line["item"] for line in found] == everything
    for n in (0, 99, 100, 1500, COUNT - 2):
        rest = http.get(url_of(root), params={"format": "ndjson", "cursor": found[n]["cursor"]})
        assert lines(rest.content) == everything[n + 1 :]
        page = http.get(url_of(root), params={"cursor": found[n]["cursor"], "limit": 3}).json()
        assert page["items"] == everything[n + 1 : n + 4]
    after = http.get(url_of(root), params={"format": "ndjson", "cursor": found[-1]["cursor"]})
    assert after.content == b""


@pytest.mark.parametrize("layout", Layout)
def test_parquet_is_the_lines_with_a_fixed_schema(
    http: httpx.Client, root: str, tmp_path: Path, layout: Layout
):
    content = http.get(url_of(root), params={"format": "ndjson", "layout": layout}).content
    wanted = lines(content) if content else []
    path = tmp_path / "pulled.parquet"
    answer = http.get(url_of(root), params={"layout": layout}, headers={"Accept": PARQUET})
    path.write_bytes(answer.content)
    table: Any = pq.read_table(path)
    assert table.schema.equals(schema_of(layout))
    rows = table.to_pylist()
    for row in rows:
        if "created_at" in row:
            row["created_at"] = row["created_at"].isoformat().replace("+00:00", "Z")
    assert rows == wanted
    assert bool(rows) is not layout.startswith("preference")  # no answer here has a worse one beside it
    empty = http.get(url_of(root), params={"layout": layout, "format": "parquet", "status": "failed"})
    path.write_bytes(empty.content)
    table = pq.read_table(path)
    assert (table.num_rows, table.schema.equals(schema_of(layout))) == (0, True)


def test_parquet_has_row_groups_as_they_come():
    row = {"instruction": TEXT, "input": "", "output": None}
    writer = Writer(Layout.alpaca)
    parts = [writer.add([row] * ROWS), writer.add([row] * 7)]
    assert all(parts)
    body = b"".join([*parts, writer.end()])
    file: Any = pq.ParquetFile(io.BytesIO(body))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert sizes == [ROWS, 7]
    assert file.read().to_pylist() == [row] * (ROWS + 7)


# Compression


def raw(http: httpx.Client, url: str, encoding: str, **params: Any) -> tuple[str | None, bytes]:
    with http.stream("GET", url, params=params, headers={"Accept-Encoding": encoding}) as answer:
        assert answer.status_code == 200
        return answer.headers.get("content-encoding"), b"".join(answer.iter_raw())


def test_compressed_as_the_client_can_read_it(http: httpx.Client, root: str):
    url = url_of(root)
    encoding, plain = raw(http, url, "identity", format="ndjson")
    assert encoding is None
    encoding, small = raw(http, url, "gzip", format="ndjson")
    assert (encoding, gzip.decompress(small)) == ("gzip", plain)
    assert len(small) < len(plain) / 3
    encoding, small = raw(http, url, "gzip, deflate, br, zstd", format="ndjson")
    assert encoding == "zstd"
    assert zstandard.ZstdDecompressor().decompressobj().decompress(small) == plain
    assert raw(http, url, "gzip", limit=1000)[0] == "gzip"
    assert raw(http, url, "gzip;q=0", format="ndjson") == (None, plain)
    assert raw(http, url, "gzip, zstd", format="parquet")[0] is None


def test_what_was_sent_can_be_read_before_the_end(http: httpx.Client, root: str, everything: list[Any]):
    """A client whose connection is cut can use all complete lines that it has received."""
    with http.stream("GET", url_of(root), params={"format": "ndjson"}) as answer:
        assert answer.headers["content-encoding"] in ("zstd", "gzip")
        first = next(answer.iter_bytes())
    assert json.loads(first.partition(b"\n")[0]) == everything[0]


def test_what_is_answered_while_it_is_asked_is_not_compressed(http: httpx.Client, root: str):
    items = "\n".join(json.dumps({"kind": "Taxonomy", "name": f"T{n}"}) for n in range(50))
    headers = {"Content-Type": NDJSON, "Accept-Encoding": "gzip, zstd"}
    answer = http.post("/v1/nodes:bulk", content=items, headers=headers)
    assert "content-encoding" not in answer.headers
    assert len(lines(answer.content)) == 50


# Tools that read from a URL


@pytest.fixture
def address(http: httpx.Client, root: str) -> str:
    return f"{http.base_url}".rstrip("/") + url_of(root)


def test_pandas_reads_from_the_service(http: httpx.Client, address: str, everything: list[Any]):
    options = {"Authorization": http.headers["authorization"]}
    pandas: Any = pd
    frame = pandas.read_json(
        f"{address}?format=jsonl", lines=True, dtype=False, precise_float=True, storage_options=options
    )
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    assert rows == everything
    frame = pandas.read_parquet(f"{address}?format=parquet&layout=alpaca", storage_options=options)
    assert list(frame.columns) == ["instruction", "input", "output"]
    assert list(frame["instruction"]) == [item["question"] for item in everything]


GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
AFTERWARDS = """
import json

parquet = load_dataset("parquet", data_files=f"{url}?format=parquet&layout=openai", split="train",
                       storage_options={"client_kwargs": {"headers": {"Authorization": token}}})
print(json.dumps([list(rows), list(parquet), list(frame["id"]), list(lines["question"])]))
"""


def test_what_the_guide_says_of_datasets_and_pandas(
    http: httpx.Client, root: str, everything: list[Any], tmp_path: Path
):
    """Runs in a separate process, whose environment keeps the tools off the hub and has them write elsewhere.

    HF_HUB_OFFLINE would forbid every address, including that of the service.
    """
    [block] = [text for text in GUIDE.read_text().split("```") if text.startswith("python\nimport os\n")]
    env = os.environ | {
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(tmp_path),
        "GLAN_URL": str(http.base_url).rstrip("/"),
        "GLAN_TOKEN": http.headers["authorization"].removeprefix("Bearer "),
        "NODE": root,
    }
    done = subprocess.run(
        [sys.executable, "-c", block.removeprefix("python\n") + AFTERWARDS],
        env=env,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows, parquet, ids, questions = json.loads(done.stdout.splitlines()[-1])
    wanted = [
        {
            "messages": [
                {"role": "user", "content": item["question"]},
                {"role": "assistant", "content": item["answer"]},
            ]
        }
        for item in everything
    ]
    assert rows == parquet == wanted
    assert ids == [item["id"] for item in everything]
    assert questions == [item["question"] for item in everything]
