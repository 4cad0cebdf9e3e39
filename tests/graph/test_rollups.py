"""The rollup of each discipline equals a recount, whatever happens and in whatever order."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from planting import Plant, Syllabus, every, instruction, rows_of

from graph import coverage, rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, GraphError, Invalid
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction
from graph.model import UPPER, Kind, NewNode, NodePatch, Status
from graph.queries import Query
from graph.rollups import count, kept
from graph.rollups.count import Figures
from graph.taxonomy import nodes

STRATA = ["single:1"]


@dataclass
class Wood:
    """Two fields that share a discipline, and the syllabi below them."""

    plant: Plant
    root: str
    fields: list[str]
    disciplines: list[str]
    syllabi: list[Syllabus] = field(default_factory=list[Syllabus])

    @property
    def tops(self) -> list[str]:
        return [self.root, *self.fields, *self.disciplines]


async def grow_wood(plant: Plant, disciplines: int = 3, syllabi: int = 2) -> Wood:
    root = await plant.node(Kind.Taxonomy, "Root")
    fields = [await plant.node(Kind.Field, name, root) for name in ("F", "G")]
    wood = Wood(plant, root, fields, [])
    for n in range(disciplines):
        above = fields if n == 1 else [fields[n % 2]]
        discipline = await plant.node(Kind.Discipline, f"D{n}", *above)
        wood.disciplines.append(discipline)
        for m in range(syllabi):
            sessions: dict[str, Sequence[str]] = {
                f"s{s}": [f"D{n}-{(s + m + c) % 6}" for c in range(3)] for s in range(3)
            }
            wood.syllabi.append(await plant.syllabus(discipline, f"D{n} y{m}", sessions))
    await plant.job(root)
    return wood


@pytest_asyncio.fixture
async def wood(plant: Plant) -> Wood:
    return await grow_wood(plant)


def draw(rng: random.Random, wood: Wood, id_: str, status: str = "accepted") -> NewInstruction:
    syllabus = rng.choice(wood.syllabi)
    sessions = rng.sample(sorted(syllabus.sessions.values()), rng.choice([1, 2]))
    concepts = rng.sample(sorted(syllabus.concepts.values()), rng.randint(1, 3))
    values = ("difficulty=apply", "difficulty=create", "language=German")
    labels = rng.sample(values, rng.randint(1, 2)) if rng.random() < 0.8 else None
    dials = {} if labels is None else {"dials": labels}
    return instruction(id_, syllabus.id, sessions, concepts, status=status, **dials)


async def store(database: Database, rows: list[NewInstruction]) -> None:
    await database.writing(lambda tx: instructions.store(tx, "job", rows))


def plain(found: Figures) -> Row:
    """The figures without zeros, which a counter may or may not hold."""
    counters = ("degrees", "made", "reached", "dials", "present")
    rest = {name: getattr(found, name) for name in ("sessions", "possible", "covered")}
    return rest | {name: {k: v for k, v in getattr(found, name).items() if v} for name in counters}


async def require_no_drift(database: Database, tops: list[str]) -> None:
    """Checks that the kept figures equal a recount, both those read as they are and those completed first."""
    rows = await rows_of(
        database, "MATCH (r:Rollup) WHERE r.figures IS NOT NULL AND NOT (r)-[:SHARES]-() RETURN r.id AS id"
    )
    known = [row["id"] for row in rows]
    kept = await rollups.of(database, known)
    for id_, counted in (await count.count(database, {id_: [id_] for id_ in known})).items():
        assert plain(kept.figures[id_]) == plain(counted), id_
    below = await coverage.below(database, tops)
    for id_, counted in (await count.count(database, {id_: [id_] for id_ in tops})).items():
        # Nodes above the disciplines do not belong to any discipline's figures.
        lower = {kind: n for kind, n in counted.present.items() if Kind(kind) not in UPPER}
        assert plain(below[id_]) == plain(counted) | {"present": lower}, id_


async def test_figures_are_kept_while_instructions_come(wood: Wood):
    database, rng = wood.plant.database, random.Random(1)
    await coverage.below(database, wood.tops)
    for batch in range(6):
        await store(database, [draw(rng, wood, f"i{batch}-{n}") for n in range(rng.randint(1, 20))])
        known = await rows_of(
            database, "MATCH (r:Rollup) WHERE r.figures IS NOT NULL RETURN count(r) AS known"
        )
        assert known[0]["known"] == len(wood.disciplines), "kept, not counted again"
        await require_no_drift(database, wood.tops)


async def test_an_instruction_stored_twice_counts_once(wood: Wood):
    database, rng = wood.plant.database, random.Random(2)
    await coverage.below(database, wood.tops)
    rows = [draw(rng, wood, f"i{n}") for n in range(10)]
    await store(database, rows)
    await store(database, [*rows, draw(rng, wood, "other")])
    assert (await coverage.of(database, wood.root, STRATA)).instructions == 11
    await require_no_drift(database, wood.tops)


async def test_only_what_is_accepted_counts_and_from_then_on(wood: Wood):
    database, rng = wood.plant.database, random.Random(3)
    await coverage.below(database, wood.tops)
    asked = [draw(rng, wood, f"i{n}", status="asked") for n in range(10)]
    await store(database, asked)
    assert (await coverage.of(database, wood.root, STRATA)).instructions == 0
    # As a worker stores them: the sessions were linked when the question was stored.
    answered: list[NewInstruction] = [
        {
            "properties": {"id": row["properties"]["id"], "status": "accepted"},
            "sessions": [],
            "concepts": row["concepts"],
        }
        for row in asked[:7]
    ]
    await store(database, answered)
    assert (await coverage.of(database, wood.root, STRATA)).instructions == 7
    await require_no_drift(database, wood.tops)


async def test_figures_after_edits_at_random(wood: Wood):
    """All kinds of edits, mixed with new instructions; disciplines come to share nodes."""
    database, rng = wood.plant.database, random.Random(4)
    done = 0
    for step in range(60):
        if rng.random() < 0.5:
            await coverage.below(database, [rng.choice(wood.tops)])
        if rng.random() < 0.5:
            await store(database, [draw(rng, wood, f"i{step}-{n}") for n in range(3)])
            continue
        try:
            await edit(rng, wood, step)
        except GraphError:
            continue
        done += 1
        if step % 5 == 0:
            await require_no_drift(database, wood.tops)
    assert done > 12
    await require_no_drift(database, wood.tops)


async def edit(rng: random.Random, wood: Wood, step: int) -> None:
    database = wood.plant.database
    one, other = rng.sample(wood.syllabi, 2)
    session, concept = rng.choice(sorted(one.sessions.values())), rng.choice(sorted(one.concepts.values()))
    match rng.randrange(7):
        case 0:
            await nodes.link(database, rng.choice(sorted(other.sessions.values())), concept)
        case 1:
            await nodes.link(database, rng.choice(wood.disciplines), one.subject)
        case 2:
            await nodes.unlink(database, session, concept)
        case 3:
            node = await nodes.get(database, concept)
            await nodes.patch(database, concept, NodePatch(name=f"{node.name} {step}"), node.version)
        case 4:
            node = await nodes.get(database, session)
            status = rng.choice([Status.rejected, Status.accepted])
            await nodes.patch(database, session, NodePatch(status=status), node.version)
        case 5:
            await wood.plant.node(Kind.KeyConcept, f"new {step}", session)
        case _:
            await nodes.retire(database, rng.choice([session, concept]))


async def test_writers_and_readers_at_once_leave_no_drift(wood: Wood):
    database, rng = wood.plant.database, random.Random(5)
    await nodes.link(database, wood.disciplines[0], wood.syllabi[-1].subject)

    async def write(worker: int) -> None:
        for n in range(12):
            await store(database, [draw(rng, wood, f"i{worker}-{n}-{m}") for m in range(4)])

    async def read() -> None:
        for _ in range(12):
            await coverage.below(database, [rng.choice(wood.tops)])

    async def insert() -> None:
        for n in range(12):
            session = rng.choice(sorted(rng.choice(wood.syllabi).sessions.values()))
            await wood.plant.node(Kind.KeyConcept, f"fresh {n}", session)

    await asyncio.gather(*(write(w) for w in range(4)), read(), read(), insert())
    assert (await coverage.of(database, wood.root, STRATA)).instructions == 4 * 12 * 4
    await require_no_drift(database, wood.tops)


async def test_what_disciplines_share_counts_once(wood: Wood):
    database = wood.plant.database
    alone = await coverage.of(database, wood.root, STRATA)
    await nodes.link(database, wood.disciplines[2], wood.syllabi[0].subject)
    shared = await coverage.of(database, wood.root, STRATA)
    assert shared.concepts == alone.concepts
    assert shared.sessions == alone.sessions
    one = (await coverage.of(database, wood.disciplines[2], STRATA)).sessions
    assert one == 9, "two syllabi of its own and one that it shares"


async def test_growth_is_the_history_of_what_is_accepted(wood: Wood):
    database, rng = wood.plant.database, random.Random(6)
    await store(database, [draw(rng, wood, f"i{n}") for n in range(20)])
    await rows_of(
        database,
        "MATCH (i:Instruction) WHERE i.id < 'i15' SET i.accepted_at = datetime('2026-01-31T23:59:59Z') "
        "WITH count(*) AS n MATCH (r:Rollup) REMOVE r.figures, r.sums RETURN n",
    )
    for top in (*wood.tops, wood.syllabi[0].subject):
        found, days = await coverage.of(database, top, STRATA), await coverage.growth(database, top)
        assert sum(day.accepted for day in days) == found.instructions
        assert [day.day for day in days] == sorted({day.day for day in days})
        if days:
            assert (days[-1].instructions, days[-1].covered) == (found.instructions, found.covered)
            assert days[-1].ratio == found.ratio
    first = (await coverage.growth(database, wood.root))[0]
    assert (first.day, first.accepted) == ("2026-01-31", len([n for n in range(20) if f"i{n}" < "i15"]))


async def test_gaps_of_many_disciplines_are_in_one_order(wood: Wood):
    database, rng = wood.plant.database, random.Random(7)
    await store(database, [draw(rng, wood, f"i{n}") for n in range(25)])
    for share in (False, True):
        if share:
            await nodes.link(database, wood.disciplines[0], wood.syllabi[-1].subject)
        found: list[coverage.Gap] = []
        cursor = None
        while True:
            page = await coverage.gaps(database, wood.root, 4, cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert (
            len({gap.id for gap in found})
            == len(found)
            == (await coverage.of(database, wood.root, STRATA)).concepts
        )
        assert [gap.instructions for gap in found] == sorted(gap.instructions for gap in found)
    with_invalid = coverage.gaps(database, wood.root, 4, "nonsense")
    try:
        await with_invalid
    except Invalid:
        return
    raise AssertionError("a cursor of another list was taken")


@pytest.mark.parametrize("other", ["outside", "retired", "rejected", "purged"])
async def test_gaps_of_what_is_shared_with_a_discipline_that_does_not_count(plant: Plant, other: str):
    database, root = plant.database, await plant.node(Kind.Taxonomy, "T")
    fields = [await plant.node(Kind.Field, name, root) for name in ("F", "G")]
    # The concepts' home is the later one; its id comes after the other's, in the order of the gaps as well.
    b = await plant.node(Kind.Discipline, "B", fields[0])
    a = await plant.node(Kind.Discipline, "A", fields[other == "outside"])
    c = await plant.node(Kind.Discipline, "C", fields[0])
    shared = await plant.syllabus(a, "S", {"s": [f"s{n}" for n in range(6)]})
    own = [await plant.syllabus(id_, "O", {"o": [f"o{n}" for n in range(3)]}) for id_ in (b, c)]
    await nodes.link(database, b, shared.subject)
    if other == "retired":
        await nodes.retire(database, a)
    elif other == "rejected":
        await nodes.patch(database, a, NodePatch(status=Status.rejected), None)
    elif other == "purged":
        await nodes.purge(database, a)
    await plant.instruct("i", own[1], "o", "o0")
    wanted = {id_ for syllabus in (shared, *own) for id_ in syllabus.concepts.values()}
    for limit in (1, 2, 5, 100):
        found = await every(lambda cursor, limit=limit: coverage.gaps(database, fields[0], limit, cursor))
        assert sorted(gap.id for gap in found) == sorted(wanted)
        assert found[-1].id == own[1].concepts["o0"]


@pytest.fixture
def queries(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the queries that a test runs."""
    ran: list[str] = []
    run = Transaction.run

    async def noted(self: Transaction, query: Query, **params: Any) -> list[Row]:
        ran.append(query.name)
        return await run(self, query, **params)

    monkeypatch.setattr(Transaction, "run", noted)
    monkeypatch.setattr(Transaction, "rows", noted)
    return ran


