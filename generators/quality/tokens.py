"""A text as the rules for near-duplicates see it: words, numbers, symbols, in sentences.

Two texts with the same tokens differ in form alone: characters, quotes, dashes, Markdown, LaTeX's marks,
case, white space, number words. Scripts that are written without spaces are read character by character.
Stems and the lists of words are English (a few negations of other languages are known); in other scripts a
word is its own stem, so that less is recognised as the same, never more.
"""

import re
import sys
import unicodedata
from enum import IntEnum
from functools import lru_cache
from string import ascii_lowercase
from typing import NamedTuple

import Stemmer
import xxhash

from generators.quality.normal_text import normal_text
from generators.quality.notation import plain_notation
from generators.quality.numbers import ORDINALS, SCALES, number_word, plain_figure, written_number
from generators.quality.word_lists import first_of_each, word_set


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
    """The name of a function, compared exactly."""
    BREAK = 8
    """The end of a sentence."""


VALUES = (Kind.NUMBER, Kind.SYMBOL, Kind.LETTER, Kind.NAME)


class Token(NamedTuple):
    """A word, number or symbol; `text` as normalised, `stem` as compared."""

    kind: Kind
    text: str
    stem: str


def _marks() -> str:
    """The combining marks as ranges of a character class: they belong to the letter before."""
    points = [point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point))[0] == "M"]
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


