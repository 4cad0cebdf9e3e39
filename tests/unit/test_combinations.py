"""The numbering of concept combinations, compared with enumeration and with the paper's numbers."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations, combinations_with_replacement, permutations, product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.spaces.combinations import CombinationSpace
from generators.spaces.strata import STRATA, Combination, Stratum, combination_key

Sessions = Sequence[Sequence[str]]

SINGLES = [stratum for stratum in STRATA if stratum.strategy == "single"]
PAIRS = [stratum for stratum in STRATA if stratum.strategy == "pair"]


def disjoint(*sizes: int) -> list[list[str]]:
    return [[f"{session}.{n}" for n in range(size)] for session, size in enumerate(sizes)]


def by_definition(sessions: Sessions, stratum: Stratum) -> Iterator[Combination]:
    """GLAN's combinations, listed straight from their definition."""
    sets = [set(concepts) for concepts in sessions]
    if stratum.strategy == "single":
        for i, concepts in enumerate(sets):
            for drawn in combinations(sorted(concepts), stratum.size):
                yield Combination((i,), drawn)
    else:
        for i, j in combinations(range(len(sets)), 2):
            for drawn in combinations(sorted(sets[i] | sets[j]), stratum.size):
                if sets[i] & set(drawn) and sets[j] & set(drawn):
                    yield Combination((i, j), drawn)


def check_against_definition(sessions: Sessions) -> None:
    space = CombinationSpace(sessions)
    for stratum in STRATA:
        listed = [space.unrank(stratum, rank) for rank in range(space.count(stratum))]
        assert sorted(listed) == sorted(by_definition(sessions, stratum)), (sessions, stratum)
        assert [space.rank(stratum, drawn) for drawn in listed] == list(range(len(listed)))


def venn(regions: Iterable[Sequence[int]], sessions: int) -> list[list[str]]:
    """Sessions from one region per concept; a region is the set of sessions that teach the concept.

    Names are assigned out of order, so that sorted concepts are not sorted by region.
    """
    taught: list[list[str]] = [[] for _ in range(sessions)]
    for n, region in enumerate(regions):
        for session in region:
            taught[session].append(f"c{n * 5 % 7}")
    return taught


