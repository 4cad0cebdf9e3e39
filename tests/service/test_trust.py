"""What the service trusts in a request: neither a page's intentions nor a client's claimed address."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from planting import wipe
from pydantic import SecretStr, ValidationError

from graph.database import Address, Database
from graph.errors import DatabaseUnavailable
from service.app import build_app
from service.server import running
from service.settings import Settings

NDJSON = b'{"kind":"Taxonomy","name":"x"}'
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
PASSWORD = "s3cret"


# Pages


@pytest_asyncio.fixture(scope="module")
async def unguarded(session_database: Database, settings: Settings) -> AsyncIterator[str]:
    """The address of a service without a token that allows one other origin."""
    # A token that another file left in the graph would close the service, which remembers that for a while.
    await wipe(session_database)
    with running(settings.model_copy(update={"cors_origins": "https://lab.example"}), takes="none") as url:
        yield url


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/nodes:bulk"),
        ("POST", "/v1/jobs/none:pause"),
        ("POST", "/v1/cypher"),
        ("PATCH", "/v1/nodes/none"),
        ("PUT", "/v1/nodes/a/children/b"),
        ("DELETE", "/v1/nodes/none"),
    ],
)
def test_a_page_of_another_origin_changes_nothing(
    unguarded: str, refused: Any, headers: dict[str, str], method: str, path: str
):
    said = refused(httpx.request(method, unguarded + path, headers=headers), 403)["detail"]
    assert "GLAN_CORS_ORIGINS" in said


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://lab.example"},
        {"Origin": "https://lab.example", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_its_own_pages_and_those_named_and_what_is_not_a_browser_may(
    unguarded: str, database: Database, headers: dict[str, str]
):
    for more in ({}, {"Origin": unguarded} if not headers else {}):
        answer = httpx.post(f"{unguarded}/v1/nodes:bulk", content=NDJSON, headers=headers | more)
        assert answer.status_code == 200, answer.text


def test_reading_is_free_of_it(unguarded: str, database: Database):
    """A page elsewhere cannot read the response, because no header allows it."""
    answer = httpx.get(f"{unguarded}/v1/nodes", headers={"Origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


# Addresses


@pytest.fixture
def guarded(settings: Settings, database: Database) -> Callable[..., Any]:
    """Starts a service with a rate limit and the given settings."""

    def start(**more: Any) -> Any:
        own = {"token": SecretStr("guarded"), "rate_limit": "3/minute"} | more
        return running(settings.model_copy(update=own), takes="none")

    return start


def clients(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {record.fields["client"] for record in caplog.records if hasattr(record, "fields")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("proxies", [None, "203.0.113.1, 10.0.0.0/8"])
def test_an_address_that_a_client_gives_itself_is_not_believed(
    guarded: Callable[..., Any], caplog: pytest.LogCaptureFixture, proxies: str | None
):
    with caplog.at_level(logging.INFO, "glan.access"), guarded(trusted_proxies=proxies) as url:
        guesses = [
            httpx.get(
                f"{url}/v1/nodes",
                headers={"Authorization": f"Bearer {n}", "X-Forwarded-For": f"203.0.113.{n}"},
            ).status_code
            for n in range(6)
        ]
    assert guesses == [401] * 3 + [429] * 3
    assert clients(caplog) == {"127.0.0.1"}


def test_a_proxy_that_is_named_is_believed_but_not_what_it_was_told(
    guarded: Callable[..., Any], caplog: pytest.LogCaptureFixture
):
    def guess(url: str, forwarded: str) -> int:
        return httpx.get(f"{url}/v1/nodes", headers={"X-Forwarded-For": forwarded}).status_code

    with (
        caplog.at_level(logging.INFO, "glan.access"),
        guarded(trusted_proxies="127.0.0.1, 10.0.0.0/8") as url,
    ):
        # Entries before the proxy's own are the client's claims; 10.0.0.7 is another trusted proxy.
        evading = [guess(url, f"198.51.100.{n}, 203.0.113.9, 10.0.0.7") for n in range(5)]
        other = guess(url, "203.0.113.10")
    assert evading == [401] * 3 + [429] * 2
    assert other == 401
    assert clients(caplog) == {"203.0.113.9", "203.0.113.10"}


@pytest.mark.parametrize("text", ["*", "proxy", "10.0.0.1/8", "10.0.0.0/99", "127.0.0.1 10.0.0.1"])
def test_proxies_that_are_no_addresses(text: str):
    with pytest.raises(ValidationError, match="neither an address nor a network"):
        Settings(trusted_proxies=text)


# What is not HTTP


async def test_no_scope_but_http_reaches_a_route(settings: Settings):
    app, sent = build_app(settings, takes="none"), list[Any]()

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    for path in ("/v1/nodes", "/healthz", "/nothing"):
        await app({"type": "websocket", "path": path, "headers": [], "query_string": b""}, receive, send)
    await asyncio.wait_for(app({"type": "other", "path": "/"}, receive, send), 5)
    assert sent == [{"type": "websocket.close", "code": 1008}] * 3


def test_a_request_to_upgrade_is_an_ordinary_request(unguarded: str, caplog: pytest.LogCaptureFixture):
    port = httpx.URL(unguarded).port
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    upgrade += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    for host, status in (("localhost", b"200"), ("evil.example", b"403")):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(f"GET /v1/queries HTTP/1.1\r\nHost: {host}\r\n{upgrade}\r\n".encode())
            assert connection.recv(12)[9:] == status
    assert "install" not in caplog.text


# Passwords and names


@pytest.mark.parametrize(
    "uri",
    [
        f"bolt://neo4j:{PASSWORD}@127.0.0.1:1",
        f"neo4j+s://neo4j:{PASSWORD}/@x@127.0.0.1:1",
        f"bolt//neo4j:{PASSWORD}@127.0.0.1",
        f"{PASSWORD}@bolt://127.0.0.1:1",
        f"bolt://127.0.0.1:1?password={PASSWORD}",
        f"neo4j://127.0.0.1:1/{PASSWORD}",
        f"http://127.0.0.1:1/#{PASSWORD}",
    ],
)
async def test_a_password_in_the_address_of_neo4j_is_shown_nowhere(
    uri: str, caplog: pytest.LogCaptureFixture
):
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        try:
            Settings(neo4j_uri=uri)
        except ValidationError as error:
            said += [str(error), repr(error)]
        with pytest.raises(DatabaseUnavailable) as refusal:
            await Database.open(Address(uri, "neo4j", "x"))
        said += [str(refusal.value), repr(refusal.value.__cause__)]
    assert "127.0.0.1" in said[-2]
    assert PASSWORD not in "".join(said)
    assert PASSWORD not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("glan"))


def test_a_release_is_signed_with_the_name_of_the_token(http: httpx.Client, planted: Any):
    made = http.post("/v1/tokens", json={"name": "lab", "scopes": ["read", "write"]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    body = {"name": "one-1.0", "node_id": planted.discipline}
    answer = http.post("/v1/releases", json=body, headers=bearer)
    assert (answer.status_code, answer.json()["created_by"]) == (201, "lab")
