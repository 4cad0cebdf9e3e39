"""Traversals of the DAG: each node once, in pages of any size, and the same as networkx's results."""

from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import Plant, every, names, rows_of

from graph.database import Database
from graph.errors import Conflict, Invalid, NotFound
from graph.model import Kind, NewNode, Node, NodePatch, Status
from graph.taxonomy import nodes
from graph.taxonomy.walking import search, traversal


async def diamond(plant: Plant) -> dict[str, str]:
    """T > one, two > S (under both) > D (also directly under two) > U; E is proposed, O is retired."""
    ids = {"T": await plant.node(Kind.Taxonomy, "T")}
    ids["one"] = await plant.node(Kind.Field, "one", ids["T"])
    ids["two"] = await plant.node(Kind.Field, "two", ids["T"])
    ids["S"] = await plant.node(Kind.Subfield, "S", ids["one"], ids["two"])
    ids["D"] = await plant.node(Kind.Discipline, "D", ids["S"], ids["two"])
    ids["E"] = await plant.node(Kind.Discipline, "E", ids["S"], status=Status.proposed)
    ids["O"] = await plant.node(Kind.Discipline, "O", ids["S"])
    await nodes.retire(plant.database, ids["O"])
    ids["U"] = await plant.node(Kind.Subject, "U", ids["D"])
    return ids


async def down(database: Database, node_id: str, limit: int = 2, **wanted: Any) -> list[str]:
    return sorted(
        names(
            await every(
                lambda cursor: traversal.descendants(database, node_id, limit=limit, cursor=cursor, **wanted)
            )
        )
    )


async def up(database: Database, node_id: str, limit: int = 2, **wanted: Any) -> list[str]:
    return sorted(
        names(
            await every(
                lambda cursor: traversal.ancestors(database, node_id, limit=limit, cursor=cursor, **wanted)
            )
        )
    )


async def test_children_in_order_of_position_then_of_making(plant: Plant):
    top = await plant.node(Kind.Taxonomy, "T")
    for name, position in [("last", None), ("c", 3), ("a", 0), ("b", 1), ("b2", 1)]:
        await plant.node(Kind.Field, name, top, position=position)
    for limit in (1, 2, 3, 5, 6):
        found = await every(
            lambda cursor, n=limit: traversal.children(plant.database, top, limit=n, cursor=cursor)
        )
        assert names(found) == ["a", "b", "b2", "c", "last"]


async def test_children_and_parents(plant: Plant):
    ids = await diamond(plant)
    database = plant.database
    assert names((await traversal.children(database, ids["S"])).items) == ["D", "E"]
    assert names((await traversal.children(database, ids["two"], kind=Kind.Discipline)).items) == ["D"]
    retired = await traversal.children(database, ids["S"], statuses=[Status.retired])
    assert names(retired.items) == ["O"]
    above = await every(lambda cursor: traversal.parents(database, ids["D"], limit=1, cursor=cursor))
    assert sorted(names(above)) == ["S", "two"]
    assert names((await traversal.parents(database, ids["D"], kind=Kind.Subfield)).items) == ["S"]
    assert (await traversal.parents(database, ids["T"])).items == []
    assert await traversal.child_names(database, ids["S"], Kind.Discipline) == ["D", "E"]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_each_node_once(plant: Plant, limit: int):
    ids = await diamond(plant)
    database = plant.database
    assert await down(database, ids["T"], limit) == ["D", "E", "S", "U", "one", "two"]
    assert await up(database, ids["U"], limit) == ["D", "S", "T", "one", "two"]
    assert await down(database, ids["U"], limit) == []


