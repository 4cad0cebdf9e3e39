"""Bearer tokens: what each scope allows, secrets shown only once, and immediate revocation."""

import hashlib
import json
import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from planting import rows_of

from graph.database import Database
from service.app import build_app
from service.http import auth
from service.http.errors import addresses
from service.http.scopes import needed
from service.server import beside
from service.settings import Settings


def made(http: httpx.Client, name: str, *scopes: str, **rest: Any) -> dict[str, Any]:
    answer = http.post("/v1/tokens", json={"name": name, "scopes": list(scopes), **rest})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


@contextmanager
def bearing(http: httpx.Client, token: str) -> Generator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=http.base_url, headers=headers, timeout=60) as client:
        yield client


# Requests that each scope allows: method, path and the body needed to reach the route.
CALLS = {
    "read": [
        ("GET", "/v1/nodes", None),
        ("GET", "/v1/queries", None),
        ("POST", "/v1/queries/explore.disciplines", {"params": {"id": "x"}}),
        ("POST", "/v1/nodes/none:diff", {"with": "none"}),
        ("GET", "/v1/jobs", None),
        ("GET", "/metrics", None),
    ],
    "write": [
        ("POST", "/v1/nodes", {"kind": "Taxonomy", "name": "T"}),
        ("POST", "/v1/nodes:bulk", []),
        ("DELETE", "/v1/nodes/none", None),
        ("PUT", "/v1/nodes/none/children/none", None),
        ("PATCH", "/v1/nodes/none", {}),
    ],
    "generate": [
        ("POST", "/v1/jobs", {"root_id": "none"}),
        ("POST", "/v1/jobs:estimate", {"root_id": "none"}),
        ("POST", "/v1/jobs/none:cancel", None),
    ],
}


@pytest.mark.parametrize("scope", CALLS)
def test_a_token_may_do_what_its_scope_says_and_nothing_else(http: httpx.Client, refused: Any, scope: str):
    token = made(http, f"only {scope}", scope)["token"]
    with bearing(http, token) as client:
        for needs, calls in CALLS.items():
            for method, path, body in calls:
                answer = client.request(method, path, json=body)
                if needs == scope:
                    assert answer.status_code not in (401, 403, 500), (path, answer.text)
                else:
                    detail = refused(answer, 403)["detail"]
                    assert f"the scope {needs}" in detail
                    assert f"only {scope} has {scope}" in detail
        for method, path in (("GET", "/v1/tokens"), ("POST", "/v1/tokens"), ("DELETE", "/v1/tokens/x")):
            assert "GLAN_TOKEN" in refused(client.request(method, path), 403)["detail"]


def test_a_token_is_shown_once_and_its_hash_alone_is_stored(http: httpx.Client, database: Database):
    token = made(http, "notebook", "read", "write")
    assert token["scopes"] == ["read", "write"]
    assert len(token["token"]) >= 43
    [listed] = http.get("/v1/tokens").json()["items"]
    assert listed == {name: value for name, value in token.items() if name != "token"}


async def test_what_is_stored(http: httpx.Client, database: Database):
    secret = made(http, "notebook", "read")["token"]
    rows = await rows_of(database, "MATCH (n) RETURN properties(n) AS p")
    stored = json.dumps([row["p"] for row in rows], default=str)
    assert secret not in stored
    assert hashlib.sha256(secret.encode()).hexdigest() in stored


def test_revoked_is_refused_at_once_and_expired_in_time(http: httpx.Client, refused: Any):
    token = made(http, "ci", "read")
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    short = made(http, "short", "read", expires_at=soon)
    with bearing(http, token["token"]) as client, bearing(http, short["token"]) as brief:
        assert client.get("/v1/nodes").status_code == 200
        assert brief.get("/v1/nodes").status_code == 200
        [revoked] = http.delete("/v1/tokens/ci").json()["items"]
        assert revoked["revoked_at"]
        assert refused(client.get("/v1/nodes"), 401)["detail"]
        while datetime.now(UTC).isoformat() < soon:
            time.sleep(0.05)
        refused(brief.get("/v1/nodes"), 401)
    assert http.delete(f"/v1/tokens/{token['id']}").json()["items"] == [revoked]
    refused(http.delete("/v1/tokens/nobody"), 404)


