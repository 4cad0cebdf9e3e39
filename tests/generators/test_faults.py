"""Endpoints that refuse, fail, hang or lie: what is retried, what fails a sample, and what pauses the job."""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from growing import discipline, ended, grow, made, planned, run, settings_of, working
from openai_server import Answer, Call, OpenAIServer, default_reply
from refining import Refined, likes_refined

from generators.models.client import Timeouts
from generators.models.prices import OwnPrice
from generators.running import run as running
from generators.running.resume import resume
from generators.spec import BudgetSpec
from graph.database import Database
from graph.instructions import instructions
from graph.jobs import jobs
from graph.jobs.job import JobState
from graph.queries import load
from graph.reasons import Reason

Reply = Callable[[Call], Answer]
PRICES = {"test-model": OwnPrice(input=1.0, output=2.0)}


def key(call: Call) -> str:
    return json.dumps(call.messages)


def distinct(call: Call) -> Answer:
    """The usual reply, with questions and answers made distinct even for concepts that two sessions share."""
    answer = default_reply(call)
    if call.step != "questions":
        return answer
    question = json.loads(answer.text)["question"]
    return replace(answer, text=json.dumps({"question": f"{question} ({zlib.crc32(key(call).encode())})"}))


def first_time(then: Reply) -> Reply:
    """Replies with `then` when a request is first seen, and with the usual reply afterwards."""
    seen: set[str] = set()

    def reply(call: Call) -> Answer:
        if key(call) in seen:
            return default_reply(call)
        seen.add(key(call))
        return then(call)

    return reply


async def test_no_request_comes_back_before_its_time(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    refused: dict[str, float] = {}
    fresh: list[str] = []
    early: list[float] = []

    def reply(call: Call) -> Answer:
        now = time.monotonic()
        before = refused.get(key(call))
        if before is not None:
            if now - before < 1.0:
                early.append(now - before)
            return distinct(call)
        fresh.append(key(call))
        if len(fresh) % 5 == 0:
            refused[key(call)] = now
            return Answer(status=429, headers={"Retry-After": "1"})
        return distinct(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=30)
    assert (job.state, job.ledger.accepted, job.ledger.failed) == (JobState.done, 30, 0)
    assert len(refused) > 5
    assert early == []
    # Replies count as calls, refusals do not.
    assert job.spent.calls == len(endpoint.calls) - len(refused)


async def test_a_waiting_request_gives_its_slot_away(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    slow: list[str] = []

    def reply(call: Call) -> Answer:
        if call.step == "questions" and not slow:
            slow.append(key(call))
            return Answer(status=429, headers={"Retry-After": "2"})
        return default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, settings_of(endpoint, concurrency=1), add=10)
    assert job.ledger.accepted == 10
    # With a single slot, others were sent while the first one waited. How many depends on the machine.
    order = [key(call) for call in endpoint.calls if call.step == "questions"]
    first, again = (at for at, sent in enumerate(order) if sent == slow[0])
    assert again - first > 1


@pytest.mark.parametrize("status", [500, 502, 503, 408, 409])
async def test_failures_that_pass_cost_no_sample(
    database: Database, endpoint: OpenAIServer, status: int
) -> None:
    root = await discipline(database)
    endpoint.reply = first_time(lambda _: Answer(status=status, headers={"Retry-After": "0"}))
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=5)
    assert (job.state, job.ledger.accepted) == (JobState.done, 5)


