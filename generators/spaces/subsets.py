"""Subsets of one or two sessions, counted and numbered.

A k-subset {c1 < ... < ck} of [0, n) has the number C(c1, 1) + ... + C(ck, k) in [0, C(n, k)): the
combinatorial number system. A pair of sessions is split into the concepts of the first only, of both, and of
the second only; a cell (x, y, z) says how many are taken from each, with x + y > 0 and y + z > 0 so that both
sessions are hit. Sessions of usual sizes have few combinations each: these are tabulated once per shape, for
all syllabi together.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import accumulate
from math import comb
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from generators.spaces.strata import LARGEST, Concepts

# Binomials[k][c] is C(c, k).
Binomials = list[list[int]]
# Each picks the concepts of one combination from a tuple of all concepts to choose from.
Pickers = tuple[Callable[[Concepts], Concepts], ...]
T = TypeVar("T")

# Maximum combinations of a shape that is tabulated: 6 + 5 concepts have 455 combinations of 5.
TABULATED = 512


class Split(NamedTuple):
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


class Cells(NamedTuple):
    """The cells of a pair's shape, where each starts, and the cell number of each (x, y, z)."""

    rows: list[_Cell]
    starts: list[int]
    numbers: dict[tuple[int, ...], int]
    total: int


@lru_cache(maxsize=4096)
def cells_of(first: int, both: int, second: int, size: int) -> Cells:
    """The cells that hit both sessions, for parts of these lengths; most pairs share a few shapes."""
    taken = [(x, y, size - x - y) for x in range(size + 1) for y in range(size - x + 1)]
    hitting = [(x, y, z) for x, y, z in taken if x + y > 0 and y + z > 0]
    rows = [_Cell(x, y, z, comb(both, y), comb(second, z)) for x, y, z in hitting]
    starts, total = starts_of(comb(first, row.x) * row.ways_both * row.ways_second for row in rows)
    numbers: dict[tuple[int, ...], int] = {taken: number for number, taken in enumerate(hitting)}
    return Cells(rows, starts, numbers, total)


@lru_cache(maxsize=4096)
def hitting_both(first: int, second: int, union: int, size: int) -> int:
    """The number of subsets of a union that hit both of two sessions."""
    return comb(union, size) - comb(union - first, size) - comb(union - second, size)


@lru_cache(maxsize=256)
def pickers_of_one(concepts: int, size: int) -> Pickers:
    """A picker for each subset of a session with `concepts` concepts, by rank; empty for large sessions."""
    total = comb(concepts, size)
    if total > TABULATED:
        return ()
    listed: list[list[int]] = [[] for _ in range(total)]
    for rank, picked in enumerate(listed):
        pick(picked, range(concepts), size, rank, binomials_up_to(concepts))
    return tuple(_picker(picked[::-1]) for picked in listed)


@lru_cache(maxsize=512)
def pickers_of_two(first: int, both: int, second: int, size: int) -> Pickers:
    """A picker for each combination of a pair of this shape, by rank; empty for large pairs."""
    cells = cells_of(first, both, second, size)
    if cells.total > TABULATED:
        return ()
    union = range(first + both + second)
    parts = (union[:first], union[first : first + both], union[first + both :])
    binomials = binomials_up_to(len(union))
    return tuple(_picker(pick_from_cells(cells, parts, rank, binomials)) for rank in range(cells.total))


def _picker(places: Sequence[int]) -> Callable[[Concepts], Concepts]:
    if len(places) == 1:  # itemgetter(n) would give the item, not a tuple
        return itemgetter(slice(places[0], places[0] + 1))
    return cast(Any, itemgetter(*places))


def pick_from_cells(cells: Cells, parts: Sequence[Sequence[T]], rank: int, binomials: Binomials) -> list[T]:
    """The combination of a pair at `rank`, from the concepts of the first only, of both, of the second."""
    number = bisect_right(cells.starts, rank) - 1
    x, y, z, ways_both, ways_second = cells.rows[number]
    rank, second_rank = divmod(rank - cells.starts[number], ways_second)
    first_rank, both_rank = divmod(rank, ways_both)
    first, both, second = parts
    picked: list[T] = []
    pick(picked, first, x, first_rank, binomials)
    pick(picked, both, y, both_rank, binomials)
    pick(picked, second, z, second_rank, binomials)
    return picked


def split_of(first: Concepts, second: Concepts, shared: frozenset[str]) -> Split:
    if not shared:
        return Split(first, (), second)
    return Split(without(first, shared), tuple(sorted(shared)), without(second, shared))


def without(concepts: Concepts, shared: AbstractSet[str]) -> Concepts:
    return tuple(concept for concept in concepts if concept not in shared)


def starts_of(counts: Iterable[int]) -> tuple[list[int], int]:
    """Where each block starts if blocks of these lengths follow one another, and where the last one ends.

    An empty block starts where the next block does, so that bisecting to the right skips it.
    """
    ends = list(accumulate(counts, initial=0))
    return ends[:-1], ends[-1]


def binomials_up_to(longest: int) -> Binomials:
    return [[comb(c, k) for c in range(longest + 1)] for k in range(LARGEST + 1)]


def pick(picked: list[T], concepts: Sequence[T], size: int, rank: int, binomials: Binomials) -> None:
    """Appends the size-subset of `concepts` with this rank to `picked`, last element first."""
    bound = len(concepts)
    for k in range(size, 0, -1):
        column = binomials[k]
        bound = bisect_right(column, rank, 0, bound) - 1
        rank -= column[bound]
        picked.append(concepts[bound])


def subset_rank(positions: list[int], binomials: Binomials) -> int:
    return sum(binomials[k][position] for k, position in enumerate(positions, 1))


def place(concepts: Concepts, parts: Sequence[Concepts]) -> list[list[int]] | None:
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