async def test_filters_and_depth(plant: Plant):
    ids = await diamond(plant)
    database = plant.database
    assert await down(database, ids["T"], kind=Kind.Discipline) == ["D", "E"]
    assert await down(database, ids["T"], statuses=[Status.accepted]) == ["D", "S", "U", "one", "two"]
    assert await down(database, ids["T"], statuses=[Status.retired]) == ["O"]
    assert await down(database, ids["T"], depth=0) == []
    assert await down(database, ids["T"], depth=1) == ["one", "two"]
    # D is two links away by way of `two`, and three by way of S.
    assert await down(database, ids["T"], depth=2, limit=1) == ["D", "S", "one", "two"]
    assert await down(database, ids["T"], depth=2, kind=Kind.Discipline) == ["D"]
    assert await down(database, ids["T"], depth=99) == await down(database, ids["T"])
    assert await up(database, ids["U"], depth=2, limit=1) == ["D", "S", "two"]
    assert await up(database, ids["U"], kind=Kind.Field) == ["one", "two"]


async def test_filter_of_status_hides_no_node_below(plant: Plant):
    """A status decides which nodes are shown, not where the walk ends, whether or not a depth is given."""
    ids = await diamond(plant)
    database = plant.database
    await nodes.patch(database, ids["S"], NodePatch(status=Status.proposed), 1)
    await nodes.patch(database, ids["two"], NodePatch(status=Status.proposed), 1)
    for depth in (None, 9):
        assert await down(database, ids["T"], depth=depth, statuses=[Status.accepted]) == ["D", "U", "one"]
        assert await up(database, ids["U"], depth=depth, statuses=[Status.proposed]) == ["S", "two"]
        assert await down(database, ids["T"], depth=depth, statuses=[Status.retired]) == ["O"]


async def test_unknown_node(plant: Plant):
    database = plant.database
    for call in (
        traversal.children(database, "nowhere"),
        traversal.parents(database, "nowhere"),
        traversal.ancestors(database, "nowhere"),
        traversal.descendants(database, "nowhere"),
        traversal.descendants(database, "nowhere", depth=1),
        traversal.tree(database, "nowhere"),
        traversal.paths(database, "nowhere"),
        traversal.list_nodes(database, under="nowhere"),
    ):
        with pytest.raises(NotFound):
            await call


# Trees and paths


def outline(tree: dict[str, Any]) -> Any:
    return (
        {tree["name"]: [outline(child) for child in tree["children"]]} if tree["children"] else tree["name"]
    )


async def test_tree_with_counts(plant: Plant):
    ids = await diamond(plant)
    tree = await traversal.tree(plant.database, ids["T"], depth=9)
    both = {"S": [{"D": ["U"]}, "E"]}
    assert outline(tree) == {"T": [{"one": [both]}, {"two": [both, {"D": ["U"]}]}]}
    # O is retired and not counted; nodes under both fields count once.
    assert tree["counts"] == {"Field": 2, "Subfield": 1, "Discipline": 2, "Subject": 1}
    assert tree["children"][0]["counts"] == {"Subfield": 1, "Discipline": 2, "Subject": 1}


async def test_tree_ends_at_its_depth_wherever_a_node_stands(plant: Plant):
    ids = await diamond(plant)
    assert outline(await traversal.tree(plant.database, ids["T"], depth=0)) == "T"
    # D is both two and three links below T, so its subject is at least three links away.
    assert outline(await traversal.tree(plant.database, ids["T"], depth=2)) == {
        "T": [{"one": ["S"]}, {"two": ["S", "D"]}]
    }
    assert outline(await traversal.tree(plant.database, ids["T"], depth=3)) == {
        "T": [{"one": [{"S": ["D", "E"]}]}, {"two": [{"S": ["D", "E"]}, {"D": ["U"]}]}]
    }


async def test_tree_that_is_too_large(plant: Plant):
    top = await plant.node(Kind.Taxonomy, "T")
    await rows_of(
        plant.database,
        "MATCH (t:Taxonomy) UNWIND range(1, $places) AS n"
        " CREATE (t)-[:CONTAINS]->(:TaxonomyNode:Field {id: 'f' + n, key: 'f' + n, status: 'accepted'})",
        places=traversal.LARGEST_TREE,
    )
    with pytest.raises(Invalid, match="descendants"):
        await traversal.tree(plant.database, top, depth=1)
    assert (await traversal.tree(plant.database, top, depth=0))["counts"] == {"Field": traversal.LARGEST_TREE}