async def test_one_request_that_always_fails_fails_its_sample_alone(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    poison: list[str] = []

    def reply(call: Call) -> Answer:
        if call.step == "answers":
            poison.append(key(call)) if not poison else None
            if key(call) == poison[0]:
                return Answer("it breaks me", status=500)
        return distinct(call)

    endpoint.reply = reply
    # Other requests succeed all the while, so the endpoint does not count as dead.
    endpoint.delay_s = 0.15
    settings = settings_of(endpoint, concurrency=2, timeouts=Timeouts(patience=3.0))
    job = await grow(database, endpoint, root, settings, add=60)
    assert (job.state, job.ledger.accepted, job.ledger.failed) == (JobState.done, 59, 1)
    found = job.reasons[Reason.server_error]
    assert found.count == 1
    assert "it breaks me" in (found.text or "")
    one = await instructions.get(database, found.example)
    # The question was paid for and is kept.
    assert one.question
    assert one.usage.calls == 1


async def test_a_dead_endpoint_pauses_the_job_with_its_reason(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = lambda call: (
        Answer("maintenance", status=503) if call.step == "answers" else default_reply(call)
    )
    settings = settings_of(endpoint, timeouts=Timeouts(patience=1.5))
    spec = {"subjects_per_discipline": 1, "add": 12, "models": {"answers": "other"}}
    job = await grow(database, endpoint, root, settings, **spec)
    assert job.state is JobState.paused
    assert job.reason is not None
    assert "maintenance" in job.reason
    assert "no usable reply for" in job.reason
    assert (job.ledger.failed, job.ledger.asked) == (0, 12)
    endpoint.reply = default_reply
    questions = endpoint.steps["questions"]
    await jobs.act(database, job.id, "resume")
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 12)
    assert endpoint.steps["questions"] == questions


async def test_a_wrong_address_is_said_soon(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    base_url = endpoint.base_url.replace(str(endpoint.port), "9")
    settings = settings_of(endpoint, timeouts=Timeouts(patience=1.0))
    settings = type(settings)(base_url=base_url, model="test-model", timeouts=Timeouts(patience=1.0))
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=1, add=1)
    assert job.state is JobState.paused
    assert job.reason is not None
    assert "is the address right?" in job.reason


async def test_a_reply_that_hangs_is_asked_again(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    hung: list[str] = []

    def reply(call: Call) -> Answer:
        if call.step == "answers" and len(hung) < 3 and key(call) not in hung:
            hung.append(key(call))
            return Answer("too late", delay_s=3.0)
        return default_reply(call)

    endpoint.reply = reply
    settings = settings_of(endpoint, timeouts=Timeouts(read=0.5))
    job = await grow(database, endpoint, root, settings, add=8)
    assert (job.state, job.ledger.accepted) == (JobState.done, 8)
    assert len(hung) == 3


async def test_the_limit_follows_the_endpoint(
    database: Database, endpoint: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1)
    monkeypatch.setattr(running, "HEARTBEAT_S", 0.05)
    endpoint.delay_s = 0.02
    most = 6
    seen: list[int] = []

    def reply(call: Call) -> Answer:
        seen.append(endpoint.in_flight)
        if endpoint.in_flight > most:
            return Answer("slow down", status=429, headers={"Retry-After": "0"})
        return default_reply(call)

    endpoint.reply = reply
    settings = settings_of(endpoint, concurrency=64)
    job = await planned(database, settings, root, add=400)
    limits: list[int] = []
    async with working(database, settings):
        while not (now := await jobs.get(database, job.id)).state.ended:
            if now.live and now.live.refusals:
                limits.append(now.live.concurrency)
                assert "slow down" in (now.live.last_error or "")
            await asyncio.sleep(0.02)
    assert now.ledger.accepted == 400
    assert max(seen) > most
    # The limit came down to what the endpoint can take, instead of staying at its maximum.
    assert limits
    assert min(limits) <= most + 3


async def test_cost_adds_up_by_instruction_step_and_job(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    settings = settings_of(endpoint, prices=PRICES)
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=2, add=15)
    found = await made(database, root)
    costs = [one.cost_usd for one in found]
    assert all(cost is not None and cost > 0 for cost in costs)
    instructions_usd = sum(cost or 0 for cost in costs)
    steps = job.spent_by_step
    assert steps.keys() == {"subjects", "syllabi", "questions", "answers"}
    assert (steps["questions"].usd or 0) + (steps["answers"].usd or 0) == pytest.approx(instructions_usd)
    assert job.spent.usd == pytest.approx(sum(step.usd or 0 for step in steps.values()))
    assert job.spent.calls == len(endpoint.calls) == sum(step.calls for step in steps.values())
    one = found[0].usage
    tokens_in = one.question.prompt_tokens + one.answer.prompt_tokens
    tokens_out = one.question.completion_tokens + one.answer.completion_tokens
    assert found[0].cost_usd == pytest.approx((tokens_in * 1.0 + tokens_out * 2.0) / 1e6)
    for query, params in (
        ("cost_by_model", {"job_id": job.id}),
        ("cost_by_discipline", {"job_id": job.id}),
        ("cost_by_step", {"id": root}),
        ("cost_by_step", {"id": found[0].syllabus_id}),
    ):
        rows = await database.read(load(f"explore.{query}"), **params)
        below = [one.cost_usd or 0 for one in found if one.syllabus_id == params.get("id", one.syllabus_id)]
        of_syllabi = sum(row["usd"] for row in rows if row.get("step") in ("subjects", "syllabi"))
        whole = job.spent.usd if params.get("id") in (None, root) else sum(below) + of_syllabi
        assert sum(row["usd"] for row in rows) == pytest.approx(whole), query


async def test_an_unknown_price_is_no_zero(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=2)
    assert job.spent.usd is None
    assert all(one.cost_usd is None for one in await made(database, root))


@pytest.mark.parametrize("budget", [{"calls": 37}, {"tokens": 3000}, {"usd": 0.003}])
async def test_a_budget_is_kept_and_a_higher_one_goes_on(
    database: Database, endpoint: OpenAIServer, budget: dict[str, float]
) -> None:
    root = await discipline(database)
    settings = settings_of(endpoint, prices=PRICES)
    spec = {"subjects_per_discipline": 1, "add": 60, "sampling": {"answers": {"max_tokens": 200}}}
    spec["sampling"]["questions"] = {"max_tokens": 200}  # pyright: ignore[reportIndexIssue]
    job = await grow(database, endpoint, root, settings, budget=budget, **spec)
    assert job.state is JobState.over_budget
    [(name, limit)] = budget.items()
    # A single call may exceed the budget by at most its own size: a prompt of some thousand tokens, and 200.
    over = {"calls": 0, "tokens": 2200, "usd": 0.0024}[name]
    assert limit <= getattr(job.spent, name) <= limit + over
    assert job.ledger.pending + job.ledger.asked > 0
    assert job.reason is not None
    assert "higher budget" in job.reason
    before = len(endpoint.calls)
    assert before == job.spent.calls
    await resume(database, job.id, settings, BudgetSpec.model_validate({name: limit * 1000}))
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 60)
    assert job.changes
    assert "budget" in job.changes[0]
    assert job.spent.calls == len(endpoint.calls) == 4 + 2 * 60


async def test_other_models_and_prompts_are_recorded(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, subjects_per_discipline=1, add=20)
    endpoint.delay_s = 0.05
    async with working(database, settings_of(endpoint, concurrency=2)):
        while (await jobs.get(database, job.id)).ledger.accepted < 2:
            await asyncio.sleep(0.05)
        endpoint.delay_s = 0.5  # in all, longer than it takes until the pause is noticed
        await jobs.act(database, job.id, "pause")
        job = await ended(database, job.id)
    endpoint.delay_s = 0
    assert job.changes == []
    await jobs.act(database, job.id, "resume")
    other = type(settings)(base_url=endpoint.base_url, model="another-model")
    job = await run(database, other, job.id)
    assert job.ledger.accepted == 20
    assert "continued with questions: model test-model -> another-model" in job.changes
    assert job.resolved["steps"]["questions"]["model"] == "another-model"
    assert {one.models.question for one in await made(database, root)} == {"test-model", "another-model"}


@pytest.mark.parametrize(
    ("step", "unusable"),
    [
        ("subjects", '{"no": 0}'),
        ("syllabi", '{"no": 0}'),
        ("answers", "The rule holds for each of them here. " * 40),
        ("critiques", "not said"),
    ],
)
async def test_nothing_is_decided_by_a_second_try_that_the_endpoint_no_longer_answers(
    database: Database, endpoint: OpenAIServer, step: str, unusable: str
) -> None:
    root = await discipline(database)
    paid: list[str] = []

    def reply(call: Call) -> Answer:
        if call.step == step and "could not be used" in call.prompt:
            return Answer("maintenance", status=503)
        paid.append(call.step)
        return Answer(unusable) if call.step == step else default_reply(call)

    def as_usual(call: Call) -> Answer:
        paid.append(call.step)
        return Refined(likes_refined)(call)

    endpoint.reply = reply
    settings = settings_of(endpoint, timeouts=Timeouts(patience=1.0))
    checks = {"refine": {"answers": True}}
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=1, add=3, checks=checks)
    assert job.state is JobState.paused
    assert job.reason is not None
    assert "maintenance" in job.reason
    assert (job.ledger.failed, sum(count.failed for count in job.steps.values())) == (0, 0)
    assert step in paid
    assert job.spent.calls == len(paid)
    endpoint.reply = as_usual
    await jobs.act(database, job.id, "resume")
    job = await run(database, settings, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 3)
    assert all(one.rejected_answer for one in await made(database, root))
    assert job.spent.calls == sum(part.calls for part in job.spent_by_step.values()) == len(paid)


