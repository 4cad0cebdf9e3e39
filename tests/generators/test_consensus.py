"""Several answers to a question with a short final answer: enough have to agree, and all are kept."""

from typing import Any

import pytest
from growing import discipline, grow, made, planned, run, settings_of
from judging import good_judge, judging
from openai_server import Answer, OpenAIServer
from planting import rows_of
from refining import Sampled

from generators.running.resume import resume
from generators.spec import BudgetSpec
from graph.database import Database
from graph.instructions import instructions
from graph.instructions.instructions import Filter
from graph.jobs.job import JobState
from graph.queries import load
from graph.reasons import Reason

CONSENSUS: dict[str, Any] = {"consensus": True}
ONE: dict[str, Any] = {"subjects_per_discipline": 1, "checks": CONSENSUS}
# By the number of a question: finals of its answers, whether it is accepted, the answers it takes.
CASES: list[tuple[list[str | None], bool, int]] = [
    (["7", "7.0"], True, 2),
    (["7", "8", "8", "8"], True, 4),
    (["7", "8", "9", "10"], False, 4),
    (["7", "8", "7", "8", "9"], False, 5),
    (["7", "8", None, "7", "7"], True, 5),
    (["x^2+2x+1", "(x+1)^2"], True, 2),
    ([None], True, 1),
]


def finals(number: int) -> list[str | None]:
    return CASES[number % len(CASES)][0]


async def test_answers_are_asked_for_until_enough_agree(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = sampled = Sampled(finals)
    dials = {"difficulty": {"apply": 1, "create": 1}}
    job = await grow(database, endpoint, root, add=30, dials=dials, **ONE)
    assert job.state is JobState.done
    everything = await made(database, root)
    assert {number % len(CASES) for number in sampled.asked} == {*range(len(CASES))}
    for one in everything:
        assert one.question
        number = sampled.number(one.question)
        _, accepted, answers = CASES[number % len(CASES)]
        assert sampled.asked[number] == answers
        assert one.usage.calls == answers + 1
        assert (one.status, one.reason) == (
            ("accepted", None) if accepted else ("rejected", Reason.no_consensus)
        )
        drafts = (await instructions.get(database, one.id)).drafts
        assert [draft.number for draft in drafts] == ([*range(1, answers + 1)] if answers > 1 else [])
        assert not drafts or sum(draft.chosen for draft in drafts) == 1
    # All that was paid for is in what the job spent.
    assert job.spent.calls == len(endpoint.calls)
    assert job.spent_by_step["answers"].calls == sum(sampled.asked.values())
    assert job.ledger.rejected == job.reasons[Reason.no_consensus].count > 0
    told = await database.read(load("explore.consensus"), id=root)
    assert [row["difficulty"] for row in told] == ["apply", "create"]
    several = [number for number in sampled.asked if CASES[number % len(CASES)][2] > 1]
    assert sum(row["questions"] for row in told) == len(several)
    assert sum(row["answers"] for row in told) == sum(sampled.asked[number] for number in several)
    assert sum(row["without_consensus"] for row in told) == job.ledger.rejected
    assert sum(row["at_once"] for row in told) == sum(sampled.asked[number] == 2 for number in several)


async def test_the_first_of_those_that_agree_is_kept_beside_one_that_does_not(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = Sampled(lambda _: ["7", "8", "8", "8"])
    await grow(database, endpoint, root, add=2, **ONE)
    for one in await made(database, root, Filter(pairs=True)):
        assert one.answer
        assert one.answer.startswith("Reply 1 ")
        assert (one.answer or "").endswith("Answer: 8")
        assert (one.rejected_answer or "").endswith("Answer: 7")
    [found] = await rows_of(
        database,
        "MATCH (i:Instruction) RETURN DISTINCT i.samples AS n, i.agreed AS agreed, i.checked AS rules",
    )
    assert (found["n"], found["agreed"]) == (4, 3)
    assert "consensus@2" in found["rules"]
    assert "in a last line of its own" in endpoint.calls[-1].prompt


async def test_without_it_one_answer_is_asked_for(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = sampled = Sampled(lambda _: ["7", "8"])
    job = await grow(database, endpoint, root, add=3, subjects_per_discipline=1)
    assert (job.ledger.accepted, sum(sampled.asked.values())) == (3, 3)
    assert await made(database, root, Filter(pairs=True)) == []
    assert "last line" not in "".join(call.prompt for call in endpoint.calls)


async def test_answers_that_cannot_be_used_agree_with_none(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    sampled = Sampled(lambda _: ["7"])

    def reply(call: Any) -> Answer:
        found = sampled(call)
        return Answer("") if call.step == "answers" and "Reply 1 " in found.text else found

    endpoint.reply = reply
    job = await grow(database, endpoint, root, add=2, **ONE)
    assert job.ledger.accepted == 2
    for one in await made(database, root):
        drafts = (await instructions.get(database, one.id)).drafts
        assert [draft.reason for draft in drafts] == [None, Reason.empty, None, None]
        assert drafts[1].text is None
        assert sum(draft.calls for draft in drafts) == one.usage.calls - 1


@pytest.mark.parametrize("limit", range(4, 9))
async def test_what_was_paid_for_before_a_run_broke_off_is_not_paid_for_again(
    database: Database, endpoint: OpenAIServer, limit: int
) -> None:
    """A budget ends the run after any number of answers; the next one continues with what is stored."""
    root = await discipline(database)
    endpoint.reply = sampled = Sampled(lambda _: ["7", "8", "7", "9", "7"])
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, add=1, budget={"calls": limit + 1}, **ONE)
    job = await run(database, settings, job.id)
    assert job.state is JobState.over_budget
    assert len(endpoint.calls) == limit + 1
    await resume(database, job.id, settings, BudgetSpec())
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 1)
    assert [*sampled.asked.values()] == [5]
    assert job.spent.calls == len(endpoint.calls)
    [one] = await made(database, root)
    assert one.usage.calls == 6
    assert len((await instructions.get(database, one.id)).drafts) == 5


async def test_what_agrees_is_judged_after_that(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    sampled = Sampled(finals)
    endpoint.reply = judging(good_judge(lambda text: True), sampled)
    checks = {"consensus": True, "judge": {"questions": False, "answers": True}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=12, checks=checks)
    [judge] = job.judges
    assert judge.accept == job.ledger.accepted == 12 - job.ledger.rejected


async def test_what_is_rejected_is_replaced_up_to_a_total(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = Sampled(finals)
    job = await grow(database, endpoint, root, until={"total": 20}, **ONE)
    assert job.state is JobState.done
    assert job.ledger.accepted == 20