def shapes(sessions: int, concepts: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All overlap patterns of `sessions` sessions and at most `concepts` concepts, one per symmetry class."""
    regions = sorted(
        region for size in range(1, sessions + 1) for region in combinations(range(sessions), size)
    )
    for total in range(concepts + 1):
        for pattern in combinations_with_replacement(regions, total):
            if pattern == min(_renamings(pattern, sessions)):
                yield pattern


def _renamings(pattern: tuple[tuple[int, ...], ...], sessions: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    for order in permutations(range(sessions)):
        yield tuple(sorted(tuple(sorted(order[s] for s in region)) for region in pattern))


# The numbers of classes come from Burnside's lemma, which also checks the enumeration of shapes itself.
@pytest.mark.parametrize(
    ("sessions", "concepts", "classes"), [(1, 7, 8), (2, 7, 70), (3, 7, 734), (4, 4, 317)]
)
def test_every_overlap_pattern_matches_the_definition(sessions: int, concepts: int, classes: int) -> None:
    patterns = list(shapes(sessions, concepts))
    assert len(patterns) == classes
    for pattern in patterns:
        check_against_definition(venn(pattern, sessions))


def test_two_sessions_in_either_order_match_the_definition() -> None:
    parts = [shape for shape in product(range(8), repeat=3) if sum(shape) <= 7]
    assert len(parts) == 120
    for first, both, second in parts:
        check_against_definition(venn([(0,)] * first + [(0, 1)] * both + [(1,)] * second, 2))


def test_all_disjoint_sizes_match_the_definition() -> None:
    for sessions in range(5):
        for sizes in product(range(8), repeat=sessions):
            if sum(sizes) <= 7:
                check_against_definition(disjoint(*sizes))


def total(space: CombinationSpace, strata: Iterable[Stratum]) -> int:
    return sum(space.count(stratum) for stratum in strata)


def test_numbers_of_the_paper() -> None:
    assert total(CombinationSpace(disjoint(5)), SINGLES) == 31
    assert total(CombinationSpace(disjoint(5, 5)), PAIRS) == 575
    assert total(CombinationSpace(disjoint(3, 4)), PAIRS) == 97


def test_numbers_of_a_whole_syllabus() -> None:
    space = CombinationSpace(disjoint(*[5] * 20))
    assert total(space, SINGLES) == 620
    assert total(space, PAIRS) == 190 * 575
    assert total(space, STRATA) == 109_870


def test_uniform_pairs_would_hardly_ever_have_two_concepts() -> None:
    space = CombinationSpace(disjoint(5, 5))
    counts = [space.count(stratum) for stratum in PAIRS]
    assert counts == [25, 100, 200, 250]
    assert [round(count / 575, 2) for count in counts] == [0.04, 0.17, 0.35, 0.43]


def test_a_draw_from_the_union_would_often_miss_a_session() -> None:
    first, second = disjoint(5, 5)
    naive = list(combinations(first + second, 2))
    one_sided = [drawn for drawn in naive if set(drawn) <= set(first) or set(drawn) <= set(second)]
    assert round(len(one_sided) / len(naive), 2) == 0.44
    space = CombinationSpace([first, second])
    assert space.count(Stratum("pair", 2)) == len(naive) - len(one_sided)


def test_a_subset_of_two_sessions_counts_in_each() -> None:
    space = CombinationSpace([["a", "b"], ["b", "a"]])
    assert [space.unrank(Stratum("single", 2), rank) for rank in range(2)] == [
        Combination((0,), ("a", "b")),
        Combination((1,), ("a", "b")),
    ]


names = st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=9)
some_sessions = st.lists(names, min_size=1, max_size=5)
strata = st.sampled_from(STRATA)


@given(some_sessions)
@settings(deadline=None, max_examples=30)
def test_random_syllabi_match_the_definition(sessions: list[list[str]]) -> None:
    check_against_definition(sessions)


@given(some_sessions, strata, st.data())
@settings(deadline=None)
def test_the_order_within_a_session_does_not_matter(
    sessions: list[list[str]], stratum: Stratum, data: st.DataObject
) -> None:
    shuffled = [data.draw(st.permutations(concepts)) for concepts in sessions]
    one, other = CombinationSpace(sessions), CombinationSpace(shuffled)
    assert [one.unrank(stratum, rank) for rank in range(one.count(stratum))] == [
        other.unrank(stratum, rank) for rank in range(other.count(stratum))
    ]


BIG = [f"{n:03}" for n in range(200)]
BIG_SESSIONS = [BIG[:120], BIG[80:], BIG, [], BIG[::2], BIG[7:11]]
BIG_SPACE = CombinationSpace(BIG_SESSIONS)


def count_by_formula(sessions: Sessions, stratum: Stratum) -> int:
    sets = [set(concepts) for concepts in sessions]
    if stratum.strategy == "single":
        return sum(comb(len(concepts), stratum.size) for concepts in sets)
    pairs = [(len(one), len(two), len(one | two)) for one, two in combinations(sets, 2)]
    k = stratum.size
    return sum(comb(u, k) - comb(u - one, k) - comb(u - two, k) for one, two, u in pairs)


@pytest.mark.parametrize("stratum", STRATA, ids=str)
def test_big_counts_follow_the_formula(stratum: Stratum) -> None:
    assert BIG_SPACE.count(stratum) == count_by_formula(BIG_SESSIONS, stratum) > 200


@given(strata, st.data())
@settings(deadline=None, max_examples=300)
def test_big_sessions_are_ranked_exactly(stratum: Stratum, data: st.DataObject) -> None:
    rank = data.draw(st.integers(0, BIG_SPACE.count(stratum) - 1))
    drawn = BIG_SPACE.unrank(stratum, rank)
    assert BIG_SPACE.rank(stratum, drawn) == rank
    assert len(set(drawn.concepts)) == stratum.size
    assert list(drawn.concepts) == sorted(drawn.concepts)
    taught = [set(BIG_SESSIONS[session]) for session in drawn.sessions]
    assert len(taught) == (1 if stratum.strategy == "single" else 2)
    assert set(drawn.concepts) <= set().union(*taught)
    assert all(concepts & set(drawn.concepts) for concepts in taught)


@pytest.mark.parametrize("stratum", STRATA, ids=str)
def test_first_and_last_of_big_sessions(stratum: Stratum) -> None:
    last = BIG_SPACE.count(stratum) - 1
    ends = [BIG_SPACE.unrank(stratum, rank) for rank in (0, last)]
    assert [BIG_SPACE.rank(stratum, drawn) for drawn in ends] == [0, last]
    for outside in (-1, last + 1):
        with pytest.raises(IndexError, match=f"{stratum} has"):
            BIG_SPACE.unrank(stratum, outside)


SMALL_SPACE = CombinationSpace([["a", "b", "c"], ["c", "d"], ["e"]])


@pytest.mark.parametrize(
    ("stratum", "sessions", "concepts"),
    [
        ("single:2", (0,), ("b", "a")),  # not in canonical order
        ("single:2", (0,), ("a", "a")),
        ("single:2", (0,), ("a", "d")),  # d belongs to another session
        ("single:2", (0,), ("a", "z")),
        ("single:2", (0,), ("a", "b", "c")),
        ("single:2", (0,), ("a",)),
        ("single:2", (3,), ("a", "b")),
        ("single:1", (-1,), ("e",)),
        ("single:2", (0, 1), ("a", "b")),
        ("single:2", (), ("a", "b")),
        ("pair:2", (0, 1), ("a", "b")),  # misses the second session
        ("pair:2", (0, 1), ("a", "e")),
        ("pair:2", (1, 0), ("a", "d")),
        ("pair:2", (0, 0), ("a", "b")),
        ("pair:2", (0, 3), ("a", "e")),
        ("pair:2", (-1, 0), ("a", "d")),
        ("pair:2", (0,), ("a", "b")),
        ("pair:2", (0, 1, 2), ("a", "e")),
        ("pair:3", (0, 1), ("a", "d")),
    ],
)
def test_what_is_not_in_the_space_has_no_rank(
    stratum: str, sessions: tuple[int, ...], concepts: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=f"is not in {stratum}"):
        SMALL_SPACE.rank(Stratum.parse(stratum), Combination(sessions, concepts))


def test_a_shared_concept_hits_both_sessions() -> None:
    assert SMALL_SPACE.rank(Stratum("pair", 2), Combination((0, 1), ("a", "c"))) >= 0


def test_a_session_names_a_concept_once() -> None:
    with pytest.raises(ValueError, match="session 1 names a concept twice"):
        CombinationSpace([["a"], ["b", "a", "b"]])


@pytest.mark.parametrize("stratum", [Stratum("single", 0), Stratum("pair", 1), Stratum("pair", 6)], ids=str)
def test_other_strata_are_refused(stratum: Stratum) -> None:
    with pytest.raises(ValueError, match=f"no stratum {stratum}"):
        SMALL_SPACE.count(stratum)


def test_strata_in_their_fixed_order() -> None:
    written = "single:1 single:2 single:3 single:4 single:5 pair:2 pair:3 pair:4 pair:5"
    assert " ".join(map(str, STRATA)) == written
    assert tuple(map(Stratum.parse, written.split())) == STRATA


@pytest.mark.parametrize("text", ["", "single", "single:6", "pair:1", "pair:02", "Pair:2", "pair:2 "])
def test_only_strata_are_parsed(text: str) -> None:
    with pytest.raises(ValueError, match="no stratum"):
        Stratum.parse(text)


@pytest.mark.parametrize(
    ("stratum", "digest"),
    [
        ("single:2", "9cf1a0d1f7bb3226"),
        ("pair:2", "2c859425836efcd9"),
        ("pair:3", "ed82c0e8e1873712"),
        ("pair:5", "3a880f6c41ea6a08"),
    ],
)
def test_the_numbering_never_changes(stratum: str, digest: str) -> None:
    """Syllabi store positions, so a different numbering would draw combinations twice."""
    chosen = Stratum.parse(stratum)
    space = CombinationSpace(["abcde", "defg", "hijkl", "", "a"])
    listed = [space.unrank(chosen, rank) for rank in range(space.count(chosen))]
    text = " ".join(f"{drawn.sessions}{''.join(drawn.concepts)}" for drawn in listed)
    assert blake2b(text.encode(), digest_size=8).hexdigest() == digest


@pytest.mark.parametrize(
    ("stratum", "listed"),
    [
        ("single:2", "ab ac bc cd ce de"),
        ("pair:2", "cd ce ad ae bd be ac bc"),
        ("pair:4", "acde bcde abde abcd abce"),
    ],
)
def test_a_numbering_to_read(stratum: str, listed: str) -> None:
    chosen, space = Stratum.parse(stratum), CombinationSpace(["abc", "cde"])
    drawn = [space.unrank(chosen, rank).concepts for rank in range(space.count(chosen))]
    assert " ".join(map("".join, drawn)) == listed


def test_keys_never_change() -> None:
    """The keys are those of b2sum -l 128 for [["s1"],["c1"]] and [["s1","s2"],["a\\"b","größe"]]."""
    assert combination_key(["s1"], ["c1"]) == "57b14e8d4d9e82fc94f1a583b5db2ec7"
    assert combination_key(["s2", "s1"], ["größe", 'a"b']) == "ae61b6dcfe4c7340849ba6bffaa417b0"


ids = st.lists(st.text(alphabet='ab",[]\\', max_size=3), max_size=3)


@given(ids, ids, ids, ids)
@settings(deadline=None)
def test_keys_tell_combinations_apart(
    sessions: list[str], concepts: list[str], other_sessions: list[str], other_concepts: list[str]
) -> None:
    same = (sorted(sessions), sorted(concepts)) == (sorted(other_sessions), sorted(other_concepts))
    assert (combination_key(sessions, concepts) == combination_key(other_sessions, other_concepts)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((["a"], ["b", "c"]), (["a", "b"], ["c"])),
        ((["a"], ["bc"]), (["a"], ["b", "c"])),
        ((["a"], ['b","c']), (["a"], ["b", "c"])),
        ((["a"], ["b"]), (["b"], ["a"])),
        ((["a"], []), ([], ["a"])),
    ],
)
def test_keys_are_framed(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> None:
    assert combination_key(*one) != combination_key(*other)


@given(ids, ids)
@settings(deadline=None)
def test_keys_ignore_the_order(sessions: list[str], concepts: list[str]) -> None:
    assert combination_key(sessions, concepts) == combination_key(sessions[::-1], reversed(concepts))


@given(some_sessions, strata)
@settings(deadline=None)
def test_combinations_with_a_concept_match_the_definition(
    sessions: list[list[str]], stratum: Stratum
) -> None:
    """With only twelve names for up to five sessions, some concepts are in several sessions."""
    space = CombinationSpace(sessions)
    every = list(by_definition(sessions, stratum))
    for concept in space.concepts:
        count = space.count_with(stratum, concept)
        listed = [space.unrank_with(stratum, concept, rank) for rank in range(count)]
        assert sorted(listed) == sorted(drawn for drawn in every if concept in drawn.concepts)
    assert space.count_with(stratum, "of no session") == 0


@given(strata, st.sampled_from(BIG), st.data())
@settings(deadline=None, max_examples=100)
def test_big_combinations_with_a_concept(stratum: Stratum, concept: str, data: st.DataObject) -> None:
    rank = data.draw(st.integers(0, BIG_SPACE.count_with(stratum, concept) - 1))
    drawn = BIG_SPACE.unrank_with(stratum, concept, rank)
    assert concept in drawn.concepts
    assert BIG_SPACE.unrank(stratum, BIG_SPACE.rank(stratum, drawn)) == drawn


@pytest.mark.parametrize("stratum", STRATA, ids=str)
def test_a_combination_is_with_each_of_its_concepts(stratum: Stratum) -> None:
    """Summed over all concepts, a combination of k concepts counts k times."""
    counts = sum(BIG_SPACE.count_with(stratum, concept) for concept in BIG_SPACE.concepts)
    assert counts == stratum.size * BIG_SPACE.count(stratum)


def test_nothing_stands_outside_the_combinations_with_a_concept() -> None:
    with pytest.raises(IndexError, match="with e"):
        SMALL_SPACE.unrank_with(Stratum("single", 1), "e", 1)


@pytest.mark.parametrize("stratum", STRATA, ids=str)
def test_counting_before_and_after_drawing_is_the_same(stratum: Stratum) -> None:
    space = CombinationSpace(BIG_SESSIONS)
    before = space.count(stratum)
    space.unrank(stratum, 0)
    assert space.count(stratum) == before
