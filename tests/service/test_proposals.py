"""Proposals, searches for duplicates and OpenRefine over REST, and on the command line."""

import json
import time
from collections.abc import Callable
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter

Add = Callable[..., str]


@pytest.fixture
def vocabularies(http: httpx.Client, add: Add) -> tuple[str, str]:
    """Two taxonomies of a few disciplines, of which four are the same."""
    ids: list[str] = []
    for name, labels in (
        (
            "A",
            {
                "Colour theory": {},
                "Optics": {"notation": ["78"]},
                "Heat": {"uri": "http://a/heat"},
                "Waves": {},
            },
        ),
        ("B", {"Color Theories": {}, "optics": {}, "Warmth": {"exactMatch": ["http://a/heat"]}, "Sound": {}}),
    ):
        root = add(http, "Taxonomy", name)
        field = add(http, "Field", "Physics", root)
        for label, facts in labels.items():
            known = {key: facts.pop(key) for key in ("uri", "notation") if key in facts}
            add(http, "Discipline", label, field, properties=facts, **known)
        ids.append(root)
    return ids[0], ids[1]


def ended(http: httpx.Client, address: str) -> dict[str, Any]:
    while (search := http.get(address).json())["state"] == "running":
        time.sleep(0.05)
    return search


def test_from_the_search_to_the_decisions(
    http: httpx.Client, vocabularies: tuple[str, str], refused: Callable[..., Any]
):
    one, other = vocabularies
    headers = {"Idempotency-Key": "once"}
    asked = http.post(f"/v1/nodes/{one}:find_duplicates", json={"across": [other]}, headers=headers)
    assert asked.status_code == 202, asked.text
    search = ended(http, asked.headers["location"])
    assert (search["id"], search["state"], search["counts"]["new"]) == (asked.json()["id"], "done", 4)
    again = http.post(f"/v1/nodes/{one}:find_duplicates", json={"across": [other]}, headers=headers)
    assert again.json()["id"] == search["id"]
    first = http.get("/v1/proposals", params={"limit": 2}).json()
    rest = http.get("/v1/proposals", params={"limit": 2, "cursor": first["next"]}).json()
    found = [*first["items"], *rest["items"]]
    assert [(p["tier"], p["kind"], p["state"]) for p in found] == [(1, "merge", "open")] + 3 * [
        (2, "merge", "open")
    ]
    assert rest["next"] is None
    paths = [" > ".join(step["name"] for step in node["path"]) for node in found[0]["about"]]
    assert paths == ["B > Physics > Warmth", "A > Physics > Heat"]
    [colour] = http.get("/v1/proposals", params={"q": "colour"}).json()["items"]
    assert http.get(f"/v1/proposals/{colour['id']}").json() == colour
    rejected = http.post(f"/v1/proposals/{colour['id']}:reject", json={"comment": "no"}).json()
    assert (rejected["state"], rejected["comment"]) == ("rejected", "no")
    applied = http.post(f"/v1/proposals/{found[0]['id']}:accept")
    assert (applied.status_code, applied.json()["state"]) == (200, "applied")
    refused(http.post(f"/v1/proposals/{found[0]['id']}:reject"), 409)
    body = {"decision": "accept", "filter": {"tier": [2]}, "limit": 1}
    parts: list[dict[str, Any]] = [http.post("/v1/proposals:decide", json=body).json()]
    while parts[-1]["next"]:
        parts.append(http.post("/v1/proposals:decide", json=body | {"cursor": parts[-1]["next"]}).json())
    # The fields are merged, and with them the disciplines of one name below them.
    assert (len(parts), sum(p["applied"] + p["superseded"] for p in parts)) == (2, 2)
    assert http.get("/v1/proposals").json()["items"] == []
    later = ended(http, http.post(f"/v1/nodes/{one}:find_duplicates").headers["location"])
    assert (later["counts"]["rejected"], later["counts"]["new"]) == (1, 0)
    metrics = http.get("/metrics").text
    assert 'glan_proposals{state="rejected"} 1.0' in metrics
    assert 'glan_proposals{state="open"} 0.0' in metrics
    for wrong in ({"tier": 4}, {"tier": 5}, {"threshold": 10}, {"accross": []}):
        refused(http.post(f"/v1/nodes/{one}:find_duplicates", json=wrong), 422)
    refused(http.post("/v1/nodes/none:find_duplicates"), 404)
    refused(http.get("/v1/duplicate_searches/none"), 404)
    refused(http.post("/v1/proposals/none:accept"), 404)


