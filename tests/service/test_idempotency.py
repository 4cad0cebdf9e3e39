"""Idempotency-Key: a repeat gets the first response and has no second effect, even after a crash."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from planting import rows_of

from graph.access import idempotency
from graph.access.idempotency import Answer, Claim, InProgress
from graph.database import Database
from graph.embedded.attach import Attachment
from service.settings import Settings

TAXONOMY = {"kind": "Taxonomy", "name": "T"}
KEPT = ("content-type", "location", "etag", "link")


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def same(first: httpx.Response, second: httpx.Response) -> bool:
    assert second.headers["idempotency-replayed"] == "true", second.text
    assert "idempotency-replayed" not in first.headers
    headers = [[answer.headers.get(name) for name in KEPT] for answer in (first, second)]
    return (first.status_code, first.content, headers[0]) == (second.status_code, second.content, headers[1])


def test_a_repeated_insertion_answers_as_the_first(http: httpx.Client):
    headers = keyed()
    first = http.post("/v1/nodes", json=TAXONOMY, headers=headers)
    assert first.status_code == 201
    assert same(first, http.post("/v1/nodes", json=TAXONOMY, headers=headers))
    assert http.post("/v1/nodes", json=TAXONOMY).status_code == 200
    assert http.post("/v1/nodes", json=TAXONOMY, headers=keyed()).status_code == 200


def test_refusals_are_answers_too(http: httpx.Client, refused: Any):
    headers = keyed()
    field = {"kind": "Field", "name": "F", "parent_id": "none"}
    first = http.post("/v1/nodes", json=field, headers=headers)
    refused(first, 404)
    assert same(first, http.post("/v1/nodes", json=field, headers=headers))


@pytest.mark.parametrize(
    "other",
    [
        {"url": "/v1/nodes", "json": TAXONOMY | {"name": "U"}},
        {"url": "/v1/nodes?x=1", "json": TAXONOMY},
        {"url": "/v1/nodes:bulk", "json": TAXONOMY},
        {"url": "/v1/nodes", "json": TAXONOMY | {"weight": 1.0}},
    ],
)
def test_a_key_is_for_one_request(http: httpx.Client, refused: Any, other: dict[str, Any]):
    headers = keyed()
    assert http.post("/v1/nodes", json=TAXONOMY, headers=headers).status_code == 201
    assert "another request" in refused(http.post(**other, headers=headers), 422)["detail"]


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "é"])
def test_keys_that_are_none(http: httpx.Client, refused: Any, key: str):
    headers = httpx.Headers([(b"Idempotency-Key", key.encode())])
    refused(http.post("/v1/nodes", json=TAXONOMY, headers=headers), 400)
    twice = httpx.Headers([("Idempotency-Key", "a"), ("Idempotency-Key", "b")])
    refused(http.post("/v1/nodes", json=TAXONOMY, headers=twice), 400)
    assert http.get("/v1/nodes").json()["items"] == []


def test_two_callers_may_use_one_key(http: httpx.Client):
    secret = http.post("/v1/tokens", json={"name": "Ada", "scopes": ["write"]}).json()["token"]
    headers = keyed("1")
    first = http.post("/v1/nodes", json=TAXONOMY, headers=headers)
    other = http.post("/v1/nodes", json=TAXONOMY, headers=headers | {"Authorization": f"Bearer {secret}"})
    assert (first.status_code, other.status_code) == (201, 200)


def test_every_post_takes_one(http: httpx.Client, planted: Any, model: Any):
    lines = b'{"kind":"Field","name":"A","parent_path":"Root"}\n{"kind":"Field"}\n'
    ndjson = {"Content-Type": "application/x-ndjson"}
    job = http.post("/v1/jobs", json={"root_id": planted.discipline, "steps": ["subjects"]}).json()["id"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/v1/nodes:bulk", {"content": lines, "headers": ndjson}),
        ("/v1/nodes:bulk?atomic=true", {"json": [{"kind": "Field", "name": "B", "parent_path": "Root"}]}),
        ("/v1/queries/explore.disciplines", {"json": {"params": {"id": planted.root}}}),
        ("/v1/jobs", {"json": {"root_id": planted.discipline, "add": 5}}),
        (f"/v1/jobs/{job}:pause", {}),
        (f"/v1/jobs/{job}:resume", {"json": {}}),
        (f"/v1/jobs/{job}:cancel", {}),
        (f"/v1/jobs/{job}:reparse", {}),
    ]
    for url, options in calls:
        headers = options.pop("headers", {}) | keyed()
        first = http.post(url, headers=headers, **options)
        assert first.is_success, first.text
        assert same(first, http.post(url, headers=headers, **options)), url
    assert len(http.get("/v1/jobs").json()["items"]) == 2


def test_a_token_s_secret_is_not_kept(http: httpx.Client, refused: Any):
    headers, body = keyed(), {"name": "ci", "scopes": ["read"]}
    first = http.post("/v1/tokens", json=body, headers=headers).json()
    again = http.post("/v1/tokens", json=body, headers=headers)
    assert again.status_code == 201
    assert again.json() == first | {"token": None}


async def test_no_secret_is_in_the_graph(http: httpx.Client, database: Database):
    secret = http.post("/v1/tokens", json={"name": "ci", "scopes": ["read"]}, headers=keyed()).json()["token"]
    [row] = await rows_of(database, "MATCH (r:Request) RETURN r.id AS id, r.fingerprint AS print")
    found = await idempotency.begin(database, row["id"], row["print"], 1)
    assert isinstance(found, Answer)
    assert secret.encode() not in found.body
    assert b'"name":"ci"' in found.body


def test_a_large_body_is_refused_with_what_to_do(http: httpx.Client, refused: Any):
    line = b'{"kind":"Taxonomy","name":"' + b"x" * 900 + b'"}\n'
    headers = keyed() | {"Content-Type": "application/x-ndjson"}
    with httpx.Client(base_url=http.base_url, headers=http.headers, timeout=60) as client:
        answer = client.post("/v1/nodes:bulk", content=line * 40_000, headers=headers)
    assert "in parts" in refused(answer, 413)["detail"]


def test_what_is_under_way_is_not_begun_again(http: httpx.Client, refused: Any, database: Database):
    """The first has sent only half its body, so the second runs, and the first gets its response."""
    headers = keyed() | {"Content-Type": "application/x-ndjson"}
    begun, go_on = threading.Event(), threading.Event()
    lines = [json.dumps({"kind": "Taxonomy", "name": f"T{n}"}).encode() + b"\n" for n in range(4)]

    def slowly() -> Iterator[bytes]:
        yield lines[0]
        begun.set()
        go_on.wait()
        yield from lines[1:]

    answers: list[httpx.Response] = []

    def send() -> None:
        with httpx.Client(base_url=http.base_url, headers=http.headers, timeout=60) as client:
            answers.append(client.post("/v1/nodes:bulk", content=slowly(), headers=headers))

    thread = threading.Thread(target=send)
    thread.start()
    begun.wait()
    direct = http.post("/v1/nodes:bulk", content=b"".join(lines), headers=headers)
    go_on.set()
    thread.join()
    assert same(direct, answers[0])


async def test_a_claim_is_one_worker_s_until_its_lease_ends(database: Database):
    first = await idempotency.begin(database, "a", "print", lease_s=3)
    assert isinstance(first, Claim)
    with pytest.raises(InProgress):
        await idempotency.begin(database, "a", "print", lease_s=5)
    with pytest.raises(idempotency.OtherBody):
        await idempotency.begin(database, "a", "other", lease_s=5)
    while True:
        try:
            second = await idempotency.begin(database, "a", "print", lease_s=60)
            break
        except InProgress:
            await asyncio.sleep(0.05)
    assert isinstance(second, Claim)
    assert (second.seed, second.worker != first.worker) == (first.seed, True)
    # A request that has lost its claim can neither record a response nor release the claim.
    await idempotency.record(database, first, Answer(200, {}, b"late"))
    await idempotency.release(database, first)
    await idempotency.renew(database, first, 60)
    with pytest.raises(InProgress):
        await idempotency.begin(database, "a", "print", lease_s=5)
    await idempotency.release(database, second)
    third = await idempotency.begin(database, "a", "print", lease_s=60)
    assert isinstance(third, Claim)
    await idempotency.record(database, third, Answer(201, {"etag": '"1"'}, b"done"))
    assert await idempotency.begin(database, "a", "print", lease_s=5) == Answer(201, {"etag": '"1"'}, b"done")


async def test_many_at_once_have_one_effect(http: httpx.Client, planted: Any, database: Database):
    headers = keyed() | {"Authorization": http.headers["authorization"]}
    body = {"root_id": planted.discipline, "add": 3}
    async with httpx.AsyncClient(base_url=http.base_url, headers=headers, timeout=60) as client:
        answers = await asyncio.gather(*(client.post("/v1/jobs", json=body) for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert len(ids) == 1
    assert [job["id"] for job in http.get("/v1/jobs").json()["items"]] == list(ids)


async def test_old_answers_are_forgotten_in_small_parts(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "CLEANED_AT_ONCE", 3)
    for n in range(10):
        await idempotency.begin(database, f"old {n}", "print", 60)
    await rows_of(
        database,
        "MATCH (r:Request) WITH r ORDER BY r.id LIMIT 8 SET r.created_at = datetime() - duration('PT2H')",
    )
    assert await idempotency.clean(database, 1.0) == 8
    assert len(await rows_of(database, "MATCH (r:Request) RETURN r.id AS id")) == 2


# A service that dies after the effect is durable and before its response is recorded.
DIES = """
import os, sys
from graph.access import idempotency

