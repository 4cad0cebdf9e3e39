"""The data read for networkx, a subtree and its co-occurrences, compared with networkx's own model."""

from collections.abc import Sequence
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import Plant, Syllabus, instruction, rows_of

from graph.analysis import read
from graph.analysis.formats import Subtree, digraph
from graph.analysis.read import cooccurrence, subtree
from graph.errors import Invalid, NotFound
from graph.instructions import instructions
from graph.model import Kind, Status
from graph.taxonomy import nodes

EVERY = tuple(Status)


def links(found: Subtree) -> list[tuple[str, str]]:
    return [(link.source, link.target) for link in found.links]


async def shared(plant: Plant) -> tuple[str, Syllabus]:
    """A discipline under two fields, with a concept in all of its ten sessions."""
    root = await plant.node(Kind.Taxonomy, "T")
    fields = [await plant.node(Kind.Field, f"F{n}", root) for n in range(2)]
    discipline = await plant.node(Kind.Discipline, "D", *fields)
    sessions: dict[str, Sequence[str]] = {f"S{n}": ["everywhere", f"only {n}"] for n in range(10)}
    return root, await plant.syllabus(discipline, "A", sessions)


async def test_each_node_once_and_every_link(plant: Plant):
    root, syllabus = await shared(plant)
    found = await subtree(plant.database, root)
    assert len(found.members) == 1 + 2 + 1 + 1 + 1 + 10 + 11
    assert len({m.id for m in found.members}) == len(found.members)
    graph = digraph(found)
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.in_degree(syllabus.concepts["everywhere"]) == 10
    [discipline] = graph.predecessors(syllabus.subject)
    assert graph.in_degree(discipline) == 2
    positions = [graph.edges[syllabus.id, id_]["position"] for id_ in syllabus.sessions.values()]
    assert positions == list(range(10))
    assert [link for link in found.links if link.source == syllabus.id] == sorted(
        (link for link in found.links if link.source == syllabus.id), key=lambda link: link.position or 0
    )


async def test_instructions_are_those_accepted_now(plant: Plant):
    root, syllabus = await shared(plant)
    await plant.instruct("i1", syllabus, "S0 S1", "everywhere")
    row = instruction("i2", syllabus.id, [syllabus.sessions["S0"]], [syllabus.concepts["everywhere"]])
    row["properties"]["status"] = "failed"
    await plant.database.writing(lambda tx: instructions.store(tx, "job", [row]))
    members = {m.id: m for m in (await subtree(plant.database, root)).members}
    assert members[syllabus.concepts["everywhere"]].instructions == 1
    assert members[syllabus.concepts["only 3"]].instructions == 0
    assert members[syllabus.sessions["S0"]].instructions is None


async def test_kinds_depth_and_properties(plant: Plant):
    root, syllabus = await shared(plant)
    field = (await _fields(plant, root))[0]
    more = await plant.node(Kind.Discipline, "E", field, properties={"a": [1, 2]})
    found = await subtree(plant.database, root, kinds=[Kind.Field, Kind.Discipline])
    assert {m.kind for m in found.members} == {"Field", "Discipline"}
    assert (len(found.members), len(found.links)) == (4, 3)
    assert next(m for m in found.members if m.id == more).properties == {"a": [1, 2]}
    near = await subtree(plant.database, root, depth=1)
    assert {m.kind for m in near.members} == {"Taxonomy", "Field"}
    assert field in {m.id for m in near.members}
    below = await subtree(plant.database, syllabus.sessions["S0"], kinds=[Kind.Discipline])
    assert (below.members, below.links) == ([], [])
    alone = await subtree(plant.database, syllabus.concepts["everywhere"])
    assert ([m.name for m in alone.members], alone.links) == (["everywhere"], [])


async def _fields(plant: Plant, root: str) -> list[str]:
    return [m.id for m in (await subtree(plant.database, root, depth=1)).members if m.kind == "Field"]


