"""Webster's method against its definition, one seat at a time."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.planning.apportion import apportion


def seat_by_seat(weights: Sequence[float], seats: int, caps: Sequence[int]) -> list[int]:
    """The definition: each seat goes to the largest w / (2 s + 1), the lower index first."""
    result = [0] * len(weights)
    for _ in range(seats):
        open_parties = [p for p, weight in enumerate(weights) if weight > 0 and result[p] < caps[p]]
        if not open_parties:
            break
        winner = max(open_parties, key=lambda p: (Fraction(weights[p]) / (2 * result[p] + 1), -p))
        result[winner] += 1
    return result


def check(weights: Sequence[float], seats: int, caps: Sequence[int]) -> None:
    assert apportion(weights, seats, caps) == seat_by_seat(weights, seats, caps), (weights, seats, caps)


def check_optimal(weights: Sequence[float], seats: int, caps: Sequence[int] | None) -> None:
    """Checks that no seat could move to a better quotient, which is the definition for many seats."""
    result = apportion(weights, seats, caps)
    limits = caps or [seats] * len(weights)
    parties = [p for p, weight in enumerate(weights) if weight > 0]
    assert sum(result) == min(seats, sum(limits[p] for p in parties))
    assert all(0 <= result[p] <= limits[p] for p in parties)
    taken = [(Fraction(weights[p]) / (2 * result[p] - 1), -p) for p in parties if result[p]]
    free = [(Fraction(weights[p]) / (2 * result[p] + 1), -p) for p in parties if result[p] < limits[p]]
    assert not taken or not free or min(taken) > max(free)


def test_a_textbook_example() -> None:
    assert apportion([53_000, 24_000, 23_000], 7) == [3, 2, 2]


def test_all_small_cases_match_the_definition() -> None:
    for weights in product(range(4), repeat=3):
        for seats in range(8):
            check(weights, seats, [seats] * 3)
            assert apportion(weights, seats) == seat_by_seat(weights, seats, [seats] * 3)
            for caps in product((0, 1, 3), repeat=3):
                check(weights, seats, caps)


weight = st.integers(0, 12) | st.floats(0, 1e6) | st.sampled_from([1e-300, 0.1, 0.2, 0.3, 1e300])
parties = st.lists(st.tuples(weight, st.integers(0, 15)), max_size=8)


@given(parties, st.integers(0, 60))
@settings(deadline=None, max_examples=400)
def test_any_case_matches_the_definition(drawn: list[tuple[float, int]], seats: int) -> None:
    weights, caps = [w for w, _ in drawn], [cap for _, cap in drawn]
    check(weights, seats, caps)
    assert apportion(weights, seats) == seat_by_seat(weights, seats, [seats] * len(weights))


@given(parties, st.integers(0, 10**8), st.booleans())
@settings(deadline=None)
def test_another_seat_takes_none_away(drawn: list[tuple[float, int]], seats: int, capped: bool) -> None:
    weights = [w for w, _ in drawn]
    caps = [cap * seats // 30 for _, cap in drawn] if capped else None
    fewer, more = apportion(weights, seats, caps), apportion(weights, seats + 1, caps)
    assert all(before <= after for before, after in zip(fewer, more, strict=True))
    assert sum(more) - sum(fewer) == (sum(fewer) == seats and sum(more) == seats + 1)


@given(st.lists(weight, max_size=8), st.integers(0, 10**8), st.data())
@settings(deadline=None)
def test_many_seats(weights: list[float], seats: int, data: st.DataObject) -> None:
    cap = st.integers(0, max(1, seats // 2))
    caps = data.draw(st.none() | st.lists(cap, min_size=len(weights), max_size=len(weights)))
    check_optimal(weights, seats, caps)


@pytest.mark.parametrize("seats", [0, 1, 499, 500, 1001, 10**6, 10**8])
@pytest.mark.parametrize("capped", [False, True])
def test_many_parties(seats: int, capped: bool) -> None:
    random = Random(0)
    weights = [random.random() ** 8 for _ in range(1000)]
    caps = [random.randrange(1 + seats // 300) for _ in weights]
    check_optimal(weights, seats, caps if capped else None)


def test_ties_go_to_the_lower_index() -> None:
    assert apportion([1, 1, 1], 2) == [1, 1, 0]
    assert apportion([1, 3, 1], 3) == [1, 2, 0]


def test_weights_count_exactly() -> None:
    assert apportion([0.3, 0.1 + 0.2], 1) == [0, 1]
    assert apportion([10**40, 10**40 + 1], 3) == [1, 2]


def test_zero_weight_gets_nothing() -> None:
    assert apportion([0, 2, 0.0], 5) == [0, 5, 0]
    assert apportion([0, 0], 5) == [0, 0]
    assert apportion([], 5) == []


def test_what_is_capped_goes_to_the_others() -> None:
    assert apportion([8, 1, 1], 10, [2, 100, 100]) == [2, 4, 4]
    assert apportion([8, 1, 1], 10, [2, 3, 100]) == [2, 3, 5]


def test_all_at_their_caps_leave_seats_over() -> None:
    assert apportion([8, 1, 0], 10**8, [2, 3, 9]) == [2, 3, 0]


def test_caps_beyond_floats() -> None:
    assert apportion([1, 1], 10**400, [10**399, 10**401]) == [10**399, 9 * 10**399]


@pytest.mark.parametrize(
    ("weights", "seats", "caps", "message"),
    [
        ([1, -1], 3, None, "weights"),
        ([1, float("nan")], 3, None, "weights"),
        ([1, float("inf")], 3, None, "weights"),
        ([1, 1], -1, None, "-1 seats"),
        ([1, 1], 3, [1], "1 caps for 2 weights"),
        ([1, 1], 3, [1, -1], "caps"),
    ],
)
def test_nonsense_is_refused(weights: list[float], seats: int, caps: list[int] | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        apportion(weights, seats, caps)