@asynccontextmanager
async def ended_by_an_administrator(database: Database, job_id: str, part: str) -> AsyncGenerator[None]:
    """Ends what the block begins: the transaction with this part of a statement, which has to wait for the
    job."""
    driver: Any = database._driver  # pyright: ignore[reportPrivateUsage]
    waiting = "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery AS query, status "
    wanted = "WHERE query CONTAINS $part AND status STARTS WITH 'Blocked' RETURN id"
    async with driver.session() as holding, await holding.begin_transaction() as tx:
        await (await tx.run("MATCH (j:Job {id: $id}) SET j.fence = j.fence + 0", id=job_id)).consume()
        yield
        ids: list[str] = []
        async with asyncio.timeout(30):
            while not ids:
                await asyncio.sleep(0.05)
                rows, _, _ = await driver.execute_query(waiting + wanted, part=part)
                ids = [row["id"] for row in rows]
        await driver.execute_query("TERMINATE TRANSACTIONS $ids", ids=ids)
        await tx.rollback()


async def test_a_job_is_paused_whose_heartbeat_was_ended(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.delay_s = 0.05
    settings = settings_of(endpoint, concurrency=1)
    job = await planned(database, settings, root, subjects_per_discipline=1, add=1000)
    async with working(database, settings, lease_s=30):
        while (await jobs.get(database, job.id)).ledger.accepted < 2:
            await asyncio.sleep(0.05)
        async with ended_by_an_administrator(database, job.id, "j.live = $live"):
            pass
        await jobs.act(database, job.id, "pause")
        assert (await ended(database, job.id)).state is JobState.paused


async def test_a_worker_outlives_an_error_of_the_database(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, subjects_per_discipline=1, add=3)
    async with AsyncExitStack() as stack:
        async with ended_by_an_administrator(database, job.id, "j.state = 'running'"):
            await stack.enter_async_context(working(database, settings))
        assert (await ended(database, job.id)).state is JobState.done
