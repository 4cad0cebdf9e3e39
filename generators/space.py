"""The combination space of one syllabus in the order in which its positions are handed out."""

from collections.abc import Sequence
from functools import cached_property

from generators.combinations import STRATA, Combination, CombinationSpace, Stratum, combination_key
from generators.permutation import KeyedPermutation
from graph.model import digest
from graph.syllabi import Session, space_version


class SyllabusSpace:
    """Positions of each stratum -> combinations, without repetition; the same for the same sessions."""

    def __init__(self, syllabus_id: str, sessions: Sequence[Session]) -> None:
        self.syllabus_id = syllabus_id
        self.sessions = sessions
        self._space = CombinationSpace([[concept.id for concept in s.concepts] for s in sessions])
        self._orders: dict[Stratum, KeyedPermutation] = {}

    @cached_property
    def version(self) -> str:
        """Stands for the sessions and their concepts; another version has another order."""
        return space_version(self.syllabus_id, self.sessions)

    @cached_property
    def capacity(self) -> list[int]:
        """Combinations of each stratum, in the order of STRATA."""
        return [self._space.count(stratum) for stratum in STRATA]

    def at(self, stratum: Stratum, position: int) -> Combination:
        """The combination that is handed out at a position."""
        return self._space.unrank(stratum, self._order(stratum)(position))

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