# Han, kana, and the scripts of Thai, Lao, Tibetan, Burmese, Khmer: written without spaces between words.
UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
)
_LETTER = rf"[^\W\d_{UNSPACED}]"
_WORD = rf"{_LETTER}(?:{_LETTER}|[{_marks()}])*"
_TOKEN = re.compile(
    r"(?P<ordinal>\d+(?:st|nd|rd|th)\b)"
    rf"|(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    rf"|(?P<word>{_WORD}(?:'{_WORD})*)"
    rf"|(?P<unspaced>[{UNSPACED}])"
    r"|(?P<quoted>(?<=[\"'])[^\w\s\"']{1,3}(?=[\"'])|(?<=\[):|:(?=\])|(?<=[\d)])!(?=\s*[-+*/^=<>)]))"
    r"|(?P<end>[.!?;:]+(?=[\s\"')]|$)|\n[ \t\x1f]*\n\s*|[。！？；：।۔؟])"
    r"|(?P<plain>[^\S\n]+|[\n,.:;!?\"'_])"
    r"|(?P<symbol>[^\w\s])"
)
# What stands before an option, alone in its line or with its like: a) b), (1) (2).
_LABEL = re.compile(r"(?:(?<=\s)|^)\(?([a-z])[).](?=\s+\S)", re.MULTILINE)
_NOT = re.compile(r"\b(?:can't|cannot|won't|shan't)\b|n't\b")
_WORDY = frozenset("()")
_UNIT_LETTERS = frozenset("mglshnwvj")
_STEMMER = Stemmer.Stemmer("english", 0)  # No cache of its own: words are kept below.
_KEPT = 200_000
_LONGEST_STEMMED = 40


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text in their order, ends of sentences among them."""
    plain = normal_text(plain_notation(text))
    if "n't" in plain or "cannot" in plain or "can't" in plain:
        plain = _NOT.sub(lambda found: " not" if found[0] == "n't" else " not ", plain)
    return _with_numbers(_read(_without_labels(plain)))


def text_key(text: str) -> str:
    """The digest of a text's words, numbers and symbols in their order: 32 hexadecimal digits.

    Texts with the same key ask the same.
    """
    return key_of(tokens_of(text), text)


def key_of(tokens: list[Token], text: str) -> str:
    """As `text_key`, from tokens that were read before; a text without any is its own key."""
    said = " ".join([token.text for token in tokens if token.kind is not Kind.BREAK])
    return xxhash.xxh3_128_hexdigest((said or "\n" + text).encode("utf-8", "surrogatepass"))


def _without_labels(plain: str) -> str:
    """The text with ends of sentences in place of the labels of options: an option may move."""
    labels = {found[1] for found in _LABEL.finditer(plain)}
    in_row = next(at for at, letter in enumerate(ascii_lowercase + "?") if letter not in labels)
    if in_row < FEWEST_OPTIONS:
        return plain
    options = ascii_lowercase[:in_row]
    return _LABEL.sub(lambda found: _OPTION if found[1] in options else found[0], plain)


_OPTION = "\n\x1f\n"
FEWEST_OPTIONS = 2


def _read(plain: str) -> list[Token]:
    """The tokens one by one; number words stay words."""
    found: list[Token] = []
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        if kind in ("word", "ordinal"):
            found.append(_word(match[0]))
        elif kind == "plain":
            continue
        elif kind == "number":
            figure = plain_figure(match[0])
            found.append(Token(Kind.NUMBER, figure, figure))
        elif kind == "end":
            if found and found[-1].kind is not Kind.BREAK:
                found.append(_BREAK)
            if match[0].startswith(_OPTION) and found:
                found[-1] = OPTION_BREAK
        elif kind == "unspaced":
            found.append(_character(match[0]))
        elif kind == "quoted":
            found.append(Token(Kind.SYMBOL, match[0], match[0]))
        else:
            _add_symbol(found, match[0], plain, match.start())
    return found


_BREAK = Token(Kind.BREAK, "\n", "\n")
OPTION_BREAK = Token(Kind.BREAK, _OPTION, _OPTION)
"""Behind it stands one of several options, which may stand in any order."""
_NUMBER_WORD = "#"


def _add_symbol(found: list[Token], mark: str, plain: str, at: int) -> None:
    if mark == "-" and _is_hyphen(plain, at):
        return
    if mark == "(" and (not found or at == 0 or plain[at - 1].isspace()) and not _is_mathematical(found):
        return
    if mark == "(" and found and found[-1].kind in (Kind.CONTENT, Kind.LIGHT, Kind.FUNCTION):
        if plain.startswith("s)", at + 1):
            return
        found[-1] = Token(Kind.NAME, found[-1].text, found[-1].text)
    if mark == ")" and not _is_opened(found):
        return
    if mark == "%" and found and found[-1].kind is Kind.NUMBER:
        found.append(_word("percent"))
        return
    if mark == "&" and plain[at - 1 : at].isspace():
        found.append(_word("and"))
        return
    if (
        len(mark) == 1
        and unicodedata.category(mark) in ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")
        and mark not in _ASCII
    ):
        return
    found.append(Token(Kind.SYMBOL, mark, mark))


_ASCII = frozenset("+-*/^=<>%|\\{}[]~&@#!()")


def _is_hyphen(plain: str, at: int) -> bool:
    """Whether a dash joins or parts words; between figures and single letters it is a minus."""
    before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
    if (before.isspace() and after.isspace()) or at == 0:
        word_before = plain[at - 3 : at - 1]
        return word_before.isalpha() or plain[at - 2 : at - 1] in ".,:;!?)\"'"
    if before in "-\n" or after in "-\n":
        return True
    if before.isalpha() and after.isalpha():
        return plain[at - 2 : at - 1].isalpha() or plain[at + 2 : at + 3].isalpha()
    if before.isdigit() and after.isalpha():
        return plain[at + 2 : at + 3].isalpha()
    return before.isalpha() and plain[at - 2 : at - 1].isalpha() and after.isdigit()


def _is_mathematical(found: list[Token]) -> bool:
    return bool(found) and found[-1].kind in (Kind.NUMBER, Kind.SYMBOL, Kind.LETTER, Kind.NAME)


def _is_opened(found: list[Token]) -> bool:
    """Whether a bracket is open among the tokens since the last end of a sentence."""
    opened = 0
    for token in reversed(found[-60:]):
        if token.text == "(":
            opened += 1
        elif token.text == ")":
            opened -= 1
        if opened > 0:
            return True
    return False


@lru_cache(_KEPT)
def _word(word: str) -> Token:
    """A word with its kind and stem."""
    if word.endswith("'s"):
        word = word[:-2]
    word = word.replace("'", "")
    if len(word) == 1:
        return Token(Kind.LETTER, word, word)
    if number := number_word(word):
        return Token(Kind.NUMBER, _NUMBER_WORD, number)
    word = ORDINALS.get(word, word)
    if unit := _FORMS_OF_UNITS.get(word):
        return Token(Kind.CONTENT, word, unit)
    if word in word_set("function_names"):
        return Token(Kind.NAME, word, word)
    if word in word_set("negations"):
        return Token(Kind.NEGATION, word, word)
    if word in word_set("function_words"):
        return Token(Kind.FUNCTION, word, word)
    stem = stem_of(word)
    return Token(Kind.LIGHT if stem in _LIGHT else Kind.CONTENT, word, stem)


@lru_cache(10_000)
def _character(char: str) -> Token:
    return Token(Kind.CONTENT, char, char)


def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


@lru_cache(_KEPT)
def stem_of(word: str) -> str:
    """The stem of an English word in American spelling, of a synonym that of its like; else the word."""
    word = _SYNONYMS.get(word, word)
    if not word.isascii() or len(word) > _LONGEST_STEMMED:
        return word
    stem = _stem(_american(word))
    return _SYNONYMS_BY_STEM.get(stem, stem)


_OUR = re.compile(r"(?<=[a-z]{3})our(?=s?$|ed$|ing$|able$|ite$|ful$|al$|ist$|hood$)")
_ISE = re.compile(r"(?<=[a-z]{2})([iy])s(?=(?:e|es|ed|er|ers|ing|ation|ations)$)")
_SPELLINGS = first_of_each("spellings")


def _american(word: str) -> str:
    if spelling := _SPELLINGS.get(word):
        return spelling
    return _ISE.sub(r"\1z", _OUR.sub("or", word))


_SYNONYMS = first_of_each("synonyms")
_SYNONYMS_BY_STEM = {_stem(_american(word)): _stem(_american(first)) for word, first in _SYNONYMS.items()}
_FORMS_OF_UNITS = {word: unit for word, unit in first_of_each("units").items() if len(word) > 1}
_LIGHT = frozenset(stem_of(word) for word in word_set("light_words"))


def _with_numbers(tokens: list[Token]) -> list[Token]:
    """The tokens with number words in figures, and single letters as what they are at their place."""
    found: list[Token] = []
    row: list[str] = []
    last = len(tokens) - 1
    for place, token in enumerate(tokens):
        if token.text == _NUMBER_WORD and token.kind is Kind.NUMBER:
            if token.stem in SCALES and not row and found and found[-1].kind is Kind.NUMBER:
                found[-1] = _scaled(found[-1], token.stem)
            else:
                row.append(token.stem)
            continue
        if row:
            if (
                token.text == "and"
                and place < last
                and tokens[place + 1].text == _NUMBER_WORD
                and row[-1] in SCALES
            ):
                continue
            _add_number(found, row)
            row = []
        if token.kind is Kind.LETTER:
            token = _letter(
                token, tokens[place - 1] if place else _BREAK, tokens[place + 1] if place < last else _BREAK
            )
        found.append(token)
    if row:
        _add_number(found, row)
    return found


def _add_number(found: list[Token], row: list[str]) -> None:
    found.extend(Token(Kind.NUMBER, figure, figure) for figure in written_number(row).split())


def _scaled(number: Token, scale: str) -> Token:
    """A figure with the word behind it: 3 million."""
    whole, _, part = number.text.partition(".")
    zeros = len(str(SCALES[scale])) - 1
    figure = plain_figure(whole + part.ljust(zeros, "0")) if len(part) <= zeros else number.text + scale
    return Token(Kind.NUMBER, figure, figure)


_WORDS = (Kind.CONTENT, Kind.LIGHT, Kind.FUNCTION, Kind.NEGATION, Kind.NUMBER)


def _letter(token: Token, before: Token, after: Token) -> Token:
    """A single letter: the unit behind a number, the article or pronoun before a word, else a letter."""
    if before.kind is Kind.NUMBER and token.text in _UNIT_LETTERS and after.text not in _NOT_BEHIND_UNITS:
        unit = first_of_each("units")[token.text]
        return Token(Kind.CONTENT, unit, unit)
    if token.text in ("a", "i") and after.kind in _WORDS:
        return Token(Kind.FUNCTION, token.text, token.text)
    return token


_NOT_BEHIND_UNITS = frozenset("+-*=(")
