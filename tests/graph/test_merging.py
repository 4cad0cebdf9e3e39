"""Merging nodes: what is taken over, what becomes stale, and what is refused."""

from typing import Any, cast

import pytest
from planting import Plant, rows_of

from graph import coverage
from graph.errors import Conflict, NoNode, Stale
from graph.instructions import instructions
from graph.jobs import jobs
from graph.jobs.units import WorkUnit
from graph.model import Kind, NodePatch, Status
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.editing import aliases, history
from graph.taxonomy.walking import traversal


async def two_disciplines(plant: Plant) -> tuple[str, str, str]:
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    return field, await plant.node(Kind.Discipline, "A", field), await plant.node(Kind.Discipline, "B", field)


async def child_names(plant: Plant, id_: str) -> list[str]:
    return [node.name for node in (await traversal.children(plant.database, id_)).items]


async def stored(plant: Plant, id_: str) -> dict[str, Any]:
    [row] = await rows_of(
        plant.database,
        "MATCH (i:Instruction {id: $id}) RETURN i {.status, .concepts, .sessions, .syllabus_id, .reason,"
        " covers: COLLECT { MATCH (i)-[:COVERS]->(k) RETURN k.id ORDER BY k.id },"
        " covered: COLLECT { MATCH (i)-[:COVERED]->(k) RETURN k.id ORDER BY k.id },"
        " drawn: COLLECT { MATCH (i)-[:DRAWN_FROM]->(s) RETURN s.id ORDER BY s.id }} AS i",
        id=id_,
    )
    return row["i"]


async def test_children_and_properties_go_over_and_the_target_wins(plant: Plant):
    field, a, b = await two_disciplines(plant)
    database = plant.database
    await nodes.patch(
        database, a, NodePatch(description="of a", weight=3, properties={"x": 1, "only a": True}), 1
    )
    await nodes.patch(database, b, NodePatch(properties={"x": 2}), 1)
    await plant.node(Kind.Subject, "last of b", b, position=4)
    for name, position in (("two", 1), ("one", 0)):
        await plant.node(Kind.Subject, name, a, position=position)
    merged = await nodes.merge(database, a, b, by="me")
    assert (merged.id, merged.name, merged.parents) == (b, "B", [field])
    assert (merged.description, merged.weight) == ("of a", 3)
    assert merged.properties == {"x": 2, "only a": True}
    assert merged.version == 3
    assert await child_names(plant, b) == ["last of b", "one", "two"]
    assert await child_names(plant, field) == ["B"]
    with pytest.raises(NoNode):
        await nodes.get(database, a)
    assert await aliases.resolve(database, [a, b]) == {a: b}
    assert await traversal.resolve(database, a) == b
    # The target's own weight and description stay.
    c = await plant.node(Kind.Discipline, "C", field, description="of c", weight=7)
    merged = await nodes.merge(database, c, b)
    assert (merged.description, merged.weight) == ("of a", 3)


