"""Strict JSON as in RFC 8259. Python's own parser accepts NaN, turns 1e400 into infinity, and keeps only the
last of several values with the same name.
"""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn, cast

DEEPEST = 100


# Outside strings, each bracket or comma begins another value or ends a level; a lone quote is unmatched.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[,\[{\]}"]', re.DOTALL)
LEVELS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
BLANK = re.compile(r"[ \t\n\r]*")


class TooMany(ValueError):
    """The JSON has more values, or longer ones, than the limit."""


def require_at_most(text: bytes, most: int) -> None:
    """Raises TooMany for a text with over `most` values, counted before they are parsed.

    Raises ValueError for other faults found while counting.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) < most:
        return
    count, depth = 1, 0
    for token in TOKEN.finditer(text):
        if token[0] == b'"':
            raise ValueError("a string has no end")
        kind = token[0][:1]
        depth += LEVELS.get(kind, 0)
        if depth > DEEPEST:
            raise ValueError(f"it is nested deeper than {DEEPEST} levels")
        count += kind in b",[{"
        if count > most:
            raise TooMany(f"it has over {most:,} values")


def loads(text: bytes) -> Any:
    """The parsed value; raises ValueError saying what is wrong with the text."""
    try:
        value = DECODER.decode(_text(text))
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    if text.count(b"[") + text.count(b"{") > DEEPEST and _deeper(value, DEEPEST):
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return value


def _text(text: bytes) -> str:
    try:
        return text.decode(json.detect_encoding(text), "surrogatepass")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def entries(text: bytes, longest: int, most: int) -> list[Any] | None:
    """The entries of a JSON list, parsed one by one so that a thread doing this lets others run in between.

    None if the text is not a list. Raises ValueError for invalid JSON, and TooMany for over `most` entries or
    an entry of over `longest` characters.
    """
    whole = _text(text)
    at = _after_blank(whole, 0)
    if whole[at : at + 1] != "[":
        return None
    found: list[Any] = []
    at = _after_blank(whole, at + 1)
    closed = whole[at : at + 1] == "]"
    reader = _Reader(whole, longest)
    while not closed:
        value, at = reader.value(at, len(found) + 1)
        found.append(value)
        if len(found) > most:
            raise TooMany(f"it has over {most:,} entries")
        at = _after_blank(whole, at)
        closed = whole[at : at + 1] == "]"
        if not closed:
            if whole[at : at + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", whole, at)
            at = _after_blank(whole, at + 1)
    if _after_blank(whole, at + 1) != len(whole):
        raise json.JSONDecodeError("Extra data", whole, at + 1)
    return found


def _after_blank(text: str, at: int) -> int:
    blank = BLANK.match(text, at)
    return blank.end() if blank else at


class _Reader:
    """Parses values from windows of a long text, so that no value can be longer than a window."""

    def __init__(self, whole: str, longest: int) -> None:
        self._whole = whole
        self._longest = longest
        self._base = 0
        self._window = whole[:longest]

    def value(self, at: int, number: int) -> tuple[Any, int]:
        """The value that begins at position `at`, and the position where it ends."""
        try:
            return self._read(at)
        except (ValueError, IndexError):
            self._base, self._window = at, self._whole[at : at + self._longest]
        try:
            return self._read(at)
        except IndexError:
            raise TooMany(f"entry {number} is longer than {self._longest:,} characters") from None
        except json.JSONDecodeError as error:
            cut = at + self._longest < len(self._whole)
            if cut and (error.msg.startswith("Unterminated") or error.pos > self._longest - 16):
                raise TooMany(f"entry {number} is longer than {self._longest:,} characters") from None
            raise json.JSONDecodeError(error.msg, self._whole, at + error.pos) from None

    def _read(self, at: int) -> tuple[Any, int]:
        """Raises IndexError for a value that reaches the end of the window and may continue after it."""
        try:
            value, end = DECODER.raw_decode(self._window, at - self._base)
        except RecursionError:
            raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
        if end == len(self._window) and self._base + end < len(self._whole):
            raise IndexError
        if _deeper(value, DEEPEST - 1):
            raise ValueError(f"it is nested deeper than {DEEPEST} levels")
        return value, self._base + end


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is larger than a 64-bit number can be")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the name {twice!r} appears twice in one object")
    return made


# Made once, because json.loads would make a new decoder for every text.
DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_float, object_pairs_hook=_object)


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value has more than `levels` levels; checked level by level, without recursion."""
    level: list[Any] = [value]
    for _ in range(levels):
        below: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                below += cast(dict[str, Any], part).values()
            elif isinstance(part, list):
                below += cast(list[Any], part)
        level = [part for part in below if isinstance(part, dict | list)]
        if not level:
            return False
    return True
