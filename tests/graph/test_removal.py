"""Moving and purging, and edits that race with insertion."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from planting import Plant, rows_of

from graph.database import Database
from graph.errors import Conflict, NoNode, Stale
from graph.model import Kind, NewNode, NodePatch, Status
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.editing import history


async def two_fields(plant: Plant) -> tuple[str, str]:
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    return await plant.node(Kind.Field, "one", taxonomy), await plant.node(Kind.Field, "two", taxonomy)


async def status(plant: Plant, *ids: str) -> list[str]:
    rows = await rows_of(
        plant.database, "UNWIND $ids AS id MATCH (i:Instruction {id: id}) RETURN i.status AS s", ids=ids
    )
    return [row["s"] for row in rows]


# Moving


async def test_move_goes_from_one_parent_to_another_and_leaves_the_others(plant: Plant):
    one, two = await two_fields(plant)
    low = await plant.node(Kind.Subfield, "low", one)
    id_ = await plant.node(Kind.Discipline, "D", one, low)
    await plant.node(Kind.Discipline, "first", two, position=0)
    moved = await nodes.move(plant.database, id_, one, two, position=3, version=1, by="me")
    assert set(moved.parents) == {low, two}
    assert moved.version > 1
    # Its name is free under the old parent, and taken under the new one.
    assert await plant.node(Kind.Discipline, "d", two) == id_
    assert await plant.node(Kind.Discipline, "d", one) != id_
    [last, *_] = (await history.of(plant.database, id_)).items
    assert (last.action, last.who, last.detail) == (
        "moved",
        "me",
        {"from_id": one, "to_id": two, "position": 3},
    )
    assert (await history.of(plant.database, two)).items[0].id == last.id
    # Moved to a parent that it has already, it only leaves the old one.
    assert (await nodes.move(plant.database, id_, low, two)).parents == [two]
    assert (await nodes.move(plant.database, id_, two, two)).parents == [two]
    # Repeating the move with the earlier version succeeds: it is done already.
    done = await nodes.get(plant.database, id_)
    assert await nodes.move(plant.database, id_, low, two, version=1) == done
    with pytest.raises(Conflict, match="does not stand under"):
        await nodes.move(plant.database, id_, low, one)


async def test_moves_that_are_refused(plant: Plant):
    one, two = await two_fields(plant)
    upper = await plant.node(Kind.Subfield, "upper", one)
    lower = await plant.node(Kind.Subfield, "lower", upper)
    await plant.node(Kind.Subfield, "Lower", two)
    retired = await plant.node(Kind.Subfield, "old", one)
    await nodes.retire(plant.database, retired)
    discipline = await plant.node(Kind.Discipline, "D", one)
    for id_, from_, to in [
        (upper, one, lower),
        (upper, two, discipline),
        (lower, upper, two),
        (lower, upper, discipline),
        (lower, upper, retired),
    ]:
        with pytest.raises(Conflict):
            await nodes.move(plant.database, id_, from_, to)
    with pytest.raises(Stale):
        await nodes.move(plant.database, lower, upper, one, version=7)
    with pytest.raises(NoNode):
        await nodes.move(plant.database, lower, upper, "nowhere")
    assert (await nodes.get(plant.database, lower)).parents == [upper]


async def test_what_a_move_or_an_unlink_takes_apart_is_stale_and_nothing_else(plant: Plant):
    one, _ = await two_fields(plant)
    discipline = await plant.node(Kind.Discipline, "D", one)
    first = await plant.syllabus(discipline, "A", {"s": ["x", "y"], "t": ["y"], "u": ["z"]})
    second = await plant.syllabus(discipline, "B", {"v": ["w"]})
    for id_, sessions, concepts in [
        ("sx", "s", "x"),
        ("sy", "s", "y"),
        ("ty", "t", "y"),
        ("st", "s t", "x y"),
        ("u", "u", "z"),
    ]:
        await plant.instruct(id_, first, sessions, concepts)
    await nodes.move(plant.database, first.concepts["x"], first.sessions["s"], second.sessions["v"])
    assert await status(plant, "sx", "sy", "ty", "st", "u") == [
        *("stale", "accepted", "accepted", "stale", "accepted")
    ]
    await nodes.move(plant.database, first.sessions["t"], first.id, second.id)
    assert await status(plant, "sy", "ty", "u") == ["accepted", "stale", "accepted"]
    # Combinations of the moved session may have been drawn in the first syllabus.
    [shape] = await syllabi.shapes(plant.database, [second.id])
    assert shape.respaced
    await nodes.link(plant.database, second.id, first.sessions["s"])
    assert await status(plant, "sy", "u") == ["accepted", "accepted"]
    await nodes.unlink(plant.database, first.id, first.sessions["s"])
    assert await status(plant, "sy", "u") == ["stale", "accepted"]
    await nodes.retire(plant.database, first.sessions["u"])
    assert await status(plant, "u") == ["stale"]


async def test_concepts_move_to_the_other_discipline_with_their_subject(plant: Plant):
    one, _ = await two_fields(plant)
    a, b = [await plant.node(Kind.Discipline, name, one) for name in "AB"]
    first = await plant.syllabus(a, "S", {"s": ["x", "y"], "empty": []})
    other = await plant.syllabus(a, "R", {"r": ["y"]})
    taken = await plant.syllabus(b, "Q", {"q": ["X"]})
    with pytest.raises(Conflict, match="one concept in a discipline"):
        await nodes.move(plant.database, first.subject, a, b)
    with pytest.raises(Conflict, match="one concept in a discipline"):
        await nodes.link(plant.database, b, first.subject)
    await nodes.merge(plant.database, taken.concepts["X"], first.concepts["x"])
    await nodes.move(plant.database, first.subject, a, b)
    assert await plant.concepts(taken.sessions["q"], "x", "y") == [first.concepts["x"], first.concepts["y"]]
    # y is in both disciplines; x is free again in the old one.
    assert await plant.concepts(other.sessions["r"], "y") == [first.concepts["y"]]
    assert await plant.concepts(other.sessions["r"], "x") != [first.concepts["x"]]


async def test_a_node_in_use_stands_under_one_in_use(plant: Plant):
    one, two = await two_fields(plant)
    id_ = await plant.node(Kind.Discipline, "D", one, two)
    alone = await plant.node(Kind.Discipline, "E", two)
    await nodes.retire(plant.database, two)
    with pytest.raises(Conflict, match="retired"):
        await nodes.unlink(plant.database, one, id_)
    with pytest.raises(Conflict, match="bring a parent back"):
        await nodes.patch(plant.database, alone, NodePatch(status=Status.accepted), 2)
    await nodes.patch(plant.database, two, NodePatch(status=Status.accepted), 2)
    await nodes.patch(plant.database, alone, NodePatch(status=Status.accepted), 2)


async def test_a_further_parent_closes_no_circle_and_brings_no_second_name(plant: Plant):
    one, two = await two_fields(plant)
    upper = await plant.node(Kind.Subfield, "upper", one)
    lower = await plant.node(Kind.Subfield, "lower", upper)
    with pytest.raises(Conflict, match="circle"):
        await plant.node(Kind.Subfield, "upper", one, lower)
    await plant.node(Kind.Discipline, "D", one)
    with pytest.raises(Conflict, match="another Discipline"):
        await plant.node(Kind.Discipline, "d", two, one)
    new = [
        NewNode(kind=Kind.Field, name="three", parent_id=(await nodes.get(plant.database, one)).parents[0])
    ]
    [three] = await nodes.insert_many(plant.database, new)
    batch = [
        NewNode(kind=Kind.Discipline, name="E", parent_ids=[two, three.id or ""]),
        NewNode(kind=Kind.Discipline, name="e", parent_ids=[three.id or ""]),
        NewNode(kind=Kind.Discipline, name="E", parent_ids=[one, three.id or ""]),
    ]
    first, second, third = await nodes.insert_many(plant.database, batch)
    assert first.id == second.id
    assert isinstance(third.error, Conflict)


# Purging


async def test_purge_takes_what_stands_under_it_alone(plant: Plant):
    one, two = await two_fields(plant)
    own = await plant.node(Kind.Discipline, "own", one)
    shared = await plant.node(Kind.Discipline, "shared", one, two)
    below = await plant.node(Kind.Subject, "below", own)
    merged = await plant.node(Kind.Discipline, "merged", one)
    await nodes.merge(plant.database, merged, own)
    with pytest.raises(Stale):
        await nodes.purge(plant.database, one, 5)
    assert await nodes.purge(plant.database, one, 1, by="me") == 3
    for id_ in (one, own, below, merged):
        with pytest.raises(NoNode):
            await nodes.get(plant.database, id_)
    assert (await nodes.get(plant.database, shared)).parents == [two]
    assert await rows_of(plant.database, "MATCH (a:Alias) RETURN a.id") == []
    [last, first] = (await history.of(plant.database, one)).items
    assert (last.action, last.who, last.nodes, first.action) == ("purged", "me", 3, "inserted")
    assert {(gone["id"], gone["name"], gone["kind"]) for gone in last.detail["gone"]} == {
        (one, "one", "Field"),
        (own, "own", "Discipline"),
        (below, "below", "Subject"),
    }
    # The name is free again for another node.
    taxonomy = (await nodes.get(plant.database, two)).parents[0]
    assert await plant.node(Kind.Field, "one", taxonomy) != one


async def test_purge_gives_what_stays_a_home_that_is_there(plant: Plant):
    one, two = await two_fields(plant)
    both = await plant.node(Kind.Discipline, "both", one, two)
    b, a = [await plant.node(Kind.Discipline, name, one) for name in "BA"]
    first = await plant.syllabus(a, "S", {"s": ["x"]})
    guest = await plant.syllabus(a, "R", {"r": ["y"]})
    other = await plant.syllabus(b, "Q", {"q": []})
    await nodes.link(plant.database, b, first.subject)
    await nodes.link(plant.database, other.sessions["q"], guest.concepts["y"])
    await nodes.purge(plant.database, a)
    # Names are looked for at the new home: the same nodes are found there.
    assert await plant.concepts(other.sessions["q"], "X", "Y") == [first.concepts["x"], guest.concepts["y"]]
    found = await rows_of(plant.database, "MATCH (k:KeyConcept) RETURN DISTINCT k.home AS home")
    assert [row["home"] for row in found] == [b]
    await nodes.purge(plant.database, one)
    assert await plant.node(Kind.Discipline, "Both", two) == both


async def test_purge_retires_what_keeps_a_retired_parent_alone(plant: Plant):
    one, two = await two_fields(plant)
    both = await plant.node(Kind.Discipline, "D", one, two)
    below = await plant.node(Kind.Subject, "S", both)
    await nodes.retire(plant.database, one)
    assert await nodes.purge(plant.database, two) == 1
    for id_ in (both, below):
        assert (await nodes.get(plant.database, id_)).status is Status.retired


@pytest.mark.parametrize("made", ["accepted", "stale", "failed", "rejected", "asked"])
async def test_purge_is_refused_while_an_instruction_would_lose_its_origin(plant: Plant, made: str):
    one, two = await two_fields(plant)
    discipline = await plant.node(Kind.Discipline, "D", one)
    planted = await plant.syllabus(discipline, "S", {"s": ["x", "y"]})
    await plant.node(Kind.Discipline, "other", two)
    await plant.instruct("i", planted, "s", "x", status=made)
    for id_ in (planted.concepts["x"], planted.sessions["s"], planted.id, discipline, one):
        with pytest.raises(Conflict, match="1 instruction would lose"):
            await nodes.purge(plant.database, id_)
    assert await nodes.purge(plant.database, planted.concepts["y"]) == 1
    assert await nodes.purge(plant.database, two) == 2


async def test_purge_and_jobs(plant: Plant):
    one, two = await two_fields(plant)
    await plant.job(one)
    with pytest.raises(Conflict, match="job grows from it"):
        await nodes.purge(plant.database, one)
    await rows_of(plant.database, "MATCH (j:Job) SET j.state = 'done'")
    await nodes.purge(plant.database, one)
    # The job stays, with the id of what it grew.
    assert await rows_of(plant.database, "MATCH (j:Job) RETURN j.root_id AS id") == [{"id": one}]
    await nodes.purge(plant.database, two)


# Races


async def strays(database: Database) -> list[Any]:
    """Nodes in use without a parent in use, and links and names that must not exist."""
    return await rows_of(
        database,
        "MATCH (n:TaxonomyNode) WHERE NOT n:Taxonomy AND n.status <> 'retired'"
        " AND NOT EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.status <> 'retired' }"
        " RETURN n.name AS name"
        " UNION MATCH (p)-[:CONTAINS]->(n) WITH p, n.name_key AS name, count(*) AS nodes, labels(n) AS kinds"
        " WHERE nodes > 1 RETURN name"
        " UNION MATCH (n:TaxonomyNode) WHERE NOT n:Taxonomy AND NOT n:KeyConcept"
        " AND NOT EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.id = n.home } RETURN n.name AS name"
        " UNION MATCH (k:KeyConcept)"
        " WHERE NOT EXISTS { MATCH (d)-[:CONTAINS*3..]->(k) WHERE d.id = k.home } RETURN k.name AS name",
    )


@pytest.mark.parametrize("edit", ["retire", "purge", "move", "merge"])
async def test_insertion_that_races_with_an_edit_leaves_no_stray(plant: Plant, edit: str):
    """Children at any depth are inserted while a node above them is removed or changed."""
    one, two = await two_fields(plant)
    for turn in range(6):
        a = await plant.node(Kind.Discipline, f"A{turn}", one)
        b = await plant.node(Kind.Discipline, f"B{turn}", two)
        places = [a]
        for kind in (Kind.Subject, Kind.Syllabus, Kind.ClassSession):
            places.append(await plant.node(kind, "same", places[-1]))
        subject = await plant.node(Kind.Subject, "same", b) if edit == "merge" else b
        await plant.node(Kind.Subject if subject == b else Kind.Syllabus, "same", subject)
        change = {
            "retire": lambda a=a: nodes.retire(plant.database, a),
            "purge": lambda a=a: nodes.purge(plant.database, a),
            "move": lambda a=a: nodes.move(plant.database, a, one, two),
            "merge": lambda a=a, b=b: nodes.merge(plant.database, a, b),
        }[edit]
        racing = [_late(n, lambda n=n, places=places: _insert(plant, n, places)) for n in range(16)]
        changed, *inserted = await asyncio.gather(_late(4, change), *racing, return_exceptions=True)
        assert not isinstance(changed, BaseException), changed
        errors = [found for found in inserted if isinstance(found, BaseException)]
        assert [error for error in errors if not isinstance(error, Conflict | NoNode)] == []
        assert await strays(plant.database) == []


async def _late(n: int, work: Callable[[], Awaitable[Any]]) -> Any:
    await asyncio.sleep(0.001 * n)
    return await work()


async def _insert(plant: Plant, n: int, places: list[str]) -> None:
    kind = [Kind.Subject, Kind.Syllabus, Kind.ClassSession, Kind.KeyConcept][n % 4]
    await plant.node(kind, f"n{n}", places[n % 4])