async def test_small_graph_with_too_many_places(plant: Plant):
    """A ladder of diamonds: 41 nodes, which occur at over a million places in the tree."""
    below = [await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))]
    top = below[0]
    for rung in range(20):
        below = [await plant.node(Kind.Subfield, f"{rung}{side}", *below) for side in "ab"]
    with pytest.raises(Invalid, match="descendants"):
        await traversal.tree(plant.database, top, depth=50)
    assert len(await down(plant.database, top, 100)) == 40


async def test_paths(plant: Plant):
    ids = await diamond(plant)
    found = await traversal.paths(plant.database, ids["D"])
    assert sorted([step["name"] for step in path] for path in found) == [
        ["T", "one", "S", "D"],
        ["T", "two", "D"],
        ["T", "two", "S", "D"],
    ]
    assert found[0][0]["kind"] == "Taxonomy"
    assert [[step["name"] for step in path] for path in await traversal.paths(plant.database, ids["T"])] == [
        ["T"]
    ]
    assert len(await traversal.paths(plant.database, ids["D"], limit=2)) == 2


# Lists, resolve


async def test_list(plant: Plant):
    ids = await diamond(plant)
    other = await plant.node(Kind.Taxonomy, "U")
    database = plant.database

    async def found(**wanted: Any) -> list[str]:
        listed = await every(lambda cursor: traversal.list_nodes(database, limit=2, cursor=cursor, **wanted))
        assert [node.id for node in listed] == sorted(node.id for node in listed)
        return [node.id for node in listed]

    assert set(await found()) == {*ids.values(), other} - {ids["O"]}
    assert set(await found(kind=Kind.Discipline)) == {ids["D"], ids["E"]}
    assert await found(statuses=[Status.retired]) == [ids["O"]]
    assert set(await found(name=" u ")) == {other, ids["U"]}
    assert await found(name="U", under=ids["two"]) == [ids["U"]]
    assert set(await found(under=ids["S"])) == {ids["D"], ids["E"], ids["U"]}
    assert await found(name="") == []


@pytest.mark.parametrize("cursor", ["garbage", "", "W10"])
async def test_cursor_of_something_else_is_refused(plant: Plant, cursor: str):
    top = await plant.node(Kind.Taxonomy, "T")
    for call in (
        search.search(plant.database, "x", cursor=cursor),
        traversal.children(plant.database, top, cursor=cursor),
        traversal.descendants(plant.database, top, cursor=cursor),
        traversal.list_nodes(plant.database, cursor=cursor),
    ):
        with pytest.raises(Invalid):
            await call


async def test_resolve(plant: Plant):
    ids = await diamond(plant)
    database = plant.database

    async def resolve(path: str) -> str:
        return await traversal.resolve(database, path)

    assert await resolve(ids["D"]) == ids["D"]
    assert await resolve("t/ONE/ s /d") == ids["D"]
    assert await resolve("two/D") == ids["D"]
    assert await resolve("D") == ids["D"]
    assert await resolve("S/D/U") == ids["U"]
    for path in ("one/D", "T/D", "nowhere", "", "/", "T/", "T/O", "O"):
        with pytest.raises(NotFound):
            await resolve(path)
    other = await plant.node(Kind.Taxonomy, "D")
    with pytest.raises(Conflict, match="2 nodes"):
        await resolve("D")
    assert await resolve(other) == other
    slashed = await plant.node(Kind.Field, "TCP/IP", other)
    assert await resolve("D/tcp\\/ip") == slashed
    with pytest.raises(NotFound):
        await resolve("D/TCP/IP")


