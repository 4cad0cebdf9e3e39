"""Critique and refine: the better answer is kept beside its draft; what is not worth its calls ends."""

from typing import Any

import pytest
from growing import discipline, grow, made, planned, run, settings_of
from judging import good_judge, judging
from numbering import Numbered
from openai_server import Answer, Call, OpenAIServer
from planting import rows_of
from refining import Refined, Sampled, likes_drafts, likes_refined, likes_the_first

from generators.models.prices import OwnPrice
from generators.running.resume import resume
from generators.spec import BudgetSpec
from graph.database import Database
from graph.instructions import instructions
from graph.instructions.instructions import Filter
from graph.jobs.job import Job, JobState
from graph.jobs.refinement import FEWEST_PAIRS
from graph.queries import load

REFINE: dict[str, Any] = {"refine": {"answers": True}}
ONE: dict[str, Any] = {"subjects_per_discipline": 1, "checks": REFINE}
PRICES = {"test-model": OwnPrice(input=1.0, output=2.0)}
STEPS = ("critiques", "refinements", "judge_pairs")


async def test_without_it_nothing_is_refined(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=3)
    assert job.refinement is None
    assert not {*STEPS} & ({*endpoint.steps} | {*job.spent_by_step})


async def test_what_wins_in_both_orders_is_kept_beside_its_draft(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = Refined(likes_refined)
    job = await grow(database, endpoint, root, add=4, **ONE)
    assert (job.state, job.ledger.accepted) == (JobState.done, 4)
    for one in await made(database, root):
        assert one.answer == f"{one.rejected_answer}\nBetter: the step that was missing stands here."
        found = await instructions.get(database, one.id)
        assert [(d.kind, d.chosen) for d in found.drafts] == [("answer", False), ("refined", True)]
        assert found.prompt_versions["answer"] == "refinements@1"
        told = sorted((v.part, v.order, v.verdict) for v in found.verdicts if v.part == "pair")
        assert told == [("pair", "draft first", "won"), ("pair", "refined first", "won")]
        [critique] = [v for v in found.verdicts if v.part == "critique"]
        assert (critique.verdict, critique.flaws) == ("revise", ["a step is missing"])
    refinement = job.refinement
    assert refinement
    assert (refinement.on, refinement.critiques, refinement.unchanged) == (True, 4, 0)
    assert (refinement.compared, refinement.won, refinement.longer) == (4, 4, 1.0)
    # All that was paid for is in what the job spent, by step; judges of parts are shown apart.
    for step, calls in zip(STEPS, (4, 4, 8), strict=True):
        assert job.spent_by_step[step].calls == endpoint.steps[step] == calls
    assert job.spent.calls == len(endpoint.calls)
    assert refinement.spent.calls == 16
    assert job.judges == []
    [checked] = await rows_of(database, "MATCH (i:Instruction) RETURN i.checked AS rules LIMIT 1")
    assert "refinement@1" in checked["rules"]


@pytest.mark.parametrize(
    ("rates", "counted", "longer"),
    [
        (likes_drafts, "lost", 0.0),
        (likes_the_first, "inconsistent", 0.5),
        (lambda first, second: (5, 5), "tied", None),
    ],
)
async def test_what_does_not_win_is_not_kept_and_refining_is_switched_off(
    database: Database, endpoint: OpenAIServer, rates: Any, counted: str, longer: float | None
) -> None:
    root = await discipline(database)
    endpoint.reply = Refined(rates)
    job = await grow(database, endpoint, root, add=35, **ONE)
    assert (job.state, job.ledger.accepted) == (JobState.done, 35)
    assert not [one for one in await made(database, root) if "\nBetter:" in (one.answer or "")]
    refinement = job.refinement
    assert refinement
    assert (refinement.on, refinement.compared, getattr(refinement, counted)) == (
        False,
        FEWEST_PAIRS,
        FEWEST_PAIRS,
    )
    assert refinement.longer == longer
    # Nobody else's answer was criticised: they waited for the first ones.
    assert endpoint.steps["critiques"] == endpoint.steps["refinements"] == FEWEST_PAIRS
    assert sum("refining is switched off: 0 of 20" in change for change in job.changes) == 1
    # Answers that lost in both orders are pairs too, with the draft as the better one.
    pairs = await made(database, root, Filter(pairs=True))
    assert len(pairs) == (FEWEST_PAIRS if counted == "lost" else 0)
    assert all("\nBetter:" in (one.rejected_answer or "") for one in pairs)


async def test_a_share_is_compared_after_the_first(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = Refined(likes_refined)
    checks = {"refine": {"answers": True, "compare": 0.5}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=60, checks=checks)
    assert job.refinement
    assert FEWEST_PAIRS < job.refinement.compared < 60
    everything = await made(database, root)
    # All are refined; only what was compared is a pair.
    assert all("\nBetter:" in (one.answer or "") for one in everything)
    assert sum(one.rejected_answer is not None for one in everything) == job.refinement.compared


async def test_what_a_critique_finds_nothing_in_stays(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    number = Numbered()
    endpoint.reply = Refined(likes_refined, problems=lambda text: ["wrong"] if number(text) % 2 else [" "])
    job = await grow(database, endpoint, root, add=12, **ONE)
    assert job.refinement
    assert job.refinement.unchanged == endpoint.steps["refinements"] == 6
    for one in await made(database, root):
        assert one.answer
        assert ("\nBetter:" in one.answer) == bool(number(one.answer) % 2)


async def test_what_cannot_be_used_changes_nothing(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    refined, number = Refined(likes_refined), Numbered()

    def reply(call: Call) -> Answer:
        turn = number(call.messages[0]["content"]) if call.step in STEPS else 0
        broken = {1: "critiques", 2: "refinements", 3: "judge_pairs"}.get(turn % 4)
        if call.step == broken:
            return Answer("" if broken == "refinements" else "garbage")
        return refined(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, add=12, **ONE)
    assert (job.state, job.ledger.accepted) == (JobState.done, 12)
    for one in await made(database, root):
        assert one.answer
        assert ("\nBetter:" in one.answer) == (number(one.answer) % 4 == 0)
    assert job.refinement
    assert job.refinement.unjudged == 3
    assert job.spent.calls == len(endpoint.calls)


async def test_critics_without_use_pause_the_job(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    refined = Refined(likes_refined)
    endpoint.reply = lambda call: Answer("garbage") if call.step == "critiques" else refined(call)
    job = await grow(database, endpoint, root, add=20, **ONE)
    assert job.state is JobState.paused
    assert "no usable opinion" in (job.reason or "")


@pytest.mark.parametrize("limit", range(5, 10))
async def test_what_was_paid_for_before_a_run_broke_off_is_not_paid_for_again(
    database: Database, endpoint: OpenAIServer, limit: int
) -> None:
    root = await discipline(database)
    endpoint.reply = Refined(likes_refined)
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, add=1, budget={"calls": limit}, **ONE)
    job = await run(database, settings, job.id)
    assert (job.state, len(endpoint.calls)) == (JobState.over_budget, limit)
    await resume(database, job.id, settings, BudgetSpec())
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 1)
    assert {step: endpoint.steps[step] for step in ("answers", *STEPS)} == {
        "answers": 1,
        "critiques": 1,
        "refinements": 1,
        "judge_pairs": 2,
    }
    assert job.spent.calls == len(endpoint.calls)
    assert job.refinement
    assert (job.refinement.won, job.refinement.compared) == (1, 1)


async def test_refined_after_agreement_and_before_the_judge(
    database: Database, endpoint: OpenAIServer
) -> None:
    """What several answers agree on is not refined; the judge reads what is kept."""
    root = await discipline(database)
    sampled = Sampled(lambda number: ["7"] if number % 2 else [None])
    refined = Refined(likes_refined)
    seen: list[str] = []

    def other(call: Call) -> Answer:
        return sampled(call) if call.step == "answers" else refined(call)

    def is_good(text: str) -> bool:
        seen.append(text)
        return True

    endpoint.reply = judging(good_judge(is_good), other)
    checks = {**REFINE, "consensus": True, "judge": {"questions": False, "answers": True}}
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=12, checks=checks)
    assert job.ledger.accepted == 12
    assert {one.answer for one in await made(database, root)} == {*seen}
    assert {("\nBetter:" in text, "Answer: 7" in text) for text in seen} == {(True, False), (False, True)}


async def test_what_judging_and_refining_cost_is_in_every_sum(
    database: Database, endpoint: OpenAIServer
) -> None:
    """While units run and once they have ended: by model, discipline and step, as in what the job spent."""
    root = await discipline(database)
    sampled, refined = Sampled(lambda number: ["7"] if number % 2 else [None]), Refined(likes_refined)

    def other(call: Call) -> Answer:
        return sampled(call) if call.step == "answers" else refined(call)

    endpoint.reply = judging(good_judge(lambda text: True), other)
    settings = settings_of(endpoint, prices=PRICES)
    checks = {**REFINE, "consensus": True, "judge": {"questions": True, "answers": True}}
    spec = {"subjects_per_discipline": 1, "add": 6, "checks": checks}
    job = await planned(database, settings, root, **spec, budget={"calls": 70})
    job = await run(database, settings, job.id)
    assert job.state is JobState.over_budget
    await _costs_agree(database, root, job)
    await resume(database, job.id, settings, BudgetSpec())
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 6)
    await _costs_agree(database, root, job)


async def _costs_agree(database: Database, root: str, job: Job) -> None:
    """A sentinel belongs to a job, not to a node: by step it is left out."""
    tried = sum(judge.good + judge.bad for judge in job.judges)
    by_model = await database.read(load("explore.cost_by_model"), job_id=job.id)
    assert {row["step"]: row["calls"] for row in by_model} == {
        step: spent.calls for step, spent in job.spent_by_step.items() if spent.calls
    }
    by_discipline = await database.read(load("explore.cost_by_discipline"), job_id=job.id)
    assert {row["id"] for row in by_discipline} == {root, None}
    assert [row["samples"] for row in by_discipline if row["id"] is None] == [tried]
    for rows in (by_model, by_discipline):
        assert sum(row["calls"] for row in rows) == job.spent.calls
        assert sum(row["usd"] for row in rows) == pytest.approx(job.spent.usd)
    by_step = await database.read(load("explore.cost_by_step"), id=root)
    assert sum(row["calls"] for row in by_step) == job.spent.calls - tried
