"""POST /v1/jobs:estimate says what a job would take, and begins nothing."""

from typing import Any

import httpx
import pytest
from openai_server import OpenAIServer


def test_an_estimate_begins_nothing(http: httpx.Client, planted: Any):
    answer = http.post("/v1/jobs:estimate", json={"root_id": planted.discipline, "add": 100})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["root_id"] == planted.discipline
    assert [step["step"] for step in found["steps"]] == ["subjects", "syllabi", "questions", "answers"]
    questions = found["steps"][2]
    assert questions["calls"]["low"] <= questions["calls"]["expected"] <= questions["calls"]["high"]
    assert questions["basis"] == "prompts"
    assert found["combinations"] == {
        **{"capacity": None, "crossings": None, "drawn": 0},
        **{"laps": 1, "wanted": 100},
    }
    assert found["usd_budget"] is (found["total"]["usd"] is not None)
    assert found["seconds"] is None
    assert found["notes"]
    assert http.get("/v1/jobs").json()["items"] == []


def test_a_second_estimate_rests_on_the_first_job(grown: Any, grower: httpx.Client, endpoint: OpenAIServer):
    job = grown(add=5, subjects_per_discipline=1)
    calls = len(endpoint.calls)
    found = grower.post("/v1/jobs:estimate", json={"root_id": job["root_id"], "add": 5}).json()
    assert {step["step"]: (step["basis"], step["similar"]) for step in found["steps"]} == {
        "questions": ("graph", 5),
        "answers": ("graph", 5),
    }
    assert found["total"]["calls"]["expected"] == 10
    assert found["total"]["usd"] is None
    assert any("no price is known for test-model" in note for note in found["notes"])
    assert len(endpoint.calls) == calls


@pytest.mark.parametrize(
    ("change", "status"), [({"root_id": "nope"}, 404), ({"add": 0}, 422), ({"colour": "red"}, 422)]
)
def test_what_a_job_may_not_be_is_not_estimated(
    http: httpx.Client, planted: Any, refused: Any, change: dict[str, Any], status: int
):
    refused(http.post("/v1/jobs:estimate", json={"root_id": planted.discipline} | change), status)


def test_nothing_to_grow_from(http: httpx.Client, planted: Any, refused: Any, add: Any):
    empty = add(http, "Field", "Arts", planted.root)
    assert "Arts" in refused(http.post("/v1/jobs:estimate", json={"root_id": empty}), 409)["detail"]
