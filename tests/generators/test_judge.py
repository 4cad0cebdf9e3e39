"""A judge beside the authors: what it finds is stored, and decides once it was right about sentinels."""

import json
from typing import Any, LiteralString

import pytest
from growing import discipline, grow, made, planned, run, settings_of
from judging import JUDGES, always, good_judge, judged, judging
from numbering import Numbered
from openai_server import Answer, Call, OpenAIServer, default_reply

from generators.models.endpoint import Timeouts
from generators.models.settings import ModelSettings
from graph.database import Database
from graph.instructions import instructions
from graph.jobs import jobs
from graph.jobs.job import JobState
from graph.jobs.judges import Judge
from graph.queries import Query
from graph.reasons import Reason

BOTH: dict[str, Any] = {"judge": {"questions": True, "answers": True}}
FIRST = 20


async def rows(database: Database, text: LiteralString) -> list[dict[str, Any]]:
    return await database.read(Query("test", text, "", "read", {}, {}))


def of(found: list[Judge], part: str) -> Judge:
    [one] = [judge for judge in found if judge.part == part]
    return one


async def test_without_a_judge_nothing_is_judged(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=3)
    assert job.ledger.accepted == 3
    assert job.judges == []
    assert not {step for step in endpoint.steps if step in JUDGES} | ({*job.spent_by_step} & {*JUDGES})


async def test_a_good_judge_rejects_what_is_planted(database: Database, endpoint: OpenAIServer) -> None:
    root, number = await discipline(database), Numbered()

    def is_good(text: str) -> bool:
        return number(text) % 4 != 1 if text.startswith("Reply to: ") else number(text) % 3 != 0

    endpoint.reply = judging(good_judge(is_good))
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=40, checks=BOTH)
    assert job.state is JobState.done
    asked, answered = of(job.judges, "question"), of(job.judges, "answer")
    assert asked.kept == asked.good >= 10
    assert asked.caught == asked.bad >= 10
    assert asked.applies
    assert answered.applies
    all_made = await made(database, root)
    bad = [i for i in all_made if i.question and not is_good(i.question)]
    assert bad
    assert {(i.status, i.reason) for i in bad} == {("rejected", Reason.low_quality)}
    # No answer was bought for what the judge rejected, and each was asked for once more.
    assert endpoint.steps["answers"] == len(all_made) - len(bad)
    assert asked.reject == len(bad)
    assert endpoint.steps["questions"] == 40 + job.ledger.again
    wrong = [i for i in all_made if i.answer and not is_good(i.answer)]
    assert wrong
    assert {(i.status, i.reason) for i in wrong} == {("rejected", Reason.low_quality)}
    assert job.ledger.rejected == len(bad) + len(wrong)
    assert job.ledger.accepted == len(all_made) - len(bad) - len(wrong)
    assert "could not be used: it refers to what its reader does not have" in "".join(
        call.prompt for call in endpoint.calls
    )
    await _verdicts_are_shown(database, bad[0].id, wrong[0].id)
    # All that was paid for is in what the job spent, by step.
    for step, judge in (("judge_questions", asked), ("judge_answers", answered)):
        assert job.spent_by_step[step].calls == endpoint.steps[step] == judge.spent.calls
    assert job.spent.calls == len(endpoint.calls)


async def _verdicts_are_shown(database: Database, question: str, answer: str) -> None:
    [verdict] = (await instructions.get(database, question)).verdicts
    assert (verdict.part, verdict.verdict, verdict.applied) == ("question", "reject", True)
    assert verdict.scores["self_contained"] is False
    assert (verdict.rule, verdict.model, verdict.calls) == ("judge-questions@1", "test-model", 1)
    first, second = (await instructions.get(database, answer)).verdicts
    assert (first.part, first.verdict) == ("question", "accept")
    assert (second.part, second.verdict, second.flaws) == ("answer", "reject", ["wrong_fact"])
    [checked] = await rows(
        database, "MATCH (i:Instruction {status: 'accepted'}) RETURN i.checked AS rules LIMIT 1"
    )
    assert {"judge-questions@1", "judge-answers@1"} <= {*checked["rules"]}


@pytest.mark.parametrize("good", [True, False], ids=["always 5", "always 1"])
async def test_the_verdicts_of_a_judge_that_does_not_judge_are_stored_and_not_applied(
    database: Database, endpoint: OpenAIServer, good: bool
) -> None:
    root = await discipline(database)
    endpoint.reply = judging(always(good=good))
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=6, checks=BOTH)
    assert (job.state, job.ledger.accepted, job.ledger.rejected) == (JobState.done, 6, 0)
    for judge in job.judges:
        assert not judge.applies
        assert (judge.caught, judge.kept) == ((0, 10) if good else (10, 0))
        assert (judge.accept, judge.reject, judge.applied) == ((6, 0, 0) if good else (0, 6, 0))
    assert sum("stored and not applied" in change for change in job.changes) == 2
    [found] = await rows(
        database,
        "MATCH (:Instruction)-[:HAS_VERDICT]->(v) "
        "RETURN count(*) AS n, collect(DISTINCT v.applied) AS applied",
    )
    assert (found["n"], found["applied"]) == (12, [False])
    [checked] = await rows(database, "MATCH (i:Instruction) RETURN i.checked AS rules LIMIT 1")
    assert not [rule for rule in checked["rules"] if rule.startswith("judge")]


