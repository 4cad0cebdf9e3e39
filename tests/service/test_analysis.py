"""Subtrees for networkx and its analysis of them, on the real service."""

import asyncio
import io
import json
from typing import Any

import httpx
import networkx as nx
import pytest
from planting import instruction

from graph.analysis import read
from graph.database import Database
from graph.instructions import instructions
from graph.jobs import jobs
from service.http import worker_process

Ids = dict[str, str]


@pytest.fixture
def shared(http: httpx.Client, add: Any) -> Ids:
    """A discipline under two fields, with two syllabi of ten sessions; a concept is in all of the first's."""
    ids = {"root": add(http, "Taxonomy", "Root")}
    fields = [add(http, "Field", f"Field {n}", ids["root"]) for n in range(2)]
    ids["discipline"] = add(http, "Discipline", "Optics", fields[0], parent_ids=fields)
    for letter in "ab":
        subject = add(http, "Subject", f"Subject {letter}", ids["discipline"], properties={"level": [1, 2]})
        ids[letter] = add(http, "Syllabus", f"Syllabus {letter}", subject)
        for n in range(10):
            session = add(http, "ClassSession", f"Session {letter}{n}", ids[letter], position=n)
            ids[f"{letter}{n}"] = session
            ids[f"own {letter}{n}"] = add(http, "KeyConcept", f"own {letter}{n}", session)
            if letter == "a":
                ids["everywhere"] = add(http, "KeyConcept", "everywhere", session)
    return ids


@pytest.fixture
async def instructed(shared: Ids, database: Database) -> Ids:
    """Instructions on neighbouring sessions in each syllabus; the last concept of the second is uncovered."""
    rows: list[Any] = []
    for letter in "ab":
        for n in range(8):
            concepts = [shared[f"own {letter}{n}"], shared[f"own {letter}{n + 1}"]]
            if letter == "a":
                concepts.append(shared["everywhere"])
            sessions = [shared[f"{letter}{n}"], shared[f"{letter}{n + 1}"]]
            rows.append(instruction(f"i-{letter}{n}", shared[letter], sessions, concepts))
    rows.append(instruction("alone", shared["a"], [shared["a9"]], [shared["own a9"]]))
    await jobs.create(database, "job", shared["root"], {"spec": "{}", "spec_key": "", "requested": 0}, [])
    await database.writing(lambda tx: instructions.store(tx, "job", rows))
    return shared


NODES = 1 + 2 + 1 + 2 + 2 + 20 + 21


def test_node_link_is_read_by_networkx(http: httpx.Client, instructed: Ids):
    answer = http.get(f"/v1/nodes/{instructed['root']}/graph")
    assert answer.headers["content-type"] == "application/json"
    graph = nx.node_link_graph(answer.json(), edges="edges")
    assert nx.is_directed_acyclic_graph(graph)
    assert len(graph) == NODES
    assert graph.graph == {"id": instructed["root"], "name": "Root"}
    assert graph.in_degree(instructed["everywhere"]) == 10
    assert graph.in_degree(instructed["discipline"]) == 2
    assert graph.nodes[instructed["everywhere"]]["instructions"] == 8
    assert graph.edges[instructed["a"], instructed["a3"]] == {"position": 3}
    whole = {n["id"] for n in answer.json()["nodes"]}
    assert nx.descendants(graph, instructed["root"]) == whole - {instructed["root"]}


def test_graphml_is_the_same_graph(http: httpx.Client, instructed: Ids):
    path = f"/v1/nodes/{instructed['root']}/graph"
    answer = http.get(path, params={"format": "graphml"})
    assert answer.headers["content-type"].startswith("application/graphml+xml")
    graph = nx.read_graphml(io.BytesIO(answer.content))
    other = nx.node_link_graph(http.get(path).json(), edges="edges")
    assert set(graph) == set(other)
    assert set(graph.edges) == set(other.edges)
    for id_, attributes in other.nodes(data=True):
        for name in ("kind", "name", "status", "weight"):
            assert graph.nodes[id_][name] == attributes[name]
        assert graph.nodes[id_].get("instructions") == attributes["instructions"]
        level = graph.nodes[id_].get("properties.level")
        assert (json.loads(level) if level else None) == attributes["properties"].get("level")


def test_parts_of_a_subtree(http: httpx.Client, shared: Ids):
    path = f"/v1/nodes/{shared['root']}/graph"
    some = http.get(path, params={"kind": ["Field", "Discipline"]}).json()
    assert (len(some["nodes"]), len(some["edges"])) == (3, 2)
    assert len(http.get(path, params={"depth": 1}).json()["nodes"]) == 3
    assert http.delete(f"/v1/nodes/{shared['b']}").is_success
    assert len(http.get(path).json()["nodes"]) == NODES - 1 - 10 - 10
    kept = http.get(path, params={"status": ["accepted", "retired"]}).json()
    assert len(kept["nodes"]) == NODES


