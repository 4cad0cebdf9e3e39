"""The JSON document in the body of a reply, whatever lies around it: byte order marks, text after it, other
encodings, lone surrogates, server-sent events.
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
# Marks at the beginning that say the encoding; the longer ones first.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_SAID = 300


def document(content: bytes) -> Any:
    """The value; raises ValueError where there is none."""
    try:
        return pydantic_core.from_json(content)
    except ValueError:
        pass
    text = decoded(content).lstrip("\ufeff \r\n\t")
    if _EVENTS.match(text):
        return _whole(events(text))
    return _whole(_first(text))


def decoded(content: bytes) -> str:
    """The text of a body, whose encoding is not always what it should be."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        text = content.decode(errors="replace")
    broken = text.count("\ufffd")
    # Where more is broken than not, it is another encoding.
    if sum(not c.isascii() for c in text) - broken > broken:
        return text
    return content.decode("cp1252", errors="replace")


def is_page(content: bytes) -> bool:
    """Whether a body is a web page."""
    return _PAGE.match(content[:2000].decode("latin-1")) is not None


def page_said(text: str) -> str:
    """What a web page says, in a few words: its title, else the beginning of its text."""
    title = _TITLE.search(text)
    return " ".join((title[2] if title else _TAGS.sub(" ", text)).split())[:LONGEST_SAID]


def page_status(content: bytes) -> int | None:
    """The status that the title of a web page names, as those of gateways do."""
    found = is_page(content) and re.match(r"\D{0,20}\b([45]\d\d)\b", page_said(decoded(content)))
    return int(found[1]) if found else None


def _first(text: str) -> Any:
    """The first JSON document in a text; raises ValueError."""
    decoder = json.JSONDecoder(strict=False)
    try:
        return decoder.raw_decode(text, max(0, text.find("{")) if text[:1] not in "{[" else 0)[0]
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(value: Any) -> Any:
    """The value without lone surrogates, which neither UTF-8 nor Neo4j knows."""
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
    """The chat completion that server-sent events add up to, from a server that streams unasked.

    One without an end is a failed one. Raises ValueError where no event is JSON.
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
        # An event of several lines is one text; some servers forget the empty line between two events.
        one = len(lines) > 1 and not lines[0].rstrip().endswith("}")
        found += ["\n".join(lines)] if one else lines
    return [data for data in found if data.strip()]


class _Joined:
    """Chunks of a chat completion, put together."""

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
