"""The usage of calls, read from the graph: bounded, averaged, and the sums that users see add up."""

from typing import Any

import pytest
import pytest_asyncio
from planting import Plant, Syllabus, rows_of

from graph import coverage
from graph.database import Database, Row
from graph.instructions import instructions
from graph.jobs import jobs, past
from graph.model import Kind
from graph.read_door import tables
from graph.taxonomy import nodes

PART = ("prompt_tokens", "completion_tokens", "cost_usd")
Part = tuple[int, int, float | None]


def priced(question: Part, answer: Part | None) -> Row:
    """The usage of an instruction as a worker stores it; over 1,000 prompt tokens stand for two calls."""
    parts = {"question": question} | ({"answer": answer} if answer else {})
    asked = 2 if question[0] > 1000 else 1
    row: Row = {"calls": asked + len(parts) - 1, "question_calls": asked}
    for part, usage in parts.items():
        row |= {f"{part}_{name}": value for name, value in zip(PART, usage, strict=True)}
        row[f"{part}_model"] = "asker" if part == "question" else "answerer"
    row |= {name: sum(part[n] or 0 for part in parts.values()) for n, name in enumerate(PART[:2])}
    usd = [part[2] for part in parts.values()]
    return row | {"cost_usd": None if None in usd else sum(cost or 0 for cost in usd)}


async def unit(plant: Plant, id_: str, branch: str, step: str, node: str, usd: float | None = None) -> None:
    """Stores a unit that is done; a unit of subjects or syllabi took two calls."""
    job_id = plant.jobs[-1]
    row: Row = {
        "id": id_,
        "job_id": job_id,
        "branch_id": branch,
        "step": step,
        "node_id": node,
        "state": "done",
    }
    if step in ("subjects", "syllabi"):
        row |= {"model": "asker", "calls": 2, "prompt_tokens": 100, "completion_tokens": 900}
        row |= {"cost_usd": usd or 0.0, "unpriced": 2 if usd is None else 0}
        row |= {"spent": [2.0, 1000.0, usd or 0.0, 2.0 if usd is None else 0.0]}
    await rows_of(
        plant.database,
        "MATCH (j:Job {id: $job_id}) CREATE (j)-[:HAS_UNIT]->(u:WorkUnit) SET u = $row",
        job_id=job_id,
        row=row,
    )


@pytest_asyncio.fixture
async def science(plant: Plant) -> dict[str, Any]:
    """Two disciplines under a field, each with a syllabus, and a job that paid for all of them."""
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    field = await plant.node(Kind.Field, "Science", taxonomy)
    algebra = await plant.node(Kind.Discipline, "Algebra", field)
    optics = await plant.node(Kind.Discipline, "Optics", field)
    groups = await plant.syllabus(algebra, "Groups", {"A": ["a", "b"], "B": ["c"]})
    lenses = await plant.syllabus(optics, "Lenses", {"C": ["x", "y"]})
    rings = await plant.node(Kind.Subject, "Rings", algebra)
    await plant.job(field, id_="j1")
    await unit(plant, "s1", algebra, "subjects", algebra, 0.5)
    await unit(plant, "s2", optics, "subjects", optics, 0.5)
    await unit(plant, "y1", algebra, "syllabi", groups.subject, 1.0)
    await unit(plant, "y2", optics, "syllabi", lenses.subject, None)
    await unit(plant, "d1", algebra, "draw", algebra)
    await unit(plant, "i1", algebra, "instructions", groups.id)
    await unit(plant, "i2", optics, "instructions", lenses.id)
    pair = priced((1500, 40, 0.02), (50, 300, 0.03))
    await plant.instruct("pair", groups, "A B", "a c", unit_id="i1", **pair)
    await plant.instruct("one", groups, "A", "b", unit_id="i1", **priced((500, 20, 0.01), (30, 100, 0.02)))
    failed = priced((700, 30, 0.01), None)
    await plant.instruct("failed", lenses, "C", unit_id="i2", status="failed", **failed)
    unknown = priced((700, 30, 0.01), (40, 200, None))
    await plant.instruct("unknown", lenses, "C", "x", unit_id="i2", **unknown)
    return {
        "taxonomy": taxonomy,
        "field": field,
        "algebra": algebra,
        "optics": optics,
        "groups": groups,
        "lenses": lenses,
        "rings": rings,
    }


TOTAL = {"calls": 8 + 3 + 2 + 1 + 2, "prompt_tokens": 400 + 1550 + 530 + 700 + 740}