async def test_places_go_over_and_names_there_are_looked_at(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    one, two = [await plant.node(Kind.Field, name, taxonomy) for name in ("one", "two")]
    optics, light = (
        await plant.node(Kind.Discipline, "Optics", one),
        await plant.node(Kind.Discipline, "Light", two),
    )
    other = await plant.node(Kind.Discipline, "LIGHT", one)
    with pytest.raises(Conflict, match="another Discipline"):
        await nodes.merge(plant.database, optics, light)
    assert (await nodes.get(plant.database, optics)).version == 1
    await nodes.merge(plant.database, other, light)
    merged = await nodes.merge(plant.database, optics, light)
    assert set(merged.parents) == {one, two}
    assert await aliases.resolve(plant.database, [optics, other]) == {optics: light, other: light}
    # The name refers to the target under all its parents.
    assert await plant.node(Kind.Discipline, "light", one) == light
    assert await plant.node(Kind.Discipline, "optics", one) not in (optics, light)


async def test_an_alias_of_an_alias_leads_to_the_end(plant: Plant):
    field, a, b = await two_disciplines(plant)
    c = await plant.node(Kind.Discipline, "C", field)
    await nodes.merge(plant.database, a, b)
    await nodes.merge(plant.database, b, c)
    assert await aliases.resolve(plant.database, [a, b]) == {a: c, b: c}
    # A node inserted under an alias is placed under the node that it stands for.
    assert (await nodes.get(plant.database, await plant.node(Kind.Subject, "S", a))).parents == [c]


async def test_children_of_one_name_become_one_all_the_way_down(plant: Plant):
    _, a, b = await two_disciplines(plant)
    first = await plant.syllabus(a, "S", {"s1": ["x", "y"], "s2": ["z"]})
    second = await plant.syllabus(b, "s", {"S1": ["X", "w"], "s3": ["Z"]})
    assert (await nodes.merge(plant.database, a, b)).id == b
    assert [n.id for n in (await traversal.children(plant.database, b)).items] == [second.subject]
    kept = {**second.concepts, "y": first.concepts["y"]}
    below = await traversal.descendants(plant.database, b, kind=Kind.KeyConcept)
    assert {node.id for node in below.items} == set(kept.values())
    sessions = (await traversal.children(plant.database, second.id)).items
    assert {node.id for node in sessions} == {*second.sessions.values(), first.sessions["s2"]}
    taught = (await traversal.children(plant.database, second.sessions["S1"])).items
    assert {node.id for node in taught} == {kept["X"], kept["w"], kept["y"]}
    # z is in different sessions of the two, and still becomes a single concept of the discipline.
    assert set((await nodes.get(plant.database, kept["Z"])).parents) == {
        first.sessions["s2"],
        second.sessions["s3"],
    }
    old = [first.subject, first.id, first.sessions["s1"], first.concepts["x"], first.concepts["z"]]
    new = [second.subject, second.id, second.sessions["S1"], kept["X"], kept["Z"]]
    assert await aliases.resolve(plant.database, old) == dict(zip(old, new, strict=True))
    # Every name finds the node that it has become.
    for name, id_ in (("y", kept["y"]), ("x", kept["X"]), ("z", kept["Z"])):
        assert await plant.concepts(first.sessions["s2"], name) == [id_]


async def test_what_was_made_from_a_merged_concept_is_stale_and_nothing_else(plant: Plant):
    _, a, _ = await two_disciplines(plant)
    one = await plant.syllabus(a, "S", {"s": ["x", "y", "z"], "t": ["x"]})
    for id_, concepts in (("of x", "x"), ("of both", "x y"), ("of y", "y"), ("of z", "z")):
        await plant.instruct(id_, one, "s", concepts)
    await plant.instruct("failed", one, "t", "x", status="failed")
    x, y, z = (one.concepts[name] for name in "xyz")
    await nodes.merge(plant.database, x, y)
    assert {id_: (await stored(plant, id_))["status"] for id_ in ("of x", "of both", "of y", "of z")} == {
        "of x": "stale",
        "of both": "stale",
        "of y": "accepted",
        "of z": "accepted",
    }
    both = await stored(plant, "of both")
    assert (both["concepts"], both["covers"], both["covered"]) == ([y], [], [y])
    assert both["reason"] == "KeyConcept merged: x into y"
    assert (await stored(plant, "failed"))["concepts"] == [y]
    assert (await stored(plant, "of y"))["covers"] == [y]
    assert {node.id for node in (await traversal.children(plant.database, one.sessions["t"])).items} == {y}
    assert await coverage.instructions_below(plant.database, one.id) == 2
    assert {z, y} == {c.id for s in await syllabi.sessions(plant.database, one.id) for c in s.concepts}


async def test_what_was_drawn_from_a_merged_session_is_stale_and_nothing_else(plant: Plant):
    _, a, _ = await two_disciplines(plant)
    one = await plant.syllabus(a, "S", {"s": ["x"], "t": ["y"], "u": ["z"]})
    for id_, sessions, concepts in (("s", "s", "x"), ("st", "s t", "x y"), ("t", "t", "y"), ("u", "u", "z")):
        await plant.instruct(id_, one, sessions, concepts)
    merged = await nodes.merge(plant.database, one.sessions["s"], one.sessions["t"])
    statuses = {id_: (await stored(plant, id_))["status"] for id_ in ("s", "st", "t", "u")}
    assert statuses == {"s": "stale", "st": "stale", "t": "accepted", "u": "accepted"}
    pair = await stored(plant, "st")
    assert pair["drawn"] == pair["sessions"] == [merged.id]
    assert {node.name for node in (await traversal.children(plant.database, merged.id)).items} == {"x", "y"}


async def test_instructions_go_over_with_a_syllabus_and_combinations_are_looked_up(plant: Plant):
    _, a, b = await two_disciplines(plant)
    one = await plant.syllabus(a, "S", {"s": ["x"]})
    two = await plant.syllabus(b, "S", {"t": ["y"]})
    await plant.instruct("i", one, "s", "x")
    await nodes.merge(plant.database, one.subject, two.subject)
    found = await stored(plant, "i")
    assert (found["status"], found["syllabus_id"], found["covers"]) == (
        "accepted",
        two.id,
        [one.concepts["x"]],
    )
    [shape] = await syllabi.shapes(plant.database, [two.id])
    assert shape.respaced
    pulled = await instructions.pull_page(plant.database, b, instructions.Filter())
    assert [i.id for i in pulled.items] == ["i"]
    # The merged subject is in both disciplines.
    assert set((await nodes.get(plant.database, two.subject)).parents) == {a, b}


async def test_merges_that_are_refused_change_nothing(plant: Plant):
    field, a, b = await two_disciplines(plant)
    upper = await plant.node(Kind.Subfield, "upper", field)
    middle = await plant.node(Kind.Subfield, "middle", upper)
    lower = await plant.node(Kind.Subfield, "lower", middle)
    gone = await plant.node(Kind.Discipline, "gone", field)
    await nodes.retire(plant.database, gone)
    for old, new in [(a, field), (upper, lower), (lower, upper), (a, gone)]:
        with pytest.raises(Conflict):
            await nodes.merge(plant.database, old, new)
    with pytest.raises(Stale):
        await nodes.merge(plant.database, a, b, version=9)
    assert await nodes.merge(plant.database, a, a, version=9) == await nodes.get(plant.database, a)
    for old, new in [("nowhere", a), (a, "nowhere")]:
        with pytest.raises(NoNode):
            await nodes.merge(plant.database, old, new)
    assert {(await nodes.get(plant.database, id_)).version for id_ in (a, b, upper, lower)} == {1}
    # A retired node may be merged into one that is in use.
    assert (await nodes.merge(plant.database, gone, a)).status is Status.accepted


async def test_subfields_that_would_come_to_stand_below_themselves(plant: Plant):
    field, _, _ = await two_disciplines(plant)
    a, b = [await plant.node(Kind.Subfield, name, field) for name in ("a", "b")]
    same = await plant.node(Kind.Subfield, "same", a)
    between = await plant.node(Kind.Subfield, "between", same)
    await plant.node(Kind.Subfield, "same", b, between)
    with pytest.raises(Conflict, match="below itself"):
        await nodes.merge(plant.database, a, b)
    assert (await nodes.get(plant.database, a)).version == 1


async def test_concept_of_another_discipline_is_merged_where_its_name_is_free(plant: Plant):
    _, a, b = await two_disciplines(plant)
    one = await plant.syllabus(a, "S", {"s": ["x", "y"]})
    two = await plant.syllabus(b, "S", {"t": ["Y", "free"]})
    with pytest.raises(Conflict, match="another KeyConcept"):
        await nodes.merge(plant.database, one.concepts["x"], two.concepts["Y"])
    merged = await nodes.merge(plant.database, one.concepts["x"], two.concepts["free"])
    assert set(merged.parents) == {one.sessions["s"], two.sessions["t"]}
    assert await plant.concepts(one.sessions["s"], "free") == [merged.id]


async def test_job_that_waits_goes_on_at_the_target_and_one_that_runs_is_in_the_way(plant: Plant):
    _, a, b = await two_disciplines(plant)
    database = plant.database
    spec = {"spec": f'{{"root_id": "{a}"}}', "spec_key": "k", "requested": 1}
    units = [
        {"id": "u1", "branch_id": a, "step": "draw", "node_id": a, "requested": 1},
        {"id": "u2", "branch_id": a, "step": "syllabi", "node_id": "other", "requested": 0},
    ]
    await jobs.create(database, "job", a, spec, cast(list[WorkUnit], units))
    await rows_of(database, "MATCH (j:Job) SET j.state = 'running'")
    with pytest.raises(Conflict, match="pause it"):
        await nodes.merge(database, a, b)
    await rows_of(database, "MATCH (j:Job) SET j.state = 'paused'")
    await nodes.merge(database, a, b)
    assert await rows_of(
        database,
        "MATCH (j:Job)-[:GROWS]->(n) RETURN n.id AS grows, j.root_id AS root, j.spec AS spec",
    ) == [{"grows": b, "root": b, "spec": f'{{"root_id": "{b}"}}'}]
    assert await rows_of(
        database, "MATCH (u:WorkUnit) RETURN u.id AS id, u.branch_id AS branch, u.node_id AS node ORDER BY id"
    ) == [{"id": "u1", "branch": b, "node": b}, {"id": "u2", "branch": b, "node": "other"}]


async def test_history_goes_over(plant: Plant):
    _, a, b = await two_disciplines(plant)
    await nodes.patch(plant.database, a, NodePatch(weight=2), 1, by="one")
    await nodes.merge(plant.database, a, b, by="two")
    found = (await history.of(plant.database, b)).items
    assert [(edit.action, edit.who, edit.node_id) for edit in found] == [
        ("merged", "two", a),
        ("patched", "one", a),
        ("inserted", "", b),
        ("inserted", "", a),
    ]
    assert found[0].detail == {"into_id": b, "merged": [{"id": a, "into_id": b, "name": "A"}]}
    assert found[1].detail == {"before": {"weight": 1.0}, "after": {"weight": 2.0}}
    with pytest.raises(NoNode):
        await history.of(plant.database, a)
