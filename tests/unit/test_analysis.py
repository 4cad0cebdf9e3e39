"""The graph of concepts that are covered together, compared with direct counts."""

import io
import json
from itertools import combinations
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.analysis import concepts, formats
from graph.analysis.concepts import Analysis, Concept, Cooccurrence
from graph.analysis.formats import Link, Member, Subtree
from graph.model import Kind

Weights = dict[tuple[int, int], int]


@st.composite
def cooccurrences(draw: st.DrawFn) -> Cooccurrence:
    """Concepts, and instructions that cover one to five of them."""
    size = draw(st.integers(0, 12))
    drawn = st.sets(st.integers(0, size - 1), min_size=1, max_size=5) if size else st.nothing()
    covered = draw(st.lists(drawn, max_size=20)) if size else []
    weights: Weights = {}
    for taken in covered:
        for pair in combinations(sorted(taken), 2):
            weights[pair] = weights.get(pair, 0) + 1
    return of(size, weights, [sum(n in concepts for concepts in covered) for n in range(size)])


def of(size: int, weights: Weights, instructions: list[int] | None = None) -> Cooccurrence:
    counts = instructions or [max([1, *(w for p, w in weights.items() if n in p)]) for n in range(size)]
    concepts = [Concept(f"id{n:02}", f"concept {n}", counts[n]) for n in range(size)]
    pairs = sorted((a, b, weight) for (a, b), weight in weights.items())
    return Cooccurrence("top", Kind.Discipline, "Top", concepts, pairs)


def parts(size: int, links: set[tuple[int, int]]) -> list[set[int]]:
    """The connected components, found by joining sets link by link."""
    found = [{n} for n in range(size)]
    for a, b in links:
        joined = [part for part in found if a in part or b in part]
        found = [part for part in found if part not in joined] + [set[int]().union(*joined)]
    return found


def ways(size: int, links: set[tuple[int, int]], a: int, b: int) -> list[tuple[int, ...]]:
    """All shortest paths between two concepts, by trying all paths of each length."""
    # Without a way there would be all paths of all lengths to try.
    if not any({a, b} <= part for part in parts(size, links)):
        return []
    fronts = [(a,)]
    for _ in range(size):
        there = [way for way in fronts if way[-1] == b]
        if there:
            return there
        fronts = [
            (*way, n)
            for way in fronts
            for n in range(size)
            if n not in way and (min(n, way[-1]), max(n, way[-1])) in links
        ]
    return []


@given(found=cooccurrences())
def test_sums_parts_and_isolated_are_what_counting_gives(found: Cooccurrence):
    size, weights = len(found.concepts), {(a, b): w for a, b, w in found.pairs}
    got = concepts.analyse(found, 1000)
    assert (got.concepts, got.links, got.weight) == (size, len(weights), sum(weights.values()))
    assert got.density == pytest.approx(len(weights) / max(1, size * (size - 1) / 2))
    sizes = sorted((len(part) for part in parts(size, set(weights)) if len(part) > 1), reverse=True)
    assert (got.components.count, got.components.sizes) == (len(sizes), sizes)
    assert got.components.largest == max(sizes, default=0)
    linked = {n for pair in weights for n in pair}
    alone = [c for n, c in enumerate(found.concepts) if n not in linked]
    assert ids(got.isolated.never_together) == [c.id for c in alone if c.instructions]
    assert ids(got.isolated.without_instruction) == [c.id for c in alone if not c.instructions]
    assert [(p.a.id, p.b.id, p.instructions) for p in got.strongest] == [
        (f"id{a:02}", f"id{b:02}", w)
        for (a, b), w in sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    ]


@given(found=cooccurrences())
def test_communities_share_the_linked_concepts_and_all_instructions(found: Cooccurrence):
    got = concepts.analyse(found, 1000)
    linked = {n for a, b, _ in found.pairs for n in (a, b)}
    communities = got.communities.items
    assert sum(c.size for c in communities) == len(linked)
    assert [c.number for c in communities] == list(range(got.communities.count))
    assert [c.size for c in communities] == sorted((c.size for c in communities), reverse=True)
    between = sum(join.instructions for join in got.weak_joins.items)
    assert sum(c.inside for c in communities) + between == got.weight
    assert sum(c.outside for c in communities) == 2 * between
    assert sum(join.pairs for join in got.weak_joins.items) <= got.links
    assert len(got.weak_joins.items) == got.weak_joins.joined
    number = got.communities.count
    assert got.weak_joins.joined + got.weak_joins.apart == number * (number - 1) // 2


@given(found=cooccurrences())
def test_bridges_are_what_counting_all_shortest_ways_gives(found: Cooccurrence):
    size, links = len(found.concepts), {(a, b) for a, b, _ in found.pairs}
    got = concepts.analyse(found, 1000)
    linked = sorted({n for pair in links for n in pair})
    between = dict.fromkeys(linked, 0.0)
    for a, b in combinations(linked, 2):
        shortest = ways(size, links, a, b)
        for way in shortest:
            for n in way[1:-1]:
                between[n] += 1 / len(shortest)
    possible = (len(linked) - 1) * (len(linked) - 2) / 2
    wanted = {f"id{n:02}": b / possible for n, b in between.items() if b}
    assert {b.id: b.betweenness for b in got.bridges.items} == pytest.approx(wanted)
    assert got.bridges.samples == len(linked)
    whole = len(parts(size, links))
    cut = [
        n for n in linked if len(parts(size, {p for p in links if n not in p})) > whole + neighbours(n, links)
    ]
    assert ids(got.bridges.cut_points) == [f"id{n:02}" for n in cut]


