"""POST /v1/nodes/{id}:diff, `glan taxonomy diff` of nodes, and what is compared of a graph."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner
from vocabularies import PREFIXES

from service.cli import app
from service.routes import diffs
from service.settings import Settings
from service.taxonomies.comparing.operations import GROUPS

TURTLE = {"Content-Type": "text/turtle"}
VOCABULARY = (
    PREFIXES
    + """
:s a skos:ConceptScheme ; skos:prefLabel "Crafts" .
:glass a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Glass"@en, "Glas"@de .
:wood a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Wood"@en .
:blowing skos:broader :glass ; skos:prefLabel "Blowing"@en ; skos:altLabel "Puffing"@en ;
  skos:notation "1.1" ; skos:definition "Air into hot glass."@en ; skos:exactMatch <http://o.org/1> .
:cutting skos:broader :glass ; skos:prefLabel "Cutting"@en .
:carving skos:broader :wood ; skos:prefLabel "Carving"@en .
"""
)
Add = Callable[..., str]


@pytest.fixture
def crafts(http: httpx.Client, add: Add) -> dict[str, str]:
    """The ids of the same taxonomy in the graph."""

    def node(kind: str, name: str, parent: str | None, own: str, **properties: Any) -> str:
        notation = properties.pop("notation", [])
        uri = f"http://example.org/{own}"
        return add(http, kind, name, parent, uri=uri, notation=notation, properties=properties)

    ids = {"s": node("Taxonomy", "Crafts", None, "s")}
    ids["glass"] = node("Field", "Glass", ids["s"], "glass", prefLabel_en="Glass", prefLabel_de="Glas")
    ids["wood"] = node("Field", "Wood", ids["s"], "wood", prefLabel_en="Wood")
    ids["blowing"] = node(
        "Discipline", "Blowing", ids["glass"], "blowing", prefLabel_en="Blowing", altLabel_en=["Puffing"],
        notation=["1.1"], definition_en=["Air into hot glass."], exactMatch=["http://o.org/1"],
    )  # fmt: skip
    ids["cutting"] = node("Discipline", "Cutting", ids["glass"], "cutting", prefLabel_en="Cutting")
    ids["carving"] = node("Discipline", "Carving", ids["wood"], "carving", prefLabel_en="Carving")
    return ids


def difference(http: httpx.Client, id_: str, text: str | bytes, **headers: str) -> dict[str, Any]:
    answer = http.post(f"/v1/nodes/{id_}:diff", content=text, headers=TURTLE | headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_taxonomy_against_files_and_its_export(http: httpx.Client, crafts: dict[str, str]):
    same = difference(http, crafts["s"], VOCABULARY)
    assert same["operations"] == []
    assert same["from"]["concepts"] == same["to"]["concepts"] == 5
    for format_ in ("turtle", "rdfxml", "jsonld", "ntriples", "csv", "ndjson"):
        export = http.get(f"/v1/nodes/{crafts['s']}/taxonomy", params={"format": format_})
        packed = gzip.compress(export.content)
        for body, media in (
            (export.content, export.headers["content-type"]),
            (packed, "application/octet-stream"),
        ):
            found = difference(http, crafts["s"], body, **{"Content-Type": media})
            assert found["operations"] == [], format_
    newer = VOCABULARY.replace('"Cutting"@en', '"Cutting | polishing"@en') + (
        ':fusing skos:broader :glass ; skos:prefLabel "Fusing"@en .\n'
    )
    found = difference(http, crafts["s"], newer)
    assert found["counts"] == {"added": 1, "relabelled": 1}
    answer = http.post(
        f"/v1/nodes/{crafts['s']}:diff", content=newer, headers=TURTLE | {"Accept": "text/markdown"}
    )
    assert answer.headers["content-type"].startswith("text/markdown")
    assert '<http://example.org/cutting>: en: "Cutting" → "Cutting \\| polishing"' in answer.text


NEWER = (
    VOCABULARY.replace('"Cutting"@en', '"Wood"@en ; skos:broader :wood')
    .replace(":wood a skos:Concept", ":wood a skos:Concept ; skos:altLabel 'Timber'@en")
    .replace('"Wood"@en .\n:blowing', '"Timber work"@en .\n:blowing')
    .replace("skos:broader :glass ; skos:prefLabel \"Blowing\"@en ; skos:altLabel \"Puffing\"@en",
             "skos:broader :wood ; skos:prefLabel \"Blowing\"@en, \"Blasen\"@de")
    .replace('"1.1"', '"1.2"').replace("Air into", "Breath into").replace("exactMatch", "closeMatch")
    .replace(":carving skos:broader :wood ;", ":carving skos:broader :wood ; owl:deprecated true ;"
             " dct:isReplacedBy :whittling ;")
    + """
