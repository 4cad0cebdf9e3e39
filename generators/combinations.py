"""The concept combinations of a syllabus, counted and numbered exactly (GLAN, arXiv 2402.13064).

GLAN asks for each question with one class session and 1 to 5 of its key concepts, or with two sessions
and 2 to 5 concepts that come from both. For a syllabus with concept sets K1..Kh these combinations fall
into nine strata, (strategy, number of concepts). Each stratum is an interval [0, count) here: `unrank`
gives the i-th combination, `rank` its position, both without listing anything.

A k-subset {c1 < ... < ck} of [0, n) has the number C(c1, 1) + ... + C(ck, k) in [0, C(n, k)): the
combinatorial number system. A pair of sessions is split into the concepts of the first only, of both, and
of the second only; a cell (x, y, z) says how many are taken from each, with x + y > 0 and y + z > 0 so
that both sessions are hit. Sessions, cells and subsets are found by bisecting prefix sums.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate, combinations
from math import comb
from typing import Literal, NamedTuple

Strategy = Literal["single", "pair"]
Concepts = tuple[str, ...]
# _Binomials[k][c] is C(c, k).
_Binomials = list[list[int]]

LARGEST = 5


class Stratum(NamedTuple):
    """Combinations of one strategy and one number of concepts, written "single:3" or "pair:2"."""

    strategy: Strategy
    size: int

    def __str__(self) -> str:
        return f"{self.strategy}:{self.size}"

    @classmethod
    def parse(cls, text: str) -> "Stratum":
        """The stratum that `str` wrote; ValueError for anything else."""
        if text not in _BY_NAME:
            raise ValueError(f"no stratum {text!r}; there are {', '.join(_BY_NAME)}")
        return _BY_NAME[text]


STRATA: tuple[Stratum, ...] = (
    *(Stratum("single", size) for size in range(1, LARGEST + 1)),
    *(Stratum("pair", size) for size in range(2, LARGEST + 1)),
)
_BY_NAME = {str(stratum): stratum for stratum in STRATA}


class Combination(NamedTuple):
    """One or two sessions, as ascending indices, and the concepts drawn from them, sorted."""

    sessions: tuple[int, ...]
    concepts: Concepts


class CombinationSpace:
    """All concept combinations of a syllabus whose sessions teach the given concepts.

    The numbering depends on the order of the sessions and on nothing else: not on the order of the
    concepts in a session. A concept may be taught in several sessions, but only once in each (ValueError).
    """

    def __init__(self, sessions: Sequence[Sequence[str]]) -> None:
        self._sessions = [_sorted_set(index, concepts) for index, concepts in enumerate(sessions)]
        longest = max(map(len, self._sessions), default=0)
        self._binomials = [[comb(c, k) for c in range(longest + 1)] for k in range(LARGEST + 1)]
        self._tables: dict[Stratum, _Singles | _Pairs] = {}

    def count(self, stratum: Stratum) -> int:
        """How many combinations the stratum holds.

        single:k is the sum over the sessions of C(|Ki|, k): a subset that two sessions share counts twice.
        pair:k is the sum over i < j, with u = |Ki u Kj|, of C(u, k) - C(u - |Ki|, k) - C(u - |Kj|, k).
        """
        return self._table(stratum).total

    def unrank(self, stratum: Stratum, rank: int) -> Combination:
        """The combination at position `rank`; IndexError outside [0, count)."""
        table = self._table(stratum)
        if not 0 <= rank < table.total:
            raise IndexError(f"{stratum} has {table.total} combinations, none at {rank}")
        return table.unrank(rank)

    def rank(self, stratum: Stratum, combination: Combination) -> int:
        """The position of `combination`: the inverse of `unrank`; ValueError if it is not in the stratum."""
        sessions, concepts = combination
        rank: int | None = None
        if len(concepts) == stratum.size and _is_ascending(concepts):
            rank = self._table(stratum).rank(sessions, concepts)
        if rank is None:
            raise ValueError(f"{combination} is not in {stratum} of this syllabus")
        return rank

    def _table(self, stratum: Stratum) -> "_Singles | _Pairs":
        table = self._tables.get(stratum)
        if table is None:
            table = self._tables[stratum] = self._build(stratum)
        return table

    def _build(self, stratum: Stratum) -> "_Singles | _Pairs":
        if stratum not in STRATA:
            raise ValueError(f"no stratum {stratum}; there are {', '.join(_BY_NAME)}")
        if stratum.strategy == "single":
            return _Singles(stratum.size, self._sessions, self._binomials)
        return _Pairs(stratum.size, len(self._sessions), self._splits, self._binomials)

    @cached_property
    def _splits(self) -> "list[_Split]":
        sets = [frozenset(concepts) for concepts in self._sessions]
        return [
            _split(self._sessions[i], self._sessions[j], sets[i] & sets[j])
            for i, j in combinations(range(len(sets)), 2)
        ]


def combination_key(session_ids: Iterable[str], concept_ids: Iterable[str]) -> str:
    """The name of a combination for all time: 32 hex digits, whatever order the ids come in.

    BLAKE2b-128 of the compact UTF-8 JSON [[session ids, sorted], [concept ids, sorted]].
    """
    ids = [sorted(session_ids), sorted(concept_ids)]
    text = json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


class _Singles:
    """The k-subsets of one session, session after session. `rank` is None for what is not among them."""

    def __init__(self, size: int, sessions: list[Concepts], binomials: _Binomials) -> None:
        self._size = size
        self._sessions = sessions
        self._binomials = binomials
        self._starts, self.total = _starts(binomials[size][len(concepts)] for concepts in sessions)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        picked: list[str] = []
        _pick(picked, self._sessions[index], self._size, rank - self._starts[index], self._binomials)
        picked.reverse()
        return Combination((index,), tuple(picked))

    def rank(self, sessions: tuple[int, ...], concepts: Concepts) -> int | None:
        if len(sessions) != 1 or not 0 <= sessions[0] < len(self._sessions):
            return None
        placed = _place(concepts, (self._sessions[sessions[0]],))
        if placed is None:
            return None
        return self._starts[sessions[0]] + _subset_rank(placed[0], self._binomials)


class _Pairs:
    """The k-subsets that hit both of two sessions: pair after pair, and cell after cell in each."""

    def __init__(self, size: int, sessions: int, splits: "list[_Split]", binomials: _Binomials) -> None:
        self._pairs = list(combinations(range(sessions), 2))
        self._sessions = sessions
        self._splits = splits
        self._cells = [_cells(len(s.first), len(s.both), len(s.second), size) for s in splits]
        self._binomials = binomials
        self._starts, self.total = _starts(cells.total for cells in self._cells)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        rank -= self._starts[index]
        cells = self._cells[index]
        number = bisect_right(cells.starts, rank) - 1
        x, y, z, ways_both, ways_second = cells.rows[number]
        rank, second_rank = divmod(rank - cells.starts[number], ways_second)
        first_rank, both_rank = divmod(rank, ways_both)
        first, both, second = self._splits[index]
        picked: list[str] = []
        _pick(picked, first, x, first_rank, self._binomials)
        _pick(picked, both, y, both_rank, self._binomials)
        _pick(picked, second, z, second_rank, self._binomials)
        picked.sort()
        return Combination(self._pairs[index], tuple(picked))

    def rank(self, sessions: tuple[int, ...], concepts: Concepts) -> int | None:
        index = self._pair_index(sessions)
        placed = None if index is None else _place(concepts, self._splits[index])
        if index is None or placed is None:
            return None
        cells = self._cells[index]
        number = cells.numbers.get(tuple(map(len, placed)))
        if number is None:
            return None
        first, both, second = (_subset_rank(positions, self._binomials) for positions in placed)
        row = cells.rows[number]
        within = (first * row.ways_both + both) * row.ways_second + second
        return self._starts[index] + cells.starts[number] + within

    def _pair_index(self, sessions: tuple[int, ...]) -> int | None:
        """The position of (i, j) in the lexicographic order of all pairs."""
        if len(sessions) != 2 or not 0 <= sessions[0] < sessions[1] < self._sessions:
            return None
        i, j = sessions
        return i * (2 * self._sessions - i - 1) // 2 + j - i - 1


class _Split(NamedTuple):
    """Two sessions' concepts, each part sorted."""

    first: Concepts
    both: Concepts
    second: Concepts


