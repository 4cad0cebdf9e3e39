"""The order in which a syllabus's combinations are handed out."""

import pytest

from generators.spaces.strata import STRATA
from generators.spaces.syllabus_space import SyllabusSpace
from graph.taxonomy.syllabi import Named, Session

SESSIONS = [
    Session("s1", "One", "", (Named("a", "A"), Named("b", "B"), Named("c", "C"))),
    Session("s2", "Two", "", (Named("c", "C"), Named("d", "D"))),
]


def test_every_combination_of_a_stratum_once() -> None:
    space = SyllabusSpace("y", SESSIONS)
    for stratum, count in zip(STRATA, space.capacity, strict=True):
        found = {space.at(stratum, position) for position in range(count)}
        assert len(found) == count


def test_ids_are_of_the_position_and_keys_of_the_combination() -> None:
    space, again = SyllabusSpace("y", SESSIONS), SyllabusSpace("y", SESSIONS)
    places = [(s, p) for s, count in zip(STRATA, space.capacity, strict=True) for p in range(count)]
    assert [space.instruction_id(*p) for p in places] == [again.instruction_id(*p) for p in places]
    assert len({space.instruction_id(*p) for p in places}) == len(places)
    assert len({space.key_at(*p) for p in places}) == len(places)


def test_renaming_keeps_the_version_and_another_concept_changes_it() -> None:
    renamed = [Session("s1", "Uno", "x", (Named("a", "Z"), *SESSIONS[0].concepts[1:])), SESSIONS[1]]
    fewer = [SESSIONS[0], Session("s2", "Two", "", (Named("d", "D"),))]
    version = SyllabusSpace("y", SESSIONS).version
    assert SyllabusSpace("y", renamed).version == version
    assert SyllabusSpace("y", fewer).version != version
    assert SyllabusSpace("other", SESSIONS).version != version


def test_a_combination_knows_its_position() -> None:
    space = SyllabusSpace("y", SESSIONS)
    for stratum, count in zip(STRATA, space.capacity, strict=True):
        for position in range(count):
            assert space.position(stratum, space.at(stratum, position)) == position
        with pytest.raises(IndexError, match="none at"):
            space.at(stratum, count)


@pytest.mark.parametrize("start", [0, 3, 10**6])
def test_positions_with_a_concept_are_all_of_them_once(start: int) -> None:
    space = SyllabusSpace("y", SESSIONS)
    for stratum, count in zip(STRATA, space.capacity, strict=True):
        for concept in space.concept_ids:
            holding = [p for p in range(count) if concept in space.at(stratum, p).concepts]
            found = list(space.positions_with(stratum, concept, start))
            assert sorted(found) == holding
            assert space.count_with(stratum, concept) == len(holding)
