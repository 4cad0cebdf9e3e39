"""Whole jobs on the real Neo4j against the deterministic endpoint: plan, run, ledger, faults, resume."""

import asyncio
import json
from typing import Any

import pytest
from growing import discipline, ended, grow, made, planned, run, settings_of, working
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import rows_of

from generators.models.settings import resolve
from generators.planning import plan
from generators.spaces.strata import STRATA
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict
from graph.instructions import instructions
from graph.instructions.instructions import Filter, InstructionStatus
from graph.jobs import jobs, leases
from graph.jobs.job import JobState
from graph.model import Kind, NewNode, NodePatch
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.walking import traversal


async def test_the_whole_chain(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=2, add=40)
    assert job.state is JobState.done
    assert job.ledger.accepted == 40
    found = await made(database, root)
    assert len({i.id for i in found}) == 40
    assert endpoint.steps == {"draft": 3, "subjects": 1, "syllabi": 2, "questions": 40, "answers": 40}
    assert job.spent.calls == len(endpoint.calls)
    by_strategy = [i.strategy for i in found]
    assert by_strategy.count("single") == by_strategy.count("pair") == 20
    one = await instructions.get(database, found[0].id)
    assert one.question
    assert one.question.startswith(f"How do {', '.join(n.name for n in _as_drawn(one))} fit together")
    assert [step.name for step in one.paths[0]][:3] == ["GLAN", "Science", "Algebra"]
    assert one.models.question == one.models.answer == "test-model"
    assert all(one.prompts.values())
    assert one.usage.question.prompt_tokens > 0
    assert (await coverage.instructions_below(database, root)) == 40


def _as_drawn(one: instructions.Lineage) -> list[instructions.Named]:
    names = {concept.id: concept for concept in one.concept_names}
    return [names[id_] for id_ in one.concepts]


async def test_what_is_asked_holds_the_drawn_sessions_concepts_and_the_whole_syllabus(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=12)
    questions = [call.prompt for call in endpoint.calls if call.step == "questions"]
    assert len(questions) == 12
    for prompt in questions:
        for n in range(1, 4):
            assert f"\nSession {n} of Algebra 1. Part {n}\n" in prompt
        assert "Concept 10 of Algebra 1" in prompt
        assert "The student has learned everything up to" in prompt
    answers = [call for call in endpoint.calls if call.step == "answers"]
    assert all(len(call.messages) == 1 and "Session" not in call.prompt for call in answers)
    assert {call.body["temperature"] for call in answers} == {0.7}


async def test_no_combination_twice_until_exhausted_and_exhaustion_is_said(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    spec: dict[str, Any] = {"subjects_per_discipline": 1, "concepts": {"1": 1, "2": 1}}
    job = await grow(database, endpoint, root, add=1000, **spec)
    [syllabus_id] = await syllabi.below(database, root)
    space = SyllabusSpace(syllabus_id, await syllabi.sessions(database, syllabus_id))
    capacity = sum(n for stratum, n in zip(STRATA, space.capacity, strict=True) if stratum.size <= 2)
    assert job.state is JobState.exhausted
    assert job.ledger.accepted == capacity
    assert job.ledger.pending == 1000 - capacity
    assert job.reason is not None
    assert f"{capacity} of 1000" in job.reason
    found = await made(database, root)
    assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found}) == capacity
    again = await grow(database, endpoint, root, add=1, **spec)
    assert (again.state, again.ledger.accepted) == (JobState.exhausted, 0)
    larger = await grow(database, endpoint, root, add=5)
    assert (larger.state, larger.ledger.accepted) == (JobState.done, 5)


async def test_what_one_discipline_lacks_is_drawn_in_another(
    database: Database, endpoint: OpenAIServer
) -> None:
    small = await discipline(database, "Small")
    await discipline(database, "Large")
    taxonomy = (await traversal.paths(database, small))[0][0]["id"]

    def reply(call: Call) -> Answer:
        if call.step == "draft" and 'subject "Small' in call.messages[0]["content"]:
            return Answer("Only: One and Two")
        if call.step == "syllabi" and "Small" in call.messages[0]["content"]:
            sessions = [{"title": "Only", "description": "", "key_concepts": ["One", "Two"]}]
            return Answer(
                json.dumps({"introduction": "", "objectives": [], "outcomes": [], "sessions": sessions})
            )
        return default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, taxonomy, subjects_per_discipline=1, add=40)
    assert (job.state, job.ledger.accepted) == (JobState.done, 40)
    assert len(await made(database, small)) == 3


