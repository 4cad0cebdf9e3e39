"""Refusals of all servers: what is left out, shortened, waited for, refused for one sample, or pauses the job."""

# ruff: noqa: E501  (what servers send stands on one line)

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from raw_endpoint import Raw, RawEndpoint, answering, good

from generators.errors import CallFailed, EndpointRefuses, EndpointUnavailable, GenerationError, TooLong
from generators.models.client import Timeouts
from graph.reasons import Reason

pytestmark = pytest.mark.slow

Body = dict[str, Any]
EXTRA = "Extra inputs are not permitted"


def refusing(
    complaint: Any, refused: Callable[[Body], bool], status: int = 400
) -> Callable[[Body, int], Raw]:
    """Refuses some requests with a complaint; text is wrapped in OpenAI's form of an error."""
    error = {"error": {"message": complaint}} if isinstance(complaint, str) else complaint
    return lambda body, _: Raw(error, status) if refused(body) else Raw(good('{"question": "Why?"}'))


async def asked(script: Callable[[Body, int], Raw], times: int = 2, **how: Any) -> RawEndpoint:
    """The endpoint after `times` calls that all got a good reply."""
    async with answering(script) as endpoint:
        for _ in range(times):
            assert "Why" in (await endpoint.ask(structured=True, seed=7, **how)).text
    return endpoint


@pytest.mark.parametrize(
    ("complaint", "status", "names"),
    [
        ("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", 400, {"top_p"}),
        ("temperature and top_p may not both be given", 400, {"top_p"}),
        ("top_p must be 1 when using greedy sampling", 400, {"top_p"}),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": EXTRA, "input": {"temperature": 1}}]}, 422, {"seed"}),
        ({"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": EXTRA}]}}, 422, {"seed"}),
        ("[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]", 400, {"seed"}),
        ("Additional properties are not allowed ('seed' was unexpected) - 'seed'", 400, {"seed"}),
        ("Unrecognized request argument supplied: seed", 400, {"seed"}),
        ("seed: the value is no good here", 400, {"seed"}),
        ("Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.", 400, {"temperature"}),
        ("`temperature` is deprecated for this model.", 400, {"temperature"}),
        ({"error": {"message": "Argument not supported on this model", "param": "seed"}}, 400, {"seed"}),
        (EXTRA, 422, {"seed"}),
    ],
)  # fmt: skip
async def test_a_parameter_is_left_out_once_and_remembered(
    complaint: Any, status: int, names: set[str]
) -> None:
    endpoint = await asked(refusing(complaint, lambda body: names <= body.keys(), status))
    assert len(endpoint.bodies) == 3
    assert endpoint.model.habits.dropped == names
    assert all(body["response_format"]["type"] == "json_schema" for body in endpoint.bodies)


CAPS = [
    ("max_tokens is too large: 4096. This model supports at most 1024 completion tokens, whereas you provided 4096.", 1024),
    ("max_tokens: 4096 > 1024, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022", 1024),
    ("`max_tokens` must be less than or equal to `1024`, the maximum value for `max_tokens` is less than the `context_window` for this model", 1024),
    ("Invalid max_tokens value, the valid range of max_tokens is [1, 1,024]", 1024),
    ("Range of max_tokens should be [1, 1024]", 1024),
    ("max_new_tokens is limited to 1024", 1024),
    ("The maximum number of output tokens is exceeded", 2048),
]  # fmt: skip


@pytest.mark.parametrize(("complaint", "most"), CAPS)
async def test_a_reply_is_shortened_to_what_the_model_gives(complaint: str, most: int) -> None:
    endpoint = await asked(refusing(complaint, lambda body: body["max_tokens"] > most))
    assert [body["max_tokens"] for body in endpoint.bodies] == [4096, most, most]


async def test_max_tokens_has_another_name() -> None:
    complaint = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    endpoint = await asked(refusing(complaint, lambda body: "max_tokens" in body))
    assert [body.get("max_completion_tokens") for body in endpoint.bodies] == [None, 4096, 4096]