:metal a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Metal"@en .
:casting skos:broader :metal ; skos:prefLabel "Casting"@en ; skos:notation "3" ; skos:related :blowing .
:whittling skos:broader :wood, :metal ; skos:prefLabel "Whittling"@en ; skos:definition "With a knife."@en .
"""
)  # fmt: skip


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["taxonomy", *arguments])


def applied(file: Path, node: str, *options: str) -> dict[str, Any]:
    result = run("apply", str(file), node, "--json", *options)
    found = json.loads(result.stdout)
    assert result.exit_code == (1 if found["refused"] else 0)
    return found


def test_applying_brings_one_to_the_other_and_again_changes_nothing(
    http: httpx.Client, crafts: dict[str, str], add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GLAN_URL", str(http.base_url))
    monkeypatch.setenv("GLAN_TOKEN", http.headers["Authorization"].removeprefix("Bearer "))
    monkeypatch.setenv("GLAN_HOME", str(tmp_path / "home"))
    gone = add(http, "Field", "Paper", crafts["s"], uri="http://example.org/paper")
    add(http, "Discipline", "Folding", gone)
    newer, older, operations = tmp_path / "newer.ttl", tmp_path / "older.ttl", tmp_path / "operations.json"
    newer.write_text(NEWER)
    older.write_bytes(http.get(f"/v1/nodes/{crafts['s']}/taxonomy").content)
    of_files = run("diff", str(older), str(newer), "--json")
    of_node = run("diff", "Crafts", str(newer), "--json")
    assert of_files.exit_code == of_node.exit_code == 0, of_node.output
    assert json.loads(of_files.stdout)["operations"] == json.loads(of_node.stdout)["operations"]
    posted = difference(http, crafts["s"], NEWER)
    assert posted["operations"] == json.loads(of_node.stdout)["operations"]
    assert set(posted["counts"]) == set(GROUPS) - {"renamed"}
    operations.write_text(of_node.stdout)
    before = http.get(f"/v1/nodes/{crafts['s']}/taxonomy").content
    number = len(posted["operations"])
    assert applied(operations, "Crafts", "--check") == {"applied": number, "unchanged": 0, "refused": []}
    assert http.get(f"/v1/nodes/{crafts['s']}/taxonomy").content == before, "--check writes nothing"
    assert applied(operations, "Crafts") == {"applied": number, "unchanged": 0, "refused": []}
    assert run("diff", "Crafts", str(newer)).stdout == "no difference\n"
    after = http.get(f"/v1/nodes/{crafts['s']}/taxonomy").content
    assert applied(operations, "Crafts") == {"applied": 0, "unchanged": number, "refused": []}
    assert http.get(f"/v1/nodes/{crafts['s']}/taxonomy").content == after

    # Back again, with something that somebody has changed by then.
    back = run("diff", str(newer), str(older), "--json")
    operations.write_text(back.stdout)
    node = http.get(f"/v1/nodes/{crafts['blowing']}").json()
    changed = http.patch(
        f"/v1/nodes/{crafts['blowing']}", json={"properties": {"closeMatch": ["http://o.org/9"]}},
        headers={"If-Match": f'"{node["version"]}"'},
    )  # fmt: skip
    assert changed.is_success
    found = applied(operations, "Crafts")
    [refused] = found["refused"]
    assert refused["node"]["uri"] == "http://example.org/blowing"
    assert "closeMatch is ['http://o.org/9'] by now" in refused["reason"]
    rest = json.loads(run("diff", "Crafts", str(older), "--json").stdout)
    assert {op["node"]["name"] for op in rest["operations"]} == {"Blowing"}
    said = run("apply", str(operations), "Crafts")
    assert said.exit_code == 1
    assert said.stdout.endswith("there already, 1 refused\n")
    assert "neither a file nor a node" in run("diff", "Nowhere", str(older)).stderr
    older.write_text("{}")
    assert "it must be what glan taxonomy diff --json prints" in run("apply", str(older), "Crafts").stderr


def test_a_vocabulary_that_was_loaded_is_that_vocabulary(
    http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With relations, a deprecated concept, homonyms, and what stands alone at the top."""
    monkeypatch.setenv("GLAN_URL", str(http.base_url))
    monkeypatch.setenv("GLAN_TOKEN", http.headers["Authorization"].removeprefix("Bearer "))
    monkeypatch.setenv("GLAN_HOME", str(tmp_path / "home"))
    file = tmp_path / "crafts.ttl"
    file.write_text(NEWER + ":alone a skos:Concept ; skos:inScheme :s ; skos:prefLabel 'Alone'@en .\n")
    assert run("load", str(file)).exit_code == 0
    root = http.get("/v1/nodes", params={"kind": "Taxonomy"}).json()["items"][0]["id"]
    for sides in ((root, str(file)), (str(file), root)):
        assert run("diff", *sides).stdout == "no difference\n"
    other = http.get("/v1/nodes", params={"uri": "http://example.org/metal"}).json()["items"][0]["id"]
    answer = http.post(f"/v1/nodes/{other}:diff", json={"with": root})
    assert answer.json()["from"]["source"] == "Metal"
    assert answer.json()["counts"]["added"] > 3


