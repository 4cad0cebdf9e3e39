"""Input that no client sends on purpose is answered with a problem document, never with a 500."""

import base64
import json
from typing import Any

import httpx
import pytest

JSON = {"Content-Type": "application/json"}
HUGE = b"9" * 40
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES: list[bytes] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    DEEP,
    b'{"a":' * 100_000,
    b'{"kind":"Taxonomy","name":"\\u0000"}',
    b'{"kind":"Taxonomy","name":"\\ud800"}',
    b'{"kind":"Taxonomy","name":"x","\\ud800":1}',
    b'{"kind":"\\ud800","name":"x"}',
    b'{"kind":"Field","name":"x","parent_id":"\\ud800"}',
    b'{"kind":"Field","name":"x","parent_ids":["\\ud800"]}',
    b'{"kind":"Taxonomy","name":"x","weight":NaN}',
    b'{"kind":"Taxonomy","name":"x","weight":1e999}',
    b'{"kind":"Taxonomy","name":"x","position":' + HUGE + b"}",
    b'{"kind":"Taxonomy","name":"x","properties":{"a":' + HUGE + b"}}",
    b'{"kind":"Taxonomy","name":"x","properties":{"a":' + b"9" * 5000 + b"}}",
    b'{"kind":"Taxonomy","name":"x","properties":{"a":Infinity}}',
    b'{"kind":"Taxonomy","name":"x","properties":{"\\ud800":1}}',
    b'{"kind":"Taxonomy","name":"x","properties":{"a":' + DEEP + b"}}",
    json.dumps({"kind": "Taxonomy", "name": "n" * 10_240}).encode(),
    b'{"root_id":"\\ud800"}',
    b'{"root_id":"x","seed":' + HUGE + b"}",
    b'{"root_id":"x","until":{"instructions_per_concept":NaN}}',
    b'{"params":{"\\ud800":1}}',
    b'{"params":{"id":"\\ud800"}}',
    b'{"params":{"id":"x","limit":' + HUGE + b"}}",
    b'{"params":{"id":"x","limit":NaN}}',
    b'{"params":{"id":"x","limit":-1}}',
]


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


CURSORS = [
    *("", "garbage", "\0", "é", "=", "A", "x" * 5000, cursor("[" * 300), cursor("[]"), cursor("{}")),
    *(cursor('["a","b","c"]'), cursor("[1]"), cursor("[NaN]"), cursor('["\\ud800"]')),
    *(cursor('[1e999,"a"]'), cursor('[1,"\\ud800"]'), cursor('["\\ud800",""]')),
    *(cursor(f'[{"9" * 30},"a"]'), cursor(f'[1{"0" * 330},"a"]')),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:60].decode(errors="replace"))
def test_odd_bodies(http: httpx.Client, planted: Any, refused: Any, body: bytes):
    for method, url in (
        ("POST", "/v1/nodes"),
        ("PATCH", f"/v1/nodes/{planted.field}"),
        ("POST", "/v1/jobs"),
        ("POST", "/v1/queries/explore.stale"),
    ):
        answer = http.request(method, url, content=body, headers=JSON | {"If-Match": '"1"'})
        refused(answer, answer.status_code)
        assert answer.status_code in (400, 404, 409, 422)
        assert "codec" not in answer.text


def test_a_cursor_is_of_one_list(http: httpx.Client, planted: Any, refused: Any):
    below = f"/v1/nodes/{planted.root}"
    lists = ["/v1/nodes", f"{below}/ancestors", f"{below}/descendants", f"{below}/coverage?by=KeyConcept"]
    given = {
        url: http.get(url, params=httpx.URL(url).params.merge({"limit": 1})).json()["next"] for url in lists
    }
    for url in lists:
        for other, cursor in given.items():
            if cursor is not None:
                answer = http.get(url, params=httpx.URL(url).params.merge({"cursor": cursor}))
                assert answer.status_code == (200 if url == other else 422), (url, other)


@pytest.mark.parametrize("cursor", CURSORS, ids=lambda text: text[:30])
def test_odd_cursors(http: httpx.Client, planted: Any, refused: Any, cursor: str):
    for url in (
        *("/v1/nodes", "/v1/nodes?q=x", f"/v1/nodes?under={planted.root}", "/v1/jobs"),
        *(f"/v1/nodes/{planted.root}/{name}" for name in ("children", "parents", "ancestors", "descendants")),
        *(
            f"/v1/nodes/{planted.root}/{name}"
            for name in ("coverage/gaps", "instructions", "descendants?depth=2")
        ),
    ):
        answer = http.get(url, params=httpx.URL(url).params.merge({"cursor": cursor}))
        if answer.status_code != 200:
            refused(answer, 422)
        else:
            assert answer.json().keys() == {"items", "next"}
    for accept in ("application/json", "application/x-ndjson"):
        url = f"/v1/nodes/{planted.root}/instructions"
        answer = http.get(url, params={"cursor": "garbage"}, headers={"Accept": accept})
        refused(answer, 422)


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1001", "limit=-1", "limit=ten", "limit=1.5", f"limit={'9' * 5000}", "limit="),
        *("kind=Planet", "status=asleep", "kind="),
    ],
)
def test_parameters_out_of_range(http: httpx.Client, refused: Any, query: str):
    problem = refused(http.get(f"/v1/nodes?{query}"), 422)
    assert problem["errors"][0]["where"].startswith(f"query.{query.split('=')[0]}")


@pytest.mark.parametrize(
    "url",
    [
        *("/v1/nodes?q=%00", "/v1/nodes?name=%00", "/v1/nodes?q=" + "a%20" * 5000, "/v1/nodes?q=*%3A*"),
        *(
            "/v1/nodes/%00",
            "/v1/nodes/%ff",
            "/v1/nodes/%ed%a0%80",
            "/v1/nodes/%2e%2e",
            "/v1/nodes/" + "x" * 10_000,
        ),
        *(
            "/v1/nodes:resolve?path=%00",
            "/v1/nodes:resolve?path=%ff",
            "/v1/nodes:resolve?path=" + "a/" * 5000,
        ),
        *(
            "/v1/nodes?under=%00",
            "/v1/nodes?name=" + "n" * 10_240,
            "/v1/nodes?q=%F0%9F%8E%93",
            "/v1/jobs/%00",
        ),
        *("/v1/instructions/%00", "/v1/jobs?spec_key=%00", "/v1/nodes?q=AND%20OR%20NOT%20%28"),
    ],
    ids=lambda url: url[:40],
)
def test_odd_addresses(http: httpx.Client, planted: Any, refused: Any, url: str):
    answer = http.get(url)
    if answer.status_code != 200:
        refused(answer, answer.status_code)
    assert answer.status_code in (200, 404, 422)
