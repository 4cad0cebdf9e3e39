"""Which positions of a syllabus's strata are handed out: all before a cursor, and some ahead of it.

The main order is walked once, so one cursor per stratum suffices. Draws for gaps take positions out of turn;
these are stored until the cursor passes and skips them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from generators.spaces.strata import STRATA
from generators.spaces.syllabus_space import SyllabusSpace
from graph.taxonomy.syllabi import Shape


@dataclass
class HandedOut:
    """Cursors, and the positions handed out at or after them (`ahead`); one list entry per stratum."""

    capacity: Sequence[int]
    cursors: list[int]
    ahead: list[set[int]]

    @classmethod
    def of(cls, space: SyllabusSpace, shape: Shape) -> "HandedOut":
        """What the syllabus's node has stored; nothing if it was stored for another syllabus version."""
        if shape.drawn is None or shape.space_version != space.version:
            return cls(space.capacity, [0] * len(STRATA), [set() for _ in STRATA])
        ahead = _parted(shape.ahead, shape.ahead_counts or [0] * len(STRATA))
        cursors = [drawn - len(some) for drawn, some in zip(shape.drawn, ahead, strict=True)]
        return cls(space.capacity, cursors, ahead)

    @property
    def drawn(self) -> list[int]:
        """How many positions of each stratum are handed out."""
        return [cursor + len(some) for cursor, some in zip(self.cursors, self.ahead, strict=True)]

    @property
    def free(self) -> list[int]:
        """How many positions of each stratum are not handed out."""
        return [total - drawn for total, drawn in zip(self.capacity, self.drawn, strict=True)]

    def has(self, stratum: int, position: int) -> bool:
        """Whether a position is handed out."""
        return position < self.cursors[stratum] or position in self.ahead[stratum]

    def take(self, stratum: int, position: int) -> None:
        """Hands out one position out of turn."""
        self.ahead[stratum].add(position)
        self._catch_up(stratum)

    def next(self, stratum: int, most: int) -> tuple[int, int, list[int]]:
        """Hands out the next interval, of at most `most` positions.

        Returns its start, its count, and the positions in it that were already handed out of turn.
        """
        start = self.cursors[stratum]
        count = min(most, self.capacity[stratum] - start)
        end = start + count
        gone = sorted(p for p in self.ahead[stratum] if p < end)
        self.ahead[stratum].difference_update(gone)
        self.cursors[stratum] = end
        self._catch_up(stratum)
        return start, count, gone

    def _catch_up(self, stratum: int) -> None:
        """Moves the cursor over the positions next in turn that were handed out ahead."""
        ahead, cursor = self.ahead[stratum], self.cursors[stratum]
        while cursor in ahead:
            ahead.remove(cursor)
            cursor += 1
        self.cursors[stratum] = cursor

    def as_stored(self) -> dict[str, list[int]]:
        """`drawn`, `ahead` and `ahead_counts` for the syllabus's node, as flat lists for Neo4j."""
        return {
            "drawn": self.drawn,
            "ahead": [position for some in self.ahead for position in sorted(some)],
            "ahead_counts": [len(some) for some in self.ahead],
        }


def _parted(flat: Sequence[int], counts: Sequence[int]) -> list[set[int]]:
    parts: list[set[int]] = []
    start = 0
    for count in counts:
        parts.append(set(flat[start : start + count]))
        start += count
    return parts
