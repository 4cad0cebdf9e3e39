"""Change, retire, link and unlink."""

import asyncio
from typing import Any

import pytest
from planting import Plant, rows_of
from pydantic import ValidationError

from graph.errors import Conflict, NotFound, Stale
from graph.model import Kind, NewNode, Node, NodePatch, Status
from graph.taxonomy import nodes
from graph.taxonomy.walking import traversal


async def snapshot(plant: Plant) -> list[dict[str, Any]]:
    """Every node with all its properties and the links to its parents."""
    return await rows_of(
        plant.database,
        "MATCH (n:TaxonomyNode) RETURN n.id AS id, properties(n) AS properties,"
        " COLLECT { MATCH (p)-[r:CONTAINS]->(n) RETURN [p.id, r.position] ORDER BY p.id } AS above"
        " ORDER BY id",
    )


async def two_fields(plant: Plant) -> tuple[str, str]:
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    return await plant.node(Kind.Field, "one", taxonomy), await plant.node(Kind.Field, "two", taxonomy)


# Changes


async def test_change_counts_the_version_and_leaves_the_rest(plant: Plant):
    id_ = await plant.node(Kind.Taxonomy, "T", description="old", properties={"keep": 1, "drop": "x"})
    before = await nodes.get(plant.database, id_)
    change = NodePatch(description="new", weight=3, properties={"drop": None, "added": [1, 2]})
    after = await nodes.patch(plant.database, id_, change, 1)
    assert (after.version, after.description, after.weight, after.name) == (2, "new", 3.0, "T")
    assert after.properties == {"keep": 1, "added": [1, 2]}
    assert after.created_at == before.created_at < after.updated_at
    assert after == await nodes.get(plant.database, id_)


async def test_exactly_one_of_many_changes_of_a_version_wins(plant: Plant):
    id_ = await plant.node(Kind.Taxonomy, "T")
    results = await asyncio.gather(
        *(nodes.patch(plant.database, id_, NodePatch(description=f"by {n}"), 1) for n in range(12)),
        return_exceptions=True,
    )
    won = [result for result in results if isinstance(result, Node)]
    assert len(won) == 1
    assert all(isinstance(result, Node | Stale) for result in results)
    assert await nodes.get(plant.database, id_) == won[0]


async def test_unknown_node(plant: Plant):
    with pytest.raises(NotFound):
        await nodes.get(plant.database, "nowhere")
    with pytest.raises(NotFound):
        await nodes.patch(plant.database, "nowhere", NodePatch(), 1)
    with pytest.raises(NotFound):
        await nodes.retire(plant.database, "nowhere")


async def test_rename_frees_the_old_name(plant: Plant):
    one, _ = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "old", one)
    await nodes.patch(plant.database, id_, NodePatch(name="New"), 1)
    assert await plant.node(Kind.Discipline, "NEW", one) == id_
    assert await plant.node(Kind.Discipline, "old", one) != id_
    assert await traversal.resolve(plant.database, "one/new") == id_


async def test_rename_to_another_writing_of_the_same_name(plant: Plant):
    id_ = await plant.node(Kind.Taxonomy, "algebra")
    assert (await nodes.patch(plant.database, id_, NodePatch(name="ALGEBRA"), 1)).name == "ALGEBRA"
    assert await plant.node(Kind.Taxonomy, "Algebra") == id_


async def test_rename_to_a_taken_name_changes_nothing(plant: Plant):
    one, _ = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one)
    await plant.node(Kind.Discipline, "taken", one)
    before = await snapshot(plant)
    with pytest.raises(Conflict):
        await nodes.patch(plant.database, id_, NodePatch(name="Taken", description="changed"), 1)
    assert await snapshot(plant) == before


async def test_rename_to_the_name_of_a_sibling_that_was_linked_there(plant: Plant):
    one, two = await two_fields(plant)
    guest = await plant.node(Kind.Discipline, "guest", one)
    await nodes.link(plant.database, two, guest)
    host = await plant.node(Kind.Discipline, "host", two)
    for id_, name in [(host, "Guest"), (guest, "Host")]:
        version = (await nodes.get(plant.database, id_)).version
        with pytest.raises(Conflict):
            await nodes.patch(plant.database, id_, NodePatch(name=name), version)