async def test_what_is_retired_is_left_out_unless_asked_for(plant: Plant):
    root, syllabus = await shared(plant)
    whole = await subtree(plant.database, root)
    await nodes.retire(plant.database, syllabus.sessions["S4"])
    left = await subtree(plant.database, root)
    gone = {syllabus.sessions["S4"], syllabus.concepts["only 4"]}
    assert {m.id for m in whole.members} - {m.id for m in left.members} == gone
    again = await subtree(plant.database, root, statuses=EVERY)
    assert links(again) == links(whole)
    assert {m.id for m in again.members if m.status == "retired"} == gone


async def test_what_is_too_large_is_refused_and_what_is_not_answered(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
):
    root, syllabus = await shared(plant)
    await plant.instruct("i1", syllabus, "S0 S1", "everywhere")
    size = len((await subtree(plant.database, root)).members)
    monkeypatch.setattr(read, "LARGEST", size)
    assert len((await subtree(plant.database, root)).members) == size
    await cooccurrence(plant.database, root)
    monkeypatch.setattr(read, "LARGEST", size - 1)
    for refused in (subtree(plant.database, root), cooccurrence(plant.database, root)):
        with pytest.raises(Invalid, match=f"over {size - 1} nodes.* below Taxonomy 'T'; take a smaller node"):
            await refused
    assert len((await subtree(plant.database, root, kinds=[Kind.Subject])).members) == 1
    assert len((await subtree(plant.database, root, depth=4)).members) == 6
    monkeypatch.setattr(read, "LARGEST", size)
    monkeypatch.setattr(read, "MOST_LINKS", 10)
    with pytest.raises(Invalid, match="over 10 links"):
        await subtree(plant.database, root)
    monkeypatch.setattr(read, "MOST_LINKS", 1000)
    monkeypatch.setattr(read, "MOST_COVERING", 0)
    with pytest.raises(Invalid, match="are covered 1 times, and 0 is the limit"):
        await cooccurrence(plant.database, root)


async def test_unknown_nodes(plant: Plant):
    for refused in (subtree(plant.database, "none"), cooccurrence(plant.database, "none")):
        with pytest.raises(NotFound):
            await refused


async def test_of_a_session_only_its_own_concepts(plant: Plant):
    root, syllabus = await shared(plant)
    await plant.job(root)
    for id_, concepts in (("i1", ["everywhere", "only 0", "only 1"]), ("i2", ["everywhere", "only 1"])):
        row = instruction(
            id_,
            syllabus.id,
            [syllabus.sessions["S0"], syllabus.sessions["S1"]],
            [syllabus.concepts[name] for name in concepts],
        )
        await plant.database.writing(lambda tx, row=row: instructions.store(tx, "job", [row]))
    whole = await cooccurrence(plant.database, root)
    names = {(whole.concepts[a].name, whole.concepts[b].name): number for a, b, number in whole.pairs}
    assert {frozenset(pair): n for pair, n in names.items()} == {
        frozenset({"everywhere", "only 0"}): 1,
        frozenset({"everywhere", "only 1"}): 2,
        frozenset({"only 0", "only 1"}): 1,
    }
    session = await cooccurrence(plant.database, syllabus.sessions["S0"])
    assert {c.name: c.instructions for c in session.concepts} == {"everywhere": 2, "only 0": 1}
    assert [number for _, _, number in session.pairs] == [1]


# Random DAGs, compared with networkx

KINDS = (Kind.Field, Kind.Discipline, Kind.Subject, Kind.Syllabus, Kind.ClassSession, Kind.KeyConcept)
Dag = list[tuple[Kind, Status, list[int]]]


@st.composite
def dags(draw: st.DrawFn) -> Dag:
    """Nodes as kind, status and the numbers of their parents, which come before them; the root is first."""
    found: Dag = [(Kind.Taxonomy, Status.accepted, [])]
    for kind in KINDS:
        fitting = [n for n, (above, _, _) in enumerate(found) if above.may_contain(kind)]
        for _ in range(draw(st.integers(1, 3))):
            parents = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True))
            found.append((kind, draw(st.sampled_from(Status)), parents))
    return found


