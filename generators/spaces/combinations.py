"""The concept combinations of a syllabus, counted and numbered exactly (GLAN, arXiv 2402.13064).

GLAN bases each question on one class session and 1 to 5 of its key concepts, or on two sessions and 2 to 5
concepts that come from both. For a syllabus with concept sets K1..Kh these combinations fall into nine
strata, (strategy, number of concepts). Each stratum is an interval [0, count) here: `unrank` gives the i-th
combination, `rank` its position, both without listing anything.

A k-subset {c1 < ... < ck} of [0, n) has the number C(c1, 1) + ... + C(ck, k) in [0, C(n, k)): the
combinatorial number system. A pair of sessions is split into the concepts of the first only, of both, and
of the second only; a cell (x, y, z) says how many are taken from each, with x + y > 0 and y + z > 0 so
that both sessions are hit. Sessions, cells and subsets are found by bisecting prefix sums. Sessions of
usual sizes have few combinations each: these are tabulated once per shape, for all syllabi together.

The combinations of a stratum that contain a concept c form their own interval, `count_with` and
`unrank_with`: the rest of the combination is drawn from what the sessions teach besides c.
"""

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate, combinations
from math import comb
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar, cast

Strategy = Literal["single", "pair"]
Concepts = tuple[str, ...]
# _Binomials[k][c] is C(c, k).
_Binomials = list[list[int]]
# Each picks the concepts of one combination from a tuple of all concepts to choose from.
_Pickers = tuple[Callable[[Concepts], Concepts], ...]
T = TypeVar("T")

LARGEST = 5
# Maximum combinations of a shape that is tabulated: 6 + 5 concepts have 455 combinations of 5.
TABULATED = 512


class Stratum(NamedTuple):
    """Combinations of one strategy and one number of concepts, written "single:3" or "pair:2"."""

    strategy: Strategy
    size: int

    def __str__(self) -> str:
        return f"{self.strategy}:{self.size}"

    @classmethod
    def parse(cls, text: str) -> "Stratum":
        """The stratum written as by `str`. Raises ValueError for anything else."""
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


# A NamedTuple's own __new__ takes twice as long, which matters in a draw of 3 microseconds.
_new = cast(Callable[[type[Combination], tuple[tuple[int, ...], Concepts]], Combination], tuple.__new__)