class _Cell(NamedTuple):
    """x, y and z concepts from the parts of a split; the ways to choose the y and the z."""

    x: int
    y: int
    z: int
    ways_both: int
    ways_second: int


class _Cells(NamedTuple):
    """The cells of a pair's shape, where each starts, and the cell number of each (x, y, z)."""

    rows: list[_Cell]
    starts: list[int]
    numbers: dict[tuple[int, ...], int]
    total: int


@lru_cache(maxsize=4096)
def _cells(first: int, both: int, second: int, size: int) -> _Cells:
    """The cells that hit both sessions, for parts of the given lengths; most pairs share a few shapes."""
    taken = [(x, y, size - x - y) for x in range(size + 1) for y in range(size - x + 1)]
    hitting = [(x, y, z) for x, y, z in taken if x + y > 0 and y + z > 0]
    rows = [_Cell(x, y, z, comb(both, y), comb(second, z)) for x, y, z in hitting]
    starts, total = _starts(comb(first, row.x) * row.ways_both * row.ways_second for row in rows)
    numbers: dict[tuple[int, ...], int] = {taken: number for number, taken in enumerate(hitting)}
    return _Cells(rows, starts, numbers, total)


def _split(first: Concepts, second: Concepts, shared: frozenset[str]) -> _Split:
    if not shared:
        return _Split(first, (), second)
    return _Split(_without(first, shared), tuple(sorted(shared)), _without(second, shared))


