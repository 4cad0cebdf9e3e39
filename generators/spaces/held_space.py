"""The combinations of a syllabus that touch sessions held out for test sets, counted and numbered.

They are listed session by session, or pair by pair, each a small space of its own; so nothing is looked for
among all combinations, of which few may touch a small session.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from functools import cache
from itertools import accumulate, combinations
from math import gcd

from generators.spaces.combinations import CombinationSpace
from generators.spaces.strata import STRATA, Combination, Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from graph.model import digest

Block = tuple[int, ...]
"""One or two sessions, as ascending indices."""


class HeldSpace:
    """What of a syllabus touches at least one of the held sessions (ids; others are ignored)."""

    def __init__(self, space: SyllabusSpace, held: Collection[str]) -> None:
        self._space = space
        indices = range(len(space.sessions))
        own = {i for i in indices if space.sessions[i].id in held}
        self._blocks: dict[str, list[Block]] = {
            "single": [(i,) for i in sorted(own)],
            "pair": [pair for pair in combinations(indices, 2) if own.intersection(pair)],
        }
        self._within = cache(self._small)

    @property
    def capacity(self) -> list[int]:
        """The number of these combinations in each stratum, in the order of STRATA."""
        return [sum(self._counts(stratum)) for stratum in STRATA]

    def positions(self, stratum: Stratum) -> Iterator[int]:
        """Their positions in the space of the syllabus, each once, in an order that looks random."""
        ends = list(accumulate(self._counts(stratum)))
        count = ends[-1] if ends else 0
        if not count:
            return
        seed = int(digest(self._space.version, str(stratum), "held"), 16)
        first, step = seed % count, 1 + seed // count % count
        while gcd(step, count) > 1:
            step += 1
        for n in range(count):
            yield self._position(stratum, ends, (first + n * step) % count)

    def _position(self, stratum: Stratum, ends: list[int], rank: int) -> int:
        number = bisect_right(ends, rank)
        block = self._blocks[stratum.strategy][number]
        inside = self._within(block).unrank(stratum, rank - (ends[number - 1] if number else 0))
        drawn = tuple(block[i] for i in inside.sessions)
        return self._space.position(stratum, Combination(drawn, inside.concepts))

    def _counts(self, stratum: Stratum) -> list[int]:
        return [self._within(block).count(stratum) for block in self._blocks[stratum.strategy]]

    def _small(self, block: Block) -> CombinationSpace:
        return CombinationSpace([[c.id for c in self._space.sessions[i].concepts] for i in block])
