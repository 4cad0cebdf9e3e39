"""Replies of every shape that servers send are read as far as possible, otherwise reported for what they are."""

# ruff: noqa: E501  (what servers send stands on one line)

import json
from typing import Any

import pytest
from raw_endpoint import Raw, answering, good

from generators.errors import Unusable
from generators.models.replies import thinking
from generators.models.replies.completions import ErrorInBody, read, reason, status_in
from generators.models.replies.token_counts import tokens
from generators.steps.parsing import ReplySchema, parse

QUESTION = '{"question": "Why?"}'


class Question(ReplySchema):
    question: str


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def reply_of(
    content: Any, finish_reason: Any = "stop", *, structured: bool = True, **message: Any
) -> tuple[str, str, str | None]:
    found = read(encoded(good(content, finish_reason, **message)), structured=structured)
    return found.text, found.thinking, found.finish_reason


THOUGHTS = [
    f"<think>\nMaybe {{\"question\": 1}} or {{this}}\n</think>\n\n{QUESTION}",
    f"<thinking>so {{}}</thinking>{QUESTION}",
    f"<think></think><think>again</think>\n{QUESTION}",
    f"Okay, {{the user}} wants one.\n</think>\n\n{QUESTION}",
    f"{{first}} I think\n</think>{QUESTION}",
    f"[THINK]a {{b}}[/THINK]{QUESTION}",
    f"<|begin_of_thought|>{{}}<|end_of_thought|><|begin_of_solution|>{QUESTION}<|end_of_solution|>",
    f"<|channel|>analysis<|message|>{{no}}<|end|><|start|>assistant<|channel|>final<|message|>{QUESTION}<|return|>",
    f"◁think▷hm {{◁/think▷{QUESTION}",
    f"<reasoning effort='high'>{{}}</reasoning>\n```json\n{QUESTION}\n```",
    f"<seed:think>{{</seed:think>{QUESTION}",
]  # fmt: skip


@pytest.mark.parametrize("content", THOUGHTS)
async def test_thinking_is_kept_apart_and_its_braces_confuse_nobody(content: str) -> None:
    async with answering(lambda *_: Raw(good(content))) as endpoint:
        reply = await endpoint.ask(structured=True)
    assert parse(reply, Question).question == "Why?"
    assert reply.thinking or content.startswith("<think></think>")
    assert "think" not in reply.text
    # What is kept of an unusable reply is read in the same way later.
    thoughts, text, _ = thinking.split(thinking.joined(reply.thinking, reply.text))
    assert (thoughts.strip(), text.strip()) == (reply.thinking.strip(), reply.text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "In HTML, <think> is not a tag.",
        '{"question": "What does </think> end?"}',
        "Write `</think>` after it.",
        "<p>A paragraph</p>",
        "[1] Think of it",
    ],
)
def test_what_speaks_of_thinking_is_left_alone(text: str) -> None:
    assert thinking.split(text) == ("", text, True)


@pytest.mark.parametrize(
    ("content", "message", "text", "thoughts"),
    [
        (None, {"reasoning_content": "I weigh {it}", "tool_calls": []}, "I weigh {it}", ""),
        (None, {"reasoning": QUESTION}, QUESTION, ""),
        ("", {"reasoning_content": f"hm</think>{QUESTION}"}, QUESTION, "hm"),
        (QUESTION, {"reasoning_content": "thought"}, QUESTION, "thought"),
        (None, {"reasoning_content": "Okay, the user wants a question"}, "", "Okay, the user wants a question"),
        ([{"type": "text", "text": '{"question": '}, {"type": "text", "text": '"Why?"}'}], {}, QUESTION, ""),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": QUESTION}], {}, QUESTION, "hm"),
        ([QUESTION], {}, QUESTION, ""),
        ({"type": "text", "text": QUESTION}, {}, QUESTION, ""),
        ([{"text": {"value": QUESTION}}], {}, QUESTION, ""),
        (None, {"tool_calls": [{"function": {"name": "reply", "arguments": QUESTION}}]}, QUESTION, ""),
        ("I call it", {"tool_calls": [{"function": {"arguments": {"question": "Why?"}}}]}, QUESTION, ""),
        (None, {"function_call": {"name": "reply", "arguments": QUESTION}}, QUESTION, ""),
    ],
)  # fmt: skip
def test_the_text_is_found_wherever_it_is(
    content: Any, message: dict[str, Any], text: str, thoughts: str
) -> None:
    assert reply_of(content, **message) == (text, thoughts, "stop")


