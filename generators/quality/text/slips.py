"""Slips of the pen: which two words are one, written once with a slip."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from generators.quality.text.word_lists import frequencies, opposites, word_set

SHORTEST_WITH_SLIP = 4

# Parts of words of science that differ in a letter or two and mean another thing.
_TELLING = (
    ("hyper", "hypo"), ("macro", "micro"), ("intra", "inter"), ("endo", "exo"), ("pre", "pro"),
    ("pre", "post"), ("mono", "poly"), ("homo", "hetero"), ("ante", "anti"), ("maxi", "mini"),
    ("ane", "ene"), ("ene", "yne"), ("ane", "yne"), ("ate", "ite"), ("ide", "ite"), ("ide", "ate"),
    ("ic", "ous"), ("or", "ee"), ("er", "ee"), ("ful", "less"), ("ase", "ose"), ("al", "ar"),
)  # fmt: skip


@lru_cache(100_000)
def is_slip(word: str, other: str) -> bool:
    """Whether two words are one, written once with a slip of the hand.

    Two words that are both known are two words, and so are two of which a letter tells.
    """
    return (
        _is_near(word, other)
        and not (is_known(word) and is_known(other))
        and not _tells(word, other)
        and not _is_other_letter(word, other)
    )


@lru_cache(100_000)
def is_typed(word: str, other: str) -> bool:
    """Whether a hand on a keyboard makes one word of the other, known ones or not.

    It exchanges neighbours, leaves a letter out, doubles one, or hits the key beside.
    """
    return (
        _is_near(word, other)
        and not _tells(word, other)
        and not _is_other_letter(word, other)
        and other not in opposites().get(word, ())
    )


def meant_by(word: str, among: Iterable[str]) -> str | None:
    """The first word of a list that an unknown word is a typed slip of."""
    if is_known(word):
        return None
    # Ends first: the list is long, and few of it begin and end as the word does.
    ends = word[:1], word[-1:]
    return next((other for other in among if (other[:1], other[-1:]) == ends and is_typed(word, other)), None)


def is_known(word: str) -> bool:
    """Whether a word is in one of the shipped lists."""
    return word in frequencies() or word in opposites() or word in word_set("known_words")


def _is_near(word: str, other: str) -> bool:
    shorter = min(len(word), len(other))
    if shorter < SHORTEST_WITH_SLIP or word[0] != other[0] or word[-1] != other[-1]:
        return False
    return OSA.distance(word, other, score_cutoff=1) <= 1


def is_exchange(word: str, other: str) -> bool:
    """Whether a word is another with two neighbours exchanged: what slips even in a name."""
    return sorted(word) == sorted(other) and OSA.distance(word, other, score_cutoff=1) <= 1


def _is_other_letter(word: str, other: str) -> bool:
    """Whether a letter was replaced by one that is not beside it on a keyboard."""
    if len(word) != len(other) or sorted(word) == sorted(other):
        return False
    return any(
        one != two and one + two not in _BESIDE and two + one not in _BESIDE
        for one, two in zip(word, other, strict=True)
    )


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Beside each other in a row, or one above the other: a key has two below it.
_BELOW = tuple(
    upper[at] + lower[at - side]
    for upper, lower in pairwise(_ROWS)
    for at in range(len(upper))
    for side in (0, 1)
    if 0 <= at - side < len(lower)
)
_BESIDE = " ".join((*_ROWS, *_BELOW))


def _tells(word: str, other: str) -> bool:
    for one, two in _TELLING:
        for first, second in ((one, two), (two, one)):
            if word.startswith(first) and other == second + word[len(first) :]:
                return True
            if word.endswith(first) and other == word[: -len(first)] + second:
                return True
    return False