def test_bodies_that_cannot_be_compared(http: httpx.Client, crafts: dict[str, str], refused: Any):
    address, turtle = f"/v1/nodes/{crafts['s']}:diff", TURTLE
    assert "what it looks like" not in refused(http.post(address, content=b"", headers=turtle), 422)["detail"]
    for body, headers, status, said in (
        (b"<a> <b", turtle, 422, "no concepts"),
        (b"\xff\xfe\x00", turtle, 422, ""),
        (VOCABULARY.encode(), {"Content-Type": "text/html"}, 415, "send text/turtle"),
        (VOCABULARY.encode(), turtle | {"Accept": "image/png"}, 406, "text/markdown"),
        (b'{"@context": "http://example.org/c", "@id": "http://e.org/1"}',
         {"Content-Type": "application/ld+json"}, 422, "never fetched"),
        (b"{}", {"Content-Type": "application/json"}, 422, '{"with": id}'),
        (b"{", {"Content-Type": "application/json"}, 422, "not readable JSON"),
        (b'{"with": "none"}', {"Content-Type": "application/json"}, 404, "none"),
        (gzip.compress(b" " * 30_000_000), {"Content-Type": "application/octet-stream"}, 422, ""),
        (b"<a:b> <c:d> \"" + b"x" * 20_000_000, turtle, 422, "no end of a statement"),
    ):  # fmt: skip
        assert said in refused(http.post(address, content=body, headers=headers), status)["detail"], said
    assert http.post("/v1/nodes/none:diff", content=b"", headers=turtle).status_code == 404


def test_few_comparisons_at_once(
    http: httpx.Client,
    crafts: dict[str, str],
    refused: Any,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(diffs, "LONGEST_WAIT_S", 0.2)
    address, staging, go_on = f"/v1/nodes/{crafts['s']}:diff", settings.home / "staging", threading.Event()
    before = {*staging.glob("*/body")}

    def slowly() -> Iterator[bytes]:
        yield VOCABULARY[:100].encode()
        go_on.wait()
        yield VOCABULARY[100:].encode()

    def send() -> int:
        return http.post(address, content=slowly(), headers=TURTLE).status_code

    with ThreadPoolExecutor() as pool:
        sending = [pool.submit(send) for _ in range(2)]
        while len({*staging.glob("*/body")} - before) < len(sending):
            pass
        answers = [
            http.post(address, content=VOCABULARY, headers=TURTLE),
            http.post(address, json={"with": crafts["s"]}),
        ]
        go_on.set()
        assert [done.result() for done in sending] == [200, 200]
    for third in answers:
        assert "are being compared" in refused(third, 503)["detail"]
        assert third.headers["retry-after"]
    assert difference(http, crafts["s"], VOCABULARY)["operations"] == []
    # Files go once the last of an answer is sent, which is not before its client has it.
    deadline = time.monotonic() + 30
    while not {*staging.glob("*/body")} <= before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
