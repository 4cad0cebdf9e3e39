"""Finds the JSON document in the body of a reply, in spite of byte order marks, text around it, other
encodings, lone surrogates and server-sent events.
"""

import codecs
import json
import re
from typing import Any, cast

import pydantic_core

_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_EVENTS = re.compile(r"\s*(?:(?:data|event|id|retry):|:)")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Byte order marks and their encodings, the longer ones first.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_SAID = 300


def document(content: bytes) -> Any:
    """The JSON value in a body. Raises ValueError if there is none."""
    try:
        return pydantic_core.from_json(content)
    except ValueError:
        pass
    text = decoded(content).lstrip("\ufeff \r\n\t")
    if _EVENTS.match(text):
        return _whole(events(text))
    return _whole(_first(text))


def decoded(content: bytes) -> str:
    """The text of a body, with its encoding guessed if it is not UTF-8."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        text = content.decode(errors="replace")
    broken = text.count("\ufffd")
    # More broken than valid characters beyond ASCII mean another encoding.
    if sum(not c.isascii() for c in text) - broken > broken:
        return text
    return content.decode("cp1252", errors="replace")


def is_page(content: bytes) -> bool:
    """Whether a body is a web page."""
    return _PAGE.match(content[:2000].decode("latin-1")) is not None


def page_said(text: str) -> str:
    """A summary of a web page: its title, or else the beginning of its text."""
    title = _TITLE.search(text)
    return " ".join((title[2] if title else _TAGS.sub(" ", text)).split())[:LONGEST_SAID]


def page_status(content: bytes) -> int | None:
    """The HTTP status in the title of a web page, as gateways write it; None if there is none."""
    found = is_page(content) and re.match(r"\D{0,20}\b([45]\d\d)\b", page_said(decoded(content)))
    return int(found[1]) if found else None


def _first(text: str) -> Any:
    """The first JSON document in a text. Raises ValueError if there is none."""
    decoder = json.JSONDecoder(strict=False)
    try:
        return decoder.raw_decode(text, max(0, text.find("{")) if text[:1] not in "{[" else 0)[0]
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(value: Any) -> Any:
    """The value without lone surrogates, which neither UTF-8 nor Neo4j accepts."""
    if isinstance(value, str):
        if not _SURROGATE.search(value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in cast(dict[Any, Any], value).items()}
    return value


def events(text: str) -> dict[str, Any]:
    """The chat completion in the server-sent events of a server that streams unasked.

    A stream without an end counts as failed. Raises ValueError if no event is JSON.
    """
    joined = _Joined()
    seen = ended = False
    for data in _data(text):
        if data.strip() == "[DONE]":
            ended = True
            continue
        event = _first(data)
        if not isinstance(event, dict):
            continue
        seen = True
        found = cast(dict[str, Any], event)
        if found.get("error") or found.get("object") == "error":
            return found
        joined.add(found)
    if not seen:
        raise ValueError("no event holds a JSON document")
    return joined.document(ended=ended)


def _data(text: str) -> list[str]:
    """The data of each event."""
    found: list[str] = []
    for block in re.split(r"\r?\n\r?\n|\r\r", text):
        lines = [line[5:].removeprefix(" ") for line in block.splitlines() if line.startswith("data:")]
        # Several lines are one event, unless the first is complete JSON: some servers forget the empty
        # line between two events.
        one = len(lines) > 1 and not lines[0].rstrip().endswith("}")
        found += ["\n".join(lines)] if one else lines
    return [data for data in found if data.strip()]


class _Joined:
    """Joins the chunks of a chat completion."""

    _TEXTS = ("reasoning_content", "reasoning", "refusal")

    def __init__(self) -> None:
        self._message: dict[str, Any] = {}
        self._parts: list[Any] = []
        self._arguments: list[str] = []
        self._finish: Any = None
        self._usage: Any = None

    def add(self, chunk: dict[str, Any]) -> None:
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        choice: Any = cast(list[Any], choices)[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        self._finish = choice.get("finish_reason") or self._finish  # pyright: ignore[reportUnknownMemberType]
        found: Any = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(found, dict):
            self._add(cast(dict[str, Any], found))

    def _add(self, delta: dict[str, Any]) -> None:
        content = delta.get("content")
        self._parts += cast(list[Any], content) if isinstance(content, list) else [content or ""]
        for name in self._TEXTS:
            if isinstance(delta.get(name), str):
                self._message[name] = self._message.get(name, "") + delta[name]
        for call in cast(list[Any], delta.get("tool_calls") or []):
            function: Any = call.get("function")
            arguments: Any = function.get("arguments") if function else None
            if isinstance(arguments, str) and not call.get("index"):
                self._arguments.append(arguments)

    def document(self, *, ended: bool) -> dict[str, Any]:
        message = self._message | {"content": self._parts}
        if self._arguments:
            message["tool_calls"] = [{"function": {"arguments": "".join(self._arguments)}}]
        finish = self._finish or ("stop" if ended else "error")
        choices = [{"index": 0, "message": message, "finish_reason": finish}]
        return {"object": "chat.completion", "choices": choices, "usage": self._usage}
