"""Texts as words, numbers and symbols: what is the same in another form, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.quality.duplicates.prepared import prepare
from generators.quality.duplicates.search_words import (
    LONGEST_WORD,
    MOST_ASKED,
    rarest,
    searched,
    shipped_frequencies,
    words,
)
from generators.quality.text.notation import plain_notation
from generators.quality.text.numbers import number_word, plain_figure, written_number
from generators.quality.text.tokens import text_key, tokens_of
from generators.quality.text.words import Kind, stem_of


def texts(text: str, *kinds: Kind) -> list[str]:
    return [token.text for token in tokens_of(text) if token.kind in kinds]


@pytest.mark.parametrize(
    ("said", "figure"),
    [
        ("two hundred fifty", "250"),
        ("two hundred fifty three thousand nine", "253009"),
        ("twenty five", "25"),
        ("two three", "2 3"),
        ("nineteen eighty four", "19 84"),
        ("one million two hundred thousand", "1200000"),
        ("two hundred two hundred", "202 100"),
    ],
)
def test_number_words_are_read_as_figures(said: str, figure: str):
    assert written_number(said.split()) == figure


def test_a_slip_in_a_number_word_is_mended_but_no_other_word_is_a_number():
    assert number_word("thre") == "three"
    assert number_word("sevven") == "seven"
    assert number_word("then") is None
    assert number_word("thirsty") is None


@pytest.mark.parametrize(
    ("figure", "plain"),
    [("12,000.50", "12000.5"), ("7.0", "7"), ("٣٤", "34"), (".5", "0.5"), ("00.5", "0.5"), ("007", "007")],
)
def test_figures_have_one_form(figure: str, plain: str):
    assert plain_figure(figure) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\frac{1}{2}", "1/2"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        ("x² + 3", "x^2 + 3"),
        (r"$x^{10}$", "x^10"),
        (r"\sqrt{2} \cdot \alpha", "sqrt(2) * α"),
        ("$5 million", "5 million dollars"),
        ("3 × 4 ÷ 2 ≤ 9", "3 * 4 / 2 <= 9"),
        ("2½ of √2 and √(x)", "2 1/2 of sqrt(2) and sqrt(x)"),
        ("€15, 15 €, £3 million at 20 °C", "15 euros, 15 euros, 3 million pounds at 20 degrees Celsius"),
        (r"\neg p \lor q", "¬ p ∨ q"),
        ("```python\nx = 1\n```", "\n\nx = 1\n\n"),
        ("It costs $5 and then $6 more.", "It costs 5 dollars and then 6 dollars more."),
    ],
)
def test_formulas_are_written_as_on_a_keyboard(text: str, plain: str):
    assert plain_notation(text) == plain


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("the well-known t-test - as it is - of pre- and post-war data", ["-"]),
        ("x-y", ["-"]),
        ("5-year loans of 3-5 percent", ["-"]),
        ("C*-algebras and NAD+", ["*", "-", "+"]),
        ("f(x+1) of (see above) item(s)", ["(", "+", ")"]),
        ("Is it so (really)? “Yes!”", []),
        ("What does ';' do in list[1:]?", [";", "[", ":", "]"]),
    ],
)
def test_signs_of_formulas_are_told_from_punctuation(text: str, symbols: list[str]):
    assert texts(text, Kind.SYMBOL) == symbols


def test_single_letters_are_units_behind_numbers_and_articles_before_words():
    assert texts("a car of 5 m and a point a = b", Kind.LETTER) == ["a", "b"]
    assert [token.stem for token in tokens_of("8 s")] == ["8", "second"]


def test_negations_stand_for_themselves():
    assert texts("It isn't, can't and won't; cannot, never", Kind.NEGATION) == [
        "not",
        "not",
        "not",
        "not",
        "never",
    ]


def test_spellings_and_synonyms_have_one_stem_and_other_words_their_own():
    assert stem_of("colour") == stem_of("colors")
    assert stem_of("analyse") == stem_of("analyzing")
    assert stem_of("describing") == stem_of("explain")
    assert stem_of("employee") != stem_of("use")
    assert stem_of("four") == "four"


def test_scripts_without_spaces_are_read_by_character():
    assert texts("日本の首都は?", Kind.CONTENT) == list("日本の首都は")


def test_marks_belong_to_their_letters():
    assert texts("भारत की राजधानी", Kind.CONTENT) == ["भारत", "की", "राजधानी"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x + y", "x - y"), ("2^10", "10^2"), ("a b", "b a"), ("f(x + 1)", "f(x) + 1"), ("C#", "C++"),
        ("it is", "it is not"), ("😀", "😂"), ("???", "!!!"), ("光", "水"), ("", "a"),
    ],
)  # fmt: skip
def test_texts_that_differ_in_words_numbers_symbols_or_order_have_different_keys(one: str, other: str):
    assert text_key(one) != text_key(other)


def test_a_key_is_128_bits_in_hexadecimal():
    assert len(text_key("What is rain?")) == 32
    assert int(text_key("What is rain?"), 16) >= 0


@given(st.text())
def test_search_words_hold_neither_spaces_nor_syntax(text: str):
    found = words(text)
    assert len(found) == len(set(found))
    assert all(
        0 < len(word) <= LONGEST_WORD and not set(word) & set(' \t\n+-&|!(){}[]^"~*?:\\/') for word in found
    )
    assert " ".join(found).split() == found


def test_search_words_are_stems_numbers_and_pairs_of_characters():
    assert words("How fast do 12.5 rivers flow?") == ["how", "fast", "do", "12p5", "river", "flow"]
    assert words("日本の首都") == ["日本", "本の", "の首", "首都"]


def test_the_rarest_words_are_those_of_least_frequency():
    found = words("Explain how the mitochondrion and the ribosome of a yeast cell work together, and why so.")
    asked = rarest(found)
    assert len(asked) <= MOST_ASKED
    assert asked[:1] == ["mitochondrion"]
    assert "the" not in asked
    assert rarest(["a", "bb"], {"a": 1, "bb": 7}) == ["a", "bb"]
    assert shipped_frequencies()["the"] > 1_000


def test_words_that_only_ask_are_not_looked_for():
    asked = "Which moons of Saturn have an atmosphere?"
    around = f"Please answer this question: {asked} Provide your final answer with an explanation."
    assert sorted(searched(prepare(around))) == sorted(searched(prepare(asked)))
    assert searched(prepare("Who are you?")) == ["who", "are", "you"]


def test_questions_made_of_signs_are_found_by_all_their_values():
    one, typeset, other = (
        searched(prepare(text)) for text in ("(3 + 4) * -2 =", r"(3 + 4) \times -2 =", "(4 + 3) + 2 =")
    )
    assert one == typeset
    assert sorted(one[:-1]) == sorted(other[:-1])
    assert one[-1] != other[-1]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("nevver", "never"), ("caannot", "not"), ("netiher", "neither")],
)
def test_a_negation_with_a_slip_is_one(word: str, meant: str):
    assert [token.stem for token in tokens_of(word) if token.kind is Kind.NEGATION] == [meant]


def test_a_word_that_a_hand_does_not_make_of_a_number_is_not_one():
    assert texts("thsee", Kind.NUMBER) == []
    assert texts("eigght", Kind.NUMBER) == ["8"]
