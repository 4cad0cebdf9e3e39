"""Addresses, keys and headers in the settings, as users write them, are checked at the start."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from raw_endpoint import Raw, answering, good

from generators.errors import GenerationError, NoEndpoint
from generators.models.addresses import Routes, is_this_machine, proxy_of
from generators.models.client import Client, Endpoint, Timeouts
from generators.models.registry import Models
from generators.models.settings import ModelSettings
from service.app import model_settings
from service.settings import Settings

KEY = "sk-test-0123456789abcdef"

WRONG = [
    ("OPENAI_BASE_URL", "api.openai.com/v1", "does not begin with http"),
    ("OPENAI_BASE_URL", "localhost:8000/v1", "does not begin with http"),
    ("OPENAI_BASE_URL", '"http://a/v1"', "quotation marks"),
    ("OPENAI_BASE_URL", " http://a/v1", "a blank"),
    ("OPENAI_BASE_URL", "http://a/v1\n", "a line break"),
    ("OPENAI_BASE_URL", "http://a /v1", "a blank"),
    ("OPENAI_BASE_URL", "http://a/v1/chat/completions", "set http://a/v1"),
    ("GLAN_ANSWER_BASE_URL", "http://a/v1/chat/completions/", "set http://a/v1"),
    ("OPENAI_BASE_URL", "http://me:hunter2@a/v1", "GLAN_EXTRA_HEADERS"),
    ("OPENAI_BASE_URL", "http://a/v1?key=hunter2", "only Azure"),
    ("OPENAI_BASE_URL", "http://a:port/v1", "cannot be read"),
    ("OPENAI_BASE_URL", "http:///v1", "names no host"),
    ("OPENAI_API_KEY", "hunter2-first\nsecond", "line break"),
    ("OPENAI_API_KEY", "hunter2 ", "blank"),
    ("GLAN_ANSWER_API_KEY", '"hunter2"', "quotation marks"),
    ("OPENAI_API_KEY", "hunter2…", "characters that a header cannot carry"),
    ("GLAN_EXTRA_HEADERS", "X-Title: hunter2", "not JSON"),
    ("GLAN_EXTRA_HEADERS", '["hunter2"]', "object of header names"),
    ("GLAN_EXTRA_HEADERS", '{"X Title": "hunter2"}', "name of a header"),
    ("GLAN_EXTRA_HEADERS", '{"X-Title": "hunter2\\nX-Other: b"}', "must be text on one line"),
    ("GLAN_ANSWER_EXTRA_HEADERS", '{"X-Title": 7}', "must be text on one line"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_setting_that_cannot_work_is_told_at_the_start(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.terminal.frame import _message

    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    sentence = _message(caught.value)
    assert sentence
    assert sentence.startswith(f"{name}: ")
    assert said in sentence
    # Values that may be secrets are not repeated, neither by glan nor by pydantic.
    assert "hunter2" not in sentence
    assert "hunter2" not in str(caught.value)


async def test_an_address_that_was_not_checked_before_pauses_the_job_with_the_sentence() -> None:
    models = Models(ModelSettings(base_url="localhost:8000/v1", model="m"))
    with pytest.raises(NoEndpoint, match="does not begin with http"):
        await models.of("questions", {})
    await models.close()


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("http://a/v1", "http://a/v1/chat/completions"),
        ("http://a/v1/", "http://a/v1/chat/completions"),
        ("http://a", "http://a/chat/completions"),
        ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1/chat/completions"),
        ("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1/chat/completions"),
        ("https://x.openai.azure.com/?api-version=1", "https://x.openai.azure.com/openai/deployments/my%20m/chat/completions?api-version=1"),
        ("https://x.openai.azure.com/openai/deployments/d?api-version=1", "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"),
        ("https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"),
        ("https://x.services.ai.azure.com/models?api-version=1", "https://x.services.ai.azure.com/models/chat/completions?api-version=1"),
    ],
)  # fmt: skip
def test_where_chat_requests_go(base_url: str, address: str) -> None:
    assert Routes(Settings(openai_base_url=base_url).openai_base_url or "").chat("my m") == address


async def test_azure_gets_its_version_and_its_own_header_for_the_key() -> None:
    path = "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    async with answering(lambda *_: Raw(good()), path=path, key=KEY) as endpoint:
        await endpoint.ask()
    [request] = endpoint.requests
    assert request.path_qs == path
    assert request.headers["api-key"] == KEY
    assert "Authorization" not in request.headers


async def test_headers_of_the_user_are_sent_and_come_before_our_own() -> None:
    own = {"X-Title": "mine", "authorization": "Token t-0123456789"}
    async with answering(lambda *_: Raw(good()), key=KEY, headers=own) as endpoint:
        await endpoint.ask()
    [request] = endpoint.requests
    assert request.headers["X-Title"] == "mine"
    assert request.headers.getall("Authorization") == ["Token t-0123456789"]


def test_headers_of_one_endpoint_are_not_sent_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLAN_EXTRA_HEADERS", json.dumps({"X-A": "1"}))
    monkeypatch.setenv("GLAN_ANSWER_EXTRA_HEADERS", json.dumps({"X-B": "2"}))
    one = model_settings(Settings(openai_base_url="http://a/v1"))
    both = model_settings(Settings(openai_base_url="http://a/v1", answer_base_url="http://b/v1"))

    def headers(settings: ModelSettings, step: str) -> Any:
        endpoint = settings.endpoint(step)
        return endpoint and dict(endpoint.headers)

    assert headers(one, "answers") == headers(both, "questions") == {"X-A": "1"}
    assert headers(both, "answers") == {"X-B": "2"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "x.localhost"])
def test_this_machine_is_reached_by_no_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    assert is_this_machine(host)
    assert proxy_of(f"http://{f'[{host}]' if ':' in host else host}:8000/v1") is None


async def test_a_call_to_this_machine_passes_a_dead_proxy_by(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with answering(lambda *_: Raw(good())) as endpoint:
        assert (await endpoint.ask()).text == "fine"


@pytest.mark.parametrize(
    ("name", "proxy", "said"),
    [
        ("all_proxy", "socks5://127.0.0.1:9", "ALL_PROXY names a socks5 proxy.*NO_PROXY=models.invalid"),
        ("http_proxy", "socks4://127.0.0.1:9", "HTTP_PROXY names a socks4 proxy"),
        ("http_proxy", "127.0.0.1:9", "by the proxy http://127.0.0.1:9 that the environment names"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_said(
    name: str, proxy: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy)

    async def names() -> None:
        client = Client(Endpoint("http://models.invalid/v1", KEY), Timeouts())
        try:
            await client.model_names()
        finally:
            await client.close()

    with pytest.raises(GenerationError, match=said):
        await names()
