"""Final answers: where they stand, when two are the same, and when enough agree."""

import pytest

from generators.quality.consensus import expressions
from generators.quality.consensus.final_answers import compared, final_answer, outcome
from generators.running.answering.agreement import Votes, same

LONG = "First, we look at what is given. Then each step follows from the one before, as was to be shown."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{LONG}\n\nAnswer: 42", "42"),
        (f"{LONG}\n\n**Answer:** 42", "42"),
        (f"{LONG}\n**Final Answer**: Paris", "Paris"),
        (f"{LONG}\nAnswer:\n\n12 m/s", "12 m/s"),
        (f"{LONG}\n- **Answer: B) Rome**", "B) Rome"),
        (f"{LONG}\nThe answer is (B).", "(B)"),
        (f"Therefore, the correct answer is 3.5 kg.\n\n{LONG}\nAnswer: 4", "4"),
        (f"{LONG}\n$$\\boxed{{\\frac{{1}}{{2}}}}$$", "\\frac{1}{2}"),
        (f"\\boxed{{1}} {LONG} \\boxed{{2}}", "2"),
        (f"{LONG}\n#### 1,200", "1,200"),
        (f"{LONG}\nAnswer：東京", "東京"),
        ("Paris", "Paris"),
        (f"{LONG}\n\n**Final Answer**\n\n42", "42"),
        (f"{LONG}\n## The answer\nx = 3", "x = 3"),
        (f"## Answer\n\nYes.\n\n{LONG}", None),
        (LONG, None),
        (f"## Answer\n\n{LONG}", None),
        (f"{LONG}\nAnswer: {LONG}", None),
        (f"{LONG}\n\\boxed{{1", None),
        ("", None),
    ],
)
def test_where_a_final_answer_stands(text: str, found: str | None) -> None:
    assert final_answer(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("42", "42.0"),
        ("1,200", "1200"),
        ("50%", "0.5"),
        ("\\frac{1}{2}", "0.5"),
        ("1/3", "0.333"),
        ("3.14", "3.14159"),
        ("B", "(B)"),
        ("B) Rome", "b"),
        ("42 km", "42"),
        ("forty-two", "42"),
        ("$7", "7"),
        ("the Nile", "Nile."),
        ("\\text{Paris}", "**paris**"),
        ("東京", "東京。"),
        ("−3", "-3"),
        ("$7", "7 dollars"),
        ("\\$7", "$7.00"),
        ("$7$", "7"),
        ("-$7", "$-7"),
        ("€7", "7 €"),
        ("$7 million", "7,000,000 dollars"),
        ("10 m", "10 meters"),
        ("5 m/s", "5 metres per second"),
        ("10 m²", "10 m^2"),
        ("12 percent", "12%"),
        ("1.5 million", "1500000"),
        ("100", "1e2"),
        ("3.0 × 10^8", "300000000"),
        ("3.0 × 10⁸ m/s", "3.0 \\times 10^{8} m/s"),
        ("6.02e23", "6.022 × 10^23"),
        ("01/02/2024", "1/2/2024"),
        ("5 miles", "5 Miles"),
        ("√2", "\\sqrt{2}"),
    ],
)
def test_the_same_in_another_form(one: str, other: str) -> None:
    assert compared(one, other) is True
    assert compared(other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("42", "43"),
        ("3", "3.14"),
        ("-3", "3"),
        ("42 km", "42 m"),
        ("B", "C"),
        ("0.33", "1/2"),
        ("yes", "no"),
        ("valid", "not valid"),
        ("2^10", "2^9"),
        ("(1, 2)", "(2, 1)"),
        ("blue", "lube"),
        ("東京", "京都"),
        ("10:30", "10"),
        ("1/0", "1"),
        ("$5", "€5"),
        ("$5", "£5"),
        ("5 €", "5 $"),
        ("5 mW", "5 MW"),
        ("5 m", "5 M"),
        ("1010", "1010_2"),
        ("2024-01-02", "2024-02-01"),
        ("2024-01-02", "2021"),
        ("3 × 10^8", "3 × 10^9"),
        ("3 × 10⁸", "324"),
        ("2√2", "2"),
        ("3x", "3"),
        ("5!", "121"),
        ("3 and 5", "3 and 6"),
        ("3 apples and 5 pears", "3 pears and 5 apples"),
    ],
)
async def test_different_ones_are_not_the_same(one: str, other: str) -> None:
    assert not await same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x^2+2x+1", "(x+1)^2"),
        ("2\\sqrt{2}", "\\sqrt{8}"),
        ("x = 3", "3"),
        ("\\{1, 2\\}", "\\{2, 1\\}"),
        ("2^{10}", "1024"),
        ("2√2", "sqrt(8)"),
        ("3 and 5", "5 and 3"),
        ("3 or 5", "5, 3"),
    ],
)
async def test_expressions_of_one_value_are_the_same(one: str, other: str) -> None:
    assert compared(one, other) is None
    assert await same(one, other)
    assert await same(other, one)


async def test_an_exclamation_mark_is_what_the_values_tell() -> None:
    assert await same("5!", "120")
    assert await same("42!", "42")


def test_math_verify_is_asked_only_about_mathematics() -> None:
    """It takes words for products of letters, and drops units."""
    assert expressions.equal("blue", "lube")
    assert not expressions.comparable("blue", "lube")
    assert not expressions.comparable("12 m", "12 s")
    assert not expressions.comparable("x km", "x m")
    assert expressions.comparable("\\sin x + 1", "1 + \\sin x")


@pytest.mark.parametrize(
    ("asked", "largest", "follows"),
    [
        (1, 1, "more"),
        (2, 2, "agreed"),
        (2, 1, "more"),
        (3, 2, "more"),
        (3, 1, "more"),
        (3, 3, "agreed"),
        (4, 1, "none"),
        (4, 2, "more"),
        (5, 3, "agreed"),
        (5, 2, "none"),
    ],
)
def test_what_follows(asked: int, largest: int, follows: str) -> None:
    assert outcome(asked, largest) == follows


async def test_votes_stand_together_where_they_are_the_same() -> None:
    votes = Votes()
    for place, final in enumerate(["7", None, "1/2", "0.5", "50%", "7"]):
        await votes.add(place, final)
    assert votes.groups == [[0, 5], [2, 3, 4]]
    assert votes.largest == [2, 3, 4]
    assert Votes().largest == []
