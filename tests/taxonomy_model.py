"""The rules of the taxonomy on a networkx graph, as a model that tests compare the database with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import networkx as nx

from graph.model import Kind, Status, normal_name


class Refused(Exception):
    """The taxonomy does not allow this edit."""


@dataclass
class Model:
    """Nodes with their kind, name, status and edits; links from parent to child."""

    dag: "nx.DiGraph[str]" = field(default_factory=lambda: nx.DiGraph())
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    edits: int = 0

    def kind(self, id_: str) -> Kind:
        return self.dag.nodes[id_]["kind"]

    def name(self, id_: str) -> str:
        return self.dag.nodes[id_]["name"]

    def retired(self, id_: str) -> bool:
        return self.dag.nodes[id_]["status"] is Status.retired

    def above(self, id_: str) -> list[str]:
        return list(self.dag.predecessors(id_))

    def below(self, id_: str) -> list[str]:
        return list(self.dag.successors(id_))

    def record(self, *ids: str) -> None:
        """Records one more edit of these nodes."""
        self.edits += 1
        for id_ in ids:
            self.dag.nodes[id_]["edits"].add(self.edits)

    # Names

    def homes(self, kind: Kind, parent: str) -> list[str]:
        """The nodes within which the child's name is unique."""
        if kind is not Kind.KeyConcept:
            return [parent]
        up = {parent, *nx.ancestors(self.dag, parent)}
        return [id_ for id_ in up if self.kind(id_) is Kind.Discipline]

    def named(self, kind: Kind, name: str, parent: str) -> str | None:
        """The node that a name refers to under a parent."""
        found: set[str] = set()
        for home in self.homes(kind, parent):
            there = nx.descendants(self.dag, home) if kind is Kind.KeyConcept else self.dag.successors(home)
            found |= {id_ for id_ in there if self.kind(id_) is kind and self.name(id_) == name}
        assert len(found) < 2, "the model has two nodes of one name"
        return next(iter(found), None)

    def _require_free(self, id_: str, parents: Iterable[str], name: str) -> None:
        if any(self.named(self.kind(id_), name, parent) not in (None, id_) for parent in parents):
            raise Refused("name")

    def _require_place(self, kind: Kind, parent: str) -> None:
        if self.retired(parent) or not self.kind(parent).may_contain(kind):
            raise Refused("place")

    def _require_one_concept_a_name(self) -> None:
        for discipline in [id_ for id_ in self.dag if self.kind(id_) is Kind.Discipline]:
            names = [self.name(id_) for id_ in self.concepts(discipline)]
            if len(names) > len(set(names)):
                raise Refused("two concepts of one name")

    def concepts(self, id_: str) -> list[str]:
        return [n for n in nx.descendants(self.dag, id_) if self.kind(n) is Kind.KeyConcept]

    # Edits: each raises Refused and changes nothing, or changes the graph

    def find(self, kind: Kind, name: str, parents: Sequence[str]) -> str | None:
        """The node that an insertion would return; None if it would create one."""
        name = normal_name(name)
        for parent in parents:
            self._require_place(kind, parent)
        found = self.named(kind, name, parents[0])
        for parent in parents[1:]:
            if self.named(kind, name, parent) not in (None, found):
                raise Refused("name")
        if found and any(nx.has_path(self.dag, found, parent) for parent in parents):
            raise Refused("circle")
        if found and self.retired(found):
            raise Refused("retired")
        return found

    def insert(self, id_: str, kind: Kind, name: str, parents: Sequence[str]) -> None:
        new = id_ not in self.dag
        if new:
            self.dag.add_node(id_, kind=kind, name=normal_name(name), status=Status.accepted, edits=set())
        fresh = [parent for parent in parents if not self.dag.has_edge(parent, id_)]
        self.dag.add_edges_from((parent, id_) for parent in fresh)
        if new or fresh:
            self.record(id_, *self.above(id_))

    def link(self, parent: str, child: str) -> None:
        fresh = self._linked(parent, child)
        if fresh:
            self.record(parent, child)

    def _linked(self, parent: str, child: str) -> bool:
        self._require_place(self.kind(child), parent)
        if nx.has_path(self.dag, child, parent):
            raise Refused("circle")
        if self.dag.has_edge(parent, child):
            return False
        self._require_free(child, [parent], self.name(child))
        self.dag.add_edge(parent, child)
        try:
            self._require_one_concept_a_name()
        except Refused:
            self.dag.remove_edge(parent, child)
            raise
        return True

    def unlink(self, parent: str, child: str) -> None:
        if not self.dag.has_edge(parent, child):
            raise Refused("no link")
        rest = [id_ for id_ in self.above(child) if id_ != parent]
        if not rest or (not self.retired(child) and all(map(self.retired, rest))):
            raise Refused("orphan")
        self.dag.remove_edge(parent, child)
        self.record(parent, child)

    def move(self, id_: str, old: str, new: str) -> None:
        if self.dag.has_edge(new, id_) and not self.dag.has_edge(old, id_):
            return
        if not self.dag.has_edge(old, id_):
            raise Refused("no link")
        self._require_place(self.kind(id_), new)
        if nx.has_path(self.dag, id_, new):
            raise Refused("circle")
        before = nx.DiGraph(self.dag)
        if not self.dag.has_edge(new, id_):
            self._require_free(id_, [new], self.name(id_))
        self.dag.add_edge(new, id_)
        if old != new:
            self.dag.remove_edge(old, id_)
        try:
            self._require_one_concept_a_name()
        except Refused:
            self.dag = before
            raise
        if old != new:
            self.record(id_, old, new)

    def patch(self, id_: str, name: str | None, status: Status | None) -> None:
        if status and self.retired(id_) and self.above(id_) and all(map(self.retired, self.above(id_))):
            raise Refused("all above it is retired")
        if name is not None and normal_name(name) != self.name(id_):
            self._require_free(id_, self.above(id_), normal_name(name))
            self.dag.nodes[id_]["name"] = normal_name(name)
        if status:
            self.dag.nodes[id_]["status"] = status
        self.record(id_)

    def retire(self, id_: str) -> int:
        gone = [n for n in self._hanging(id_, living=True) if not self.retired(n)]
        for n in gone:
            self.dag.nodes[n]["status"] = Status.retired
        if gone:
            self.record(*gone)
        return len(gone)

    def purge(self, id_: str) -> int:
        hanging, gone = self._hanging(id_, living=True), self._hanging(id_, living=False)
        spared = [n for n in hanging - gone if not self.retired(n)]
        for n in spared:
            self.dag.nodes[n]["status"] = Status.retired
        self.record(*{*self.above(id_), *spared})
        self.dag.remove_nodes_from(gone)
        self.aliases = {old: new for old, new in self.aliases.items() if new not in gone}
        return len(gone)

    def _hanging(self, root: str, *, living: bool) -> set[str]:
        gone = {root}
        for id_ in nx.topological_sort(self.dag):
            above = [p for p in self.above(id_) if not (living and self.retired(p))]
            if id_ in nx.descendants(self.dag, root) and gone.issuperset(above):
                gone.add(id_)
        return gone

    # Merging

    def classes(self, old: str, new: str) -> "list[set[str]]":
        """The sets of nodes that become one when `old` is merged into `new`; single nodes are left out."""
        if old == new:
            return []
        if self.kind(old) is not self.kind(new):
            raise Refused("kind")
        if self.retired(new) and not self.retired(old):
            raise Refused("retired")
        if nx.has_path(self.dag, old, new) or nx.has_path(self.dag, new, old):
            raise Refused("above")
        if self.name(old) != self.name(new):
            gained = [id_ for id_ in self.above(old) if id_ not in self.above(new)]
            self._require_free(new, gained, self.name(new))
        same: nx.utils.UnionFind[str] = nx.utils.UnionFind(self.dag)
        same.union(old, new)
        while self._joined(same, old, new):
            pass
        found = [set(members) for members in same.to_sets() if len(members) > 1]
        merged = nx.quotient_graph(self.dag, [set(m) for m in same.to_sets()], relabel=True)
        if not nx.is_directed_acyclic_graph(merged) or self._loops(found):
            raise Refused("circle")
        return found

    def _loops(self, classes: "list[set[str]]") -> bool:
        return any(self.dag.subgraph(members).number_of_edges() for members in classes)

    def _joined(self, same: "nx.utils.UnionFind[str]", old: str, new: str) -> bool:
        """Joins children of the same name under one node, and concepts of the same name in one discipline."""
        first: dict[tuple[str, Kind, str], str] = {}
        before = len(list(same.to_sets()))
        name_of = {members: self._class_name(members, old, new) for members in map(frozenset, same.to_sets())}
        names = {id_: name for members, name in name_of.items() for id_ in members}
        merged = nx.DiGraph((same[a], same[b]) for a, b in self.dag.edges)
        for parent, child in list(self.dag.edges):
            if self.kind(child) is not Kind.KeyConcept:
                other = first.setdefault((same[parent], self.kind(child), names[child]), child)
                same.union(other, child)
        for top in {same[id_] for id_ in self.dag if self.kind(id_) is Kind.Discipline} & set(merged):
            concepts: dict[str, str] = {}
            for id_ in nx.descendants(merged, top):
                if self.kind(id_) is Kind.KeyConcept:
                    same.union(concepts.setdefault(names[id_], id_), id_)
        return len(list(same.to_sets())) < before

    def _class_name(self, members: "frozenset[str]", old: str, new: str) -> str:
        return self.name(new) if new in members else self.name(next(iter(members)))

    def merge(self, survivors: dict[str, str], old: str, new: str) -> None:
        """`survivors`: for every merged node, the node that it was merged into."""
        for id_, into in survivors.items():
            mine, theirs = self.dag.nodes[into], self.dag.nodes[id_]
            mine["edits"] |= theirs["edits"]
            if mine["status"] is Status.retired:
                mine["status"] = theirs["status"]
        targets = {*survivors.values()}
        moved = [(survivors.get(a, a), survivors.get(b, b)) for a, b in self.dag.edges]
        self.dag.remove_nodes_from(survivors)
        self.dag.add_edges_from((a, b) for a, b in moved if not self.dag.has_edge(a, b))
        self.aliases = {a: survivors.get(b, b) for a, b in self.aliases.items()} | survivors
        self.record(*targets)
