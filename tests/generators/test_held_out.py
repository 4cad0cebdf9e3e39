"""Test and training share no combination, in whatever order their jobs draw: real plans, without calls."""

import random
from typing import Any

import pytest
from planting import Plant, rows_of

from generators.planning import draw, plan, test_sets
from generators.spaces.held_space import HeldSpace
from generators.spaces.strata import STRATA, Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph.database import Database, Transaction
from graph.errors import Conflict
from graph.instructions import instructions
from graph.jobs import leases, units
from graph.model import Kind
from graph.taxonomy import links, syllabi
from graph.taxonomy.syllabi import Named, NewSession, Session

ORDERS = 50
DIALS: dict[str, Any] = {"dials": {"difficulty": {"apply": 1, "create": 1}}, "repeats": 2}
TRAINING: list[dict[str, Any]] = [{"add": 9}, {"add": 7, "quota": "gaps"}, {"add": 60, **DIALS}]
TESTS: list[dict[str, Any]] = [{"hold": "combinations"}, {"hold": "sessions"}]


@pytest.fixture
def plant(database: Database) -> Plant:
    return Plant(database)


async def small(plant: Plant, field: str, n: int) -> tuple[str, str, str]:
    """A discipline of two syllabi, the ids of the second one and of a session that only the first one has."""
    root = await plant.node(Kind.Discipline, f"Discipline {n}", field)
    grown: list[str] = []
    for y in range(2):
        subject = await plant.node(Kind.Subject, f"{n} subject {y}", root)
        sessions = [
            NewSession(f"{n} session {y}.{s}", "", [f"{n} concept {y}.{s}.{c}" for c in range(3)])
            for s in range(3)
        ]

        async def work(tx: Transaction, subject: str = subject, sessions: Any = sessions) -> str:
            return await syllabi.store(tx, subject, "A syllabus", "", {}, sessions, "test")

        grown.append(await plant.database.writing(work))
    first = await syllabi.sessions(plant.database, grown[0])
    return root, grown[1], first[0].id


async def drawn(database: Database, job_id: str, spec: JobSpec) -> set[str]:
    """Draws all of a job, stores an instruction for each position, and returns their combinations."""
    claimed = await leases.claim(database, "worker", 60, [job_id])
    assert claimed
    keys: set[str] = set()
    await plan.settle_quota(database, claimed[0], spec)
    for branch in await units.all_branches(database, job_id):
        for unit in await units.pending(database, job_id, branch, "draw"):
            async for some in draw.draw(database, claimed[0], spec, unit):
                for one in some:
                    keys |= await made(database, job_id, spec, one)
    return keys


async def made(database: Database, job_id: str, spec: JobSpec, unit: units.InstructionUnit) -> set[str]:
    space = SyllabusSpace(unit["node_id"], await syllabi.sessions(database, unit["node_id"]))
    stratum = Stratum.parse(unit["stratum"])
    rows: list[Any] = []
    for place in draw.positions(unit):
        position, repeat = space.located(stratum, place)
        drawn_from = space.at(stratum, position)
        sessions = [space.sessions[i].id for i in drawn_from.sessions]
        properties: dict[str, Any] = {
            "id": space.instruction_id(stratum, position, repeat),
            "status": spec.kept_as,
            "unit_id": unit["id"],
            "combination": space.key_at(stratum, position),
            "repeat": repeat,
            "sessions": sessions,
            "concepts": list(drawn_from.concepts),
            "strategy": stratum.strategy,
        } | ({"held_out": True} if spec.held_out else {})
        rows.append({"properties": properties, "sessions": sessions, "concepts": list(drawn_from.concepts)})

    async def work(tx: Transaction) -> None:
        await instructions.store(tx, job_id, rows, ended=[unit["id"]])

    await database.writing(work)
    return {row["properties"]["combination"] for row in rows}