async def shown(database: Database, query: str, **params: Any) -> list[Row]:
    return (await tables.run_named(database, f"explore.{query}", params)).rows


def summed(found: list[Row], column: str) -> float:
    return sum(row[column] or 0 for row in found)


async def test_models_subtree_and_disciplines_add_up_to_the_job(plant: Plant, science: dict[str, Any]):
    database = plant.database
    by_model = await shown(database, "cost_by_model", job_id="j1")
    by_step = await shown(database, "cost_by_step", id=science["field"])
    by_discipline = await shown(database, "cost_by_discipline", job_id="j1")
    job = await jobs.get(database, "j1")
    assert job.spent.calls == TOTAL["calls"]
    for found in (by_model, by_step, by_discipline):
        assert {name: summed(found, name) for name in TOTAL} == TOTAL
        assert summed(found, "prompt_tokens") + summed(found, "completion_tokens") == job.spent.tokens
        # One syllabus and one answer have no known price, and are reported as such.
        assert summed(found, "without_price") == 2
        assert summed(found, "usd") == pytest.approx(0.5 + 0.5 + 1.0 + 0.05 + 0.03 + 0.01 + 0.01)
    assert {(row["model"], row["step"]): row["samples"] for row in by_model} == {
        ("asker", "subjects"): 2,
        ("asker", "syllabi"): 2,
        ("asker", "questions"): 4,
        ("answerer", "answers"): 3,
    }
    assert [row["discipline"] for row in by_discipline] == ["Algebra", "Optics"]


async def by_step(database: Database, node_id: str) -> dict[str, tuple[int, float | None]]:
    found = await shown(database, "cost_by_step", id=node_id)
    return {row["step"]: (row["samples"], row["usd"] and round(row["usd"], 6)) for row in found}


async def test_a_subtree_costs_what_is_in_it(plant: Plant, science: dict[str, Any]):
    database, groups = plant.database, science["groups"]
    drawn = {"questions": (2, 0.03), "answers": (2, 0.05)}
    syllabus = {"syllabi": (1, 1.0)}
    assert await by_step(database, science["algebra"]) == {"subjects": (1, 0.5)} | syllabus | drawn
    assert await by_step(database, groups.subject) == syllabus | drawn
    assert await by_step(database, groups.id) == drawn
    assert (await by_step(database, groups.sessions["B"]))["questions"] == (1, 0.02)
    # An unknown price is null, not zero.
    assert (await by_step(database, science["optics"]))["syllabi"] == (1, None)


async def test_a_second_job_and_a_second_parent_count_once(plant: Plant, science: dict[str, Any]):
    database, subject = plant.database, science["groups"].subject
    other = await plant.node(Kind.Field, "Other", science["taxonomy"])
    await nodes.link(database, other, science["algebra"])
    await plant.job(subject, id_="j2")
    await unit(plant, "y3", subject, "syllabi", subject, 2.0)
    below = await by_step(database, science["algebra"])
    assert (below["syllabi"], below["questions"]) == ((2, 3.0), (2, 0.03))
    everywhere = await by_step(database, science["taxonomy"])
    assert {step: samples for step, (samples, _) in everywhere.items()} == {
        "subjects": 2,
        "syllabi": 3,
        "questions": 4,
        "answers": 3,
    }


async def test_ended_units_have_counted_what_their_instructions_used(plant: Plant, science: dict[str, Any]):
    database, groups = plant.database, science["groups"]
    places = (science["field"], science["algebra"], groups.subject, groups.id)

    async def costs_shown() -> list[list[Row]]:
        found = [await shown(database, "cost_by_model", job_id="j1")]
        return found + [await shown(database, "cost_by_step", id=place) for place in places]

    read = await costs_shown()
    await database.writing(lambda tx: instructions.store(tx, "j1", [], ended=["i1", "i2"]))
    # From here on only the units hold the right figures.
    await rows_of(database, "MATCH (i:Instruction) SET i.question_prompt_tokens = 0, i.answer_cost_usd = 9")
    for before, after in zip(read, await costs_shown(), strict=True):
        assert [row | {"usd": None} for row in after] == [row | {"usd": None} for row in before]
        assert [row["usd"] for row in after] == pytest.approx([row["usd"] for row in before])
    await rows_of(database, "MATCH (u:WorkUnit {id: 'i1'}) SET u.state = 'pending'")
    assert (await by_step(database, groups.id))["answers"] == (2, 18.0)