class CombinationSpace:
    """All concept combinations of a syllabus whose sessions teach the given concepts.

    The numbering depends on the order of the sessions, but not on the order of the concepts in a session.
    A concept may be taught in several sessions; raises ValueError if a session names it twice.
    """

    def __init__(self, sessions: Sequence[Sequence[str]]) -> None:
        self._sessions = [_sorted_set(index, concepts) for index, concepts in enumerate(sessions)]
        longest = max(map(len, self._sessions), default=0)
        self._binomials = _table_of(2 * longest)  # draws by concept choose from two sessions together
        self._tables: dict[Stratum, _Singles | _Pairs] = {}
        self._with: dict[tuple[Stratum, str], _With] = {}

    def count(self, stratum: Stratum) -> int:
        """How many combinations the stratum holds.

        single:k is the sum over the sessions of C(|Ki|, k): a subset that two sessions share counts twice.
        pair:k is the sum over i < j, with u = |Ki u Kj|, of C(u, k) - C(u - |Ki|, k) - C(u - |Kj|, k).
        """
        table = self._tables.get(stratum)
        if table is not None:
            return table.total
        _check(stratum)
        if stratum.strategy == "single":
            return sum(self._binomials[stratum.size][len(concepts)] for concepts in self._sessions)
        return sum(n * _hitting_both(*shape, stratum.size) for shape, n in self._shapes.items())

    def unrank(self, stratum: Stratum, rank: int) -> Combination:
        """The combination at position `rank`. Raises IndexError outside [0, count)."""
        table = self._table(stratum)
        if not 0 <= rank < table.total:
            raise IndexError(f"{stratum} has {table.total} combinations, none at {rank}")
        return table.unrank(rank)

    def unranker(self, stratum: Stratum) -> Callable[[int], Combination]:
        """`unrank` of one stratum without the check of the bounds, for drawing many."""
        return self._table(stratum).unrank

    def count_with(self, stratum: Stratum, concept: str) -> int:
        """How many combinations of the stratum contain `concept`; 0 if no session teaches it."""
        return self._table_with(stratum, concept).total

    def unrank_with(self, stratum: Stratum, concept: str, rank: int) -> Combination:
        """The combination at `rank` among those with `concept`. Raises IndexError outside [0, count_with)."""
        table = self._table_with(stratum, concept)
        if not 0 <= rank < table.total:
            raise IndexError(f"{stratum} has {table.total} combinations with {concept}, none at {rank}")
        return table.unrank(rank)

    @property
    def concepts(self) -> list[str]:
        """All concepts, each once, sorted."""
        return sorted(set[str]().union(*self._sessions))

    def rank(self, stratum: Stratum, combination: Combination) -> int:
        """The position of `combination`, the inverse of `unrank`. Raises ValueError if not in the stratum."""
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
        _check(stratum)
        if stratum.strategy == "single":
            return _Singles(stratum.size, self._sessions, self._binomials)
        return _Pairs(stratum.size, len(self._sessions), self._splits, self._binomials)

    def _table_with(self, stratum: Stratum, concept: str) -> "_With":
        table = self._with.get((stratum, concept))
        if table is None:
            _check(stratum)
            parts = self._singles_with if stratum.strategy == "single" else self._pairs_with
            table = self._with[stratum, concept] = _With(
                concept, stratum.size - 1, parts(concept), self._binomials
            )
        return table

    def _singles_with(self, concept: str) -> "list[_Rest]":
        return [
            _Rest((i,), (), _without(concepts, {concept}), 0)
            for i, concepts in enumerate(self._sessions)
            if concept in concepts
        ]

    def _pairs_with(self, concept: str) -> "list[_Rest]":
        pairs = combinations(range(len(self._sessions)), 2)
        return [
            _rest(pair, split, concept)
            for pair, split in zip(pairs, self._splits, strict=True)
            if concept in self._sets[pair[0]] or concept in self._sets[pair[1]]
        ]

    @cached_property
    def _sets(self) -> list[frozenset[str]]:
        return [frozenset(concepts) for concepts in self._sessions]

    @cached_property
    def _shapes(self) -> dict[tuple[int, int, int], int]:
        """Numbers of session pairs by shape: concepts of the first, of the second, and of their union."""
        return Counter((len(a), len(b), len(a | b)) for a, b in combinations(self._sets, 2))

    @cached_property
    def _splits(self) -> "list[_Split]":
        sets = self._sets
        return [
            _split(self._sessions[i], self._sessions[j], sets[i] & sets[j])
            for i, j in combinations(range(len(sets)), 2)
        ]


def combination_key(session_ids: Iterable[str], concept_ids: Iterable[str]) -> str:
    """The permanent name of a combination: 32 hex digits, whatever order the ids come in.

    BLAKE2b-128 of the compact UTF-8 JSON [[session ids, sorted], [concept ids, sorted]].
    """
    ids = [sorted(session_ids), sorted(concept_ids)]
    text = json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


class _Singles:
    """The k-subsets of one session, session after session. `rank` is None for any other combination."""

    def __init__(self, size: int, sessions: list[Concepts], binomials: _Binomials) -> None:
        self._size = size
        self._sessions = sessions
        self._binomials = binomials
        self._starts, self.total = _starts(binomials[size][len(concepts)] for concepts in sessions)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        rank -= self._starts[index]
        pickers, concepts = self._pickers[index], self._sessions[index]
        if pickers:
            return _new(Combination, ((index,), pickers[rank](concepts)))
        picked: list[str] = []
        _pick(picked, concepts, self._size, rank, self._binomials)
        return Combination((index,), tuple(picked[::-1]))

    @cached_property
    def _pickers(self) -> list[_Pickers]:
        """The pickers of each session; made at the first draw, because counting needs none."""
        return [_pickers_of_one(len(concepts), self._size) for concepts in self._sessions]

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
        self._size = size
        self._pairs = list(combinations(range(sessions), 2))
        self._sessions = sessions
        self._splits = splits
        self._cells = [_cells(len(s.first), len(s.both), len(s.second), size) for s in splits]
        self._binomials = binomials
        self._starts, self.total = _starts(cells.total for cells in self._cells)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        rank -= self._starts[index]
        pickers = self._pickers[index]
        if pickers:
            return _new(Combination, (self._pairs[index], tuple(sorted(pickers[rank](self._unions[index])))))
        picked = _pick_from_cells(self._cells[index], self._splits[index], rank, self._binomials)
        return Combination(self._pairs[index], tuple(sorted(picked)))

    @cached_property
    def _pickers(self) -> list[_Pickers]:
        return [_pickers_of_two(len(s.first), len(s.both), len(s.second), self._size) for s in self._splits]

    @cached_property
    def _unions(self) -> list[Concepts]:
        return [split.first + split.both + split.second for split in self._splits]

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
        """The position of (i, j) in the lexicographic order of all pairs; None if it is not a pair."""
        if len(sessions) != 2 or not 0 <= sessions[0] < sessions[1] < self._sessions:
            return None
        i, j = sessions
        return i * (2 * self._sessions - i - 1) // 2 + j - i - 1


