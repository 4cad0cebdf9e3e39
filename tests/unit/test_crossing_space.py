"""The combinations of two syllabi: exact, each once, and the same whichever syllabus comes first."""

from itertools import combinations

import pytest

from generators.planning import quotas
from generators.spaces.gaps import GapDraw
from generators.spaces.handed_out import HandedOut
from generators.spaces.strata import CROSS_STRATA, STRATA, Stratum, combination_key
from generators.spaces.syllabus_space import CrossingSpace, SyllabusSpace, Taught
from generators.spec import JobSpec
from graph.taxonomy.syllabi import Named, Session


def session(id_: str, concepts: str) -> Session:
    return Session(id_, id_, "", tuple(Named(c, c) for c in concepts))


# The second syllabus has concepts and a session of the first.
ONE = Taught("y1", [session("s1", "abc"), session("s2", "cd"), session("s3", "efghij")])
OTHER = Taught("y2", [session("t1", "xa"), session("t2", "dc"), session("s2", "cd"), session("t4", "")])
SPACE = CrossingSpace(ONE, OTHER)


def by_hand(size: int) -> set[str]:
    """The keys of all combinations of a size, found by looking at all sets of concepts of all sessions."""
    keys = set[str]()
    for s in ONE.sessions:
        for t in OTHER.sessions:
            if "s2" in (s.id, t.id):
                continue
            ours, theirs = ({c.id for c in one.concepts} for one in (s, t))
            for some in combinations(sorted(ours | theirs), size):
                if ours.intersection(some) and theirs.intersection(some):
                    keys.add(combination_key([s.id, t.id], some))
    return keys


@pytest.mark.parametrize("stratum", CROSS_STRATA, ids=str)
def test_every_combination_of_two_syllabi_once(stratum: Stratum) -> None:
    count = SPACE.capacity[CROSS_STRATA.index(stratum)]
    keys = [SPACE.key_at(stratum, position) for position in range(count)]
    assert len(set(keys)) == len(keys) == count
    assert set(keys) == by_hand(stratum.size)
    for position in range(count):
        assert SPACE.position(stratum, SPACE.at(stratum, position)) == position
    with pytest.raises(IndexError, match="none at"):
        SPACE.at(stratum, count)


def test_it_is_the_same_space_whichever_syllabus_is_named_first() -> None:
    again = CrossingSpace(OTHER, ONE)
    assert (again.version, again.capacity) == (SPACE.version, SPACE.capacity)
    assert (again.syllabus_id, again.partner_id) == ("y1", "y2")
    for stratum, count in zip(CROSS_STRATA, SPACE.capacity, strict=True):
        for position in range(count):
            assert again.key_at(stratum, position) == SPACE.key_at(stratum, position)
            assert again.instruction_id(stratum, position) == SPACE.instruction_id(stratum, position)


def test_its_combinations_are_none_of_either_syllabus() -> None:
    of_one = {
        space.key_at(stratum, position)
        for space in (SyllabusSpace(*ONE), SyllabusSpace(*OTHER))
        for stratum, count in zip(STRATA, space.capacity, strict=True)
        for position in range(count)
    }
    assert all(of_one.isdisjoint(by_hand(size)) for size in range(2, 6))


@pytest.mark.parametrize("start", [0, 7])
def test_positions_with_a_concept_are_all_of_them_once(start: int) -> None:
    for stratum, count in zip(CROSS_STRATA, SPACE.capacity, strict=True):
        for concept in SPACE.concept_ids:
            holding = [p for p in range(count) if concept in SPACE.at(stratum, p).concepts]
            assert sorted(SPACE.positions_with(stratum, concept, start)) == holding
            assert SPACE.count_with(stratum, concept) == len(holding)


def test_draws_in_turn_and_for_gaps_give_each_place_once() -> None:
    handed = HandedOut(SPACE.capacity, [0] * 4, [set() for _ in range(4)])
    gaps = GapDraw(SPACE, handed, {})
    found = gaps.take([3, 3, 3, 3])
    for n, count in enumerate(SPACE.capacity):
        while handed.free[n]:
            first, length, gone = handed.next(n, 5)
            found += [(n, p) for p in range(first, first + length) if p not in gone]
        assert sorted(p for m, p in found if m == n) == list(range(count))


def test_a_session_is_drawn_from_each_syllabus_the_first_one_first() -> None:
    for stratum, count in zip(CROSS_STRATA, SPACE.capacity, strict=True):
        for position in range(count):
            first, second = SPACE.at(stratum, position).sessions
            assert first < SPACE.first <= second


def test_what_crossings_get_of_a_number_adds_up() -> None:
    for part in (0.0, 0.1, 1 / 3, 0.5, 1.0):
        shares = [7, 0, 1, None, 12, 5]
        split = quotas.split_off(shares, part)
        given = [n for n in split if n is not None]
        assert sum(given) == int(25 * part)
        assert all(0 <= (n or 0) <= (share or 0) for n, share in zip(split, shares, strict=True))
        assert [n is None for n in split] == [share is None for share in shares]


def test_crossings_are_off_by_default_and_leave_the_key_of_a_job_as_it_was() -> None:
    plain = JobSpec.model_validate({"root_id": "x", "add": 5})
    assert plain.cross_share == 0
    assert not any(plain.weights(across=True))
    more = JobSpec.model_validate({"root_id": "x", "add": 5, "neighbours": 3})
    assert plain.key() != more.key()
    mixed = JobSpec.model_validate({"root_id": "x", "add": 5, "strategies": {"pair": 3, "cross": 1}})
    assert mixed.cross_share == 0.25
    assert sum(mixed.weights()) == 3
    only = JobSpec.model_validate({"root_id": "x", "add": 5, "strategies": {"cross": 1}})
    assert (only.cross_share, sum(only.weights())) == (1.0, 0)


def test_crossings_of_one_concept_are_none() -> None:
    with pytest.raises(ValueError, match="leave nothing to draw"):
        JobSpec.model_validate({"root_id": "x", "add": 5, "strategies": {"cross": 1}, "concepts": {"1": 1}})
