"""A taxonomy that a model proposes, from the estimate to its first instruction, over REST."""

from typing import Any

import httpx
from naming import Namer
from openai_server import OpenAIServer


def ended(http: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    """A job, once its events have ended."""
    created = http.post("/v1/jobs", json=body)
    assert created.status_code == 202, created.text
    http.get(f"/v1/jobs/{created.json()['id']}/events")
    return http.get(f"/v1/jobs/{created.json()['id']}").json()


def test_proposed_accepted_and_grown(grower: httpx.Client, endpoint: OpenAIServer, add: Any):
    endpoint.reply = Namer({"World": [["Physics"]], "Physics": [["Optics"]], "Optics": [["Photonics"]]})
    root = add(grower, "Taxonomy", "World", status="proposed")
    body = {"root_id": root, "steps": ["taxonomy"], "taxonomy": {"samples": 1, "names": 1}}
    estimate = grower.post("/v1/jobs:estimate", json=body).json()
    assert [(step["step"], step["samples"]["expected"]) for step in estimate["steps"]] == [("taxonomy", 3)]
    assert grower.get("/v1/jobs").json()["items"] == []
    job = ended(grower, body)
    assert (job["state"], job["spent"]["calls"]) == ("done", 6)
    assert job["resolved"]["steps"].keys() == {"taxonomy"}
    growth = {"root_id": root, "add": 4, "subjects_per_discipline": 1, "queries_per_discipline": 1}
    refused = grower.post("/v1/jobs", json=growth)
    assert refused.status_code == 409
    assert "only accepted nodes are grown" in refused.json()["detail"]
    nodes = grower.get("/v1/nodes", params={"effective_status": "proposed"}).json()["items"]
    assert {node["name"]: node["properties"].get("support") for node in nodes} == {
        "World": None, "Physics": 1, "Optics": 1, "Photonics": 1
    }  # fmt: skip
    for node in nodes:
        address, anyway = f"/v1/nodes/{node['id']}", {"If-Match": "*"}
        assert grower.patch(address, json={"status": "accepted"}, headers=anyway).is_success
    grown = ended(grower, growth)
    assert (grown["state"], grown["ledger"]["accepted"]) == ("done", 4)
    for wrong in ({"steps": ["taxonomy", "subjects"]}, {"add": 1}, {"steps": None}):
        answer = grower.post("/v1/jobs", json=body | wrong)
        assert answer.status_code == 422
        assert "taxonomy" in answer.text
