"""Keys never appear in anything stored, logged or shown, however an endpoint repeats them."""

# ruff: noqa: E501  (what servers send stands on one line)

import json
import logging
from typing import Any

import pytest
from raw_endpoint import Raw, answering, good

from generators.errors import GenerationError
from generators.models.masking import HIDDEN, Mask
from generators.models.settings import ModelSettings
from service.settings import Settings

KEY = "sk-proj-4f/9+Zz0123456789abcdefXYZ"
HEADER = "tenant-secret-77"


def echoes(name: str) -> Any:
    """The error body of a gateway that repeats what it was sent."""
    headers = {"authorization": f"Bearer {KEY}", "x-tenant-key": HEADER}
    return {
        "plain": f"Incorrect API key provided: {KEY}.",
        "headers": {"error": {"message": "upstream failed", "headers": headers}},
        "in the message": {"error": {"message": f"bad request with {json.dumps(headers)}"}},
        "a key of the map": {"error": {"message": "x", KEY: [KEY, {"a": HEADER}]}},
        "escaped": '{"error": {"message": "got Bearer ' + KEY.replace("/", "\\/") + '"}}',
        "in an address": {"detail": f"http://up/?key={KEY.replace('/', '%2F').replace('+', '%2B')}"},
        "a page": f"<html><title>403 for {KEY}</title></html>",
        "as a parameter": {"error": {"message": "x", "code": KEY, "param": KEY, "type": HEADER}},
    }[name]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500])
@pytest.mark.parametrize(
    "form",
    ["plain", "headers", "in the message", "a key of the map", "escaped", "in an address", "a page", "as a parameter"],
)  # fmt: skip
async def test_an_error_that_repeats_the_key_is_masked(
    form: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    from generators.models.client import Timeouts

    raw = Raw(echoes(form), status, {"X-Echo": KEY})
    async with answering(
        lambda *_: raw, key=KEY, headers={"X-Tenant-Key": HEADER}, timeouts=Timeouts(patience=0.0)
    ) as endpoint:
        try:
            reply = await endpoint.ask(structured=True)
            seen.append(repr(reply))
        except GenerationError as error:
            seen += [str(error), repr(error), repr(getattr(error, "__cause__", ""))]
            seen.append(json.dumps(error.kept()) if hasattr(error, "kept") else "")  # pyright: ignore[reportAttributeAccessIssue]
        seen.append(str(endpoint.model.progress.last_error))
    for text in [*seen, caplog.text]:
        assert KEY not in text
        assert KEY.replace("/", "\\/") not in text
        assert "9%2B" not in text
        assert HEADER not in text
    assert any(seen)


async def test_a_connection_error_says_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    from generators.models.client import Client, Endpoint, Timeouts

    monkeypatch.setenv("http_proxy", "http://user:hunter2@127.0.0.1:9")
    client = Client(Endpoint("http://models.invalid/v1", KEY), Timeouts())
    try:
        with pytest.raises(GenerationError) as caught:
            await client.model_names()
    finally:
        await client.close()
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)
    assert "proxy" in str(caught.value)


def test_short_words_and_shortened_keys_stay_as_they_are() -> None:
    mask = Mask(["none", "ollama"])
    assert mask.text("none of the ollama models") == "none of the ollama models"
    assert Mask([KEY]).text("provided: sk-...abcd") == "provided: sk-...abcd"
    assert Mask(["abc-1"]).text("your key abc-1, not abc-12") == f"your key {HIDDEN}, not abc-12"


def test_keys_of_others_are_hidden_by_their_form() -> None:
    told = "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.x and http://me:pw@host/ and sk-0123456789abcdefghijklmnop"
    shown = Mask().text(told)
    assert "eyJ" not in shown
    assert "pw" not in shown
    assert "0123456789abcdef" not in shown


async def test_a_reply_without_the_key_is_untouched() -> None:
    text = "Set the header Authorization: Bearer abcdef-token and call http://me:pw@host/"
    async with answering(lambda *_: Raw(good(text))) as endpoint:
        assert (await endpoint.ask()).text == text


def test_settings_show_no_key() -> None:
    settings = ModelSettings(api_key=KEY, answer_api_key=KEY, headers={"X-Tenant-Key": HEADER})
    endpoint = settings.endpoint("questions")
    assert KEY not in repr(settings) + repr(endpoint)
    assert HEADER not in repr(settings) + repr(endpoint)
    assert HEADER not in repr(Settings(extra_headers={"X-Tenant-Key": HEADER}))
