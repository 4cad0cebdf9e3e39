"""Positions drawn in order and ahead of it: each once, in any order of draws, and unchanged by storage."""

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.spaces.gaps import GapDraw
from generators.spaces.handed_out import HandedOut
from generators.spaces.strata import STRATA
from generators.spaces.syllabus_space import SyllabusSpace
from graph.taxonomy.syllabi import Named, Session, Shape

# Concepts a, b, f are taught in two sessions.
SESSIONS = [
    Session(f"s{n}", "", "", tuple(Named(c, "") for c in concepts))
    for n, concepts in enumerate(("abcd", "befg", "afh"))
]
SPACE = SyllabusSpace("y", SESSIONS)
SMALL = [n for n, count in enumerate(SPACE.capacity) if 0 < count < 100]

steps = st.lists(
    st.tuples(st.sampled_from(SMALL), st.integers(1, 30) | st.none()) | st.none(), min_size=1, max_size=25
)


def stored(handed_out: HandedOut) -> HandedOut:
    """The same, as another worker would read it from the graph."""
    row = handed_out.as_stored()
    return HandedOut.of(SPACE, Shape("y", SESSIONS, SPACE.version, respaced=False, held=(), **row))


@given(steps)
@settings(deadline=None)
def test_no_position_comes_twice_and_all_of_them_come(chosen: list[tuple[int, int | None] | None]) -> None:
    handed_out = HandedOut(SPACE.capacity, [0] * len(STRATA), [set() for _ in STRATA])
    seen = [list[int]() for _ in STRATA]
    for step in [*chosen, *((n, 1000) for n in SMALL)]:
        if step is None:
            handed_out = stored(handed_out)
        elif (most := step[1]) is None:
            wanted = [0] * len(STRATA)
            wanted[step[0]] = 5
            for n, position in GapDraw(SPACE, handed_out, {}).take(wanted):
                seen[n].append(position)
        else:
            start, count, gone = handed_out.next(step[0], most)
            seen[step[0]] += [p for p in range(start, start + count) if p not in gone]
        assert handed_out.drawn == [len(some) for some in seen]
    for n in SMALL:
        assert sorted(seen[n]) == list(range(SPACE.capacity[n]))
        assert not handed_out.ahead[n], "what the cursor has passed is kept no longer"


def test_another_version_starts_anew() -> None:
    shape = Shape("y", SESSIONS, "other", [5] * 9, [7], [0, 1, *[0] * 7], respaced=False)
    assert HandedOut.of(SPACE, shape).drawn == [0] * 9


def test_what_is_next_in_turn_is_not_kept() -> None:
    handed_out = HandedOut([10] * 9, [0] * 9, [set() for _ in STRATA])
    for position in (2, 1, 0):
        handed_out.take(0, position)
    assert (handed_out.cursors[0], handed_out.ahead[0], handed_out.drawn[0]) == (3, set(), 3)


def draw_for(degrees: dict[str, int], wanted: list[int]) -> list[tuple[str, ...]]:
    handed_out = HandedOut(SPACE.capacity, [0] * len(STRATA), [set() for _ in STRATA])
    places = GapDraw(SPACE, handed_out, degrees).take(wanted)
    return [SPACE.at(STRATA[n], position).concepts for n, position in places]


def test_the_least_covered_come_first() -> None:
    degrees = {concept: n for n, concept in enumerate("abcdefgh")}
    assert draw_for(degrees, [3, *[0] * 8])[:1] == [("a",)]
    # a rises to 1, level with b; a and b, each taught twice, have two combinations of one concept.
    drawn = [concept for (concept,) in draw_for(degrees, [6, *[0] * 8])]
    assert sorted(drawn) == ["a", "a", "b", "b", "c", "d"]


def test_as_many_as_there_are_concepts_cover_all() -> None:
    assert {c for (c,) in draw_for({}, [8, *[0] * 8])} == set("abcdefgh")


def test_a_combination_covers_all_its_concepts() -> None:
    """Eight concepts in pairs of one session: four draws could suffice, and none is spent on covered ones."""
    drawn = draw_for({}, [0, 5, *[0] * 7])
    assert len(set(drawn)) == 5
    assert len({concept for pair in drawn for concept in pair}) >= 7


def test_all_there_are_where_more_is_wanted() -> None:
    drawn = draw_for({}, [1000] * 9)
    assert len(drawn) == sum(SPACE.capacity)


def test_undone_draws_add_no_coverage() -> None:
    handed_out = HandedOut(SPACE.capacity, [0] * len(STRATA), [set() for _ in STRATA])
    gaps = GapDraw(SPACE, handed_out, {})
    for place in gaps.take([4, *[0] * 8]):
        gaps.undo(place)
    assert not any(gaps.covered.values())
    assert sum(handed_out.drawn) == 4