def test_analysis_finds_syllabi_and_what_joins_them(http: httpx.Client, instructed: Ids):
    path = f"/v1/nodes/{instructed['root']}/analysis"
    found = http.get(path).json()
    assert http.get(path).json() == found
    assert (found["concepts"], found["links"], found["weight"]) == (21, 8 + 9 + 8, 3 * 8 + 8)
    assert found["components"] == {"count": 2, "largest": 10, "sizes": [10, 9]}
    assert found["isolated"]["never_together"] == {
        "count": 1,
        "items": [{"id": instructed["own a9"], "name": "own a9"}],
    }
    assert [c["name"] for c in found["isolated"]["without_instruction"]["items"]] == ["own b9"]
    assert found["bridges"]["items"][0]["name"] == "everywhere"
    assert found["strongest"][0]["instructions"] == 2
    few = http.get(path, params={"limit": 1}).json()
    assert (len(few["strongest"]), few["bridges"]["cut_points"]["count"]) == (
        1,
        found["bridges"]["cut_points"]["count"],
    )
    one = http.get(f"/v1/nodes/{instructed['a0']}/analysis").json()
    assert (one["concepts"], one["links"]) == (2, 1)


def test_refusals(http: httpx.Client, shared: Ids, refused: Any, monkeypatch: pytest.MonkeyPatch):
    root = shared["root"]
    for path in ("graph", "analysis"):
        refused(http.get(f"/v1/nodes/none/{path}"), 404)
    for params in ({"format": "gexf"}, {"depth": 0}, {"kind": "Planet"}, {"status": "gone"}):
        refused(http.get(f"/v1/nodes/{root}/graph", params=params), 422)
    refused(http.get(f"/v1/nodes/{root}/analysis", params={"limit": 0}), 422)
    monkeypatch.setattr(read, "LARGEST", 10)
    for path in ("graph", "analysis"):
        problem = refused(http.get(f"/v1/nodes/{root}/{path}"), 422)
        assert "over 10 nodes" in problem["detail"]
        assert "take a smaller node" in problem["detail"]
    assert len(http.get(f"/v1/nodes/{root}/graph", params={"kind": "Subject"}).json()["nodes"]) == 2


def test_what_takes_too_long_is_cut(
    http: httpx.Client, shared: Ids, refused: Any, monkeypatch: pytest.MonkeyPatch
):
    path = f"/v1/nodes/{shared['root']}/analysis"
    monkeypatch.setattr(worker_process, "LONGEST_S", 0.0)
    assert "take a smaller node" in refused(http.get(path), 503)["detail"]
    monkeypatch.undo()
    assert http.get(path).json()["concepts"] == 21


async def test_many_at_once(http: httpx.Client, instructed: Ids):
    async with httpx.AsyncClient(base_url=http.base_url, headers=http.headers, timeout=60) as client:
        answers = await asyncio.gather(
            *(client.get(f"/v1/nodes/{instructed['root']}/{path}") for path in ("graph", "analysis") * 5)
        )
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.content for answer in answers}) == 2


# The command line


def test_analyze(glan: Any, instructed: Ids):
    shown = glan("analyze", "Root").stdout
    for text in ("21 concepts, 25 pairs", "everywhere", "own a9", "own b9", "Communities", "Strongest pairs"):
        assert text in shown
    assert "Weakly joined" not in shown
    found = glan.json("analyze", "Root/Field 0/Optics", "--limit", "3")
    assert (found["id"], len(found["strongest"])) == (instructed["discipline"], 3)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("tree.json", lambda file: nx.node_link_graph(json.loads(file.read_text()), edges="edges")),
        ("tree.graphml", nx.read_graphml),
    ],
)
def test_analyze_writes_the_subtree(glan: Any, instructed: Ids, name: str, read: Any):
    done = glan("analyze", "Root", "--graph", name, "--json")
    assert json.loads(done.stdout)["id"] == instructed["root"]
    assert name in done.stderr
    assert len(read(glan.folder / name)) == NODES
    assert [file.name for file in glan.folder.iterdir()] == [name]


def test_analyze_refuses(glan: Any, shared: Ids):
    assert shared
    assert ".json or .graphml" in glan("analyze", "Root", "--graph", "tree.gexf", code=2).stderr
    assert "nothing is called" in glan("analyze", "Nowhere", code=1).stderr


def test_analyze_what_is_empty(glan: Any, shared: Ids):
    shown = glan("analyze", "Optics").stdout
    assert "0 pairs" in shown
    assert "21 without any instruction" in shown
    assert shared["own a0"] in shown
