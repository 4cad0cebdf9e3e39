"""Benchmarks over REST and on the command line: loaded once, shown, removed."""

import json
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset_hub import DatasetHub
from planting import rows_of

from graph.database import Database

TEXTS = [f"How long does the train number {n} take from Basel to Milan by the old line?" for n in range(2500)]
NDJSON = "application/x-ndjson"


def lines(*texts: str, **rest: str) -> bytes:
    return b"".join(json.dumps({"text": text, **rest}).encode() + b"\n" for text in texts)


def post(http: httpx.Client, content: bytes, params: dict[str, str], kind: str = NDJSON) -> httpx.Response:
    return http.post("/v1/benchmarks", content=content, params=params, headers={"content-type": kind})


async def stored(database: Database) -> int:
    [row] = await rows_of(database, "RETURN COUNT { (:BenchmarkItem) } + COUNT { (:Benchmark) } AS n")
    return row["n"]


async def test_loaded_shown_and_removed(http: httpx.Client, database: Database, refused: Any):
    body = lines(*TEXTS, split="test") + lines("Why?", TEXTS[0], split="train")
    about = {"name": "trains", "licence": "MIT", "source": "trains.jsonl", "version": "2", "sha256": "a" * 64}
    response = post(http, body, about)
    assert response.status_code == 201, response.text
    assert response.headers["location"] == "/v1/benchmarks/trains"
    found = response.json()
    assert {name: found[name] for name in about} == about
    assert (found["items"], found["splits"], found["state"]) == (2502, {"test": 2500, "train": 2}, "done")
    assert found["unrecognisable"] == 1
    assert http.get("/v1/benchmarks/trains").json() == found
    assert http.get("/v1/benchmarks").json() == {"items": [found], "next": None}
    again = post(http, body, about)
    assert (again.status_code, again.json()) == (200, found)
    assert "such as trains-2" in refused(post(http, lines("Why not?"), about), 409)["detail"]
    read = http.post("/v1/cypher", json={"query": "MATCH (:Benchmark)-[:HAS_ITEM]->(i) RETURN count(i) AS n"})
    assert read.json()["rows"] == [{"n": 2502}]
    assert http.delete("/v1/benchmarks/trains").json() == found
    assert await stored(database) == 0
    refused(http.get("/v1/benchmarks/trains"), 404)
    refused(http.delete("/v1/benchmarks/trains"), 404)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (lines(*TEXTS) + b'{"text": "x"', 422, "line 2501 is not JSON"),
        (lines(*TEXTS) + b'{"question": "x"}\n', 422, "line 2501: text: Field required"),
        (b'{"text": ""}\n', 422, "line 1: text: "),
        (b'{"text": "a\\u0000"}\n', 422, "U+0000 cannot be stored"),
        (b"[]\n", 422, "line 1: "),
        (b"\n\n", 422, "there is no item"),
        (lines("x" * 1_000_001), 422, "line 1: a line may have at most 1 MB"),
        (lines("x" * 100_001), 422, "line 1: text: "),
    ],
)
async def test_all_items_are_stored_or_none(
    http: httpx.Client, database: Database, refused: Any, body: bytes, status: int, said: str
):
    assert said in refused(post(http, body, {"name": "a"}), status)["detail"]
    assert await stored(database) == 0
    assert post(http, lines(TEXTS[0]), {"name": "a"}).status_code == 201


def test_what_is_said_of_a_benchmark_is_checked(http: httpx.Client, refused: Any):
    for wrong in ({"name": "a/b"}, {}, {"name": "a", "sha256": "1"}, {"name": "a", "license": "MIT"}):
        refused(post(http, lines("x"), wrong), 422)
    refused(post(http, b"[]", {"name": "a"}, "application/json"), 415)
    assert http.get("/v1/benchmarks").json()["items"] == []


async def test_evidence_keeps_a_benchmark(http: httpx.Client, database: Database, refused: Any):
    post(http, lines(*TEXTS[:2]), {"name": "trains"})
    await rows_of(
        database,
        "MATCH (i:BenchmarkItem) WITH i LIMIT 1 CREATE (:Instruction {id: 'x'})-[:MATCHES]->(i)",
    )
    assert "evidence=true" in refused(http.delete("/v1/benchmarks/trains"), 409)["detail"]
    assert http.delete("/v1/benchmarks/trains", params={"evidence": "true"}).is_success
    assert await stored(database) == 0


def test_a_file_is_loaded_by_the_command(glan: Any):
    rows = [{"problem": text, "subject": "trains", "note": ""} for text in TEXTS[:50]] + [{"problem": ""}]
    (glan.folder / "trains-test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = glan("benchmark", "load", "trains-test.jsonl", "--licence", "MIT")
    assert (
        "guessed: question from the column problem; task from the column subject; split test" in done.stderr
    )
    assert "1 rows have no question and were left out" in done.stderr
    assert "trains-test: 50 items (test 50)" in done.stdout
    assert "licence: MIT" in done.stdout
    again = glan.json("benchmark", "load", "trains-test.jsonl", "--licence", "MIT")
    assert again == glan.json("benchmark", "show", "trains-test")
    assert again["source"] == "trains-test.jsonl"
    assert [b["name"] for b in glan.json("benchmark", "list")] == ["trains-test"]
    assert "trains-test" in glan("benchmark", "list").stdout
    (glan.folder / "other.csv").write_text("ask,b\nWhy?,1\n")
    assert "there are: ask, b" in glan("benchmark", "load", "other.csv", "--question", "q", code=1).stderr
    named = ("--question", "ask", "--name", "trains-test")
    assert "such as trains-test-2" in glan("benchmark", "load", "other.csv", *named, code=1).stderr
    assert "removed trains-test: 50 items" in glan("benchmark", "remove", "trains-test").stdout
    assert "no benchmark is called trains-test" in glan("benchmark", "show", "trains-test", code=1).stderr


def test_a_known_benchmark_comes_from_the_hub(glan: Any, tmp_path: Path):
    table = pa.Table.from_pylist([{"question": text, "answer": "1"} for text in TEXTS[:20]])
    pq.write_table(table, tmp_path / "x.parquet")
    content = (tmp_path / "x.parquet").read_bytes()
    files = {f"main/{split}-00000-of-00001.parquet": content for split in ("train", "test")}
    with DatasetHub() as hub:
        commit = hub.publish("openai/gsm8k", files)
        env = {"HF_ENDPOINT": hub.address, "HF_HUB_CACHE": str(tmp_path / "cache")}
        found = glan.json("benchmark", "load", "gsm8k", **env)
        assert (found["version"], found["licence"], found["source"]) == (commit, "MIT", "openai/gsm8k")
        assert found["splits"] == {"test": 20, "train": 20}
        assert "cannot be fetched" in glan("benchmark", "load", "mmlu", code=1, **env).stderr
    assert "known are arc" in glan("benchmark", "load", "gsm9k", code=1).stderr
