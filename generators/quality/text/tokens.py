"""A text as the rules for near-duplicates see it: words, numbers, symbols, in sentences.

Two texts with the same tokens differ in form alone: characters, quotes, dashes, Markdown, LaTeX's marks,
case, white space, number words. Scripts that are written without spaces are read character by character.
Stems and the lists of words are English (a few negations of other languages are known); in other scripts a
word is its own stem, so that less is recognised as the same, never more.
"""

import re
import sys
import unicodedata
from functools import lru_cache
from string import ascii_lowercase

import xxhash

from generators.quality.flaws import has_any
from generators.quality.text.normal_text import normal_text
from generators.quality.text.notation import plain_notation
from generators.quality.text.numbers import SCALES, keeps_zeros, plain_figure, written_number
from generators.quality.text.word_lists import first_of_each
from generators.quality.text.words import NUMBER_WORD, SAY_LITTLE, VALUES, Kind, Token, word_token


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
    # The mark of a derivative: f'(x), y' = 2y. A letter in quotes has none.
    r"|(?P<prime>(?<=\b[a-z])(?<!['\"][a-z])['\"]{1,3}(?=\(|\s*[-+=]))"
    r"|(?P<quoted>(?<=[\"'])[^\w\s\"']{1,3}(?=[\"'])|(?<=\[):|:(?=\])|(?<=[\d)])!(?=\s*[-+*/^=<>)]))"
    r"|(?P<end>[.!?;:]+(?=[\s\"')]|$)|\n[ \t\x1f]*\n\s*|[。！？；：।۔؟])"
    r"|(?P<plain>[^\S\n]+|[\n,.:;!?\"'_])"
    r"|(?P<symbol>[^\w\s])"
)
# What stands before an option, alone in its line or with its like: a) b), (1) (2).
_LABEL = re.compile(r"(?:(?<=\s)|^)\(?([a-z])[).](?=\s+\S)", re.MULTILINE)
_NOT = re.compile(r"\b(?:can't|cannot|won't|shan't)\b|n't\b")
_CONTRACTIONS = {"m": " am", "re": " are", "ve": " have", "ll": " will", "d": " would"}
_CONTRACTED = re.compile(r"(?<=[a-z])'(m|re|ve|ll|d)\b")
_SHORTENED = ("e.g", "i.e", "a.m", "p.m", "u.s", "per cent", " x ")
_SHORT = re.compile(
    r"\b(?:(?P<example>e\.\s?g)|(?P<that>i\.\s?e)|(?P<time>[ap])\.m|(?P<states>u\.s))\b\.?"
    r"|\b(?P<percent>per cent)\b|(?<=\d) (?P<times>x) (?=\d)"
)
_FULL = {"example": "for example", "that": "that is", "states": "us", "percent": "percent", "times": " * "}
_UNIT_LETTERS = frozenset("mglshnwvj")


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text in their order, ends of sentences among them."""
    plain = normal_text(plain_notation(text))
    if "n't" in plain or "cannot" in plain or "can't" in plain:
        plain = _NOT.sub(lambda found: " not" if found[0] == "n't" else " not ", plain)
    if "'" in plain:
        plain = _CONTRACTED.sub(lambda found: _CONTRACTIONS[found[1]], plain)
    if has_any(plain, _SHORTENED):
        plain = _SHORT.sub(_in_full, plain)
    return _with_numbers(_read(_without_labels(plain), text))


def _in_full(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return found[kind] + "m" if kind == "time" else _FULL[kind]


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


def _read(plain: str, text: str) -> list[Token]:
    """The tokens one by one; number words stay words. `text`: as written."""
    found: list[Token] = []
    mentioned = _mentioned(plain)
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        if kind in ("word", "ordinal"):
            token = word_token(match[0])
            found.append(Token(Kind.NAME, token.text, token.text) if match.start() in mentioned else token)
        elif kind == "plain":
            continue
        elif kind == "number":
            figure = match[0] if keeps_zeros(match[0], text) else plain_figure(match[0])
            found.append(Token(Kind.NUMBER, figure, figure))
        elif kind == "end":
            if found and found[-1].kind is not Kind.BREAK:
                found.append(_BREAK)
            if "\x1f" in match[0] and found:
                found[-1] = OPTION_BREAK
        elif kind == "unspaced":
            found.append(_character(match[0]))
        elif kind in ("quoted", "prime"):
            found.append(Token(Kind.SYMBOL, match[0], match[0]))
        else:
            _add_symbol(found, match[0], plain, match.start())
    return found


_QUOTED = re.compile(r"(?<!\w)(['\"])((?:\w+ ){0,3}\w+)[.,;:?!]?\1(?!\w)")
_SINGLE = re.compile(r"\w+")
# What follows a word of a program that a text speaks of, and what stands before a word of speech.
_FOLLOWS = ("loop", "statement", "clause", "operator", "gate", "keyword", "construct")
_PRECEDES = ("keyword", "preposition", "conjunction", "pronoun", "particle")
_KEYWORDS = re.compile(rf"\b(\w+)(?= (?:{'|'.join(_FOLLOWS)})s?\b)|\b(?:{'|'.join(_PRECEDES)})s? (\w+)")
# Before a word for a part of speech or of a program these do what they always do.
_BEFORE_ANY = frozenset(
    (
        "the", "a", "an", "this", "that", "these", "those", "such", "each", "every", "any", "some", "another",
        "following", "other", "same", "own", "which", "what", "whose", "its", "their", "his", "her", "your",
        "my",
    )
)  # fmt: skip


def _mentioned(plain: str) -> set[int]:
    """Where the small words begin that a text speaks of in place of using them: 'because', a for loop."""
    found: set[int] = set()
    if "'" in plain or '"' in plain:
        for quoted in _QUOTED.finditer(plain):
            words = [*_SINGLE.finditer(quoted[2])]
            if all(word_token(word[0]).kind in SAY_LITTLE for word in words):
                found.update(quoted.start(2) + word.start() for word in words)
    if has_any(plain, _FOLLOWS) or has_any(plain, _PRECEDES):
        for named in _KEYWORDS.finditer(plain):
            word = named[1] or named[2]
            if word not in _BEFORE_ANY and word_token(word).kind is Kind.FUNCTION:
                found.add(named.start(named.lastindex or 0))
    return found


_BREAK = Token(Kind.BREAK, "\n", "\n")
OPTION_BREAK = Token(Kind.BREAK, _OPTION, _OPTION)
"""Behind it stands one of several options, which may stand in any order."""


def _add_symbol(found: list[Token], mark: str, plain: str, at: int) -> None:
    before, after = plain[at - 1 : at] if at else "", plain[at + 1 : at + 2]
    last = found[-1].kind if found else Kind.BREAK
    if mark == "(":
        _add_bracket(found, plain, at)
    elif mark == "%" and last is Kind.NUMBER:
        found.append(word_token("percent"))
    elif mark == "&" and before.isspace() and after.isspace():
        found.append(word_token("and"))
    elif not _parts_words(found, mark, plain, at):
        found.append(Token(Kind.SYMBOL, mark, mark))


def _parts_words(found: list[Token], mark: str, plain: str, at: int) -> bool:
    """Whether a mark is punctuation, rather than a sign of a formula or of code."""
    if mark == "-":
        return _is_hyphen(plain, at)
    if mark == ")":
        return not _is_opened(found)
    return mark not in _ASCII and unicodedata.category(mark) in _PUNCTUATION


def _add_bracket(found: list[Token], plain: str, at: int) -> None:
    """A bracket of a formula, or behind the name of a function; others only part words, as in item(s)."""
    before, after = plain[at - 1 : at] if at else "", plain[at + 1 : at + 2]
    if not before.strip() and not _begins_formula(found, after):
        return
    if found and before.strip() and found[-1].kind in (Kind.CONTENT, Kind.LIGHT, Kind.FUNCTION):
        if plain.startswith("s)", at + 1):
            return
        found[-1] = Token(Kind.NAME, found[-1].text, found[-1].text)
    found.append(Token(Kind.SYMBOL, "(", "("))


_PUNCTUATION = ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")
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


def _begins_formula(found: list[Token], following: str) -> bool:
    """Whether a bracket behind a space belongs to a formula, by what stands on both sides of it."""
    return following in "(-" or following.isdigit() or (bool(found) and found[-1].kind in VALUES)


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


@lru_cache(10_000)
def _character(char: str) -> Token:
    return Token(Kind.CONTENT, char, char)


def _with_numbers(tokens: list[Token]) -> list[Token]:
    """The tokens with number words in figures, and single letters as what they are at their place."""
    found: list[Token] = []
    row: list[str] = []
    last = len(tokens) - 1
    for place, token in enumerate(tokens):
        if token.text == NUMBER_WORD and token.kind is Kind.NUMBER:
            if token.stem in SCALES and not row and found and found[-1].kind is Kind.NUMBER:
                found[-1] = _scaled(found[-1], token.stem)
            else:
                row.append(token.stem)
            continue
        if row:
            if (
                token.text == "and"
                and place < last
                and tokens[place + 1].text == NUMBER_WORD
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
