"""Jobs over REST: created, followed, paused, resumed, cancelled."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from openai_server import Answer, Call, OpenAIServer, default_reply
from prometheus_client.parser import text_string_to_metric_families

from service.settings import Settings

STATES = {"planned", "running", "paused", "cancelled", "done", "exhausted", "over_budget", "failed"}


def balanced(job: dict[str, Any]) -> bool:
    ledger = dict(job["ledger"])
    return ledger.pop("requested") == sum(ledger.values())


def create(http: httpx.Client, root: str, **spec: Any) -> dict[str, Any]:
    answer = http.post("/v1/jobs", json={"root_id": root, "queries_per_discipline": 1, **spec})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    return job


def follow(
    http: httpx.Client, job_id: str, until: Callable[[str, dict[str, Any]], bool]
) -> tuple[str, dict[str, Any]]:
    """The first event for which `until` is true; the rest of the stream is not read."""
    with http.stream("GET", f"/v1/jobs/{job_id}/events") as response:
        event = ""
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            if name == "data":
                job = json.loads(value)
                assert balanced(job)
                if until(event, job):
                    return event, job
    raise AssertionError("the events ended without it")


def end(http: httpx.Client, job_id: str) -> dict[str, Any]:
    return follow(http, job_id, lambda event, _: event == "end")[1]


def test_a_job_runs_to_its_end(grower: httpx.Client, grown: Any, endpoint: OpenAIServer):
    job = grown(add=5, subjects_per_discipline=2)
    assert job["state"] == "done"
    assert job["ledger"] == {
        "requested": 5, "accepted": 5, "rejected": 0, "failed": 0, "asked": 0, "pending": 0, "again": 0
    }  # fmt: skip
    assert job["spent"]["calls"] == len(endpoint.calls)
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == 5
    assert job["coverage"]["instructions"] == 5
    assert job["steps"]["syllabi"]["done"] == 2
    assert job["started_at"] <= job["ended_at"]
    assert grower.get(f"/v1/jobs/{job['id']}").json() == job
    # A client that comes after the end gets the `end` event at once.
    assert end(grower, job["id"]) == job


def test_steps_alone(grower: httpx.Client, grown: Any, endpoint: OpenAIServer):
    job = grown(steps=["subjects"])
    assert job["state"] == "done"
    assert set(endpoint.steps) <= {"draft", "subjects"}
    counts = grower.get(f"/v1/nodes/{job['root_id']}/tree?depth=0").json()["counts"]
    assert counts == {"Subject": 3}


def test_the_list_has_the_newest_first_and_filters(http: httpx.Client, planted: Any, refused: Any):
    made = [create(http, planted.discipline, seed=n)["id"] for n in range(5)]
    assert [job["id"] for job in http.get("/v1/jobs").json()["items"]] == made[::-1]
    first = http.get("/v1/jobs?limit=3").json()
    rest = http.get("/v1/jobs", params={"limit": 3, "cursor": first["next"]}).json()
    assert [job["id"] for job in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None
    http.post(f"/v1/jobs/{made[1]}:cancel")
    for state, expected in (("cancelled", [made[1]]), ("done", [])):
        assert [job["id"] for job in http.get(f"/v1/jobs?state={state}").json()["items"]] == expected
    refused(http.get("/v1/jobs?state=asleep"), 422)


def test_pause_resume_and_cancel_where_no_worker_is(http: httpx.Client, planted: Any, refused: Any):
    job = create(http, planted.discipline, add=2)["id"]
    act = lambda action: http.post(f"/v1/jobs/{job}:{action}")  # noqa: E731
    for action, state in (("pause", "paused"), ("resume", "planned"), ("cancel", "cancelled")):
        for _ in range(2):  # repeating an action is not an error
            assert act(action).json()["state"] == state
    for action in ("pause", "resume"):
        refused(act(action), 409)
    for action in ("pause", "resume", "cancel"):
        refused(http.post(f"/v1/jobs/nope:{action}"), 404)
    refused(act("explode"), 405)
    refused(http.get(f"/v1/jobs/{job}:pause"), 404)


def test_a_running_job_pauses_and_goes_on_without_a_call_twice(
    grower: httpx.Client, add: Any, endpoint: OpenAIServer
):
    root = add(grower, "Taxonomy", "Root")
    discipline = add(grower, "Discipline", "Optics", add(grower, "Field", "Sciences", root))
    asked_to_pause = threading.Event()

    def reply(call: Call) -> Answer:
        held = endpoint.steps["answers"] > 40
        return replace(default_reply(call), until=asked_to_pause if held else None)

    endpoint.reply = reply
    job = create(grower, discipline, add=200, subjects_per_discipline=1)["id"]
    follow(grower, job, lambda _, seen: seen["ledger"]["accepted"] > 0)
    grower.post(f"/v1/jobs/{job}:pause")
    endpoint.delay_s = 2.0  # the rest would take twenty seconds; the worker hears of the pause before that
    asked_to_pause.set()
    paused = end(grower, job)
    assert paused["state"] == "paused"
    assert paused["ledger"]["asked"] + paused["ledger"]["pending"] > 0
    assert paused["spent"]["calls"] == len(endpoint.calls)
    endpoint.delay_s = 0
    grower.post(f"/v1/jobs/{job}:resume")
    done = follow(grower, job, lambda event, seen: event == "end" and seen["state"] != "paused")[1]
    assert done["state"] == "done"
    assert done["ledger"]["accepted"] == 200
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == 200
    assert done["spent"]["calls"] == len(endpoint.calls)


def test_a_running_job_is_cancelled(grower: httpx.Client, add: Any, endpoint: OpenAIServer):
    root = add(grower, "Taxonomy", "Root")
    discipline = add(grower, "Discipline", "Optics", add(grower, "Field", "Sciences", root))
    endpoint.delay_s = 0.3
    job = create(grower, discipline, add=60, subjects_per_discipline=1)["id"]
    follow(grower, job, lambda _, seen: seen["state"] == "running")
    grower.post(f"/v1/jobs/{job}:cancel")
    cancelled = end(grower, job)
    assert cancelled["state"] == "cancelled"
    assert cancelled["ledger"]["accepted"] < 60


def test_an_endpoint_that_refuses_pauses_the_job_and_says_why(grown: Any, endpoint: OpenAIServer):
    endpoint.reply = lambda call: Answer("no such key", status=401)
    job = grown(add=3)
    assert job["state"] in ("paused", "failed")
    assert "no such key" in job["reason"]
    assert job["ledger"]["accepted"] == 0


def test_failures_are_data(grown: Any, endpoint: OpenAIServer):
    def reply(call: Call) -> Answer:
        return Answer("no JSON at all") if call.step == "questions" else default_reply(call)

    endpoint.reply = reply
    job = grown(add=3, subjects_per_discipline=1)
    assert balanced(job)
    assert job["ledger"]["accepted"] == 0
    assert sum(found["count"] for found in job["reasons"].values()) >= job["ledger"]["failed"] > 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"root_id": "nope"}, 404),
        ({"add": 0}, 422),
        ({"add": 1, "until": {"total": 1}}, 422),
        ({"until": {}}, 422),
        ({"until": {"total": 1, "instructions_per_concept": 1}}, 422),
        ({"steps": ["questions"]}, 422),
        ({"steps": ["painting"]}, 422),
        ({"strategies": {"single": 0, "pair": 0}, "add": 1}, 422),
        ({"sampling": {"questions": {"temperature": 9}}, "add": 1}, 422),
        ({"seed": 10**40}, 422),
        ({"language": ""}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_specs_that_are_refused(
    http: httpx.Client, planted: Any, refused: Any, change: dict[str, Any], status: int
):
    refused(http.post("/v1/jobs", json={"root_id": planted.discipline} | change), status)
    assert http.get("/v1/jobs").json()["items"] == []


def test_a_job_where_there_is_nothing_to_grow_under(http: httpx.Client, planted: Any, refused: Any, add: Any):
    empty = add(http, "Field", "Arts", planted.root)
    assert "Arts" in refused(http.post("/v1/jobs", json={"root_id": empty}), 409)["detail"]


def figures(http: httpx.Client, job_id: str) -> dict[tuple[str, str], float]:
    """The figures of one job in /metrics, by metric name and the remaining labels."""
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(http.get("/metrics").text):
        for sample in family.samples:
            labels = dict(sample.labels)
            if labels.pop("job", None) == job_id:
                found[sample.name, ",".join(labels.values())] = sample.value
    return found


def test_what_goes_on_is_in_the_events_and_the_metrics(
    grower: httpx.Client, endpoint: OpenAIServer, add: Any
):
    refused = iter([Answer("slow down", status=429, headers={"Retry-After": "0.1"})])
    free = threading.Event()

    def reply(call: Call) -> Answer:
        if call.step == "answers" and (one := next(refused, None)):
            return one
        held = call.step == "answers" and endpoint.steps["answers"] > 4
        return replace(default_reply(call), until=free) if held else default_reply(call)

    endpoint.reply = reply
    field = add(grower, "Field", "Sciences", add(grower, "Taxonomy", "Root"))
    job_id = create(grower, add(grower, "Discipline", "Optics", field), add=12, subjects_per_discipline=1)[
        "id"
    ]
    _, job = follow(grower, job_id, lambda _, job: bool(job["live"] and job["live"]["in_flight"] >= 3))
    assert job["state"] == "running"
    assert job["live"]["refusals"] == 1
    assert "slow down" in job["live"]["last_error"]
    # A refusal lowers the limit of calls in flight, not their present number; neither exceeds the setting.
    most = Settings.model_fields["concurrency"].default
    assert 1 <= job["live"]["concurrency"] < most
    assert job["live"]["in_flight"] <= most
    assert job["live"]["steps"]["questions"]["calls"] > 0
    shown = figures(grower, job_id)
    free.set()
    assert shown["glan_job_instructions", "requested"] == 12
    statuses = ("accepted", "rejected", "failed", "asked", "pending")
    assert sum(shown["glan_job_instructions", status] for status in statuses) == 12
    assert shown["glan_job_in_flight", ""] >= 1
    assert shown["glan_job_concurrency", ""] >= 1
    assert shown["glan_job_refusals_total", ""] == 1
    assert shown["glan_job_calls_total", "syllabi"] == 2
    assert shown["glan_job_tokens_total", "questions"] > 0
    assert end(grower, job_id)["ledger"]["accepted"] == 12


def test_events_of_no_job(http: httpx.Client, refused: Any):
    refused(http.get("/v1/jobs/nope/events"), 404)


def test_a_listener_that_goes_away_disturbs_nobody(http: httpx.Client, planted: Any):
    job = create(http, planted.discipline)["id"]
    for _ in range(5):
        follow(http, job, lambda event, _: event == "job")
    assert http.post(f"/v1/jobs/{job}:cancel").json()["state"] == "cancelled"
    assert end(http, job)["state"] == "cancelled"


def test_health(http: httpx.Client):
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ok"}
