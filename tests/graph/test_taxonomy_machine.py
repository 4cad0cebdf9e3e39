"""Random edits on Neo4j and on a networkx model of the same rules, comparing all traversals of both.

`--hypothesis-profile=long` runs many more of them.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from planting import every, rows_of, wipe
from taxonomy_model import Model, Refused

from graph.database import Address, Database
from graph.embedded.attach import Attachment
from graph.errors import Conflict, NotFound
from graph.model import Kind, NewNode, NodePatch, Status
from graph.taxonomy import nodes
from graph.taxonomy.editing import aliases, history
from graph.taxonomy.walking import traversal

NAMES = st.sampled_from(["a", "A ", "b", "c"])
PICK = st.integers(0, 10**6)
KINDS = [kind for kind in Kind if kind.parents]


class Taxonomy(RuleBasedStateMachine):
    """A taxonomy with at most a few dozen nodes."""

    runner: asyncio.Runner
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.run(wipe(self.database))
        self.model = Model()
        self.order: list[str] = []
        root = self.run(nodes.insert(self.database, NewNode(kind=Kind.Taxonomy, name="T")))[0].id
        self.model.insert(root, Kind.Taxonomy, "T", [])
        self.order.append(root)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def pick(self, n: int, *kinds: Kind) -> str | None:
        """A node of one of these kinds, or of any kind if none is given; None if there is none."""
        there = [id_ for id_ in self.order if not kinds or self.model.kind(id_) in kinds]
        return there[n % len(there)] if there else None

    def parents_of(self, kind: Kind, picks: list[int]) -> list[str]:
        fitting = [Kind(parent) for parent in kind.parents]
        return list(dict.fromkeys(id_ for n in picks if (id_ := self.pick(n, *fitting))))

    def agree(self, edit: Coroutine[Any, Any, Any], modelled: Any) -> Any:
        """Applies an edit to both the database and the model; both must accept it, or both refuse it."""
        try:
            expected = modelled()
        except Refused as refusal:
            event(f"{edit.__name__} refused: {refusal}")
            with pytest.raises((Conflict, NotFound)):
                self.run(edit)
            return None
        event(f"{edit.__name__} taken")
        return self.run(edit), expected

    @rule(n=PICK, name=NAMES, kind=st.sampled_from(KINDS), picks=st.lists(PICK, min_size=1, max_size=2))
    def insert(self, n: int, name: str, kind: Kind, picks: list[int]) -> None:
        parents = self.parents_of(kind, picks)
        if not parents or len(self.order) > 40:
            return
        node = NewNode(kind=kind, name=name, parent_ids=parents)
        done = self.agree(nodes.insert(self.database, node), lambda: self.model.find(kind, name, parents))
        if done:
            (found, created), expected = done
            assert created == (expected is None)
            assert found.id == expected or created
            self.model.insert(found.id, kind, name, parents)
            if created:
                self.order.append(found.id)

    @rule(name=NAMES, picks=st.lists(PICK, min_size=9, max_size=9))
    def insert_chain(self, name: str, picks: list[int]) -> None:
        """Inserts nodes from a field down to a concept, so that low kinds occur."""
        parent = self.order[0] if self.order else None
        if len(self.order) > 30 or parent is None:
            return
        for kind in (
            Kind.Field,
            Kind.Discipline,
            Kind.Subject,
            Kind.Syllabus,
            Kind.ClassSession,
            Kind.KeyConcept,
        ):
            self.insert(0, name, kind, [picks[0]] if kind is not Kind.Field else [0])

    @rule(a=PICK, b=PICK)
    def link(self, a: int, b: int) -> None:
        child = self.pick(a)
        parents = self.parents_of(self.model.kind(child), [b]) if child else []
        if child and parents:
            self.agree(
                nodes.link(self.database, parents[0], child), lambda: self.model.link(parents[0], child)
            )

    def a_link(self, n: int) -> tuple[str, str] | None:
        links = [(p, c) for p in self.order for c in self.order if self.model.dag.has_edge(p, c)]
        return links[n % len(links)] if links else None

    @rule(n=PICK)
    def unlink(self, n: int) -> None:
        if found := self.a_link(n):
            self.agree(nodes.unlink(self.database, *found), lambda: self.model.unlink(*found))

    @rule(n=PICK, to=PICK)
    def move(self, n: int, to: int) -> None:
        if found := self.a_link(n):
            old, child = found
            new = self.parents_of(self.model.kind(child), [to])[0]
            self.agree(nodes.move(self.database, child, old, new), lambda: self.model.move(child, old, new))

    @rule(n=PICK, name=st.none() | NAMES, status=st.sampled_from([None, Status.accepted]))
    def patch(self, n: int, name: str | None, status: Status | None) -> None:
        if (id_ := self.pick(n)) and (name or status):
            version = self.run(nodes.get(self.database, id_)).version
            change = NodePatch(name=name, status=status)
            self.agree(
                nodes.patch(self.database, id_, change, version), lambda: self.model.patch(id_, name, status)
            )

    @precondition(lambda self: len(self.order) > 6)
    @rule(n=PICK)
    def retire(self, n: int) -> None:
        id_ = self.pick(n)
        if id_:
            done, expected = self.agree(nodes.retire(self.database, id_), lambda: self.model.retire(id_))
            assert done == expected

    @precondition(lambda self: len(self.order) > 12)
    @rule(n=PICK)
    def purge(self, n: int) -> None:
        id_ = self.pick(n, *KINDS)
        if id_:
            done, expected = self.agree(nodes.purge(self.database, id_), lambda: self.model.purge(id_))
            assert done == expected
            self.order = [other for other in self.order if other in self.model.dag]

    @rule(a=PICK, b=PICK)
    def merge(self, a: int, b: int) -> None:
        old = self.pick(a)
        new = old and self.pick(b, self.model.kind(old))
        if not old or not new:
            return
        done = self.agree(nodes.merge(self.database, old, new), lambda: self.model.classes(old, new))
        if done:
            _, classes = done
            members = sorted({id_ for members in classes for id_ in members})
            into = self.run(aliases.resolve(self.database, members))
            for found in classes:
                [stays] = found - into.keys()
                assert {into[id_] for id_ in found if id_ != stays} == {stays}
                assert new not in found or stays == new
            self.model.merge(into, old, new)
            self.order = [other for other in self.order if other in self.model.dag]

    @rule(n=PICK, depth=st.integers(0, 4), limit=st.integers(1, 7), kind=st.sampled_from([None, *Kind]))
    def compare(self, n: int, depth: int, limit: int, kind: Kind | None) -> None:
        id_ = self.pick(n)
        if id_:
            self.run(compare(self.database, self.model, id_, depth, limit, kind))

    @invariant()
    def same_nodes(self) -> None:
        self.run(compare_nodes(self.database, self.model))


async def compare_nodes(database: Database, model: Model) -> None:
    found = await every(
        lambda cursor: traversal.list_nodes(database, statuses=list(Status), limit=50, cursor=cursor)
    )
    assert {node.id: (node.kind, node.name.casefold(), node.status, set(node.parents)) for node in found} == {
        id_: (model.kind(id_), model.name(id_), model.dag.nodes[id_]["status"], set(model.above(id_)))
        for id_ in model.dag
    }
    if model.aliases:
        assert await aliases.resolve(database, sorted(model.aliases)) == model.aliases
    homeless = await rows_of(
        database,
        "MATCH (n:TaxonomyNode) WHERE NOT n:Taxonomy"
        " AND NOT EXISTS { MATCH (h)-[:CONTAINS*1..]->(n) WHERE h.id = n.home }"
        " RETURN n.id AS id",
    )
    assert homeless == []


async def compare(
    database: Database, model: Model, id_: str, depth: int, limit: int, kind: Kind | None
) -> None:
    dag = model.dag

    def shown(ids: Any, kind: Kind | None = None) -> list[str]:
        return sorted(n for n in ids if not model.retired(n) and (kind is None or model.kind(n) is kind))

    async def ids_of(walk: Any, **more: Any) -> list[str]:
        found = await every(lambda cursor: walk(database, limit=limit, cursor=cursor, **more))
        return sorted(node.id for node in found)

    for walk, graph in ((traversal.descendants, dag), (traversal.ancestors, dag.reverse())):
        assert await ids_of(walk, node_id=id_, kind=kind) == shown(nx.descendants(graph, id_), kind)
        near = nx.single_source_shortest_path_length(graph, id_, cutoff=depth)
        assert await ids_of(walk, node_id=id_, depth=depth, kind=kind) == shown(set(near) - {id_}, kind)
    assert await ids_of(traversal.children, node_id=id_) == shown(dag.successors(id_))
    assert await ids_of(traversal.parents, node_id=id_) == shown(dag.predecessors(id_))
    assert await ids_of(traversal.list_nodes, under=id_, kind=kind) == shown(nx.descendants(dag, id_), kind)
    named = {n for n in nx.descendants(dag, id_) if model.name(n) == "a"}
    assert await ids_of(traversal.list_nodes, under=id_, name="A", kind=kind) == shown(named, kind)
    tree = await traversal.tree(database, id_, depth)
    assert outline(tree) == expected_outline(model, id_, depth)
    counts: dict[Kind, int] = {}
    for n in shown(nx.descendants(dag, id_)):
        counts[model.kind(n)] = counts.get(model.kind(n), 0) + 1
    assert tree["counts"] == counts
    paths = [tuple(step["id"] for step in path) for path in await traversal.paths(database, id_)]
    roots = [n for n in dag if not dag.in_degree(n) and nx.has_path(dag, n, id_)]
    ways = [
        tuple(way)
        for root in roots
        for way in ([[id_]] if root == id_ else nx.all_simple_paths(dag, root, id_))
    ]
    assert sorted(paths) == sorted(ways)
    edits = await every(lambda cursor: history.of(database, id_, limit=limit, cursor=cursor))
    assert len(edits) == len(dag.nodes[id_]["edits"])
    assert [edit.id for edit in edits] == sorted((edit.id for edit in edits), reverse=True)


def outline(tree: dict[str, Any]) -> Any:
    return tree["id"], sorted((outline(child) for child in tree["children"]), key=str)


def expected_outline(model: Model, id_: str, depth: int) -> Any:
    below = [n for n in model.below(id_) if not model.retired(n)] if depth else []
    return id_, sorted((expected_outline(model, n, depth - 1) for n in below), key=str)


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("long", max_examples=200, stateful_step_count=60)
BOUNDED = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=SLOW,
)
LONG = settings(settings.get_profile("long"), deadline=None, suppress_health_check=SLOW)


def test_taxonomy_is_what_the_model_says(neo4j: Attachment, session_database: Database):
    """Insertions, links, moves, merges, retirements, purges and changes, including refused ones."""
    with asyncio.Runner() as runner:
        opened = runner.run(Database.open(Address(neo4j.uri, neo4j.username, neo4j.password)))
        try:
            machine = type("Taxonomy", (Taxonomy,), {"runner": runner, "database": opened})
            run_state_machine_as_test(machine, settings=chosen())
        finally:
            runner.run(opened.close())


def chosen() -> settings:
    """The settings of the selected hypothesis profile."""
    return LONG if settings.default is settings.get_profile("long") else BOUNDED
