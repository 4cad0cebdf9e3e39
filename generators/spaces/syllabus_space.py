"""The combination space of one syllabus in the order in which its positions are handed out."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from math import gcd

from generators.spaces.combinations import STRATA, Combination, CombinationSpace, Stratum, combination_key
from generators.spaces.permutation import KeyedPermutation
from graph.model import digest
from graph.taxonomy.syllabi import Session, space_version

# A stratum's size, its order and its numbering, looked up together: a draw is mostly lookups.
Drawing = tuple[int, Callable[[int], int], Callable[[int], Combination]]


class SyllabusSpace:
    """Positions of each stratum -> combinations, without repetition; the same for the same sessions."""

    def __init__(self, syllabus_id: str, sessions: Sequence[Session]) -> None:
        self.syllabus_id = syllabus_id
        self.sessions = sessions
        self._space = CombinationSpace([[concept.id for concept in s.concepts] for s in sessions])
        self._orders: dict[Stratum, KeyedPermutation] = {}
        self._draws: dict[Stratum, Drawing] = {}

    @cached_property
    def version(self) -> str:
        """Stands for the sessions and their concepts; another version has another order."""
        return space_version(self.syllabus_id, self.sessions)

    @cached_property
    def capacity(self) -> list[int]:
        """Combinations of each stratum, in the order of STRATA."""
        return [self._space.count(stratum) for stratum in STRATA]

    def at(self, stratum: Stratum, position: int) -> Combination:
        """The combination that is handed out at a position; IndexError where the stratum has none."""
        size, order_at, unrank = self._draws.get(stratum) or self._drawing(stratum)
        if not 0 <= position < size:
            raise IndexError(f"{stratum} has {size} combinations, none at {position}")
        return unrank(order_at(position))

    def _drawing(self, stratum: Stratum) -> "Drawing":
        size, unrank = self._space.count(stratum), self._space.unranker(stratum)
        order_at = self._order(stratum).unchecked if size else int
        self._draws[stratum] = size, order_at, unrank
        return self._draws[stratum]

    def position(self, stratum: Stratum, combination: Combination) -> int:
        """Where a combination is handed out: the inverse of `at`; ValueError for one of another stratum."""
        return self._order(stratum).inverse(self._space.rank(stratum, combination))

    def count_with(self, stratum: Stratum, concept_id: str) -> int:
        """How many combinations of the stratum contain a concept."""
        return self._space.count_with(stratum, concept_id)

    def positions_with(self, stratum: Stratum, concept_id: str, start: int) -> Iterator[int]:
        """The positions of all combinations with a concept, each once.

        The order depends on `start`: a first one and a step, both from a digest. It is no shuffle, which
        costs more to set up than the few that are drawn from it.
        """
        count = self._space.count_with(stratum, concept_id)
        if not count:
            return
        seed = int(digest(self.version, str(stratum), concept_id, start), 16)
        first, step = seed % count, 1 + seed // count % count
        while gcd(step, count) > 1:
            step += 1
        for n in range(count):
            rank = (first + n * step) % count
            yield self.position(stratum, self._space.unrank_with(stratum, concept_id, rank))

    @cached_property
    def concept_ids(self) -> list[str]:
        """All concepts of the sessions, each once."""
        return self._space.concepts

    def key_at(self, stratum: Stratum, position: int) -> str:
        """The key by which the combination at a position is known in any version of the syllabus."""
        combination = self.at(stratum, position)
        return combination_key([self.sessions[i].id for i in combination.sessions], combination.concepts)

    def instruction_id(self, stratum: Stratum, position: int, repeat: int = 0) -> str:
        """The id of the instruction at a position: running it twice changes nothing."""
        return digest(self.version, str(stratum), position, repeat)

    def _order(self, stratum: Stratum) -> KeyedPermutation:
        if stratum not in self._orders:
            key = f"{self.version}/{stratum}".encode()
            self._orders[stratum] = KeyedPermutation(self._space.count(stratum), key)
        return self._orders[stratum]
