"""Estimates of whole jobs on the real Neo4j: their basis, their accuracy and their notes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import Plant, Syllabus, rows_of

from generators.estimates.estimate import Estimate, StepEstimate, estimate
from generators.models.prices import OwnPrice
from generators.models.settings import ModelSettings, resolve
from generators.planning import plan
from generators.spaces.strata import STRATA
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict, GraphError, NotFound
from graph.jobs.job import JobState
from graph.model import Kind, NodePatch, Status
from graph.taxonomy import nodes

MODEL = "test-model"
PRICES = {MODEL: OwnPrice(input=1, output=2)}
OPENAI = ModelSettings(api_key="none", model="gpt-4o-mini")


@pytest.fixture(name="plant")
def _plant(database: Database) -> Plant:
    return Plant(database)


async def discipline(plant: Plant, name: str = "Algebra") -> str:
    field = await plant.node(Kind.Field, "Science", await plant.node(Kind.Taxonomy, "GLAN"))
    return await plant.node(Kind.Discipline, name, field)


def spec_of(root: str, **more: Any) -> JobSpec:
    return JobSpec.model_validate({"root_id": root, **more})


async def of(plant: Plant, root: str, settings: ModelSettings = OPENAI, **more: Any) -> Estimate:
    return await estimate(plant.database, spec_of(root, **more), settings)


def by_step(found: Estimate) -> dict[str, StepEstimate]:
    return {step.step: step for step in found.steps}


async def test_a_judge_is_estimated_with_its_sentinels(plant: Plant):
    root = await discipline(plant)
    checks = {"judge": {"questions": True, "answers": True}}
    plain, found = await of(plant, root, add=1000), await of(plant, root, add=1000, checks=checks)
    steps = by_step(found)
    assert list(steps)[4:] == ["judge_questions", "judge_answers"]
    # Twenty before the first verdict, and one for 50.
    assert steps["judge_questions"].samples.expected == 1000 + 20 + 20
    assert steps["judge_answers"].calls.expected == 1040
    assert steps["judge_answers"].prompt_tokens.expected > steps["judge_questions"].prompt_tokens.expected
    assert found.total.calls.expected == plain.total.calls.expected + 2 * 1040
    assert found.total.usd
    assert plain.total.usd
    assert found.total.usd.expected > plain.total.usd.expected
    assert "judge_questions" not in by_step(await of(plant, root, add=9, checks={"judge": {"answers": True}}))


async def test_several_answers_and_refining_are_estimated(plant: Plant):
    root = await discipline(plant)
    plain = by_step(await of(plant, root, add=1000))
    several = by_step(await of(plant, root, add=1000, checks={"consensus": True}))
    assert (several["answers"].samples, plain["answers"].calls.expected) == (plain["answers"].samples, 1000)
    assert several["answers"].calls.model_dump() == {"low": 900, "expected": 2000, "high": 5000}
    assert (
        several["answers"].completion_tokens.expected == 2 * plain["answers"].completion_tokens.expected > 0
    )
    checks = {"refine": {"answers": True, "compare": 0.1}}
    refined = by_step(await of(plant, root, add=1000, checks=checks))
    assert list(refined)[4:] == ["critiques", "judge_pairs", "refinements"]
    assert refined["critiques"].samples.expected == 1000
    assert refined["refinements"].samples.expected == 600
    # The first twenty, and a tenth of the others, each in two orders.
    assert refined["judge_pairs"].samples.expected == 2 * (20 + 58)
    assert refined["refinements"].prompt_tokens.expected > 600 * 500


async def test_from_prompts_alone_ten_lists_of_two_turns_and_a_hundred_subjects_or_more(plant: Plant):
    found = await of(plant, await discipline(plant), add=1000)
    steps = by_step(found)
    assert list(steps) == ["subjects", "syllabi", "questions", "answers"]
    assert {step.basis for step in found.steps} == {"prompts"}
    assert steps["subjects"].samples.expected == 10
    assert steps["subjects"].calls.expected == 20
    syllabi = steps["syllabi"].samples
    # The paper: 10 queries per discipline give 100 to 200 subjects.
    assert (syllabi.low, syllabi.high) == (pytest.approx(100, abs=2), pytest.approx(200, abs=2))
    assert steps["syllabi"].calls.expected == 2 * syllabi.expected
    assert steps["questions"].samples.expected == steps["answers"].calls.expected == 1000
    assert any("1 discipline without subjects" in note for note in found.notes)
    assert found.seconds is None


async def test_every_range_is_ordered_and_totals_are_the_sums(plant: Plant):
    found = await of(plant, await discipline(plant), add=1000)
    for name in ("calls", "prompt_tokens", "completion_tokens", "usd"):
        spans = [getattr(step, name) for step in (*found.steps, found.total)]
        assert all(0 < span.low <= span.expected <= span.high for span in spans), name
        assert getattr(found.total, name).expected == pytest.approx(sum(s.expected for s in spans[:-1]))


async def test_cost_is_the_price_of_the_tokens(plant: Plant):
    settings = ModelSettings(base_url="http://127.0.0.1:9/v1", model=MODEL, prices=PRICES)
    found = await of(plant, await discipline(plant), settings, add=10)
    for step in found.steps:
        assert step.usd
        tokens = step.prompt_tokens.expected + 2 * step.completion_tokens.expected
        assert step.usd.expected == pytest.approx(tokens / 1e6, rel=0.01)


async def test_an_unknown_price_is_said_and_makes_the_total_unknown(plant: Plant):
    root = await discipline(plant)
    settings = ModelSettings(
        base_url="http://127.0.0.1:9/v1", model=MODEL, prices=PRICES, answer_model="nobody-knows"
    )
    found = await of(plant, root, settings, add=10)
    steps = by_step(found)
    assert steps["answers"].usd is None
    assert steps["questions"].usd
    assert found.total.usd is None
    assert any("no price is known for nobody-knows; set GLAN_PRICES" in note for note in found.notes)
    refused = await of(plant, root, settings, add=10, budget={"usd": 1})
    assert any("the job would be refused" in note for note in refused.notes)


async def test_a_model_on_this_machine_costs_nothing(plant: Plant):
    found = await of(plant, await discipline(plant), ModelSettings(), add=10)
    assert found.total.usd
    assert found.total.usd.high == 0
    assert not any("price" in note for note in found.notes)


async def test_a_cap_ends_the_lists_and_says_how_many_subjects(plant: Plant):
    root = await discipline(plant)
    await plant.node(Kind.Subject, "Groups", root)
    steps = by_step(await of(plant, root, subjects_per_discipline=3, add=10))
    lists = steps["subjects"].samples
    assert (lists.low, lists.expected, lists.high) == (1, 1, 10)
    # Two more subjects, and the existing one, which has no syllabus.
    assert steps["syllabi"].samples.expected == 3


async def test_only_what_is_missing_counts(plant: Plant):
    root = await discipline(plant)
    groups = await plant.syllabus(root, "Groups", {"A": ["a", "b"], "B": ["c"]})
    await plant.node(Kind.Subject, "Rings", root)
    assert list(by_step(await of(plant, root))) == ["syllabi"]
    assert list(by_step(await of(plant, root, steps=["subjects"]))) == []
    assert list(by_step(await of(plant, groups.subject, add=3))) == ["questions", "answers"]
    await plant.instruct("i1", groups, "A", "a")
    until = by_step(await of(plant, groups.subject, until={"total": 3}))
    assert until["questions"].samples.expected == 2
    concepts = by_step(await of(plant, groups.subject, until={"instructions_per_concept": 2}))
    assert concepts["questions"].samples.expected == 2 * 3 - 1
    assert (await of(plant, groups.subject, until={"total": 1})).steps == []


async def test_disciplines_without_a_share_cost_nothing(plant: Plant):
    for name in ("Algebra", "Optics", "Botany"):
        root = await discipline(plant, name)
    taxonomy = await plant.node(Kind.Taxonomy, "GLAN")
    assert root
    steps = by_step(await of(plant, taxonomy, add=2))
    assert steps["subjects"].samples.expected == 20
    assert by_step(await of(plant, taxonomy, add=100))["subjects"].samples.expected == 30


async def test_reach_is_that_of_the_wanted_strata_and_exhaustion_is_foretold(plant: Plant):
    root = await discipline(plant)
    groups = await plant.syllabus(root, "Groups", {"A": ["a", "b"], "B": ["c"]})
    unknown = await of(plant, groups.id, add=10)
    assert any("1 syllabus not drawn from" in note for note in unknown.notes)
    await rows_of(
        plant.database,
        "MATCH (y:Syllabus {id: $id})"
        " SET y.capacity = [3, 1, 0, 0, 0, 2, 1, 0, 0], y.drawn = [1, 0, 0, 0, 0, 0, 0, 0, 0]",
        id=groups.id,
    )
    found = await of(plant, groups.id, add=10)
    reach = found.combinations
    assert (reach.capacity, reach.drawn, reach.wanted) == (7, 1, 6)
    assert any("only 6 combinations are left" in note for note in found.notes)
    assert by_step(found)["questions"].samples.high == 6
    singles = await of(plant, groups.id, add=3, strategies={"single": 1})
    assert (singles.combinations.capacity, singles.combinations.wanted) == (4, 3)
    assert not any("combinations are left" in note for note in singles.notes)


COUNTED = "MATCH (y:Syllabus {id: $id}) SET y.capacity = $all, y.drawn = $all"
Edit = Callable[[Plant, Syllabus, Syllabus], Awaitable[Any]]
"""Edits something of a syllabus, or of another one."""

EDITS: dict[str, Edit] = {
    "insert": lambda plant, y, _: plant.concepts(y.sessions["A"], "new"),
    "insert session": lambda plant, y, _: plant.node(Kind.ClassSession, "C", y.id),
    "link": lambda plant, y, other: nodes.link(plant.database, y.sessions["A"], other.concepts["r"]),
    "unlink": lambda plant, y, _: nodes.unlink(plant.database, y.sessions["A"], y.concepts["a"]),
    "move": lambda plant, y, _: nodes.move(plant.database, y.concepts["a"], y.sessions["A"], y.sessions["B"]),
    "merge": lambda plant, y, _: nodes.merge(plant.database, y.concepts["a"], y.concepts["c"]),
    "merge syllabi": lambda plant, y, other: nodes.merge(plant.database, other.id, y.id),
    "retire": lambda plant, y, _: nodes.retire(plant.database, y.sessions["B"]),
    "reject": lambda plant, y, _: nodes.patch(
        plant.database, y.concepts["c"], NodePatch(status=Status.rejected), None
    ),
    "purge": lambda plant, y, _: nodes.purge(plant.database, y.concepts["c"]),
}
HARMLESS: dict[str, Edit] = {
    "rename": lambda plant, y, _: nodes.patch(plant.database, y.concepts["c"], NodePatch(name="d"), None),
    "weigh": lambda plant, y, _: nodes.patch(plant.database, y.id, NodePatch(weight=2.0), None),
    "edit another": lambda plant, _, other: plant.concepts(other.sessions["R"], "new", "b"),
}


@pytest.mark.parametrize("edit", EDITS | HARMLESS)
async def test_combinations_count_until_the_syllabus_changes(plant: Plant, edit: str):
    root, database, harmless = await discipline(plant), plant.database, edit in HARMLESS
    groups = await plant.syllabus(root, "Groups", {"A": ["a", "b"], "B": ["c"]})
    other = await plant.syllabus(root, "Rings", {"R": ["r", "a"]})
    await rows_of(database, COUNTED, id=groups.id, all=[3, 1, 0, 0, 0, 2, 1, 0, 0])
    before = await of(plant, groups.id, add=5)
    assert (before.combinations.capacity, before.combinations.wanted) == (7, 0)
    await (EDITS | HARMLESS)[edit](plant, groups, other)
    after = await of(plant, groups.id, add=5)
    assert (after.combinations.capacity, after.combinations.wanted) == ((7, 0) if harmless else (None, 5))
    assert any("not drawn from" in note for note in after.notes) != harmless
    found = await coverage.of(database, groups.id, [str(stratum) for stratum in STRATA])
    assert coverage.exhausted(found) == list(found.capacity)
    assert bool(found.capacity) == harmless


async def test_beyond_the_budget_is_said(plant: Plant):
    root = await discipline(plant)
    found = await of(plant, root, add=1000, budget={"usd": 0.01, "calls": 5, "tokens": 10})
    assert sum("the job will stop at it" in note for note in found.notes) == 3
    enough = await of(plant, root, add=1, budget={"usd": 1e6, "calls": 10**9})
    assert not any("the job will stop" in note for note in enough.notes)


async def test_errors_are_those_of_planning(plant: Plant):
    root = await discipline(plant)
    syllabus = await plant.syllabus(root, "Groups", {"A": ["a"]})
    empty = await plant.node(Kind.Field, "Empty", await plant.node(Kind.Taxonomy, "GLAN"))
    gone = await discipline(plant, "Gone")
    await nodes.retire(plant.database, gone)
    wrong: list[tuple[str, type[GraphError]]] = [
        ("nowhere", NotFound), (syllabus.sessions["A"], Conflict), (empty, Conflict), (gone, Conflict)
    ]  # fmt: skip
    for id_, kind in wrong:
        spec = spec_of(id_, add=1)
        with pytest.raises(kind) as planned:
            await plan.create(plant.database, spec, resolve(spec, OPENAI))
        with pytest.raises(kind) as estimated:
            await estimate(plant.database, spec, OPENAI)
        assert str(planned.value) == str(estimated.value)


# Estimates based on the usage of similar calls


async def run(plant: Plant, endpoint: OpenAIServer, root: str, **spec: Any) -> ModelSettings:
    """Runs a job to its end; returns the settings that it ran with."""
    import asyncio

    from generators.running.engines.local import LocalWorker
    from graph.jobs import jobs

    settings = ModelSettings(base_url=endpoint.base_url, model=MODEL, prices=PRICES)
    wanted = spec_of(root, queries_per_discipline=1, **spec)
    job = await plan.create(plant.database, wanted, resolve(wanted, settings))
    worker = LocalWorker(plant.database, settings, lease_s=3)
    task = asyncio.create_task(worker.work())
    try:
        for _ in range(600):
            found = await jobs.get(plant.database, job.id)
            if found.state.ended:
                assert found.state is JobState.done, found.reason
                return settings
            await asyncio.sleep(0.1)
    finally:
        worker.stop()
        await task
    raise AssertionError("the job does not end")


async def test_what_similar_calls_used_comes_near_what_the_next_job_uses(
    plant: Plant, endpoint: OpenAIServer
):
    first, second = await discipline(plant), await discipline(plant, "Botany")
    spec: dict[str, Any] = {"subjects_per_discipline": 3, "add": 30}
    settings = await run(plant, endpoint, first, **spec)
    found = await of(plant, second, settings, queries_per_discipline=1, **spec)
    steps = by_step(found)
    assert {name: step.basis for name, step in steps.items()} == {
        "subjects": "prompts",  # one list is not enough to base an estimate on
        "syllabi": "graph",
        "questions": "graph",
        "answers": "graph",
    }
    assert {name: step.similar for name, step in steps.items()} == {
        "subjects": 0, "syllabi": 3, "questions": 30, "answers": 30
    }  # fmt: skip
    before = len(endpoint.calls)
    await run(plant, endpoint, second, **spec)
    calls = endpoint.calls[before:]
    for name in ("questions", "answers"):
        assert steps[name].calls.expected == sum(call.step == name for call in calls) == 30
        really = sum(len(m["content"].split()) for c in calls if c.step == name for m in c.messages)
        span = steps[name].prompt_tokens
        assert span.low <= really <= span.high, name
        assert steps[name].usd


async def test_calls_of_another_model_size_language_or_limit_are_not_similar(
    plant: Plant, endpoint: OpenAIServer
):
    root = await discipline(plant)
    settings = await run(plant, endpoint, root, subjects_per_discipline=3, sessions_per_syllabus=3, add=10)
    other = await discipline(plant, "Botany")

    async def bases(**more: Any) -> set[str]:
        spec: dict[str, Any] = {"subjects_per_discipline": 3, "sessions_per_syllabus": 3, "add": 10} | more
        found = by_step(await of(plant, other, settings, **spec))
        return {name for name, step in found.items() if step.basis == "graph"}

    assert await bases() == {"syllabi", "questions", "answers"}
    assert await bases(sessions_per_syllabus=20) == {"answers"}
    assert await bases(language="German") == set()
    assert await bases(models={"answers": "another"}) == {"syllabi", "questions"}
    assert await bases(sampling={"answers": {"max_tokens": 50}}) == {"syllabi", "questions"}
    # Questions are about the same syllabi, whatever the size of new ones.
    same = by_step(await of(plant, root, settings, sessions_per_syllabus=20, add=10))
    assert same["questions"].basis == "graph"


async def test_questions_that_were_asked_for_again_count_their_calls(plant: Plant, endpoint: OpenAIServer):
    broken: set[str] = set()

    def reply(call: Call) -> Answer:
        asked = json.dumps(call.messages[0])
        if call.step == "questions" and asked not in broken:
            broken.add(asked)
            return Answer("no question at all")
        return default_reply(call)

    endpoint.reply = reply
    root = await discipline(plant)
    settings = await run(plant, endpoint, root, subjects_per_discipline=1, add=8)
    asked = sum(call.step == "questions" for call in endpoint.calls)
    found = by_step(await of(plant, root, settings, add=8))
    assert found["questions"].calls.expected == asked == 16
    assert found["answers"].calls.expected == 8
