"""What every response has: an ETag, headers for browsers, an id, a line in the log, a place in the counts."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from graph.database import Database
from service.http.documentation import INLINE
from service.http.request_log import shown
from service.logs import JsonFormatter
from service.server import running
from service.settings import Settings

READS = (
    *("/v1/nodes", "/v1/nodes?limit=1", "/v1/jobs", "/v1/queries", "/v1/tokens", "/openapi.json"),
    *(
        "/v1/nodes/{root}",
        "/v1/nodes/{root}/children",
        "/v1/nodes/{field}/parents",
        "/v1/nodes:resolve?path=Root",
    ),
    *("/v1/nodes/{field}/ancestors", "/v1/nodes/{root}/descendants", "/v1/nodes/{root}/tree"),
    *("/v1/nodes/{field}/paths", "/v1/nodes/{root}/coverage", "/v1/nodes/{root}/coverage?by=Field"),
    *("/v1/nodes/{root}/coverage/gaps", "/v1/nodes/{root}/instructions"),
)


@pytest.mark.parametrize("path", READS)
def test_a_read_that_is_there_already_is_not_sent_again(http: httpx.Client, planted: Any, path: str):
    url = path.format(root=planted.root, field=planted.field)
    first = http.get(url)
    etag = first.headers["etag"]
    assert re.fullmatch(r'(W/)?"[\w-]+"', etag)
    assert http.get(url).headers["etag"] == etag
    for wanted in (etag, f'"x", {etag}', "*", etag.removeprefix("W/")):
        again = http.get(url, headers={"If-None-Match": wanted})
        assert (again.status_code, again.content) == (304, b""), wanted
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == "private, no-cache"
    for wanted in ('"x"', "", etag[:-2] + '"'):
        assert http.get(url, headers={"If-None-Match": wanted}).content == first.content


def test_a_change_is_seen(http: httpx.Client, planted: Any, add: Any):
    node, children = f"/v1/nodes/{planted.root}", f"/v1/nodes/{planted.root}/children"
    tag, listed = http.get(node).headers["etag"], http.get(children).headers["etag"]
    assert re.fullmatch(rf'"{planted.root}-1-\w+"', tag)
    http.patch(node, json={"weight": 2}, headers={"If-Match": tag})
    add(http, "Field", "More", planted.root)
    assert http.get(node, headers={"If-None-Match": tag}).json()["weight"] == 2
    assert len(http.get(children, headers={"If-None-Match": listed}).json()["items"]) == 2


def test_streams_and_errors_have_no_etag(http: httpx.Client, planted: Any):
    ndjson = {"Accept": "application/x-ndjson", "If-None-Match": "*"}
    stream = http.get(f"/v1/nodes/{planted.root}/instructions", headers=ndjson)
    assert stream.status_code == 200
    missing = http.get("/v1/nodes/none", headers={"If-None-Match": "*"})
    assert missing.status_code == 404
    assert "etag" not in {**stream.headers, **missing.headers}


@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/nodes/none", "/nothing", "/healthz", "/docs", "/metrics"])
def test_headers_for_browsers(http: httpx.Client, path: str):
    headers = http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] in ("private, no-cache", "no-store")
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_loads_nothing_from_elsewhere(http: httpx.Client, path: str):
    page = http.get(path)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    for asset in re.findall(r"""(?:src|href)=["'](/[^"']+)["']""", page.text):
        assert http.get(asset).status_code == 200, asset
    policy = page.headers["content-security-policy"]
    assert policy.count("'sha256-") == len(INLINE.findall(page.content))
    assert "http" not in policy


# Origins, rates


@pytest.fixture(scope="module")
def lenient(settings: Settings, session_database: Database) -> Iterator[httpx.Client]:
    """A client of a service with a rate limit and one allowed origin."""
    own = settings.model_copy(
        update={
            "token": SecretStr("lenient"),
            "rate_limit": "5/minute",
            "cors_origins": "https://lab.example",
        }
    )
    with running(own, takes="none") as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def test_pages_of_the_origins_that_are_set_may_use_it(lenient: httpx.Client):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Idempotency-Key"}
    allowed = lenient.options("/v1/nodes", headers=asked | {"Origin": "https://lab.example"})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://lab.example"
    other = lenient.options("/v1/nodes", headers=asked | {"Origin": "https://evil.example"})
    assert other.status_code == 400
    assert "access-control-allow-origin" not in other.headers
    answer = lenient.get("/healthz", headers={"Origin": "https://lab.example"})
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_who_asks_too_often_is_told_when_to_come_back(lenient: httpx.Client, refused: Any):
    owner = {"Authorization": "Bearer lenient"}
    left = [lenient.get("/v1/queries", headers=owner).headers["ratelimit-remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    refusal = lenient.get("/v1/queries", headers=owner)
    assert "GLAN_RATE_LIMIT" in refused(refusal, 429)["detail"]
    assert 1 <= int(refusal.headers["retry-after"]) <= 60
    assert refusal.headers["ratelimit-limit"] == "5"
    # All wrong tokens share one count, and /healthz is open to everybody.
    guesses = [lenient.get("/v1/queries", headers={"Authorization": f"Bearer {n}"}) for n in range(8)]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 3
    assert all(lenient.get("/healthz").status_code == 200 for _ in range(10))


@pytest.mark.parametrize("text", ["many", "0/minute", "5/fortnight", "-1/second"])
def test_rates_that_are_none(text: str):
    with pytest.raises(ValidationError, match="600/minute"):
        Settings(rate_limit=text)


@pytest.mark.parametrize("text", ["lab.example", "*", "https://a/b", "https://*.example"])
def test_origins_that_are_none(text: str):
    with pytest.raises(ValidationError, match=r"https://lab\.example"):
        Settings(cors_origins=text)


# Ids, logs, counts


def test_every_request_has_an_id(http: httpx.Client, refused: Any):
    assert http.get("/v1/nodes", headers={"X-Request-ID": "import-7"}).headers["x-request-id"] == "import-7"
    ids = {http.get("/v1/nodes").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    for bad in ("a b", "x" * 129, "é", ""):
        given = httpx.Headers([(b"X-Request-ID", bad.encode())])
        assert re.fullmatch(r"[0-9a-f]{24}", http.get("/v1/nodes", headers=given).headers["x-request-id"])
    answer = http.get("/v1/nodes/none", headers={"X-Request-ID": "mine"})
    assert refused(answer, 404)["request_id"] == "mine"
    unknown = httpx.get(http.base_url.join("/v1/nodes"), headers={"X-Request-ID": "mine"})
    assert refused(unknown, 401)["request_id"] == "mine"


def test_every_request_is_a_line(http: httpx.Client, caplog: pytest.LogCaptureFixture):
    token = http.headers["authorization"].split()[1]
    secret = http.post("/v1/tokens", json={"name": "Ada", "scopes": ["read"]}).json()["token"]
    with caplog.at_level(logging.INFO, "glan.access"):
        http.get(
            "/v1/nodes?name=hidden", headers={"X-Request-ID": "mine", "Authorization": f"Bearer {secret}"}
        )
        http.delete(f"/v1/tokens/{secret}")
        http.get("/v1/nodes/a%0Ab")
        http.get("/healthz")  # by now the lines of the requests above are written
    lines = [json.loads(JsonFormatter().format(r)) for r in caplog.records if r.name == "glan.access"]
    lines = [line for line in lines if line["method"] != "POST"]  # the POST that created the token
    first = lines[0]
    assert (first["method"], first["path"], first["status"]) == ("GET", "/v1/nodes", 200)
    assert (first["caller"], first["client"]) == ("Ada", "127.0.0.1")
    assert first["bytes"] > 0
    assert first["ms"] > 0
    assert "GET /v1/nodes 200" in first["message"]
    text = json.dumps(lines)
    assert secret not in text
    assert token not in text
    assert "hidden" not in text
    assert [line["path"] for line in lines[1:3]] == ["/v1/tokens/glan_...", "/v1/nodes/a\\nb"]


def test_a_path_in_the_log_is_one_line():
    assert shown("/a\r\nGET /b\u2028\x1b[31m") == "/a\\r\\nGET /b\\u2028\\x1b[31m"


def test_requests_are_counted_by_route(http: httpx.Client, planted: Any):
    for path in (planted.root, planted.field, "none", "nothing"):
        http.get(f"/v1/nodes/{path}")
    http.get("/no/such/path")
    found = http.get("/metrics").text
    count = re.search(
        r'glan_http_requests_total\{method="GET",route="/v1/nodes/{node_id}",status="200"\} (\d+)', found
    )
    assert count
    assert int(count[1]) >= 2
    assert 'route="other",status="404"' in found
    assert 'glan_http_request_seconds_bucket{le="0.005",method="GET",route="/v1/nodes/{node_id}"}' in found
    assert planted.root not in found


def test_no_secret_is_shown_anywhere(http: httpx.Client, settings: Settings):
    token = http.headers["authorization"].split()[1]
    secret = http.post("/v1/tokens", json={"name": "Ada", "scopes": ["read"]}).json()["token"]
    shown_texts = [
        http.get(path).text
        for path in (
            "/docs",
            "/redoc",
            "/openapi.json",
            "/metrics",
            "/v1/tokens",
            "/v1/tokens/x",
            "/v1/queries",
        )
    ]
    own = settings.model_copy(update={"token": SecretStr(token), "openai_api_key": SecretStr("sk-own")})
    shown_texts += [repr(own), str(own), own.model_dump_json()]
    for text in shown_texts:
        assert token not in text
        assert secret not in text
        assert "sk-own" not in text


# JSON


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"kind":"Taxonomy","name":"T","name":"U"}', "'name' appears twice"),
        ('{"kind":"Taxonomy","name":"T","weight":NaN}', "NaN"),
        ('{"kind":"Taxonomy","name":"T","weight":-Infinity}', "-Infinity"),
        ('{"kind":"Taxonomy","name":"T","properties":{"a":1,"a":2}}', "twice"),
        ('{"a":' * 101 + "1" + "}" * 101, "deeper than 100"),
        ("[" * 100_000, "deeper than 100"),
        ('{"kind":"Taxonomy","name":"\xff"}'.encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_json_is_said_so(http: httpx.Client, refused: Any, body: str | bytes, says: str):
    problem = refused(http.post("/v1/nodes", content=body, headers={"Content-Type": "application/json"}), 422)
    assert says in problem["detail"]
    assert http.get("/v1/nodes").json()["items"] == []


@pytest.mark.parametrize("number", [2**53 + 1, -(2**63), 2**63 - 1])
def test_large_numbers_stay_as_they_are(http: httpx.Client, number: int):
    node = {"kind": "Taxonomy", "name": "T", "properties": {"n": number}}
    made = http.post("/v1/nodes", json=node).json()
    assert http.get(f"/v1/nodes/{made['id']}").json()["properties"]["n"] == number


@pytest.mark.parametrize("name", ["سلام عليكم", "🎓👩‍🔬 ∮", "e\u0301", "𝔘𝔫𝔦", "a" * 1000])
def test_names_of_all_scripts_come_back(http: httpx.Client, name: str):
    made = http.post("/v1/nodes", json={"kind": "Taxonomy", "name": name}).json()
    assert http.get(f"/v1/nodes/{made['id']}").json()["name"] == name
    assert [n["id"] for n in http.get("/v1/nodes", params={"name": name}).json()["items"]] == [made["id"]]
