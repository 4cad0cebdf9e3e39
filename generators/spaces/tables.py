"""Tables of the combinations of one stratum: where each session or pair begins, and what is at a rank.

Sessions, cells and subsets are found by bisecting prefix sums, without listing anything.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from math import comb
from typing import NamedTuple, cast

from generators.spaces.strata import Combination, Concepts
from generators.spaces.subsets import (
    Binomials,
    Pickers,
    Split,
    cells_of,
    pick,
    pick_from_cells,
    pickers_of_one,
    pickers_of_two,
    place,
    starts_of,
    subset_rank,
    without,
)

# A NamedTuple's own __new__ takes twice as long, which matters in a draw of 3 microseconds.
_new = cast(Callable[[type[Combination], tuple[tuple[int, ...], Concepts]], Combination], tuple.__new__)


class Singles:
    """The k-subsets of one session, session after session. `rank` is None for any other combination."""

    def __init__(self, size: int, sessions: list[Concepts], binomials: Binomials) -> None:
        self._size = size
        self._sessions = sessions
        self._binomials = binomials
        self._starts, self.total = starts_of(binomials[size][len(concepts)] for concepts in sessions)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        rank -= self._starts[index]
        pickers, concepts = self._pickers[index], self._sessions[index]
        if pickers:
            return _new(Combination, ((index,), pickers[rank](concepts)))
        picked: list[str] = []
        pick(picked, concepts, self._size, rank, self._binomials)
        return Combination((index,), tuple(picked[::-1]))

    @cached_property
    def _pickers(self) -> list[Pickers]:
        """The pickers of each session; made at the first draw, because counting needs none."""
        return [pickers_of_one(len(concepts), self._size) for concepts in self._sessions]

    def rank(self, sessions: tuple[int, ...], concepts: Concepts) -> int | None:
        if len(sessions) != 1 or not 0 <= sessions[0] < len(self._sessions):
            return None
        placed = place(concepts, (self._sessions[sessions[0]],))
        if placed is None:
            return None
        return self._starts[sessions[0]] + subset_rank(placed[0], self._binomials)


class Pairs:
    """The k-subsets that hit both of two sessions: pair after pair, and cell after cell in each.

    The pairs are ascending, and each is.
    """

    def __init__(
        self, size: int, pairs: Sequence[tuple[int, int]], splits: list[Split], binomials: Binomials
    ) -> None:
        self._size = size
        self._pairs = pairs
        self._splits = splits
        self._cells = [cells_of(len(s.first), len(s.both), len(s.second), size) for s in splits]
        self._binomials = binomials
        self._starts, self.total = starts_of(cells.total for cells in self._cells)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        rank -= self._starts[index]
        pickers = self._pickers[index]
        if pickers:
            return _new(Combination, (self._pairs[index], tuple(sorted(pickers[rank](self._unions[index])))))
        picked = pick_from_cells(self._cells[index], self._splits[index], rank, self._binomials)
        return Combination(self._pairs[index], tuple(sorted(picked)))

    @cached_property
    def _pickers(self) -> list[Pickers]:
        return [pickers_of_two(len(s.first), len(s.both), len(s.second), self._size) for s in self._splits]

    @cached_property
    def _unions(self) -> list[Concepts]:
        return [split.first + split.both + split.second for split in self._splits]

    def rank(self, sessions: tuple[int, ...], concepts: Concepts) -> int | None:
        index = self._pair_index(sessions)
        placed = None if index is None else place(concepts, self._splits[index])
        if index is None or placed is None:
            return None
        cells = self._cells[index]
        number = cells.numbers.get(tuple(map(len, placed)))
        if number is None:
            return None
        first, both, second = (subset_rank(positions, self._binomials) for positions in placed)
        row = cells.rows[number]
        within = (first * row.ways_both + both) * row.ways_second + second
        return self._starts[index] + cells.starts[number] + within

    def _pair_index(self, sessions: tuple[int, ...]) -> int | None:
        """The position of (i, j) among the pairs; None if it is none of them."""
        if len(sessions) != 2:
            return None
        index = bisect_left(self._pairs, sessions)
        return index if index < len(self._pairs) and self._pairs[index] == sessions else None


class With:
    """A concept and `size` others: rest after rest, and in each by how many come from `needed`."""

    def __init__(self, concept: str, size: int, rests: "list[Rest]", binomials: Binomials) -> None:
        self._binomials = binomials
        self._concept = concept
        self._size = size
        self._rests = rests
        self._starts, self.total = starts_of(self._count(rest) for rest in rests)

    def unrank(self, rank: int) -> Combination:
        index = bisect_right(self._starts, rank) - 1
        sessions, free, needed, _ = self._rests[index]
        taken, rank = self._block(self._rests[index], rank - self._starts[index])
        needed_rank, free_rank = divmod(rank, comb(len(free), self._size - taken))
        picked = [self._concept]
        pick(picked, needed, taken, needed_rank, self._binomials)
        pick(picked, free, self._size - taken, free_rank, self._binomials)
        return Combination(sessions, tuple(sorted(picked)))

    def _block(self, rest: "Rest", rank: int) -> tuple[int, int]:
        """How many of `needed` are taken at `rank`, and the rank among combinations that take as many."""
        for taken in range(rest.least, self._size):
            ways = comb(len(rest.needed), taken) * comb(len(rest.free), self._size - taken)
            if rank < ways:
                return taken, rank
            rank -= ways
        return self._size, rank

    def _count(self, rest: "Rest") -> int:
        free, needed, least, size = len(rest.free), len(rest.needed), rest.least, self._size
        return sum(comb(needed, taken) * comb(free, size - taken) for taken in range(least, size + 1))


class Rest(NamedTuple):
    """What may accompany a concept: any of `free`, and at least `least` of `needed`."""

    sessions: tuple[int, ...]
    free: Concepts
    needed: Concepts
    least: int


def rest_beside(pair: tuple[int, int], split: Split, concept: str) -> Rest:
    """A concept of both sessions hits both; one in the first only needs another that hits the second."""
    first, both, second = split
    if concept in both:
        return Rest(pair, (), first + without(both, {concept}) + second, 0)
    if concept in first:
        return Rest(pair, without(first, {concept}), both + second, 1)
    return Rest(pair, without(second, {concept}), both + first, 1)
