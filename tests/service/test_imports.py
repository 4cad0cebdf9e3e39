"""/v1/imports and `glan taxonomy imports`: a vocabulary as a body, the log of imports, hostile bodies."""

import gzip
import hashlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from planting import rows_of
from vocabularies import PREFIXES

from graph.database import Database
from graph.taxonomy.streams import import_log
from service.server import beside
from service.settings import Settings
from service.taxonomies.inserting.in_process import GraphStore
from service.taxonomies.reading import packing

TURTLE = {"Content-Type": "text/turtle"}
FIRST = (
    PREFIXES
    + """
:s a skos:ConceptScheme ; dct:title "Waters"@en .
:sea skos:inScheme :s ; skos:topConceptOf :s ; skos:prefLabel "Seas"@en ; skos:notation "1" .
:reef skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Reefs"@en ; skos:notation "1.1" .
:tide skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Tides"@en ; skos:notation "1.2" .
:wave skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Waves"@en ; skos:notation "1.3" .
:swell skos:inScheme :s ; skos:broader :sea ; skos:prefLabel "Waves"@en ; skos:notation "1.4" .
:mute skos:inScheme :s ; skos:broader :sea ; skos:notation "1.5" .
"""
)
WAVE = FIRST[FIRST.index(":wave skos") : FIRST.index(":swell skos")]
NEWER = FIRST.replace('"Seas"', '"The seas"').replace('"Tides"', '"Ebb and flow"').replace(WAVE, "")
STATES = ["open", "rejected", "superseded"]
RESULTS = ("created", "updated", "unchanged", "existing", "conflicts", "missing", "errors")


def sent(http: httpx.Client, text: str | bytes, **params: Any) -> dict[str, Any]:
    """The import of a body, once it has ended."""
    answer = http.post("/v1/imports", content=text, headers=TURTLE, params={"file": "waters.ttl"} | params)
    assert answer.status_code == 202, answer.text
    address = answer.headers["location"]
    assert address == f"/v1/imports/{answer.json()['id']}"
    while (found := http.get(address).json())["state"] == "running":
        assert found["reason"] is None
    return found


def results(found: dict[str, Any]) -> tuple[int, ...]:
    assert (found["state"], found["reason"]) == ("done", None)
    return tuple(found[name] for name in RESULTS)


