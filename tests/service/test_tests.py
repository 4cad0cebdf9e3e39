"""Test sets over REST and on the command line: made, run, reported and exported."""

import json
import random
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
from examining import JUDGE, OWN, RIVAL, by_author, planted, replying
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import Plant

from graph.database import Database
from graph.model import Kind

WORDS = """river stone market rocket garden winter letter window silver forest pressure signal bridge colour
engine harvest mirror planet copper village teacher motion surface island machine pattern shadow current"""
RUN = {"model": OWN, "against": RIVAL, "judge": JUDGE}


async def tides(database: Database) -> tuple[str, str]:
    """The ids of a field and its only discipline, which has a syllabus of four sessions."""
    plant = Plant(database)
    field = await plant.node(Kind.Field, "Sciences", await plant.node(Kind.Taxonomy, "Root"))
    root = await plant.node(Kind.Discipline, "Tides", field)
    names: dict[str, Sequence[str]] = {f"s{n}": [f"concept {n}.{c}" for c in range(4)] for n in range(4)}
    await plant.syllabus(root, "tides", names)
    return field, root


async def test_a_set_is_made_and_its_name_is_taken(
    grower: httpx.Client, database: Database, end_of: Any
) -> None:
    field, _ = await tides(database)
    wanted: dict[str, Any] = {"name": "exam", "node_id": field, "per_discipline": 2}
    for path in ("/v1/tests:estimate", "/v1/tests"):
        few = grower.post(path, json=wanted | {"per_discipline": 90_000})
        assert few.status_code == 409
        assert "Tides has" in few.json()["detail"]
    assert grower.get("/v1/tests").json()["items"] == []
    estimated = grower.post("/v1/tests:estimate", json=wanted).json()
    assert [step["step"] for step in estimated["steps"]] == ["questions"]
    made = grower.post("/v1/tests", json=wanted)
    assert made.status_code == 202, made.text
    assert made.headers["location"] == "/v1/tests/exam"
    job = end_of(grower, made.json()["id"])
    assert (job["state"], job["ledger"]["accepted"]) == ("done", 2), job["reason"]
    found = grower.get("/v1/tests/exam").json()
    assert (found["state"], found["items"], found["created_by"]) == ("complete", 2, "rest")
    assert grower.get("/v1/benchmarks/exam").json()["items"] == 2
    assert grower.get(f"/v1/nodes/{field}/instructions").json()["items"] == []
    [first, _] = grower.get("/v1/tests/exam/items").json()
    assert grower.get(f"/v1/instructions/{first['id']}").json()["status"] == "held"
    assert grower.post("/v1/tests", json=wanted).json()["id"] == made.json()["id"]
    assert grower.post("/v1/tests", json=wanted | {"hold": "sessions"}).status_code == 409
    alone = grower.delete("/v1/benchmarks/exam")
    assert alone.status_code == 409
    assert "glan test remove exam" in alone.json()["detail"]
    for _ in range(2):
        removed = grower.delete("/v1/tests/exam").json()
        assert (removed["state"], removed["items"]) == ("removed", 2)
    assert grower.get("/v1/benchmarks/exam").status_code == 404
    assert grower.get(f"/v1/instructions/{first['id']}").json()["status"] == "held"
    for path, body in (("/v1/tests", wanted), ("/v1/tests/exam/runs", RUN)):
        refused = grower.post(path, json=body)
        assert refused.status_code == 409
        assert "was removed" in refused.json()["detail"]


ASKED = "Why does the ebb run longer than the flood in a narrow estuary with a strong river?"


def varied(call: Call) -> Answer:
    """Questions that have no run of words in common."""
    if call.step != "questions":
        return default_reply(call)
    seed = zlib.crc32(call.messages[0]["content"].encode())
    words = random.Random(seed).sample(WORDS.split(), 12)
    return Answer(json.dumps({"question": f"Explain how {' '.join(words)}."}))


