"""Test runs: two models, a judge, both orders; resumed, budgeted, and never paid for twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest
from examining import JUDGE, OWN, RIVAL, by_author, planted, replying
from growing import run, settings_of
from openai_server import Answer, OpenAIServer
from planting import rows_of

from generators.models.endpoint import Timeouts
from generators.models.settings import resolve
from generators.planning import test_runs as planned_runs
from generators.running.evaluating.test_report import Report, report
from generators.spec import JobSpec
from graph.database import Database
from graph.embedded.attach import Attachment
from graph.errors import Conflict, Invalid, NotFound
from graph.evaluation import test_runs
from graph.jobs import jobs
from graph.jobs.job import Job, JobState

QUESTIONS = 8
CALLS = 4 * QUESTIONS


def wanted(**more: Any) -> JobSpec:
    own = {"test": "exam", **more.pop("test_run", {})}
    models = {"answers": OWN, "default": RIVAL, "judge": JUDGE, **more.pop("models", {})}
    return JobSpec.model_validate({"root_id": "Science", "test_run": own, "models": models, **more})


async def begun(database: Database, endpoint: OpenAIServer, **more: Any) -> Job:
    spec = wanted(**more)
    return await planned_runs.create(database, spec, resolve(spec, settings_of(endpoint)))


async def compared(database: Database, endpoint: OpenAIServer, **more: Any) -> Report:
    """A run to its end, and what it found."""
    job = await begun(database, endpoint, **more)
    return await report(database, await run(database, settings_of(endpoint), job.id))


async def test_a_better_model_wins_by_field_and_discipline_and_costs_once(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database)
    endpoint.reply = replying(by_author)
    found = await compared(database, endpoint)
    assert (found.state, found.model, found.rival, found.judge) == (JobState.done, OWN, RIVAL, JUDGE)
    total = found.total
    assert (total.wins, total.losses, total.ties, total.inconsistent, total.errors) == (QUESTIONS, 0, 0, 0, 0)
    assert (total.score, total.low, total.high, total.mark, total.rival_mark) == (1.0, 1.0, 1.0, 9.0, 3.0)
    assert [(line.name, line.wins) for line in found.fields] == [("Humanities", 4), ("Science", 4)]
    assert [(line.name, line.field) for line in found.disciplines] == [
        ("Ethics", "Humanities"),
        ("Algebra", "Science"),
    ]
    # It prefers an author and neither a place nor, though the rival writes more, a length.
    assert (found.first_share, found.longer_share, found.inconsistent_share) == (0.5, 0.0, 0.0)
    assert endpoint.steps == Counter(answers=2 * QUESTIONS, judge_pairs=2 * QUESTIONS)
    assert found.spent.calls == CALLS
    # Each pair was shown in both orders.
    shown = Counter(call.messages[0]["content"] for call in endpoint.calls if call.step == "judge_pairs")
    assert set(shown.values()) == {1}
    again = await compared(database, endpoint)
    assert (len(endpoint.calls), again.spent.calls) == (CALLS, 0)
    assert (again.total, again.disciplines) == (found.total, found.disciplines)
    # Another checkpoint under the same name answers again; its rival does not.
    await compared(database, endpoint, test_run={"tag": "step 200"})
    assert endpoint.steps == Counter(answers=3 * QUESTIONS, judge_pairs=4 * QUESTIONS)


@pytest.mark.parametrize(
    ("marks", "outcome", "first_share"),
    [((5, 5), "ties", None), ((1, 1), "ties", None), ((9, 2), "inconsistent", 1.0)],
    ids=["always 5", "always 1", "always the first"],
)
async def test_a_judge_that_does_not_judge_finds_nothing(
    database: Database,
    endpoint: OpenAIServer,
    marks: tuple[int, int],
    outcome: str,
    first_share: float | None,
) -> None:
    await planted(database)
    endpoint.reply = replying(lambda _: marks)
    found = await compared(database, endpoint)
    assert getattr(found.total, outcome) == QUESTIONS
    assert (found.total.wins, found.total.losses, found.total.score) == (0, 0, 0.5)
    assert found.first_share == first_share
    assert any("the judge" in note for note in found.notes)


@pytest.mark.parametrize("said", ["garbage", json.dumps({"reasoning": "", "first": 11, "second": 0})])
async def test_what_cannot_be_read_is_an_error_and_pauses_the_run(
    database: Database, endpoint: OpenAIServer, said: str
) -> None:
    await planted(database)
    endpoint.reply = replying(lambda _: Answer(said))
    found = await compared(database, endpoint)
    assert found.state is JobState.paused
    assert "no usable opinion" in ((await jobs.get(database, found.run)).reason or "")
    assert (found.total.score, found.total.wins + found.total.losses + found.total.ties) == (None, 0)
    assert found.total.errors + found.total.pending == QUESTIONS


async def test_a_model_without_a_usable_answer_is_an_error_apart(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database)
    reply = replying(by_author)
    cut = Answer("The rule is", finish_reason="length")
    endpoint.reply = lambda call: (
        cut
        if call.step == "answers" and "number 1 of" in call.prompt and call.body["model"] == OWN
        else reply(call)
    )
    found = await compared(database, endpoint)
    assert (found.state, found.total.wins, found.total.errors) == (JobState.done, QUESTIONS - 2, 2)
    job = await jobs.get(database, found.run)
    assert job.reasons.keys() == {"truncated"}
    # What was paid for and cannot be used is not asked for again either.
    before = len(endpoint.calls)
    await compared(database, endpoint)
    assert len(endpoint.calls) == before


async def test_answers_that_were_sent_need_one_model(database: Database, endpoint: OpenAIServer) -> None:
    await planted(database)
    endpoint.reply = replying(by_author)
    with pytest.raises(Conflict, match="no answers to exam were sent"):
        await begun(database, endpoint, test_run={"rival_answers": "mine"})
    sent: list[test_runs.NewAnswer] = [
        {"id": planned_runs.sent_id(item, "mine"), "item": item, "properties": {"text": f"Answer {item}"}}
        for item in ("Algebra-0", "Algebra-1", "Ethics-0")
    ]
    await test_runs.receive_answers(database, sent)
    await test_runs.receive_answers(database, sent)
    changed = [{**sent[0], "properties": {"text": "another"}}]
    with pytest.raises(Conflict, match="another name"):
        await test_runs.receive_answers(database, changed)  # pyright: ignore[reportArgumentType]
    with pytest.raises(Invalid, match="no question"):
        await test_runs.receive_answers(database, [{"id": "x", "item": "x", "properties": {"text": "x"}}])
    found = await compared(database, endpoint, test_run={"rival_answers": "mine"})
    assert (found.rival, found.total.wins, found.total.errors) == ("mine", 3, QUESTIONS - 3)
    assert endpoint.steps == Counter(answers=QUESTIONS, judge_pairs=6)


async def test_the_budget_is_never_exceeded_and_a_higher_one_goes_on(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database)
    endpoint.reply = replying(by_author)
    job = await begun(database, endpoint, budget={"calls": 13})
    ended = await run(database, settings_of(endpoint), job.id)
    assert (ended.state, len(endpoint.calls), ended.spent.calls) == (JobState.over_budget, 13, 13)
    found = await report(database, ended)
    assert found.total.pending > 0
    spec = wanted(budget={"calls": CALLS}).model_dump_json(exclude_none=True)
    await jobs.act(database, job.id, "resume", spec=spec, change="more")
    ended = await run(database, settings_of(endpoint), job.id)
    assert (ended.state, len(endpoint.calls), ended.spent.calls) == (JobState.done, CALLS, CALLS)


async def test_a_second_try_that_the_budget_cuts_off_is_made_once_there_is_more(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database, 1, Algebra="Science")
    judge, garbage = replying(by_author), [Answer("garbage"), Answer("garbage")]
    endpoint.reply = lambda call: garbage.pop() if call.step == "judge_pairs" and garbage else judge(call)
    # Both answers, both orders, and a second try of one of them.
    job = await begun(database, endpoint, budget={"calls": 5})
    ended = await run(database, settings_of(endpoint), job.id)
    found = await report(database, ended)
    assert (ended.state, ended.spent.calls, len(endpoint.calls)) == (JobState.over_budget, 5, 5)
    assert (found.total.pending, found.total.errors) == (1, 0)
    spec = wanted(budget={"calls": 9}).model_dump_json(exclude_none=True)
    await jobs.act(database, job.id, "resume", spec=spec, change="more")
    ended = await run(database, settings_of(endpoint), job.id)
    found = await report(database, ended)
    assert (ended.state, ended.spent.calls, len(endpoint.calls)) == (JobState.done, 6, 6)
    assert (found.total.wins, found.total.errors) == (1, 0)


async def test_a_judge_that_never_answers_in_time_costs_no_answer_again(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database, 2)
    endpoint.reply = replying(by_author)
    late = threading.Event()
    with OpenAIServer() as judge:
        judge.reply = lambda _: Answer(until=late)
        asked = settings_of(
            endpoint, judge_base_url=judge.base_url, timeouts=Timeouts(read=0.2, patience=0.5)
        )
        spec = wanted()
        job = await planned_runs.create(database, spec, resolve(spec, asked))
        ended = await run(database, asked, job.id)
        found = await report(database, ended)
        assert ended.state is JobState.paused
        late.set()
        assert (found.total.pending, found.total.errors, found.total.score) == (4, 0, None)
        judge.reply = replying(by_author)
        await jobs.act(database, job.id, "resume")
        found = await report(
            database, await run(database, settings_of(endpoint, judge_base_url=judge.base_url), job.id)
        )
    assert (found.state, found.total.wins, endpoint.steps) == (JobState.done, 4, Counter(answers=8))


async def test_a_call_that_failed_is_made_again_in_another_run(
    database: Database, endpoint: OpenAIServer
) -> None:
    await planted(database)
    reply = replying(by_author)
    endpoint.reply = lambda call: (
        Answer("flagged by moderation", status=403)
        if call.step == "judge_pairs" and "number 1 of Algebra" in call.prompt
        else reply(call)
    )
    found = await compared(database, endpoint)
    assert (found.state, found.total.wins, found.total.errors) == (JobState.done, QUESTIONS - 1, 1)
    endpoint.reply, before = reply, len(endpoint.calls)
    found = await compared(database, endpoint)
    assert (found.total.wins, found.total.errors, len(endpoint.calls) - before) == (QUESTIONS, 0, 2)


async def test_what_cannot_begin_says_why(database: Database, endpoint: OpenAIServer) -> None:
    await planted(database)
    with pytest.raises(Invalid, match="name the judge"):
        await begun(database, endpoint, models={"judge": None})
    with pytest.raises(Invalid, match="compared with itself"):
        await begun(database, endpoint, models={"default": OWN})
    with pytest.raises(NotFound):
        await begun(database, endpoint, test_run={"test": "other"})
    endpoint.reply = replying(by_author)
    found = await compared(database, endpoint, models={"judge": RIVAL})
    assert any("judges its own answers" in note for note in found.notes)


WORKER = """
import asyncio, sys
from generators.models.settings import ModelSettings
from generators.running.engines.local import LocalWorker
from graph.database import Address, Database

