"""Measures of agreement against published examples and values computed elsewhere."""

import pytest

from graph.model import Kind, Status
from graph.review import agreement
from graph.review.agreement import Counts
from graph.review.counting import Ballot, Item

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": A, B and C.
TWO_BINARY = ("0100000010", "1110010000")
TWO_NOMINAL = ("aabbdcccedda", "babbbcccEddd".lower())
FOUR_NOMINAL = ("123321412...", "1233224125.3", ".3332342251.", "1233244125 1.".replace(" ", ""))
# Fleiss 1971, table 1: six psychiatrists, thirty patients, five diagnoses.
FLEISS = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""


def counts_of(raters: tuple[str, ...]) -> Counts:
    values = sorted({*"".join(raters)} - {"."})
    return [[column.count(value) for value in values] for column in zip(*raters, strict=True)]


def fleiss() -> Counts:
    return [[int(digit) for digit in row] for row in FLEISS.split()]


def votes(keep: int, remove: int, abstain: int = 0) -> list[Ballot]:
    choices = ["keep"] * keep + ["remove"] * remove + ["abstain"] * abstain
    return [Ballot(f"p{n}", choice, "person") for n, choice in enumerate(choices)]


@pytest.mark.parametrize(
    ("raters", "published"), [(TWO_BINARY, 0.095), (TWO_NOMINAL, 0.692), (FOUR_NOMINAL, 0.743)]
)
def test_alpha_of_krippendorffs_examples(raters: tuple[str, ...], published: float):
    assert agreement.alpha(counts_of(raters)).value == pytest.approx(published, abs=0.0005)


def test_kappa_of_fleiss_example():
    assert agreement.kappa(fleiss()).value == pytest.approx(0.430, abs=0.0005)


def test_ac1_and_percent_as_irr_cac_has_them():
    # irrCAC, cac.raw4raters, which are Krippendorff's four observers.
    assert agreement.ac1(counts_of(FOUR_NOMINAL)).value == pytest.approx(0.77544, abs=0.00001)
    pairs = agreement.percent(counts_of(TWO_BINARY))
    assert pairs.value == pytest.approx(0.6)


def test_where_all_make_one_choice_only_agreement_without_chance_is_defined():
    found = agreement.figures([votes(3, 0), votes(2, 0, 1), votes(0, 0)])
    assert (found.kappa.value, found.alpha.value) == (None, None)
    assert found.alpha.why == "everybody chose keep"
    assert agreement.kappa([[0, 2], [0, 2]]).why == "everybody chose remove"
    assert (found.percent.value, found.ac1.value) == (1.0, 1.0)
    assert (found.items, found.votes, found.voters, found.shared) == (3, 6, 3, 2)


def test_alpha_of_two_choices_is_that_of_the_closed_formula():
    counts = [[3, 1], [2, 2], [5, 0], [0, 2], [1, 0], [1, 1]]
    shared = [item for item in counts if sum(item) > 1]
    keep, remove = (sum(column) for column in zip(*shared, strict=True))
    observed = sum(2 * k * r / (k + r - 1) for k, r in shared)
    assert agreement.alpha(counts).value == pytest.approx(
        1 - (keep + remove - 1) * observed / (2 * keep * remove)
    )


def test_the_interval_is_the_same_each_time_and_narrower_with_more_items():
    few, many = [[3, 0], [2, 1], [0, 3], [1, 2]], [[3, 0], [2, 1], [0, 3], [1, 2]] * 100
    found = agreement.alpha(few, interval=True)
    assert agreement.alpha(few[::-1], interval=True) == found
    wide = agreement.alpha(many, interval=True)
    ends = [end for end in (found.low, wide.low, wide.value, wide.high, found.high) if end is not None]
    assert len({*ends}) == 5
    assert ends == sorted(ends)


def test_models_are_left_out_of_the_figures_and_listed_apart():
    item = Item("n", "n", Kind.Field, Status.proposed, Status.proposed, None, None, [], [])
    item.votes = [*votes(2, 0), Ballot("m", "remove", "model")]
    assert agreement.figures([item.votes]).percent.value == 1.0
    found = agreement.by_voter({"n": item})
    assert [(one.who, one.kind, one.with_majority) for one in found] == [
        ("p0", "person", 1.0),
        ("p1", "person", 1.0),
        ("m", "model", 0.0),
    ]