async def test_resolve_below_one_of_very_many_of_a_name(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    fields = [NewNode(kind=Kind.Field, name=f"F{n}", parent_id=taxonomy) for n in range(150)]
    inserted = await nodes.insert_many(plant.database, fields)
    disciplines = [NewNode(kind=Kind.Discipline, name="Basics", parent_id=one.id) for one in inserted]
    found = await nodes.insert_many(plant.database, disciplines)
    last = max(one.id or "" for one in found)
    subject = await plant.node(Kind.Subject, "only here", last)
    assert await traversal.resolve(plant.database, "basics/only here") == subject


# Random DAGs, compared with networkx


Dag = list[tuple[Kind, list[int]]]


@st.composite
def dags(draw: st.DrawFn) -> Dag:
    """Nodes as kind and the numbers of their parents, which come before them; the first is the root."""
    nodes_: Dag = [(Kind.Taxonomy, [])]
    for _ in range(draw(st.integers(2, 14))):
        kind = draw(st.sampled_from([Kind.Field, Kind.Subfield, Kind.Subfield, Kind.Discipline]))
        fitting = [n for n, (above, _) in enumerate(nodes_) if above.may_contain(kind)]
        if fitting:
            parents = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True))
            nodes_.append((kind, parents))
    return nodes_


async def build(plant: Plant, dag: Dag) -> tuple[list[str], "nx.DiGraph[str]"]:
    await rows_of(plant.database, "MATCH (n:TaxonomyNode) DETACH DELETE n")
    ids: list[str] = []
    model: nx.DiGraph[str] = nx.DiGraph()
    for n, (kind, parents) in enumerate(dag):
        ids.append(await plant.node(kind, f"node {n}", *(ids[p] for p in parents)))
        model.add_node(ids[n])
        model.add_edges_from((ids[p], ids[n]) for p in parents)
    return ids, model


def retired_with(model: "nx.DiGraph[str]", id_: str) -> set[str]:
    """The nodes that no path from the root reaches once a node is removed."""
    root = next(node for node in model if model.in_degree(node) == 0)
    if id_ == root:
        return set(model)
    rest = nx.restricted_view(model, [id_], [])
    return set(model) - {root} - nx.descendants(rest, root)


def found_ids(found: list[Node]) -> list[str]:
    return sorted(node.id for node in found)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(dag=dags(), data=st.data())
async def test_random_dag_is_what_networkx_says(plant: Plant, dag: Dag, data: st.DataObject):
    target = data.draw(st.integers(0, len(dag) - 1))
    await compare(plant, dag, target, data.draw(st.integers(0, 4)), data.draw(st.integers(1, 5)))


async def compare(plant: Plant, dag: Dag, target: int, depth: int, limit: int) -> None:
    ids, model = await build(plant, dag)
    database, id_ = plant.database, ids[target]
    walks = {"below": (traversal.descendants, model), "above": (traversal.ancestors, model.reverse())}
    for walk, graph in walks.values():
        whole = await every(lambda cursor, w=walk: w(database, id_, limit=limit, cursor=cursor))
        assert found_ids(whole) == sorted(nx.descendants(graph, id_))
        near = await every(lambda cursor, w=walk: w(database, id_, limit=limit, cursor=cursor, depth=depth))
        within: dict[str, int] = nx.single_source_shortest_path_length(graph, id_, cutoff=depth)
        assert found_ids(near) == sorted(set(within) - {id_})
    paths = [[step["id"] for step in path] for path in await traversal.paths(database, id_)]
    ways = [[ids[0]]] if target == 0 else list(nx.all_simple_paths(model, ids[0], id_))
    assert paths == sorted(ways)
    gone = retired_with(model, id_)
    assert await nodes.retire(database, id_) == len(gone)
    retired = await every(
        lambda cursor: traversal.list_nodes(database, statuses=[Status.retired], cursor=cursor)
    )
    assert {node.id for node in retired} == gone
