"""How a syllabus's share is spread over its strata."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.planning.quotas import STRATEGIES, by_stratum
from generators.spaces.strata import STRATA
from generators.spec import JobSpec

HALF = JobSpec.model_validate({"root_id": "x", "add": 1}).weights()
PLENTY = [10**9] * len(STRATA)
counts = st.lists(st.integers(0, 40), min_size=9, max_size=9)


def test_the_slices_are_the_strategies() -> None:
    assert [{s.strategy for s in STRATA[group]} for group in STRATEGIES] == [{"single"}, {"pair"}]
    assert sum(len(STRATA[group]) for group in STRATEGIES) == len(STRATA)


def test_shares_follow_the_weights() -> None:
    assert by_stratum(HALF, [0] * 9, 400, PLENTY) == [40, 40, 40, 40, 40, 50, 50, 50, 50]


def test_what_a_size_lacks_stays_with_its_strategy() -> None:
    free = [100, 100, 100, 3, 0, *PLENTY[5:]]
    wanted = by_stratum(HALF, [0] * 9, 80, free)
    assert sum(wanted[:5]) == sum(wanted[5:]) == 40
    assert wanted[3:5] == [3, 0]


def test_many_small_syllabi_together_keep_to_the_weights() -> None:
    so_far = [0] * 9
    for _ in range(200):
        so_far = [a + b for a, b in zip(so_far, by_stratum(HALF, so_far, 2, PLENTY), strict=True)]
    assert so_far == [40, 40, 40, 40, 40, 50, 50, 50, 50]


@given(given_so_far=counts, free=counts, share=st.integers(0, 200))
def test_all_of_the_share_or_all_of_the_room(given_so_far: list[int], free: list[int], share: int) -> None:
    wanted = by_stratum(HALF, given_so_far, share, free)
    assert all(0 <= n <= room for n, room in zip(wanted, free, strict=True))
    assert sum(wanted) == min(share, sum(free))


def test_unwanted_strata_get_nothing() -> None:
    weights = JobSpec.model_validate({"root_id": "x", "add": 1, "concepts": {"2": 1}}).weights()
    wanted = by_stratum(weights, [0] * 9, 10, [5] * 9)
    assert wanted == pytest.approx([0, 5, 0, 0, 0, 5, 0, 0, 0])