async def test_until_counts_what_is_there(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    first = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 8})
    again = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 8})
    more = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 11})
    assert [j.ledger.requested for j in (first, again, more)] == [8, 0, 3]
    assert all(j.state is JobState.done for j in (first, again, more))
    per = await grow(database, endpoint, root, until={"instructions_per_concept": 2})
    assert per.ledger.requested == 20 - 11
    assert len(await made(database, root)) == 20


async def test_a_reply_that_does_not_parse_is_asked_for_once_more_with_its_error(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    broken: set[str] = set()

    def reply(call: Call) -> Answer:
        first = call.messages[0]["content"]
        if call.step == "questions" and first not in broken:
            broken.add(first)
            return Answer('{"questoin": "?"}')
        return default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=6)
    assert (job.state, job.ledger.accepted) == (JobState.done, 6)
    repairs = [c for c in endpoint.calls if c.step == "questions" and len(c.messages) == 3]
    assert len(repairs) == 6
    assert "question: Field required" in repairs[0].prompt
    assert job.spent.calls == len(endpoint.calls)


async def test_what_cannot_be_used_is_kept_with_its_text_and_reason(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)

    def reply(call: Call) -> Answer:
        if (
            call.step == "questions"
            and "Session 2" in call.messages[0]["content"].split("Write one homework")[1]
        ):
            return Answer("I would rather not use JSON")
        if call.step == "answers":
            return Answer("half an ans", finish_reason="length")
        return default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=10)
    assert job.state is JobState.done
    assert job.ledger.accepted == 0
    assert job.ledger.failed == 10
    assert job.reasons.keys() == {"malformed", "truncated"}
    assert sum(reason.count for reason in job.reasons.values()) == 10
    for one in await made(database, root):
        full = await instructions.get(database, one.id)
        assert (
            full.raw
            == {"malformed": "I would rather not use JSON", "truncated": "half an ans"}[one.reason or ""]
        )
        assert full.usage.calls == 2
    assert (await coverage.of(database, root, [])).covered == 0
    assert job.spent.calls == len(endpoint.calls)


async def test_failed_syllabi_are_units_with_their_text_and_the_job_says_so(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = lambda call: Answer("nonsense") if call.step == "syllabi" else default_reply(call)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=4)
    assert job.state is JobState.failed
    assert job.reason is not None
    assert "malformed" in job.reason
    assert job.steps["syllabi"].failed == 1
    assert job.ledger.pending == 4
    assert job.spent.calls == len(endpoint.calls)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer("bad key", status=401), "401"),
        (Answer("no such model", status=404), "404"),
        (Answer("pay first", status=429, code="insufficient_quota"), "quota"),
    ],
)
async def test_an_endpoint_that_refuses_us_pauses_the_job_at_once(
    database: Database, endpoint: OpenAIServer, answer: Answer, says: str
) -> None:
    root = await discipline(database)
    endpoint.reply = lambda call: answer if call.step == "answers" else default_reply(call)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=30)
    assert job.state is JobState.paused
    assert job.reason is not None
    assert says in job.reason
    assert job.ledger.failed == 0
    assert endpoint.steps["answers"] <= 32  # the calls in flight
    endpoint.reply = default_reply
    before = endpoint.steps["questions"]
    await jobs.act(database, job.id, "resume")
    async with working(database, settings_of(endpoint)):
        job = await ended(database, job.id)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    assert endpoint.steps["questions"] == 30 >= before


async def test_429_and_5xx_use_up_no_sample(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    seen: dict[str, int] = {}

    def reply(call: Call) -> Answer:
        key = json.dumps(call.messages)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == 1:
            return Answer(status=429, headers={"Retry-After": "0"})
        return Answer(status=503, headers={"Retry-After": "0"}) if seen[key] == 2 else default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=5)
    assert (job.state, job.ledger.accepted, job.ledger.failed) == (JobState.done, 5, 0)


async def test_concurrency_is_bounded(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.delay_s = 0.05
    settings = settings_of(endpoint, concurrency=3)
    spec = JobSpec.model_validate(
        {"root_id": root, "queries_per_discipline": 1, "subjects_per_discipline": 2, "add": 20}
    )
    job = await plan.create(database, spec, {})
    async with working(database, settings):
        assert (await ended(database, job.id)).state is JobState.done
    assert endpoint.most_in_flight == 3


async def test_a_changed_syllabus_repeats_no_combination(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=40)
    session = (await traversal.descendants(database, root, kind=Kind.ClassSession)).items[0]
    await nodes.insert(database, NewNode(kind=Kind.KeyConcept, name="Fresh", parent_id=session.id))
    job = await grow(database, endpoint, root, add=60)
    assert (job.state, job.ledger.accepted) == (JobState.done, 60)
    found = await made(database, root)
    assert len(found) == 100
    assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found}) == 100


