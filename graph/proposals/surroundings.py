"""Where two nodes stand, and what that says about whether they are the same."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

MOST_NAMED = 3
SAME_PARENT, SAME_CHILDREN, OTHER_FIELDS = 0.15, 0.1, -0.2


class Standing(Protocol):
    """What is known of a node."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def vocabularies(self) -> int: ...
    @property
    def parents(self) -> tuple[str, ...]: ...


S = TypeVar("S", bound=Standing)


class Surroundings:
    """Parents, children and fields of nodes, compared by the keys of their names."""

    def __init__(self, entries: Sequence[Standing], keys: Sequence[str]) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._keys = {entry.id: key for entry, key in zip(entries, keys, strict=True)}
        self._children: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            for parent in entry.parents:
                self._children[parent].append(entry.id)
        self._above = lru_cache(500)(self._all_above)

    def _all_above(self, id_: str) -> frozenset[str]:
        found: set[str] = set()
        front = [id_]
        while front:
            entry = self._entries.get(front.pop())
            fresh = [above for above in entry.parents if above not in found] if entry else []
            found.update(fresh)
            front += fresh
        return frozenset(found)

    def one_above_the_other(self, one: str, other: str) -> bool:
        """Whether one of two nodes stands above the other."""
        return one in self._above(other) or other in self._above(one)

    def ordered(self, one: S, other: S) -> tuple[S, S]:
        """The two nodes, first the one to keep: of the vocabulary named first, with more below, the older."""
        first = min(
            (one, other), key=lambda entry: (_lowest(entry), -len(self._children.get(entry.id, ())), entry.id)
        )
        return (one, other) if first is one else (other, one)

    def context(self, one: Standing, other: Standing) -> tuple[float, list[str]]:
        """What the surroundings add to the score, and a line for each thing that does."""
        change, lines = 0.0, list[str]()
        if same := self._shared(one.parents, other.parents):
            change += SAME_PARENT
            lines.append(f"both under {same}")
        if same := self._shared(self._children.get(one.id, ()), self._children.get(other.id, ())):
            change += SAME_CHILDREN
            lines.append(f"both above {same}")
        mine, theirs = self._fields(one.id), self._fields(other.id)
        if mine and theirs and not {*mine} & {*theirs}:
            change += OTHER_FIELDS
            lines.append(f"different fields: {_listed(mine.values())} and {_listed(theirs.values())}")
        return change, lines

    def _shared(self, some: Sequence[str], others: Sequence[str]) -> str:
        """The names that nodes of both lists have, quoted; empty if there is none."""
        if not some or not others:
            return ""
        theirs = {self._keys.get(id_, "") for id_ in others}
        same = [id_ for id_ in some if self._keys.get(id_) and self._keys[id_] in theirs]
        return _listed([self._entries[id_].name for id_ in same])

    def _fields(self, id_: str) -> dict[str, str]:
        found = [above for above in self._above(id_) if above in self._entries]
        return {
            self._keys[above]: self._entries[above].name
            for above in sorted(found)
            if self._entries[above].kind == "Field"
        }


def _lowest(entry: Standing) -> int:
    return entry.vocabularies & -entry.vocabularies


def _listed(names: Iterable[str]) -> str:
    shown = sorted({*names})
    more = ", …" if len(shown) > MOST_NAMED else ""
    return ", ".join(f'"{name[:100]}"' for name in shown[:MOST_NAMED]) + more
