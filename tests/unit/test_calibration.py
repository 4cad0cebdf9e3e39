"""How well a rule does on pairs that are known: what is planted, what is counted, and the bound."""

import pytest

from generators.quality.duplicates import calibration
from generators.quality.duplicates.calibration import (
    Asked,
    Label,
    Pair,
    counted,
    different,
    planted,
    shipped,
    upper_bound,
)

QUESTIONS = [
    Asked(
        f"A ferry leaves {place} at {n} knots with {40 + n} tons of {good} on board. The wind is strong. "
        f"How many hours does it need for {100 + n} miles, if Anna has to wait for the tide before?",
        [good],
    )
    for n, (place, good) in enumerate(
        (place, good) for place in ("Oslo", "Lagos", "Lima") for good in ("barley", "copper", "timber")
    )
]


@pytest.mark.parametrize(
    ("hits", "tries", "expected"),
    # By scipy.stats.beta.ppf(0.95, hits + 1, tries - hits).
    [
        (0, 2995, 0.00099975),
        (1, 4743, 0.00099982),
        (3, 100, 0.0757133),
        (10, 20, 0.6980461),
        (5, 5, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(hits: int, tries: int, expected: float):
    assert upper_bound(hits, tries) == pytest.approx(expected, rel=1e-4)


def test_shipped_pairs_have_both_labels_and_the_rule_is_right_about_them():
    counts, wrong = counted(shipped())
    assert {count["label"] for count in counts} == {Label.duplicate, Label.variant}
    assert sum(count["pairs"] for count in counts) > 250
    assert wrong == []


def test_planted_pairs_follow_from_the_seed():
    once = list(planted(QUESTIONS, 7))
    assert list(planted(QUESTIONS, 7)) == once
    assert list(planted(QUESTIONS, 8)) != once
    kinds = {pair.kind for pair in once}
    assert kinds >= {"form", "wrap", "order", "slips", "one number", "unit", "not", "name", "word"}
    assert all(pair.one.text != pair.other.text for pair in once)


def test_different_questions_are_different():
    pairs = list(different(QUESTIONS, 1))
    assert {pair.kind for pair in pairs} == {"another question", "another concept"}
    assert all(pair.label is Label.different and pair.one.text != pair.other.text for pair in pairs)
    for pair in pairs:
        if pair.kind == "another concept":
            assert pair.other.concepts[0] in pair.other.text
            assert pair.one.concepts[0] not in pair.other.text


def test_one_question_has_no_other():
    assert list(different(QUESTIONS[:1], 1)) == []


def test_what_the_rule_gets_wrong_is_told():
    same = Pair(Label.different, "made up", QUESTIONS[0], QUESTIONS[0], "own")
    far = Pair(Label.duplicate, "made up", QUESTIONS[0], Asked("Why do bees dance?"), "own")
    counts, wrong = counted([same, far, far])
    assert [(count["label"], count["pairs"], count["flagged"]) for count in counts] == [
        ("different", 1, 1),
        ("duplicate", 2, 0),
    ]
    assert wrong == [same, far, far]


def test_most_pairs_that_ask_the_same_are_found_and_others_are_not():
    counts, _ = counted([*planted(QUESTIONS, 3), *different(QUESTIONS, 3)])
    for label, least, most in (
        (Label.duplicate, 0.9, 1.0),
        (Label.variant, 0.0, 0.05),
        (Label.different, 0.0, 0.0),
    ):
        chosen = [count for count in counts if count["label"] == label]
        share = sum(count["flagged"] for count in chosen) / sum(count["pairs"] for count in chosen)
        assert least <= share <= most, (label, share)
    assert calibration.MOST_FALSE_ALARMS == 0.001