class _With:
    """A concept and `size` others: rest after rest, and in each by how many come from `needed`."""

    def __init__(self, concept: str, size: int, rests: "list[_Rest]", binomials: _Binomials) -> None:
        self._binomials = binomials
        self._concept = concept
        self._size = size
        self._rests = rests
        self._starts, self.total = _starts(self._count(rest) for rest in rests)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        sessions, free, needed, _ = self._rests[index]
        taken, rank = self._block(self._rests[index], rank - self._starts[index])
        needed_rank, free_rank = divmod(rank, comb(len(free), self._size - taken))
        picked = [self._concept]
        _pick(picked, needed, taken, needed_rank, self._binomials)
        _pick(picked, free, self._size - taken, free_rank, self._binomials)
        return Combination(sessions, tuple(sorted(picked)))

    def _block(self, rest: "_Rest", rank: int) -> tuple[int, int]:
        """How many of `needed` are taken at `rank`, and the rank among combinations that take as many."""
        for taken in range(rest.least, self._size):
            ways = comb(len(rest.needed), taken) * comb(len(rest.free), self._size - taken)
            if rank < ways:
                return taken, rank
            rank -= ways
        return self._size, rank

    def _count(self, rest: "_Rest") -> int:
        free, needed, least, size = len(rest.free), len(rest.needed), rest.least, self._size
        return sum(comb(needed, taken) * comb(free, size - taken) for taken in range(least, size + 1))


class _Rest(NamedTuple):
    """What may accompany a concept: any of `free`, and at least `least` of `needed`."""

    sessions: tuple[int, ...]
    free: Concepts
    needed: Concepts
    least: int


def _rest(pair: tuple[int, int], split: "_Split", concept: str) -> _Rest:
    """A concept of both sessions hits both; one in the first only needs another that hits the second."""
    first, both, second = split
    if concept in both:
        return _Rest(pair, (), first + _without(both, {concept}) + second, 0)
    if concept in first:
        return _Rest(pair, _without(first, {concept}), both + second, 1)
    return _Rest(pair, _without(second, {concept}), both + first, 1)


class _Split(NamedTuple):
    """The concepts of two sessions: in the first only, in both, in the second only; each part sorted."""

    first: Concepts
    both: Concepts
    second: Concepts


class _Cell(NamedTuple):
    """x, y and z concepts from the parts of a split, and the number of ways to choose the y and the z."""

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
    """The cells that hit both sessions, for parts of these lengths; most pairs share a few shapes."""
    taken = [(x, y, size - x - y) for x in range(size + 1) for y in range(size - x + 1)]
    hitting = [(x, y, z) for x, y, z in taken if x + y > 0 and y + z > 0]
    rows = [_Cell(x, y, z, comb(both, y), comb(second, z)) for x, y, z in hitting]
    starts, total = _starts(comb(first, row.x) * row.ways_both * row.ways_second for row in rows)
    numbers: dict[tuple[int, ...], int] = {taken: number for number, taken in enumerate(hitting)}
    return _Cells(rows, starts, numbers, total)


@lru_cache(maxsize=4096)
def _hitting_both(first: int, second: int, union: int, size: int) -> int:
    """The number of subsets of a union that hit both of two sessions."""
    return comb(union, size) - comb(union - first, size) - comb(union - second, size)


