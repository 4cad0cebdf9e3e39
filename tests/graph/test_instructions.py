"""Instructions: stored once, pulled in order and once, stale if their origin was edited, and counted."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from planting import Plant, Syllabus, every, instruction, rows_of

from graph import coverage, rollups
from graph.database import Database
from graph.errors import Invalid, NotFound
from graph.instructions import instructions
from graph.instructions.instructions import Filter, InstructionStatus, Taken
from graph.instructions.rows import NewInstruction, Properties
from graph.model import Kind, NodePatch, Status
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.editing import history

ALL = Filter(tuple(InstructionStatus))
STRATA = ["single:1", "pair:2"]


class Garden:
    """Two fields; discipline D is under both, E under the second.

    D has the sessions s1 {a b}, s2 {b c}, s3 {d}. E has t1 {b e}, where b is a different concept.
    """

    plant: Plant
    taxonomy: str
    fields: tuple[str, str]
    disciplines: tuple[str, str]
    d: Syllabus
    e: Syllabus


@pytest_asyncio.fixture
async def garden(plant: Plant) -> Garden:
    garden = Garden()
    garden.plant = plant
    garden.taxonomy = await plant.node(Kind.Taxonomy, "T")
    one, two = [await plant.node(Kind.Field, name, garden.taxonomy) for name in ("one", "two")]
    garden.fields = (one, two)
    garden.disciplines = (
        await plant.node(Kind.Discipline, "D", one, two),
        await plant.node(Kind.Discipline, "E", two),
    )
    garden.d = await plant.syllabus(
        garden.disciplines[0], "algebra", {"s1": ["a", "b"], "s2": ["b", "c"], "s3": ["d"]}
    )
    garden.e = await plant.syllabus(garden.disciplines[1], "biology", {"t1": ["b", "e"]})
    return garden


async def fill(garden: Garden) -> None:
    """Eight instructions; p1 and p2 are drawn from two sessions."""
    plant, d, e = garden.plant, garden.d, garden.e
    # Not in the order of their ids, just as several workers would store them.
    await plant.instruct("i6", d, "s2", "c")
    await plant.instruct("i1", d, "s1", "a")
    await plant.instruct("p2", d, "s2 s3", "b d")
    await plant.instruct("p1", d, "s1 s2", "a c")
    await plant.instruct("i3", d, "s1", "a b")
    await plant.instruct("i0", d, "s3", "d", status="asked", answer=None)
    await plant.instruct("i2", d, "s1", "b", status="failed", reason="malformed")
    await plant.instruct("j1", e, "t1", "b e")


async def pulled(
    database: Database, node_id: str, wanted: Filter = ALL, limit: int = 1
) -> list[instructions.Instruction]:
    """The instructions pulled by pages; checks that the stream and other page sizes give the same."""
    found = await every(lambda cursor: instructions.pull_page(database, node_id, wanted, limit, cursor))
    for other in (2, 3, 1000):
        again = await every(
            lambda cursor, n=other: instructions.pull_page(database, node_id, wanted, n, cursor)
        )
        assert again == found
    assert [one async for one in await instructions.pull(database, node_id, wanted)] == found
    return found


def ids(found: list[instructions.Instruction]) -> list[str]:
    return [one.id for one in found]


async def status(database: Database) -> dict[str, str]:
    rows = await rows_of(database, "MATCH (i:Instruction) RETURN i.id AS id, i.status AS status ORDER BY id")
    return {row["id"]: row["status"] for row in rows}


async def degrees(garden: Garden) -> dict[str, int]:
    found = await every(lambda cursor: coverage.gaps(garden.plant.database, garden.taxonomy, 2, cursor))
    names = {id_: name for name, id_ in (garden.e.concepts | garden.d.concepts).items()}
    names[garden.e.concepts["b"]] = "b of E"
    return {names[gap.id]: gap.instructions for gap in found}


# Storing


async def test_storing_twice_is_once(garden: Garden):
    database = garden.plant.database
    job = await garden.plant.job(garden.taxonomy)
    sessions = [garden.d.sessions["s1"], garden.d.sessions["s2"]]
    concepts = [garden.d.concepts["a"], garden.d.concepts["c"]]
    row = instruction("x", garden.d.id, sessions, concepts)
    for _ in range(3):
        await database.writing(lambda tx: instructions.store(tx, job, [row]))
    await asyncio.gather(
        *(database.writing(lambda tx: instructions.store(tx, job, [row])) for _ in range(10))
    )
    links = await rows_of(
        database,
        "MATCH (:Instruction)-[r]->(n) RETURN type(r) AS type, r.position AS position, n.id AS id"
        " ORDER BY type, position",
    )
    assert [(link["type"], link["position"], link["id"]) for link in links if link["type"] != "COVERS"] == [
        ("DRAWN_FROM", 0, sessions[0]),
        ("DRAWN_FROM", 1, sessions[1]),
        ("PRODUCED_BY", None, job),
    ]
    assert {link["id"] for link in links if link["type"] == "COVERS"} == set(concepts)
    assert len(links) == 5


async def test_asked_and_then_answered(garden: Garden):
    database = garden.plant.database
    await garden.plant.instruct("x", garden.d, "s1", "a", status="asked", answer=None, unit_id="u")
    assert (await degrees(garden))["a"] == 0
    answered: Properties = {"id": "x", "status": "accepted", "answer": "42"}
    row: NewInstruction = {"properties": answered, "sessions": [], "concepts": [garden.d.concepts["a"]]}
    await database.writing(lambda tx: instructions.store(tx, "job", [row]))
    assert (await degrees(garden))["a"] == 1
    one = await instructions.get(database, "x")
    assert (one.status, one.answer, one.question) == ("accepted", "42", "Question x?")
    assert (await instructions.of_units(database, ["u"]))["u"][0]["status"] == "accepted"


async def test_combinations_that_are_taken(garden: Garden):
    await garden.plant.instruct("x", garden.d, "s1", "a", combination="c1")
    taken = await garden.plant.database.reading(lambda tx: instructions.taken(tx, ["c1", "c2"]))
    assert taken == {"c1": Taken({0}, {()}, held=False, trained=True)}


# Pulling


async def test_pull_of_each_kind_of_node(garden: Garden):
    await fill(garden)
    database = garden.plant.database
    d = ["i1", "i2", "i3", "p1", "i6", "p2", "i0"]
    expected = {
        garden.taxonomy: [*d, "j1"],
        garden.fields[0]: d,
        garden.fields[1]: [*d, "j1"],
        garden.disciplines[0]: d,
        garden.disciplines[1]: ["j1"],
        garden.d.subject: d,
        garden.d.id: d,
        garden.d.sessions["s1"]: ["i1", "i2", "i3", "p1"],
        # Of this session alone, p1 is emitted here: at its first session inside the subtree.
        garden.d.sessions["s2"]: ["i6", "p1", "p2"],
        garden.d.sessions["s3"]: ["i0", "p2"],
        garden.d.concepts["a"]: ["i1", "i3", "p1"],
        garden.d.concepts["b"]: ["i3", "p2"],
        garden.e.concepts["b"]: ["j1"],
    }
    for node_id, wanted in expected.items():
        assert ids(await pulled(database, node_id)) == wanted


async def test_pull_gives_whole_instructions(garden: Garden):
    await fill(garden)
    by_id = {one.id: one for one in await pulled(garden.plant.database, garden.taxonomy)}
    pair = by_id["p1"]
    assert pair.sessions == [garden.d.sessions["s1"], garden.d.sessions["s2"]]
    assert pair.concepts == [garden.d.concepts["a"], garden.d.concepts["c"]]
    assert (pair.strategy, pair.syllabus_id, pair.job_id) == ("pair", garden.d.id, "job")
    assert (by_id["i2"].status, by_id["i2"].reason) == ("failed", "malformed")
    assert by_id["i0"].answer is None


async def test_pull_filters(garden: Garden):
    await fill(garden)
    database, root = garden.plant.database, garden.taxonomy

    async def found(**wanted: Any) -> list[str]:
        filtered = Filter(**wanted)
        return ids(await every(lambda cursor: instructions.pull_page(database, root, filtered, 2, cursor)))

    assert await found() == ["i1", "i3", "p1", "i6", "p2", "j1"]
    assert await found(strategy="pair") == ["p1", "p2"]
    assert await found(statuses=(InstructionStatus.failed, InstructionStatus.asked)) == ["i2", "i0"]
    assert await found(statuses=()) == []
    [row] = await rows_of(database, "MATCH (i:Instruction {id: 'i6'}) RETURN toString(i.updated_at) AS at")
    at = datetime.fromisoformat(row["at"])
    await garden.plant.instruct("k1", garden.e, "t1", "e")
    assert "k1" in await found(since=at)
    assert await found(since=at, strategy="pair") == ["p1", "p2"]
    assert await found(since=datetime.now(UTC) + timedelta(days=1)) == []
    other_zone = at.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    assert await found(since=other_zone) == await found(since=at)
    assert await found(since=at.replace(tzinfo=None)) == await found(since=at)
    assert "i6" in await found(since=at)


async def test_pull_of_an_edge(garden: Garden):
    database = garden.plant.database
    assert await pulled(database, garden.taxonomy) == []
    for call in (instructions.pull_page, instructions.pull):
        with pytest.raises(NotFound):
            await call(database, "nowhere", ALL)
    with pytest.raises(Invalid):
        await instructions.pull_page(database, garden.taxonomy, ALL, 1, "garbage")


async def test_stream_goes_on_from_a_cursor(garden: Garden):
    await fill(garden)
    database, root = garden.plant.database, garden.taxonomy
    first = await instructions.pull_page(database, root, ALL, 3)
    rest = [one async for one in await instructions.pull(database, root, ALL, first.next)]
    assert ids([*first.items, *rest]) == ids(await pulled(database, root))


async def test_rows_added_while_paging_do_not_disturb(garden: Garden):
    await fill(garden)
    database, root = garden.plant.database, garden.taxonomy
    before = ids(await pulled(database, root))
    turns = 0

    async def turn(cursor: str | None):
        nonlocal turns
        turns += 1
        page = await instructions.pull_page(database, root, ALL, 1, cursor)
        # Inserts before and after the cursor, in every session.
        for place, syllabus in (("s1", garden.d), ("s2", garden.d), ("s3", garden.d), ("t1", garden.e)):
            for prefix in ("a", "z"):
                if turns < 4:
                    await garden.plant.instruct(f"{prefix}{turns}{place}", syllabus, place)
        return page

    found = ids(await every(turn))
    assert len(found) == len(set(found))
    assert [id_ for id_ in found if id_ in before] == before


async def test_stream_of_more_than_the_driver_fetches_at_once(garden: Garden):
    job = await garden.plant.job(garden.taxonomy)
    session = garden.d.sessions["s1"]
    rows = [instruction(f"{n:04}", garden.d.id, [session], [garden.d.concepts["a"]]) for n in range(2500)]
    await garden.plant.database.writing(lambda tx: instructions.store(tx, job, rows))
    found = [one.id async for one in await instructions.pull(garden.plant.database, garden.taxonomy, ALL)]
    assert found == [f"{n:04}" for n in range(2500)]
    part = await instructions.pull(garden.plant.database, garden.taxonomy, ALL)
    assert (await anext(part)).id == "0000"
    await part.aclose()  # pyright: ignore[reportAttributeAccessIssue]
    assert (await nodes.get(garden.plant.database, garden.taxonomy)).name == "T"


# Staleness

Edit = Callable[[Garden], Awaitable[Any]]


async def rename_concept(garden: Garden) -> None:
    await nodes.patch(garden.plant.database, garden.d.concepts["a"], NodePatch(name="A2"), 1)


async def rename_session(garden: Garden) -> None:
    await nodes.patch(garden.plant.database, garden.d.sessions["s2"], NodePatch(name="S2 new"), 1)


async def retire_concept(garden: Garden) -> None:
    await nodes.retire(garden.plant.database, garden.d.concepts["b"])


async def retire_session(garden: Garden) -> None:
    await nodes.retire(garden.plant.database, garden.d.sessions["s3"])


async def retire_discipline(garden: Garden) -> None:
    await nodes.retire(garden.plant.database, garden.disciplines[1])


async def retire_one_field(garden: Garden) -> None:
    await nodes.retire(garden.plant.database, garden.fields[0])


async def unlink_concept(garden: Garden) -> None:
    await nodes.unlink(garden.plant.database, garden.d.sessions["s1"], garden.d.concepts["b"])


async def describe_concept(garden: Garden) -> None:
    await nodes.patch(garden.plant.database, garden.d.concepts["a"], NodePatch(description="new"), 1)


async def rename_subject(garden: Garden) -> None:
    await nodes.patch(garden.plant.database, garden.d.subject, NodePatch(name="new"), 1)


BEFORE = {"a": 3, "b": 2, "c": 2, "d": 1, "b of E": 1, "e": 1}


@pytest.mark.parametrize(
    ("edit", "stale", "after"),
    [
        (rename_concept, {"i1", "i3", "p1"}, {"a": 0, "b": 1, "c": 1}),
        (rename_session, {"i6", "p1", "p2"}, {"a": 2, "b": 1, "c": 0, "d": 0}),
        (retire_concept, {"i3", "p2"}, {"a": 2, "d": 0, "b": None}),
        # d is only in s3 and is retired with it.
        (retire_session, {"p2"}, {"b": 1, "d": None}),
        (retire_discipline, {"j1"}, {"b of E": None, "e": None}),
        (retire_one_field, set(), {}),
        (unlink_concept, {"i3"}, {"a": 2, "b": 1}),
        (describe_concept, set(), {}),
        (rename_subject, set(), {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_edit_makes_stale_what_was_made_from_it_and_nothing_else(
    garden: Garden, edit: Edit, stale: set[str], after: dict[str, int | None]
):
    await fill(garden)
    database = garden.plant.database
    before = await status(database)
    assert await degrees(garden) == BEFORE
    await edit(garden)
    assert await status(database) == before | dict.fromkeys(stale, "stale")
    assert await degrees(garden) == {
        name: count for name, count in (BEFORE | after).items() if count is not None
    }
    for id_ in stale:
        one = await instructions.get(database, id_)
        assert one.reason
        # The links to its origin are kept.
        assert len(one.concept_names) == len(one.concepts)
    # Stale instructions are still found at what they were made from.
    wanted = Filter((InstructionStatus.stale,))
    for concept in garden.d.concepts.values():
        found = await pulled(database, concept, wanted)
        assert {one.id for one in found} == {
            id_ for id_ in stale if concept in (await instructions.get(database, id_)).concepts
        }


async def move_session(garden: Garden) -> None:
    other = await garden.plant.syllabus(garden.disciplines[0], "calculus", {})
    await nodes.move(garden.plant.database, garden.d.sessions["s1"], garden.d.id, other.id)


async def merge_concept(garden: Garden) -> None:
    await nodes.merge(garden.plant.database, garden.d.concepts["a"], garden.d.concepts["b"])


async def merge_session(garden: Garden) -> None:
    await nodes.merge(garden.plant.database, garden.d.sessions["s1"], garden.d.sessions["s2"])


def asked_and_answered(
    garden: Garden, id_: str, sessions: str, concepts: str
) -> tuple[NewInstruction, NewInstruction]:
    """A question and its answer as a worker stores them; the question records the names in its prompt."""
    session_ids = [garden.d.sessions[name] for name in sessions.split()]
    concept_ids = [garden.d.concepts[name] for name in concepts.split()]
    names = [*sessions.split(), *concepts.split()]
    asked = instruction(id_, garden.d.id, session_ids, concept_ids, status="asked", drawn_names=names)
    properties: Properties = {"id": id_, "status": "accepted", "answer": f"Answer {id_}."}
    return asked, {"properties": properties, "sessions": [], "concepts": concept_ids}


@pytest.mark.parametrize(
    ("edit", "stale"),
    [
        (rename_concept, {"i": "KeyConcept renamed or merged: a", "p": "KeyConcept renamed or merged: a"}),
        (rename_session, {"p": "ClassSession renamed or merged: s2"}),
        (retire_concept, {"j": "KeyConcept retired: b"}),
        (retire_discipline, {}),
        (unlink_concept, {"j": "b left its ClassSession"}),
        (describe_concept, {}),
        (rename_subject, {}),
        (move_session, dict.fromkeys("ijp", "s1 left its Syllabus")),
        (merge_concept, dict.fromkeys("ip", "KeyConcept renamed or merged: a")),
        (merge_session, dict.fromkeys("ijp", "ClassSession renamed or merged: s1")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_an_edit_between_question_and_answer(garden: Garden, edit: Edit, stale: dict[str, str]):
    """An instruction that the edit would have made stale is stored as stale when its answer comes."""
    database = garden.plant.database
    job = await garden.plant.job(garden.taxonomy)
    pairs = [
        asked_and_answered(garden, "i", "s1", "a"),
        asked_and_answered(garden, "j", "s1", "b"),
        asked_and_answered(garden, "p", "s1 s2", "a c"),
    ]
    await database.writing(lambda tx: instructions.store(tx, job, [asked for asked, _ in pairs]))
    await coverage.of(database, garden.taxonomy, STRATA)
    await edit(garden)
    for _ in range(2):  # twice, as if the first confirmation had been lost
        await database.writing(lambda tx: instructions.store(tx, job, [answer for _, answer in pairs]))
    assert await status(database) == dict.fromkeys("ijp", "accepted") | dict.fromkeys(stale, "stale")
    for id_, reason in stale.items():
        one = await instructions.get(database, id_)
        assert (one.reason, one.answer) == (reason, f"Answer {id_}.")
        assert one.concept_names
    assert (await coverage.of(database, garden.taxonomy, STRATA)).instructions == 3 - len(stale)


@pytest.mark.parametrize("first", ["edit", "answer"])
async def test_an_edit_and_an_answer_at_once(garden: Garden, monkeypatch: pytest.MonkeyPatch, first: str):
    """The first one pauses before its end while the other starts: the other waits for it, in either order."""
    database = garden.plant.database
    job = await garden.plant.job(garden.taxonomy)
    asked, answer = asked_and_answered(garden, "i", "s1", "a")
    await database.writing(lambda tx: instructions.store(tx, job, [asked]))
    begun, end = asyncio.Event(), asyncio.Event()
    write, find = history.record, rollups.accept

    async def record(*args: Any, **options: Any) -> None:
        begun.set()
        await end.wait()
        await write(*args, **options)

    async def accept(*args: Any) -> rollups.Accepted:
        found = await find(*args)
        begun.set()
        await end.wait()
        return found

    monkeypatch.setattr(*((history, "record", record) if first == "edit" else (rollups, "accept", accept)))

    async def store() -> None:
        await database.writing(lambda tx: instructions.store(tx, job, [answer]))

    async def other() -> None:
        await begun.wait()
        waiting = asyncio.create_task(store() if first == "edit" else rename_concept(garden))
        await asyncio.sleep(1)
        assert not waiting.done()
        end.set()
        await waiting

    await asyncio.gather(rename_concept(garden) if first == "edit" else store(), other())
    assert await status(database) == {"i": "stale"}


async def test_stale_is_one_with_the_edit(garden: Garden):
    """An edit that fails leaves no instruction stale."""
    await fill(garden)
    before = await status(garden.plant.database)
    with pytest.raises(Exception, match="already"):
        await nodes.patch(garden.plant.database, garden.d.concepts["a"], NodePatch(name="B"), 1)
    assert await status(garden.plant.database) == before


# Coverage


async def test_coverage_by_hand(garden: Garden):
    await fill(garden)
    database = garden.plant.database
    found = await coverage.of(database, garden.disciplines[0], STRATA)
    # Degrees: a 3 (i1 i3 p1), b 2 (i3 p2), c 2 (i6 p1), d 1 (p2); 8 links of 5 instructions in all.
    assert (found.concepts, found.covered, found.ratio, found.instructions) == (4, 4, 1.0, 5)
    assert (found.per_concept.min, found.per_concept.mean, found.per_concept.max) == (1, 2.0, 3)
    shares = [3 / 8, 2 / 8, 2 / 8, 1 / 8]
    assert found.entropy == pytest.approx(-sum(p * math.log2(p) for p in shares))
    assert found.sessions == 3
    # Of the three pairs, p1 covers s1-s2 and p2 covers s2-s3.
    assert (found.session_pairs.possible, found.session_pairs.covered) == (3, 2)
    assert found.capacity == {}


async def test_coverage_counts_once_in_a_dag(garden: Garden):
    await fill(garden)
    database = garden.plant.database
    whole = await coverage.of(database, garden.taxonomy, STRATA)
    assert (whole.concepts, whole.instructions, whole.sessions) == (6, 6, 4)
    assert (whole.session_pairs.possible, whole.session_pairs.covered) == (3, 2)
    assert await coverage.instructions_below(database, garden.taxonomy) == 6
    by_discipline = (await coverage.by_kind(database, garden.taxonomy, Kind.Discipline, STRATA)).items
    assert [(row.name, row.instructions) for row in by_discipline] == [("D", 5), ("E", 1)]
    assert by_discipline[0] == await coverage.of(database, garden.disciplines[0], STRATA)
    by_field = (await coverage.by_kind(database, garden.taxonomy, Kind.Field, STRATA)).items
    assert [row.instructions for row in by_field] == [5, 6]


async def test_coverage_of_a_session_and_a_concept(garden: Garden):
    await fill(garden)
    session = await coverage.of(garden.plant.database, garden.d.sessions["s2"], STRATA)
    assert (session.concepts, session.instructions, session.sessions) == (2, 3, 1)
    concept = await coverage.of(garden.plant.database, garden.d.concepts["a"], STRATA)
    assert (concept.concepts, concept.instructions, concept.entropy) == (1, 3, 0.0)


async def test_coverage_of_nothing(garden: Garden):
    database = garden.plant.database
    bare = await garden.plant.node(Kind.Field, "bare", garden.taxonomy)
    found = await coverage.of(database, bare, STRATA)
    assert (found.concepts, found.ratio, found.instructions, found.entropy, found.sessions) == (0, 0, 0, 0, 0)
    unused = await coverage.of(database, garden.taxonomy, STRATA)
    assert (unused.concepts, unused.covered, unused.entropy) == (6, 0, 0.0)
    assert (await coverage.gaps(database, bare)).items == []
    for call in (coverage.of(database, "nowhere", STRATA), coverage.gaps(database, "nowhere")):
        with pytest.raises(NotFound):
            await call


async def test_pairs_count_once_whichever_session_came_first(garden: Garden):
    await garden.plant.instruct("x", garden.d, "s1 s2", "a c")
    await garden.plant.instruct("y", garden.d, "s2 s1", "c a")
    found = await coverage.of(garden.plant.database, garden.d.id, STRATA)
    assert (found.session_pairs.possible, found.session_pairs.covered) == (3, 1)


async def test_only_what_is_accepted_is_counted(garden: Garden):
    await fill(garden)
    database = garden.plant.database
    await nodes.patch(database, garden.d.concepts["c"], NodePatch(status=Status.rejected), 1)
    await nodes.patch(database, garden.d.sessions["s3"], NodePatch(status=Status.proposed), 1)
    found = await coverage.of(database, garden.disciplines[0], STRATA)
    assert (found.concepts, found.sessions, found.session_pairs.possible) == (3, 2, 1)
    assert found.session_pairs.covered <= found.session_pairs.possible


async def test_capacity_adds_up_over_syllabi_and_holds_huge_ones(garden: Garden):
    database = garden.plant.database
    huge = 2**70
    for syllabus, drawn, capacity in ((garden.d.id, [3, 1], [10, huge]), (garden.e.id, [2, 0], [5, 7])):
        await database.writing(lambda tx, a=syllabus, b=drawn, c=capacity: syllabi.hand_out(tx, a, "v", b, c))
    found = (await coverage.of(database, garden.taxonomy, STRATA)).capacity
    assert (found["single:1"].total, found["single:1"].drawn) == (15, 5)
    assert found["pair:2"].total >= 2**63 - 1
    assert found["pair:2"].drawn == 1
    assert (await syllabi.cursors(database, garden.d.id))["drawn"] == [3, 1]


async def test_gaps_are_the_least_covered_first(garden: Garden):
    await fill(garden)
    database = garden.plant.database
    found = await every(lambda cursor: coverage.gaps(database, garden.taxonomy, 2, cursor))
    assert [gap.instructions for gap in found] == [1, 1, 1, 2, 2, 3]
    assert [(gap.instructions, gap.id) for gap in found] == sorted((g.instructions, g.id) for g in found)
    assert len({gap.id for gap in found}) == 6
    by_id = {gap.id: gap for gap in found}
    sessions = {session["name"] for session in by_id[garden.d.concepts["b"]].sessions}
    assert sessions == {"s1", "s2"}


# Lineage


async def test_whole_lineage(garden: Garden):
    await fill(garden)
    one = await instructions.get(garden.plant.database, "p1")
    assert {concept.name for concept in one.concept_names} == {"a", "c"}
    assert [session.name for session in one.session_names] == ["s1", "s2"]
    assert one.syllabus is not None
    assert one.syllabus.id == garden.d.id
    assert [subject.name for subject in one.subjects] == ["algebra"]
    assert sorted([[step.name for step in path] for path in one.paths]) == [
        ["T", "one", "D", "algebra", "algebra syllabus"],
        ["T", "two", "D", "algebra", "algebra syllabus"],
    ]
    assert one.paths[0][0].kind is Kind.Taxonomy
    assert one.job == {"id": "job", "state": "planned"}
    with pytest.raises(NotFound):
        await instructions.get(garden.plant.database, "nowhere")