def problems(http: httpx.Client, id_: str, **params: Any) -> list[tuple[str, str, str]]:
    """Code, end of the URI and text of all problems, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = params | ({"cursor": cursor} if cursor else {})
        page = http.get(f"/v1/imports/{id_}/problems", params=query).json()
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            return [(row["code"], row["uri"].rpartition("/")[2], row["text"]) for row in rows]


def node(http: httpx.Client, end: str) -> dict[str, Any]:
    [found] = http.get("/v1/nodes", params={"uri": f"http://example.org/{end}"}).json()["items"]
    return found


@pytest.mark.parametrize("existing", ["keep", "update"])
def test_what_comes_back_is_not_to_be_removed_until_it_is_gone_again(http: httpx.Client, existing: str):
    def removal() -> tuple[str, str | None, str | None]:
        [found] = http.get("/v1/proposals", params={"kind": "remove", "state": STATES}).json()["items"]
        return found["state"], found["decided_by"], found["comment"]

    sent(http, FIRST)
    sent(http, NEWER, missing="propose")
    assert removal() == ("open", None, None)
    sent(http, FIRST, on_existing=existing)
    assert removal() == ("superseded", "rest", "an import has it again")
    back = node(http, "wave")
    assert back["status"] == "accepted"
    again = sent(http, NEWER, missing="propose")
    assert problems(http, again["id"], code="missing") == [("missing", "wave", "Waves (1.3): proposed")]
    assert removal() == ("open", None, None)
    # What a person has rejected stays rejected, whether or not it was away in between.
    [found] = http.get("/v1/proposals?kind=remove").json()["items"]
    assert http.post(f"/v1/proposals/{found['id']}:reject", json={"comment": "we need it"}).is_success
    sent(http, FIRST)
    sent(http, NEWER, missing="propose")
    assert removal() == ("rejected", "rest", "we need it")


def test_a_concept_whose_narrower_ones_are_retired_is_a_discipline_at_once(http: httpx.Client):
    atoll = ':atoll skos:inScheme :s ; skos:broader :reef ; skos:prefLabel "Atolls"@en .'
    sent(http, FIRST + atoll)
    assert node(http, "reef")["kind"] == "Subfield"
    found = sent(http, FIRST, on_existing="update", missing="retire")
    assert (found["missing"], found["conflicts"], found["updated"]) == (1, 0, 1)
    assert node(http, "reef")["kind"] == "Discipline"
    back = sent(http, FIRST + atoll, on_existing="update")
    assert (back["updated"], back["conflicts"], node(http, "atoll")["status"]) == (2, 0, "accepted")


async def test_a_vocabulary_its_next_version_and_the_log(
    http: httpx.Client, glan: Any, tmp_path: Path, refused: Any, database: Database
):
    plan = http.post("/v1/imports?check=true", content=FIRST, headers=TURTLE)
    assert (plan.status_code, plan.json()["plan"]["concepts"]) == (200, 6)
    assert not http.get("/v1/nodes").json()["items"] + http.get("/v1/imports").json()["items"]

    first = sent(http, FIRST)
    assert results(first) == (7, 0, 0, 0, 0, 0, 0)
    assert (first["state"], first["via"], first["who"], first["format"]) == ("done", "rest", "rest", "turtle")
    assert first["sha256"] == hashlib.sha256(FIRST.encode()).hexdigest()
    assert first["file"] == "waters.ttl"
    assert [into["name"] for into in first["into"]] == ["Waters"]
    assert first["plan"] == {
        "concepts": 6,
        "kinds": {"Taxonomy": 1, "Field": 1, "Discipline": 5},
        "dropped": {},
    }
    assert (first["problems"], first["triples"] > 20) == ({"homonym": 1, "no_label": 1}, True)
    assert [row[:2] for row in problems(http, first["id"], limit=1)] == [
        ("homonym", "wave"),
        ("no_label", "mute"),
    ]
    assert [row[0] for row in problems(http, first["id"], code="no_label")] == ["no_label"]

    # The same file again is a further import, which changes nothing.
    before = http.get(f"/v1/nodes/{first['into'][0]['id']}/taxonomy").content
    again = sent(http, FIRST, on_existing="update")
    assert results(again) == (0, 0, 7, 0, 0, 0, 0)
    assert http.get(f"/v1/nodes/{first['into'][0]['id']}/taxonomy").content == before

    sea = node(http, "sea")
    tag = http.get(f"/v1/nodes/{sea['id']}").headers["etag"]
    mine = http.patch(f"/v1/nodes/{sea['id']}", json={"name": "Sea and ocean"}, headers={"If-Match": tag})
    assert mine.is_success
    linking = "MATCH (p:Proposal)-[:FROM]->(i:Import) RETURN p.kind AS kind, i.id AS id ORDER BY p.id"
    proposed = sent(http, NEWER, missing="propose")
    assert problems(http, proposed["id"], code="missing") == [("missing", "wave", "Waves (1.3): proposed")]
    assert await rows_of(database, linking) == [{"kind": "remove", "id": proposed["id"]}]
    newer = sent(http, NEWER, on_existing="update", missing="retire")
    assert results(newer) == (0, 1, 4, 0, 1, 1, 0)
    assert newer["options"] == {"on_existing": "update", "missing": "retire"}
    assert {name: newer["problems"][name] for name in ("conflict", "missing")} == {
        "conflict": 1,
        "missing": 1,
    }
    assert problems(http, newer["id"], code="missing") == [("missing", "wave", "Waves (1.3): retired")]
    assert not http.get("/v1/nodes?uri=http://example.org/wave").json()["items"]
    [(_, _, text)] = problems(http, newer["id"], code="conflict")
    assert text == "The seas: name is 'Sea and ocean' here and 'The seas' in the file"
    [_, linked] = await rows_of(database, linking)
    assert linked == {"kind": "conflict", "id": newer["id"]}
    top = first["into"][0]["id"]
    asked = http.post("/v1/queries/explore.conflicts", json={"params": {"id": top}}).json()["rows"]
    assert [(row["name"], row["file"], row["evidence"]) for row in asked] == [
        ("Sea and ocean", "waters.ttl",
         ["name: 'Sea and ocean' here, 'The seas' in the import, where it was 'Seas'"]),
    ]  # fmt: skip

    # A command leaves a record too, planned or row by row.
    path = tmp_path / "waters.ttl"
    path.write_text(FIRST)
    loaded = glan.json("taxonomy", "load", str(path), "--on-existing", "propose")
    by_command = http.get(f"/v1/imports/{loaded['import']['id']}").json()
    assert (by_command["via"], by_command["state"], by_command["sha256"]) == (
        "command",
        "done",
        first["sha256"],
    )
    assert by_command["options"] == {"on_existing": "propose"}
    assert [into["id"] for into in by_command["into"]] == [top]
    assert by_command["proposed"] + by_command["conflicts"] > 0
    assert {row["id"] for row in await rows_of(database, linking)} == {
        proposed["id"], newer["id"], by_command["id"]
    }  # fmt: skip
    path = tmp_path / "trades.csv"
    path.write_text("field,discipline\nCrafts,Glass\n")
    glan("taxonomy", "load", str(path))
    listed = glan.json("taxonomy", "imports", "--limit", "2")["items"]
    assert [(one["file"], one["created"], one["plan"] is None) for one in listed] == [
        ("trades.csv", 3, True), ("waters.ttl", 0, False)
    ]  # fmt: skip
    assert [into["name"] for into in listed[0]["into"]] == ["trades"]
    of_waters = glan.json("taxonomy", "imports", "Waters")
    assert [one["id"] for one in of_waters["items"]] == [
        by_command["id"], newer["id"], proposed["id"], again["id"], first["id"]
    ]  # fmt: skip
    shown = glan("taxonomy", "imports", "--id", newer["id"], "--code", "missing")
    assert "1 updated, 4 unchanged" in shown.stdout
    assert "missing: http://example.org/wave Waves (1.3): retired" in shown.stderr
    asked = http.post("/v1/queries/explore.imports", json={"params": {"id": top}}).json()["rows"]
    assert [(row["id"], row["created"], row["into"]) for row in asked][-1] == (first["id"], 7, ["Waters"])
    metrics = http.get("/metrics").text
    assert 'glan_imports{state="done"} 6.0' in metrics
    assert 'glan_import_concepts{result="created"} 10.0' in metrics

    # Places, and what is refused before anything is written.
    one = http.post("/v1/imports", content=FIRST, headers=TURTLE, params={"under": node(http, "reef")["id"]})
    assert "not under a Discipline" in refused(one, 422)["detail"]
    other = FIRST.replace("@prefix : <http://example.org/>", "@prefix : <http://new.example.org/>")
    other = other.replace(":s ", "<http://example.org/s> ")
    assert "--key notation" in refused(http.post("/v1/imports", content=other, headers=TURTLE), 422)["detail"]
    place = http.post("/v1/nodes", json={"kind": "Field", "name": "Nature", "parent_id": top}).json()["id"]
    placed = sent(http, other, under=place, name="", **{"as": "proposed"})
    assert (placed["created"], [into["id"] for into in placed["into"]]) == (6, [place])
    assert node(http, "sea")["status"] == "accepted"
    [child] = http.get(f"/v1/nodes/{place}/children").json()["items"]
    assert (child["kind"], child["status"]) == ("Subfield", "proposed")
    assert len(http.get("/v1/imports").json()["items"]) == 7


def test_announced_imports(http: httpx.Client, refused: Any, monkeypatch: pytest.MonkeyPatch):
    about = {"file": "a.ttl", "sha256": "0" * 64, "format": "turtle"}
    id_ = http.post("/v1/imports:announce", json=about).json()["id"]
    report, kept = f"/v1/imports/{id_}:report", f"/v1/imports/{id_}/problems"
    rows = [f"number {n}" for n in range(1, 201)]
    for first in (1, 201, 1):
        uris = [f"http://example.org/{first + n}" for n in range(200)]
        assert http.post(
            kept, json={"code": "homonym", "first": first, "uris": uris, "texts": rows}
        ).is_success
    assert http.post(kept, json={"code": "island", "uris": [""], "texts": ["alone"]}).is_success
    found = problems(http, id_, limit=150)
    assert [row[1] for row in found] == [*map(str, range(1, 401)), ""]
    assert len(problems(http, id_, code="island")) == 1
    refused(http.post(kept, json={"code": "x", "uris": [""], "texts": []}), 422)
    assert http.post(report, json={"created": 3}).json()["state"] == "running"
    with monkeypatch.context() as patched:
        patched.setattr(import_log, "ALIVE_S", 0)
        [gone] = http.get("/v1/imports?state=interrupted").json()["items"]
        assert (gone["id"], gone["created"], "load" in gone["reason"]) == (id_, 3, False)
        assert "command that read it has stopped" in gone["reason"]
        assert 'glan_imports{state="interrupted"} 1.0' in http.get("/metrics").text
    assert not http.get("/v1/imports?state=interrupted").json()["items"]
    ended = {"state": "failed", "reason": "the disk is full", "created": 4}
    for _ in range(2):
        assert http.post(report, json=ended).json()["reason"] == "the disk is full"
    assert "failed already" in refused(http.post(report, json={"created": 5}), 409)["detail"]
    own = sent(http, FIRST)["id"]
    refused(http.post(f"/v1/imports/{own}:report", json={"state": "failed"}), 409)
    refused(http.post(f"/v1/imports/{own}/problems", json={"code": "x", "uris": [""], "texts": [""]}), 409)
    refused(http.post("/v1/imports:announce", json=about | {"under": "none"}), 404)
    refused(http.post("/v1/nodes:bulk?import=none", json=[]), 404)
    for path in ("/v1/imports/none", "/v1/imports/none/problems"):
        refused(http.get(path), 404)


def test_a_service_that_is_stopped_says_so(
    http: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    entered = threading.Event()
    insert = GraphStore.insert

    def held(store: GraphStore, part: list[Any]) -> list[Any]:
        entered.set()
        while not store.is_stopped:
            entered.wait(0.01)
        return insert(store, part)

    left = settings.home / "staging" / "import-left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    with beside(settings, takes="none") as (url, token), monkeypatch.context() as patched:
        patched.setattr(GraphStore, "insert", held)
        headers = TURTLE | {"Authorization": f"Bearer {token}"}
        id_ = httpx.post(f"{url}/v1/imports", content=FIRST, headers=headers).json()["id"]
        entered.wait()
        assert not left.exists(), "a service clears what another one left when it was killed"
        assert http.get(f"/v1/imports/{id_}").json()["state"] == "running"
    found = http.get(f"/v1/imports/{id_}").json()
    assert (found["state"], found["created"]) == ("interrupted", 0)
    assert "send the file again" in found["reason"]
    assert results(sent(http, FIRST)) == (7, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def staged(home: Path) -> Callable[[], int]:
    """Counts the files that are being imported; what other tests have killed leaves its own for a day."""

    def found() -> set[Path]:
        return {*(home / "staging").glob("import-*")}

    before = found()
    return lambda: len(found() - before)


def test_few_files_at_once(http: httpx.Client, refused: Any, staged: Callable[[], int]):
    go_on = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield FIRST[:100].encode()
        go_on.wait()
        yield FIRST[100:].encode()

    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(http.post("/v1/imports?check=true", content=slowly(), headers=TURTLE))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    while staged() < len(threads):
        pass
    third = http.post("/v1/imports?check=true", content=FIRST, headers=TURTLE)
    go_on.set()
    for thread in threads:
        thread.join()
    assert refused(third, 503)["detail"].startswith("as many files as may be")
    assert third.headers["retry-after"]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert http.post("/v1/imports?check=true", content=FIRST, headers=TURTLE).status_code == 200


XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:skos="http://www.w3.org/2004/02/skos/core#"><skos:Concept rdf:about="http://example.org/a">'
    "<skos:prefLabel>%s</skos:prefLabel></skos:Concept></rdf:RDF>"
)
LAUGHS = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
LINE = b"<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n"
PARENTS, FEWER = 20_000, 2_000


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A port that is not to be connected to."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.setblocking(False)
        yield found
        with pytest.raises(BlockingIOError):
            found.accept()


@pytest.fixture
def ready(http: httpx.Client) -> Iterator[None]:
    """The service is ready as often as it is asked during the test."""
    statuses: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            statuses.append(http.get("/readyz").status_code)

    looking = threading.Thread(target=look)
    looking.start()
    yield
    ended.set()
    looking.join()
    assert set(statuses) == {200}


@pytest.mark.usefixtures("ready")
def test_hostile_bodies_are_refused_or_bounded(
    http: httpx.Client,
    refused: Any,
    monkeypatch: pytest.MonkeyPatch,
    staged: Callable[[], int],
    listening: socket.socket,
):
    monkeypatch.setattr(packing, "RATIO_COUNTS_FROM", 1_000_000)
    remote = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    outside = f'<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "{remote}">]>'
    for body, kind, said in (
        (f"<!DOCTYPE rdf:RDF [{LAUGHS}]>" + XML % "&l11;", "rdf+xml", "made of other entities"),
        (outside + XML % "&x;", "rdf+xml", "leads out of the file"),
        (json.dumps({"@context": remote, "@id": "http://e.org/1"}), "ld+json", "never fetched"),
        (gzip.compress(LINE * 60_000), "octet-stream", "no vocabulary shrinks like that"),
        (b'<a:b> <c:d> "' + b"x" * 20_000_000, "n-triples", "no end of a statement"),
        (b"", "octet-stream", ""),
    ):
        answer = http.post("/v1/imports", content=body, headers={"Content-Type": f"application/{kind}"})
        assert said in refused(answer, 422)["detail"], said
    parents = [f":p{n}" for n in range(PARENTS)]
    one = f"{PREFIXES} :a skos:prefLabel 'A'@en ; skos:broader {', '.join(parents)} .\n"
    some = "".join(f"{parent} a skos:Concept .\n" for parent in parents[:FEWER])
    for body, code, count in (
        (FIRST + f':sea skos:note "{"x" * 1_200_000}" .', "too_large", 1),
        (one + some, "too_large", 1),
        (one, "dangling", PARENTS),
    ):
        plan = http.post("/v1/imports?check=true", content=body, headers=TURTLE).json()
        assert plan["problems"][code] == count
    assert not http.get("/v1/nodes").json()["items"] + http.get("/v1/imports").json()["items"]
    assert not staged()


def test_wrong_requests(http: httpx.Client, refused: Any):
    html = http.post("/v1/imports", content=FIRST, headers={"Content-Type": "text/html"})
    assert "send text/turtle" in refused(html, 415)["detail"]
    for params in ({"depth": 0}, {"levels": "4,2"}, {"file": "../a"}, {"context": "a"}, {"under": "none"}):
        answer = http.post("/v1/imports", content=FIRST, headers=TURTLE, params=params)
        refused(answer, 404 if "under" in params else 422)