async def test_a_syllabus_changed_and_back_again_repeats_none_either(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=30)
    sessions = (await traversal.descendants(database, root, kind=Kind.ClassSession)).items
    # A concept of the first session is linked into the last one, and unlinked again.
    [concept, *_] = (await traversal.children(database, sessions[0].id)).items
    last = next(s for s in sessions if s.id not in concept.parents)
    await nodes.link(database, last.id, concept.id)
    await grow(database, endpoint, root, add=1)
    await nodes.unlink(database, last.id, concept.id)
    before = await made(database, root)
    job = await grow(database, endpoint, root, add=20)
    assert (job.state, job.ledger.accepted) == (JobState.done, 20)
    found = await made(database, root)
    assert {i.id for i in before} < {i.id for i in found}
    assert len(found) == 51
    assert endpoint.steps["questions"] == 51


async def test_a_syllabus_changed_while_its_units_wait_is_drawn_anew(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.delay_s = 0.1
    settings = settings_of(endpoint, concurrency=1)
    spec = JobSpec.model_validate(
        {"root_id": root, "queries_per_discipline": 1, "subjects_per_discipline": 1, "add": 20}
    )
    job = await plan.create(database, spec, {})
    async with working(database, settings):
        while (await jobs.get(database, job.id)).ledger.accepted < 3:
            await asyncio.sleep(0.05)
        # The pause is noticed while a question is in flight, so that its answer is not asked for.
        endpoint.delay_s = 4
        asked = endpoint.steps["questions"]
        while endpoint.steps["questions"] == asked:
            await asyncio.sleep(0.02)
        await jobs.act(database, job.id, "pause")
        while (await jobs.get(database, job.id)).state is not JobState.paused:
            await asyncio.sleep(0.05)
        assert (await jobs.get(database, job.id)).ledger.asked >= 1
        session = (await traversal.descendants(database, root, kind=Kind.ClassSession)).items[0]
        await nodes.insert(database, NewNode(kind=Kind.KeyConcept, name="Fresh", parent_id=session.id))
        endpoint.delay_s = 0
        await jobs.act(database, job.id, "resume")
        done = await ended(database, job.id)
    assert (done.state, done.ledger.accepted, done.ledger.requested) == (JobState.done, 20, 20)
    found = await made(database, root)
    assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found}) == 20
    # What was given back has its counts, as every unit that has ended.
    uncounted = "MATCH (u:WorkUnit {step: 'instructions', state: 'done'}) WHERE u.counts IS NULL RETURN u.id"
    assert await rows_of(database, uncounted) == []


async def test_two_jobs_at_once_never_draw_the_same(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=1)
    specs = [JobSpec.model_validate({"root_id": root, "add": 30, "seed": n}) for n in range(3)]
    planned = [await plan.create(database, spec, {}) for spec in specs]
    settings = settings_of(endpoint)
    async with working(database, settings), working(database, settings), working(database, settings):
        finished = await asyncio.gather(*(ended(database, job.id) for job in planned))
    assert [job.ledger.accepted for job in finished] == [30, 30, 30]
    found = await made(database, root)
    assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found}) == len(found) == 91


async def test_a_new_discipline_grows_what_alone_is_missing(
    database: Database, endpoint: OpenAIServer
) -> None:
    first = await discipline(database, "Algebra")
    taxonomy = (await traversal.paths(database, first))[0][0]["id"]
    await grow(database, endpoint, taxonomy, subjects_per_discipline=1)
    before = endpoint.steps["syllabi"]
    await discipline(database, "Chess")
    job = await grow(database, endpoint, taxonomy, subjects_per_discipline=1)
    assert job.state is JobState.done
    assert endpoint.steps["syllabi"] == before + 1 == 2