def test_the_commands(glan: Any, vocabularies: tuple[str, str]):
    found = glan("taxonomy", "duplicates", "/A", "--across", "/B", "--fuzzy").stdout
    assert "10 nodes compared, 4 pairs: 4 new proposals" in found
    listed = glan("proposal", "list", "--tier", "1", "--under", "/B").stdout
    assert '"Warmth" is said to be the same as http://a/heat' in listed
    assert "from: B > Physics > Warmth" in listed
    [surest, *others] = glan.json("proposal", "list")["items"]
    assert glan.json("proposal", "accept", surest["id"]) == {
        "applied": 1,
        "rejected": 0,
        "superseded": 0,
        "refused": [],
    }
    assert "applied by" in glan("proposal", "show", surest["id"]).stdout
    # Of several, it asks; nobody answers here.
    assert "Reject all open" in glan("proposal", "reject", "--search", "Colour", code=1).stderr
    assert glan.json("proposal", "reject", "--search", "Colour", "--yes")["rejected"] == 1
    total = glan.json("proposal", "accept", "--tier", "2", "--yes")
    assert total["applied"] + total["superseded"] == len(others) - 1
    assert "no proposals" in glan("proposal", "list").stdout
    assert "say ids" in glan("proposal", "accept", code=1).stderr
    assert "across" in glan("taxonomy", "duplicates", "/A", "--fuzzy", code=2).stderr


# The shapes of the Reconciliation API 0.2, by its specification: what is not named here is not in it.


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Type(_Shape):
    id: str
    name: str


class _Feature(_Shape):
    id: str
    value: bool | int | float


class _Candidate(_Shape):
    id: str
    name: str
    score: float
    description: str = ""
    match: bool = False
    type: list[_Type] = []
    features: list[_Feature] = []


class _Result(_Shape):
    result: list[_Candidate]


class _View(_Shape):
    url: str


class _Manifest(_Shape):
    versions: list[Literal["0.1", "0.2"]]
    name: str
    identifierSpace: str
    schemaSpace: str
    defaultTypes: list[_Type] = []
    view: _View
    serviceVersion: str = ""


RESULTS = TypeAdapter(dict[str, _Result])


