"""Test and training share no combination, in whatever order their jobs draw: real plans, without calls.

Random orders are in tests/unit/test_held_out.py.
"""

from typing import Any

import pytest
from planting import Plant, rows_of

from generators.planning import draw, plan, test_sets
from generators.planning.source import positions
from generators.spaces.held_space import HeldSpace
from generators.spaces.strata import Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph.database import Database, Transaction
from graph.instructions import instructions
from graph.jobs import leases, units
from graph.model import Kind
from graph.taxonomy import syllabi
from graph.taxonomy.editing import links
from graph.taxonomy.syllabi import NewSession

IN_TURN: dict[str, Any] = {"add": 9}
GAPS: dict[str, Any] = {"add": 7, "quota": "gaps"}
REPEATED: dict[str, Any] = {
    "add": 60,
    "dials": {"difficulty": {"apply": 1, "create": 1}},
    "repeats": 2,
}
COMBINATIONS: dict[str, Any] = {"hold": "combinations"}
SESSIONS: dict[str, Any] = {"hold": "sessions"}
EDIT: dict[str, Any] = {}
"""Two syllabi share a session from now on."""
ORDERS = [
    [COMBINATIONS, REPEATED, EDIT, GAPS],
    [GAPS, COMBINATIONS, EDIT, REPEATED],
    [SESSIONS, EDIT, REPEATED, GAPS],
]


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
    for place in positions(unit):
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


async def test_no_combination_is_in_both_whatever_the_order(plant: Plant) -> None:
    database = plant.database
    field = await plant.node(Kind.Field, "Science", await plant.node(Kind.Taxonomy, "GLAN"))
    for n, order in enumerate(ORDERS):
        root, other, session = await small(plant, field, n)
        test: set[str] = set()
        training: set[str] = set()
        for wanted in order:
            if wanted is EDIT:
                await links.link(database, other, session)
            elif "hold" in wanted:
                test |= await held_out(database, root, f"exam-{n}", 6, **wanted)
            else:
                spec = JobSpec.model_validate({"root_id": root, "steps": ["questions", "answers"], **wanted})
                job = await plan.create(database, spec, {})
                training |= await drawn(database, job.id, spec)
        assert not test & training, f"order {n}"
        assert len(test) == 6
        assert len(training) >= 7


async def held_out(database: Database, root: str, name: str, count: int, **more: Any) -> set[str]:
    """The combinations of a new test set."""
    spec = JobSpec.model_validate(
        {"root_id": root, "held_out": {"name": name, "per_discipline": count, **more}}
    )
    spec = await test_sets.wanted(database, spec)
    job = await test_sets.create(database, spec, {}, "test")
    return await drawn(database, job.id, spec)


async def test_what_touches_a_held_session_is_never_trained(plant: Plant) -> None:
    database = plant.database
    field = await plant.node(Kind.Field, "Science", await plant.node(Kind.Taxonomy, "GLAN"))
    root, *_ = await small(plant, field, 0)
    assert len(await held_out(database, root, "exam", 20, hold="sessions")) == 20
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
