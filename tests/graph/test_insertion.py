"""Insertion is idempotent by key, even when many insert at once."""

import asyncio
from typing import Any

import pytest
from planting import Plant, Syllabus, rows_of

from graph.database import Database, Transaction
from graph.errors import Conflict, Invalid, NoNode, NotFound
from graph.model import Kind, NewNode, NodePatch, Status, new_id
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.walking import traversal

SAME_NAMES = ["Linear algebra", "  LINEAR \t algebra\n", "linear\u00a0algebra", "Ｌinear algebra"]


async def count(database: Database, kind: Kind) -> int:
    return (await rows_of(database, f"MATCH (n:{kind}) RETURN count(n) AS n"))[0]["n"]


@pytest.mark.parametrize("again", SAME_NAMES)
async def test_same_name_gives_the_same_node(plant: Plant, again: str):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    first, created = await nodes.insert(
        plant.database,
        NewNode(kind=Kind.Field, name="Linear algebra", parent_id=taxonomy, description="first"),
        by="me",
    )
    second, made_again = await nodes.insert(
        plant.database, NewNode(kind=Kind.Field, name=again, parent_id=taxonomy, description="second")
    )
    assert (created, made_again) == (True, False)
    assert second == first
    assert (first.description, first.version, first.created_by) == ("first", 1, "me")
    assert first.parents == [taxonomy]


async def test_casefold_is_more_than_lower_case(plant: Plant):
    assert await plant.node(Kind.Taxonomy, "Straße") == await plant.node(Kind.Taxonomy, "STRASSE")


async def test_same_name_elsewhere_is_another_node(plant: Plant):
    one, other = await plant.node(Kind.Taxonomy, "T"), await plant.node(Kind.Taxonomy, "U")
    assert await plant.node(Kind.Field, "F", one) != await plant.node(Kind.Field, "F", other)


async def test_same_name_of_another_kind_is_another_node(plant: Plant):
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    assert await plant.node(Kind.Subfield, "x", field) != await plant.node(Kind.Discipline, "x", field)


async def test_fifty_at_once_make_one_node(plant: Plant):
    others = [await Database.open(plant.database._address) for _ in range(3)]
    try:
        taxonomy = await plant.node(Kind.Taxonomy, "T")
        new = NewNode(kind=Kind.Field, name="F", parent_id=taxonomy, properties={"code": 1})
        databases = [plant.database, *others]
        results = await asyncio.gather(*(nodes.insert(databases[n % 4], new) for n in range(50)))
    finally:
        for other in others:
            await other.close()
    assert len({node.id for node, _ in results}) == 1
    assert sum(created for _, created in results) == 1
    assert await count(plant.database, Kind.Field) == 1
    assert len(await rows_of(plant.database, "MATCH (:Taxonomy)-[r:CONTAINS]->(:Field) RETURN r")) == 1


