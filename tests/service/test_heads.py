"""HEAD, encodings of bodies, and addresses in responses, also behind a proxy with a path prefix."""

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from graph.database import Database
from service.app import build_app
from service.server import running
from service.settings import Settings

PATHS: dict[str, dict[str, Any]] = build_app(Settings.model_construct()).openapi()["paths"]
READS = [path for path, operations in PATHS.items() if "get" in operations]
PASSING = ("x-request-id", "date", "content-length", "transfer-encoding", "connection")
NODE = {"kind": "Taxonomy", "name": "T"}


@pytest.mark.parametrize("path", ["/", "/docs", *READS])
def test_head_is_get_without_the_body(http: httpx.Client, planted: Any, path: str):
    address = path.replace("{node_id}", planted.root).replace("{name}", "explore.jobs")
    if path == "/v1/nodes:resolve":
        address += "?path=Root"
    address = re.sub(r"\{\w+\}", "none", address)
    if address == "/v1/jobs/events":
        with http.stream("GET", address) as answer:
            got, length = answer, None
    else:
        got = http.get(address)
        length = got.headers.get("content-length")
    head = http.head(address)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers.get("content-length") == length or path == "/metrics"
    kept = {name: value for name, value in got.headers.items() if name not in PASSING}
    assert {name: value for name, value in head.headers.items() if name not in PASSING} == kept


@pytest.mark.parametrize("format", ["ndjson", "parquet", "json"])
def test_head_of_a_pull_says_when_it_is_another(http: httpx.Client, planted: Any, add: Any, format: str):
    url, params = f"/v1/nodes/{planted.root}/instructions", {"format": format}
    first, again = http.head(url, params=params), http.head(url, params=params)
    assert first.headers["etag"] == again.headers["etag"]
    if format != "json":  # the ETag of a page is a digest of its content
        assert http.head(url, params=params | {"layout": "alpaca"}).headers["etag"] != first.headers["etag"]
        add(http, "Discipline", "More", planted.field)
        assert http.head(url, params=params).headers["etag"] != first.headers["etag"]


def test_head_refuses_as_get_does(http: httpx.Client, planted: Any):
    assert http.head("/v1/nodes", params={"nonsense": 1}).status_code == 422
    assert http.head("/v1/nodes/none").status_code == 404
    assert http.head("/v1/nodes/none/instructions", params={"format": "ndjson"}).status_code == 404
    assert http.head("/v1/cypher").status_code == 405
    tag = http.get(f"/v1/nodes/{planted.root}").headers["etag"]
    assert http.head(f"/v1/nodes/{planted.root}", headers={"If-None-Match": tag}).status_code == 304
    with httpx.Client(base_url=http.base_url) as stranger:
        assert stranger.head("/v1/nodes").status_code == 401


@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/nodes:bulk", "/v1/cypher"])
@pytest.mark.parametrize("coding", ["gzip", "zstd", "br, gzip"])
def test_a_compressed_body_is_refused_by_name(http: httpx.Client, refused: Any, path: str, coding: str):
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    answer = http.post(path, content=gzip.compress(json.dumps(NODE).encode()), headers=headers)
    assert f"Content-Encoding: {coding}" in refused(answer, 415)["detail"]
    plain = http.post("/v1/nodes", json=NODE, headers={"Content-Encoding": "identity"})
    assert plain.status_code == 201


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", None])
@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/cypher", "/v1/jobs", "/v1/nodes:bulk"])
def test_json_under_another_name(http: httpx.Client, refused: Any, path: str, kind: str | None):
    """`curl -d` sends JSON as a form; only NDJSON may come without a Content-Type."""
    headers = {"Content-Type": kind} if kind else {}
    answer = http.post(path, content=json.dumps(NODE), headers=headers)
    if path == "/v1/nodes:bulk" and kind is None:
        assert answer.status_code == 200
        return
    said = refused(answer, 415)["detail"]
    assert "send Content-Type: application/" in said
    assert kind is None or kind in said


def test_the_top_says_where_things_are(http: httpx.Client, refused: Any):
    with httpx.Client(base_url=http.base_url) as stranger:
        places = stranger.get("/").json()["places"]
        assert {"/docs", "/guide", "/v1/nodes"} <= places.keys()
        for path in ("/docs", "/openapi.json", "/guide", "/healthz", "/readyz"):
            assert stranger.get(path).status_code == 200
        assert "/docs" in refused(stranger.get("/ui"), 404)["detail"]
    for path in places:
        assert http.get(path).status_code == 200
    assert "/docs" in refused(http.get("/v1/nothing"), 404)["detail"]


# Behind a proxy


@pytest.fixture(scope="module")
def below(settings: Settings, session_database: Database) -> Iterator[httpx.Client]:
    """A service that a proxy serves under /glan."""
    own = settings.model_copy(update={"token": SecretStr("below"), "root_path": "/glan"})
    with running(own, takes="none") as url:
        headers = {"Authorization": "Bearer below"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            yield client


@pytest.mark.parametrize("left_on", ["/glan", ""])
def test_addresses_lead_through_the_proxy(below: httpx.Client, database: Database, left_on: str):
    """Whether the proxy strips the prefix or leaves it on."""
    made = below.post(f"{left_on}/v1/nodes", json=NODE)
    assert made.headers["location"] == f"/glan/v1/nodes/{made.json()['id']}"
    assert below.get(made.headers["location"]).json() == made.json()
    assert below.get(f"{left_on}/").json()["places"]["/glan/docs"]
    page = below.get(f"{left_on}/docs").text
    for asset in re.findall(r"""(?:src|href)=["'](/[^"']+)["']""", page):
        assert asset.startswith("/glan/")
        assert below.get(asset).status_code == 200
    assert "'/glan/openapi.json'" in page.replace('"', "'")
    assert below.get(f"{left_on}/openapi.json").json()["servers"] == [{"url": "/glan"}]


def test_no_path_is_let_in_by_the_prefix(below: httpx.Client, database: Database, refused: Any):
    with httpx.Client(base_url=below.base_url) as stranger:
        for path in ("/glan/v1/tokens", "/glanv1/nodes", "/glan/glan/healthz", "/glan"):
            status = 200 if path == "/glan" else 401
            assert stranger.get(path).status_code == status, path


@pytest.mark.parametrize("text", ["glan", "/", "/glan/", "//glan", "/a b", "/ü", "https://x/y"])
def test_prefixes_that_are_none(text: str):
    with pytest.raises(ValueError, match="must be a path such as /glan"):
        Settings(root_path=text)