@lru_cache(maxsize=256)
def _pickers_of_one(concepts: int, size: int) -> _Pickers:
    """A picker for each subset of a session with `concepts` concepts, by rank; empty for large sessions."""
    total = comb(concepts, size)
    if total > TABULATED:
        return ()
    listed: list[list[int]] = [[] for _ in range(total)]
    for rank, picked in enumerate(listed):
        _pick(picked, range(concepts), size, rank, _table_of(concepts))
    return tuple(_picker(picked[::-1]) for picked in listed)


@lru_cache(maxsize=512)
def _pickers_of_two(first: int, both: int, second: int, size: int) -> _Pickers:
    """A picker for each combination of a pair of this shape, by rank; empty for large pairs."""
    cells = _cells(first, both, second, size)
    if cells.total > TABULATED:
        return ()
    union = range(first + both + second)
    parts = (union[:first], union[first : first + both], union[first + both :])
    binomials = _table_of(len(union))
    return tuple(_picker(_pick_from_cells(cells, parts, rank, binomials)) for rank in range(cells.total))


def _picker(places: Sequence[int]) -> Callable[[Concepts], Concepts]:
    if len(places) == 1:  # itemgetter(n) would give the item, not a tuple
        return itemgetter(slice(places[0], places[0] + 1))
    return cast(Any, itemgetter(*places))


def _pick_from_cells(
    cells: _Cells, parts: Sequence[Sequence[T]], rank: int, binomials: _Binomials
) -> list[T]:
    """The combination of a pair at `rank`, from the concepts of the first only, of both, of the second."""
    number = bisect_right(cells.starts, rank) - 1
    x, y, z, ways_both, ways_second = cells.rows[number]
    rank, second_rank = divmod(rank - cells.starts[number], ways_second)
    first_rank, both_rank = divmod(rank, ways_both)
    first, both, second = parts
    picked: list[T] = []
    _pick(picked, first, x, first_rank, binomials)
    _pick(picked, both, y, both_rank, binomials)
    _pick(picked, second, z, second_rank, binomials)
    return picked


def _check(stratum: Stratum) -> None:
    if stratum not in STRATA:
        raise ValueError(f"no stratum {stratum}; there are {', '.join(_BY_NAME)}")


def _split(first: Concepts, second: Concepts, shared: frozenset[str]) -> _Split:
    if not shared:
        return _Split(first, (), second)
    return _Split(_without(first, shared), tuple(sorted(shared)), _without(second, shared))


def _without(concepts: Concepts, shared: AbstractSet[str]) -> Concepts:
    return tuple(concept for concept in concepts if concept not in shared)


def _sorted_set(index: int, concepts: Sequence[str]) -> Concepts:
    if len(set(concepts)) != len(concepts):
        raise ValueError(f"session {index} names a concept twice: {', '.join(sorted(concepts))}")
    return tuple(sorted(concepts))


def _starts(counts: Iterable[int]) -> tuple[list[int], int]:
    """Where each block starts if blocks of these lengths follow one another, and where the last one ends.

    An empty block starts where the next block does, so that bisecting to the right skips it.
    """
    ends = list(accumulate(counts, initial=0))
    return ends[:-1], ends[-1]


def _table_of(longest: int) -> _Binomials:
    return [[comb(c, k) for c in range(longest + 1)] for k in range(LARGEST + 1)]


def _pick(picked: list[T], concepts: Sequence[T], size: int, rank: int, binomials: _Binomials) -> None:
    """Appends the size-subset of `concepts` with this rank to `picked`, last element first."""
    bound = len(concepts)
    for k in range(size, 0, -1):
        column = binomials[k]
        bound = bisect_right(column, rank, 0, bound) - 1
        rank -= column[bound]
        picked.append(concepts[bound])


def _subset_rank(positions: list[int], binomials: _Binomials) -> int:
    return sum(binomials[k][position] for k, position in enumerate(positions, 1))


def _place(concepts: Concepts, parts: Sequence[Concepts]) -> list[list[int]] | None:
    """The ascending positions of the concepts in each part; None if a concept is in no part."""
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
