"""What the rule for near-duplicates says about pairs of questions, part by part."""

import dataclasses
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generators.quality.duplicates.near_duplicates import DecidedBy, Relation, RelationKind, relation
from generators.quality.duplicates.prepared import prepare
from generators.quality.text.tokens import text_key

SAME, DUPLICATE, VARIANT, NONE = RelationKind
FLAGGED = (SAME, DUPLICATE)
CASES = [
    [part.replace("⏎", "\n") for part in line.split("\t")]
    for line in files("generators.quality")
    .joinpath("data", "near_duplicates.tsv")
    .read_text("utf-8")
    .splitlines()
]
BOND = "A bond of 1,000 dollars pays 4 percent a year for 10 years. How much interest does its owner get?"


def related(later: str, earlier: str) -> Relation:
    return relation(prepare(later), prepare(earlier))


@pytest.mark.parametrize(
    ("label", "kind", "earlier", "later"), [case for case in CASES if case[1] != "paraphrase"]
)
def test_a_pair_is_flagged_if_and_only_if_it_asks_the_same(label: str, kind: str, earlier: str, later: str):
    found = related(later, earlier)
    assert (found.kind in FLAGGED) == (label == "dup"), (kind, found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[2][:40])
def test_the_rule_is_symmetric_but_for_what_differs(case: list[str]):
    one, other = related(case[2], case[3]), related(case[3], case[2])
    assert dataclasses.replace(one, differs="") == dataclasses.replace(other, differs="")
    assert bool(one.differs) == bool(other.differs) == (one.kind is VARIANT)


@pytest.mark.parametrize(
    ("later", "decided_by", "kind", "differs"),
    [
        (BOND.upper(), DecidedBy.SAME, SAME, ""),
        ("Name the planets that have rings, and say what these are made of.", DecidedBy.OVERLAP, NONE, ""),
        (BOND.replace("4 percent", "5 percent"), DecidedBy.VALUES, VARIANT, "5 against 4"),
        (
            BOND.replace("4 percent", "10 percent").replace("10 years", "4 years"),
            DecidedBy.VALUES,
            VARIANT,
            "the places of 1000, 10, 4",
        ),
        (BOND.replace("does its", "does not its"), DecidedBy.POLARITY, VARIANT, "not owner against nothing"),
        (BOND.replace("owner", "lender"), DecidedBy.WORDS, VARIANT, "lender against owner"),
        (BOND.replace("interest", "intrest"), DecidedBy.NOTHING_DIFFERS, DUPLICATE, ""),
    ],
)
def test_the_first_part_that_applies_decides(
    later: str, decided_by: DecidedBy, kind: RelationKind, differs: str
):
    found = related(later, BOND)
    assert (found.rule, found.kind, found.differs) == (decided_by, kind, differs)


def test_polarity_is_looked_at_before_slips_are_forgiven():
    """Increases and decreases are two edits apart."""
    earlier = "Why does the pressure of the water in a deep lake increase with depth?"
    found = related(earlier.replace("increase", "decrease"), earlier)
    assert (found.rule, found.differs) == (DecidedBy.POLARITY, "decrease against increase")


COSTS = (
    "A small coupon costs 5 cents and a big one costs 15. Could postage of 700 coupons cost more than these?"
)


@pytest.mark.parametrize(
    ("word", "slip"),
    [
        ("Could postage", "Cold postage"),
        ("one costs", "one coats"),
        ("than these", "than thsee"),
        ("5 cents", "5 cetns"),
    ],
)
def test_slips_are_mended_by_what_the_other_says(word: str, slip: str):
    assert related(COSTS.replace(word, slip), COSTS).kind is DUPLICATE
    assert related(COSTS, COSTS.replace(word, slip)).kind is DUPLICATE


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("food", "flood"),
        ("county", "country"),
        ("employees", "employers"),
        ("trial", "trail"),
        ("sale", "shale"),
    ],
)
def test_a_known_word_that_a_hand_could_have_slipped_into_is_another_word(word: str, other: str):
    asked = "Explain how {} safety changed in Ohio after 1990."
    assert related(asked.format(word), asked.format(other)).kind is VARIANT


def test_a_slip_behind_a_negation_changes_nothing():
    earlier = "Which of the items below is not considered a barrier to the diffusion of an innovation?"
    assert related(earlier.replace("considered", "cnosidered"), earlier).kind is DUPLICATE