def _without(concepts: Concepts, shared: frozenset[str]) -> Concepts:
    return tuple(concept for concept in concepts if concept not in shared)


def _sorted_set(index: int, concepts: Sequence[str]) -> Concepts:
    if len(set(concepts)) != len(concepts):
        raise ValueError(f"session {index} names a concept twice: {', '.join(sorted(concepts))}")
    return tuple(sorted(concepts))


def _starts(counts: Iterable[int]) -> tuple[list[int], int]:
    """Where each block starts when blocks of these lengths follow one another, and where the last ends.

    An empty block starts where the next one does, so that bisecting to the right passes over it.
    """
    ends = list(accumulate(counts, initial=0))
    return ends[:-1], ends[-1]


def _pick(picked: list[str], concepts: Concepts, size: int, rank: int, binomials: _Binomials) -> None:
    """Append the size-subset of `concepts` with this rank, last element first."""
    bound = len(concepts)
    for k in range(size, 0, -1):
        column = binomials[k]
        bound = bisect_right(column, rank, 0, bound) - 1
        rank -= column[bound]
        picked.append(concepts[bound])


def _subset_rank(positions: list[int], binomials: _Binomials) -> int:
    return sum(binomials[k][position] for k, position in enumerate(positions, 1))


def _place(concepts: Concepts, parts: Sequence[Concepts]) -> list[list[int]] | None:
    """The ascending positions of the concepts in each part; None if one is in none of them."""
    placed: list[list[int]] = [[] for _ in parts]
    for concept in concepts:
        for positions, part in zip(placed, parts, strict=True):
            position = bisect_left(part, concept)
            if position < len(part) and part[position] == concept:
                positions.append(position)
                break
        else:
            return None
    return placed


def _is_ascending(concepts: Concepts) -> bool:
    return all(concepts[i] < concepts[i + 1] for i in range(len(concepts) - 1))