async def test_what_a_merged_syllabus_cost_stays(plant: Plant, science: dict[str, Any]):
    database, groups = plant.database, science["groups"]
    await rows_of(database, "MATCH (j:Job) SET j.state = 'done'")
    before = await by_step(database, science["algebra"])
    other = await plant.syllabus(science["algebra"], "Fields", {"D": ["d"]})
    await nodes.merge(database, groups.subject, other.subject)
    await nodes.merge(database, groups.id, other.id)
    after = await by_step(database, science["algebra"])
    assert (after["questions"], after["answers"]) == (before["questions"], before["answers"])
    assert (await by_step(database, other.id))["questions"] == before["questions"]


async def test_typical_samples_of_each_step(plant: Plant, science: dict[str, Any]):
    database = plant.database
    subjects = await past.typical(database, "subjects", ["j1"])
    assert subjects == past.Typical(2, 2.0, 100.0, 0.0, 900.0, 0.0, 0.5)
    syllabi = await past.typical(database, "syllabi", ["j1", "none"])
    assert syllabi
    assert (syllabi.samples, syllabi.usd) == (2, 1.0)
    questions = await past.typical(database, "questions", ["j1"])
    assert questions
    assert (questions.samples, questions.calls, questions.prompt_tokens) == (4, 1.25, 850.0)
    assert questions.prompt_spread == pytest.approx(443.47, abs=0.01)
    answers = await past.typical(database, "answers", ["j1"])
    assert answers
    assert (answers.samples, answers.calls, answers.completion_tokens) == (3, 1.0, 200.0)
    assert answers.usd == pytest.approx(0.025)
    assert await past.lists(database, ["j1"]) == past.Lists(2, 1.0, 1.5, 1, 2)


async def test_nothing_is_typical_of_no_job(database: Database):
    assert [await past.typical(database, "subjects", []), await past.lists(database, [])] == [None, None]
    assert [await past.typical(database, step, ["x"]) for step in ("questions", "answers")] == [None, None]


@pytest.mark.usefixtures("science")
async def test_so_many_samples_of_a_job_and_no_more(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(past, "SAMPLES_A_JOB", 2)
    questions = await past.typical(plant.database, "questions", ["j1"])
    assert questions
    assert questions.samples == 2


async def test_newest_jobs_first(plant: Plant, science: dict[str, Any]):
    await plant.job(science["algebra"], id_="j2")
    found = await past.recent_jobs(plant.database)
    assert [(job.id, job.root_id, job.spec, job.resolved) for job in found] == [
        ("j2", science["algebra"], {}, {}),
        ("j1", science["field"], {}, {}),
    ]


async def test_branches_and_what_they_lack(plant: Plant, science: dict[str, Any]):
    async def lacking(node_id: str) -> set[tuple[str, str, int, int]]:
        found = await past.branches(plant.database, node_id)
        return {(b.kind, b.name, b.subjects, b.without_syllabus) for b in found}

    both = {("Discipline", "Algebra", 2, 1), ("Discipline", "Optics", 1, 0)}
    assert await lacking(science["taxonomy"]) == both
    assert await lacking(science["algebra"]) == {("Discipline", "Algebra", 2, 1)}
    assert await lacking(science["rings"]) == {("Subject", "Rings", 0, 1)}
    assert await lacking(science["groups"].id) == {("Syllabus", "Groups syllabus", 0, 0)}
    await nodes.retire(plant.database, science["algebra"])
    assert await lacking(science["taxonomy"]) == {("Discipline", "Optics", 1, 0)}


async def test_combinations_by_stratum(plant: Plant, science: dict[str, Any]):
    groups: Syllabus = science["groups"]
    await rows_of(
        plant.database,
        "MATCH (y:Syllabus {id: $id}) SET y.capacity = [3, 1, 9223372036854775807], y.drawn = [2, 0, 1]",
        id=groups.id,
    )
    found = await past.combinations(plant.database, science["field"], ["a", "b", "c"])
    assert (found.syllabi, found.counted) == (2, 1)
    assert found.totals == [3.0, 1.0, float(2**63 - 1)]
    assert found.drawn == [2, 0, 1]
    assert set(found.some) == {groups.id, science["lenses"].id}
    nothing = await past.combinations(plant.database, "nowhere", ["a"])
    assert (nothing.syllabi, nothing.totals, nothing.drawn) == (0, [0.0], [0])


async def test_concepts_and_instructions_of_branches(plant: Plant, science: dict[str, Any]):
    found = await coverage.below(plant.database, [science["algebra"], science["optics"]])
    assert {id_: (f.concepts, f.instructions) for id_, f in found.items()} == {
        science["algebra"]: (3, 2),
        science["optics"]: (2, 1),
    }
