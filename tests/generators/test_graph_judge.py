"""A judge that looks at what is there: what it withdraws, what it costs, and what is never paid for twice."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from checking import begin, ended
from growing import discipline, grow, made, settings_of, working
from judging import JUDGES, always, good_judge, judging
from numbering import Numbered
from openai_server import Answer, OpenAIServer

from generators.estimates.of_check import estimate
from generators.models.settings import ModelSettings
from generators.running.checking import graph_check
from generators.running.engines.local import LocalWorker
from graph.database import Database
from graph.errors import Invalid
from graph.instructions import withdrawal
from graph.instructions.judged import judges_of
from graph.quality import checks, findings
from graph.quality.checks import Check, CheckSpec, CheckState

MADE, FIRST = 12, 20
number = Numbered()


def is_good(text: str) -> bool:
    """Whether the judge likes an answer, or its question."""
    return number(text) % 3 != 0


async def checked(database: Database, settings: ModelSettings, node: str, **more: Any) -> Check:
    check = await begin(database, node, settings, kind="judge", **more)
    async with working(database, settings, lease_s=1):
        return await ended(database, check.id)


def judged_calls(endpoint: OpenAIServer) -> int:
    return sum(endpoint.steps[step] for step in JUDGES)


async def statuses(database: Database, root: str) -> dict[str, str]:
    return {i.id: i.status for i in await made(database, root)}


async def bad_ones(database: Database, root: str) -> set[str]:
    return {i.id for i in await made(database, root) if i.question and not is_good(i.question)}


@pytest_asyncio.fixture
async def root(database: Database, endpoint: OpenAIServer) -> str:
    node = await discipline(database)
    await grow(database, endpoint, node, subjects_per_discipline=1, add=MADE)
    number.clear()
    endpoint.reply = judging(good_judge(is_good))
    return node


async def test_what_a_good_judge_rejects_is_withdrawn_and_nothing_is_paid_for_twice(
    database: Database, endpoint: OpenAIServer, root: str
) -> None:
    settings = settings_of(endpoint)
    bad, before = await bad_ones(database, root), await statuses(database, root)
    assert len(bad) == MADE / 3
    told = CheckSpec.model_validate({"kind": "judge", "node_id": root})
    expected = await estimate(database, told, await graph_check.rule_of(database, told, settings), settings)
    dry = await checked(database, settings, root, dry_run=True)
    assert (dry.state, dry.looked_at, dry.found, dry.withdrawn) == (CheckState.done, MADE, len(bad), 0)
    assert await statuses(database, root) == before
    paid = judged_calls(endpoint)
    # Twenty sentinels and a verdict of each part, and the same again is estimated.
    assert paid == 2 * (FIRST + MADE)
    assert expected.instructions == MADE
    assert expected.calls.low <= paid <= expected.calls.high
    # After a dry run, and for another node or another day: the verdicts are there.
    check = await checked(database, settings, root)
    assert (check.found, check.withdrawn) == (len(bad), len(bad))
    assert judged_calls(endpoint) == paid
    assert {id_ for id_, state in (await statuses(database, root)).items() if state == "withdrawn"} == bad
    [first, *_] = (await findings.pairs(database, check.id)).items
    assert (first.kind, first.other, first.part) == ("HAS_VERDICT", None, "question")
    assert first.said
    judges = await judges_of(database, dry.id)
    assert {(one.part, one.applies, one.reject) for one in judges} == {
        ("question", True, len(bad)),
        ("answer", True, len(bad)),
    }
    assert sum(one.spent.calls for one in judges) == paid
    # What the rule has looked at is skipped.
    assert (await checked(database, settings, root)).looked_at == 0
    assert (await withdrawal.undo(database, check.id)).restored == len(bad)
    assert await statuses(database, root) == before
    assert judged_calls(endpoint) == paid


async def test_flags_and_waivers(database: Database, endpoint: OpenAIServer, root: str) -> None:
    settings, bad = settings_of(endpoint), await bad_ones(database, root)
    waived = min(bad)
    await withdrawal.waive(database, waived, "wanted all the same", "Ada")
    flagged = await checked(database, settings, root, action="flag", judge={"parts": ["question"]})
    assert (flagged.looked_at, flagged.found, flagged.withdrawn) == (MADE - 1, len(bad) - 1, 0)
    assert endpoint.steps["judge_answers"] == 0
    check = await checked(database, settings, root)
    assert check.withdrawn == len(bad) - 1
    assert (await statuses(database, root))[waived] == "accepted"


@pytest.mark.parametrize("good", [True, False], ids=["always good", "always bad"])
async def test_a_judge_that_does_not_judge_withdraws_nothing(
    database: Database, endpoint: OpenAIServer, root: str, good: bool
) -> None:
    endpoint.reply = judging(always(good=good))
    check = await checked(database, settings_of(endpoint), root)
    assert (check.state, check.looked_at, check.found, check.withdrawn) == (CheckState.done, MADE, 0, 0)
    assert check.reason
    assert "stored and not applied" in check.reason
    paid = judged_calls(endpoint)
    # It has decided about nothing, so that another check looks again, and buys only its sentinels.
    again = await checked(database, settings_of(endpoint), root)
    assert again.looked_at == MADE
    assert judged_calls(endpoint) == paid


async def test_garbage_pauses_the_check(database: Database, endpoint: OpenAIServer, root: str) -> None:
    endpoint.reply = judging(lambda call: Answer("I would rather not say."))
    check = await checked(database, settings_of(endpoint), root)
    assert check.state is CheckState.paused
    assert check.reason
    assert "no usable opinion" in check.reason


async def test_a_budget_is_kept_and_what_was_paid_for_counts(
    database: Database, endpoint: OpenAIServer, root: str
) -> None:
    settings = settings_of(endpoint, concurrency=2)
    check = await checked(database, settings, root, judge={"budget": {"calls": 2 * FIRST + 5}})
    assert check.state is CheckState.paused
    assert check.reason
    assert "higher budget" in check.reason
    assert judged_calls(endpoint) <= 2 * FIRST + 5
    had = judged_calls(endpoint) - 2 * FIRST
    more = await checked(database, settings, root, judge={"budget": {"calls": 1000}})
    assert (more.state, more.looked_at) == (CheckState.done, MADE)
    # Each check tries the judge itself where it has to buy a verdict; verdicts are bought once.
    assert sum(one.accept + one.reject for one in await judges_of(database, more.id)) == 2 * MADE - had


async def test_what_the_budget_cuts_off_before_a_second_try_is_not_judged_yet(
    database: Database, endpoint: OpenAIServer, root: str
) -> None:
    settings, judge, limit = settings_of(endpoint, concurrency=1), endpoint.reply, FIRST + 1
    endpoint.reply = lambda call: Answer("garbage") if judged_calls(endpoint) == limit else judge(call)
    check = await checked(database, settings, root, judge={"budget": {"calls": limit}})
    assert (check.state, judged_calls(endpoint)) == (CheckState.paused, limit)
    assert check.reason
    assert "higher budget" in check.reason
    [first] = await judges_of(database, check.id)
    assert (first.unjudged, first.accept + first.reject, first.spent.calls) == (0, 0, limit)
    endpoint.reply = judge
    more = await checked(database, settings, root, judge={"budget": {"calls": 1000}})
    found = await judges_of(database, more.id)
    assert (more.state, more.looked_at) == (CheckState.done, MADE)
    assert [one.unjudged for one in found] == [0, 0]
    assert sum(one.accept + one.reject for one in found) == 2 * MADE


async def test_a_killed_worker_loses_no_verdict(
    database: Database, endpoint: OpenAIServer, root: str
) -> None:
    settings, bad = settings_of(endpoint, concurrency=2), await bad_ones(database, root)
    endpoint.delay_s = 0.02
    check = await begin(database, root, settings, kind="judge")
    kills = 0
    for calls in (10, 2 * FIRST + 4, 2 * FIRST + 12):
        worker = LocalWorker(database, settings, lease_s=1)
        task = asyncio.create_task(worker.work())
        while judged_calls(endpoint) < calls and not (await checks.get(database, check.id)).ended:
            await asyncio.sleep(0.01)
        kills += not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    endpoint.delay_s = 0.0
    async with working(database, settings, lease_s=1):
        done = await ended(database, check.id)
    assert (done.state, done.looked_at, done.found, done.withdrawn) == (
        CheckState.done,
        MADE,
        len(bad),
        len(bad),
    )
    # Only the calls in flight are made again: at most two for each kill.
    assert 0 <= judged_calls(endpoint) - 2 * (FIRST + MADE) <= 2 * kills
    assert sum(one.accept + one.reject for one in await judges_of(database, check.id)) == 2 * MADE


async def test_a_judge_has_to_be_named(database: Database, root: str) -> None:
    with pytest.raises(Invalid, match="--model"):
        await begin(database, root, ModelSettings(base_url="http://127.0.0.1:9"), kind="judge")


def test_options_of_others_are_refused() -> None:
    with pytest.raises(Invalid, match="only a check by a judge"):
        checks.require_sound(CheckSpec.model_validate({"kind": "safety", "node_id": "0", "judge": {}}))
    with pytest.raises(Invalid, match="benchmarks"):
        checks.require_sound(CheckSpec.model_validate({"kind": "judge", "node_id": "0", "benchmarks": ["a"]}))