async def test_disciplines_without_children_cost_nothing(plant: Plant, queries: list[str]):
    top = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    new = [NewNode(kind=Kind.Discipline, name=f"D{n}", parent_id=top) for n in range(50)]
    await nodes.insert_many(plant.database, new)
    # As with a graph of which nothing has been counted yet.
    await rows_of(plant.database, "MATCH (r:Rollup) DETACH DELETE r RETURN count(r) AS gone")
    queries.clear()
    found = await coverage.of(plant.database, top, STRATA)
    assert (found.concepts, found.instructions) == (0, 0)
    assert "rollup.lock" not in queries, "none is counted"
    assert len(queries) < 10
    [row] = await rows_of(plant.database, "MATCH (r:Rollup) RETURN count(r) AS kept")
    assert row["kept"] == 0


async def test_coverage_by_kind_asks_once_for_all_rows(wood: Wood, queries: list[str]):
    database, rng = wood.plant.database, random.Random(8)
    await store(database, [draw(rng, wood, f"i{n}") for n in range(12)])
    # Two of the disciplines share a subject, and each field has one of the two.
    await nodes.link(database, wood.disciplines[0], wood.syllabi[-1].subject)
    for kind, rows in ((Kind.Field, 2), (Kind.Discipline, 3), (Kind.Subject, 6)):
        await coverage.by_kind(database, wood.root, kind, STRATA)  # counts what is not known yet
        queries.clear()
        found = (await coverage.by_kind(database, wood.root, kind, STRATA)).items
        asked = Counter(queries)
        assert len(found) == rows
        assert max(asked.values()) <= 2, asked
        for row in found:
            assert row == await coverage.of(database, row.id, STRATA)