async def plant_dag(plant: Plant, dag: Dag) -> tuple[list[str], "nx.DiGraph[str]"]:
    """Writes the DAG; returns its ids and networkx's graph.

    Not by edits, because no edit leaves an accepted node below a retired one.
    """
    await rows_of(plant.database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    ids = [f"n{n:02}" for n in range(len(dag))]
    model: nx.DiGraph[str] = nx.DiGraph()
    for id_, (kind, status, parents) in zip(ids, dag, strict=True):
        model.add_node(id_, kind=kind.value, status=status.value)
        model.add_edges_from((ids[p], id_) for p in parents)
        await rows_of(
            plant.database,
            f"CREATE (n:TaxonomyNode:{kind} {{id: $id, key: $id, name: $id, status: $status, weight: 1.0,"
            " created_at: datetime(), updated_at: datetime()}) "
            "WITH n UNWIND $parents AS id MATCH (p:TaxonomyNode {id: id}) "
            "CREATE (p)-[:CONTAINS {position: 0}]->(n)",
            id=id_,
            status=status.value,
            parents=[ids[p] for p in parents],
        )
    return ids, model


def reached(model: "nx.DiGraph[str]", top: str, statuses: set[str], depth: int | None) -> "nx.DiGraph[str]":
    """The part of the model that is reached by paths over nodes of these statuses."""
    shown = [n for n in model if n == top or model.nodes[n]["status"] in statuses]
    rest = model.subgraph(shown)
    within = nx.single_source_shortest_path_length(rest, top, cutoff=depth)
    return nx.DiGraph(
        (a, b) for a, b in rest.edges if a in within and b in within and (depth is None or within[a] < depth)
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), dag=dags())
async def test_random_dag_is_what_networkx_says(plant: Plant, data: st.DataObject, dag: Dag):
    ids, model = await plant_dag(plant, dag)
    top = data.draw(st.sampled_from(ids))
    depth = data.draw(st.none() | st.integers(1, 4))
    statuses = data.draw(st.lists(st.sampled_from(Status), min_size=1, unique=True))
    kinds = data.draw(st.lists(st.sampled_from(Kind), unique=True))
    found = await subtree(plant.database, top, depth=depth, statuses=statuses, kinds=kinds)
    wanted = reached(model, top, {s.value for s in statuses}, depth)
    wanted.add_node(top)
    keep = {n for n in wanted if not kinds or model.nodes[n]["kind"] in kinds}
    assert {m.id for m in found.members} == keep
    assert sorted(links(found)) == sorted((a, b) for a, b in wanted.edges if a in keep and b in keep)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=5), max_size=12),
    retired=st.sets(st.integers(0, 6), max_size=2),
)
async def test_covered_together_is_what_counting_gives(
    plant: Plant, drawn: list[set[int]], retired: set[int]
):
    await rows_of(plant.database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    root = await plant.node(Kind.Taxonomy, "T")
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", root))
    syllabus = await plant.syllabus(discipline, "A", {"S": [f"c{n}" for n in range(7)]})
    rows = [
        instruction(
            f"i{n}",
            syllabus.id,
            list(syllabus.sessions.values()),
            [syllabus.concepts[f"c{c}"] for c in found],
        )
        for n, found in enumerate(drawn)
    ]
    await plant.job(root)
    await plant.database.writing(lambda tx: instructions.store(tx, "job", rows))
    for n in retired:
        await nodes.retire(plant.database, syllabus.concepts[f"c{n}"])
    # An instruction that covered a retired concept is stale and no longer covers anything.
    left = [found for found in drawn if not found & retired]
    weights: dict[frozenset[str], int] = {}
    for found in left:
        for a, b in combinations(sorted(found), 2):
            pair = frozenset({f"c{a}", f"c{b}"})
            weights[pair] = weights.get(pair, 0) + 1
    got = await cooccurrence(plant.database, root)
    assert {c.name: c.instructions for c in got.concepts} == {
        f"c{n}": sum(n in found for found in left) for n in range(7) if n not in retired
    }
    assert {frozenset({got.concepts[a].name, got.concepts[b].name}): w for a, b, w in got.pairs} == weights
