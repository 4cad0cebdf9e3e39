"""Which places of a syllabus's strata are handed out: all before a cursor, and some ahead of it.

A place is a position in a lap: where combinations are repeated, the order of the positions is walked again
from its beginning once all of them are handed out. So one cursor per stratum suffices. Draws for gaps take
places of the present lap out of turn; these are stored until the cursor passes and skips them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from generators.spaces.syllabus_space import SyllabusSpace
from graph.taxonomy.crossings import CrossingShape
from graph.taxonomy.syllabi import Shape


@dataclass
class HandedOut:
    """Cursors, and the places handed out at or after them (`ahead`); one list entry per stratum.

    `capacity`: combinations; `laps`: how often the job that looks at them may draw each.
    """

    capacity: Sequence[int]
    cursors: list[int]
    ahead: list[set[int]]
    laps: int = 1

    @classmethod
    def of(cls, space: SyllabusSpace, shape: Shape | CrossingShape, laps: int = 1) -> "HandedOut":
        """What the graph has stored of a space; nothing if it was stored for another syllabus version."""
        strata = len(space.strata)
        if shape.drawn is None or shape.space_version != space.version:
            return cls(space.capacity, [0] * strata, [set() for _ in range(strata)], laps)
        ahead = _parted(shape.ahead, shape.ahead_counts or [0] * strata)
        cursors = [drawn - len(some) for drawn, some in zip(shape.drawn, ahead, strict=True)]
        return cls(space.capacity, cursors, ahead, laps)

    @property
    def drawn(self) -> list[int]:
        """How many places of each stratum are handed out, by whatever job."""
        return [cursor + len(some) for cursor, some in zip(self.cursors, self.ahead, strict=True)]

    @property
    def free(self) -> list[int]:
        """How many places of each stratum the job may still draw."""
        return [max(0, n * self.laps - drawn) for n, drawn in zip(self.capacity, self.drawn, strict=True)]

    def lap(self, stratum: int) -> int:
        """The lap whose places are handed out now; all earlier ones are handed out as a whole."""
        return self.drawn[stratum] // self.capacity[stratum]

    def has(self, stratum: int, place: int) -> bool:
        """Whether a place is handed out."""
        return place < self.cursors[stratum] or place in self.ahead[stratum]

    def take(self, stratum: int, place: int) -> None:
        """Hands out one place of the present lap out of turn."""
        self.ahead[stratum].add(place)
        self._catch_up(stratum)

    def next(self, stratum: int, most: int) -> tuple[int, int, list[int]]:
        """Hands out the next interval, of at most `most` places of one lap.

        Returns its start, its count, and the places in it that were already handed out of turn.
        """
        start, size = self.cursors[stratum], self.capacity[stratum]
        count = min(most, size * self.laps - start, size - start % size)
        end = start + count
        gone = sorted(p for p in self.ahead[stratum] if p < end)
        self.ahead[stratum].difference_update(gone)
        self.cursors[stratum] = end
        self._catch_up(stratum)
        return start, count, gone

    def _catch_up(self, stratum: int) -> None:
        """Moves the cursor over the places next in turn that were handed out ahead."""
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