def test_a_name_is_one_token_s_until_it_is_revoked(http: httpx.Client, refused: Any):
    first = made(http, "ci", "read")
    answer = http.post("/v1/tokens", json={"name": "ci", "scopes": ["write"]})
    assert "revoke it first" in refused(answer, 409)["detail"]
    http.delete("/v1/tokens/ci")
    second = made(http, "ci", "write")
    assert {first["id"], second["id"]} == {t["id"] for t in http.get("/v1/tokens").json()["items"]}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "rest", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["admin"]},
        {"name": "x", "scopes": ["read"], "expires_at": "tomorrow"},
        {"name": "x", "scopes": ["read"], "expires_at": "2030-01-01T00:00:00"},
        {"name": "x", "scopes": ["read"], "token": "mine"},
        {"name": "x" * 300, "scopes": ["read"]},
        {"name": "x\u0000", "scopes": ["read"]},
    ],
)
def test_no_token_of_this_kind(http: httpx.Client, refused: Any, body: dict[str, Any]):
    refused(http.post("/v1/tokens", json=body), 422)


def test_changes_are_signed_with_the_token_s_name(http: httpx.Client):
    with bearing(http, made(http, "Ada", "write", "read")["token"]) as client:
        node = client.post("/v1/nodes", json={"kind": "Taxonomy", "name": "T"}).json()
        line = client.post("/v1/nodes:bulk", json=[{"kind": "Taxonomy", "name": "U"}]).json()
        assert node["created_by"] == "Ada"
        assert client.get(f"/v1/nodes/{line['id']}").json()["created_by"] == "Ada"