async def test_concept_cannot_take_the_name_of_another_of_its_discipline(plant: Plant):
    one, _ = await two_fields(plant)
    discipline = await plant.node(Kind.Discipline, "D", one)
    planted = await plant.syllabus(discipline, "S", {"s1": ["a"], "s2": ["b"]})
    with pytest.raises(Conflict):
        await nodes.patch(plant.database, planted.concepts["a"], NodePatch(name="B"), 1)


UNSTORABLE: list[Any] = [
    float("nan"),
    float("inf"),
    {"nested": 1},
    [1, "a"],
    [1, None],
    [[1], [2]],
    [True, 1],
    2**63,
    -(2**63) - 1,
    "a\0b",
    "\ud800",
    ["ok", "\udfff"],
    b"bytes",
]


@pytest.mark.parametrize("value", UNSTORABLE, ids=repr)
def test_what_the_database_cannot_store_is_refused(value: object):
    for make in (
        lambda: NodePatch(properties={"x": value}),
        lambda: NewNode(kind=Kind.Taxonomy, name="T", properties={"x": value}),
    ):
        with pytest.raises(ValidationError):
            make()


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "kind",
        "key",
        "name_key",
        "home",
        "version",
        "drawn",
        "ahead",
        "ahead_counts",
        "capacity",
        "",
        "x" * 201,
        "a\0b",
    ],
)
def test_names_of_properties_that_are_refused(name: str):
    with pytest.raises(ValidationError):
        NodePatch(properties={name: 1})


@pytest.mark.parametrize("name", ["", "  ", "\u3000", "a\0", "\ud800", "x" * 1001])
def test_names_that_are_refused(name: str):
    for make in (lambda: NodePatch(name=name), lambda: NewNode(kind=Kind.Taxonomy, name=name)):
        with pytest.raises(ValidationError):
            make()


EXTREMES: list[Any] = [
    2**63 - 1,
    -(2**63),
    5e-324,
    1.7976931348623157e308,
    [],
    [1, 2.5],
    [True, False],
    "\n\t\u202e\U0001f331",
    "x" * 50_000,
]


@pytest.mark.parametrize("value", EXTREMES, ids=lambda value: repr(value)[:20])
async def test_extremes_come_back_as_they_went_in(plant: Plant, value: Any):
    id_ = await plant.node(Kind.Taxonomy, "T")
    node = await nodes.patch(plant.database, id_, NodePatch(properties={"x": value, "ü `$": 1}), 1)
    assert node.properties == {"x": value, "ü `$": 1}
    assert (await nodes.get(plant.database, id_)).properties["x"] == value


def test_retiring_is_no_change():
    with pytest.raises(ValidationError, match="DELETE"):
        NodePatch(status=Status.retired)


# Retiring


async def test_retire_takes_what_hangs_on_it_alone(plant: Plant):
    one, two = await two_fields(plant)
    own = await plant.node(Kind.Discipline, "own", one)
    shared = await plant.node(Kind.Discipline, "shared", one, two)
    below_own = await plant.node(Kind.Subject, "a", own)
    below_both = await plant.node(Kind.Subject, "b", own, shared)
    below_shared = await plant.node(Kind.Subject, "c", shared)
    assert await nodes.retire(plant.database, one) == 3
    statuses = {id_: (await nodes.get(plant.database, id_)).status for id_ in (one, own, below_own)}
    assert set(statuses.values()) == {Status.retired}
    for id_ in (two, shared, below_both, below_shared):
        assert (await nodes.get(plant.database, id_)).status is Status.accepted
    # Retiring the last remaining parent takes the rest along.
    assert await nodes.retire(plant.database, two) == 4
    assert (await nodes.get(plant.database, below_both)).status is Status.retired


async def test_retire_checks_the_version_and_counts_it(plant: Plant):
    one, _ = await two_fields(plant)
    before = await snapshot(plant)
    with pytest.raises(Stale):
        await nodes.retire(plant.database, one, version=2)
    assert await snapshot(plant) == before
    assert await nodes.retire(plant.database, one, version=1) == 1
    assert (await nodes.get(plant.database, one)).version == 2
    assert await nodes.retire(plant.database, one) == 0


# Links


async def test_link_and_its_position(plant: Plant):
    one, two = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one)
    first = await plant.node(Kind.Discipline, "E", two, position=5)
    assert set((await nodes.link(plant.database, two, id_, 0)).parents) == {one, two}
    assert [n.id for n in (await traversal.children(plant.database, two)).items] == [id_, first]
    await nodes.link(plant.database, two, id_, 9)
    assert [n.id for n in (await traversal.children(plant.database, two)).items] == [first, id_]
    await nodes.link(plant.database, two, id_)
    assert [n.id for n in (await traversal.children(plant.database, two)).items] == [first, id_]


