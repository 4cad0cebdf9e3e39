"""How many steps Java may take to match a text with a pattern of `=~`, where Neo4j cannot stop it.

Java tries one after the other the ways in which a pattern may match. A repeated character may end at each
place of the text, an optional one at two, and an alternation has as many ways as it has branches that begin
alike. The ways of parts that follow each other multiply, so a part takes its own steps once for each way of
those before it. Two cases that people often write are known to take fewer:

- what follows a repeated character cannot be that character (`[^,]*,`, `\\w+\\s`): it has one way;
- `.*` is the end of the pattern and matches line breaks too, by `(?s)`: it reaches the end at once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import inf
from typing import Final

from graph.errors import Invalid

MOST_PARTS: Final = 1_000
DEEPEST: Final = 50
MOST_TURNS: Final = 100

_PIECES: Final = re.compile(
    r"""
    (?P<repeat>(?:[*+?]|\{(?P<least>\d{1,9})(?P<to>,(?P<most>\d{1,9})?)?\})(?P<way>[+?]?))
    | \(\?(?P<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)\)
    | (?P<open>\((?:\?(?:(?P<inner>[a-zA-Z]*(?:-[a-zA-Z]+)?):|(?P<look><?[=!]|>)|<[a-zA-Z]\w*>)|(?!\?)))
    | (?P<close>\))
    | (?P<or>\|)
    | (?P<end>\$|\\[Zz])
    | (?P<place>\^|\\[AG])
    | (?P<border>\\[bB](?!\{))
    | (?P<same>\\[1-9]|\\k<[a-zA-Z]\w*>)
    | (?P<cluster>\\X)
    | (?P<break>\\R)
    | (?P<any>\.)
    | (?P<kind>\\[dDwWsS])
    | (?P<other>\\[hHvVtnrfae]|\\[pP](?:\{[^}]*\}|\w)|\\N\{[^}]*\}|\\x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\})
        |\\u[0-9a-fA-F]{4}|\\0[0-7]{1,3})
    | (?P<class>\[)
    | (?P<char>\\[^a-zA-Z0-9]|[^\\{])
    """,
    re.VERBOSE | re.DOTALL,
)
# Within a class. Left out are \Q, after which a bracket is a character, \c, which takes any character behind
# it, and a bracket at the beginning, which does not close.
_IN_CLASS: Final = re.compile(r"(?P<open>\[\^?(?!\]))|(?P<close>\])|\\[^QEc]|[^\\\[\]]", re.DOTALL)
# What Python reads as Java does.
_SIMPLE: Final = re.compile(r"\[\^?(?:[^\[\]\\&~|^-]|-(?!-)|\\[dDwWsS\[\]\\^$.|?*+(){}/-])+\]", re.DOTALL)


@dataclass(frozen=True)
class Lengths:
    """The longest text that a pattern may meet, in characters."""

    text: int
    line: int
    """Of one of its lines; `.` stops at line breaks."""
    marks: int
    """Of a run of combining marks, which Java walks through at each `\\b`."""


@dataclass(frozen=True)
class _Part:
    """Upper bounds of what a part of a pattern may do at one place of a text."""

    ways: float = 1
    steps: float = 1
    longest: float = 1
    first: frozenset[str] | None = None
    """Which of the characters tried it may begin with; None if it may be empty, or that is unknown."""
    literal: str = ""
    """What it begins with, in one case."""
    single: int = 0
    """If it is one character: how often that may follow itself."""
    repeats: frozenset[str] | None = None
    """If it is a repeated character: which of those tried."""
    endless: bool = False


def steps_of(pattern: str, lengths: Lengths) -> float:
    """An upper bound of the steps that Java takes to match a whole text with a pattern.

    Raises Invalid if the pattern cannot be read, has too many parts, or repeats a group without end.
    """
    return _Reader(pattern, lengths).read()


def _pieces(pattern: str) -> Iterator[tuple[str, re.Match[str], str]]:
    """The pieces of a pattern: their kinds and texts. Raises Invalid for one that is not known."""
    at = 0
    while at < len(pattern):
        piece = _PIECES.match(pattern, at)
        if piece is None or piece.lastgroup is None:
            raise _unread(pattern[at : at + 10])
        end = _end_of_class(pattern, at) if piece["class"] else piece.end()
        kind = next(kind for kind in ("flags", "repeat", "open", piece.lastgroup) if piece[kind] is not None)
        yield kind, piece, pattern[at:end]
        at = end


def _end_of_class(pattern: str, start: int) -> int:
    depth, at = 0, start
    while piece := _IN_CLASS.match(pattern, at):
        at = piece.end()
        depth += (piece["open"] is not None) - (piece["close"] is not None)
        if depth == 0:
            return at
    raise _unread(pattern[start : start + 10])


def _unread(what: str) -> Invalid:
    return Invalid(f"the pattern after =~ cannot be looked at: {what!r} in it is not known here")


class _Reader:
    """Reads one pattern."""

    def __init__(self, pattern: str, lengths: Lengths) -> None:
        self._lengths = lengths
        self._pieces = list(_pieces(pattern))
        self._at = 0
        self._group: float = 1
        parts = sum(kind != "char" for kind, _, _ in self._pieces)
        if parts > MOST_PARTS:
            raise Invalid(
                f"the pattern after =~ has {parts:,} parts, and at most {MOST_PARTS:,} are let through"
            )
        flags = "".join(piece["flags"] or piece["inner"] or "" for _, piece, _ in self._pieces)
        if "x" in flags:
            raise _unread("(?x)")
        self._unicode = "U" in flags
        self._line = lengths.text if {*"sd"} & {*flags} else lengths.line
        ahead = takewhile(lambda piece: piece[0] == "flags", self._pieces)
        self._all = "-" not in flags and any("s" in text for _, _, text in ahead)
        # Of two ranges that overlap, one has an end of the other.
        near = {chr(min(max(ord(c) + by, 0), 0x10FFFF)) for c in {*pattern} for by in (-1, 0, 1)}
        self._tried = "".join({*near, *map(chr, range(128)), "\U0010fffe"})

        most = lengths.text
        self._others = dict.fromkeys(("flags", "end", "place"), _Part(longest=0)) | {
            "border": _Part(steps=1 + lengths.marks, longest=0),
            "cluster": _Part(steps=most, longest=most),
            "break": _Part(ways=2, steps=2, longest=2),
            "other": _Part(single=most),
        }

    def read(self) -> float:
        whole = self._branches(0)
        if self._at < len(self._pieces):
            raise _unread(")")
        return whole.steps

    def _kind(self, at: int) -> str:
        return self._pieces[at][0] if 0 <= at < len(self._pieces) else ""

    def _branches(self, depth: int) -> _Part:
        if depth > DEEPEST:
            raise Invalid(f"the pattern after =~ has groups more than {DEEPEST} deep")
        branches = [self._sequence(depth)]
        while self._kind(self._at) == "or":
            self._at += 1
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else _either(branches)

    def _sequence(self, depth: int) -> _Part:
        parts: list[_Part] = []
        while self._kind(self._at) not in ("or", "close", ""):
            any_ = self._kind(self._at) == "any"
            part = self._part(depth)
            if self._kind(self._at) == "repeat":
                part = self._repeated(part, self._pieces[self._at][1])
                self._at += 1
            parts.append(part)
            if self._all and depth == 0 and any_ and part.endless and self._ends():
                # It succeeds at the first try, so that nothing before it is tried again.
                before = _sequence(parts[:-1], self._lengths.text)
                parts = [replace(before, steps=before.steps + before.ways + part.steps, ways=1, single=0)]
        return _sequence(parts, self._lengths.text)

    def _ends(self) -> bool:
        at = self._at
        while self._kind(at) == "end":
            at += 1
        return self._kind(at) in ("or", "")

    def _part(self, depth: int) -> _Part:
        kind, piece, text = self._pieces[self._at]
        self._at += 1
        most = self._lengths.text
        match kind:
            case "open":
                return self._in_group(depth, text, piece["look"] or "")
            case "same":
                return _Part(steps=self._group, longest=self._group)
            case "any":
                return _Part(single=self._line)
            case "class" | "kind":
                return _Part(single=most, first=self._in(text))
            case "char":
                char = text[-1]
                folded = char.upper()[:1].lower()[:1]
                return _Part(single=most, first=self._in(re.escape(char)), literal=folded)
            case _ if kind in self._others:
                return self._others[kind]
            case _:
                raise _unread(text)

    def _in_group(self, depth: int, text: str, look: str) -> _Part:
        inner = self._branches(depth + 1)
        if self._kind(self._at) != "close":
            raise _unread(text)
        self._at += 1
        self._group = max(self._group, inner.longest)
        return _grouped(inner, look)

    def _in(self, kind: str) -> frozenset[str] | None:
        """The characters of those tried that are of this kind; None if that is not known."""
        if self._unicode or (kind[0] == "[" and not _SIMPLE.fullmatch(kind)):
            return None
        try:
            found = re.findall(kind, self._tried, re.ASCII | re.IGNORECASE)
        except re.error:  # such as a range from z to a: Java refuses it as well
            return None
        return frozenset(found)

    def _repeated(self, part: _Part, piece: re.Match[str]) -> _Part:
        match piece[0][0]:
            case "{":
                least = int(piece["least"])
                most = int(piece["most"]) if piece["most"] else inf if piece["to"] else least
            case sign:
                least, most = int(sign == "+"), 1 if sign == "?" else inf
        if not part.single:
            return _turns(part, least, most)
        longest = min(most, part.single)
        ways = max(1, longest - least + 1) if piece["way"] != "+" else 1
        first = part.first if least else None
        endless = ways > 1 and most >= part.single
        # Java's loop that counts takes twice as long.
        steps = 1 + (longest if most == inf else 2 * longest)
        return _Part(ways, steps, longest, first, repeats=part.first, endless=endless)


def _grouped(inner: _Part, look: str) -> _Part:
    match look:
        case "=" | "!":
            return _Part(steps=inner.steps, longest=0)
        case "<=" | "<!":
            return _Part(steps=inner.steps * (1 + inner.longest), longest=0)
        case ">":
            return replace(inner, ways=1, single=0)
        case _:
            return replace(inner, single=0)


def _turns(group: _Part, least: int, most: float) -> _Part:
    if most > MOST_TURNS:
        raise Invalid(
            "the pattern after =~ repeats what is in parentheses, which can take Java forever and "
            "cannot be stopped: repeat single characters or a class such as [a-z]*, or a group up to "
            f"{MOST_TURNS} times, as in {{1,3}}"
        )
    ways = steps = 0.0
    power = 1.0
    for n in range(int(most) + 1):
        ways += power if n >= least else 0
        steps += power * group.steps
        power *= group.ways
    return _Part(max(1, ways), max(1, steps), group.longest * most, group.first if least else None)


def _either(branches: Sequence[_Part]) -> _Part:
    # Branches that match at the same place begin with parts of the same text.
    alike = (sum(b.ways for b in branches if a.literal.startswith(b.literal)) for a in branches)
    firsts = [b.first for b in branches if b.first is not None]
    return _Part(
        ways=max(alike),
        steps=sum(b.steps for b in branches),
        longest=max(b.longest for b in branches),
        first=frozenset[str]().union(*firsts) if len(firsts) == len(branches) else None,
    )


def _sequence(parts: Sequence[_Part], longest: int) -> _Part:
    ways, steps, endless = 1.0, 1.0, 0
    for n, part in enumerate(parts):
        following = parts[n + 1].first if n + 1 < len(parts) else None
        apart = part.repeats is not None and following is not None and not part.repeats & following
        # Endless repeats share the text: together they end at fewer places.
        endless += part.endless and not apart
        shared = max(1, endless) if part.endless else 1
        steps += ways * part.steps / shared
        ways *= 1 if apart else max(1, part.ways / shared)
    solid = [part for part in parts if part.longest]
    plain = takewhile(lambda part: part.literal, parts)
    return _Part(
        ways,
        steps,
        min(longest, sum(part.longest for part in parts)),
        solid[0].first if solid else None,
        "".join(part.literal for part in plain),
        single=parts[0].single if len(parts) == 1 else 0,
    )
