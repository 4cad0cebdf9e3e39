"""Finds nodes that may be the same thing, by their addresses and names. Pure: it reads no graph.

Four tiers: 1 the publishers say so; 2 the same name but for its spelling (graph.name_keys); 3 the name of
one is an alternative name of the other; 4 names that differ in a letter or two, of two vocabularies only,
since one publisher tells its own names apart. Each pair is judged by itself: nothing follows from two pairs
of three nodes.
"""

import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from graph.name_keys import name_key
from graph.proposals.letter_pairs import near
from graph.proposals.name_guards import ordered_alike, qualified_alike
from graph.proposals.surroundings import Surroundings

MOST_PLACES = 5
"""A name in more places of one vocabulary says nothing about what stands there."""
MOST_FOUND = 100_000
SAYS_NOTHING = frozenset(
    map(
        name_key,
        ("Other", "Others", "General", "Miscellaneous", "Reserved", "None of the above", "Unspecified"),
    )
)
TYPED = "^^"
PAGE = 500


class Entry(NamedTuple):
    """What is compared of a node."""

    id: str
    kind: str
    name: str
    vocabularies: int
    """A bit for each of the vocabularies that it stands in."""
    parents: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Its alternative names, and its names in other languages."""
    uri: str | None = None
    notations: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    """URIs of what its publisher says is the same."""
    apart: tuple[str, ...] = ()
    """URIs of what its publisher keeps apart from it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Two nodes that may be the same."""

    from_id: str
    into_id: str
    tier: int
    score: float
    evidence: list[str]
    """Lines of text, of which the first says what is the same."""


class Looked(NamedTuple):
    """How far to look."""

    tier: int = 3
    threshold: float = 92.0
    """Minimum similarity of the keys at tier 4, 0 to 100."""
    across: bool = False
    """Only pairs of nodes of different vocabularies."""


def find(entries: Sequence[Entry], looked: Looked) -> list[Found]:
    """The pairs, by tier and score, the best first; at most MOST_FOUND of them."""
    return _Search(entries, looked).found()


def find_packed(pages: Sequence[bytes], looked: Looked) -> list[bytes]:
    """As `find`, for another process: both ways in pickled pages, since one pickle of all takes too long."""
    found = find([entry for page in pages for entry in pickle.loads(page)], looked)
    return [pickle.dumps(found[n : n + PAGE]) for n in range(0, len(found), PAGE)]


Reason = tuple[int, float, str]
"""Tier, score by itself, and the line that says what is the same."""


class _Search:
    def __init__(self, entries: Sequence[Entry], looked: Looked) -> None:
        self._entries = entries
        self._looked = looked
        self._keys = [name_key(entry.name) for entry in entries]
        self._by_key: dict[str, list[int]] = defaultdict(list)
        for n, key in enumerate(self._keys):
            self._by_key[key].append(n)
        self._silent = {key for key, places in self._by_key.items() if self._says_nothing(key, places)}
        self._around = Surroundings(entries, self._keys)
        self._reasons: dict[tuple[int, int], Reason] = {}

    def _says_nothing(self, key: str, places: Sequence[int]) -> bool:
        if not key or key in SAYS_NOTHING:
            return True
        if len(places) <= MOST_PLACES:
            return False
        counts = Counter(self._entries[n].vocabularies for n in places)
        bits = max(counts).bit_length()
        return any(
            sum(number for mask, number in counts.items() if mask >> bit & 1) > MOST_PLACES
            for bit in range(bits)
        )

    def found(self) -> list[Found]:
        self._take(self._by_address())
        if self._looked.tier >= 2:
            self._take(self._by_key_alone())
        if self._looked.tier >= 3:
            self._take(self._by_alternative())
        if self._looked.tier >= 4:
            self._take(self._by_letters())
        pairs = sorted(
            (self._found(a, b, reason) for (a, b), reason in self._reasons.items()),
            key=lambda one: (one.tier, -one.score, one.from_id, one.into_id),
        )
        return pairs[:MOST_FOUND]

    def _take(self, found: Iterable[tuple[int, int, Reason]]) -> None:
        """Keeps the first reason of each pair that may be merged."""
        for a, b, reason in found:
            pair = (a, b) if a < b else (b, a)
            if pair not in self._reasons and self._may_be_one(*pair):
                self._reasons[pair] = reason

    def _may_be_one(self, a: int, b: int) -> bool:
        one, other = self._entries[a], self._entries[b]
        if a == b or one.kind != other.kind:
            return False
        if self._looked.across and one.vocabularies & other.vocabularies:
            return False
        if (other.uri and other.uri in one.apart) or (one.uri and one.uri in other.apart):
            return False
        return not self._around.one_above_the_other(one.id, other.id)

    def _by_address(self) -> Iterator[tuple[int, int, Reason]]:
        by_uri: dict[str, list[int]] = defaultdict(list)
        by_notation: dict[str, list[int]] = defaultdict(list)
        for n, entry in enumerate(self._entries):
            if entry.uri:
                by_uri[entry.uri].append(n)
            for notation in entry.notations:
                if TYPED in notation:
                    by_notation[notation].append(n)
        yield from _sure(by_uri, "same URI")
        yield from _sure(by_notation, "same notation of one scheme")
        for n, entry in enumerate(self._entries):
            for uri in entry.same:
                for other in by_uri.get(uri, ())[:MOST_PLACES]:
                    yield n, other, (1, 1.0, f"{_quoted(entry.name)} is said to be the same as {uri}")

    def _by_key_alone(self) -> Iterator[tuple[int, int, Reason]]:
        for key, places in self._by_key.items():
            if len(places) < 2 or key in self._silent:
                continue
            for a, b in combinations(places, 2):
                one, other = self._entries[a].name, self._entries[b].name
                if one == other:
                    yield a, b, (2, 0.75, f"same name: {_quoted(one)}")
                elif ordered_alike(one, other):
                    said = f"same name but for its spelling: {_quoted(one)} and {_quoted(other)}"
                    yield a, b, (2, 0.7, said)

    def _by_alternative(self) -> Iterator[tuple[int, int, Reason]]:
        holders: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for n, entry in enumerate(self._entries):
            for label in dict.fromkeys(entry.alternatives):
                key = name_key(label)
                if key != self._keys[n] and key in self._by_key and key not in self._silent:
                    holders[key].append((n, label))
        for key, having in holders.items():
            if len(having) > MOST_PLACES * 2:
                continue
            for n, label in having:
                for other in self._by_key[key]:
                    name, called = self._entries[n].name, self._entries[other].name
                    if qualified_alike(name, called) and ordered_alike(label, called):
                        said = f"{_quoted(called)} is another name of {_quoted(name)}"
                        yield n, other, (3, 0.6, said)

    def _by_letters(self) -> Iterator[tuple[int, int, Reason]]:
        # Keys of the names that may be compared, with the vocabularies that have them.
        masks: dict[str, int] = {}
        for key, places in self._by_key.items():
            if key not in self._silent:
                for n in places:
                    masks[key] = masks.get(key, 0) | self._entries[n].vocabularies
        for one, other, ratio in near(masks, self._looked.threshold):
            for a in self._by_key[one]:
                for b in self._by_key[other]:
                    first, second = self._entries[a], self._entries[b]
                    if first.vocabularies & second.vocabularies or not qualified_alike(
                        first.name, second.name
                    ):
                        continue
                    said = f"similar names: {_quoted(first.name)} and {_quoted(second.name)}"
                    yield a, b, (4, 0.3 + 0.4 * (ratio - 90) / 10, said)

    def _found(self, a: int, b: int, reason: Reason) -> Found:
        tier, score, said = reason
        one, other = self._entries[a], self._entries[b]
        change, lines = self._around.context(one, other)
        into, from_ = self._around.ordered(one, other)
        if tier > 1:
            score = min(1.0, max(0.0, score + change))
        return Found(from_.id, into.id, tier, round(score, 3), [said, *lines])


def _sure(places: dict[str, list[int]], said: str) -> Iterator[tuple[int, int, Reason]]:
    for value, found in places.items():
        if len(found) <= MOST_PLACES:
            for a, b in combinations(found, 2):
                yield a, b, (1, 1.0, f"{said}: {value}")


def _quoted(name: str) -> str:
    shown = re.sub(r"\s+", " ", name)
    return f'"{shown if len(shown) <= 200 else shown[:199] + "…"}"'
