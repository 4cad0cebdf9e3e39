"""Test sets: their questions go through all that questions of the data do, and training never gets them."""

import json
from typing import Any, LiteralString

import pytest
from examining import taught, varied
from growing import discipline, grow, made, run, settings_of
from openai_server import Answer, Call, OpenAIServer

from generators.models.settings import resolve
from generators.planning import test_sets as planned_sets
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict, NotFound
from graph.evaluation import test_sets
from graph.jobs import jobs
from graph.jobs.job import Job, JobState
from graph.quality import benchmarks
from graph.queries import Query


async def rows(database: Database, text: LiteralString, **params: Any) -> list[dict[str, Any]]:
    return await database.read(Query("test", text, "", "read", {}, {}), **params)


def wanted(root: str, name: str = "exam", per_discipline: int = 5, **more: Any) -> JobSpec:
    own = {key: more.pop(key) for key in ("hold", "answers") if key in more}
    held_out = {"name": name, "per_discipline": per_discipline, **own}
    return JobSpec.model_validate({"root_id": root, "held_out": held_out, **more})


@pytest.fixture
def endpoint(endpoint: OpenAIServer) -> OpenAIServer:
    endpoint.reply = varied
    return endpoint


async def begun(database: Database, endpoint: OpenAIServer, spec: JobSpec) -> Job:
    return await planned_sets.create(database, spec, resolve(spec, settings_of(endpoint)), "test")


async def examined(database: Database, endpoint: OpenAIServer, root: str, **more: Any) -> Job:
    """A test set, made to its end."""
    job = await begun(database, endpoint, wanted(root, **more))
    return await run(database, settings_of(endpoint), job.id)


async def combinations(database: Database, *, held: bool) -> set[str]:
    """The combinations of what is held, or of what training has asked for."""
    found = await rows(
        database,
        "MATCH (i:Instruction) WHERE (i.held_out IS NOT NULL) = $held RETURN i.combination AS key",
        held=held,
    )
    keys = [row["key"] for row in found]
    assert len({*keys}) == len(keys)
    return {*keys}


@pytest.mark.parametrize("hold", ["combinations", "sessions"])
async def test_a_test_set_is_outside_coverage_and_pulls_and_a_benchmark(
    database: Database, endpoint: OpenAIServer, hold: str
) -> None:
    root = await discipline(database)
    await taught(database, root)
    job = await examined(database, endpoint, root, hold=hold)
    assert job.state is JobState.done, job.reason
    assert (job.ledger.accepted, endpoint.steps["questions"], endpoint.steps["answers"]) == (5, 5, 0)
    found = await test_sets.require_complete(database, "exam")
    assert [(one.name, one.items) for one in found.disciplines] == [("Algebra", 5)]
    assert await made(database, root) == []
    assert (await coverage.of(database, root, [])).covered == 0
    loaded = await benchmarks.get(database, "exam")
    assert (loaded.items, loaded.splits) == (5, {"test": 5})
    grown = await grow(database, endpoint, root, add=12)
    assert grown.ledger.accepted == 12
    assert not await combinations(database, held=True) & await combinations(database, held=False)
    touched = await rows(
        database,
        "MATCH (:GlanTest)-[:HOLDS]->(s) "
        "RETURN count { (s)<-[:DRAWN_FROM]-(i WHERE i.held_out) } AS held, "
        "count { (s)<-[:DRAWN_FROM]-(i WHERE i.held_out IS NULL) } AS other",
    )
    assert all(row["other"] == 0 for row in touched)
    assert sum(row["held"] for row in touched) == (0 if hold == "combinations" else 5)
    [items] = [page async for page in test_sets.stream_items(database, "exam")]
    assert {(one["discipline"], one["field"], one["reference"]) for one in items} == {
        ("Algebra", "Science", None)
    }


async def test_reference_answers_are_bought_if_wanted(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await taught(database, root)
    job = await examined(database, endpoint, root, per_discipline=3, answers=True)
    assert (job.state, job.ledger.accepted, endpoint.steps["answers"]) == (JobState.done, 3, 3)
    assert all(one["reference"] for one in await test_sets.items(database, "exam", 10))
    assert await made(database, root) == []


async def test_near_copies_of_test_questions_are_rejected(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await taught(database, root)
    await examined(database, endpoint, root, per_discipline=4)
    held = [one["question"] for one in await test_sets.items(database, "exam", 10)]
    copies = [f"**Question:** {held[0]}", held[1].replace(" ", "\n", 3), held[2].upper(), held[3]]

    def copying(call: Call) -> Answer:
        if call.step == "questions" and copies and "could not be used" not in call.prompt:
            return Answer(json.dumps({"question": copies.pop()}))
        return varied(call)

    endpoint.reply = copying
    job = await grow(database, endpoint, root, add=8)
    assert not copies
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (8, 4, 4)
    assert {*job.reasons} <= {"contaminated", "duplicate"}


async def test_what_is_not_kept_is_drawn_anew_in_its_discipline(
    database: Database, endpoint: OpenAIServer
) -> None:
    roots = [await discipline(database, name) for name in ("Algebra", "Optics")]
    taxonomy = (await rows(database, "MATCH (t:Taxonomy) RETURN t.id AS id"))[0]["id"]
    for root in roots:
        await taught(database, root)
    refused = [0]

    def refusing(call: Call) -> Answer:
        if call.step == "questions" and refused[0] < 4:
            refused[0] += 1
            said = "Based on session 3, what did the lecturer say about the table above?"
            return Answer(json.dumps({"question": said}))
        return varied(call)

    endpoint.reply = refusing
    job = await examined(database, endpoint, taxonomy, per_discipline=4, checks={"again": 0})
    assert job.state is JobState.done
    assert (job.ledger.accepted, job.ledger.rejected) == (8, 4)
    found = await test_sets.get(database, "exam")
    assert [one.items for one in found.disciplines] == [4, 4]


async def test_too_few_combinations_are_refused_with_their_number(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await taught(database, root)
    with pytest.raises(Conflict, match=r"Algebra has [\d,]+; grow"):
        await begun(database, endpoint, wanted(root, per_discipline=100_000))
    with pytest.raises(NotFound):
        await test_sets.get(database, "exam")


async def test_sessions_with_instructions_are_not_held_out(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await taught(database, root, sessions=2)
    await grow(database, endpoint, root, add=20)
    with pytest.raises(Conflict, match="have instructions, or are about to get some; hold combinations"):
        await begun(database, endpoint, wanted(root, hold="sessions"))
    assert not await rows(database, "MATCH (t:GlanTest) RETURN t")


async def test_a_set_that_is_not_complete_can_be_removed_once_its_job_rests(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await taught(database, root)
    job = await begun(database, endpoint, wanted(root))
    with pytest.raises(Conflict, match="pause it or cancel it"):
        await test_sets.remove(database, "exam")
    await jobs.act(database, job.id, "pause")
    assert (await test_sets.remove(database, "exam")).state == "removed"
    await jobs.act(database, job.id, "resume")
    ended = await run(database, settings_of(endpoint), job.id)
    assert (ended.state, ended.reason, endpoint.calls) == (
        JobState.failed,
        "the test set exam was removed",
        [],
    )


async def test_a_name_is_taken_once(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    await taught(database, root)
    first = await begun(database, endpoint, wanted(root))
    assert (await begun(database, endpoint, wanted(root))).id == first.id
    with pytest.raises(Conflict, match="another name"):
        await begun(database, endpoint, wanted(root, per_discipline=6))
    with pytest.raises(Conflict, match="not complete"):
        await test_sets.require_complete(database, "exam")
