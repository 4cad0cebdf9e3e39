"""Reads the body of a reply: its text, its thinking, how it ended and what it used.

Servers that speak OpenAI's protocol agree only in the usual case. Whatever they send is read as far as
possible, and an error with status 200 is raised as an error.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from generators.models.replies import thinking
from generators.models.replies.bodies import document
from generators.models.replies.token_counts import number, tokens

_LENGTH = """length maxtokens modellength maxlength tokenlimit maxoutputtokens maxnewtokens incomplete limit
 errorlimit modelcontextwindowexceeded contextlengthexceeded contextwindowexceeded lengthcapped truncated"""
_FILTER = """contentfilter contentfiltered safety recitation blocklist prohibitedcontent spii imagesafety
 refusal moderation moderated flagged sensitive guardrail guardrails guardrailintervened errortoxic blocked
 policyviolation contentpolicyviolation contentpolicy"""
_ERROR = """error other malformedfunctioncall unexpectedtoolcall abort aborted cancelled canceled failed
 failure timeout networkerror servererror insufficientsystemresource erroruser interrupted unknownerror"""
_REASONS = {
    spelling: reason
    for spellings, reason in ((_LENGTH, "length"), (_FILTER, "content_filter"), (_ERROR, "error"))
    for spelling in spellings.split()
}
_LETTERS = re.compile(r"[^a-z]")

# The status of an error without a number, by its words; the first match counts.
_STATUSES = tuple(
    (re.compile(words, re.IGNORECASE), status)
    for words, status in (
        (r"content.?(filter|policy)|moderation|data.?inspection", 400),
        (r"insufficient.?(quota|balance|credit|funds)|payment|billing", 402),
        (r"rate.?limit|too many requests|resource.?exhausted|quota|throttl", 429),
        (r"unauthori[sz]ed|unauthenticated|authenticat|(invalid|incorrect).{0,20}api.?key|api.?key.{0,20}"
         r"(invalid|not valid|expired)", 401),
        (r"permission|forbidden|access.?denied", 403),
        (r"overloaded|capacity|busy|unavailable|loading|warming|starting", 503),
        (r"time.?out|timed out|deadline", 504),
        (r"not.?found|does not exist|no such model|unknown model", 404),
        (r"invalid|bad.?request|unsupported|context.?length|validation|too long|must be|maximum", 400),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply as it was sent; a number of tokens is None if it was not given or is impossible."""

    text: str
    finish_reason: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    thinking: str = ""


class ErrorInBody(Exception):
    """A reply with status 200 is an error; `content` is its body, `status` the status it should have had."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.content = content


def read(content: bytes, *, structured: bool) -> Completion:
    """The completion in a body. Raises ErrorInBody for an error; ValueError or another if it cannot be read.

    `structured`: JSON was asked for, which some servers return as the arguments of a function.
    """
    found: Any = document(content)
    body, choice = _choice(found)
    message: Any = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    prompt_tokens, completion_tokens = tokens(_usage(body))
    if choice.get("finish_reason") == "stop" and type(text) is str and text and len(message) == 2:  # pyright: ignore[reportUnknownArgumentType]
        # The fast path for nearly every reply: a message with only a role and content.
        thoughts, rest, _ = thinking.split(text)
        if not thoughts:
            return Completion(rest, "stop", prompt_tokens, completion_tokens)
    whole = _read(choice, message, structured=structured)
    return Completion(whole.text, whole.finish_reason, prompt_tokens, completion_tokens, whole.thinking)


def _choice(found: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body and its first choice. Raises ErrorInBody, or ValueError if there is no choice."""
    body = _unwrapped(found)
    choices = body.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        choice = cast(dict[str, Any], choices[0])
        error = choice.get("error") or body.get("error")
        if not error or _has_text(choice):
            return body, choice
        raise ErrorInBody(status_in(error), _as_error(error))
    if blocked := _blocked(body):
        return body, {"message": {"refusal": blocked}, "finish_reason": "content_filter"}
    if _is_error(body):
        error = body.get("error") or body
        raise ErrorInBody(status_in(error), _as_error(error))
    if isinstance(body.get("message"), dict):
        return body, body  # the reply itself, without choices around it
    raise ValueError("there is no choice")


def _unwrapped(found: Any) -> dict[str, Any]:
    """The completion object, without what some gateways wrap around it. Raises ValueError."""
    if isinstance(found, list) and found:
        found = cast(Any, found[0])
    if not isinstance(found, dict):
        raise ValueError("the body is not an object")
    body = cast(dict[str, Any], found)
    if "choices" not in body:
        for wrapper in ("data", "result", "response"):
            inner: Any = body.get(wrapper)
            if isinstance(inner, dict) and "choices" in inner:
                return cast(dict[str, Any], inner)
    return body


def _usage(body: dict[str, Any]) -> Any:
    # A reply without `choices` has its token counts next to the message.
    return body.get("usage") or body