@pytest.fixture
def open_service(settings: Settings, database: Database) -> Generator[httpx.Client]:
    """A client of a service without GLAN_TOKEN."""
    from service.server import running

    with (
        running(settings, takes="none") as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_a_token_in_the_graph_closes_an_open_service(
    open_service: httpx.Client, http: httpx.Client, refused: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(auth, "REMEMBERED_S", 0.0)
    assert open_service.get("/v1/nodes").status_code == 200
    assert "GLAN_TOKEN" in refused(open_service.get("/v1/tokens"), 403)["detail"]
    secret = made(http, "ci", "read")["token"]
    refused(open_service.get("/v1/nodes"), 401)
    with bearing(open_service, secret) as client:
        assert client.get("/v1/nodes", headers={"Host": "glan.example"}).status_code == 200
        http.delete("/v1/tokens/ci")
        # The last token is gone: the service is open to this machine again, whatever token is sent.
        assert client.get("/v1/nodes").status_code == 200
        refused(client.get("/v1/nodes", headers={"Host": "glan.example"}), 403)


def test_the_command_makes_lists_and_revokes(alone: Any, glan: Any, http: httpx.Client, refused: Any):
    made = alone.json("token", "create", "ci", "--scope", "read", "--scope", "write", "--expires", "30d")
    with bearing(http, made["token"]) as client:
        assert client.get("/v1/nodes").status_code == 200
    days = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < days < timedelta(days=31)
    plain = glan("token", "create", "reader")
    assert re.fullmatch(r"glan_[\w-]{43}\n", plain.stdout)
    assert "cannot be shown again" in plain.stderr
    assert [t["name"] for t in glan.json("token", "list")] == ["reader", "ci"]
    assert "live until" in glan("token", "list").stdout
    assert glan.json("token", "revoke", "reader")[0]["revoked_at"]
    assert "no token has" in glan("token", "revoke", "nobody", code=1).stderr
    assert "30d" in glan("token", "create", "x", "--expires", "soon", code=2).stderr
    assert "--scope" in glan("token", "create", "x", "--scope", "all", code=2).stderr


# Every route that changes or costs something, and the scope it needs; add new routes here.
CHANGING = {
    "POST /v1/nodes": "write",
    "POST /v1/nodes:bulk": "write",
    "PATCH /v1/nodes/{node_id}": "write",
    "DELETE /v1/nodes/{node_id}": "write",
    "PUT /v1/nodes/{node_id}/children/{child_id}": "write",
    "DELETE /v1/nodes/{node_id}/children/{child_id}": "write",
    "POST /v1/nodes/{node_id}:find_duplicates": "write",
    "POST /v1/proposals": "write",
    "POST /v1/imports": "write",
    "POST /v1/imports:announce": "write",
    "POST /v1/imports/{import_id}:report": "write",
    "POST /v1/imports/{import_id}/problems": "write",
    "POST /v1/proposals:decide": "write",
    "POST /v1/proposals/{proposal_id}:accept": "write",
    "POST /v1/proposals/{proposal_id}:reject": "write",
    "POST /v1/reconcile/{node_id}": "read",
    "POST /v1/jobs": "generate",
    "POST /v1/jobs:estimate": "generate",
    "POST /v1/jobs/{job_id}:pause": "generate",
    "POST /v1/jobs/{job_id}:resume": "generate",
    "POST /v1/jobs/{job_id}:cancel": "generate",
    "POST /v1/jobs/{job_id}:reparse": "generate",
    "POST /v1/queries/{name}": "read",
    "POST /v1/nodes/{node_id}:diff": "read",
    "POST /v1/nodes/{node_id}:move": "write",
    "POST /v1/nodes/{node_id}:merge": "write",
    "POST /v1/releases": "write",
    "POST /v1/instructions/{instruction_id}:waive": "write",
    "POST /v1/instructions:decide": "write",
    "POST /v1/rounds": "write",
    "POST /v1/rounds/{round_id}:close": "write",
    "POST /v1/rounds/{round_id}:reopen": "write",
    "PUT /v1/rounds/{round_id}/votes/{node_id}": "write",
    "DELETE /v1/rounds/{round_id}/votes/{node_id}": "write",
    "POST /v1/rounds/{round_id}/votes:bulk": "write",
    "POST /v1/checks": "write",
    "POST /v1/checks:estimate": "write",
    "POST /v1/checks/{check_id}:undo": "write",
    "POST /v1/checks/{check_id}:pause": "write",
    "POST /v1/checks/{check_id}:resume": "write",
    "POST /v1/rules:calibrate": "write",
    "POST /v1/tests": "generate",
    "POST /v1/tests:estimate": "generate",
    "DELETE /v1/tests/{name}": "generate",
    "POST /v1/tests/{name}/answers": "write",
    "POST /v1/tests/{name}/runs": "generate",
    "POST /v1/tests/{name}/runs:estimate": "generate",
    "POST /v1/benchmarks": "write",
    "DELETE /v1/benchmarks/{name}": "write",
    "POST /v1/cypher": "read",
    "POST /v1/tokens": "admin",
    "DELETE /v1/tokens/{token}": "admin",
}
PUBLIC = {"GET /healthz", "GET /readyz", "GET /guide", "OPTIONS /guide"}


def operations() -> Iterator[tuple[str, str, str]]:
    for path, methods in addresses(build_app(Settings.model_construct())):
        for method in sorted(methods):
            yield f"{method} {path}", method, re.sub(r"\{\w+\}", "some.name", path)


def test_every_route_has_its_scope():
    shown = build_app(Settings.model_construct()).openapi()["paths"]
    found = {name for name, _, _ in operations()}
    assert found >= {f"{method.upper()} {path}" for path, methods in shown.items() for method in methods}
    for name, method, path in operations():
        if name in PUBLIC:
            assert needed(method, path) is None, name
        elif method == "GET" or method == "HEAD":
            assert needed(method, path) == ("admin" if path.startswith("/v1/tokens") else "read"), name
        else:
            expected = CHANGING.get(name)
            assert expected, f"{name} needs a scope: say which, here and in service/http/scopes.py"
            assert needed(method, path) == expected, name


def test_what_no_route_has_needs_the_most():
    assert needed("BREW", "/v1/anything") == "write"
    assert needed("POST", "/healthz") == "write"
    assert needed("GET", "/healthz/x") == "read"
    assert needed("POST", "/v1/queriesx") == "write"


def test_a_command_of_its_own_service_needs_none(settings: Settings, http: httpx.Client):
    made(http, "ci", "read")
    with beside(settings, takes="none") as (url, token):
        answer = httpx.get(f"{url}/v1/tokens", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
