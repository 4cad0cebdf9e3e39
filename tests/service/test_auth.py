"""Which clients are served: those that use this machine's own names, or those that have a token."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from graph.access import tokens
from graph.access.tokens import Scope
from graph.database import Database
from graph.embedded.attach import Attachment
from service.http.auth import Access
from service.loopback import NotLoopback, is_loopback
from service.server import _Thread, make_server, running
from service.settings import Settings

SECRET = "a-token-nobody-may-read"


@pytest.fixture(scope="module")
def unguarded(neo4j: Attachment, settings: Settings) -> Iterator[str]:
    """The address of a service without a token."""
    with running(settings, takes="none") as url:
        yield url


@pytest.mark.parametrize("host", ["localhost", "localhost:8321", "127.0.0.1", "127.9.9.9:1", "[::1]:80"])
def test_names_of_this_machine_are_answered(unguarded: str, database: Database, host: str):
    assert httpx.get(f"{unguarded}/v1/nodes", headers={"Host": host}).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "[fe80::1]"]
)
def test_other_names_are_refused(unguarded: str, refused: Any, host: str):
    """A page in a browser can reach loopback under the page's own name (DNS rebinding)."""
    for path in ("/v1/nodes", "/docs", "/openapi.json", "/nothing"):
        refused(httpx.get(unguarded + path, headers={"Host": host}), 403)
    answer = httpx.post(
        f"{unguarded}/v1/nodes", json={"kind": "Taxonomy", "name": "x"}, headers={"Host": host}
    )
    refused(answer, 403)
    assert httpx.get(f"{unguarded}/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer é", "Bearer\tx"])
def test_without_the_token_nothing_is_answered(session_http: httpx.Client, refused: Any, sent: str | None):
    headers = httpx.Headers({} if sent is None else [(b"Authorization", sent.encode("utf-8", "replace"))])
    for method, path in (("GET", "/v1/nodes"), ("POST", "/v1/nodes:bulk"), ("POST", "/docs"), ("GET", "/x")):
        with httpx.Client(base_url=session_http.base_url) as client:
            answer = client.request(method, path, headers=headers)
        refused(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_with_the_token_any_name_is_answered_and_health_is_open(session_http: httpx.Client):
    assert session_http.get("/v1/queries", headers={"Host": "glan.example"}).status_code == 200
    assert httpx.get(session_http.base_url.join("/healthz")).json() == {"status": "ok"}
    assert httpx.get(session_http.base_url.join("/readyz")).json() == {"status": "ok"}


def test_the_documentation_can_be_read_in_a_browser_which_brings_no_token(session_http: httpx.Client):
    for path in ("/docs", "/redoc", "/openapi.json", "/static-offline-docs/swagger-ui.css"):
        assert httpx.get(session_http.base_url.join(path)).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_a_page_elsewhere_changes_nothing(unguarded: str, database: Database, refused: Any, origin: str):
    """A browser sends such a request without a preflight, because it has only simple headers."""
    line = b'{"kind":"Taxonomy","name":"x"}'
    refused(httpx.post(f"{unguarded}/v1/nodes:bulk", content=line, headers={"Origin": origin}), 403)
    assert httpx.get(f"{unguarded}/v1/nodes", headers={"Origin": origin}).json()["items"] == []
    here = {"Origin": unguarded}
    assert httpx.post(f"{unguarded}/v1/nodes:bulk", content=line, headers=here).status_code == 200


def test_a_token_is_no_part_of_what_is_shown_or_logged(
    settings: Settings, session_http: httpx.Client, caplog: pytest.LogCaptureFixture
):
    guarded = settings.model_copy(update={"token": SecretStr(SECRET), "openai_api_key": SecretStr(SECRET)})
    assert SECRET not in repr(guarded) + str(guarded) + guarded.model_dump_json()
    token = session_http.headers["authorization"].split()[1]
    with caplog.at_level(logging.DEBUG):
        answers = [session_http.get(path) for path in ("/v1/nodes/x", "/v1/nodes?limit=x", "/v1/queries/x")]
        wrong = httpx.get(
            session_http.base_url.join("/v1/nodes"), headers={"Authorization": f"Bearer {token}x"}
        )
    assert wrong.status_code == 401
    assert token not in "".join(answer.text for answer in (*answers, wrong))
    assert not [
        record for record in caplog.records if record.name != "httpcore" and token in record.getMessage()
    ]


async def test_beyond_this_machine_only_with_a_token(settings: Settings, database: Database):
    for host in ("0.0.0.0", "::", "192.168.1.2", "glan.example"):
        assert not is_loopback(host)
        with pytest.raises(NotLoopback, match="GLAN_TOKEN"):
            await Access(None, host).require_safe(database)
        await Access(SECRET, host).require_safe(database)
    await Access(None, "127.0.0.1").require_safe(database)
    token, _ = await tokens.create(database, "ci", [Scope.read])
    access = Access(None, "0.0.0.0")
    await access.require_safe(database)
    await tokens.revoke(database, token.id)
    access.forget()
    # Naming localhost in the Host header does not help where strangers can reach the port.
    assert not await access.open(database)


def test_a_service_beyond_this_machine_does_not_begin_without_a_token(settings: Settings, database: Database):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = _Thread(make_server(settings, host="0.0.0.0", port=0, takes="none"), listener)
        thread.start()
        with pytest.raises(NotLoopback, match="glan token create"):
            thread.await_start()
        thread.join()