@pytest.mark.timeout(1800)  # fifty small disciplines
async def test_no_combination_is_in_both_whatever_the_order(plant: Plant) -> None:
    database = plant.database
    field = await plant.node(Kind.Field, "Science", await plant.node(Kind.Taxonomy, "GLAN"))
    held_questions = refused = 0
    for n in range(ORDERS):
        chance = random.Random(n)
        root, other, session = await small(plant, field, n)
        jobs: list[dict[str, Any] | None] = [*chance.sample(TRAINING, 2), *chance.sample(TESTS, 1), None]
        chance.shuffle(jobs)
        test: set[str] = set()
        training: set[str] = set()
        for number, wanted in enumerate(jobs):
            if wanted is None:  # an edit: two syllabi share a session from now on
                await links.link(database, other, session)
            elif "hold" in wanted:
                held_out = {"name": f"exam-{n}-{number}", "per_discipline": 6, **wanted}
                spec = JobSpec.model_validate({"root_id": root, "held_out": held_out})
                spec = await test_sets.wanted(database, spec)
                try:
                    job = await test_sets.create(database, spec, {}, "test")
                except Conflict:
                    refused += 1
                    continue
                test |= await drawn(database, job.id, spec)
            else:
                spec = JobSpec.model_validate({"root_id": root, "steps": ["questions", "answers"], **wanted})
                job = await plan.create(database, spec, {})
                training |= await drawn(database, job.id, spec)
        assert not test & training, f"order {n}: {jobs}"
        assert training
        held_questions += len(test)
    assert held_questions >= ORDERS
    assert refused < ORDERS


async def test_what_touches_a_held_session_is_never_trained(plant: Plant) -> None:
    database = plant.database
    field = await plant.node(Kind.Field, "Science", await plant.node(Kind.Taxonomy, "GLAN"))
    root, *_ = await small(plant, field, 0)
    spec = JobSpec.model_validate(
        {"root_id": root, "held_out": {"name": "exam", "per_discipline": 20, "hold": "sessions"}}
    )
    spec = await test_sets.wanted(database, spec)
    job = await test_sets.create(database, spec, {}, "test")
    test = await drawn(database, job.id, spec)
    assert len(test) == 20
    everything = JobSpec.model_validate({"root_id": root, "steps": ["questions", "answers"], "add": 100_000})
    job = await plan.create(database, everything, {})
    await drawn(database, job.id, everything)
    touched = await rows_of(
        database,
        "MATCH (:GlanTest)-[:HOLDS]->(s)<-[:DRAWN_FROM]-(i) RETURN i.status AS status, count(*) AS n",
    )
    assert [row["status"] for row in touched] == ["held"]
    # All that touches no held session is there.
    sizes: list[int] = []
    for id_ in await syllabi.below(database, root):
        [shape] = await syllabi.shapes(database, [id_])
        space = SyllabusSpace(id_, shape.sessions)
        sizes.append(sum(space.capacity) - sum(HeldSpace(space, shape.held).capacity))
    [row] = await rows_of(database, "MATCH (i:Instruction {status: 'accepted'}) RETURN count(i) AS n")
    assert row["n"] == sum(sizes)


def test_a_held_space_lists_exactly_what_touches_its_sessions() -> None:
    shared = ("a", "b")
    sessions = [
        Session(f"s{n}", "", "", tuple(Named(id_, "") for id_ in ids))
        for n, ids in enumerate([("a", "b", "c"), (*shared, "d"), ("e",), ("c", "f", "g", "h")])
    ]
    space = SyllabusSpace("y", sessions)
    for held in ({"s2"}, {"s0", "s3"}, set[str](), {"unknown"}):
        touching = HeldSpace(space, held)
        for stratum, size, found in zip(STRATA, space.capacity, touching.capacity, strict=True):
            expected = {
                position
                for position in range(size)
                if any(space.sessions[i].id in held for i in space.at(stratum, position).sessions)
            }
            listed = list(touching.positions(stratum))
            assert len(listed) == found
            assert sorted(listed) == sorted(expected)
