"""JSON objects one after the other, in bounded memory: one per line, in a list, or in a list within an
object."""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, cast

from graph.errors import Invalid
from graph.text import is_whole
from service.media import strict_json
from service.media.lines import Lines
from service.taxonomies.reading.decoding import Decoded
from service.taxonomies.staging import Staging

PIECE = 262_144
LONGEST = 4_000_000
BETWEEN = re.compile(r"[\s,]*")
NOWHERE = re.compile("")
LIST_WITHIN = re.compile(r'"(?P<name>[^"\\]{1,100})"\s*:\s*\[\s*(?=\{)')
MEMBER = re.compile(r'[\s,{]*"(?P<name>[^"\\]{0,1000})"\s*:\s*')
LINKED = {"@context", "@graph", "@id", "@type"}
"""An object with one of these names is JSON-LD."""
Object = dict[str, Any]


class Layout(StrEnum):
    """How the objects stand in a file."""

    lines = "one per line"
    apart = "one after the other, over several lines"
    list = "in a list"
    within = "in a list within an object"


BEGIN = {Layout.list: re.compile(r"\["), Layout.within: LIST_WITHIN, Layout.apart: NOWHERE}
"""What stands before the first object."""


def pieces(file: Decoded) -> Iterator[bytes]:
    """The file piece by piece."""
    while piece := file.read(PIECE):
        yield piece


def first(start: bytes) -> tuple[Layout, Object] | None:
    """How the objects stand, and the first of them; None if the beginning holds no whole object."""
    text = start.decode(errors="ignore")
    at = len(text) - len(text.lstrip())
    if text[at : at + 1] == "[":
        found = _decoded(text, BETWEEN.match(text, at + 1).end())  # type: ignore[union-attr]
        return (Layout.list, found[0]) if found else None
    whole = _decoded(text, at)
    if whole:
        lists = [value for value in whole[0].values() if is_list_of_objects(value)]
        rest = text[whole[1] :].lstrip()
        within = not rest and len(lists) == 1 and "prefLabel" not in whole[0] and not is_linked(whole[0])
        apart = Layout.apart if "\n" in text[at : whole[1]] else Layout.lines
        return (Layout.within, lists[0][0]) if within else (apart, whole[0])
    if is_linked(cut := head(text)):
        return Layout.lines, cut
    within = LIST_WITHIN.search(text)
    inner = _decoded(text, within.end()) if within else None
    return (Layout.within, inner[0]) if inner else None


def is_linked(document: Object) -> bool:
    """Whether an object is JSON-LD."""
    return not LINKED.isdisjoint(document)


def head(text: str) -> Object:
    """The first members of an object that is cut off; the last of them is None, because its value is too."""
    found: Object = {}
    at = 0
    while member := MEMBER.match(text, at):
        found[member["name"]] = None
        try:
            found[member["name"]], at = json.JSONDecoder().raw_decode(text, member.end())
        except (ValueError, RecursionError):
            break
    return found


def is_list_of_objects(value: Any) -> bool:
    """Whether a value is a list that begins with an object."""
    return isinstance(value, list) and isinstance(next(iter(cast(list[Any], value)), None), dict)


def _decoded(text: str, at: int) -> tuple[Object, int] | None:
    try:
        value, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return (cast(Object, value), end) if isinstance(value, dict) else None


def objects(file: Decoded, layout: Layout, staging: Staging) -> Iterator[tuple[int, Object]]:
    """The objects with their line or place, counted from 1.

    A faulty line is a problem `syntax`, and the others are read. A fault in a list raises Invalid.
    """
    if layout is Layout.lines:
        yield from _lines(file, staging)
    else:
        yield from _entries(file, layout)


def _lines(file: Decoded, staging: Staging) -> Iterator[tuple[int, Object]]:
    lines = Lines(LONGEST)

    def all_lines() -> Iterator[bytes | None]:
        for piece in pieces(file):
            yield from lines.fed(piece)
        yield from lines.ended()

    for number, line in enumerate(all_lines(), 1):
        if line is not None and not line.strip():
            continue
        try:
            yield number, line_object(line)
        except ValueError as error:
            staging.problem("syntax", "", f"line {number}: {error}")


def text_of(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False).encode()


def line_object(line: bytes | None) -> Object:
    """The object in a line; raises ValueError saying what is wrong."""
    if line is None:
        raise ValueError(f"the line has over {LONGEST:,} bytes")
    try:
        value = strict_json.loads(line)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    if b"\\u" in line and not is_whole(json.dumps(value, ensure_ascii=False)):
        raise ValueError("it holds half a surrogate pair, which is not a character")
    return cast(Object, value)


class _Window:
    """The part of a file's text that is being read."""

    def __init__(self, file: Decoded) -> None:
        self._pieces = pieces(file)
        self._bytes = b""
        self.text = ""
        self.ended = False

    def more(self, used: int) -> None:
        """Forgets the first `used` characters, and reads on."""
        piece = next(self._pieces, None)
        self.ended = piece is None
        raw = self._bytes + (piece or b"")
        cut = len(raw) if self.ended else _whole_characters(raw)
        self.text = self.text[used:] + raw[:cut].decode(errors="replace")
        self._bytes = raw[cut:]


def _whole_characters(raw: bytes) -> int:
    """How many of the bytes are whole characters of UTF-8."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(raw) if back >= length else len(raw) - back
        if byte < 0x80:
            break
    return len(raw)


def _entries(file: Decoded, layout: Layout) -> Iterator[tuple[int, Object]]:
    window = _Window(file)
    window.more(0)
    begin = BEGIN[layout].search(window.text)
    at, number = begin.end() if begin else 0, 0
    while True:
        at = BETWEEN.match(window.text, at).end()  # type: ignore[union-attr]
        while at == len(window.text) and not window.ended:
            window.more(at)
            at = BETWEEN.match(window.text).end()  # type: ignore[union-attr]
        if window.text[at : at + 1] == ("" if layout is Layout.apart else "]"):
            return
        value, at = _entry(window, at, number + 1, file.name)
        number += 1
        if not isinstance(value, dict):
            raise Invalid(f"{file.name}: entry {number} of the list is not an object")
        yield number, cast(Object, value)
        if at > PIECE:
            window.text, at = window.text[at:], 0


def _entry(window: _Window, at: int, number: int, name: str) -> tuple[Any, int]:
    """The value at a position and where it ends; raises Invalid."""
    while True:
        try:
            value, end = strict_json.DECODER.raw_decode(window.text, at)
            if end < len(window.text) or window.ended:
                return value, end
        except RecursionError:
            raise Invalid(f"{name}: entry {number} is nested too deeply") from None
        except (ValueError, IndexError) as error:
            if window.ended or len(window.text) - at > LONGEST:
                raise Invalid(f"{name}: entry {number} of the list is not JSON: {error}") from None
        window.more(at)
        at = 0
        if window.ended and not window.text.strip(" \t\r\n,"):
            raise Invalid(f"{name}: the list has no end; the file is cut off")