def test_openrefine(http: httpx.Client, add: Add, refused: Callable[..., Any]):
    root = add(http, "Taxonomy", "Root")
    physics, arts = add(http, "Field", "Physics", root), add(http, "Field", "Arts", root)
    colour = add(http, "Discipline", "Colour theory", physics, properties={"altLabel_en": ["Chromatics"]})
    optics = add(http, "Discipline", "Optics", physics, notation=["78"], uri="http://a/optics")
    for field in (physics, arts):
        add(http, "Discipline", "Perspective", field)
    add(http, "Discipline", "Machine learning", physics)
    url = f"/v1/reconcile/{root}"
    manifest = _Manifest.model_validate(http.get(url).json())
    assert "{{id}}" in manifest.view.url
    for origin, allowed in (
        ("http://127.0.0.1:3333", "http://127.0.0.1:3333"),
        ("http://localhost:3333", "http://localhost:3333"),
        ("https://evil.example", None),
        ("http://127.0.0.1.evil.example", None),
        ("null", None),
        ("http://[", None),
    ):
        answer = http.get(url, headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "Origin" in answer.headers["vary"]
    shown = http.get(manifest.view.url.replace("{{id}}", optics))
    assert shown.json()["name"] == "Optics"

    def asked(**queries: dict[str, Any]) -> dict[str, list[_Candidate]]:
        response = http.post(url, data={"queries": json.dumps(queries)})
        assert response.status_code == 200, response.text
        assert http.get(url, params={"queries": json.dumps(queries)}).json() == response.json()
        found = RESULTS.validate_python(response.json())
        for one in found.values():
            scores = [candidate.score for candidate in one.result]
            assert scores == sorted(scores, reverse=True)
            assert sum(candidate.match for candidate in one.result) <= 1
        return {name: one.result for name, one in found.items()}

    found = asked(
        spelled={"query": "Color Theories", "limit": 3},
        uri={"query": "anything", "properties": [{"pid": "uri", "v": "http://a/optics"}]},
        entity={"query": "anything", "properties": [{"pid": "uri", "v": [{"id": "http://a/optics"}]}]},
        notation={"query": "78"},
        other={"query": "chromatics"},
        several={"query": "perspective"},
        short={"query": "Machine Learning (ML)"},
        typo={"query": "Optcs"},
        kind={"query": "Physics", "type": "Discipline"},
        field={"query": "physics", "type": ["Field"], "type_strict": "any"},
        nothing={"query": "zzz"},
        empty={"query": " "},
    )
    best = {name: (results[0].name, results[0].match) for name, results in found.items() if results}
    assert best == {
        "spelled": ("Colour theory", True),
        "uri": ("Optics", True),
        "entity": ("Optics", True),
        "notation": ("Optics", True),
        "other": ("Colour theory", False),
        "several": ("Perspective", False),
        "short": ("Machine learning", True),
        "typo": ("Optics", False),
        "field": ("Physics", True),
    }
    assert len(found["several"]) == 2
    assert found["spelled"][0].id == colour
    told = {feature.id: feature.value for feature in found["other"][0].features}
    assert (told["same_name"], told["other_name"]) == (False, True)
    assert len(asked(q={"query": "perspective", "limit": 1})["q"]) == 1
    many = json.dumps({f"q{n}": {"query": "x"} for n in range(51)})
    for wrong in (many, "{", "[]", '{"q": {"query": 1}}', '{"q": {"quer": "x"}}'):
        refused(http.post(url, data={"queries": wrong}), 422)
        refused(http.get(url, params={"queries": wrong}), 422)
    refused(http.post(url, data={"other": "x"}), 422)
    refused(http.post(url, json={"queries": {}}), 415)
    refused(http.get("/v1/reconcile/none"), 404)
    refused(http.post("/v1/reconcile/none", data={"queries": "{}"}), 404)


def test_a_person_proposes_a_change_once(
    http: httpx.Client, add: Add, refused: Callable[..., Any], glan: Any
):
    root = add(http, "Taxonomy", "T")
    field = add(http, "Field", "Physics", root)
    optics = add(http, "Discipline", "Optics", field)
    body: dict[str, Any] = {
        "kind": "remove",
        "about": [{"id": optics, "role": "subject"}],
        "evidence": ["nobody teaches it"],
    }
    first = http.post("/v1/proposals", json=body)
    again = http.post("/v1/proposals", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() == http.get(first.headers["location"]).json()
    assert (first.json()["source"], first.json()["state"]) == ("person", "open")
    rejected = http.post(f"/v1/proposals/{first.json()['id']}:reject").json()
    assert http.post("/v1/proposals", json=body).json() == rejected
    reopened = http.post("/v1/proposals", json=body | {"evidence": ["the department is closed"]})
    assert (reopened.status_code, reopened.json()["state"]) == (200, "open")
    rename = body | {"kind": "rename", "after": {"name": "Light"}}
    assert http.post("/v1/proposals", json=rename).status_code == 201
    for wrong, status in (
        (body | {"about": [{"id": "none", "role": "subject"}]}, 404),
        (body | {"kind": "add"}, 422),
        (body | {"kind": "conflict", "after": {"name": "x"}}, 422),
        (body | {"kind": "rename"}, 422),
        (body | {"source": "job"}, 422),
        (body | {"tier": 1}, 422),
    ):
        refused(http.post("/v1/proposals", json=wrong), status)
    # A node that is inserted as proposed is proposed to be added.
    new = glan.json("node", "add", "Acoustics", "--under", "T/Physics", "--as", "proposed")
    assert new["status"] == "proposed"
    [addition] = http.get("/v1/proposals?kind=add").json()["items"]
    assert [node["id"] for node in addition["about"]] == [new["id"], field]
    listed = glan("proposal", "list", "--kind", "add", "--under", "T").stdout
    assert "inserted with the status proposed" in listed
    assert "subject: T > Physics > Acoustics (proposed)" in listed
    glan("proposal", "accept", "--kind", "add", "--under", "T", "--yes")
    assert http.get(f"/v1/nodes/{new['id']}").json()["status"] == "accepted"
