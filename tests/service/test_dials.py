"""Dials over REST and on the command line."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import typer
from openai_server import OpenAIServer

from service.terminal import dials

# Without checks: what they reject is another matter, and the endpoint answers with the question.
UNCHECKED = ("--skip-check", "texts", "--skip-check", "duplicates")
ARGS = ("Optics", "--subjects", "1", "--queries", "1", "--yes", *UNCHECKED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apply=2,analyze=1", {"apply": 2.0, "analyze": 1.0}),
        ("apply, in two words = 0.5", {"apply": 1.0, "in two words": 0.5}),
        ("a=b=3", {"a=b": 3.0}),
    ],
)
def test_shares_are_read(text: str, found: dict[str, float]) -> None:
    assert dials.shares("--task", text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [("a=x", "not a share"), ("a,,b", "names no value"), ("a=1,a=2", "twice"), ("", "names no")],
)
def test_wrong_shares_are_said(text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        dials.shares("--task", text)


def test_personas_are_the_lines_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "personas.txt"
    file.write_text("\ufeffa nurse\n\n  a baker \n", encoding="utf-8")
    assert dials.personas(str(file)) == ["a nurse", "a baker"]
    assert dials.personas("graph") == "graph"
    for data, said in (
        (b"\n \n", "no lines"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x\n" * 600_000, "too long"),
    ):
        file.write_bytes(data)
        with pytest.raises(typer.BadParameter, match=said):
            dials.personas(str(file))
    with pytest.raises(typer.BadParameter, match="cannot be read"):
        dials.personas(str(tmp_path / "none"))


def test_a_line_names_the_most_frequent_values() -> None:
    counts = {"task": {f"t{n}": n for n in range(12)}}
    assert dials.lines(counts) == [
        "task: " + ", ".join(f"t{n} {n}" for n in range(11, 3, -1)) + ", and 4 more"
    ]


@pytest.mark.usefixtures("planted")
def test_dials_from_the_command_line_to_the_pull(
    alone: Any, model: dict[str, str], endpoint: OpenAIServer, http: httpx.Client
) -> None:
    personas = alone.folder / "personas.txt"
    personas.write_text("a nurse\na baker\n")
    given = ("--difficulty", "apply=3,create=1", "--persona", str(personas), "--format", "table,a limerick")
    done = alone("grow", *ARGS, "--add", "20", *given, "--repeats", "2", **model)
    assert "accepted by difficulty: apply " in done.stderr

    def pulled(*options: str) -> list[dict[str, Any]]:
        return [*map(json.loads, alone("pull", "Optics", *options).stdout.splitlines())]

    lines = pulled()
    assert len(lines) == 20
    counts = Counter(line["dials"]["persona"] for line in lines)
    assert counts.keys() == {"a nurse", "a baker"}
    one = pulled("--dial", "persona=a nurse", "--dial", "difficulty=apply")
    assert {(line["dials"]["persona"], line["dials"]["difficulty"]) for line in one} == {("a nurse", "apply")}
    shown = alone("coverage", "Optics", "--dials").stdout
    for words in ("difficulty", "apply", "a limerick", "%"):
        assert words in shown
    rows = alone.json("query", "explore.dials", "id=Optics")["rows"]
    assert {(row["value"], row["accepted"]) for row in rows if row["dial"] == "persona"} == {*counts.items()}
    assert (
        alone.json("release", "create", "Optics", "r1", "--dial", "persona=a baker")["count"]
        == counts["a baker"]
    )
    estimate = alone("grow", *ARGS, "--add", "9", *given, "--repeats", "2", "--estimate", **model)
    assert "each counted 2 times" in estimate.stdout
    asked = "".join(c.messages[0]["content"] for c in endpoint.calls if c.step == "questions")
    assert asked.count("The form of its answer: a limerick.") == sum(
        line["dials"]["format"] == "a limerick" for line in lines
    )
    alone("pull", "Optics", "--format", "parquet", "-o", "optics.parquet")
    columns = pq.read_table(alone.folder / "optics.parquet").to_pydict()
    assert columns["dials"] == [line["dials"] for line in lines]
    assert columns["repeat"] == [0] * 20
    [job] = http.get("/v1/jobs").json()["items"]
    found = http.get(f"/v1/jobs/{job['id']}").json()
    assert found["dials"]["persona"] == dict(counts)
    assert found["spec"]["dials"]["persona"] == ["a nurse", "a baker"]


def test_what_is_refused(http: httpx.Client, planted: Any, refused: Any) -> None:
    path = f"/v1/nodes/{planted.root}/instructions"
    assert "difficulty=apply" in str(refused(http.get(path, params={"dial": "colour=red"}), 422))
    assert "difficulty=apply" in str(refused(http.get(path, params={"dial": "task"}), 422))
    spec = {"root_id": planted.root, "add": 1, "dials": {"difficulty": {"hard": 1}}}
    assert "remember" in str(refused(http.post("/v1/jobs", json=spec), 422))
    spec = {"root_id": planted.root, "add": 1, "dials": {"persona": "graph"}}
    assert "at least two" in str(refused(http.post("/v1/jobs", json=spec), 409))
    release = {"name": "r", "node_id": planted.root, "dials": ["colour=red"]}
    refused(http.post("/v1/releases", json=release), 422)