def _has_text(choice: dict[str, Any]) -> bool:
    message: Any = choice.get("message")
    return isinstance(message, dict) and bool(message.get("content")) and bool(choice.get("finish_reason"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _blocked(body: dict[str, Any]) -> str | None:
    feedback: Any = body.get("prompt_feedback") or body.get("promptFeedback")
    if not isinstance(feedback, dict):
        return None
    return str(feedback.get("block_reason") or feedback.get("blockReason") or "") or None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _is_error(body: dict[str, Any]) -> bool:
    if body.get("error") or body.get("errors") or body.get("object") == "error":
        return True
    return "choices" not in body and any(
        body.get(name) and not isinstance(body[name], dict)
        for name in ("message", "msg", "detail", "error_msg", "error_code", "title")
    )


def _as_error(error: Any) -> bytes:
    return json.dumps({"error": error}).encode()


def status_in(error: Any) -> int:
    """The HTTP status that an error in a body stands for; 500 if it gives no hint."""
    if isinstance(error, dict):
        fields = cast(dict[str, Any], error)
        for name in ("code", "status", "status_code", "statusCode", "http_status", "error_code", "http_code"):
            found = number(fields.get(name))
            if found is not None and 400 <= found <= 599:
                return found
        nested = fields.get("error")
        if isinstance(nested, dict):
            return status_in(nested)
    told = json.dumps(error)[:2000]
    return next((status for words, status in _STATUSES if words.search(told)), 500)


def _read(choice: dict[str, Any], message: Any, *, structured: bool) -> Completion:
    """The parts of a choice of any form."""
    if not isinstance(message, dict):
        message = {"content": choice.get("text", message)}
    fields = cast(dict[str, Any], message)
    finish = reason(choice.get("finish_reason") or choice.get("done_reason") or choice.get("stop_reason"))
    refusal = fields.get("refusal")
    if refusal:
        return Completion(_readable(refusal), "refusal")
    content = fields.get("content")
    text, thoughts = text_of(content), []
    if isinstance(content, list):
        thoughts = [_thoughts_in(part) for part in cast(list[Any], content)]
        refused = "".join(str(part.get("refusal") or "") for part in content if isinstance(part, dict))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]
        if refused and not text:
            return Completion(refused, "refusal")
    arguments = _arguments(fields)
    if arguments and (structured or not (text or "").strip()):
        text = arguments if structured else _only_text(arguments)
    if text is None:
        return Completion(_readable(content), "malformed")
    reasoning = _first_text(fields, ("reasoning_content", "reasoning", "thinking"))
    inside, text, closed = thinking.split(text)
    thoughts = [part for part in (reasoning, *thoughts, inside) if part]
    if not text.strip() and thoughts and finish in ("stop", None):
        spoken = _spoken(reasoning, inside, closed=closed)
        if spoken is not None:
            return Completion(spoken[1], finish, thinking=spoken[0])
    return Completion(text, finish, thinking="\n".join(thoughts))


def _spoken(reasoning: str, inside: str, *, closed: bool) -> tuple[str, str] | None:
    """(thinking, text) of a reply whose text was sent as thinking; None if it is only thinking.

    Servers that treat everything before the end of the thinking as thinking do this if a model did not think.
    """
    candidate = reasoning or (inside if not closed else "")
    thoughts, text, _ = thinking.split(candidate)
    if not text.strip() or (not thoughts and thinking.aloud(text)):
        return None
    return thoughts, text


def text_of(content: Any) -> str | None:
    """The text of a message's content, joined from its parts; None if it is not text."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        texts = [_part(part) for part in cast(list[Any], content)]
        if texts and all(text is None for text in texts):
            return None
        return "".join(text or "" for text in texts)
    return _part(content)


def _part(part: Any) -> str | None:
    """The text of one part: empty for thinking and refusals, None for anything that is not text."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return None
    fields = cast(dict[str, Any], part)
    if _is_thought(fields) or "refusal" in fields:
        return ""
    for name in ("text", "content", "value", "parts"):
        if name in fields:
            return text_of(fields[name])
    return None


def _is_thought(fields: dict[str, Any]) -> bool:
    return str(fields.get("type", "")) in ("thinking", "reasoning", "redacted_thinking", "reasoning_content")


def _thoughts_in(part: Any) -> str:
    if not isinstance(part, dict) or not _is_thought(cast(dict[str, Any], part)):
        return ""
    return _first_text(cast(dict[str, Any], part), ("thinking", "reasoning", "text", "summary"))


def _first_text(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := text_of(fields.get(name)))), "")


def _arguments(message: dict[str, Any]) -> str:
    """The arguments of the function that a server made of the schema; empty if there is none."""
    calls: Any = message.get("tool_calls")
    call: Any = cast(Any, calls[0]) if isinstance(calls, list) and calls else None
    function: Any = call.get("function") if isinstance(call, dict) else message.get("function_call")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(function, dict):
        return ""
    arguments: Any = function.get("arguments")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


def _only_text(arguments: str) -> str:
    """The only argument of a function, as when plain text was asked for; else all arguments, as JSON."""
    try:
        value: Any = json.loads(arguments)
    except ValueError:
        return arguments
    values = list(cast(dict[str, Any], value).values()) if isinstance(value, dict) else []
    return values[0] if len(values) == 1 and isinstance(values[0], str) else arguments


def _readable(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def reason(given: Any) -> str | None:
    """How a reply ended, in OpenAI's spelling: stop, length, content_filter or error; None if not given.

    All other reasons, of which there are many, are normal ends and become stop.
    """
    if given is None or given == "stop":
        return given
    spelling = _LETTERS.sub("", str(given).lower())
    spelling = spelling.removeprefix("finishreason").removeprefix("finish")
    known = _REASONS.get(spelling)
    if known:
        return known
    # Gemini names the filter: "content_filter: PROHIBITED_CONTENT".
    if spelling.startswith("contentfilter") or "safety" in spelling:
        return "content_filter"
    return "stop"
