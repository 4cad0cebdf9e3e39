"""Replies that an earlier parser could not read are recovered without a call."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from growing import discipline, made, planned, run, settings_of
from judging import good_judge, judging
from numbering import Numbered
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import rows_of
from refining import Sampled

from generators.models.settings import ModelSettings, resolve
from generators.planning import plan, test_sets
from generators.running import reparse
from generators.running.reparse import ReparseReport
from generators.spec import JobSpec
from generators.steps import answers, parsing
from graph import coverage
from graph.database import Database
from graph.errors import Conflict, NotFound
from graph.instructions import instructions
from graph.jobs import jobs, leases
from graph.jobs.job import Job, JobState
from graph.quality import loading
from graph.quality.loading import About, Counted, NewItem
from graph.reasons import Reason
from graph.taxonomy import syllabi

NOTHING = ReparseReport()


@pytest.fixture
async def root(database: Database) -> str:
    """The id of a discipline."""
    return await discipline(database)


@pytest.fixture
def models(endpoint: OpenAIServer) -> ModelSettings:
    return settings_of(endpoint)


async def grow(database: Database, models: ModelSettings, root: str, **spec: Any) -> Job:
    """Runs a job of one subject to its end."""
    job = await planned(database, models, root, **{"subjects_per_discipline": 1, **spec})
    return await run(database, models, job.id)


async def balanced(database: Database, job_id: str) -> Job:
    """The job, after checking that its ledger balances and agrees with the instructions."""
    job = await jobs.get(database, job_id)
    counted = {"accepted": 0, "rejected": 0, "failed": 0, "asked": 0}
    for row in await rows_of(
        database,
        "MATCH (i:Instruction)-[:PRODUCED_BY]->({id: $id}) RETURN i.status AS status, count(*) AS n",
        id=job_id,
    ):
        counted[row["status"]] = row["n"]
    ledger = job.ledger.model_dump()
    assert {name: ledger[name] for name in counted} == counted
    assert ledger["requested"] == sum(counted.values()) + ledger["pending"]
    return job


@contextmanager
def earlier_parser() -> Generator[None]:
    """A parser that mends nothing and takes every answer with "fit together" for a repeated question."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "_mended", lambda text, schema: None)
        patch.setattr(answers, "begins_with", lambda text, question: "fit together" in text)
        yield


def badly_quoted(step: str) -> Any:
    """Replies of a step in Python's notation: not JSON, but mendable."""

    def reply(call: Call) -> Answer:
        good = default_reply(call)
        return Answer(repr(json.loads(good.text))) if call.step == step else good

    return reply


