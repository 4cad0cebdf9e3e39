"""The concept combinations of a syllabus, counted and numbered exactly (GLAN, arXiv 2402.13064).

For a syllabus with concept sets K1..Kh the combinations fall into nine strata (strategy, number of concepts),
and those of two syllabi that are crossed into four. Each stratum is an interval [0, count) here: `unrank`
gives the i-th combination, `rank` its position, both without listing anything.

The combinations of a stratum that contain a concept c form their own interval, `count_with` and
`unrank_with`: the rest of the combination is drawn from what the sessions teach besides c.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import combinations

from generators.spaces.strata import Combination, Concepts, Stratum, require_known
from generators.spaces.subsets import Split, binomials_up_to, hitting_both, split_of, without
from generators.spaces.tables import Pairs, Rest, Singles, With, rest_beside


class CombinationSpace:
    """All concept combinations of a syllabus whose sessions teach the given concepts.

    The numbering depends on the order of the sessions, but not on the order of the concepts in a session.
    A concept may be taught in several sessions; raises ValueError if a session names it twice. `pairs`: which
    sessions may be combined, each pair and all of them ascending; default: any two.
    """

    def __init__(
        self, sessions: Sequence[Sequence[str]], pairs: Sequence[tuple[int, int]] | None = None
    ) -> None:
        self._pairs = list(combinations(range(len(sessions)), 2)) if pairs is None else pairs
        self._sessions = [_sorted_set(index, concepts) for index, concepts in enumerate(sessions)]
        longest = max(map(len, self._sessions), default=0)
        self._binomials = binomials_up_to(2 * longest)  # draws by concept choose from two sessions together
        # Planning asks for it once for each place.
        self._counts: dict[Stratum, int] = {}
        self._tables: dict[Stratum, Singles | Pairs] = {}
        self._with: dict[tuple[Stratum, str], With] = {}

    def count(self, stratum: Stratum) -> int:
        """How many combinations the stratum holds.

        single:k is the sum over the sessions of C(|Ki|, k): a subset that two sessions share counts twice.
        pair:k is the sum over i < j, with u = |Ki u Kj|, of C(u, k) - C(u - |Ki|, k) - C(u - |Kj|, k).
        cross:k is the same sum over the pairs of a session of one syllabus and one of the other.
        """
        count = self._counts.get(stratum)
        if count is None:
            count = self._counts[stratum] = self._counted(stratum)
        return count

    def _counted(self, stratum: Stratum) -> int:
        require_known(stratum)
        if stratum.strategy == "single":
            return sum(self._binomials[stratum.size][len(concepts)] for concepts in self._sessions)
        return sum(n * hitting_both(*shape, stratum.size) for shape, n in self._shapes.items())

    def unrank(self, stratum: Stratum, rank: int) -> Combination:
        """The combination at position `rank`. Raises IndexError outside [0, count)."""
        table = self._table(stratum)
        if not 0 <= rank < table.total:
            raise IndexError(f"{stratum} has {table.total} combinations, none at {rank}")
        return table.unrank(rank)

    def unranker(self, stratum: Stratum) -> Callable[[int], Combination]:
        """`unrank` of one stratum without the check of the bounds, for drawing many."""
        return self._table(stratum).unrank

    def count_with(self, stratum: Stratum, concept: str) -> int:
        """How many combinations of the stratum contain `concept`; 0 if no session teaches it."""
        return self._table_with(stratum, concept).total

    def unrank_with(self, stratum: Stratum, concept: str, rank: int) -> Combination:
        """The combination at `rank` among those with `concept`. Raises IndexError outside [0, count_with)."""
        table = self._table_with(stratum, concept)
        if not 0 <= rank < table.total:
            raise IndexError(f"{stratum} has {table.total} combinations with {concept}, none at {rank}")
        return table.unrank(rank)

    @property
    def concepts(self) -> list[str]:
        """All concepts, each once, sorted."""
        return sorted(set[str]().union(*self._sessions))

    def rank(self, stratum: Stratum, combination: Combination) -> int:
        """The position of `combination`, the inverse of `unrank`. Raises ValueError if not in the stratum."""
        sessions, concepts = combination
        rank: int | None = None
        if len(concepts) == stratum.size and _is_ascending(concepts):
            rank = self._table(stratum).rank(sessions, concepts)
        if rank is None:
            raise ValueError(f"{combination} is not in {stratum} of this syllabus")
        return rank

    def _table(self, stratum: Stratum) -> Singles | Pairs:
        table = self._tables.get(stratum)
        if table is None:
            table = self._tables[stratum] = self._build(stratum)
        return table

    def _build(self, stratum: Stratum) -> Singles | Pairs:
        require_known(stratum)
        if stratum.strategy == "single":
            return Singles(stratum.size, self._sessions, self._binomials)
        return Pairs(stratum.size, self._pairs, self._splits, self._binomials)

    def _table_with(self, stratum: Stratum, concept: str) -> With:
        table = self._with.get((stratum, concept))
        if table is None:
            require_known(stratum)
            parts = self._singles_with if stratum.strategy == "single" else self._pairs_with
            table = self._with[stratum, concept] = With(
                concept, stratum.size - 1, parts(concept), self._binomials
            )
        return table

    def _singles_with(self, concept: str) -> list[Rest]:
        return [
            Rest((i,), (), without(concepts, {concept}), 0)
            for i, concepts in enumerate(self._sessions)
            if concept in concepts
        ]

    def _pairs_with(self, concept: str) -> list[Rest]:
        return [
            rest_beside(pair, split, concept)
            for pair, split in zip(self._pairs, self._splits, strict=True)
            if concept in self._sets[pair[0]] or concept in self._sets[pair[1]]
        ]

    @cached_property
    def _sets(self) -> list[frozenset[str]]:
        return [frozenset(concepts) for concepts in self._sessions]

    @cached_property
    def _shapes(self) -> dict[tuple[int, int, int], int]:
        """Numbers of session pairs by shape: concepts of the first, of the second, and of their union."""
        lengths = [len(concepts) for concepts in self._sessions]
        both = self._taught_in_both
        return Counter(
            [(lengths[i], lengths[j], lengths[i] + lengths[j] - both.get((i, j), 0)) for i, j in self._pairs]
        )

    @cached_property
    def _taught_in_both(self) -> dict[tuple[int, int], int]:
        """How many concepts two sessions share, for those that share any: few do."""
        taught = defaultdict[str, list[int]](list)
        for n, concepts in enumerate(self._sessions):
            for concept in concepts:
                taught[concept].append(n)
        return Counter(pair for where in taught.values() if len(where) > 1 for pair in combinations(where, 2))

    @cached_property
    def _splits(self) -> list[Split]:
        sets = self._sets
        return [split_of(self._sessions[i], self._sessions[j], sets[i] & sets[j]) for i, j in self._pairs]


def _sorted_set(index: int, concepts: Sequence[str]) -> Concepts:
    if len(set(concepts)) != len(concepts):
        raise ValueError(f"session {index} names a concept twice: {', '.join(sorted(concepts))}")
    return tuple(sorted(concepts))


def _is_ascending(concepts: Concepts) -> bool:
    return all(concepts[i] < concepts[i + 1] for i in range(len(concepts) - 1))
