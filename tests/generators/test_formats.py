"""Formats and parameters that an endpoint does not accept are discovered once and cost no sample."""

import json
from typing import Any

import growing
import pytest
from growing import discipline, settings_of
from openai_server import Answer, Call, OpenAIServer, default_reply

from graph.database import Database
from graph.jobs.job import Job, JobState

STATED = "fits this JSON schema:\n"


def way_of(call: Call) -> str:
    """How a call asks for its format: json_schema, json_object, stated (only in the prompt) or none."""
    form = call.body.get("response_format")
    return form["type"] if form else "stated" if STATED in call.prompt else "none"


def as_by_schema(call: Call) -> Call:
    """The same call with the schema of its prompt as its response format."""
    if STATED not in call.prompt:
        return call
    schema = json.loads(call.prompt.split(STATED)[1])
    return Call(call.body | {"response_format": {"json_schema": {"schema": schema}}})


class Picky:
    """Refuses some formats as servers do. To others it replies; if only stated, with JSON in a fence."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.ways: list[str] = []

    def __call__(self, call: Call) -> Answer:
        way = way_of(call)
        self.ways.append(way)
        if way in self.refused:
            return Answer(f"response_format of type {way} is not supported", status=400)
        answer = default_reply(as_by_schema(call))
        return Answer(f"Here it is:\n```json\n{answer.text}\n```") if way == "stated" else answer


async def grow(database: Database, endpoint: OpenAIServer, **spec: Any) -> Job:
    """A job of two subjects, run to its end."""
    root = await discipline(database)
    settings = settings_of(endpoint, concurrency=8)
    return await growing.grow(database, endpoint, root, settings, subjects_per_discipline=2, **spec)


@pytest.mark.parametrize(
    ("refused", "way"),
    [((), "json_schema"), (("json_schema",), "json_object"), (("json_schema", "json_object"), "stated")],
)
async def test_the_best_way_an_endpoint_knows_is_found_once_and_kept(
    database: Database, endpoint: OpenAIServer, refused: tuple[str, ...], way: str
) -> None:
    endpoint.reply = picky = Picky(*refused)
    job = await grow(database, endpoint, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    assert {used for used in picky.ways if used not in ("none", *refused)} == {way}
    assert [used for used in picky.ways if used in refused] == list(refused)
    # Refused calls were not paid for.
    assert job.spent.calls == len(endpoint.calls) - len(refused)


async def test_many_calls_that_are_refused_at_once_go_down_by_one_way_only(
    database: Database, endpoint: OpenAIServer
) -> None:
    # The subjects exist already, so that many first calls with a format go out together.
    endpoint.reply = default_reply
    first = await grow(database, endpoint, steps=["subjects", "syllabi"])
    assert first.state is JobState.done
    endpoint.reply = picky = Picky("json_schema")
    endpoint.delay_s = 0.05
    job = await grow(database, endpoint, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    assert picky.ways.count("stated") == 0
    assert 1 < picky.ways.count("json_schema") <= 8
    assert picky.ways.count("json_object") == 30


@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        (
            "max_tokens",
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
        ),
        (
            "temperature",
            "Unsupported value: 'temperature' does not support 0.7 with this model. "
            "Only the default is supported.",
        ),
    ],
)
async def test_a_parameter_that_an_endpoint_does_not_take_fails_no_sample(
    database: Database, endpoint: OpenAIServer, parameter: str, complaint: str
) -> None:
    assert (await grow(database, endpoint, steps=["subjects", "syllabi"])).state is JobState.done
    endpoint.calls.clear()
    endpoint.delay_s = 0.05

    def reply(call: Call) -> Answer:
        return Answer(complaint, status=400) if parameter in call.body else default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    # Only the calls that went out together were refused, and none after them.
    assert 1 < len([call for call in endpoint.calls if parameter in call.body]) <= 8
