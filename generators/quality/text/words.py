"""Words as tokens: what kind a word is of, and the stem by which it is compared."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import Stemmer

from generators.quality.text.numbers import number_word
from generators.quality.text.slips import meant_by
from generators.quality.text.word_lists import first_of_each, synonyms, word_set


class Kind(IntEnum):
    """What a token is."""

    CONTENT = 0
    LIGHT = 1
    FUNCTION = 2
    NEGATION = 3
    NUMBER = 4
    SYMBOL = 5
    LETTER = 6
    NAME = 7
    """Compared exactly: the name of a function, or a small word that the text speaks of."""
    BREAK = 8
    """The end of a sentence."""


VALUES = (Kind.NUMBER, Kind.SYMBOL, Kind.LETTER, Kind.NAME)
SAY_LITTLE = (Kind.FUNCTION, Kind.LIGHT)


class Token(NamedTuple):
    """A word, number or symbol; `text` as normalised, `stem` as compared."""

    kind: Kind
    text: str
    stem: str


NUMBER_WORD = "#"
"""The text of a number word until those that stand in a row are read as one number."""
# No cache of its own: words are kept below.
_STEMMER: Any = Stemmer.Stemmer("english", 0)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_KEPT = 200_000
_LONGEST_STEMMED = 40


@lru_cache(_KEPT)
def word_token(word: str) -> Token:
    """A word with its kind and stem."""
    if word.endswith("'s"):
        word = word[:-2]
    word = word.replace("'", "")
    if len(word) == 1:
        return Token(Kind.LETTER, word, word)
    if number := number_word(word):
        return Token(Kind.NUMBER, NUMBER_WORD, number)
    word = _ORDINALS.get(word, word)
    if unit := _FORMS_OF_UNITS.get(word):
        return Token(Kind.CONTENT, word, unit)
    if word in word_set("function_names"):
        return Token(Kind.NAME, word, word)
    if word in word_set("negations"):
        return Token(Kind.NEGATION, word, word)
    if negation := meant_by(word, _MENDED_NEGATIONS):
        return Token(Kind.NEGATION, word, "not" if negation == "cannot" else negation)
    if word in word_set("function_words"):
        return Token(Kind.FUNCTION, word, _SYNONYMS.get(word, word))
    stem = stem_of(word)
    return Token(Kind.LIGHT if stem in _LIGHT else Kind.CONTENT, word, stem)


def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


@lru_cache(_KEPT)
def stem_of(word: str) -> str:
    """The stem of an English word in American spelling; of synonyms that of the first; else the word."""
    word = _SYNONYMS.get(word, word)
    if not word.isascii() or len(word) > _LONGEST_STEMMED:
        return word
    return _stem(_american(word))


_OUR = re.compile(r"(?<=[a-z]{3})our(?=s?$|ed$|ing$|able$|ite$|ful$|al$|ist$|hood$)")
_ISE = re.compile(r"(?<=[a-z]{2})([iy])s(?=(?:e|es|ed|er|ers|ing|ation|ations)$)")
_SPELLINGS = first_of_each("spellings")


def _american(word: str) -> str:
    if spelling := _SPELLINGS.get(word):
        return spelling
    return _ISE.sub(r"\1z", _OUR.sub("or", word))


_SYNONYMS = synonyms()
_MENDED_NEGATIONS = (
    "never", "neither", "without", "nothing", "nobody", "nowhere", "except", "excluding", "unless", "cannot",
)  # fmt: skip
"""Negations that are recognised with a slip, too."""
_ORDINALS = first_of_each("ordinals")
_FORMS_OF_UNITS = {word: unit for word, unit in first_of_each("units").items() if len(word) > 1}
_LIGHT = frozenset(stem_of(word) for word in word_set("light_words"))
