"""The graph that bench-scale loads, the parameters it passes to queries, and what it finds in plans."""

from collections import Counter
from typing import Any

import pytest
from bench import scale_plans, scale_shape
from bench.bench_scale import filled

from graph import queries
from graph.model import Kind, normal_name

KNOWN = {
    name: f"a {name}"
    for name in (
        *("discipline", "subject", "syllabus", "session", "concept"),
        *("instruction", "unit", "job", "combination", "version"),
    )
}


def test_a_discipline_has_the_papers_shape():
    items = list(scale_shape.discipline(0, ["f0", "f1"]))
    kinds = Counter(item["kind"] for item in items)
    assert (kinds["Subject"], kinds["Syllabus"], kinds["ClassSession"]) == (150, 150, 3000)
    concepts = [item for item in items if item["kind"] == "KeyConcept"]
    names = {normal_name(item["name"]) for item in concepts}
    assert len(names) == 15_000
    assert 1_500 < len(concepts) - len(names) < 2_000
    assert items[0]["parent_ids"] == ["f0", "f1"]
    assert list(scale_shape.discipline(0, ["f0", "f1"])) == items


def test_what_an_item_stands_under_came_before_and_may_contain_it():
    kinds: dict[str, Kind] = {}
    for item in scale_shape.discipline(3, ["f0"]):
        kind = Kind(item["kind"])
        if "parent_ref" in item:
            assert kinds[item["parent_ref"]].may_contain(kind)
        kinds[item.get("ref", "")] = kind


def test_names_under_one_parent_differ():
    places = [(item.get("parent_ref"), item["name"]) for item in scale_shape.discipline(0, ["f0"])]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("query", queries.readable(), ids=lambda query: query.name)
def test_every_parameter_of_every_query_is_filled(query: queries.Query):
    as_shown: dict[str, Any] = {
        "name": query.name,
        "example": query.example,
        "params": {name: {"meaning": param.meaning} for name, param in query.params.items()},
    }
    params = filled(as_shown, "the node", KNOWN)
    assert set(params) == set(query.params)
    example = ("0190", ["0190"], "00", ["00"])
    left = [name for name, value in params.items() if name.endswith(("id", "ids")) and value in example]
    assert not left
    numbers = [name for name, value in query.example.items() if isinstance(value, int)]
    assert all(isinstance(params[name], int) for name in numbers)


def test_plans_are_flagged():
    scan = {"operatorType": "NodeByLabelScan@neo4j", "dbHits": 7, "rows": 6, "args": {"Details": "n:Job"}}
    sort = {
        "operatorType": "Sort@neo4j",
        "dbHits": 1,
        "rows": scale_plans.MOST_SORTED + 1,
        "children": [scan],
    }
    found = scale_plans.Profile(0.0)
    scale_plans.look({"operatorType": "Eager@neo4j", "dbHits": 0, "rows": 1, "children": [sort]}, found)
    assert (found.hits, found.flags) == (8, ["Sort of 10,001", "NodeByLabelScan"])
    assert found.heaviest.startswith("NodeByLabelScan (n:Job): 7 hits")


def test_a_walk_far_past_its_answer_is_flagged():
    walk = {"operatorType": "VarLengthExpand(Pruning,BFS,All)@neo4j", "dbHits": 5, "rows": 18_310}
    for rows, flags in ((150, ["walks 18,310"]), (18_000, [])):
        found = scale_plans.Profile(0.0, rows)
        scale_plans.look(walk, found)
        assert found.flags == flags
