"""Draws for the least covered concepts first, without replacement.

The combinations of a stratum that contain one concept can be counted and numbered themselves. A draw for a
concept walks them in a keyed order and maps each to its position in the stratum's main order: positions that
are handed out are passed over, others are handed out for good, and the main order skips them later. So no
combination is drawn twice by any kind of draw, and an instruction's id remains a function of (version,
stratum, position, repeat). Where combinations may be repeated, a stratum's next lap begins when all its
positions are handed out, as in the main order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heapreplace

from generators.spaces.handed_out import HandedOut
from generators.spaces.syllabus_space import SyllabusSpace
from graph.model import digest

Place = tuple[int, int]
"""A stratum, as its index among those of the space, and a place in it (generators.spaces.handed_out)."""


class GapDraw:
    """Draws from one syllabus. `covered` counts what these draws add to the degrees of the concepts."""

    def __init__(self, space: SyllabusSpace, handed_out: HandedOut, degrees: Mapping[str, int]) -> None:
        self.covered = Counter[str]()
        self._space = space
        self._handed_out = handed_out
        self._degrees = degrees
        self._ties = {id_: digest(space.version, id_) for id_ in space.concept_ids}
        self._starts = handed_out.drawn
        self._walks: dict[tuple[int, int, str], Iterator[int]] = {}

    def take(self, wanted: list[int]) -> list[Place]:
        """Hands out `wanted` combinations of each stratum, or all there are.

        The least covered concept comes first, earlier draws included; ties are in a pseudo-random order. It
        gets a combination of the stratum with most left to draw that still has one with this concept.
        """
        left = list(wanted)
        places: list[Place] = []
        # A concept that is through in one lap has combinations again in the next.
        while any(left) and (found := self._of_lap(left)):
            places += found
        return places

    def _of_lap(self, left: list[int]) -> list[Place]:
        """Hands out what is `left`, counting it down, until no concept has anything in the present laps."""
        places: list[Place] = []
        heap = [(self._degree(id_), tie, id_) for id_, tie in self._ties.items()]
        heapify(heap)
        while heap and any(left):
            degree, tie, concept = heap[0]
            if degree != self._degree(concept):
                heapreplace(heap, (self._degree(concept), tie, concept))
                continue
            place = self._next_with(concept, left)
            if place is None:
                heappop(heap)
                continue
            left[place[0]] -= 1
            places.append(place)
            self.covered.update(self._concepts(place))
        return places

    def undo(self, place: Place) -> None:
        """Takes back the coverage of a place whose combination has an instruction; it stays handed out."""
        self.covered.subtract(self._concepts(place))

    def _degree(self, concept: str) -> int:
        return self._degrees.get(concept, 0) + self.covered[concept]

    def _concepts(self, place: Place) -> tuple[str, ...]:
        stratum = self._space.strata[place[0]]
        position, _ = self._space.located(stratum, place[1])
        return self._space.at(stratum, position).concepts

    def _next_with(self, concept: str, left: list[int]) -> Place | None:
        for n in sorted(range(len(left)), key=lambda n: (-left[n], n)):
            if not left[n]:
                return None
            if not self._handed_out.free[n]:
                continue
            lap = self._handed_out.lap(n)
            for position in self._walk(n, lap, concept):
                place = lap * self._handed_out.capacity[n] + position
                if not self._handed_out.has(n, place):
                    self._handed_out.take(n, place)
                    return n, place
        return None

    def _walk(self, n: int, lap: int, concept: str) -> Iterator[int]:
        """The walk of a lap and concept, shared by all draws so that none passes a position twice."""
        if (n, lap, concept) not in self._walks:
            walk = self._space.positions_with(self._space.strata[n], concept, self._starts[n])
            self._walks[n, lap, concept] = walk
        return self._walks[n, lap, concept]