async def work():
    database = await Database.open(Address(*sys.argv[1:4]))
    await LocalWorker(database, ModelSettings(base_url=sys.argv[4], concurrency=4), lease_s=1).work()

asyncio.run(work())
"""


async def test_a_kill_pays_for_nothing_twice(
    database: Database, endpoint: OpenAIServer, neo4j: Attachment
) -> None:
    await planted(database)
    endpoint.reply, endpoint.delay_s = replying(by_author), 0.05
    job = await begun(database, endpoint)
    args = [sys.executable, "-c", WORKER, neo4j.uri, neo4j.username, neo4j.password, endpoint.base_url]
    process = subprocess.Popen(args, env=os.environ | {"PYTHONPATH": os.getcwd()})
    while len(endpoint.calls) < CALLS // 2:
        assert process.poll() is None
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    await asyncio.sleep(0.3)
    [row] = await rows_of(database, "MATCH (n) WHERE n:TestAnswer OR n:TestVerdict RETURN count(n) AS n")
    lost = len(endpoint.calls) - row["n"]
    ended = await run(database, settings_of(endpoint, concurrency=4), job.id)
    assert ended.state is JobState.done
    assert (await report(database, ended)).total.wins == QUESTIONS
    # Only what was in flight at a kill, four calls of each model, is asked for again.
    assert len(endpoint.calls) == CALLS + lost
    assert lost <= 3 * 4
    assert ended.spent.calls == CALLS
