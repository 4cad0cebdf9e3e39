"""Words and their counterparts: the same with a slip of the pen, or the opposite."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from generators.quality.word_lists import frequencies, opposites, word_set
from generators.quality.words import Token

SHORTEST_WITH_SLIP = 4
SHORTEST_WITH_TWO = 8
MOST_COMPARED = 60
"""Maximum number of words a side that are compared letter by letter; with more, texts differ."""

_NEGATING = (
    "un",
    "non",
    "in",
    "im",
    "ir",
    "il",
    "dis",
    "mis",
    "de",
    "anti",
    "counter",
    "under",
    "over",
    "a",
    "an",
)
# Parts of words of science that differ in a letter or two and mean another thing.
_TELLING = (
    ("hyper", "hypo"), ("macro", "micro"), ("intra", "inter"), ("endo", "exo"), ("pre", "pro"),
    ("pre", "post"), ("mono", "poly"), ("homo", "hetero"), ("ante", "anti"), ("maxi", "mini"),
    ("ane", "ene"), ("ene", "yne"), ("ane", "yne"), ("ate", "ite"), ("ide", "ite"), ("ide", "ate"),
    ("ic", "ous"), ("or", "ee"), ("er", "ee"), ("ful", "less"), ("ase", "ose"), ("al", "ar"),
)  # fmt: skip


def unmatched(one: Sequence[Token], other: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """The words of each side that are not slips of a word of the other."""
    if not one or not other or len(one) > MOST_COMPARED or len(other) > MOST_COMPARED:
        return list(one), list(other)
    left, right = list(one), list(other)
    for token in one:
        for counterpart in right:
            if is_slip(token.text, counterpart.text):
                left.remove(token)
                right.remove(counterpart)
                break
    return left, right


def not_slips_of(tokens: Sequence[Token], words: Iterable[str]) -> list[Token]:
    """The tokens that are not slips of any of the words."""
    if not tokens or len(tokens) > MOST_COMPARED:
        return list(tokens)
    by_ends: dict[tuple[str, str], list[str]] = {}
    for word in words:
        by_ends.setdefault((word[0], word[-1]), []).append(word)
    return [
        token
        for token in tokens
        if not any(is_slip(token.text, word) for word in by_ends.get((token.text[0], token.text[-1]), ()))
    ]


def stand_against(one: Sequence[Token], other: Sequence[Token]) -> tuple[str, str] | None:
    """A word of one side and its opposite on the other."""
    others = {token.text for token in other}
    known = opposites()
    for token in one:
        if against := known.get(token.text):
            for word in others & against:
                return token.text, word
    for token in one:
        for counterpart in other[:MOST_COMPARED]:
            if _is_negated(token.text, counterpart.text) or _is_negated(counterpart.text, token.text):
                return token.text, counterpart.text
    return None


def _is_negated(word: str, base: str) -> bool:
    """Whether a word is another with a negation at its front: unstable, non-linear."""
    if not word.endswith(base[-3:]) or len(word) <= len(base) or len(base) < 3:
        return False
    return word.endswith(base) and word[: -len(base)] in _NEGATING


@lru_cache(100_000)
def is_slip(word: str, other: str) -> bool:
    """Whether two words are one, written once with a slip: one edit, in long words two.

    Two words that are both known are two words, and so are two unknown ones of which a letter tells.
    """
    if min(len(word), len(other)) < SHORTEST_WITH_SLIP or word[0] != other[0] or word[-1] != other[-1]:
        return False
    most = 2 if min(len(word), len(other)) >= SHORTEST_WITH_TWO else 1
    edits = OSA.distance(word, other, score_cutoff=most)
    if edits > most:
        return False
    known, other_known = _is_known(word), _is_known(other)
    if known and other_known:
        return False
    return not _tells(word, other) and (known != other_known or not _is_other_letter(word, other))


def _is_known(word: str) -> bool:
    return word in frequencies() or word in opposites() or word in word_set("known_words")


def _is_other_letter(word: str, other: str) -> bool:
    """Whether a letter was replaced by one that is not beside it on a keyboard."""
    if len(word) != len(other) or sorted(word) == sorted(other):
        return False
    return any(
        one != two and one + two not in _BESIDE and two + one not in _BESIDE
        for one, two in zip(word, other, strict=True)
    )


_BESIDE = " ".join(("qwertyuiop", "asdfghjkl", "zxcvbnm"))


def _tells(word: str, other: str) -> bool:
    for one, two in _TELLING:
        for first, second in ((one, two), (two, one)):
            if word.startswith(first) and other == second + word[len(first) :]:
                return True
            if word.endswith(first) and other == word[: -len(first)] + second:
                return True
    return False
