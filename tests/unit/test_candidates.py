"""Which of the questions found by rare words are compared."""

import pytest

from generators.running.comparing.comparison import shares


@pytest.mark.parametrize(
    ("common", "rare", "compared"),
    [(6, 10, True), (5, 10, False), (3, 5, True), (2, 5, False), (1, 4, True), (0, 4, False), (0, 0, False)],
)
def test_most_of_the_rarest_words_are_shared_or_one_of_a_few(common: int, rare: int, compared: bool):
    words = [f"word{at}" for at in range(rare)]
    assert shares({*words[:common], "other"}, words) is compared
