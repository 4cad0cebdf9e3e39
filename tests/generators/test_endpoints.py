"""Jobs at endpoints that behave as real servers do: what fails a sample, pauses a job, or is reported."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from growing import discipline, ended, grow, made, planned, run, settings_of
from openai_server import Answer, Call, OpenAIServer, default_reply

from generators.models.client import Timeouts
from generators.models.settings import ModelSettings
from generators.running.engines.local import LocalWorker
from graph.database import Database
from graph.instructions.instructions import Filter, InstructionStatus
from graph.jobs import jobs
from graph.jobs.job import JobState
from graph.reasons import Reason

KEY = "sk-proj-0123456789abcdefXYZ"


def poisoned(bad: Answer, step: str) -> Any:
    """Replies `bad` to the first request of a step and its repeats, and the usual to all others."""
    first: list[str] = []

    def reply(call: Call) -> Answer:
        if call.step != step:
            return default_reply(call)
        # The concepts of a question, or the whole question: the same in a repeated request.
        asked = call.messages[0]["content"].split("It must combine")[-1].split("\n\n")[0]
        first.append(asked) if not first else None
        return bad if asked == first[0] else default_reply(call)

    return reply


def wrapped(text: str, **message: Any) -> Answer:
    """A reply with these fields in its message."""
    return Answer(text, message={"role": "assistant", **message})


SHAPES = {
    "thinking in tags": lambda a: wrapped(a.text, content=f"<think>{{hm}}</think>\n{a.text}"),
    "all in reasoning_content": lambda a: wrapped(a.text, content=None, reasoning_content=a.text),
    "parts": lambda a: wrapped(a.text, content=[{"type": "thinking", "thinking": "hm"}, {"text": a.text}]),
    "arguments": lambda a: wrapped(a.text, content=None, tool_calls=[{"function": {"arguments": a.text}}]),
}  # fmt: skip


async def test_a_job_is_done_with_every_shape_of_reply(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    shapes = list(SHAPES.values())

    def reply(call: Call) -> Answer:
        return shapes[len(endpoint.calls) % len(shapes)](default_reply(call))

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=12)
    assert (job.state, job.ledger.accepted) == (JobState.done, 12)
    assert all("think" not in (one.answer or "") for one in await made(database, root))


BAD = [
    (Answer(content=42), Reason.malformed),
    (Answer(content={"a": [1]}), Reason.malformed),
    (Answer("half", finish_reason="MAX_TOKENS"), Reason.truncated),
    (Answer("no", finish_reason="SAFETY"), Reason.refused),
    (Answer("flagged by moderation", status=403), Reason.refused),
    (Answer("content_filter", status=500), Reason.refused),
]


@pytest.mark.parametrize("step", ["questions", "answers"])
async def test_one_bad_reply_fails_its_sample_alone(
    database: Database, endpoint: OpenAIServer, step: str
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    for bad, reason in BAD:
        endpoint.reply = poisoned(bad, step)
        job = await grow(database, endpoint, root, subjects_per_discipline=1, add=3)
        assert (job.state, job.ledger.accepted, job.ledger.failed) == (JobState.done, 2, 1), (bad, job)
        assert list(job.reasons) == [reason], bad


async def test_an_expired_key_pauses_and_burns_nothing_and_is_nowhere(
    database: Database, endpoint: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    root = await discipline(database)
    expired = Answer(f"API key expired: {KEY}. Please renew the API key.", status=400)
    endpoint.reply = lambda call: expired if call.step == "answers" else default_reply(call)
    settings = settings_of(endpoint, api_key=KEY)
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=1, add=6)
    assert (job.state, job.ledger.failed) == (JobState.paused, 0)
    assert job.reason
    assert "API key expired" in job.reason
    assert KEY not in job.model_dump_json() + caplog.text
    endpoint.reply = default_reply
    await jobs.act(database, job.id, "resume")
    assert (await run(database, settings, job.id)).ledger.accepted == 6


async def test_an_estimate_is_said_in_the_jobs_record(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.usage = [True, "much"]
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=4, budget={"tokens": 10**7})
    assert job.state is JobState.done
    assert job.spent.tokens > 500
    assert [change for change in job.changes if "estimated from the length" in change] == job.changes


async def test_a_name_that_ends_in_gguf_is_the_endpoints(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    settings = ModelSettings(base_url=endpoint.base_url, model="models/llama.gguf")
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=1, add=1)
    assert job.ledger.accepted == 1
    assert {call.body["model"] for call in endpoint.calls} == {"models/llama.gguf"}


@pytest.mark.parametrize("wanted", [None, "pause"])
async def test_what_is_in_flight_can_be_left(database: Database, endpoint: OpenAIServer, wanted: Any) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    held = threading.Event()
    endpoint.reply = lambda call: replace(default_reply(call), until=held)
    settings = settings_of(endpoint, timeouts=Timeouts(read=120.0))
    job = await planned(database, settings, root, add=20)
    worker = LocalWorker(database, settings, lease_s=3)
    working = asyncio.create_task(worker.work())
    while not endpoint.in_flight:
        await asyncio.sleep(0.05)
    if wanted:
        await jobs.act(database, job.id, wanted)
    worker.leave()
    await asyncio.wait_for(working, 20)
    job = await jobs.get(database, job.id)
    assert job.state is (JobState.paused if wanted else JobState.planned)
    assert (job.ledger.failed, job.ledger.pending) == (0, 20)
    held.set()
    await jobs.act(database, job.id, "resume")
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 20)


async def test_a_refused_sample_keeps_its_words(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    endpoint.reply = poisoned(Answer("Input was flagged: violence", status=403), "answers")
    job = await grow(database, endpoint, root, add=3)
    [failed] = await made(database, root, Filter((InstructionStatus.failed,)))
    assert failed.reason == Reason.refused
    assert "flagged: violence" in (job.reasons[Reason.refused].text or "")
    assert failed.question
    assert (await ended(database, job.id)).ledger.accepted == 2
