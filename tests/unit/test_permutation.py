"""The keyed permutation: a bijection, the same for ever, and without any visible pattern."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.spaces import permutation
from generators.spaces.permutation import KeyedPermutation

KEYS = [b"", b"k", b"syllabus-1:pair:3", bytes(range(200))]
sizes = st.integers(1, 2**80) | st.sampled_from([1, 2**24, 2**24 + 1, 2**64, 2**1500 + 1])


def order(size: int, key: bytes) -> list[int]:
    chosen = KeyedPermutation(size, key)
    return [chosen(index) for index in range(size)]


@pytest.mark.parametrize("key", KEYS)
def test_every_small_order_is_a_bijection(key: bytes) -> None:
    for size in range(1, 301):
        assert sorted(order(size, key)) == list(range(size))


def test_hashed_rounds_make_a_bijection(monkeypatch: pytest.MonkeyPatch) -> None:
    tabulated = order(100, b"k")
    monkeypatch.setattr(permutation, "TABLE_BITS", 0)
    assert order(100, b"k") != tabulated
    for size in (1, 2, 3, 5, 16, 17, 64, 100, 257, 1000):
        assert sorted(order(size, b"k")) == list(range(size))


@given(sizes, st.binary(max_size=80), st.data())
@settings(deadline=None)
def test_inverse_undoes_forward(size: int, key: bytes, data: st.DataObject) -> None:
    chosen = KeyedPermutation(size, key)
    index = data.draw(st.integers(0, size - 1))
    element = chosen.forward(index)
    assert 0 <= element < size
    assert chosen.inverse(element) == index
    assert chosen.forward(chosen.inverse(index)) == index
    assert chosen(index) == element


@pytest.mark.parametrize("size", [1, 2, 300, 2**24, 2**70])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_positions_outside_are_refused(size: int, beyond: int) -> None:
    chosen = KeyedPermutation(size, b"k")
    outside = -1 if beyond < 0 else size + beyond
    for step in (chosen.forward, chosen.inverse, chosen):
        with pytest.raises(IndexError, match="outside"):
            step(outside)


@pytest.mark.parametrize("size", [0, -5])
def test_nothing_has_no_order(size: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        KeyedPermutation(size, b"k")


def test_size_is_kept() -> None:
    assert KeyedPermutation(2**100, b"k").size == 2**100


@pytest.mark.parametrize("size", [50, 2**20, 2**40])
def test_keys_and_sizes_give_unrelated_orders(size: int) -> None:
    keys = [b"", b"\0", b"a", b"b", b"ab", b"a" * 64, b"a" * 65, b"a" * 200]
    chosen = [KeyedPermutation(size, key) for key in keys] + [KeyedPermutation(size + 1, b"a")]
    starts = {tuple(each(index) for index in range(20)) for each in chosen}
    assert len(starts) == len(chosen)


# Syllabi store a place in the order, so a changed order would draw combinations twice.
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, [0]),
        (2, [0, 1]),
        (10, [0, 1, 3, 9, 4, 5, 2, 7, 8, 6]),
        (1000, [492, 557, 432, 410]),
        (47_500, [30362, 23033, 41637, 9493]),
        (2**24, [15143949, 4571696, 5797399, 10628884]),
        (2**24 + 1, [7081810, 16695161, 5129503, 9572482]),
        (2**64, [1740385170445254375, 6036629774376329217]),
        (10**30, [347647201251541794709794887810, 633861038124540573983565624928]),
    ],
)
def test_orders_never_change(size: int, expected: list[int]) -> None:
    chosen = KeyedPermutation(size, b"glan")
    assert [chosen(index) for index in range(len(expected))] == expected


def chi_square(observed: Iterable[int], cells: int, draws: int) -> float:
    expected = draws / cells
    counts = list(observed)
    empty = cells - len(counts)
    return sum((count - expected) ** 2 for count in counts) / expected + empty * expected


# Bounds are the 0.1 % and 99.9 % quantiles of chi-square; keys are fixed, so the result is too.
def test_the_first_elements_are_spread_evenly() -> None:
    chosen = KeyedPermutation(2**40 + 12_345, b"spread")
    buckets = Counter(chosen(index) * 64 // chosen.size for index in range(5000))
    assert 33.9 < chi_square(buckets.values(), 64, 5000) < 103.4


def test_neighbours_are_unrelated() -> None:
    listed = order(47_500, b"neighbours")[:20_000]
    cells = Counter(
        (a * 8 // 47_500, b * 8 // 47_500) for a, b in zip(listed[::2], listed[1::2], strict=True)
    )
    assert 33.9 < chi_square(cells.values(), 64, 10_000) < 103.4


@pytest.mark.parametrize("index", [0, 1, 10, 19])
def test_every_element_comes_anywhere(index: int) -> None:
    cells = Counter(KeyedPermutation(20, b"%d" % key)(index) for key in range(4000))
    assert 5.4 < chi_square(cells.values(), 20, 4000) < 43.8


def orders_of(size: int, keys: int) -> Counter[Sequence[int]]:
    return Counter(tuple(order(size, b"%d" % key)) for key in range(keys))


@pytest.mark.parametrize(("size", "low", "high"), [(3, 0.21, 20.5), (4, 7.5, 49.7)])
def test_all_orders_of_a_few_are_equally_likely(size: int, low: float, high: float) -> None:
    assert low < chi_square(orders_of(size, 4800).values(), factorial(size), 4800) < high