@pytest.mark.parametrize("said", ["garbage", json.dumps({"score": 5})])
async def test_what_cannot_be_read_is_unjudged_and_decides_nothing(
    database: Database, endpoint: OpenAIServer, said: str
) -> None:
    root = await discipline(database)
    endpoint.reply = judging(lambda call: Answer(said))
    checks = {"judge": {"questions": False, "answers": True}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=3, checks=checks)
    # Each is asked for once more; more than ten unusable opinions in a row end the job's run.
    assert job.state is JobState.paused
    assert "no usable opinion" in (job.reason or "")
    [judge] = job.judges
    assert (judge.caught, judge.kept, judge.applies) == (0, 0, False)
    assert endpoint.steps["judge_answers"] == judge.spent.calls
    assert job.ledger.rejected == 0


async def test_a_few_unusable_opinions_are_counted(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    judge = good_judge(lambda text: True)
    endpoint.reply = judging(
        lambda call: Answer("I like it") if judged(call).startswith("How do") else judge(call)
    )
    checks = {"judge": {"questions": True, "answers": True}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=5, checks=checks)
    assert (job.state, job.ledger.accepted, job.ledger.rejected) == (JobState.done, 5, 0)
    asked = of(job.judges, "question")
    assert (asked.unjudged, asked.accept, asked.applies) == (5, 0, True)
    assert of(job.judges, "answer").accept == 5


async def test_a_judge_that_is_too_late_pauses_the_job_and_nothing_is_lost(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    with OpenAIServer() as slow:
        slow.reply = lambda call: Answer(delay_s=5.0)
        settings = _beside(endpoint, slow, timeouts=Timeouts(read=0.3, patience=1.0))
        job = await planned(database, settings, root, subjects_per_discipline=1, add=2, checks=BOTH)
        job = await run(database, settings, job.id)
    assert job.state is JobState.paused
    assert (job.ledger.accepted, job.ledger.rejected) == (0, 0)
    assert job.ledger.asked == endpoint.steps["questions"] > 0


def _beside(author: OpenAIServer, judge: OpenAIServer, **more: Any) -> ModelSettings:
    return settings_of(author, judge_base_url=judge.base_url, judge_model="strict-judge", **more)


async def test_a_judge_of_its_own_endpoint_gets_only_what_is_judged(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    with OpenAIServer() as other:
        other.reply = good_judge(lambda text: True)
        settings = _beside(endpoint, other)
        job = await planned(database, settings, root, subjects_per_discipline=1, add=4, checks=BOTH)
        job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 4)
    assert {call.step for call in other.calls} == {*JUDGES}
    assert {call.body["model"] for call in other.calls} == {"strict-judge"}
    assert not {*JUDGES} & {*endpoint.steps}
    assert not [change for change in job.changes if "same family" in change]
    assert job.resolved["steps"]["judge_answers"]["model"] == "strict-judge"


async def test_a_judge_of_the_authors_family_is_noted(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = judging(good_judge(lambda text: True))
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=1, checks=BOTH)
    assert sum("same family" in change for change in job.changes) == 2


async def test_what_was_paid_for_before_the_verdict_is_not_paid_for_again(
    database: Database, endpoint: OpenAIServer
) -> None:
    """As a killed worker leaves a job: the questions and answers are there, their verdicts are not."""
    root = await discipline(database)
    spec = {"subjects_per_discipline": 1, "add": 6, "checks": BOTH}
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, **spec)
    for refused in JUDGES:
        # The judge's key is not accepted, so the job pauses after what comes before it.
        fine = good_judge(lambda text: True)
        endpoint.reply = judging(
            lambda call, refused=refused, fine=fine: (
                Answer("no such key", status=401) if call.step == refused else fine(call)
            )
        )
        job = await run(database, settings, job.id)
        assert job.state is JobState.paused
        assert (job.ledger.accepted, job.ledger.asked) == (0, 6)
        await jobs.act(database, job.id, "resume")
    endpoint.reply = judging(good_judge(lambda text: True))
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted, job.ledger.asked) == (JobState.done, 6, 0)
    assert (endpoint.steps["questions"], endpoint.steps["answers"]) == (6, 6)
    for judge in job.judges:
        assert (judge.good, judge.bad, judge.accept) == (10, 10, 6)
    [found] = await rows(database, "MATCH (v:Verdict) RETURN count(*) AS n, count(DISTINCT v.id) AS ids")
    assert (found["n"], found["ids"]) == (12, 12)


async def test_a_budget_is_kept_with_a_judge(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = judging(good_judge(lambda text: True))
    limit = 37
    job = await grow(
        database,
        endpoint,
        root,
        subjects_per_discipline=1,
        add=30,
        checks=BOTH,
        budget={"calls": limit},
    )
    assert job.state is JobState.over_budget
    assert job.spent.calls == limit == len(endpoint.calls)


async def test_later_sentinels_are_made_of_the_jobs_own_answers(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)

    def genuine(text: str) -> bool:
        return not text.startswith("Reply to: ") or text in given

    given: set[str] = set()

    def author(call: Call) -> Answer:
        reply = default_reply(call)
        given.add(reply.text)
        return reply

    endpoint.reply = judging(good_judge(genuine), author)
    checks = {"judge": {"questions": False, "answers": True}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=110, checks=checks)
    assert job.ledger.accepted == 110
    [judge] = job.judges
    # One for 50 verdicts: a good one, and a bad one; all that were asked about are accounted for.
    assert (judge.good + judge.bad, judge.accept) == (FIRST + 2, 110)
    assert judge.applies
    assert any("lets nearly all answers pass" in change for change in job.changes)
