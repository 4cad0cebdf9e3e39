"""`glan taxonomy load` of vocabularies: twice, newer ones, and what was exported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from planting import wipe
from vocabularies import PREFIXES

from graph.database import Database

FIRST = """
:s a skos:ConceptScheme ; dct:title "Waters"@en .
:sea a skos:Concept ; skos:inScheme :s ; skos:topConceptOf :s ; skos:prefLabel "Seas"@en ;
    skos:notation "1" ; skos:definition "Salt water"@en .
:reef a skos:Concept ; skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Reefs"@en , "Riffe"@de ;
    skos:notation "1.1" ; skos:altLabel "Coral banks"@en ; skos:related :tide ;
    skos:exactMatch <http://o.org/reef> .
:tide a skos:Concept ; skos:inScheme :s ; skos:broader :sea , :moon ; skos:prefLabel "Tides"@en ;
    skos:notation "1.2" .
:wave a skos:Concept ; skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Waves"@en ;
    skos:notation "1.3" .
:moon a skos:Concept ; skos:inScheme :s ; skos:topConceptOf :s ; skos:prefLabel "The moon"@en ;
    skos:notation "2" .
"""
WAVE = FIRST[FIRST.index(":wave") : FIRST.index(":moon a")]
# The moon has nothing narrower any more: it is a discipline now.
NEWER = FIRST.replace('"Tides"', '"Ebb and flow"').replace(", :moon", "").replace(WAVE, "")
COUNTS = ("created", "existing", "unchanged", "updated")


def loaded(glan: Any, path: Path, text: str, *options: str, code: int = 0) -> dict[str, Any]:
    return glan.json("taxonomy", "load", str(written(path, text)), *options, code=code)["import"]


def written(path: Path, text: str) -> Path:
    path.write_text(PREFIXES + text)
    return path


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in COUNTS)


def by_uri(http: httpx.Client, end: str) -> dict[str, Any]:
    [node] = http.get("/v1/nodes", params={"uri": f"http://example.org/{end}"}).json()["items"]
    return node


def test_a_vocabulary_twice_and_a_newer_one(glan: Any, http: httpx.Client, tmp_path: Path):
    path = tmp_path / "waters.ttl"
    written(path, FIRST)
    shown = glan("taxonomy", "load", str(path), "--check").stdout
    assert "concepts: 5; edges: 4" in shown
    assert not http.get("/v1/nodes").json()["items"], "checked, not loaded"
    assert counts(loaded(glan, path, FIRST)) == (6, 0, 0, 0)
    assert counts(loaded(glan, path, FIRST, "--on-existing", "update")) == (0, 0, 6, 0)
    reef = by_uri(http, "reef")
    assert (reef["notation"], reef["properties"]["exactMatch"]) == (["1.1"], ["http://o.org/reef"])
    assert len(by_uri(http, "tide")["parents"]) == 2
    changed = {"name": "Sea and ocean"}
    tag = http.get(f"/v1/nodes/{by_uri(http, 'sea')['id']}").headers["etag"]
    assert http.patch(
        f"/v1/nodes/{by_uri(http, 'sea')['id']}", json=changed, headers={"If-Match": tag}
    ).is_success
    kept = loaded(glan, path, NEWER)
    assert counts(kept) == (1, 2, 3, 0), "a field for the moon; the moon and the tides stay as they are"
    assert [(row["name"], row["what"]) for row in kept["missing"]] == [("Waves", "kept")]
    removal: dict[str, Any] = {}
    for what in ("proposed", "proposed", "kept, because its removal was rejected"):
        if what != "proposed":
            assert http.post(f"/v1/proposals/{removal['id']}:reject").is_success
        gone = loaded(glan, path, NEWER, "--missing", "propose")["missing"]
        assert [(row["name"], row["what"]) for row in gone] == [("Waves", what)]
        [removal] = http.get("/v1/proposals?kind=remove&state=open&state=rejected").json()["items"]
    assert (removal["source"], removal["about"][0]["name"]) == ("import", "Waves")
    renamed = NEWER.replace('"Seas"', '"The seas"')
    newer = loaded(glan, path, renamed, "--on-existing", "update", "--missing", "retire")
    assert counts(newer) == (0, 0, 3, 2)
    assert [row["conflicts"][0]["field"] for row in newer["conflicts"]] == ["name"]
    assert [(row["name"], row["what"]) for row in newer["missing"]] == [("Waves", "retired")]
    [proposal] = http.get("/v1/proposals?kind=conflict&state=open").json()["items"]
    assert proposal["evidence"] == [
        "name: 'Sea and ocean' here, 'The seas' in the import, where it was 'Seas'"
    ]
    assert (proposal["before"], proposal["after"]) == ({"name": "Sea and ocean"}, {"name": "The seas"})
    assert (by_uri(http, "tide")["name"], len(by_uri(http, "tide")["parents"])) == ("Ebb and flow", 1)
    assert by_uri(http, "sea")["name"] == "Sea and ocean"
    assert by_uri(http, "moon")["kind"] == "Discipline"
    assert not http.get("/v1/nodes?uri=http://example.org/wave").json()["items"]
    assert http.post(f"/v1/proposals/{proposal['id']}:accept").is_success
    assert by_uri(http, "sea")["name"] == "The seas"
    again = loaded(glan, path, renamed, "--on-existing", "update")
    assert (counts(again), again["conflicts"]) == ((0, 0, 5, 1), []), "its label follows the settled name"
    further = renamed.replace('"Coral banks"', '"Coral reefs"')
    proposed = loaded(glan, path, further, "--on-existing", "propose")
    assert (proposed["proposed"], proposed["unchanged"]) == (1, 5)
    [update] = http.get("/v1/proposals?kind=update&state=open").json()["items"]
    assert update["after"] == {"properties.altLabel_en": ["Coral reefs"]}
    assert http.post(f"/v1/proposals/{update['id']}:reject").is_success
    assert loaded(glan, path, further, "--on-existing", "propose")["proposed"] == 1
    assert not http.get("/v1/proposals?state=open").json()["items"], "what was rejected stays so"


def test_other_uris_need_a_word_and_a_place_may_be_given(glan: Any, http: httpx.Client, tmp_path: Path):
    path = tmp_path / "waters.ttl"
    loaded(glan, path, FIRST)
    # Concepts in another namespace, the scheme in its own.
    prefixes = PREFIXES.replace("@prefix : <http://example.org/>", "@prefix : <http://new.example.org/>")
    path.write_text(prefixes + FIRST.replace(":s ", "<http://example.org/s> "))
    refused = glan("taxonomy", "load", str(path), code=1)
    assert "say --key notation" in refused.stderr
    found = glan.json("taxonomy", "load", str(path), "--key", "notation", "--on-existing", "update")["import"]
    assert counts(found) == (0, 0, 1, 5), "they have other URIs now"
    assert not http.get("/v1/nodes?uri=http://example.org/reef").json()["items"]
    other = FIRST.replace(":s ", ":other ")
    assert "is another concept" in glan("taxonomy", "load", str(written(path, other)), code=1).stderr
    assert counts(loaded(glan, path, other, "--name", "More waters")) == (6, 0, 0, 0)
    top = http.post("/v1/nodes", json={"kind": "Taxonomy", "name": "All"}).json()["id"]
    field = http.post("/v1/nodes", json={"kind": "Field", "name": "Nature", "parent_id": top}).json()["id"]
    below = loaded(glan, path, FIRST, "--under", "All/Nature", "--as", "proposed")
    assert counts(below) == (5, 0, 0, 0)
    children = http.get(f"/v1/nodes/{field}/children").json()["items"]
    assert [(node["name"], node["kind"], node["status"]) for node in children] == [
        ("Seas", "Subfield", "proposed"), ("The moon", "Subfield", "proposed")
    ]  # fmt: skip
    assert counts(loaded(glan, path, FIRST, "--under", "All/Nature")) == (0, 0, 5, 0)


def test_concepts_beside_one_without_a_uri_are_followed_by_theirs(
    glan: Any, http: httpx.Client, tmp_path: Path
):
    path = tmp_path / "waters.ttl"
    blank = '[] a skos:Concept ; skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Foam"@en .'
    assert counts(loaded(glan, path, FIRST + blank)) == (7, 0, 0, 0)
    tide = by_uri(http, "tide")["id"]
    again = loaded(glan, path, NEWER + blank, "--on-existing", "update", "--missing", "retire")
    assert counts(again)[0] == 1, "a field for the moon"
    assert (by_uri(http, "tide")["id"], by_uri(http, "tide")["name"]) == (tide, "Ebb and flow")
    assert [(row["name"], row["what"]) for row in again["missing"]] == [("Waves", "retired")]


@pytest.mark.parametrize("format_", ["turtle", "csv", "ndjson"])
async def test_what_is_exported_is_loaded_as_it_was(
    glan: Any, http: httpx.Client, tmp_path: Path, database: Database, format_: str
):
    loaded(glan, tmp_path / "waters.ttl", FIRST)
    top = by_uri(http, "s")["id"]
    http.post(
        "/v1/nodes", json={"kind": "Field", "name": "By hand", "parent_id": top, "properties": {"n": [1, 2]}}
    )
    params = {"format": format_}
    before = http.get(f"/v1/nodes/{top}/taxonomy", params=params).content
    path = tmp_path / f"export.{ {'turtle': 'ttl'}.get(format_, format_) }"
    path.write_bytes(before)
    again = glan.json("taxonomy", "load", str(path), "--on-existing", "update")["import"]
    assert (again["created"], again["conflicts"], again["errors"], again["missing"]) == (0, [], [], [])
    await wipe(database)
    assert counts(glan.json("taxonomy", "load", str(path))["import"]) == (7, 0, 0, 0)
    after = http.get(f"/v1/nodes/{by_uri(http, 's')['id']}/taxonomy", params=params).content
    assert after == before
    assert counts(glan.json("taxonomy", "load", str(path), "--on-existing", "update")["import"]) == (
        0,
        0,
        7,
        0,
    )


@pytest.mark.parametrize("first", [(), ("--on-existing", "keep")], ids=["plain", "keep"])
def test_rows_follow_too_where_nobody_changed_them(
    glan: Any, http: httpx.Client, tmp_path: Path, first: tuple[str, ...]
):
    path = tmp_path / "trades.csv"
    header = "field,discipline,description\n"
    path.write_text(f"{header}Crafts,,Hands\nCrafts,Glass,Hot\nCrafts,Wood,\n")
    assert glan.json("taxonomy", "load", str(path), *first)["created"] == 4
    path.write_text(f"{header}Crafts,,Hands\nCrafts,Glass,Very hot\nCrafts,Wood,Trees\n")
    found = glan.json("taxonomy", "load", str(path), "--on-existing", "update")
    assert (found["updated"], found["unchanged"], found["created"]) == (2, 1, 0)
    again = glan.json("taxonomy", "load", str(path), "--on-existing", "update")
    assert (again["updated"], again["unchanged"]) == (0, 3)
    [glass] = http.get("/v1/nodes?name=Glass").json()["items"]
    assert glass["description"] == "Very hot"
    answer = http.post("/v1/nodes:bulk?atomic=true", json=[
        {"kind": "Taxonomy", "name": "X", "on_existing": "update"}
    ])  # fmt: skip
    assert "without atomic" in json.loads(answer.text)["error"]


@pytest.mark.parametrize("end", ["ttl", "csv"])
def test_a_load_through_a_service_imports_no_driver(
    glan: Any, http: httpx.Client, tmp_path: Path, end: str
) -> None:
    path = tmp_path / f"waters.{end}"
    path.write_text(PREFIXES + FIRST if end == "ttl" else "field,discipline\nWaters,Reefs\n")
    script = (
        "import sys\nfrom service.cli import app\n"
        f"app(['taxonomy', 'load', {str(path)!r}], standalone_mode=False)\n"
        "print([name for name in ('neo4j', 'networkx', 'numpy', 'fastapi') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=glan.environment({})
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stdout + done.stderr
    assert http.get("/v1/nodes?q=Reefs").json()["items"]