def neighbours(n: int, links: set[tuple[int, int]]) -> int:
    """The extra components when a concept is isolated and its component stays whole: 1, itself, or 0."""
    return int(any(n in pair for pair in links))


def ids(some: concepts.Some) -> list[str]:
    assert some.count == len(some.items)
    return [item.id for item in some.items]


def two_groups() -> Cooccurrence:
    """Two fully linked groups of five, joined by one pair, and one isolated concept."""
    weights: Weights = {}
    for group in (range(5), range(5, 10)):
        weights |= dict.fromkeys(combinations(group, 2), 3)
    return of(11, weights | {(4, 5): 1})


def test_two_groups_are_two_communities_and_their_joint_is_found():
    got = concepts.analyse(two_groups(), 10)
    assert [c.size for c in got.communities.items] == [5, 5]
    assert got.communities.modularity > 0.4
    assert [c.inside for c in got.communities.items] == [30, 30]
    assert {b.id for b in got.bridges.items} == {"id04", "id05"} == set(ids(got.bridges.cut_points))
    assert all(sorted(b.communities) == [0, 1] for b in got.bridges.items)
    [join] = got.weak_joins.items
    assert (join.pairs, join.instructions, join.strongest.a.id, join.strongest.b.id) == (1, 1, "id04", "id05")
    assert ids(got.isolated.never_together) == ["id10"]


def test_lists_are_bounded_and_their_counts_are_not():
    got = concepts.analyse(of(40, {(n, n + 1): n + 1 for n in range(0, 30, 2)}), 2)
    assert (len(got.strongest), len(got.components.sizes), len(got.communities.items)) == (2, 2, 2)
    assert (got.components.count, got.communities.count) == (15, 15)
    assert (got.isolated.never_together.count, len(got.isolated.never_together.items)) == (10, 2)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_nothing_is_linked(size: int):
    got = concepts.analyse(of(size, {}, [0] * size), 10)
    assert (got.links, got.density, got.communities.count, got.bridges.samples) == (0, 0.0, 0, 0)
    assert got.isolated.without_instruction.count == size


def test_large_graphs_are_sampled_and_give_the_same_answer_twice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(concepts, "WALKED", 0)
    weights = {(n, (n * 7 + k) % 200): 1 for n in range(200) for k in range(1, 4)}
    found = of(200, {(min(p), max(p)): w for p, w in weights.items() if p[0] != p[1]})
    got = concepts.analyse(found, 50)
    assert got.bridges.samples == 10
    assert concepts.analyse(found, 50) == got
    assert Analysis.model_validate_json(got.model_dump_json()) == got


# The subtree as files

ODD: dict[str, Any] = {
    "level": "first\r\nyear\ttwo \u2028 <&\"'>]]>",
    "tags": ["a", "ü", "🙂"],
    "hours": 3,
    "most": 2**63 - 1,
    "share": 0.1,
    "open": True,
    "end\ufffe": "\uffff",
}


def subtree() -> Subtree:
    members = [
        Member("a", "Discipline", "שלום 🙂 <b>", "accepted", 1.0, None, ODD),
        Member("b", "Subject", "B", "proposed", 2.5, None, {"hours": "three"}),
        Member("c", "KeyConcept", "C", "accepted", 1.0, 7, {}),
    ]
    return Subtree("a", "A", members, [Link("a", "b", 3), Link("b", "c", None)])


def test_node_link_is_what_networkx_reads():
    document = json.loads(formats.node_link(subtree()))
    assert formats.NodeLink.model_validate(document).model_dump(mode="json") == document
    graph = nx.node_link_graph(document, edges="edges")
    assert graph.is_directed()
    assert graph.graph == {"id": "a", "name": "A"}
    assert graph.nodes["a"]["properties"] == ODD
    assert dict(graph.edges) == {("a", "b"): {"position": 3}, ("b", "c"): {"position": None}}
    assert graph.nodes["c"]["instructions"] == 7
    assert graph.nodes["a"]["instructions"] is None


def test_graphml_is_what_networkx_reads():
    graph = nx.read_graphml(io.BytesIO(formats.graphml(subtree())))
    assert graph.graph["name"] == "A"
    assert dict(graph.edges) == {("a", "b"): {"position": 3}, ("b", "c"): {}}
    assert graph.nodes["c"] == {
        "kind": "KeyConcept",
        "name": "C",
        "status": "accepted",
        "weight": 1.0,
        "instructions": 7,
    }
    assert graph.nodes["b"]["properties.hours"] == "three"
    a = graph.nodes["a"]
    assert a["name"] == "שלום 🙂 <b>"
    assert a["properties.level"] == "first\nyear\ttwo \u2028 <&\"'>]]>"
    assert json.loads(a["properties.tags"]) == ODD["tags"]
    plain = {name: a[f"properties.{name}"] for name in ("hours", "most", "share", "open")}
    assert plain == {name: ODD[name] for name in plain}
    assert a["properties.end\ufffd"] == "\ufffd"
