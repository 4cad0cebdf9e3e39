"""Bulk insertion over REST: NDJSON and lists, parents by id, path and ref, bad lines, streams both ways."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

Add = Callable[..., str]
NDJSON = {"Content-Type": "application/x-ndjson"}


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in response.content.split(b"\n") if line]


def ndjson(items: Iterable[Any]) -> bytes:
    return b"".join(
        (item if isinstance(item, bytes) else json.dumps(item).encode()) + b"\n" for item in items
    )


def send(http: httpx.Client, *items: Any, **params: Any) -> list[dict[str, Any]]:
    return lines_of(http.post("/v1/nodes:bulk", content=ndjson(items), headers=NDJSON, params=params))


ITEMS: list[Any] = [
    {"kind": "Taxonomy", "name": "T", "ref": "t"},
    {"kind": "Field", "name": "F", "parent_ref": "t", "ref": "f"},
    {"kind": "Discipline", "name": "D", "parent_path": "T/F"},
    {"kind": "Discipline", "name": "E", "parent_ref": "f", "weight": 2, "properties": {"a": 1}},
]


def test_ndjson_and_a_json_list_do_the_same(http: httpx.Client):
    first = send(http, *ITEMS)
    assert [(line["line"], line["status"]) for line in first] == [(n, "created") for n in range(1, 5)]
    listed = lines_of(http.post("/v1/nodes:bulk", json=ITEMS))
    assert [line["status"] for line in listed] == ["existing"] * 4
    assert [line["id"] for line in listed] == [line["id"] for line in first]
    node = http.get(f"/v1/nodes/{first[3]['id']}").json()
    assert (node["parents"], node["weight"], node["properties"]) == ([first[1]["id"]], 2, {"a": 1})
    assert http.get(f"/v1/nodes/{first[2]['id']}").json()["parents"] == [first[1]["id"]]


def test_parent_by_id(http: httpx.Client, planted: Any):
    [line] = send(http, {"kind": "Discipline", "name": "D", "parent_id": planted.field})
    assert http.get(f"/v1/nodes/{line['id']}").json()["parents"] == [planted.field]


BAD: list[tuple[Any, str]] = [
    (b"{", "not JSON"),
    (b"\xff", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"9" * 5000, "not JSON"),
    (b"[1]", "object"),
    (b'{"kind": "Field", "name": "x", "parent_id": "\\ud800"}', "parent_id"),
    (b'{"kind": "Field", "name": "x", "parent_path": "\\ud800"}', "parent_path"),
    (b'{"kind": "Field", "name": "x", "parent_ref": "\\ud800"}', "parent_ref"),
    (b'{"kind": "Taxonomy", "name": "\\u0000"}', "U+0000"),
    (b'{"kind": "Taxonomy", "name": "x", "NaN": NaN}', "NaN is not a JSON number"),
    (b'{"kind": "Taxonomy", "name": "x", "weight": 1e400}', "1e400"),
    (b'{"kind": "Taxonomy", "name": "x", "name": "y"}', "twice"),
    ({"kind": "Taxonomy", "name": "\ufdfa" * 300}, "8000 bytes"),
    ({"kind": "Taxonomy", "name": "\u200b\u00ad\u3164"}, "visible"),
    (b'{"kind": "Taxonomy", "name": "' + b"x" * 1_000_001 + b'"}', "1 MB"),
    ({"kind": "Planet", "name": "x"}, "kind"),
    ({"kind": "Field", "name": "x"}, "needs a parent"),
    ({"kind": "Field", "name": "x", "parent_id": "nope"}, "nope"),
    ({"kind": "Field", "name": "x", "parent_path": "no/where"}, "no/where"),
    ({"kind": "Field", "name": "x", "parent_ref": "later"}, "later"),
    ({"kind": "Subject", "name": "x", "parent_path": "Root/Sciences"}, "Discipline"),
    ({"kind": "Taxonomy", "name": "x" * 10_240}, "1000"),
]


@pytest.mark.parametrize("atomic", [False, True])
def test_bad_lines_are_named_and_good_ones_stay_as_asked(http: httpx.Client, planted: Any, atomic: bool):
    good = {"kind": "Field", "parent_id": planted.root}
    items = [item for n, (bad, _) in enumerate(BAD) for item in (good | {"name": f"Good {n}"}, bad)]
    results = send(http, *items, atomic=atomic)
    assert [result["line"] for result in results] == list(range(1, len(items) + 1))
    for result, (_, says) in zip(results[1::2], BAD, strict=True):
        assert result["status"] == "error"
        assert says in result["error"]
        assert "id" not in result
    assert {result["status"] for result in results[::2]} == {"error" if atomic else "created"}
    inserted = http.get(f"/v1/nodes/{planted.root}/children").json()["items"]
    assert len(inserted) == 1 + (0 if atomic else len(BAD))


def test_what_stands_under_a_refused_item_is_refused(http: httpx.Client):
    results = send(
        http,
        {"kind": "Taxonomy", "name": " ", "ref": "t"},
        {"kind": "Field", "name": "F", "parent_ref": "t", "ref": "f"},
        {"kind": "Discipline", "name": "D", "parent_ref": "f"},
        {"kind": "Taxonomy", "name": "Fine"},
    )
    assert [result["status"] for result in results] == ["error", "error", "error", "created"]


def test_atomic_inserts_all_when_all_are_good(http: httpx.Client):
    assert {result["status"] for result in send(http, *ITEMS, atomic=True)} == {"created"}
    assert len(http.get("/v1/nodes").json()["items"]) == 4


def test_blank_lines_and_a_last_line_without_end_are_counted_right(http: httpx.Client):
    body = b'\n{"kind":"Taxonomy","name":"A"}\r\n\n{"kind":"Taxonomy","name":"B"}'
    answer = lines_of(http.post("/v1/nodes:bulk", content=body, headers=NDJSON))
    assert [(line["line"], line["status"]) for line in answer] == [(2, "created"), (4, "created")]


def test_an_empty_body_has_no_lines(http: httpx.Client):
    assert send(http) == []
    assert lines_of(http.post("/v1/nodes:bulk", json=[])) == []


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[" * 100_000, b"\xff\xfe"])
def test_a_body_that_is_no_list(http: httpx.Client, refused: Any, body: bytes):
    refused(http.post("/v1/nodes:bulk", content=body, headers={"Content-Type": "application/json"}), 422)


def test_another_media_type(http: httpx.Client, refused: Any):
    refused(http.post("/v1/nodes:bulk", content=b"a,b", headers={"Content-Type": "text/csv"}), 415)


def test_twenty_thousand_lines_stream_both_ways(http: httpx.Client, planted: Any):
    """Results arrive while the body is still being sent, so a client can send more than it can hold."""
    count = 20_000
    host, port = http.base_url.host, http.base_url.port
    assert port
    head = (
        f"POST /v1/nodes:bulk HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {http.headers['authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with (
        socket.create_connection((host, port), timeout=120) as connection,
        connection.makefile("rb") as reply,
    ):
        connection.sendall(head.encode())
        for n in range(2_000):
            connection.sendall(_chunk(_field(n, planted.root)))
        assert b" 200 " in reply.readline()
        while reply.readline().strip():
            pass
        answers = _chunked_lines(reply)
        assert json.loads(next(answers)) | {"id": ""} == {"line": 1, "status": "created", "id": ""}
        for start in range(2_000, count, 500):
            connection.sendall(b"".join(_chunk(_field(n, planted.root)) for n in range(start, start + 500)))
            for _ in range(500):
                next(answers)
        connection.sendall(b"0\r\n\r\n")
        last = [json.loads(line) for line in answers][-1]
    assert (last["line"], last["status"]) == (count, "created")
    tree = http.get(f"/v1/nodes/{planted.root}/tree?depth=0").json()
    assert tree["counts"]["Field"] == count + 1


def _field(n: int, parent: str) -> bytes:
    return json.dumps({"kind": "Field", "name": f"Field {n}", "parent_id": parent}).encode() + b"\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _chunked_lines(reply: Any) -> Iterator[bytes]:
    rest = b""
    while size := int(reply.readline(), 16):
        *lines, rest = (rest + reply.read(size)).split(b"\n")
        reply.readline()
        yield from lines
    assert rest == b""


def test_each_item_may_stand_under_the_one_before(http: httpx.Client):
    """Items come branch by branch, as a walk of a tree yields them; a batch is inserted level by level."""
    items: list[Any] = [{"kind": "Taxonomy", "name": "T", "ref": "t"}]
    for n in range(40):
        items += [
            {"kind": "Field", "name": f"F{n}", "parent_ref": "t", "ref": "same"},
            {"kind": "Discipline", "name": "D", "parent_ref": "same", "ref": "d"},
            {"kind": "Subject", "name": "S", "parent_ref": "d"},
            {"kind": "Subject", "name": "P", "parent_path": f"T/F{n}/D"},
            {"kind": "Subject", "name": "lost", "parent_ref": "never"},
        ]
    results = send(http, *items)
    assert [r["line"] for r in results] == list(range(1, len(items) + 1))
    assert {r["status"] for n, r in enumerate(results) if n % 5 or not n} == {"created"}
    assert {r["status"] for r in results[5::5]} == {"error"}
    root = results[0]["id"]
    counts = http.get(f"/v1/nodes/{root}/tree?depth=0").json()["counts"]
    assert counts == {"Field": 40, "Discipline": 40, "Subject": 80}
    [edit] = http.get(f"/v1/nodes/{root}/history").json()["items"]
    assert (edit["action"], edit["nodes"], edit["who"]) == ("inserted_many", 161, "rest")


def test_an_atomic_insertion_is_bounded(http: httpx.Client, refused: Any):
    lines = b'{"kind":"Taxonomy","name":"T"}\n' * 50_001
    answer = http.post("/v1/nodes:bulk", content=lines, headers=NDJSON, params={"atomic": True})
    assert "in parts" in refused(answer, 413)["detail"]
    assert http.get("/v1/nodes").json()["items"] == []


def test_a_client_that_does_not_read_is_not_read_from(http: httpx.Client):
    """Errors quote the ref, so the response soon fills the buffers; then the service must stop reading."""
    host, port = http.base_url.host, http.base_url.port
    assert port
    head = (
        f"POST /v1/nodes:bulk HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {http.headers['authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    item = {"kind": "Field", "name": "x", "parent_ref": "r" * 9_000}
    chunk = _chunk(json.dumps(item).encode() + b"\n")
    most, sent = 20_000, 0
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.settimeout(5)
        connection.connect((host, port))
        connection.sendall(head.encode())
        left = b""
        with suppress(TimeoutError):
            for _ in range(most):
                left = chunk
                while left:
                    left = left[connection.send(left) :]
                sent += 1
        assert 0 < sent < most, "the service read on although nobody read from it"
        connection.settimeout(120)
        rest = threading.Thread(target=connection.sendall, args=(left + b"0\r\n\r\n",))
        rest.start()
        with connection.makefile("rb") as reply:
            while reply.readline().strip():
                pass
            answers = [json.loads(line) for line in _chunked_lines(reply)]
        rest.join()
    assert [answer["line"] for answer in answers] == list(range(1, sent + bool(left) + 1))
    assert http.get("/readyz").json() == {"status": "ok"}


def test_an_upload_that_breaks_off_leaves_what_was_inserted(http: httpx.Client, planted: Any):
    def body() -> Iterator[bytes]:
        for n in range(600):
            yield _field(n, planted.root)
        raise RuntimeError("the client is gone")

    with pytest.raises(RuntimeError, match="gone"):
        http.post("/v1/nodes:bulk", content=body(), headers=NDJSON)
    assert http.get("/readyz").json() == {"status": "ok"}
    # Only the first batch had arrived whole. Insertion is idempotent, so all are sent once more.
    again = send(http, *(json.loads(_field(n, planted.root)) for n in range(600)))
    assert {line["status"] for line in again} <= {"created", "existing"}
    assert http.get(f"/v1/nodes/{planted.root}/tree?depth=0").json()["counts"]["Field"] == 601
