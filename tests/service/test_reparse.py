"""Parsing the kept replies of a job again, over REST and from the command line."""

import json
from typing import Any

import httpx
import pytest
from openai_server import Answer, Call, OpenAIServer, default_reply

from generators.steps import parsing


@pytest.fixture
def failed(grown: Any, endpoint: OpenAIServer) -> dict[str, Any]:
    """A job of four questions, all failed because a parser without mending could not read the replies."""

    def reply(call: Call) -> Answer:
        good = default_reply(call)
        return Answer(repr(json.loads(good.text))) if call.step == "questions" else good

    endpoint.reply = reply
    with pytest.MonkeyPatch.context() as patch:
        # The service under test runs in a thread of this process, so the patch affects it.
        patch.setattr(parsing, "_mended", lambda text, schema: None)
        job = grown(add=4, subjects_per_discipline=1)
    assert (job["state"], job["ledger"]["failed"]) == ("done", 4)
    return job


def test_what_is_recovered_waits_for_its_answers(
    grower: httpx.Client, failed: dict[str, Any], end_of: Any, endpoint: OpenAIServer
):
    calls = len(endpoint.calls)
    path = f"/v1/jobs/{failed['id']}"
    report = {"examined": 4, "recovered": {"questions": 4}, "failed": {}, "waiting": 4}
    assert grower.post(f"{path}:reparse").json() == report
    job = grower.get(path).json()
    assert (job["state"], job["ledger"]["asked"]) == ("paused", 4)
    assert "4 recovered questions" in job["reason"]
    again = grower.post(f"{path}:reparse").json()
    assert again == {"examined": 0, "recovered": {}, "failed": {}, "waiting": 0}
    assert len(endpoint.calls) == calls
    assert grower.post(f"{path}:resume").is_success
    done = end_of(grower, failed["id"])
    while done["state"] == "paused":
        done = end_of(grower, failed["id"])
    assert done["ledger"]["accepted"] == 4
    assert len(endpoint.calls) == calls + 4


def test_a_job_that_is_not_there(http: httpx.Client, refused: Any):
    refused(http.post("/v1/jobs/nope:reparse"), 404)


def test_the_command_says_what_became_of_them(alone: Any, failed: dict[str, Any]):
    said = alone("job", "reparse", failed["id"]).stdout
    assert "4 kept replies read" in said
    assert "4 recovered: questions" in said
    assert f"4 wait for their answers: glan job resume {failed['id']}" in said
    report = alone.json("job", "reparse", failed["id"])
    assert report == {"examined": 0, "recovered": {}, "failed": {}, "waiting": 0}
    assert "no job" in alone("job", "reparse", "nope", code=1).stderr
