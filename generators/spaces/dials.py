"""Which values of a job's dials (difficulty, task, persona, language, format) an instruction gets.

A cell is one value of each dial. The cell of an instruction is a function of the syllabus version, the
stratum, the position, the repeat and the dials alone: nothing is stored, and every worker finds the same.

Shares. Each dial walks around a circle on which each of its values has an arc as long as its share, one step
per position. Steps are fixed fractions of the circle, found by search: among 200 steps in a row, each arc is
hit as often as its share says, to within 2 (the largest deviation of any arc is 1.98), and the values of two
dials go together as if drawn independently (no joint count of 2 to 6 values each is further off than 1.3
times the square root of its expectation). A golden-section walk, the usual choice, is off by up to 2.7.

Repeats. A combination is repeated with other cells: in each lap all its dials start at another turn of the
circle, so that every lap keeps the shares. As long as some dial is turned by at least its longest arc, the
cell is another one; the turns come in the order of a keyed permutation. Once these turns are used up, others
are tried at random, and the cells that are then still missing follow in the order of a keyed permutation:
what is left of cells no longer has the shares. So each cell comes once.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from math import prod

from generators.spaces.permutation import KeyedPermutation
from graph.dials import DialName, label
from graph.model import digest

Cell = tuple[str, ...]
"""One value of each dial, in the order of the dials."""

CIRCLE = 2**32
# Fractions of the circle; tests/unit/test_dials.py checks what is said of them above.
STEPS: dict[DialName, int] = {
    "difficulty": round(0.414992789261 * CIRCLE),
    "task": round(0.355016107139 * CIRCLE),
    "persona": round(0.314980275442 * CIRCLE),
    "language": round(0.175124846717 * CIRCLE),
    "format": round(0.460100199126 * CIRCLE),
}
# Random turns that are tried once no turn is left that surely leads to another cell.
TRIES = 100


@dataclass(frozen=True)
class Dial:
    """A dial with its values and their relative shares, all above 0."""

    name: DialName
    values: tuple[str, ...]
    shares: tuple[float, ...]

    @cached_property
    def ends(self) -> list[int]:
        """Where the arc of each value ends on the circle."""
        sums = list(accumulate(map(Fraction, self.shares)))
        return [int(CIRCLE * part / sums[-1]) for part in sums]

    @cached_property
    def turns(self) -> int:
        """How many equal turns of the circle lead from any point to values that are all different."""
        shares = [*map(Fraction, self.shares)]
        return int(sum(shares) / max(shares))

    def at(self, point: int) -> str:
        """The value whose arc holds a point of the circle."""
        return self.values[bisect_right(self.ends, point % CIRCLE)]


class DialSpace:
    """The cells of some dials. Without dials there is one, the empty cell."""

    def __init__(self, dials: Sequence[Dial] = ()) -> None:
        self.dials = tuple(dials)

    @cached_property
    def cells(self) -> int:
        """How many cells there are."""
        return prod(len(dial.values) for dial in self.dials)

    def laps(self, repeats: int) -> int:
        """How often a job with this many repeats may draw a combination: once for each cell at most."""
        return min(repeats, self.cells)

    def instead(self, name: DialName, value: str, other: str) -> "DialSpace":
        """The same space with another value in place of one of a dial, if that has it."""
        dials = [
            replace(dial, values=tuple(other if v == value else v for v in dial.values))
            if dial.name == name
            else dial
            for dial in self.dials
        ]
        return DialSpace(dials)

    def cell(self, version: str, stratum: str, position: int, repeat: int = 0) -> Cell:
        """The cell of an instruction; raises IndexError from as many repeats on as there are cells."""
        if not self.dials:
            found = () if repeat == 0 else None
        else:
            found = next(islice(self._walk(f"{version}/{stratum}", position), repeat, None), None)
        if found is None:
            raise IndexError(f"there are {self.cells} cells, no repeat {repeat}")
        return found

    def labels(self, cell: Cell) -> list[str]:
        """A cell as it is stored, such as ["difficulty=apply", "language=German"]."""
        return [label(dial.name, value) for dial, value in zip(self.dials, cell, strict=True)]

    def _walk(self, key: str, position: int) -> Iterator[Cell]:
        """All cells, each once, in the order in which a combination goes through them."""
        points = [position * STEPS[dial.name] + _start(key, dial.name) for dial in self.dials]
        seen = set[Cell]()
        for turn in self._turns(key):
            cell = tuple(dial.at(p + t) for dial, p, t in zip(self.dials, points, turn, strict=True))
            if cell not in seen:
                seen.add(cell)
                yield cell
        order = _order(self.cells, f"{key}/{position}")
        for n in range(self.cells):
            if (cell := self._numbered(order.forward(n))) not in seen:
                yield cell

    def _turns(self, key: str) -> Iterator[Sequence[int]]:
        yield [0] * len(self.dials)
        sure = prod(dial.turns for dial in self.dials)
        order = _order(sure - 1, key) if sure > 1 else None
        for n in range(sure - 1):
            assert order
            yield self._turn(1 + order.forward(n))
        for n in range(TRIES):
            yield [_start(f"{key}/{n}", dial.name) for dial in self.dials]

    def _turn(self, n: int) -> list[int]:
        """The n-th turn of all dials, as parts of the circle; at 0 none is turned."""
        turn: list[int] = []
        for dial in self.dials:
            n, part = divmod(n, dial.turns)
            turn.append(part * CIRCLE // dial.turns)
        return turn

    def _numbered(self, n: int) -> Cell:
        cell: list[str] = []
        for dial in self.dials:
            n, value = divmod(n, len(dial.values))
            cell.append(dial.values[value])
        return tuple(cell)


def _start(key: str, name: str) -> int:
    return int(digest("dial", key, name), 16) % CIRCLE


@lru_cache(256)
def _order(size: int, key: str) -> KeyedPermutation:
    return KeyedPermutation(size, f"dials/{key}".encode())
