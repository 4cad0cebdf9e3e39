"""Splits are a function of a key: stable, in their shares, and parsed strictly."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Invalid
from graph.instructions.splits import DEFAULT, Split, SplitBy, Splits

KEYS = [f"{n:024x}" for n in range(20_000)]


def test_shares_are_what_was_asked_for():
    splits = Splits.parsed("train=8,validation=1,test=1")
    found = Counter(splits.of(key) for key in KEYS)
    assert sum(found.values()) == len(KEYS)
    for split, share in ((Split.train, 0.8), (Split.validation, 0.1), (Split.test, 0.1)):
        # Six standard deviations of a binomial distribution.
        assert abs(found[split] - share * len(KEYS)) < 6 * (len(KEYS) * share * (1 - share)) ** 0.5


def test_the_split_of_a_key_is_fixed_for_ever():
    """A release of last year and one of today must not exchange test for training."""
    splits = Splits.parsed()
    assert [splits.of(f"s{n}") for n in range(40)].count(Split.train) == 37
    assert [n for n in range(60) if splits.of(f"s{n}") is Split.test] == [40, 50]


def test_more_test_keeps_what_was_test():
    few, many = Splits.parsed("train=90,test=10"), Splits.parsed("train=70,test=30")
    assert {key for key in KEYS if few.of(key) is Split.test} < {
        key for key in KEYS if many.of(key) is Split.test
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (DEFAULT, DEFAULT),
        ("test=1, train=3", "train=75,test=25"),
        ("train=0.5,validation=0.25,test=0.25", "train=50,validation=25,test=25"),
        ("train=1", "train=100"),
        ("train=1,test=0", "train=100,test=0"),
    ],
)
def test_shares_in_any_proportion_are_shown_in_percent(text: str, shown: str):
    splits = Splits.parsed(text, SplitBy.discipline)
    assert str(splits) == shown
    assert [Splits.parsed(shown).of(key) for key in KEYS[:500]] == [splits.of(key) for key in KEYS[:500]]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "train",
            "train=",
            "train=x",
            "train=-1",
            "train=nan",
            "train=inf",
            "train=0",
            "dev=1",
            "90,10",
        ),
        *("train=1,train=1", "train=1,", "train=1e308,test=1e308", "Train=1"),
    ],
)
def test_what_is_not_shares_is_refused_with_an_example(text: str):
    with pytest.raises(Invalid, match="train=90"):
        Splits.parsed(text)


@given(st.text(), st.lists(st.floats(0, 1e6), min_size=3, max_size=3).filter(lambda s: sum(s) > 1e-3))
def test_every_key_has_a_split_whose_share_is_not_nothing(key: str, shares: list[float]):
    text = ",".join(f"{split}={share!r}" for split, share in zip(Split, shares, strict=True))
    splits = Splits.parsed(text)
    assert dict(splits.shares)[splits.of(key)] > 0