async def test_a_release_beside_a_test_set_has_nothing_of_it(
    grower: httpx.Client, database: Database, endpoint: OpenAIServer, end_of: Any
) -> None:
    field, root = await tides(database)
    old = (
        "A harbour pilot keeps a log of winds, soundings and buoys, and marks in it when the stream turns. "
        f"{ASKED} Answer for two pilots of different experience, with a sketch of the velocities."
    )
    said = [old]

    def reply(call: Call) -> Answer:
        if call.step == "questions" and said:
            return Answer(json.dumps({"question": said.pop()}))
        return varied(call)

    def lines(name: str, **more: str) -> list[dict[str, Any]]:
        made = grower.post("/v1/releases", json={"name": name, "node_id": root} | more)
        assert made.status_code == 201, made.text
        found = grower.get(f"/v1/releases/{name}/instructions", params={"format": "ndjson"})
        return [json.loads(line) for line in found.text.splitlines()]

    endpoint.reply = reply
    job = grower.post("/v1/jobs", json={"root_id": root, "add": 6, "steps": ["questions", "answers"]}).json()
    assert end_of(grower, job["id"])["ledger"]["accepted"] == 6
    before = lines("before")
    assert old in [line["question"] for line in before]

    said.append(ASKED)
    made = grower.post("/v1/tests", json={"name": "exam", "node_id": field, "per_discipline": 3}).json()
    assert end_of(grower, made["id"])["state"] == "done"
    held = grower.get("/v1/tests/exam/items").json()
    assert ASKED in [one["question"] for one in held]
    # What is held is in no release, not even in one of the job that made it; what was made before it is
    # said to be unchecked.
    assert lines("beside") == before
    card = grower.get("/v1/releases/beside/card").json()["text"]
    assert "Not checked, or not all of it: texts of benchmarks" in card
    assert "| exam |" in card
    assert lines("from-the-set", job_id=made["id"]) == []

    looked = grower.post(
        "/v1/checks", json={"kind": "contamination", "node_id": root, "benchmarks": ["exam"]}
    )
    assert looked.status_code == 202, looked.text
    assert found_by(grower, looked.json()["id"])["withdrawn"] == 1
    after = lines("after")
    assert after == [line for line in before if line["question"] != old]
    assert not any(one["question"] in line["question"] for one in held for line in after)
    # A release that was made before keeps its text.
    kept = grower.get("/v1/releases/before/instructions", params={"format": "ndjson"}).text
    assert [json.loads(line) for line in kept.splitlines()] == before
    # Removing the set gives nothing of it back.
    assert grower.delete("/v1/tests/exam", params={"evidence": True}).status_code == 200
    assert lines("later") == after


def found_by(http: httpx.Client, check_id: str) -> dict[str, Any]:
    """A check, once it is done."""
    for _ in range(300):
        check = http.get(f"/v1/checks/{check_id}").json()
        if check["state"] not in ("planned", "running"):
            assert check["state"] == "done", check
            return check
        time.sleep(0.1)
    raise AssertionError(check_id)


