"""Checks of what is there over REST: begun, followed, listed, undone, and waived."""

import time
from typing import Any

import httpx
import pytest_asyncio
from judging import always, judging
from openai_server import OpenAIServer
from planting import Plant, rows_of

from graph.database import Database
from graph.model import Kind

TIDES = "Explain how the tides of a bay depend on the moon, and name two harbours where it shows."


@pytest_asyncio.fixture
async def root(grower: httpx.Client, database: Database) -> str:
    """A node below which one of two instructions repeats the other."""
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", top)
    discipline = await plant.node(Kind.Discipline, "Tides", field)
    syllabus = await plant.syllabus(discipline, "tides", {"s1": ["moon"], "s2": ["sun"]})
    await plant.job(top)
    await rows_of(database, "MATCH (j:Job) SET j.state = 'done'")
    await plant.instruct("a1", syllabus, "s1", "moon", question=TIDES)
    await plant.instruct("a2", syllabus, "s2", "sun", question=f"**{TIDES.upper()}**")
    return top


def ended(http: httpx.Client, id_: str) -> dict[str, Any]:
    while True:
        check = http.get(f"/v1/checks/{id_}").json()
        if check["state"] not in ("planned", "running"):
            return check
        time.sleep(0.1)


def pulled(http: httpx.Client, root: str, **params: Any) -> httpx.Response:
    return http.get(f"/v1/nodes/{root}/instructions", params={"format": "ndjson", **params})


def tag(http: httpx.Client, root: str) -> str:
    return http.head(f"/v1/nodes/{root}/instructions", params={"format": "ndjson"}).headers["etag"]


def test_from_the_request_to_undoing_it(grower: httpx.Client, root: str):
    http = grower
    before, was = pulled(http, root).content, tag(http, root)
    figures = http.get(f"/v1/nodes/{root}/coverage").json()
    headers = {"Idempotency-Key": "once"}
    posted = http.post("/v1/checks", json={"kind": "duplicates", "node_id": root}, headers=headers)
    assert posted.status_code == 202, posted.text
    assert posted.headers["location"] == f"/v1/checks/{posted.json()['id']}"
    again = http.post("/v1/checks", json={"kind": "duplicates", "node_id": root}, headers=headers)
    assert again.json()["id"] == posted.json()["id"]
    check = ended(http, posted.json()["id"])
    assert (check["state"], check["found"], check["withdrawn"]) == ("done", 1, 1)
    assert check["created_by"] == "rest"
    assert [c["id"] for c in http.get("/v1/checks").json()["items"]] == [check["id"]]
    assert tag(http, root) != was
    [line] = pulled(http, root, status="withdrawn").text.splitlines()
    assert '"id":"a2"' in line
    [pair] = http.get(f"/v1/checks/{check['id']}/pairs").json()["items"]
    assert (pair["instruction"]["id"], pair["other"]["id"], pair["other"]["text"]) == ("a2", "a1", TIDES)
    evidence = http.get("/v1/instructions/a2/evidence").json()
    assert (evidence["status"], evidence["withdrawn_by"]) == ("withdrawn", check["id"])
    assert [one["id"] for one in evidence["near_duplicates"]] == ["a1"]
    assert [one["id"] for one in http.get("/v1/instructions/a1/evidence").json()["repeated_by"]] == ["a2"]
    undone = http.post(f"/v1/checks/{check['id']}:undo").json()
    assert (undone["state"], undone["restored"]) == ("undone", 1)
    assert pulled(http, root).content == before
    now = http.get(f"/v1/nodes/{root}/coverage").json()
    assert now == figures


def test_a_waiver_over_rest(grower: httpx.Client, root: str):
    http = grower
    ended(http, http.post("/v1/checks", json={"kind": "duplicates", "node_id": root}).json()["id"])
    waived = http.post("/v1/instructions/a2:waive", json={"reason": "both are wanted"}).json()
    assert waived["status"] == "accepted"
    assert (waived["waiver"]["by"], waived["waiver"]["reason"]) == ("rest", "both are wanted")
    check = http.post("/v1/checks", json={"kind": "duplicates", "node_id": root}).json()
    assert ended(http, check["id"])["looked_at"] == 0
    assert http.post("/v1/instructions/none:waive", json={"reason": "why"}).status_code == 404


def test_bad_requests_change_nothing(grower: httpx.Client, root: str):
    http = grower
    for body, status in (
        ({"kind": "duplicates", "node_id": "none"}, 404),
        ({"kind": "duplicates", "node_id": root, "benchmarks": ["sea"]}, 422),
        ({"kind": "contamination", "node_id": root}, 409),
        ({"kind": "contamination", "node_id": root, "benchmarks": ["sea"]}, 404),
        ({"kind": "beauty", "node_id": root}, 422),
    ):
        assert http.post("/v1/checks", json=body).status_code == status, body
    assert http.get("/v1/checks").json()["items"] == []
    for path in ("/v1/checks/none", "/v1/checks/none/pairs", "/v1/instructions/none/evidence"):
        assert http.get(path).status_code == 404
    for action in ("undo", "pause", "resume"):
        assert http.post(f"/v1/checks/none:{action}").status_code == 404


def test_a_check_by_a_judge_costs_money(grower: httpx.Client, root: str, endpoint: OpenAIServer):
    endpoint.reply = judging(always(good=True))
    http, body = grower, {"kind": "judge", "node_id": root, "judge": {"model": "test-model"}}
    told = http.post("/v1/checks:estimate", json=body).json()
    assert (told["instructions"], told["model"]) == (2, "test-model")
    assert told["calls"]["low"] >= 2 * (20 + 2)
    assert http.post("/v1/checks:estimate", json=body | {"kind": "safety", "judge": None}).status_code == 422
    assert http.post("/v1/checks:estimate", json=body | {"node_id": "none"}).status_code == 404
    made = http.post("/v1/tokens", json={"name": "writer", "scopes": ["write"]})
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    refused = http.post("/v1/checks", json=body, headers=headers)
    assert refused.status_code == 403, refused.text
    assert "generate" in refused.json()["detail"]
    check = ended(http, http.post("/v1/checks", json=body).json()["id"])
    assert check["state"] == "done", check
    judges = http.get(f"/v1/checks/{check['id']}/judges").json()
    assert {one["part"] for one in judges} == {"question", "answer"}
    assert sum(one["spent"]["calls"] for one in judges) >= 2 * (20 + 2)
