"""JSON as RFC 8259 has it: Python's own reader takes NaN, makes infinity of 1e400, and keeps the last of two
values of one name.
"""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn, cast

DEEPEST = 100


# Outside of strings, each of these begins one more value or ends a level; a quote that is left over has no
# partner.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[,\[{\]}"]', re.DOTALL)
LEVELS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
BLANK = re.compile(r"[ \t\n\r]*")


class TooMany(ValueError):
    """It is JSON of more values, or longer ones, than are read."""


def require_at_most(text: bytes, most: int) -> None:
    """Raises TooMany for a text of over `most` values, before they are made."""
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
    """The value; raises ValueError that says what is wrong with the text."""
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
    """The entries of a list, each made by itself, so that a thread that does this lets others run in between.

    None where the text is something else. Raises ValueError, and TooMany for over `most` entries or one
    of over `longest` characters.
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
    """Reads values out of windows of a long text, so that no value can be longer than a window."""

    def __init__(self, whole: str, longest: int) -> None:
        self._whole = whole
        self._longest = longest
        self._base = 0
        self._window = whole[:longest]

    def value(self, at: int, number: int) -> tuple[Any, int]:
        """The value that begins at a place, and where it ends."""
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
        """Raises IndexError for a value that reaches to the window's end and may go on behind it."""
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


# Made once: json.loads makes one for each text.
DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_float, object_pairs_hook=_object)


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value has more levels, found level by level: recursion is what is to be bounded."""
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