async def test_questions_are_recovered_and_then_answered(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = badly_quoted("questions")
    with earlier_parser():
        job = await grow(database, models, root, add=7)
    assert (job.state, job.ledger.failed) == (JobState.done, 7)
    calls = len(endpoint.calls)
    report = await reparse.reparse(database, job.id)
    assert report == ReparseReport(examined=7, recovered={"questions": 7}, waiting=7)
    assert len(endpoint.calls) == calls
    paused = await balanced(database, job.id)
    assert (paused.state, paused.ledger.asked, paused.ledger.failed) == (JobState.paused, 7, 0)
    assert paused.reason == "7 recovered questions wait for their answers: resume"
    assert paused.spent == job.spent
    assert await reparse.reparse(database, job.id) == NOTHING
    await jobs.act(database, job.id, "resume")
    endpoint.calls.clear()
    done = await run(database, models, job.id)
    assert (done.state, done.ledger.accepted) == (JobState.done, 7)
    assert endpoint.steps == {"answers": 7}
    for one in await made(database, root):
        assert one.question is not None
        assert one.question.startswith("How do")
        assert one.reason is None
        assert (await instructions.get(database, one.id)).raw is None
    await balanced(database, job.id)


async def test_answers_are_recovered_with_their_links_and_the_job_stays_done(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    with earlier_parser():
        job = await grow(database, models, root, add=9)
    assert (job.state, job.ledger.rejected) == (JobState.done, 9)
    assert (await coverage.of(database, root, [])).covered == 0
    calls = len(endpoint.calls)
    assert await reparse.reparse(database, job.id) == ReparseReport(examined=9, recovered={"answers": 9})
    assert len(endpoint.calls) == calls
    done = await balanced(database, job.id)
    assert (done.state, done.ledger.accepted, done.reasons) == (JobState.done, 9, {})
    assert done.spent == job.spent
    drawn = {id_ for one in await made(database, root) for id_ in one.concepts}
    assert (await coverage.of(database, root, [])).covered == len(drawn) > 0
    assert await reparse.reparse(database, job.id) == NOTHING


async def test_recovered_answers_of_a_test_set_stay_out_of_the_data(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    await grow(database, models, root)
    held_out = {"name": "exam", "per_discipline": 3, "answers": True}
    spec = JobSpec.model_validate({"root_id": root, "held_out": held_out})
    with earlier_parser():
        begun = await test_sets.create(database, spec, resolve(spec, models), "test")
        job = await run(database, models, begun.id)
    assert job.ledger.rejected > 0
    assert (await reparse.reparse(database, job.id)).recovered == {"answers": job.ledger.rejected}
    stored = await rows_of(database, "MATCH (i:Instruction) RETURN DISTINCT i.status AS status")
    assert stored == [{"status": "held"}]
    assert await made(database, root) == []


async def test_a_recovered_answer_that_contains_a_benchmark_is_not_kept(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    item = "How do the parts fit together if one of them is longer by a third than all the others are? " * 2
    endpoint.reply = lambda call: (
        Answer(f"It is known that these fit together. {item}Think it over once more, and then write it down.")
        if call.step == "answers"
        else default_reply(call)
    )
    with earlier_parser():
        job = await grow(database, models, root, add=4)
    assert job.ledger.rejected == 4
    begun = await loading.begin(database, About(name="parts"))
    await begun.add([Counted(NewItem(text=item, split="test"), len(item.split()))])
    await begun.finish(0)
    assert await reparse.reparse(database, job.id) == ReparseReport(
        examined=4, failed={Reason.contaminated: 4}
    )
    done = await balanced(database, job.id)
    assert (done.ledger.accepted, done.reasons[Reason.contaminated].count) == (0, 4)


async def test_a_recovered_answer_passes_the_judge_of_its_job(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    checks = {"judge": {"questions": False, "answers": True}}
    with earlier_parser():
        job = await grow(database, models, root, add=5, checks=checks)
    assert (job.ledger.rejected, job.judges) == (5, [])
    calls = len(endpoint.calls)
    report = await reparse.reparse(database, job.id)
    assert report == ReparseReport(examined=5, recovered={"answers": 5}, waiting=5)
    paused = await balanced(database, job.id)
    assert (paused.state, paused.ledger.asked, paused.ledger.accepted) == (JobState.paused, 5, 0)
    assert paused.reason == "5 recovered questions and answers wait for what comes next: resume"
    assert await reparse.reparse(database, job.id) == NOTHING
    assert len(endpoint.calls) == calls
    number = Numbered()
    endpoint.reply = judging(good_judge(lambda text: number(text) % 2 == 0))
    endpoint.calls.clear()
    await jobs.act(database, job.id, "resume")
    done = await run(database, models, job.id)
    assert {*endpoint.steps} == {"judge_answers"}
    assert (done.ledger.accepted, done.ledger.rejected) == (3, 2)
    await balanced(database, job.id)


async def test_a_recovered_answer_is_the_first_of_several(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = sampled = Sampled(lambda _: ["7"])
    with earlier_parser():
        patched = pytest.MonkeyPatch()
        patched.setattr(answers, "begins_with", lambda text, question: True)
        job = await grow(database, models, root, add=2, checks={"consensus": True})
        patched.undo()
    assert job.ledger.rejected == 2
    await reparse.reparse(database, job.id)
    await jobs.act(database, job.id, "resume")
    done = await run(database, models, job.id)
    assert (done.state, done.ledger.accepted) == (JobState.done, 2)
    assert {*sampled.asked.values()} == {2}
    for one in await made(database, root):
        assert one.usage.calls == 3
        assert [d.number for d in (await instructions.get(database, one.id)).drafts] == [1, 2]
    await balanced(database, job.id)


async def test_pages_and_what_stays_unusable(
    database: Database,
    endpoint: OpenAIServer,
    models: ModelSettings,
    root: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reply(call: Call) -> Answer:
        if call.step == "questions":
            two = call.messages[0]["content"].count("\n- ") == 2
            return badly_quoted("questions")(call) if two else Answer("As an AI, I cannot do this.")
        return default_reply(call)

    endpoint.reply = reply
    with earlier_parser():
        monkeypatch.setattr(parsing, "is_refusal", lambda text: False)
        job = await grow(database, models, root, add=20, concepts={"2": 1, "3": 1})
        monkeypatch.undo()
    assert job.reasons.keys() == {"malformed"}
    monkeypatch.setattr(reparse, "PAGE", 3)
    report = await reparse.reparse(database, job.id)
    assert report.examined == 20
    assert report.recovered == {"questions": report.waiting}
    assert 0 < report.waiting < 20
    assert report.failed == {Reason.refused: 20 - report.waiting}
    now = await balanced(database, job.id)
    assert {reason: count.count for reason, count in now.reasons.items()} == report.failed
    assert now.reason == f"{report.waiting} recovered questions wait for their answers: resume"
    again = await reparse.reparse(database, job.id)
    assert again == ReparseReport(examined=20 - report.waiting, failed=report.failed)


async def test_a_rejected_one_that_is_no_reply_at_all_is_failed_from_now_on(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    def reply(call: Call) -> Answer:
        return Answer("I cannot assist with that.") if call.step == "answers" else default_reply(call)

    endpoint.reply = reply
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "is_refusal", lambda text: False)
        patch.setattr(answers, "begins_with", lambda text, question: True)
        job = await grow(database, models, root, add=3, checks={"texts": False})
    assert job.ledger.rejected == 3
    assert await reparse.reparse(database, job.id) == ReparseReport(examined=3, failed={Reason.refused: 3})
    now = await balanced(database, job.id)
    assert (now.state, now.ledger.rejected, now.ledger.failed) == (JobState.done, 0, 3)


async def test_a_syllabus_is_recovered_and_the_job_goes_on_with_it(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = badly_quoted("syllabi")
    with earlier_parser():
        job = await grow(database, models, root, add=5)
    assert (job.state, job.ledger.pending) == (JobState.failed, 5)
    report = await reparse.reparse(database, job.id)
    assert report == ReparseReport(examined=1, recovered={"syllabi": 1})
    assert len(await syllabi.below(database, root)) == 1
    paused = await jobs.get(database, job.id)
    assert paused.state is JobState.paused
    assert (paused.steps["syllabi"].failed, paused.reasons) == (0, {})
    assert await reparse.reparse(database, job.id) == NOTHING
    await jobs.act(database, job.id, "resume")
    endpoint.calls.clear()
    done = await run(database, models, job.id)
    assert (done.state, done.ledger.accepted) == (JobState.done, 5)
    assert endpoint.steps == {"questions": 5, "answers": 5}


async def test_a_syllabus_that_was_grown_anew_since_is_not_stored_beside_it(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = badly_quoted("syllabi")
    with earlier_parser():
        job = await grow(database, models, root, steps=["subjects", "syllabi"])
    endpoint.reply = default_reply
    assert (await grow(database, models, root, steps=["syllabi"])).state is JobState.done
    before = await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.id AS id ORDER BY id")
    await reparse.reparse(database, job.id)
    assert await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.id AS id ORDER BY id") == before


async def test_subjects_are_recovered_up_to_the_wanted_number_and_their_syllabi_are_grown(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = badly_quoted("subjects")
    with earlier_parser():
        job = await grow(database, models, root, subjects_per_discipline=2, add=4)
    assert job.state is JobState.failed
    report = await reparse.reparse(database, job.id)
    assert report == ReparseReport(examined=1, recovered={"subjects": 1})
    assert (await jobs.get(database, job.id)).state is JobState.paused
    await jobs.act(database, job.id, "resume")
    endpoint.calls.clear()
    done = await run(database, models, job.id)
    assert (done.state, done.ledger.accepted) == (JobState.done, 4)
    assert endpoint.steps == {"draft": 2, "syllabi": 2, "questions": 4, "answers": 4}


async def test_a_first_turn_that_was_taken_for_a_refusal_is_gone_on_with(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "is_refusal", lambda text: text.startswith("Reply to"))
        job = await grow(database, models, root, steps=["subjects", "syllabi"])
    assert job.state is JobState.failed
    assert await reparse.reparse(database, job.id) == ReparseReport(examined=1, recovered={"subjects": 1})
    await jobs.act(database, job.id, "resume")
    endpoint.calls.clear()
    assert (await run(database, models, job.id)).state is JobState.done
    assert endpoint.steps == {"subjects": 1, "draft": 1, "syllabi": 1}


async def test_a_job_that_a_worker_holds_is_refused(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    wanted = JobSpec.model_validate({"root_id": root, "add": 3})
    job = await plan.create(database, wanted, {})
    assert await reparse.reparse(database, job.id) == NOTHING
    assert await leases.claim(database, "somebody", 60)
    with pytest.raises(Conflict, match="pause it first"):
        await reparse.reparse(database, job.id)
    with pytest.raises(NotFound):
        await reparse.reparse(database, "nope")


async def test_a_cancelled_job_stays_cancelled(
    database: Database, endpoint: OpenAIServer, models: ModelSettings, root: str
) -> None:
    endpoint.reply = badly_quoted("questions")
    with earlier_parser():
        job = await grow(database, models, root, add=3)
    await rows_of(database, "MATCH (j:Job {id: $id}) SET j.state = 'cancelled'", id=job.id)
    assert (await reparse.reparse(database, job.id)).waiting == 3
    assert (await balanced(database, job.id)).state is JobState.cancelled