async def test_a_run_and_its_report_in_every_format(
    grower: httpx.Client, database: Database, endpoint: OpenAIServer, end_of: Any
) -> None:
    await planted(database)
    endpoint.reply = replying(by_author)
    asked = grower.post("/v1/tests/exam/runs:estimate", json=RUN).json()
    assert (asked["questions"], asked["calls"]) == (8, 32)
    begun = grower.post("/v1/tests/exam/runs", json=RUN)
    assert begun.status_code == 202, begun.text
    end_of(grower, begun.json()["id"])
    path = begun.headers["location"]
    found = grower.get(path).json()
    assert (found["total"]["wins"], found["total"]["score"]) == (8, 1.0)
    text = grower.get(path, params={"format": "text"})
    assert text.headers["content-type"].startswith("text/plain")
    assert f"{OWN} against {RIVAL}, judged by {JUDGE}" in text.text
    assert "Algebra" in text.text
    page = grower.get(path, params={"format": "markdown"}).text
    assert "| **Science** | 4 | 4 | 0 |" in page
    picture = grower.get(path, params={"format": "svg"})
    assert picture.headers["content-type"] == "image/svg+xml"
    drawn = ElementTree.fromstring(picture.text)
    assert {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")} >= {"all", "Science"}
    assert picture.text.strip() in page
    assert [job["id"] for job in grower.get("/v1/tests/exam/runs").json()["items"]] == [found["run"]]
    assert grower.get("/v1/tests/other/runs").status_code == 404


async def test_what_a_run_lacks_is_said(grower: httpx.Client, database: Database) -> None:
    await planted(database)
    for change, said in (
        ({"judge": None}, "name the judge"),
        ({"against": OWN}, "compared with itself"),
        ({"answers": "mine"}, "either against"),
        ({"against": None, "answers": "mine"}, "no answers to exam were sent"),
    ):
        refused = grower.post("/v1/tests/exam/runs", json=RUN | change)
        assert refused.status_code in (409, 422)
        assert said in refused.json()["detail"]
    lines = {"Content-Type": "application/x-ndjson"}
    unknown = grower.post(
        "/v1/tests/exam/answers?under=mine", content='{"id": "x", "answer": "y"}\n', headers=lines
    )
    assert unknown.status_code == 422
    assert "glan test export" in unknown.json()["detail"]
    sent = grower.post(
        "/v1/tests/exam/answers?under=mine", content='{"id": "Algebra-0", "answer": "y"}\n', headers=lines
    )
    assert sent.json() == {"answers": 1, "empty": 0}
    empty = "".join(json.dumps({"id": "Algebra-0", "answer": text}) + "\n" for text in ("", " \n", None))
    nothing = grower.post("/v1/tests/exam/answers?under=other", content=empty, headers=lines)
    assert "there is no answer" in nothing.json()["detail"]
    plain = {"root_id": "Science", "add": 1, "held_out": {"name": "mine"}}
    assert grower.post("/v1/jobs", json=plain).status_code == 422


async def test_by_commands(
    grower: httpx.Client, alone: Any, database: Database, endpoint: OpenAIServer, tmp_path: Path
) -> None:
    await planted(database)
    endpoint.reply = replying(by_author)
    token = grower.headers["authorization"].removeprefix("Bearer ")
    glan = replace(alone, env=alone.env | {"GLAN_URL": str(grower.base_url), "GLAN_TOKEN": token})
    exported = [json.loads(line) for line in glan("test", "export", "exam").stdout.splitlines()]
    assert len(exported) == 8
    answers = tmp_path / "answers.jsonl"
    exported[0]["answer"] = ""
    answers.write_text("".join(json.dumps({"answer": "So."} | one) + "\n" for one in exported))
    chosen = ["--model", OWN, "--answers", str(answers), "--judge", JUDGE]
    assert "8 questions" in glan("test", "run", "exam", *chosen, "--estimate").stdout
    done = glan("test", "run", "exam", *chosen, "--yes")
    assert "judged by" in done.stdout
    assert "7 answers of answers.jsonl are kept" in done.stderr
    assert "1 without a text" in done.stderr
    [run] = grower.get("/v1/tests/exam/runs").json()["items"]
    total = grower.get(f"/v1/tests/exam/runs/{run['id']}").json()["total"]
    assert (total["questions"], total["errors"]) == (8, 1)
    report = tmp_path / "report.md"
    glan("test", "report", "exam", run["id"], "--format", "markdown", "-o", str(report))
    assert "(report.svg)" in report.read_text()
    assert "<svg" not in report.read_text()
    ElementTree.parse(tmp_path / "report.svg")
    assert "complete: 8 questions" in glan("test", "show", "exam").stdout
    assert "exam" in glan("test", "list").stdout
    assert run["id"] in glan("test", "runs", "exam").stdout
    assert "8 questions stay out of training" in glan("test", "remove", "exam").stdout
    assert "judged by" in glan("test", "report", "exam", run["id"]).stdout
