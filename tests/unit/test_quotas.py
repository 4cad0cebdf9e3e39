"""The arithmetic of quotas: goals, what is missing, and the level to which gaps are filled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.planning.quotas import fair, filled, lacks, mean_size, missing
from generators.planning.strata_report import strata_report
from generators.spec import JobSpec
from graph.jobs.units import PlannedOfStratum

counts = st.lists(st.integers(0, 50), min_size=4, max_size=4)


def test_what_is_there_counts_towards_the_goal() -> None:
    assert fair([1, 1], [10, 0], 10, [99, 99]) == [0, 10]
    assert fair([1, 1], [10, 0], 4, [99, 99]) == [0, 4]
    assert fair([1, 1], [10, 0], 20, [99, 99]) == [5, 15]


def test_a_weight_of_zero_gets_nothing_even_where_others_have_no_room() -> None:
    assert fair([0, 1], [0, 0], 10, [99, 4]) == [0, 4]


@given(counts, counts, counts, st.integers(0, 300))
def test_all_of_the_share_or_all_of_the_room(
    weights: list[int], given_so_far: list[int], room: list[int], share: int
) -> None:
    got = fair(weights, given_so_far, share, room)
    assert all(n <= most and (weight or not n) for n, most, weight in zip(got, room, weights, strict=True))
    assert sum(got) == min(share, sum(most for most, weight in zip(room, weights, strict=True) if weight))


def test_lacking_comes_before_weights() -> None:
    assert filled([3, 0], [1, 1], 3, [99, 99]) == [3, 0]
    assert filled([3, 0], [1, 1], 5, [99, 99]) == [4, 1]
    assert filled([3, 0], [1, 1], 5, [2, 99]) == [2, 3]


def test_a_surplus_makes_up_for_nothing() -> None:
    assert missing([10, 10], [35, 4], 2) == [0, 16]
    assert missing([10, 10], [20, 20], 2) == [0, 0]


@given(counts, st.floats(0.01, 5))
def test_what_was_missing_is_missing_no_more(concepts: list[int], per_concept: float) -> None:
    need = missing(concepts, [0] * 4, per_concept)
    assert missing(concepts, need, per_concept) == [0] * 4
    assert 0 <= sum(need) - per_concept * sum(concepts) < 1


def test_gaps_are_filled_to_one_level() -> None:
    assert lacks([{0: 10}, {1: 10}, {5: 10}], 10) == [10, 0, 0]
    assert lacks([{0: 10}, {1: 10}, {5: 10}], 30) == [20, 10, 0]
    assert lacks([{0: 10}, {}], 5) == [5, 0]
    assert lacks([{}, {}], 5) == [0, 0]


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 9)), min_size=1), st.integers(1, 500))
def test_all_coverings_go_somewhere(degrees: list[dict[int, int]], coverings: int) -> None:
    if any(degrees):
        assert sum(lacks(degrees, coverings)) == pytest.approx(coverings)


def test_a_mean_of_sizes() -> None:
    assert mean_size([0.5, 0, 0.5], [1, 2, 5]) == 3


def test_the_report_says_what_was_moved() -> None:
    spec = JobSpec.model_validate(
        {"root_id": "x", "add": 1, "strategies": {"single": 1}, "concepts": {"1": 1, "2": 1}}
    )
    rows: list[PlannedOfStratum] = [
        {"stratum": "single:1", "planned": 3},
        {"stratum": "single:2", "planned": 7},
    ]
    report = strata_report(spec, rows, ["single:1", "pair:2"])
    assert [(name, r.weight, r.planned, r.moved, r.exhausted) for name, r in report.items()] == [
        ("single:1", 0.5, 3, -2, True),
        ("single:2", 0.5, 7, 2, False),
    ]