ROOMS = [
    "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens "
    "and your request has {taken} input tokens (4096 > 4096 - {taken}). (parameter=max_tokens, value=4096)",
    "This model's maximum context length is 4096 tokens. However, you requested 6000 tokens ({taken} in the messages, "
    "4096 in the completion). Please reduce the length of the messages or completion.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: {taken} `inputs` tokens and "
    "4096 `max_new_tokens`",
    "input length and `max_tokens` exceed context limit: {taken} + 4096 > 4096, decrease input length or `max_tokens`",
]


@pytest.mark.parametrize("complaint", ROOMS)
async def test_a_context_that_has_room_for_a_shorter_reply(complaint: str) -> None:
    roomy = complaint.format(taken=1000)
    endpoint = await asked(refusing(roomy, lambda body: body["max_tokens"] > 3096, 422), times=1)
    assert [body["max_tokens"] for body in endpoint.bodies] == [4096, 3096]
    # Shortened for this prompt only: another prompt may be shorter.
    assert endpoint.model.habits.most_tokens is None
    async with answering(refusing(complaint.format(taken=4000), lambda _: True, 422)) as full:
        with pytest.raises(TooLong):
            await full.ask()
    assert len(full.bodies) == 1


TOO_LONG = [
    (413, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
    (422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500"),
    (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    (400, "the request exceeds the available context size, try increasing it"),
    (500, "Requested tokens (5000) exceed context window of 2048"),
]


@pytest.mark.parametrize(("status", "complaint"), TOO_LONG)
async def test_a_request_that_is_too_long_is_to_be_shortened(status: int, complaint: str) -> None:
    body = complaint if complaint.startswith("<") else {"error": {"message": complaint}}
    async with answering(lambda *_: Raw(body, status)) as endpoint:
        with pytest.raises(TooLong):
            await endpoint.ask()
    assert len(endpoint.bodies) == 1


FORMATS = [
    (400, "response_format of type json_schema is not supported"),
    (400, "'response_format.type' must be 'json_object' or 'text'"),
    (400, "This model does not support structured outputs"),
    (400, "Failed to initialize guided decoding"),
    (400, "Invalid request"),
    (422, "unprocessable"),
    (404, "No endpoints found that can handle the requested parameters."),
    (500, "failed to compile schema"),
    (500, "Failed to parse grammar"),
    (501, "json_schema is not implemented"),
]


@pytest.mark.parametrize(("status", "complaint"), FORMATS)
async def test_a_format_that_is_refused_in_any_words_is_found_out_once(status: int, complaint: str) -> None:
    def is_schema(body: Body) -> bool:
        return body.get("response_format", {}).get("type") == "json_schema"

    endpoint = await asked(refusing(complaint, is_schema, status))
    assert [is_schema(body) for body in endpoint.bodies] == [True, False, False]
    assert endpoint.model.habits.dropped == set()


async def test_a_request_that_is_refused_without_any_format_too_changes_nothing_for_others() -> None:
    poison = refusing("Invalid request", lambda body: body["temperature"] == 0.7)
    async with answering(poison) as endpoint:
        with pytest.raises(CallFailed, match="Invalid request"):
            await endpoint.ask(structured=True)
        assert endpoint.model.format == "schema"


FILTERS = [
    (403, {"error": {"code": 403, "message": "Input was flagged", "metadata": {"reasons": ["violence"]}}}),
    (403, {"error": {"message": "Your prompt was blocked by our content policy"}}),
    (500, {"error": {"message": "The response was filtered due to the prompt triggering content management policy", "code": "content_filter"}}),
    (500, {"error": {"message": "content_policy_violation"}}),
    (400, {"error": {"code": "content_filter", "message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
    (400, {"error": {"message": "Content Exists Risk"}}),
    (400, {"error": {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content."}}),
    (451, {"error": {"message": "no"}}),
    (200, {"error": {"code": 403, "message": "flagged by moderation"}}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), FILTERS)
async def test_a_filter_refuses_this_sample_alone(status: int, body: Body) -> None:
    async with answering(lambda *_: Raw(body, status)) as endpoint:
        with pytest.raises(CallFailed) as caught:
            await endpoint.ask(structured=True)
    assert caught.value.reason is Reason.refused
    assert len(endpoint.bodies) == 1


KEYS = [
    (400, {"error": {"code": 400, "message": "API key expired. Please renew the API key.", "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}),
    (400, [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}]),
    (400, {"error": {"message": "Your credit balance is too low to access the Anthropic API."}}),
    (400, {"error": {"message": "The model `llama-2` has been decommissioned", "code": "model_decommissioned"}}),
    (401, {"error": {"message": "content policy"}}),
    (403, {"error": {"message": "The security token included in the request is expired"}}),
    (403, {"error": {"message": "Your account has been suspended for violating our usage policies"}}),
    (403, {"error": {"message": "Forbidden"}}),
    (402, {"error": {"message": "Insufficient Balance"}}),
    (200, {"error": {"code": 401, "message": "No auth credentials found"}}),
    (404, {"error": {"message": "model 'x' not found"}}),
    (407, "Proxy Authentication Required"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), KEYS)
async def test_a_key_that_is_refused_pauses_the_job(status: int, body: Any) -> None:
    async with answering(lambda *_: Raw(body, status)) as endpoint:
        with pytest.raises(EndpointRefuses, match="check key"):
            await endpoint.ask(structured=True)
    assert len(endpoint.bodies) == 1


async def test_a_refusal_after_a_paid_reply_costs_what_was_paid_once() -> None:
    def script(_: Body, n: int) -> Raw:
        paid = Raw(good("half a", "error"))
        return paid if n == 1 else Raw({"error": {"message": "flagged", "code": "content_filter"}}, 400)

    async with answering(script) as endpoint:
        with pytest.raises(CallFailed) as failed:
            await endpoint.ask()
    assert failed.value.reason is Reason.refused
    assert (failed.value.usage.calls, failed.value.usage.prompt_tokens) == (1, 7)


async def test_a_403_without_reasons_is_this_prompts_where_others_are_answered_and_the_keys_where_not() -> (
    None
):
    def script(body: Body, n: int) -> Raw:
        return Raw("Forbidden", 403) if (body.get("seed") == 13 and n > 1) or n > 200 else Raw(good())

    async with answering(script) as endpoint:
        await endpoint.ask()
        task = asyncio.create_task(endpoint.ask(seed=13))
        while not task.done():
            await endpoint.ask(seed=1)
            await asyncio.sleep(0.02)
        with pytest.raises(CallFailed) as caught:
            await task
        assert caught.value.reason is Reason.refused
        endpoint.bodies.extend([{}] * 200)
        with pytest.raises(EndpointRefuses):
            await endpoint.ask(seed=1)


WAITS = [
    Raw({"error": {"code": 429, "message": "slow down"}}),
    Raw({"error": {"code": 502, "message": "upstream"}}),
    Raw({"choices": [{"error": {"code": 502, "message": "x"}, "message": {"content": ""}, "finish_reason": "error"}]}),
    Raw("<!DOCTYPE html><html><title>503 Service Unavailable</title></html>", headers={"Content-Type": "text/html"}),
    Raw(b""),
    Raw(b"  \n"),
    Raw({"status": "queued"}, 202),
    Raw(b"", 204),
    Raw(good("half a repl", "error")),
    Raw({"error": {"type": "tokens", "code": "rate_limit_exceeded", "message": "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000"}}, 413),
    Raw({"error": {"message": "overloaded"}}, 529),
]  # fmt: skip


@pytest.mark.parametrize("raw", WAITS)
async def test_what_passes_is_asked_for_again_whatever_its_status(raw: Raw) -> None:
    async with answering(lambda _, n: raw if n == 1 else Raw(good())) as endpoint:
        reply = await endpoint.ask()
    assert reply.text == "fine"
    assert len(endpoint.bodies) == 2
    # A reply that broke off has been paid for too.
    assert reply.usage.calls == (2 if b"half" in raw.content else 1)


async def test_the_wait_that_a_body_asks_for_is_kept() -> None:
    error = {"error": {"code": 429, "message": "quota", "details": [{"retryDelay": "1.5s"}]}}
    seen: list[float] = []

    def script(_: Body, n: int) -> Raw:
        seen.append(time.monotonic())
        return Raw(error, 429) if n == 1 else Raw(good())

    async with answering(script) as endpoint:
        await endpoint.ask()
    assert seen[1] - seen[0] >= 1.5


async def test_a_web_page_in_place_of_an_api_is_said() -> None:
    page = Raw("<html><title>Welcome</title></html>", headers={"Content-Type": "text/html"})
    async with answering(lambda *_: page, timeouts=Timeouts(patience=0.1)) as endpoint:
        with pytest.raises(
            EndpointUnavailable, match=r"web page \(Welcome\).*is the address right, with its /v1"
        ):
            await endpoint.ask()


async def test_one_request_whose_replies_say_nothing_fails_alone() -> None:
    def script(body: Body, _: int) -> Raw:
        return Raw(b"") if body.get("seed") == 13 else Raw(good())

    async with answering(script, timeouts=Timeouts(patience=60.0)) as endpoint:
        task = asyncio.create_task(endpoint.ask(seed=13))
        while not task.done():
            await endpoint.ask(seed=1)
            await asyncio.sleep(0.02)
        with pytest.raises(CallFailed) as caught:
            await task
    assert caught.value.reason is Reason.server_error
    assert sum(body.get("seed") == 13 for body in endpoint.bodies) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_said_with_the_address_to_set(status: int) -> None:
    headers = {"Location": "https://models.example/v1/chat/completions?key=x"}
    async with answering(lambda *_: Raw(b"", status, headers)) as endpoint:
        with pytest.raises(
            EndpointRefuses, match=re.escape("set OPENAI_BASE_URL") + ".*https://models.example/v1$"
        ):
            await endpoint.ask()
        with pytest.raises(EndpointRefuses):
            await endpoint.client.model_names()
    assert len(endpoint.requests) == 2


async def test_a_slow_server_gets_more_time_and_only_silence_is_a_time_out() -> None:
    async def slow() -> Raw:
        await asyncio.sleep(0.6)
        return Raw(good())

    timeouts = Timeouts(read=0.4, patience=30.0)
    async with answering(lambda _body, _n: slow(), timeouts=timeouts) as endpoint:
        assert (await endpoint.ask()).text == "fine"
    assert len(endpoint.bodies) == 2


ODD_HEADERS = [{"X-Note": "café"}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "odd"},
               {"Content-Type": "text/html; charset=odd"}, {"Retry-After": "soon"}]  # fmt: skip


@pytest.mark.parametrize("headers", ODD_HEADERS)
@pytest.mark.parametrize("status", [200, 400, 503])
async def test_whatever_the_headers_there_is_an_error_of_ours_or_a_reply(
    status: int, headers: dict[str, str]
) -> None:
    raw = Raw(good(), status, headers)
    async with answering(lambda *_: raw, timeouts=Timeouts(patience=0.0)) as endpoint:
        if status == 200 and headers != {"Content-Encoding": "gzip"}:
            assert (await endpoint.ask(structured=True)).text == "fine"
        else:
            with pytest.raises(GenerationError):
                await endpoint.ask(structured=True)


@pytest.mark.parametrize("status", range(400, 600, 7))
async def test_whatever_the_status_there_is_an_error_of_ours(status: int) -> None:
    for body in (
        b"",
        b"\xff\x00",
        b"[[]]",
        b'{"error": [1, {"a": null}]}',
        b'{"error": {"message": {"b": 2}, "code": {}}}',
        b"null",
    ):
        async with answering(
            lambda *_, body=body: Raw(body, status), timeouts=Timeouts(patience=0.0)
        ) as endpoint:  # pyright: ignore[reportUnknownLambdaType]
            with pytest.raises(GenerationError):
                await endpoint.ask(structured=True)
