"""The combination space of one syllabus in the order in which its positions are handed out."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import product
from math import gcd
from typing import NamedTuple

from generators.spaces.combinations import CombinationSpace
from generators.spaces.permutation import KeyedPermutation
from generators.spaces.strata import CROSS_STRATA, STRATA, Combination, Stratum, combination_key
from graph.model import digest
from graph.taxonomy.syllabi import Session, space_version

# A stratum's size, order and numbering, kept together because a draw consists mostly of lookups.
Drawing = tuple[int, Callable[[int], int], Callable[[int], Combination]]


class Taught(NamedTuple):
    """A syllabus and its sessions."""

    syllabus_id: str
    sessions: Sequence[Session]


class SyllabusSpace:
    """Maps positions of each stratum to combinations, without repetition; depends only on the sessions."""

    strata: Sequence[Stratum] = STRATA
    partner_id: str | None = None
    """The other syllabus of a crossing."""

    @property
    def first(self) -> int:
        """How many of the sessions are of the first syllabus."""
        return len(self.sessions)

    def __init__(
        self,
        syllabus_id: str,
        sessions: Sequence[Session],
        pairs: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.syllabus_id = syllabus_id
        self.sessions = sessions
        self._space = CombinationSpace([[concept.id for concept in s.concepts] for s in sessions], pairs)
        self._orders: dict[Stratum, KeyedPermutation] = {}
        self._draws: dict[Stratum, Drawing] = {}

    @cached_property
    def version(self) -> str:
        """A fingerprint of the sessions and their concepts; each version has its own order."""
        return space_version(self.syllabus_id, self.sessions)

    @cached_property
    def capacity(self) -> list[int]:
        """The number of combinations of each stratum, in the order of `strata`."""
        return [self._space.count(stratum) for stratum in self.strata]

    def at(self, stratum: Stratum, position: int) -> Combination:
        """The combination at a position. Raises IndexError if the stratum has no such position."""
        size, order_at, unrank = self._draws.get(stratum) or self._drawing(stratum)
        if not 0 <= position < size:
            raise IndexError(f"{stratum} has {size} combinations, none at {position}")
        return unrank(order_at(position))

    def _drawing(self, stratum: Stratum) -> "Drawing":
        size, unrank = self._space.count(stratum), self._space.unranker(stratum)
        order_at = self._order(stratum).unchecked if size else int
        self._draws[stratum] = size, order_at, unrank
        return self._draws[stratum]

    def located(self, stratum: Stratum, place: int) -> tuple[int, int]:
        """The position and the repeat of a place: lap after lap through all positions of the stratum."""
        repeat, position = divmod(place, self._space.count(stratum))
        return position, repeat

    def position(self, stratum: Stratum, combination: Combination) -> int:
        """The position of a combination, the inverse of `at`. Raises ValueError if not in the stratum."""
        return self._order(stratum).inverse(self._space.rank(stratum, combination))

    def count_with(self, stratum: Stratum, concept_id: str) -> int:
        """How many combinations of the stratum contain a concept."""
        return self._space.count_with(stratum, concept_id)

    def positions_with(self, stratum: Stratum, concept_id: str, start: int) -> Iterator[int]:
        """The positions of all combinations with a concept, each once.

        The order depends on `start`: a first rank and a step, both from a digest. It is not a keyed
        permutation, which would cost more to set up than the few draws from it.
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
        """The ids of all concepts of the sessions, each once, sorted."""
        return self._space.concepts

    def key_at(self, stratum: Stratum, position: int) -> str:
        """The key of the combination at a position, which is the same in all versions of the syllabus."""
        combination = self.at(stratum, position)
        return combination_key([self.sessions[i].id for i in combination.sessions], combination.concepts)

    def instruction_id(self, stratum: Stratum, position: int, repeat: int = 0) -> str:
        """The id of the instruction at a position, always the same: running it twice stores it once."""
        return digest(self.version, str(stratum), position, repeat)

    def _order(self, stratum: Stratum) -> KeyedPermutation:
        if stratum not in self._orders:
            key = f"{self.version}/{stratum}".encode()
            self._orders[stratum] = KeyedPermutation(self._space.count(stratum), key)
        return self._orders[stratum]


class CrossingSpace(SyllabusSpace):
    """The combinations of a session of one syllabus and a session of another one.

    The same space whichever syllabus is named first. A session that both have is left out: what it is
    combined with in one of them is a pair of that syllabus already.
    """

    strata = CROSS_STRATA

    def __init__(self, first: Taught, second: Taught) -> None:
        first, second = sorted((first, second), key=lambda taught: taught.syllabus_id)
        both = {s.id for s in first.sessions} & {s.id for s in second.sessions}
        ours, theirs = ([s for s in taught.sessions if s.id not in both] for taught in (first, second))
        pairs = list(product(range(len(ours)), range(len(ours), len(ours) + len(theirs))))
        super().__init__(first.syllabus_id, [*ours, *theirs], pairs)
        self.partner_id: str | None = second.syllabus_id
        self._taught = first, second
        self._first = len(ours)

    @property
    def first(self) -> int:
        """How many of the sessions are of the first syllabus."""
        return self._first

    @cached_property
    def version(self) -> str:
        """A fingerprint of the versions of both syllabi."""
        return digest("cross", *(space_version(t.syllabus_id, t.sessions) for t in self._taught))


def again_id(id_: str, again: int) -> str:
    """The id of the question that is asked for in place of `again` rejected ones at the position of `id_`."""
    return digest(id_, "again", again) if again else id_
