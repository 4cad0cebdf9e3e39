"""Rounds over REST and on the command line: three people with three tokens, files of votes, one terminal."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from planting import Plant

from graph.database import Database, Transaction
from graph.model import Kind
from graph.queries import Query
from service.media import vote_lines

PEOPLE = ("Ada", "Bob", "Cy")
Add = Callable[..., str]


@pytest.fixture
def top(http: httpx.Client, add: Add) -> str:
    return add(http, "Taxonomy", "Root")


@pytest.fixture
def people(http: httpx.Client) -> Iterator[dict[str, httpx.Client]]:
    """A client for each of three tokens."""
    clients: dict[str, httpx.Client] = {}
    for name in PEOPLE:
        answer = http.post("/v1/tokens", json={"name": name, "scopes": ["read", "write"]})
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        clients[name] = httpx.Client(base_url=http.base_url, headers=headers, timeout=60)
    yield clients
    for client in clients.values():
        client.close()


def opened(http: httpx.Client, root: str, **more: Any) -> dict[str, Any]:
    answer = http.post("/v1/rounds", json={"root_id": root, "name": "First", **more})
    assert answer.is_success, answer.text
    return answer.json()


def result_of(http: httpx.Client, round_id: str) -> dict[str, Any]:
    page = http.get(f"/v1/rounds/{round_id}/result", params={"limit": 1000}).json()
    return {one["node_id"]: one for one in page["items"]}


def test_three_people_review_twenty_nodes(http: httpx.Client, top: str, people: Any, add: Add):
    fields = [add(http, "Field", f"Field {n}", top, status="proposed") for n in range(4)]
    below = [add(http, "Discipline", f"Discipline {n}", fields[n % 4], status="proposed") for n in range(16)]
    wanted = {"root_id": top, "name": "First", "quorum": 3, "voters": list(PEOPLE)}
    answer = people["Ada"].post("/v1/rounds", json=wanted)
    assert answer.status_code == 201, answer.text
    first = answer.json()
    assert answer.headers["location"] == f"/v1/rounds/{first['id']}"
    assert people["Bob"].post("/v1/rounds", json=wanted).status_code == 200
    assert (first["nodes"], first["opened_by"], first["state"]) == (20, "Ada", "open")
    path = f"/v1/rounds/{first['id']}"
    # Everybody keeps the first three fields but Cy; of the disciplines each removes others.
    for number, (name, client) in enumerate(people.items()):
        asked = client.get(f"{path}/next", params={"limit": 100}).json()
        assert asked["left"] == 20
        for place, id_ in enumerate([*fields, *below]):
            keeps = id_ != fields[3] if place < 4 else (place + number) % 4 < 2
            choice = "keep" if keeps else "remove"
            cast = client.put(f"{path}/votes/{id_}", json={"choice": choice})
            assert cast.status_code == 200, cast.text
            assert (cast.json()["who"], cast.json()["unverified"]) == (name, False)
        assert client.get(f"{path}/next").json() == {"items": [], "left": 0}
    refused = people["Ada"].put(f"{path}/votes/{top}", json={"choice": "keep"}, params={"as": "Bob"})
    assert refused.status_code == 403
    assert http.put(f"{path}/votes/{top}", json={"choice": "keep"}, params={"as": "Eve"}).status_code == 403
    expected = {id_: "accepted" for id_ in fields[:3]} | {fields[3]: "rejected"}
    for place, id_ in enumerate(below, 4):
        kept = sum((place + number) % 4 < 2 for number in range(3))
        expected[id_] = "accepted" if kept > 1 and (place - 4) % 4 != 3 else "rejected"
    shown = result_of(http, first["id"])
    assert {id_: one["outcome"] for id_, one in shown.items()} == expected
    closed = people["Bob"].post(f"{path}:close")
    assert closed.status_code == 200, closed.text
    accepted = sum(status == "accepted" for status in expected.values())
    assert (closed.json()["accepted"], closed.json()["closed_by"]) == (accepted, "Bob")
    assert people["Cy"].post(f"{path}:close").json() == closed.json()
    page = http.get("/v1/nodes", params={"under": top, "limit": 100}).json()
    assert {node["id"]: node["status"] for node in page["items"]} == expected
    late = people["Cy"].put(f"{path}/votes/{fields[3]}", json={"choice": "keep"})
    assert late.status_code == 409
    assert "reopened" in late.json()["detail"]
    found = http.get(f"{path}/agreement", params={"by": "Field"}).json()
    assert (found["votes"], found["voters"], found["kappa"]["why"]) == (60, 3, None)
    assert -1 <= found["alpha"]["low"] <= found["alpha"]["value"] <= found["alpha"]["high"] <= 1
    assert [group["name"] for group in found["groups"]] == [f"Field {n}" for n in range(4)]
    again = people["Ada"].post(f"{path}:reopen", json={"reason": "Field 3 is needed."}).json()
    assert (again["state"], again["reopened_by"], again["reason"]) == ("open", "Ada", "Field 3 is needed.")
    for client in people.values():
        client.put(f"{path}/votes/{fields[3]}", json={"choice": "keep"})
    people["Ada"].post(f"{path}:close")
    # What is below comes back by its own votes.
    assert {one["outcome"] for one in shown.values() if one["reason"] == "above"} == {"rejected"}
    back = [id_ for id_, one in shown.items() if one["reason"] == "above"]
    assert back
    assert {http.get(f"/v1/nodes/{id_}").json()["status"] for id_ in back} == {"accepted"}
    history = http.get(f"/v1/nodes/{fields[3]}/history").json()["items"]
    assert [(edit["action"], edit["who"]) for edit in history[:2]] == [("voted", "Ada"), ("voted", "Bob")]


def test_votes_without_tokens_and_from_files(http: httpx.Client, top: str, add: Add, refused: Any):
    uri = {"uri": "http://example.org/b"}
    one, two = [
        add(http, "Field", name, top, status="proposed", **more) for name, more in (("A", {}), ("B", uri))
    ]
    first = opened(http, top)
    path = f"/v1/rounds/{first['id']}"
    assert "as=NAME" in refused(http.put(f"{path}/votes/{one}", json={"choice": "keep"}), 422)["detail"]
    assert "as=NAME" in refused(http.get(f"{path}/next"), 422)["detail"]
    for choice in ("keep", "remove"):
        cast = http.put(
            f"{path}/votes/{one}", json={"choice": choice, "comment": "Why."}, params={"as": "Ada"}
        )
    assert (cast.json()["who"], cast.json()["unverified"]) == ("Ada", True)
    undone = http.delete(f"{path}/votes/{one}", params={"as": "Ada"}).json()
    assert undone["vote"]["choice"] == "keep"
    assert http.delete(f"{path}/votes/{one}", params={"as": "Ada"}).json() == {"vote": None}
    refused(http.delete(f"{path}/votes/{one}", params={"as": "Ada"}), 404)
    assert len(http.get(f"{path}/votes", params={"history": True}).json()["items"]) == 2
    lines = [
        {"node": one, "who": "Ada", "choice": "keep"},
        {"uri": uri["uri"], "who": "Ada", "choice": "remove", "comment": "Räume\u2028und Zeit"},
        {"node": one, "who": "Bob", "choice": "perhaps"},
    ]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines) + b"\n{]\n"
    sent = {"Content-Type": "application/x-ndjson"}
    report = http.post(f"{path}/votes:bulk", content=body, headers=sent).json()
    assert (report["created"], report["refused"]) == (2, 2)
    assert [error["line"] for error in report["errors"]] == [3, 5]
    table = f'\ufeffnode;who;choice;comment\n{one};Bob;Keep;"two\nlines"\n\n{two};Bob;keep\n{two};;keep;\n'
    sent = {"Content-Type": "text/csv; charset=utf-8"}
    report = http.post(f"{path}/votes:bulk", content=table.encode(), headers=sent).json()
    assert (report["created"], [error["line"] for error in report["errors"]]) == (1, [5, 6])
    votes = http.get(f"{path}/votes", params={"who": "Bob"}).json()["items"]
    assert [(v["comment"], v["loaded_by"]) for v in votes] == [("two\nlines", "rest")]
    for content, kind in (
        (b"a,b\n", "text/csv"),
        (b'who,choice,node\n"x', "text/csv"),
        (b"\xff", "text/csv"),
        # Nothing is stored of a table that cannot be read to its end.
        (f'node,who,choice\n{one},Cy,keep\n"x'.encode(), "text/csv"),
        (f"node,who,choice\n{one},Cy,keep\n{',' * 20_001}".encode(), "text/csv"),
    ):
        refused(http.post(f"{path}/votes:bulk", content=content, headers={"Content-Type": kind}), 422)
    for ending, kind in ((b"\n", "application/x-ndjson"), (b"\n", "text/csv"), (b"\r", "text/csv")):
        content = ending * 1_000_001
        found = refused(http.post(f"{path}/votes:bulk", content=content, headers={"Content-Type": kind}), 413)
        assert "at most 1,000,000 lines" in found["detail"]
    assert http.get(f"{path}/votes", params={"who": "Cy"}).json()["items"] == []
    refused(http.post(f"{path}/votes:bulk", content=b"", headers={"Content-Type": "text/html"}), 415)
    for bad in (
        {"root_id": top},
        {"root_id": top, "name": "x", "quorum": 0},
        {"root_id": top, "name": "x", "voters": []},
    ):
        refused(http.post("/v1/rounds", json=bad), 422)
    refused(http.post("/v1/rounds", json={"root_id": two, "name": "x"}), 409)
    refused(http.post("/v1/rounds/none:close"), 404)
    refused(http.post(f"{path}:reopen", json={"reason": "x"}), 409)
    for ask in ("", "/result", "/agreement", "/next?for=x", "/votes"):
        refused(http.get(f"/v1/rounds/none{ask}"), 404)
    refused(http.get(f"{path}/agreement", params={"by": "KeyConcept"}), 422)
    metrics = http.get("/metrics").text
    assert 'glan_votes{state="open"} 3.0' in metrics
    assert 'glan_rounds{state="open"} 1.0' in metrics


@pytest.mark.parametrize("kind", ["text/csv", "application/x-ndjson"])
async def test_a_file_of_votes_is_read_in_parts(kind: str):
    content = b"node,who,choice\n" + b"x,\n" * 4_999
    parts = [[number for number, _ in part] async for part in await vote_lines.read(kind, content)]
    assert [len(part) for part in parts] in ([2000, 2000, 999], [2000, 2000, 1000])
    assert [number for part in parts for number in part][-1] == 5_000


def test_on_the_command_line(glan: Any, http: httpx.Client, top: str, add: Add):
    for name in ("Art", "Bad", "Can", "Dim"):
        id_ = add(http, "Field", name, top, status="proposed", description=f"About {name}.")
        add(http, "Discipline", f"{name} history", id_, status="proposed")
    first = glan.json("round", "open", "Root", "--name", "First")
    assert (first["nodes"], first["state"]) == (8, "open")
    walked = subprocess.run(
        [Path(sys.executable).with_name("glan"), "vote", "Root", "--as", "Ada"],
        cwd=glan.folder,
        env=glan.environment({}),
        # Keep; undo; keep with a comment; remove; skip; abstain; then of the disciplines one, and quit.
        input="k\nu\nc\nNot only pictures.\nk\nr\ns\n?\na\nk\nq\n",
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert walked.returncode == 0, walked.stderr
    assert "Field: Root / Art\n  About Art.\n  below it: Art history\n" in walked.stdout
    assert walked.stdout.count("keep: ") == 3
    assert "undone: Art" in walked.stdout
    assert walked.stdout.endswith("4 votes\n")
    votes = http.get(f"/v1/rounds/{first['id']}/votes").json()["items"]
    names = {node["id"]: node["name"] for node in http.get("/v1/nodes?limit=50").json()["items"]}
    assert [(names[v["node"]], v["choice"], v["comment"]) for v in votes][:3] == [
        ("Art", "keep", "Not only pictures."),
        ("Bad", "remove", None),
        ("Dim", "abstain", None),
    ]
    assert glan.json("vote", "Root/Can", "--keep", "--as", "Ada")["choice"] == "keep"
    assert "no open" not in glan("vote", "Root/Can", "--undo", "--as", "Ada").stdout
    glan("vote", "Root/Can", "--keep", "--remove", code=2)
    assert "say who votes" in glan("vote", "Root/Can", "--keep", code=1).stderr
    file = glan.folder / "votes.csv"
    file.write_text(
        "node,who,choice\n" + "".join(f"{v['node']},Bob,keep\n" for v in votes) + "none,Bob,keep\n"
    )
    by_path = glan.folder / "paths.csv"
    by_path.write_text("node,who,choice\nRoot/Can,Eve,keep\nRoot/None,Eve,keep\n")
    loaded = glan("vote", str(by_path), "--round", first["id"], code=1)
    assert (loaded.stdout, "line 3: " in loaded.stderr) == (
        "1 created, 0 changed, 0 existing, 1 refused\n", True
    )  # fmt: skip
    loaded = glan("vote", str(file), "--round", first["id"], code=1)
    assert loaded.stdout == "4 created, 0 changed, 0 existing, 1 refused\n"
    assert "line 6: the round does not ask about a node none" in loaded.stderr
    shown = glan("round", "result", first["id"], "--outcome", "rejected").stdout
    assert "1 keep, 1 remove: a tie removes" in shown
    assert "Ada" in glan("round", "agreement", first["id"], "--by", "Field").stdout
    assert "3 left" in glan("round", "next", first["id"], "--for", "Ada").stdout
    assert "First" in glan("round", "list").stdout
    assert "closed" in glan("round", "close", first["id"]).stdout
    glan("round", "reopen", first["id"], "--reason", " ", code=1)
    assert "A mistake." in glan("round", "reopen", first["id"], "--reason", "A mistake.").stdout
    assert glan.json("round", "show", first["id"])["turn"] == 2


@pytest_asyncio.fixture
async def grown_root(http: httpx.Client, database: Database) -> str:
    plant = Plant(database)
    root = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", root)
    discipline = await plant.node(Kind.Discipline, "Tides", field)
    syllabus = await plant.syllabus(discipline, "tides", {"s1": ["moon"], "s2": ["sun"]})
    await plant.instruct("a1", syllabus, "s1", "moon")
    await plant.instruct("a2", syllabus, "s2", "sun")
    await plant.instruct("a3", syllabus, "s2", "sun", status="rejected", reason="low_quality")
    return root


def pulled(http: httpx.Client, root: str) -> bytes:
    return http.get(f"/v1/nodes/{root}/instructions", params={"format": "ndjson"}).content


def test_instructions_are_rejected_and_come_back_byte_for_byte(
    http: httpx.Client, people: Any, glan: Any, grown_root: str, monkeypatch: pytest.MonkeyPatch
):
    root, ada = grown_root, people["Ada"]
    run, statements = Transaction.run, list[str]()

    async def recording(self: Transaction, query: Query, **params: Any) -> Any:
        statements.append(query.name)
        return await run(self, query, **params)

    before, figures = pulled(http, root), http.get(f"/v1/nodes/{root}/coverage").json()
    body = {"ids": ["a1", "a3", "none"], "decision": "reject", "reason": "Another law."}
    found = ada.post("/v1/instructions:decide", json=body).json()
    assert (found["changed"], found["unchanged"], found["refused"]) == (1, 0, 2)
    assert {error["id"] for error in found["errors"]} == {"a3", "none"}
    assert ada.post("/v1/instructions:decide", json=body).json()["unchanged"] == 1
    assert b'"a1"' not in pulled(http, root)
    assert http.get(f"/v1/nodes/{root}/coverage").json()["covered"] == 1
    evidence = http.get("/v1/instructions/a1/evidence").json()
    assert (evidence["status"], evidence["reason"], evidence["withdrawn_by"]) == (
        "withdrawn", "Another law.", "Ada",
    )  # fmt: skip
    syllabus = http.get("/v1/instructions/a1").json()["syllabus_id"]
    edits = http.get(f"/v1/nodes/{syllabus}/history").json()["items"]
    assert (edits[0]["who"], edits[0]["action"], edits[0]["detail"]["instructions"]) == (
        "Ada",
        "decided",
        ["a1"],
    )
    # By a filter, from the command line.
    assert glan.json("instruction", "reject", "--under", "Root", "--reason", "All.")["changed"] == 1
    assert pulled(http, root) == b""
    assert (
        "2 changed" in glan("instruction", "accept", "--under", "Root", "--reason", "They are good.").stdout
    )
    assert pulled(http, root) == before
    assert http.get(f"/v1/nodes/{root}/coverage").json() == figures
    waiver = http.get("/v1/instructions/a1/evidence").json()["waiver"]
    assert (waiver["by"], waiver["reason"]) == ("rest", "They are good.")
    monkeypatch.setattr(Transaction, "run", recording)
    kept = body | {"ids": ["a1", "a2"], "decision": "accept"}
    assert http.post("/v1/instructions:decide", json=kept).json()["unchanged"] == 2
    assert statements.count("instruction.waive") == 1
    # A person's later decision takes back the earlier one.
    assert ada.post("/v1/instructions:decide", json=body | {"ids": ["a1"]}).json()["changed"] == 1
    assert http.get("/v1/instructions/a1/evidence").json()["waiver"] is None
    assert http.post("/v1/instructions:decide", json=body | {"filter": {"node_id": root}}).status_code == 422
    assert http.post("/v1/instructions:decide", json=body | {"ids": None}).status_code == 422
    wanted = body | {"ids": None, "filter": {"node_id": "none"}}
    assert http.post("/v1/instructions:decide", json=wanted).status_code == 404
    glan("instruction", "reject", "a1", "--under", "Root", "--reason", "x", code=1)
    glan("instruction", "reject", "a1", "--reason", " ", code=1)