async def test_the_answers_can_come_from_another_endpoint_and_model(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    with OpenAIServer() as other:
        settings = settings_of(endpoint, answer_base_url=other.base_url, answer_model="cheap")
        spec = JobSpec.model_validate(
            {"root_id": root, "queries_per_discipline": 1, "subjects_per_discipline": 1, "add": 3}
        )
        job = await plan.create(database, spec, resolve(spec, settings))
        async with working(database, settings):
            assert (await ended(database, job.id)).state is JobState.done
        assert other.steps == {"answers": 3}
        assert endpoint.steps["answers"] == 0
    assert {i.models.answer for i in await made(database, root)} == {"cheap"}
    assert job.resolved["steps"]["answers"]["model"] == "cheap"


async def test_cancel_ends_and_keeps_what_was_made(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.delay_s = 0.1
    spec = JobSpec.model_validate(
        {"root_id": root, "queries_per_discipline": 1, "subjects_per_discipline": 1, "add": 100}
    )
    job = await plan.create(database, spec, {})
    async with working(database, settings_of(endpoint, concurrency=2)):
        while (await jobs.get(database, job.id)).ledger.accepted < 2:
            await asyncio.sleep(0.05)
        await jobs.act(database, job.id, "cancel")
        done = await ended(database, job.id)
    assert done.state is JobState.cancelled
    assert done.ledger.accepted == len(await made(database, root, Filter())) >= 2
    with pytest.raises(Conflict):
        await jobs.act(database, job.id, "pause")


async def test_a_worker_that_lost_its_lease_writes_nothing_more(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.delay_s = 0.2
    spec = JobSpec.model_validate(
        {"root_id": root, "queries_per_discipline": 1, "subjects_per_discipline": 1, "add": 6}
    )
    job = await plan.create(database, spec, {})
    async with working(database, settings_of(endpoint, concurrency=1)):
        while (await jobs.get(database, job.id)).ledger.accepted < 1:
            await asyncio.sleep(0.05)
        # Another worker takes the job over, as if this one had been suspended past its lease.
        await database._driver.execute_query(  # pyright: ignore[reportPrivateUsage]
            "MATCH (j:Job {id: $id}) SET j.fence = j.fence + 1, j.worker = 'other',"
            " j.lease_until = datetime() + duration('PT8S')",
            id=job.id,
        )
        await asyncio.sleep(0.1)
        stored = len(await made(database, root))
        await asyncio.sleep(1.5)
        assert len(await made(database, root)) == stored
        done = await ended(database, job.id)  # resumed here once the other worker's lease has expired
    assert (done.state, done.ledger.accepted) == (JobState.done, 6)


async def test_renaming_a_concept_makes_until_draw_anew(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 10})
    concept = (await coverage.gaps(database, root, limit=1000)).items[-1]
    node = await nodes.get(database, concept.id)
    await nodes.patch(database, node.id, NodePatch(name="New name"), node.version)
    stale = len(await made(database, root, Filter((InstructionStatus.stale,))))
    assert stale == concept.instructions > 0
    job = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 10})
    assert job.ledger.requested == job.ledger.accepted == stale


@pytest.mark.parametrize("edit", ["merge concepts", "merge sessions", "move a concept", "retire a session"])
async def test_edits_make_until_draw_anew_and_nothing_twice(
    database: Database, endpoint: OpenAIServer, edit: str
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 12})
    [syllabus_id] = await syllabi.below(database, root)
    # A session and a concept that some instruction was made from.
    one = (await made(database, root))[0]
    sessions = await syllabi.sessions(database, syllabus_id)
    first, second, *_ = sorted(sessions, key=lambda session: session.id != one.sessions[0])
    concept, other, *_ = sorted((c.id for c in first.concepts), key=lambda id_: id_ not in one.concepts)
    match edit:
        case "merge concepts":
            await nodes.merge(database, concept, other)
        case "merge sessions":
            await nodes.merge(database, first.id, second.id)
        case "move a concept":
            await nodes.move(database, concept, first.id, second.id)
        case _:
            await nodes.retire(database, first.id)
    stale = len(await made(database, root, Filter((InstructionStatus.stale,))))
    assert await coverage.instructions_below(database, root) == 12 - stale
    job = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 12})
    assert stale > 0
    assert job.ledger.requested == job.ledger.accepted == stale
    found = await made(database, root, Filter((InstructionStatus.accepted,)))
    combinations = {(tuple(sorted(i.sessions)), tuple(sorted(i.concepts))) for i in found}
    assert len(found) == len(combinations) == 12


async def test_a_unit_whose_subject_is_purged_or_retired_is_done(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    subjects = [
        (await nodes.insert(database, NewNode(kind=Kind.Subject, name=name, parent_id=root)))[0].id
        for name in ("stays", "purged", "retired")
    ]
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, steps=["syllabi"])
    await plan.plan_syllabi(database, leases.Lease(job.id, 0), root)
    await nodes.purge(database, subjects[1])
    await nodes.retire(database, subjects[2])
    done = await run(database, settings, job.id)
    assert done.state is JobState.done
    assert [node.id for node in (await traversal.children(database, root)).items] == [subjects[0]]
    assert len(await syllabi.below(database, root)) == 1