def test_a_word_of_a_concept_that_only_one_covers_makes_a_variant():
    earlier = "Explain how budgets work in large towns and cities with many schools"
    later = earlier + ", in detail"
    concepts = {"school budgets"}
    assert related(later, earlier).kind is DUPLICATE
    covered = relation(prepare(later), prepare(earlier), concepts, {"detail of budgets"})
    assert covered.kind is DUPLICATE, "both texts have the words"
    slipped = earlier.replace("budgets", "budggets")
    found = relation(prepare(slipped), prepare(earlier), {"budggets"}, {"budgets"})
    assert (found.kind, found.rule) == (VARIANT, DecidedBy.CONCEPTS)
    assert found.differs == "budggets against budgets"
    assert relation(prepare(slipped), prepare(earlier), concepts, concepts).kind is DUPLICATE


def test_a_sentence_made_of_words_from_elsewhere_makes_a_variant():
    earlier = (
        "The miller sells flour to the baker in town. The farmer grows wheat on the hill."
        " The carter drives the wagon to market. What does each earn in winter?"
    )
    later = earlier + " Which farmer sells wagons?"
    found = related(later, earlier)
    assert (found.kind, found.rule) == (VARIANT, DecidedBy.SENTENCES)


@pytest.mark.parametrize(
    ("one", "other"),
    [("alkane", "alkene"), ("nitrate", "nitrite"), ("hypotension", "hypertension"), ("casual", "causal")],
)
def test_two_words_that_differ_in_a_letter_are_two_words(one: str, other: str):
    asked = "Describe how {} is treated in a laboratory with clean glass."
    assert related(asked.format(one), asked.format(other)).kind is VARIANT


def test_the_score_is_the_overlap_of_content_words():
    assert related(BOND, BOND).score == 1.0
    assert 0 < related(BOND, BOND.replace("bond", "note")).score < 1
    assert related("Name the planets.", "Prove the theorem.").score == 0


@given(st.text())
def test_a_text_is_the_same_as_itself(text: str):
    assert related(text, text).kind is SAME


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared_both_ways(one: str, other: str):
    there, back = related(one, other), related(other, one)
    assert (there.kind, there.rule) == (back.kind, back.rule)
    assert 0 <= there.score <= 1


VOCABULARY = [
    "rivers",
    "carve",
    "deep",
    "valleys",
    "while",
    "glaciers",
    "polish",
    "granite",
    "slowly",
    "12",
    "7.5",
]
WORDS = st.lists(st.sampled_from(VOCABULARY), min_size=3, max_size=12).map(" ".join)


@given(WORDS, st.sampled_from(["**{}**", "# {}", "> {}", "- {}", "  {}\n", "{}.", "*{}*", "~~{}~~", "{} ?"]))
def test_markdown_changes_no_key(text: str, form: str):
    assert text_key(form.format(text)) == text_key(text)


@given(WORDS, st.sampled_from(["Please answer this question: ", "Question: ", "Hello! ", "Problem 4. "]))
def test_what_is_put_before_a_question_changes_nothing(text: str, before: str):
    assert related(f"{before}{text}", text).kind in FLAGGED


@given(WORDS, st.sampled_from([". Show your work.", ".\n\nAnswer:", ". Explain each step.", ". Be concise."]))
def test_what_is_put_behind_a_question_changes_nothing(text: str, behind: str):
    assert related(f"{text}{behind}", f"{text}.").kind in FLAGGED


@given(WORDS, st.integers(0, 10**9))
def test_another_number_is_never_the_same(text: str, number: int):
    assume(prepare(text).stems)  # Without a word in common they are not even variants.
    assert related(f"{text} {number}", f"{text} {number + 1}").kind is VARIANT


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "(", ")", "**a ", "$a ", "\\frac{", "\\text{", "1", "1,234", "two hundred ", ". ", "\n \n", "a) b) ",
        "a'", "not ", "-", "x-", "光合", "²", "^{", "5!", "(a)", "```\n", "a\u0301", "[:", " ", "# ", "\\a",
    ],
)  # fmt: skip
def test_a_long_text_of_anything_is_read(piece: str):
    """Were the time not linear in the length, the test's own limit would end it."""
    text = piece * (100_000 // len(piece))
    assert related(text, text).kind is SAME
    assert related(text + " b", text).kind in RelationKind


def test_long_texts_in_another_order_are_variants():
    words = [f"w{at}x" for at in range(20_000)]
    found = related(" ".join(words[::-1]), " ".join(words))
    assert found.kind is VARIANT