async def test_batches_that_overlap_in_other_orders_make_each_node_once(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    new = [NewNode(kind=Kind.Field, name=f"F{n}", parent_id=taxonomy) for n in range(40)]
    turned = [new[n:] + new[:n] for n in range(0, 40, 5)]
    results = await asyncio.gather(*(nodes.insert_many(plant.database, batch) for batch in turned))
    assert sum(inserted.created for batch in results for inserted in batch) == 40
    for batch, inserted in zip(turned, results, strict=True):
        assert [(await nodes.get(plant.database, one.id or "")).name for one in inserted[:3]] == [
            node.name for node in batch[:3]
        ]
    assert await count(plant.database, Kind.Field) == 40


async def test_parent_must_exist_fit_and_live(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    retired = await plant.node(Kind.Field, "old", taxonomy)
    await nodes.retire(plant.database, retired)
    for parent, error in [("nowhere", NotFound), (taxonomy, Invalid), (retired, Conflict)]:
        with pytest.raises(error):
            await plant.node(Kind.Discipline, "D", parent)
    assert await count(plant.database, Kind.Discipline) == 0


async def test_every_parent_of_several_is_checked(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    field = await plant.node(Kind.Field, "F", taxonomy)
    with pytest.raises(Invalid):
        await plant.node(Kind.Discipline, "D", field, taxonomy)
    with pytest.raises(NotFound):
        await plant.node(Kind.Discipline, "D", field, "nowhere")
    assert await count(plant.database, Kind.Discipline) == 0


async def test_several_parents(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    one, two, three = [await plant.node(Kind.Field, name, taxonomy) for name in ("one", "two", "three")]
    id_ = await plant.node(Kind.Discipline, "D", one, two)
    assert set((await nodes.get(plant.database, id_)).parents) == {one, two}
    # Its home is the first parent: named there again, it is found and gets one more parent.
    assert await plant.node(Kind.Discipline, "d", one, three) == id_
    assert set((await nodes.get(plant.database, id_)).parents) == {one, two, three}


async def test_node_linked_from_elsewhere_is_found_by_its_name_here(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    home, second = [await plant.node(Kind.Field, name, taxonomy) for name in ("home", "second")]
    id_ = await plant.node(Kind.Discipline, "Optics", home)
    await nodes.link(plant.database, second, id_)
    assert await plant.node(Kind.Discipline, "OPTICS", second) == id_
    assert await count(plant.database, Kind.Discipline) == 1


async def two_disciplines(plant: Plant) -> tuple[str, str]:
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    return await plant.node(Kind.Discipline, "A", field), await plant.node(Kind.Discipline, "B", field)


async def test_concept_is_one_node_in_its_discipline_and_another_in_the_next(plant: Plant):
    a, b = await two_disciplines(plant)
    first = await plant.syllabus(a, "S", {"s1": ["Eigenvalue", "Basis"], "s2": ["eigenvalue"]})
    second = await plant.syllabus(a, "S2", {"s3": ["EIGENVALUE"]})
    other = await plant.syllabus(b, "S", {"s1": ["Eigenvalue"]})
    concept = first.concepts["Eigenvalue"]
    assert first.concepts["eigenvalue"] == concept == second.concepts["EIGENVALUE"]
    assert set((await nodes.get(plant.database, concept)).parents) == {
        first.sessions["s1"],
        first.sessions["s2"],
        second.sessions["s3"],
    }
    assert other.concepts["Eigenvalue"] != concept
    assert await count(plant.database, Kind.KeyConcept) == 3


async def test_concept_of_a_subject_that_two_disciplines_share_is_found_from_both(plant: Plant):
    a, b = await two_disciplines(plant)
    # a is older and has the smaller id: a concept created in b must still be found by way of a.
    planted = await plant.syllabus(b, "Shared", {"s1": ["group"], "s2": []})
    await nodes.link(plant.database, a, planted.subject)
    [again] = await plant.concepts(planted.sessions["s2"], "Group")
    assert again == planted.concepts["group"]


async def test_concept_linked_from_another_discipline_is_found_in_all_sessions_here(plant: Plant):
    a, b = await two_disciplines(plant)
    home = await plant.syllabus(a, "S", {"s": ["group"]})
    here = await plant.syllabus(b, "S", {"s1": [], "s2": []})
    await nodes.link(plant.database, here.sessions["s1"], home.concepts["group"])
    assert await plant.concepts(here.sessions["s2"], "Group") == [home.concepts["group"]]


async def two_of_a_name(plant: Plant) -> tuple[Syllabus, Syllabus, Syllabus]:
    """The syllabi of a subject that two disciplines share, and of one of each, both with a concept x."""
    a, b = await two_disciplines(plant)
    shared = await plant.syllabus(a, "Shared", {"s": ["other"], "t": []})
    await nodes.link(plant.database, b, shared.subject)
    first = await plant.syllabus(a, "First", {"s": ["x"], "t": ["only A"]})
    return shared, first, await plant.syllabus(b, "Second", {"s": ["X"], "t": ["only B"]})


@pytest.mark.parametrize("way", ["link", "insert", "insert many", "move", "merge", "rename"])
async def test_name_of_two_concepts_is_refused_where_their_disciplines_share(plant: Plant, way: str):
    shared, first, second = await two_of_a_name(plant)
    database, session, x = plant.database, shared.sessions["s"], first.concepts["x"]
    before = (await nodes.get(database, x)).parents

    async def attempt() -> None:
        if way == "link":
            await nodes.link(database, session, x)
        elif way == "insert":
            await plant.concepts(session, "x")
        elif way == "insert many":
            new = [NewNode(kind=Kind.KeyConcept, name=name, parent_id=session) for name in ("x", "fresh")]
            refused, fresh = await nodes.insert_many(database, new)
            assert fresh.created
            assert refused.error
            raise refused.error
        elif way == "move":
            await nodes.move(database, x, first.sessions["s"], session)
        elif way == "merge":
            await nodes.merge(database, shared.concepts["other"], x)
        else:
            await nodes.patch(database, shared.concepts["other"], NodePatch(name="x"), None)

    with pytest.raises(Conflict, match="another KeyConcept called"):
        await attempt()
    assert (await nodes.get(database, x)).parents == before
    # What only one of them has is linked, and so is what both have since they are one.
    for name, syllabus in (("only A", first), ("only B", second)):
        assert await plant.concepts(session, name) == [syllabus.concepts[name]]
    await nodes.merge(database, second.concepts["X"], x)
    assert await plant.concepts(session, "x") == [x]
    assert await plant.concepts(shared.sessions["t"], "x") == [x]


async def test_syllabus_leaves_out_a_concept_that_two_disciplines_have_as_two(plant: Plant):
    shared, first, _ = await two_of_a_name(plant)
    new = [syllabi.NewSession("s", "", ["x", "only A", "fresh"])]
    id_ = await plant.database.writing(
        lambda tx: syllabi.store(tx, shared.subject, "Another", "", {}, new, "me")
    )
    [session] = await syllabi.sessions(plant.database, id_)
    assert [concept.name for concept in session.concepts] == ["only A", "fresh"]
    assert session.concepts[0].id == first.concepts["only A"]


async def _linked_while_inserted(plant: Plant, at: str) -> tuple[Syllabus, nodes.Inserted, Any]:
    """Links a concept into a discipline while its name is inserted there, before it is written or committed.

    Returns the syllabus that it was linked into, the inserted node, and what the link returned or raised.
    """
    a, b = await two_disciplines(plant)
    home = await plant.syllabus(a, "S", {"s": ["group"]})
    here = await plant.syllabus(b, "S", {"s1": [], "s2": []})
    link: list[asyncio.Task[Any]] = []

    async def now() -> None:
        if not link:
            linking = nodes.link(plant.database, here.sessions["s1"], home.concepts["group"])
            link.append(asyncio.create_task(linking))
            await asyncio.wait(link, timeout=1)

    async def work(tx: Transaction) -> nodes.Inserted:
        insertions = nodes.Insertions("me")
        node = NewNode(kind=Kind.KeyConcept, name="Group", parent_id=here.sessions["s2"])
        await insertions.prepare(tx, [(0, node, node.above, new_id())])
        if at == "written":
            await now()
        made = await insertions.write(tx)
        await insertions.record(tx)
        if at == "committed":
            await now()
        return made[0]

    made = await plant.database.writing(work)
    return here, made, (await asyncio.gather(*link, return_exceptions=True))[0]


@pytest.mark.parametrize("at", ["written", "committed"])
async def test_concept_that_comes_from_another_discipline_while_its_name_is_inserted(plant: Plant, at: str):
    """The rollup of the discipline is locked from the start, so the link waits and finds the name taken."""
    here, made, linked = await _linked_while_inserted(plant, at)
    assert made.created
    assert isinstance(linked, Conflict)
    found = (await traversal.children(plant.database, here.sessions["s1"])).items
    assert found == []


async def test_subject_that_comes_to_a_discipline_with_names_that_are_taken_there(plant: Plant):
    a, b = await two_disciplines(plant)
    planted = await plant.syllabus(a, "S", {"s": ["group", "ring"]})
    other = await plant.syllabus(b, "Other", {"s": ["Group"]})
    new = [
        NewNode(kind=Kind.Subject, name="S", parent_ids=[a, b]),
        NewNode(kind=Kind.Subject, name="Fresh", parent_ids=[a, b]),
    ]
    refused, fresh = await nodes.insert_many(plant.database, new)
    assert isinstance(refused.error, Conflict)
    assert planted.concepts["group"] in str(refused.error)
    assert other.concepts["Group"] in str(refused.error)
    assert "ring" not in str(refused.error)
    assert fresh.created
    assert (await nodes.get(plant.database, planted.subject)).parents == [a]
    # Once the two concepts are merged, the subject may be linked, even repeatedly.
    await nodes.merge(plant.database, other.concepts["Group"], planted.concepts["group"])
    for linked in (True, False):
        [found] = await nodes.insert_many(plant.database, new[:1])
        assert (found.id, found.linked) == (planted.subject, linked)


async def test_bad_ones_do_not_stop_good_ones(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    results = await nodes.insert_many(
        plant.database,
        [
            NewNode(kind=Kind.Field, name="good", parent_id=taxonomy),
            NewNode(kind=Kind.Field, name="lost", parent_id="nowhere"),
            NewNode(kind=Kind.Discipline, name="misplaced", parent_id=taxonomy),
            NewNode(kind=Kind.Field, name="GOOD", parent_id=taxonomy),
            NewNode(kind=Kind.Field, name="also good", parent_id=taxonomy),
        ],
    )
    assert [type(inserted.error) for inserted in results] == [
        type(None),
        NoNode,
        Invalid,
        type(None),
        type(None),
    ]
    assert results[0].id == results[3].id
    assert [inserted.created for inserted in results].count(True) == 2
    found = await traversal.children(plant.database, taxonomy)
    assert sorted(node.name for node in found.items) == ["also good", "good"]


async def test_properties_are_stored_beside_ours(plant: Plant):
    properties = {"code": 12, "share": 0.5, "tags": ["a", "b"], "open": True, "note": "ünïcode 🌱"}
    id_ = await plant.node(Kind.Taxonomy, "T", properties=properties, weight=2.5, status=Status.proposed)
    node = await nodes.get(plant.database, id_)
    assert node.properties == properties
    assert (node.weight, node.status, node.kind) == (2.5, Status.proposed, Kind.Taxonomy)


async def test_syllabus_is_stored_whole_and_once(plant: Plant):
    a, _ = await two_disciplines(plant)
    before = await plant.syllabus(a, "Other", {"s": ["ring"]})
    subject = await plant.node(Kind.Subject, "Algebra", a)
    new = [
        syllabi.NewSession("First", "about", ["Ring", "Group"]),
        syllabi.NewSession("Second", "", ["group ", "Field", "Field"]),
    ]

    async def store() -> str:
        return await plant.database.writing(
            lambda tx: syllabi.store(tx, subject, "Syllabus", "", {"introduction": "Hello"}, new, "job")
        )

    id_ = await store()
    first, second = await syllabi.sessions(plant.database, id_)
    assert [c.name for c in first.concepts] == ["ring", "Group"]
    assert first.concepts[0].id == before.concepts["ring"]
    assert {c.name for c in second.concepts} == {"Group", "Field"}
    version = syllabi.space_version(id_, [first, second])
    assert await store() == id_
    assert syllabi.space_version(id_, await syllabi.sessions(plant.database, id_)) == version
    assert (await syllabi.context(plant.database, id_)).discipline == "A"
    assert await syllabi.missing_below(plant.database, a) == []
    assert sorted(await syllabi.below(plant.database, a)) == sorted([before.id, id_])