async def test_edits_and_a_job_lock_in_one_order(wood: Wood, caplog: pytest.LogCaptureFixture):
    """No transaction is told to retry: an edit waits for what is being stored, and no longer."""
    database, rng = wood.plant.database, random.Random(9)
    syllabus = wood.syllabi[0]
    session, concept = min(syllabus.sessions.values()), min(syllabus.concepts.values())

    async def write() -> None:
        for batch in range(12):
            await store(database, [draw(rng, wood, f"i{batch}-{n}") for n in range(40)])

    async def edits() -> None:
        for n in range(4):
            node = await nodes.get(database, concept)
            await nodes.patch(database, concept, NodePatch(name=f"renamed {n}"), node.version)
            fresh = await wood.plant.node(Kind.KeyConcept, f"fresh {n}", session)
            await nodes.link(database, max(syllabus.sessions.values()), fresh)
            await nodes.retire(database, fresh)

    await asyncio.gather(write(), edits())
    assert "DeadlockDetected" not in caplog.text
    await require_no_drift(database, wood.tops)


async def test_the_first_error_ends_the_counting(wood: Wood, monkeypatch: pytest.MonkeyPatch):
    """Nothing is counted on for a request that has failed, and its error is the one that was raised."""
    database, begun = wood.plant.database, list[str]()

    async def failing(tx: Transaction, discipline_id: str) -> kept.Kept:
        begun.append(discipline_id)
        raise Conflict("no")

    monkeypatch.setattr(kept, "_recount", failing)
    unknown = [f"d{n}" for n in range(50)]
    for id_ in unknown:
        await rows_of(database, "CREATE (:Rollup {id: $id})", id=id_)
    with pytest.raises(Conflict, match=r"^no$"):
        await rollups.of(database, unknown)
    before = len(begun)
    await asyncio.sleep(0.3)
    assert len(begun) == before <= kept.COUNTED_AT_ONCE
