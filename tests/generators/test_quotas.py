"""How plans are spread over disciplines, syllabi and concepts: real plans in Neo4j, without any calls."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from planting import Plant, Syllabus, instruction, rows_of

from generators.planning import draw, plan
from generators.planning.source import positions
from generators.planning.strata_report import strata_report
from generators.spaces.strata import STRATA, Stratum, combination_key
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database, Transaction
from graph.errors import Conflict, LeaseLost
from graph.instructions import instructions
from graph.jobs import jobs, leases, units
from graph.jobs.units import InstructionUnit, WorkUnit
from graph.model import Kind, NodePatch
from graph.taxonomy import nodes, syllabi

ALONE: dict[str, Any] = {"strategies": {"single": 1}, "concepts": {"1": 1}}
STEPS = ["questions", "answers"]


@pytest.fixture
def plant(database: Database) -> Plant:
    return Plant(database)


async def taxonomy(plant: Plant) -> str:
    return await plant.node(Kind.Taxonomy, "GLAN")


async def discipline(
    plant: Plant, root: str, name: str, *sizes: Sequence[int], **more: Any
) -> tuple[str, list[Syllabus]]:
    """A discipline with one syllabus per list of session sizes; it shares no concepts with others."""
    id_ = await plant.node(Kind.Discipline, name, root, **more)
    grown: list[Syllabus] = []
    for n, sessions in enumerate(sizes):
        names: dict[str, Sequence[str]] = {
            f"{name} {n}.{s}": [f"{name} {n}.{s}.{c}" for c in range(size)] for s, size in enumerate(sessions)
        }
        grown.append(await plant.syllabus(id_, f"{name} {n}", names))
    return id_, grown


async def under(plant: Plant) -> str:
    """The id of a field under a new taxonomy, to put disciplines under."""
    return await plant.node(Kind.Field, "Science", await taxonomy(plant))


async def begun(database: Database, root: str, **spec: Any) -> tuple[leases.Lease, JobSpec]:
    wanted = JobSpec.model_validate({"root_id": root, "steps": STEPS, **spec})
    job = await plan.create(database, wanted, {})
    claimed = await leases.claim(database, "worker", 60, [job.id])
    assert claimed
    return claimed[0], wanted


async def drawn(database: Database, lease: leases.Lease, spec: JobSpec) -> list[InstructionUnit]:
    """Runs the planning part of a job and returns its instruction units."""
    await plan.settle_quota(database, lease, spec)
    branches = await units.all_branches(database, lease.job_id)
    while True:
        for branch_id in branches:
            for unit in await units.pending(database, lease.job_id, branch_id, "draw"):
                async for _ in draw.draw(database, lease, spec, unit):
                    pass
        if not await draw.spread_shortfall(database, lease, spec):
            break
    found: list[InstructionUnit] = []
    for branch_id in branches:
        found += await units.pending(database, lease.job_id, branch_id, "instructions")
    return found


async def planned(database: Database, root: str, **spec: Any) -> list[InstructionUnit]:
    lease, wanted = await begun(database, root, **spec)
    return await drawn(database, lease, wanted)


def by(units: Sequence[InstructionUnit], name: str) -> Counter[str]:
    counts = Counter[str]()
    for unit in units:
        assert unit["requested"] == len(positions(unit)) > 0
        counts[unit[name]] += unit["requested"]
    return counts


async def combinations(database: Database, units: Sequence[InstructionUnit]) -> list[tuple[str, Any]]:
    """The drawn combinations, as (syllabus, combination)."""
    found: list[tuple[str, Any]] = []
    for unit in units:
        space = SyllabusSpace(unit["node_id"], await syllabi.sessions(database, unit["node_id"]))
        assert space.version == unit["space_version"]
        stratum = Stratum.parse(unit["stratum"])
        found += [(unit["node_id"], space.at(stratum, p)) for p in positions(unit)]
    return found


async def covered(database: Database, units: Sequence[InstructionUnit]) -> set[str]:
    return {c for _, combination in await combinations(database, units) for c in combination.concepts}


async def test_by_combinations_in_proportion(plant: Plant) -> None:
    root = await under(plant)
    small, _ = await discipline(plant, root, "Small", [2, 2])
    large, [one, two] = await discipline(plant, root, "Large", [6, 6], [2, 2])
    found = await planned(plant.database, root, add=10, quota="combinations", **ALONE)
    assert by(found, "branch_id") == {small: 2, large: 8}
    assert by(found, "node_id")[one.id] == 6
    assert by(found, "node_id")[two.id] == 2


async def test_by_weights_on_the_way_down(plant: Plant) -> None:
    top = await taxonomy(plant)
    heavy = await plant.node(Kind.Field, "Heavy", top, weight=3.0)
    light = await plant.node(Kind.Field, "Light", top, weight=0.5)
    a, [a_one, a_two] = await discipline(plant, heavy, "A", [5, 5], [5, 5])
    b, _ = await discipline(plant, light, "B", [5, 5], weight=2.0)
    nothing, _ = await discipline(plant, light, "C", [5, 5], weight=0)
    subject = await nodes.get(plant.database, a_two.subject)
    await nodes.patch(plant.database, subject.id, NodePatch(weight=0.5), subject.version)
    found = await planned(plant.database, top, add=40, quota="weight")
    assert by(found, "branch_id") == {a: 30, b: 10}
    assert by(found, "node_id")[a_one.id] == 2 * by(found, "node_id")[a_two.id] == 20
    assert nothing not in by(found, "branch_id")


async def test_a_weight_of_zero_gets_nothing_even_when_others_run_out(plant: Plant) -> None:
    root = await under(plant)
    _, [one, off] = await discipline(plant, root, "A", [3], [5, 5])
    node = await nodes.get(plant.database, off.id)
    await nodes.patch(plant.database, node.id, NodePatch(weight=0), node.version)
    await discipline(plant, root, "B", [5, 5], weight=0)
    lease, spec = await begun(plant.database, root, add=40, quota="weight", **ALONE)
    assert by(await drawn(plant.database, lease, spec), "node_id") == {one.id: 3}
    assert sum(row["left"] for row in await units.short(plant.database, lease.job_id)) == 37


async def test_all_weights_zero_is_refused(plant: Plant) -> None:
    root = await under(plant)
    await discipline(plant, root, "A", [3], weight=0)
    with pytest.raises(Conflict, match="weight 0"):
        await begun(plant.database, root, add=1, quota="weight")


async def wide(plant: Plant) -> tuple[str, int]:
    """Two disciplines with about 100 concepts in all, some of them in two sessions or two syllabi.

    Returns the id of their field and the number of concepts.
    """
    root = await under(plant)
    for name in "AB":
        id_ = await plant.node(Kind.Discipline, name, root)
        for y in range(2):
            sessions: dict[str, Sequence[str]] = {
                f"{name}{y}{s}": [f"c{y * 20 + s * 5 + c}" for c in range(8 if s % 2 else 5)]
                for s in range(6)
            }
            await plant.syllabus(id_, f"{name}{y}", sessions)
    return root, (await coverage.below(plant.database, [root]))[root].concepts


async def test_gaps_cover_what_uniform_draws_leave_out(plant: Plant) -> None:
    root, concepts = await wide(plant)
    even = await covered(plant.database, await planned(plant.database, root, add=concepts, **ALONE))
    assert len(even) < 0.85 * concepts
    # As if the first plan did not exist, because it has handed out most combinations.
    await rows_of(plant.database, "MATCH (y:Syllabus) REMOVE y.drawn, y.space_version")
    gaps = await planned(plant.database, root, add=concepts, quota="gaps", **ALONE)
    assert len(await covered(plant.database, gaps)) >= 0.99 * concepts
    assert sum(by(gaps, "node_id").values()) == concepts


async def test_gaps_go_where_instructions_are_lacking(plant: Plant) -> None:
    root = await under(plant)
    _, [there] = await discipline(plant, root, "Old", [5, 5])
    new, _ = await discipline(plant, root, "New", [5, 5])
    for n, (session, concept) in enumerate(
        (s, c) for s in there.sessions for c in there.concepts if c.startswith(s + ".")
    ):
        row = instruction(f"i{n}", there.id, [there.sessions[session]], [there.concepts[concept]])
        if not plant.jobs:
            await plant.job(root)
        await plant.database.writing(lambda tx, row=row: instructions.store(tx, "job", [row]))
    found = await planned(plant.database, root, add=10, quota="gaps", **ALONE)
    assert by(found, "branch_id") == {new: 10}
    assert len(await covered(plant.database, found)) == 10


async def test_gaps_with_all_strata(plant: Plant) -> None:
    root, concepts = await wide(plant)
    lease, spec = await begun(plant.database, root, add=concepts, quota="gaps")
    found = await drawn(plant.database, lease, spec)
    assert len(await covered(plant.database, found)) == concepts
    planned = {row["stratum"]: row["planned"] for row in await units.strata(plant.database, lease.job_id)}
    assert planned == by(found, "stratum")
    report = strata_report(spec, await units.strata(plant.database, lease.job_id), [])
    assert all(abs(stratum.moved) <= 2 for stratum in report.values())


async def test_no_combination_twice_whatever_the_order_of_the_draws(plant: Plant) -> None:
    root = await under(plant)
    await discipline(plant, root, "A", [4, 3, 3])
    every: list[InstructionUnit] = []
    lease, spec = await begun(plant.database, root, add=1)
    for n, quota in enumerate(("equal", "gaps", "equal", "gaps", "combinations", "gaps", "equal")):
        add = 1000 if n == 6 else 15
        lease, spec = await begun(plant.database, root, add=add, quota=quota, seed=n)
        every += await drawn(plant.database, lease, spec)
    found = await combinations(plant.database, every)
    [syllabus_id] = await syllabi.below(plant.database, root)
    space = SyllabusSpace(syllabus_id, await syllabi.sessions(plant.database, syllabus_id))
    assert len(found) == len(set(found)) == sum(space.capacity), "all of them, each once"
    names = [str(stratum) for stratum in STRATA]
    assert coverage.exhausted(await coverage.of(plant.database, root, names)) == names
    report = strata_report(spec, await units.strata(plant.database, lease.job_id), names)
    assert all(stratum.exhausted for stratum in report.values())
    [row] = await rows_of(plant.database, "MATCH (y:Syllabus) RETURN y.ahead AS ahead, y.drawn AS drawn")
    assert row == {"ahead": None, "drawn": space.capacity}


async def test_gaps_of_a_changed_syllabus_repeat_nothing(plant: Plant) -> None:
    root = await under(plant)
    _, [syllabus] = await discipline(plant, root, "A", [3, 3])
    before = await planned(plant.database, root, add=4, quota="gaps", **ALONE)
    first = await combinations(plant.database, before)
    by_place = list(syllabus.sessions.values())
    await plant.job(root)
    for n, (_, combination) in enumerate(first):
        session_ids = [by_place[i] for i in combination.sessions]
        key = combination_key(session_ids, combination.concepts)
        row = instruction(f"i{n}", syllabus.id, session_ids, combination.concepts, combination=key)
        await plant.database.writing(lambda tx, row=row: instructions.store(tx, "job", [row]))
    await plant.concepts(by_place[1], "Fresh")
    after = await planned(plant.database, root, add=10, quota="gaps", **ALONE)
    again = await combinations(plant.database, after)
    assert {c for _, combination in first for c in combination.concepts}.isdisjoint(
        {c for _, combination in again for c in combination.concepts}
    )
    assert len(again) == 3


async def test_settling_is_done_once_and_only_by_the_holder(plant: Plant) -> None:
    root = await under(plant)
    await discipline(plant, root, "A", [2, 2])
    await discipline(plant, root, "B", [6, 6])
    lease, spec = await begun(plant.database, root, add=8, quota="combinations", **ALONE)
    [a_unit] = await units.pending(
        plant.database, lease.job_id, (await units.all_branches(plant.database, lease.job_id))[0], "draw"
    )
    with pytest.raises(RuntimeError, match="settle_quota"):
        await anext(draw.draw(plant.database, lease, spec, a_unit))
    with pytest.raises(LeaseLost):
        await plan.settle_quota(plant.database, leases.Lease(lease.job_id, lease.fence - 1), spec)
    assert len(await units.unsettled(plant.database, lease.job_id)) == 2
    await plan.settle_quota(plant.database, lease, spec)
    shares = await rows_of(plant.database, "MATCH (u:WorkUnit) RETURN u.left AS left ORDER BY left")
    await discipline(plant, root, "C", [9, 9])
    await plan.settle_quota(plant.database, lease, spec)
    assert [row["left"] for row in shares] == [2, 6]
    assert await rows_of(plant.database, "MATCH (u:WorkUnit) RETURN u.left AS left ORDER BY left") == shares
    assert (await jobs.get(plant.database, lease.job_id)).ledger.requested == 8


async def test_a_crash_between_two_transactions_keeps_the_shares(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = await under(plant)
    await discipline(plant, root, "A", [5, 5], [5, 5], [5, 5])
    lease, spec = await begun(plant.database, root, add=60)
    monkeypatch.setattr(draw, "SYLLABI_AT_ONCE", 1)
    store = units.plan
    calls = 0

    async def crashing(tx: Transaction, job_id: str, rows: Sequence[WorkUnit]) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError("killed")
        await store(tx, job_id, rows)

    monkeypatch.setattr(units, "plan", crashing)
    with pytest.raises(OSError, match="killed"):
        await drawn(plant.database, lease, spec)
    found = await drawn(plant.database, lease, spec)
    assert sorted(by(found, "node_id").values()) == [20, 20, 20]
    assert len(set(await combinations(plant.database, found))) == 60


async def instruct_all(plant: Plant, syllabus: Syllabus, times: int, name: str) -> list[str]:
    """`times` accepted instructions per concept, each covering only that concept; returns their ids."""
    await plant.job(syllabus.id, id_=f"job {name}")
    made: list[str] = []
    for session, session_id in syllabus.sessions.items():
        for concept in (c for c in syllabus.concepts if c.startswith(session + ".")):
            for n in range(times):
                made.append(f"{name} {concept} {n}")
                row = instruction(made[-1], syllabus.id, [session_id], [syllabus.concepts[concept]])
                await plant.database.writing(
                    lambda tx, row=row: instructions.store(tx, plant.jobs[-1], [row])
                )
    return made


async def test_until_per_concept_draws_only_where_instructions_are_lacking(plant: Plant) -> None:
    root = await under(plant)
    old, [full, half] = await discipline(plant, root, "Old", [5, 5], [4])
    made = await instruct_all(plant, full, 3, "full")
    await instruct_all(plant, half, 1, "half")
    new, _ = await discipline(plant, root, "New", [3, 3])
    spec: dict[str, Any] = {"until": {"instructions_per_concept": 2}}
    # The surplus of the full syllabus does not count: 4 concepts are short of one each, 6 of two.
    lease, wanted = await begun(plant.database, root, **spec)
    found = await drawn(plant.database, lease, wanted)
    assert by(found, "branch_id") == {old: 4, new: 12}
    assert full.id not in by(found, "node_id")
    assert (await jobs.get(plant.database, lease.job_id)).ledger.requested == 16
    # Stale, failed and rejected instructions count as missing.
    for id_, status in zip(made[:12], ["stale", "failed", "rejected"] * 4, strict=True):
        await rows_of(
            plant.database,
            "MATCH (i:Instruction {id: $id}) SET i.status = $status WITH i MATCH (i)-[c:COVERS]->() DELETE c",
            id=id_,
            status=status,
        )
    again = await planned(plant.database, root, **spec)
    assert by(again, "node_id")[full.id] == 2 * 10 - (30 - 12)


async def test_until_total_is_a_goal_for_each_discipline(plant: Plant) -> None:
    root = await under(plant)
    old, [syllabus] = await discipline(plant, root, "Old", [5, 5])
    await instruct_all(plant, syllabus, 1, "old")
    new, _ = await discipline(plant, root, "New", [5, 5])
    found = await planned(plant.database, root, until={"total": 24})
    assert by(found, "branch_id") == {old: 2, new: 12}


async def test_until_that_is_met_grows_nothing_unless_steps_are_named(plant: Plant) -> None:
    root = await under(plant)
    _, [syllabus] = await discipline(plant, root, "Old", [5, 5])
    await instruct_all(plant, syllabus, 1, "old")
    await plant.node(Kind.Discipline, "New", root)
    met = JobSpec.model_validate({"root_id": root, "until": {"total": 10}})
    job = await plan.create(plant.database, met, {})
    assert (job.ledger.requested, job.steps) == (0, {})
    named = met.model_copy(update={"steps": ["subjects", "syllabi", "questions", "answers"]})
    job = await plan.create(plant.database, named, {})
    assert job.ledger.requested == 0
    assert job.steps["subjects"].pending == 10, "the discipline without subjects"
    assert job.steps["syllabi"].pending == 1, "a look at the other"
    assert "draw" not in job.steps