@pytest.mark.parametrize("content", [42, True, {"a": 1}, [{"type": "image_url"}], [1, 2]])
async def test_a_content_without_text_is_malformed_for_this_sample_alone(content: Any) -> None:
    async with answering(lambda *_: Raw(good(content))) as endpoint:
        reply = await endpoint.ask()
    assert reply.finish_reason == "malformed"
    assert reply.usage.completion_tokens == 5
    with pytest.raises(Unusable, match="malformed"):
        parse(reply, Question)


def test_thinking_that_was_cut_is_no_text() -> None:
    assert reply_of(None, "length", reasoning_content="I weigh") == ("", "I weigh", "length")
    assert reply_of("<think>I weigh", "length") == ("", "I weigh", "length")


def test_an_answer_in_words_is_taken_out_of_a_function() -> None:
    call = {"function": {"arguments": '{"answer": "Because."}'}}
    assert reply_of(None, "tool_calls", structured=False, tool_calls=[call])[0] == "Because."
    assert reply_of("Because.", structured=False, tool_calls=[call])[0] == "Because."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\xef\xbb\xbf" + encoded(good("fine")), "fine"),
        (json.dumps(good("fine")).encode("utf-16"), "fine"),
        (encoded(good("fine")) + b"\n\n-- end of reply --", "fine"),
        (b"\r\n  " + encoded(good("fine")), "fine"),
        (json.dumps(good("café über"), ensure_ascii=False).encode("latin-1"), "café über"),
        (encoded(good("x")).replace(b'"x"', b'"a\\ud83d b"'), "a\ufffd b"),
        (encoded(good("x")).replace(b'"x"', b'"a\\ud83d\\ude00 b"') + b"tail", "a\U0001f600 b"),
        (encoded([good("fine")]), "fine"),
        (encoded({"data": good("fine"), "code": 0, "message": "ok"}), "fine"),
        (encoded({"choices": [{"text": "fine", "finish_reason": "stop"}]}), "fine"),
        (encoded({"message": {"role": "assistant", "content": "fine"}, "done_reason": "stop"}), "fine"),
    ],
)
def test_what_lies_around_the_document_is_no_matter(body: bytes, text: str) -> None:
    assert read(body, structured=False).text == text


BAD_BODIES = [b"no json", b"{", b"[]", b"null", b"7", b'"text"', b"{}", b"[" * 100_000, b'{"choices": []}',
              b'{"choices": {}}', b'{"choices": [null]}', b"\xff\xfe\x00", b"data: x\n\n", b'{"usage": 1}',
              b'{"choices": [{"delta": 1}]}', b'data: {"choices": [{"delta": {"tool_calls": [1]}}]}\n\n']  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_whatever_a_body_is_it_is_at_worst_malformed(body: bytes) -> None:
    async with answering(lambda *_: Raw(body)) as endpoint:
        reply = await endpoint.ask(structured=True)
    assert reply.finish_reason in ("malformed", None)
    with pytest.raises(Unusable):
        parse(reply, Question)


STREAM = b"".join(
    b"data: " + encoded({"choices": [{"delta": delta, "finish_reason": end}], "usage": usage}) + b"\n\n"
    for delta, end, usage in (
        ({"role": "assistant", "content": ""}, None, None),
        ({"reasoning_content": "hm"}, None, None),
        ({"content": '{"question": '}, None, None),
        ({"content": '"Why?"}'}, "stop", None),
        ({}, None, {"prompt_tokens": 3, "completion_tokens": 4}),
    )
)


