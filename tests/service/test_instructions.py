"""Instructions, coverage and named queries over REST, on the results of a job."""

import json
from typing import Any

import httpx
import pytest
from openai_server import Answer, Call, OpenAIServer, default_reply

FIELDS = {
    *("id", "question", "answer", "status", "reason", "strategy", "sessions", "concepts", "syllabus_id"),
    *("job_id", "models", "usage", "cost_usd", "language", "created_at", "dials", "repeat"),
    *("partner_id", "rejected_answer"),
}
ADDED = 9


@pytest.fixture
def job(grown: Any) -> dict[str, Any]:
    return grown(add=ADDED, subjects_per_discipline=2)


def everything(grower: httpx.Client, node: str, **params: Any) -> list[dict[str, Any]]:
    answer = grower.get(
        f"/v1/nodes/{node}/instructions", params=params, headers={"Accept": "application/x-ndjson"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.content.split(b"\n") if line]


def test_pages_the_stream_and_every_root_hold_the_same(grower: httpx.Client, job: dict[str, Any]):
    streamed = everything(grower, job["root_id"])
    assert len(streamed) == len({item["id"] for item in streamed}) == ADDED
    url: str | None = f"/v1/nodes/{job['root_id']}/instructions?limit=4"
    paged: list[dict[str, Any]] = []
    sizes: list[int] = []
    while url:
        answer = grower.get(url)
        page = answer.json()
        paged += page["items"]
        sizes.append(len(page["items"]))
        url = answer.links["next"]["url"] if "next" in answer.links else None
        assert (url is None) == (page["next"] is None)
    assert sizes == [4, 4, 1]
    assert paged == streamed
    root = grower.get("/v1/nodes:resolve?path=Root").json()["id"]
    assert {item["id"] for item in everything(grower, root)} == {item["id"] for item in streamed}
    first = grower.get(f"/v1/nodes/{job['root_id']}/instructions?limit=4").json()
    rest = everything(grower, job["root_id"], cursor=first["next"])
    assert first["items"] + rest == streamed


def test_an_instruction_has_all_its_fields(grower: httpx.Client, job: dict[str, Any]):
    for item in everything(grower, job["root_id"]):
        assert item.keys() == FIELDS
        assert item["question"].startswith("How do ")
        assert item["answer"].startswith("Reply to: ")
        assert (item["status"], item["job_id"], item["language"]) == ("accepted", job["id"], "English")
        assert item["models"] == {"question": "test-model", "answer": "test-model"}
        assert item["usage"]["calls"] == 2
        assert len(item["sessions"]) == (1 if item["strategy"] == "single" else 2)
        assert 1 <= len(item["concepts"]) <= 5


def test_layouts(grower: httpx.Client, job: dict[str, Any]):
    full = everything(grower, job["root_id"])
    texts = [(item["question"], item["answer"]) for item in full]
    shapes: dict[str, Any] = {
        "openai": lambda q, a: {
            "messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]
        },
        "alpaca": lambda q, a: {"instruction": q, "input": "", "output": a},
        "sharegpt": lambda q, a: {
            "conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]
        },
    }
    assert everything(grower, job["root_id"], layout="full") == full
    for layout, shape in shapes.items():
        expected = [shape(q, a) for q, a in texts]
        assert everything(grower, job["root_id"], layout=layout) == expected
        page = grower.get(f"/v1/nodes/{job['root_id']}/instructions", params={"layout": layout}).json()
        assert page == {"items": expected, "next": None}


def test_filters(grower: httpx.Client, job: dict[str, Any]):
    full = everything(grower, job["root_id"])
    by_strategy = {s: everything(grower, job["root_id"], strategy=s) for s in ("single", "pair")}
    for strategy, found in by_strategy.items():
        assert found == [item for item in full if item["strategy"] == strategy]
    assert all(by_strategy.values())
    assert everything(grower, job["root_id"], status="failed") == []
    assert everything(grower, job["root_id"], status=["failed", "accepted"]) == full
    assert everything(grower, job["root_id"], since="2001-01-01T00:00:00Z") == full
    assert everything(grower, job["root_id"], since="2999-01-01T00:00:00Z") == []


def test_failed_ones_are_pulled_by_their_status(grower: httpx.Client, grown: Any, endpoint: OpenAIServer):
    def reply(call: Call) -> Answer:
        return Answer("") if call.step == "answers" else default_reply(call)

    endpoint.reply = reply
    job = grown(add=3, subjects_per_discipline=1)
    assert job["ledger"]["failed"] == 3
    assert sum(found["count"] for found in job["reasons"].values()) == 3
    assert everything(grower, job["root_id"]) == []
    failed = everything(grower, job["root_id"], status="failed")
    assert len(failed) == 3
    assert all(item["reason"] and item["question"] for item in failed)


def test_lineage(grower: httpx.Client, job: dict[str, Any], refused: Any):
    item = everything(grower, job["root_id"])[0]
    lineage = grower.get(f"/v1/instructions/{item['id']}").json()
    assert lineage.items() >= item.items()
    assert [named["id"] for named in lineage["concept_names"]] == item["concepts"]
    assert [named["id"] for named in lineage["session_names"]] == item["sessions"]
    assert lineage["syllabus"]["id"] == item["syllabus_id"]
    assert lineage["job"]["id"] == job["id"]
    assert all(lineage["prompts"][part] for part in ("question", "answer"))
    [path] = lineage["paths"]
    assert [step["name"] for step in path][:3] == ["Root", "Sciences", "Optics"]
    assert [step["kind"] for step in path] == ["Taxonomy", "Field", "Discipline", "Subject", "Syllabus"]
    refused(grower.get("/v1/instructions/nope"), 404)


def test_a_renamed_concept_makes_its_instructions_stale(grower: httpx.Client, job: dict[str, Any]):
    full = everything(grower, job["root_id"])
    concept = full[0]["concepts"][0]
    touched = {item["id"] for item in full if concept in item["concepts"]}
    answer = grower.patch(f"/v1/nodes/{concept}", json={"name": "New"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert {item["id"] for item in everything(grower, job["root_id"], status="stale")} == touched
    assert {item["id"] for item in everything(grower, job["root_id"])} == {i["id"] for i in full} - touched
    ledger = grower.get(f"/v1/jobs/{job['id']}").json()["ledger"]
    assert ledger["accepted"] == ADDED


def test_coverage_counts_what_the_instructions_say(grower: httpx.Client, job: dict[str, Any]):
    full = everything(grower, job["root_id"])
    concepts = grower.get(f"/v1/nodes/{job['root_id']}/descendants?kind=KeyConcept&limit=1000").json()[
        "items"
    ]
    found = grower.get(f"/v1/nodes/{job['root_id']}/coverage").json()
    degrees = {node["id"]: sum(node["id"] in item["concepts"] for item in full) for node in concepts}
    covered = sum(degree > 0 for degree in degrees.values())
    assert (found["instructions"], found["concepts"], found["covered"]) == (ADDED, len(concepts), covered)
    assert found["ratio"] == pytest.approx(covered / len(concepts))
    assert found["per_concept"] == {
        "min": min(degrees.values()),
        "mean": pytest.approx(sum(degrees.values()) / len(concepts)),
        "max": max(degrees.values()),
    }
    assert sum(stratum["drawn"] for stratum in found["capacity"].values()) == ADDED
    gaps = grower.get(f"/v1/nodes/{job['root_id']}/coverage/gaps?limit=1000").json()["items"]
    assert {gap["id"]: gap["instructions"] for gap in gaps} == degrees
    assert [gap["instructions"] for gap in gaps] == sorted(degrees.values())
    first = grower.get(f"/v1/nodes/{job['root_id']}/coverage/gaps?limit=5").json()
    second = grower.get(
        f"/v1/nodes/{job['root_id']}/coverage/gaps", params={"limit": 1000, "cursor": first["next"]}
    ).json()
    assert first["items"] + second["items"] == gaps


def test_coverage_by_kind(grower: httpx.Client, job: dict[str, Any], refused: Any):
    root = grower.get("/v1/nodes:resolve?path=Root").json()["id"]
    by = grower.get(f"/v1/nodes/{root}/coverage?by=Discipline").json()
    assert by["items"] == [grower.get(f"/v1/nodes/{job['root_id']}/coverage").json()]
    subjects = grower.get(f"/v1/nodes/{root}/coverage?by=Subject").json()["items"]
    assert len(subjects) == 2
    assert sum(row["instructions"] for row in subjects) == ADDED
    refused(grower.get(f"/v1/nodes/{root}/coverage?by=Planet"), 422)
    refused(grower.get("/v1/nodes/nope/coverage"), 404)
    refused(grower.get("/v1/nodes/nope/coverage?by=Field"), 404)


def test_nothing_below_is_no_error(http: httpx.Client, planted: Any):
    found = http.get(f"/v1/nodes/{planted.root}/coverage").json()
    assert (found["concepts"], found["ratio"], found["instructions"], found["entropy"]) == (0, 0, 0, 0)
    assert http.get(f"/v1/nodes/{planted.root}/coverage/gaps").json() == {"items": [], "next": None}
    assert everything(http, planted.root) == []


def test_queries_are_listed_and_run(http: httpx.Client, planted: Any):
    listed = {query["name"]: query for query in http.get("/v1/queries").json()["items"]}
    assert "explore.disciplines" in listed
    assert "node.insert" not in listed
    for name, query in listed.items():
        assert query["meaning"]
        assert all(param["type"] and param["meaning"] for param in query["params"].values()), name
        values = query["example"] | ({"id": planted.root} if "id" in query["params"] else {})
        answer = http.post(f"/v1/queries/{name}", json={"params": values})
        assert answer.status_code == 200, (name, answer.text)
        table = answer.json()
        assert table.keys() == {"columns", "rows", "truncated", "truncated_by"}
        assert all(list(row) == table["columns"] for row in table["rows"])
    found = http.post("/v1/queries/explore.disciplines", json={"params": {"id": planted.root}}).json()
    assert [value for row in found["rows"] for value in row.values() if value == "Optics"] == ["Optics"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "needs id"),
        ({"id": 1}, "string"),
        ({"id": "x", "limit": "ten"}, "integer"),
        ({"id": "x", "limit": True}, "integer"),
        ({"id": "x", "limit": 1.5}, "integer"),
        ({"id": "x", "limit": -1}, "-1"),
        ({"id": "x", "limit": 10**30}, "64 bits"),
        ({"id": "x", "colour": "red"}, "colour"),
    ],
)
def test_parameters_that_do_not_fit(http: httpx.Client, refused: Any, params: dict[str, Any], says: str):
    answer = http.post("/v1/queries/explore.thin_subjects", json={"params": params})
    assert says in refused(answer, 422)["detail"]


def test_a_query_that_is_not_there_or_writes(http: httpx.Client, refused: Any):
    for name in ("nope", "node.insert", "..%2f..%2fetc", "schema.lock"):
        refused(http.post(f"/v1/queries/{name}", json={}), 404)
