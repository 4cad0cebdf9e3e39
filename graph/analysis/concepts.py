"""Analyses with networkx how instructions bring the concepts of a subtree together.

Nothing here talks to the database (graph/analysis/read.py does), so that it can run in another process.
The same input always gives the same answer: concepts are numbered in the order of their ids, and the random
choices of networkx have a fixed seed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import networkx as nx
from pydantic import BaseModel, Field

from graph.model import Kind

SEED = 0
_COMMUNITY: Any = nx.community  # its functions have no types
# Betweenness walks the whole graph once per sample: the maximum number of nodes and links walked in all.
WALKED = 8_000_000


@dataclass(frozen=True)
class Concept:
    """A concept, with the number of accepted instructions that cover it."""

    id: str
    name: str
    instructions: int


@dataclass(frozen=True)
class Cooccurrence:
    """Concepts, and pairs of their numbers, each with the number of accepted instructions that cover both."""

    id: str
    kind: Kind
    name: str
    concepts: list[Concept]
    pairs: list[tuple[int, int, int]]


class ConceptRef(BaseModel):
    """A concept."""

    id: str = Field(description="Id of the concept")
    name: str = Field(description="Its name")


class Some(BaseModel):
    """The number of some concepts, and the first of them."""

    count: int = Field(description="How many there are")
    items: list[ConceptRef] = Field(description="The first `limit` of them, in the order of ids")


class Components(BaseModel):
    """Connected components of the graph, leaving out concepts without a link."""

    count: int = Field(description="How many there are")
    largest: int = Field(description="Concepts in the largest; 0 where there is none")
    sizes: list[int] = Field(description="Concepts in the first `limit` of them, the largest first")


class Community(BaseModel):
    """Concepts that are covered together more often than with other concepts."""

    number: int = Field(description="Number by which joins and bridges refer to it; 0 is the largest")
    size: int = Field(description="Concepts in it")
    inside: int = Field(description="Sum of the instructions of the pairs inside it")
    outside: int = Field(description="Sum of the instructions of the pairs with other communities")
    concepts: list[ConceptRef] = Field(
        description="The first ten: those with the most instructions of their pairs inside it"
    )


class Communities(BaseModel):
    """Louvain communities of the concepts that have a link."""

    count: int = Field(description="How many there are")
    modularity: float = Field(description="Modularity: 0 as by chance, 1 at most")
    items: list[Community] = Field(description="The first `limit` of them, the largest first")


class Bridge(ConceptRef):
    """A concept on the shortest paths between other concepts."""

    betweenness: float = Field(
        description="Share of the shortest paths between two others that pass through it"
    )
    communities: list[int] = Field(description="Ids of the communities of its neighbours, its own first")


class Bridges(BaseModel):
    """Concepts that hold the graph together."""

    samples: int = Field(description="Concepts from which paths were counted; an estimate if fewer than all")
    items: list[Bridge] = Field(description="The first `limit` of them, the most between others first")
    cut_points: Some = Field(description="Concepts without which their component falls into parts")


class Isolated(BaseModel):
    """Concepts that no instruction covers together with another concept."""

    never_together: Some = Field(description="Covered by instructions, but each on its own")
    without_instruction: Some = Field(description="Not covered by any instruction")


class Pair(BaseModel):
    """Two concepts and the instructions that cover both."""

    a: ConceptRef = Field(description="One concept")
    b: ConceptRef = Field(description="The other")
    instructions: int = Field(description="Accepted instructions that cover both")


class Join(BaseModel):
    """Two communities and the pairs of concepts that join them."""

    a: int = Field(description="Number of one community")
    b: int = Field(description="Number of the other")
    pairs: int = Field(description="Pairs of concepts, one of each, that some instruction covers")
    instructions: int = Field(description="Sum of the instructions of these pairs")
    strongest: Pair = Field(description="The pair among them with the most instructions")


class Joins(BaseModel):
    """Pairs of communities, the most weakly joined first."""

    joined: int = Field(description="Pairs of communities that some instruction joins")
    apart: int = Field(description="Pairs of communities that none joins")
    items: list[Join] = Field(
        description="The first `limit` of the joined, the fewest instructions for their sizes first"
    )


class Analysis(BaseModel):
    """The graph of concepts below a node; two are linked when an accepted instruction covers both."""

    id: str = Field(description="Id of the node")
    kind: Kind = Field(description="Its kind")
    name: str = Field(description="Its name")
    concepts: int = Field(description="Accepted concepts below it, each once")
    links: int = Field(description="Pairs of concepts that some accepted instruction covers together")
    weight: int = Field(description="Sum over these pairs of the instructions that cover both")
    density: float = Field(description="links / possible pairs of concepts, 0 where there are none")
    components: Components = Field(description="Parts that no instruction connects")
    communities: Communities = Field(description="Groups of concepts that are covered together")
    bridges: Bridges = Field(description="Concepts that lie between others")
    isolated: Isolated = Field(description="Concepts without a link")
    strongest: list[Pair] = Field(description="The first `limit` links, the most instructions first")
    weak_joins: Joins = Field(description="Communities that hardly meet")


def analyse(found: Cooccurrence, limit: int) -> Analysis:
    """Analyses the graph of co-occurrence; every list in the answer has at most `limit` items."""
    return _Analyst(found, limit).analysis()


class _Analyst:
    """The graph of concepts by their numbers, leaving out those without a link, and its analyses."""

    def __init__(self, found: Cooccurrence, limit: int) -> None:
        self._found = found
        self._limit = limit
        self._graph: nx.Graph[int] = nx.Graph()
        self._graph.add_nodes_from(sorted({n for a, b, _ in found.pairs for n in (a, b)}))
        self._graph.add_weighted_edges_from(found.pairs)
        # Everything is sorted, so that the numbers of communities do not depend on the order of sets.
        groups: list[set[int]] = _COMMUNITY.louvain_communities(self._graph, weight="weight", seed=SEED)
        self._groups = sorted(map(sorted, groups), key=lambda group: (-len(group), group))
        self._group_of = {n: number for number, group in enumerate(self._groups) for n in group}

    def analysis(self) -> Analysis:
        found, n = self._found, len(self._found.concepts)
        return Analysis(
            id=found.id,
            kind=found.kind,
            name=found.name,
            concepts=n,
            links=len(found.pairs),
            weight=sum(weight for _, _, weight in found.pairs),
            density=len(found.pairs) / (n * (n - 1) / 2) if n > 1 else 0.0,
            components=self._components(),
            communities=self._communities(),
            bridges=self._bridges(),
            isolated=self._isolated(),
            strongest=self._strongest(found.pairs, self._limit),
            weak_joins=self._weak_joins(),
        )

    def _components(self) -> Components:
        sizes = sorted(map(len, nx.connected_components(self._graph)), reverse=True)
        return Components(count=len(sizes), largest=max(sizes, default=0), sizes=sizes[: self._limit])

    def _communities(self) -> Communities:
        inside, outside = Counter[int](), Counter[int]()
        within = Counter[int]()
        for a, b, weight in self._found.pairs:
            if self._group_of[a] == self._group_of[b]:
                inside[self._group_of[a]] += weight
                within.update({a: weight, b: weight})
            else:
                outside.update({self._group_of[a]: weight, self._group_of[b]: weight})
        modularity = _COMMUNITY.modularity(self._graph, self._groups) if self._groups else 0.0
        return Communities(
            count=len(self._groups),
            modularity=float(modularity),
            items=[
                Community(
                    number=number,
                    size=len(group),
                    inside=inside[number],
                    outside=outside[number],
                    concepts=[self._ref(n) for n in sorted(group, key=lambda n: (-within[n], n))[:10]],
                )
                for number, group in enumerate(self._groups[: self._limit])
            ],
        )

    def _bridges(self) -> Bridges:
        samples = self._samples()
        between = nx.betweenness_centrality(self._graph, k=samples, seed=SEED) if samples else {}
        ranked = sorted((n for n in between if between[n] > 0), key=lambda n: (-between[n], n))
        return Bridges(
            samples=samples,
            items=[
                Bridge(**self._named(n), betweenness=between[n], communities=self._near(n))
                for n in ranked[: self._limit]
            ],
            cut_points=self._some(sorted(set(nx.articulation_points(self._graph)))),
        )

    def _samples(self) -> int:
        """The number of samples: all concepts with a link, or as many as WALKED allows, at least ten."""
        size = len(self._graph)
        return min(size, max(10, WALKED // (size + len(self._found.pairs)))) if size else 0

    def _near(self, n: int) -> list[int]:
        own = self._group_of[n]
        return [own, *sorted({self._group_of[other] for other in self._graph[n]} - {own})]

    def _isolated(self) -> Isolated:
        alone = [n for n in range(len(self._found.concepts)) if n not in self._graph]
        instructed = [n for n in alone if self._found.concepts[n].instructions]
        bare = [n for n in alone if not self._found.concepts[n].instructions]
        return Isolated(never_together=self._some(instructed), without_instruction=self._some(bare))

    def _strongest(self, pairs: Iterable[tuple[int, int, int]], limit: int) -> list[Pair]:
        ranked = sorted(pairs, key=lambda pair: (-pair[2], pair))
        return [Pair(a=self._ref(a), b=self._ref(b), instructions=number) for a, b, number in ranked[:limit]]

    def _weak_joins(self) -> Joins:
        between: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        for pair in self._found.pairs:
            first, second = sorted((self._group_of[pair[0]], self._group_of[pair[1]]))
            if first != second:
                between.setdefault((first, second), []).append(pair)
        number = len(self._groups)
        ranked = sorted(between, key=lambda pair: (self._strength(pair, between[pair]), pair))
        return Joins(
            joined=len(between),
            apart=number * (number - 1) // 2 - len(between),
            items=[self._join(pair, between[pair]) for pair in islice(ranked, self._limit)],
        )

    def _strength(self, pair: tuple[int, int], joining: Sequence[tuple[int, int, int]]) -> float:
        """Instructions per possible pair of concepts, one from each of the two communities."""
        possible = len(self._groups[pair[0]]) * len(self._groups[pair[1]])
        return sum(number for _, _, number in joining) / possible

    def _join(self, pair: tuple[int, int], joining: Sequence[tuple[int, int, int]]) -> Join:
        [strongest] = self._strongest(joining, 1)
        number = sum(number for _, _, number in joining)
        return Join(a=pair[0], b=pair[1], pairs=len(joining), instructions=number, strongest=strongest)

    def _some(self, numbers: Sequence[int]) -> Some:
        return Some(count=len(numbers), items=[self._ref(n) for n in numbers[: self._limit]])

    def _ref(self, n: int) -> ConceptRef:
        return ConceptRef(**self._named(n))

    def _named(self, n: int) -> dict[str, str]:
        return {"id": self._found.concepts[n].id, "name": self._found.concepts[n].name}