async def test_events_that_nobody_asked_for_are_read() -> None:
    body = b": keep-alive\n\n" + STREAM + b"data: [DONE]\n\n"
    headers = {"Content-Type": "text/event-stream"}
    async with answering(lambda *_: Raw(body, headers=headers)) as endpoint:
        reply = await endpoint.ask(structured=True)
    assert (reply.text, reply.thinking, reply.finish_reason) == (QUESTION, "hm", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (3, 4)


def test_events_that_break_off_are_a_failed_reply_and_errors_among_them_are_errors() -> None:
    begun = STREAM.split(b'"stop"')[0].rpartition(b"data:")[0]
    assert read(begun, structured=True).finish_reason == "error"
    with pytest.raises(ErrorInBody) as caught:
        read(begun + b'data: {"error": {"code": 502, "message": "lost"}}\n\n', structured=True)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("spellings", "meaning"),
    [
        ("length max_tokens MAX_TOKENS model_length FINISH_REASON_MAX_TOKENS max_output_tokens MaxTokens", "length"),
        ("content_filter SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII ContentFilter sensitive refusal "
         "guardrail_intervened content_filtered ERROR_TOXIC", "content_filter"),
        ("error ERROR OTHER MALFORMED_FUNCTION_CALL abort network_error insufficient_system_resource", "error"),
        ("stop STOP end_turn eos_token eos stop_sequence tool_calls function_call COMPLETE", "stop"),
    ],
)  # fmt: skip
def test_all_spellings_of_how_a_reply_ends(spellings: str, meaning: str) -> None:
    assert {word: reason(word) for word in spellings.split()} == dict.fromkeys(spellings.split(), meaning)
    assert reason("content_filter: PROHIBITED_CONTENT") == "content_filter"
    assert reason(None) is None


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5}, (10, 5)),
        ({"prompt_tokens": "10", "completion_tokens": "5.0"}, (10, 5)),
        ({"input_tokens": 10, "output_tokens": 5}, (10, 5)),
        ([{"prompt_tokens": 10, "completion_tokens": 5}], (10, 5)),
        ({"prompt_tokens": -10, "completion_tokens": -5}, (None, None)),
        ({"prompt_tokens": 10**30, "completion_tokens": 1e300}, (None, None)),
        ({"prompt_tokens": True, "completion_tokens": [5]}, (None, None)),
        ({"prompt_tokens": float("inf"), "completion_tokens": "many"}, (None, None)),
        ([1, 2], (None, None)),
        ("10", (None, None)),
        (None, (None, None)),
        # Thinking tokens apart from the text's, as servers report them; if included there, not counted twice.
        ({"prompt_tokens": 10, "completion_tokens": 5, "reasoning_tokens": 30}, (10, 35)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 45}, (10, 35)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 45, "completion_tokens_details": {"reasoning_tokens": 30}}, (10, 35)),
        ({"prompt_tokens": 10, "completion_tokens": 35, "total_tokens": 45, "completion_tokens_details": {"reasoning_tokens": 30}}, (10, 35)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 30}}, (10, 35)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 10**8}, (10, 5)),
    ],
)  # fmt: skip
def test_tokens_are_what_can_be_read_of_them(usage: Any, counted: tuple[int | None, int | None]) -> None:
    assert tokens(usage) == counted


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "?"}])
async def test_an_endpoint_that_names_no_usage_is_counted_by_an_estimate(usage: Any) -> None:
    document = good("word " * 60, usage=usage)
    async with answering(lambda *_: Raw(document)) as endpoint:
        reply = await endpoint.ask()
    assert reply.usage.prompt_tokens > 0
    assert 50 < reply.usage.completion_tokens < 200
    assert any("estimated" in note for note in endpoint.model.progress.notes)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 429, "message": "slow"}, 429),
        ({"code": "502", "message": "x"}, 502),
        ({"code": "rate_limit_exceeded", "message": "x"}, 429),
        ({"status": "RESOURCE_EXHAUSTED", "message": "x"}, 429),
        ({"type": "authentication_error", "message": "x"}, 401),
        ({"code": "invalid_api_key", "message": "x"}, 401),
        ({"type": "overloaded_error", "message": "x"}, 503),
        ({"message": "Insufficient balance"}, 402),
        ("model not found", 404),
        ({"type": "invalid_request_error", "message": "x"}, 400),
        ({"message": "something broke"}, 500),
    ],
)
def test_an_error_with_status_200_is_the_status_it_means(error: Any, status: int) -> None:
    assert status_in(error) == status
    for body in (
        {"error": error},
        [{"error": error}],
        {"choices": [{"error": error, "finish_reason": "error"}]},
    ):
        with pytest.raises(ErrorInBody) as caught:
            read(encoded(body), structured=False)
        assert caught.value.status == status