async def test_link_that_would_close_a_circle(plant: Plant):
    one, _ = await two_fields(plant)
    top = await plant.node(Kind.Subfield, "top", one)
    middle = await plant.node(Kind.Subfield, "middle", top)
    low = await plant.node(Kind.Subfield, "low", middle)
    for parent, child in [(low, top), (middle, top), (top, top)]:
        with pytest.raises(Conflict, match="circle"):
            await nodes.link(plant.database, parent, child)
    await nodes.link(plant.database, top, low)


async def test_links_that_would_close_a_circle_together(plant: Plant):
    one, _ = await two_fields(plant)
    ids = [await plant.node(Kind.Subfield, f"S{n}", one) for n in range(6)]
    ring = list(zip(ids, ids[1:] + ids[:1], strict=True))
    results = await asyncio.gather(
        *(nodes.link(plant.database, above, below) for above, below in ring), return_exceptions=True
    )
    refused = [result for result in results if not isinstance(result, Node)]
    assert [type(error) for error in refused] == [Conflict]
    circles = await rows_of(plant.database, "MATCH p = (n)-[:CONTAINS*1..]->(n) RETURN p LIMIT 1")
    assert circles == []


async def test_links_that_are_refused(plant: Plant):
    one, two = await two_fields(plant)
    discipline = await plant.node(Kind.Discipline, "D", one)
    await plant.node(Kind.Discipline, "d", two)
    retired = await plant.node(Kind.Subfield, "old", one)
    await nodes.retire(plant.database, retired)
    before = await snapshot(plant)
    for parent, child in [(discipline, two), (one, two), (two, discipline), (retired, discipline)]:
        with pytest.raises(Conflict):
            await nodes.link(plant.database, parent, child)
    for parent, child in [("nowhere", discipline), (two, "nowhere")]:
        with pytest.raises(NotFound):
            await nodes.link(plant.database, parent, child)
    assert await snapshot(plant) == before


async def test_concept_is_not_linked_into_a_discipline_that_has_its_name(plant: Plant):
    one, _ = await two_fields(plant)
    a, b = [await plant.node(Kind.Discipline, name, one) for name in "AB"]
    first = await plant.syllabus(a, "S", {"s": ["x", "y"]})
    second = await plant.syllabus(b, "S", {"s1": ["X"], "s2": []})
    with pytest.raises(Conflict):
        await nodes.link(plant.database, second.sessions["s2"], first.concepts["x"])
    await nodes.link(plant.database, second.sessions["s2"], first.concepts["y"])


async def test_unlink_needs_another_parent(plant: Plant):
    one, two = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one, two)
    await nodes.unlink(plant.database, two, id_)
    with pytest.raises(NotFound):
        await nodes.unlink(plant.database, two, id_)
    with pytest.raises(Conflict, match="orphan"):
        await nodes.unlink(plant.database, one, id_)
    assert (await nodes.get(plant.database, id_)).parents == [one]


async def test_two_unlinks_at_once_leave_no_orphan(plant: Plant):
    one, two = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one, two)
    results = await asyncio.gather(
        *(nodes.unlink(plant.database, parent, id_) for parent in (one, two)), return_exceptions=True
    )
    assert sorted(str(type(result).__name__) for result in results) == ["Conflict", "NoneType"]
    assert len((await nodes.get(plant.database, id_)).parents) == 1


async def test_unlinked_node_takes_the_key_of_its_new_home(plant: Plant):
    one, two = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one, two)
    await nodes.unlink(plant.database, one, id_)
    assert await plant.node(Kind.Discipline, "d", two) == id_
    assert await plant.node(Kind.Discipline, "d", one) != id_


async def test_unlinked_concept_takes_the_key_of_its_new_discipline(plant: Plant):
    one, _ = await two_fields(plant)
    a, b = [await plant.node(Kind.Discipline, name, one) for name in "AB"]
    first = await plant.syllabus(a, "S", {"s": ["x"]})
    second = await plant.syllabus(b, "S", {"s1": [], "s2": []})
    concept = first.concepts["x"]
    await nodes.link(plant.database, second.sessions["s1"], concept)
    await nodes.unlink(plant.database, first.sessions["s"], concept)
    assert await plant.concepts(second.sessions["s2"], "X") == [concept]
    assert await plant.concepts(first.sessions["s"], "X") != [concept]