async def die(*_):
    os.kill(os.getpid(), 9)

idempotency.record = die
sys.argv = ["glan", "serve", "--port", "0", "--no-worker"]
from service.cli import main
main()
"""


def posted(url: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> httpx.Response:
    return httpx.post(url + path, json=body, headers=headers, timeout=60)


def repeatable(what: str, planted: Any, other: str) -> tuple[str, dict[str, Any], str]:
    """A request: its path, its body, and the label of the node that it creates."""
    match what:
        case "job":
            return "/v1/jobs", {"root_id": planted.discipline, "add": 3}, "Job"
        case "node":
            return "/v1/nodes", {"kind": "Taxonomy", "name": "Once"}, "Taxonomy"
        case "token":
            return "/v1/tokens", {"name": "once", "scopes": ["read"]}, "Token"
        case "move":
            body = {"from_id": planted.field, "to_id": other}
            return f"/v1/nodes/{planted.discipline}:move", body, "Edit"
        case _:
            return f"/v1/nodes/{planted.field}:merge", {"into_id": other}, "Edit"


@pytest.mark.parametrize("what", ["job", "node", "token", "move", "merge"])
async def test_killed_between_effect_and_record(
    alone: Any, settings: Settings, neo4j: Attachment, http: httpx.Client, planted: Any, add: Any,
    database: Database, what: str,
):  # fmt: skip
    path, body, label = repeatable(what, planted, add(http, "Field", "Arts", planted.root))
    there = len(await rows_of(database, f"MATCH (n:{label}) RETURN n.id AS id"))
    bearer = {"Authorization": "Bearer owner"}
    headers = keyed() | bearer
    env = alone.environment({"GLAN_TOKEN": "owner", "GLAN_LEASE_S": "2"})
    process = subprocess.Popen(
        [sys.executable, "-c", DIES], env=env, stderr=subprocess.PIPE, text=True, cwd=alone.folder
    )
    with process:
        assert process.stderr
        url = next(line for line in process.stderr if line.startswith("glan on ")).split()[2]
        with pytest.raises(httpx.TransportError):
            posted(url, path, headers, body)
        assert process.wait() == -signal.SIGKILL
    before = await rows_of(database, f"MATCH (n:{label}) RETURN n.id AS id ORDER BY id")
    assert len(before) == there + 1
    with alone.running("serve", "--port", "0", "--no-worker", GLAN_TOKEN="owner", GLAN_LEASE_S="2") as second:
        assert second.stderr
        url = next(line for line in second.stderr if line.startswith("glan on ")).split()[2]
        while (answer := posted(url, path, headers, body)).headers.get("retry-after"):
            assert answer.status_code == 409
            time.sleep(0.1)
        again = posted(url, path, headers, body)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == answer.content
    assert await rows_of(database, f"MATCH (n:{label}) RETURN n.id AS id ORDER BY id") == before
    # The token exists but its secret was never sent: it must be revoked and created again.
    assert answer.status_code == 409 if what == "token" else answer.is_success
    if what == "job":
        assert answer.status_code == 202
        assert [answer.json()["id"]] == [row["id"] for row in before]
