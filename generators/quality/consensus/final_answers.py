"""Short final answers: where one stands in an answer, when two are the same, and when enough of them agree.

Whether a question has a short final answer shows in its answers: one that ends in a number, an expression, a
choice or a few words has one, and another answer to the same question can be held against it.
"""

import re
from fractions import Fraction
from typing import Literal

from generators.quality.text.normal_text import normal_text
from generators.quality.text.notation import plain_notation
from generators.quality.text.numbers import SCALES
from generators.quality.text.tokens import tokens_of
from generators.quality.text.word_lists import first_of_each
from generators.quality.text.words import Kind

RULE = "consensus@2"
AT_ONCE, MOST, ENOUGH = 2, 5, 3
"""Two answers that agree settle it at once; otherwise three of at most five have to."""
MOST_WORDS, MOST_CHARACTERS = 12, 120
"""Of a final answer in a line that announces it."""
MOST_WORDS_ALONE = 8
"""Of an answer that consists of nothing else, or ends in a sentence that says what the answer is."""

_ANNOUNCED = re.compile(r"(?:the\s+)?(?:final\s+|correct\s+)?answer(?:\s+is)?\s*[:：=]\s*(.*)", re.IGNORECASE)
_SAID = re.compile(r"\banswer\s+is:?\s+(.+?)[.!]?$", re.IGNORECASE)
_HEADING = re.compile(r"(?:the\s+)?(?:final\s+|correct\s+)?answer", re.IGNORECASE)
_HASHES = re.compile(r"#{4}\s*(\S.*)")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_MARKS = re.compile(r"^[-+•]\s+|[*`]+|^[#>\s]+|^_+|_+$")
_CHOICE = re.compile(r"\(?([a-j])(?:\)|[.:](?=\s|$)|$)", re.IGNORECASE)
_NUMBER = re.compile(
    r"([-+−]?)\s*((?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)(?:\s*/\s*(\d+))?"
    r"(?:(?:e|\s*[*x]\s*10\s*\^\s*)[({]?([-+]?\d{1,3})[)}]?)?(\s*)(%?)\s*(.*)"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{\s*(-?\d+)\s*\}\s*\{\s*(\d+)\s*\}")
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|textbf|mathbf|operatorname)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\(?:left|right|displaystyle|quad|,|;|!|\(|\)|\[|\])"), ""),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\{,\}"), ","),
)
# Dollars come in pairs around a formula; one alone, or escaped, is a currency.
_DOLLAR = re.compile(r"(?<!\\)\$")
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_AMOUNT = re.compile(
    rf"([$€£¥])\s*([-+−]?\d[\d,]*(?:\.\d+)?(?:\s*(?:{'|'.join(SCALES)})\b)?)|[$€£¥]", re.IGNORECASE
)
_SCALE = re.compile(rf"({'|'.join(SCALES)})\b\s*(.*)")
# Behind a figure: another one, signs of a formula, or a letter that names no unit, as in 3x.
_IN_FORMULA = re.compile(r"(?:and|or)\s+[-\d]|[-+*/^=<>()\[\]\\,.:_]|.*[√_\\{}|<>=+()\[\]]|sqrt")
_VARIABLES = frozenset("abdeikopqrtuxyz")
# mW and MW are the only units that differ by case alone: mega and milli, each before a capital or alone.
_MEGA_OR_MILLI = re.compile(r"\d\s*([mM])(?![^\W\d_A-ZΩ])")
_DATE = re.compile(r"(?=\d{4}|.*\d{4}$)(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
FEWEST_DIGITS = 3
"""Significant digits from which on a number may be another one, rounded."""


def final_answer(text: str) -> str | None:
    """The short final answer that an answer ends in; None if it has none.

    The last of: what is boxed as in LaTeX, a line that announces it, a last sentence that says what the
    answer is. An answer of a few words is one itself.
    """
    if boxed := _boxed(text):
        return boxed
    lines = [line for line in (_bare(line) for line in text.splitlines()) if line]
    if not lines:
        return None
    for place in range(len(lines) - 1, -1, -1):
        if found := _ANNOUNCED.fullmatch(lines[place]) or _HASHES.fullmatch(lines[place]):
            said = _bare(found[1]) or (lines[place + 1] if place + 1 < len(lines) else "")
            return _short(said, MOST_WORDS)
        # A heading, and nothing but the value below it.
        if place == len(lines) - 2 and _HEADING.fullmatch(lines[place]):
            return _short(lines[-1], MOST_WORDS)
    if said := _SAID.search(lines[-1]):
        return _short(said[1], MOST_WORDS_ALONE)
    return _short(lines[0], MOST_WORDS_ALONE) if len(lines) == 1 else None


def _bare(line: str) -> str:
    """A line without the marks of Markdown at its ends and for emphasis; `####` stays."""
    line = line.strip()
    return line if line.startswith("####") else _MARKS.sub("", line).strip()


def _short(said: str, most: int) -> str | None:
    said = said.strip()
    fits = 0 < len(said) <= MOST_CHARACTERS and len(said.split()) <= most
    return said if fits else None


def _boxed(text: str) -> str | None:
    """What the last box of a text holds, with its braces in balance."""
    boxes = [found.end() for found in _BOXED.finditer(text)]
    if not boxes:
        return None
    depth, start = 1, boxes[-1]
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return _short(text[start:place], MOST_WORDS)
    return None


def compared(one: str, other: str) -> bool | None:
    """Whether two final answers are the same: choices, numbers with their units, words.

    None where their texts differ and that cannot tell, as with expressions.
    """
    typed = _typed(one), _typed(other)
    prefixes = [found[1] for text in typed if (found := _MEGA_OR_MILLI.search(text))]
    if len(set(prefixes)) == len(typed):
        return False
    a, b = map(_plain, typed)
    if a == b:
        return True
    if (days := _DATE.fullmatch(a)) or _DATE.fullmatch(b):
        return days is not None and _day(a) == _day(b)
    if (first := _choice(a)) and (second := _choice(b)):
        return first == second
    if (left := number(a)) and (right := number(b)):
        # Whether an exclamation mark is a factorial the values tell.
        return _same_number(left, right) or (None if "!" in one + other else False)
    return True if _words(a) and _words(a) == _words(b) else None


def _typed(answer: str) -> str:
    """An answer as it is typed without LaTeX, its currency in words behind the amount."""
    answer = _FRACTION.sub(r"\1/\2", answer)
    for pattern, instead in _LATEX:
        answer = pattern.sub(instead, answer)
    if len(_DOLLAR.findall(answer)) % 2 == 0:
        answer = _DOLLAR.sub("", answer)
    return plain_notation(_AMOUNT.sub(_amount, answer.replace("\\$", "$")))


def _amount(found: re.Match[str]) -> str:
    return f"{found[2]} {_CURRENCIES[found[1]]}" if found[1] else f" {_CURRENCIES[found[0]]}"


def _plain(typed: str) -> str:
    # No wider strip: a leading sign or a closing bracket belongs to the value.
    return normal_text(typed).strip(" \n\t\"'*`_").rstrip(".!;,").strip()


def _day(answer: str) -> list[int]:
    """The figures of a date in their order; empty for anything else."""
    found = _DATE.fullmatch(answer)
    return [int(found[part]) for part in (1, 3, 4)] if found else []


def _choice(answer: str) -> str | None:
    """The letter of a choice, alone or before the text of its option."""
    found = _CHOICE.match(answer)
    return found[1].casefold() if found else None


Number = tuple[Fraction, int | None, str]
"""A value, the digits after its point (fewer than none: tens, hundreds; None: it is exact), and its unit."""


def number(answer: str) -> Number | None:
    """The number that an answer is, with its unit; None if it is something else."""
    found = _NUMBER.fullmatch(answer)
    if not found or not found[2]:
        return None
    sign, figure, divisor, power, blank, percent, rest = found.groups()
    if _IN_FORMULA.match(rest) or (not blank and rest[:1] in _VARIABLES and not rest[1:2].isalpha()):
        return None
    if divisor is not None and not int(divisor):
        return None
    scale, rest = (scaled[1], scaled[2]) if (scaled := _SCALE.match(rest)) else ("", rest)
    units = _units(rest)
    if units[:1] == ["percent"]:
        percent, units = "%", units[1:]
    factor = Fraction(10) ** int(power or 0) * SCALES.get(scale, 1) / (100 if percent else 1)
    value = Fraction(figure.replace(",", "")) / int(divisor or 1) * factor
    _, point, part = figure.partition(".")
    exact = not point or divisor is not None or scale
    digits = None if exact else len(part) - int(power or 0) + (2 if percent else 0)
    return (-value if sign in ("-", "−") else value), digits, " ".join(units)


def _units(rest: str) -> list[str]:
    """What stands behind a figure, each unit in one form: m, metres and meters are the same."""
    known = first_of_each("units")
    tokens = tokens_of(f"1 {rest}")[1:] if rest else []
    return [
        "/" if token.text == "per" else known.get(token.text, token.stem)
        for token in tokens
        if token.text == "per" or token.kind not in (Kind.BREAK, Kind.FUNCTION)
    ]


def _same_number(one: Number, other: Number) -> bool:
    (a, a_digits, a_unit), (b, b_digits, b_unit) = one, other
    if a_unit and b_unit and a_unit != b_unit:
        return False
    return a == b or _rounds_to(a, b, b_digits) or _rounds_to(b, a, a_digits)


def _rounds_to(exact: Fraction, rounded: Fraction, digits: int | None) -> bool:
    """Whether a number is another one rounded to the digits it has, if those are enough to tell."""
    if digits is None:
        return False
    shift = Fraction(10) ** digits
    if len(str(abs(int(rounded * shift))).lstrip("0")) < FEWEST_DIGITS:
        return False
    return abs(exact - rounded) * shift <= Fraction(1, 2)


def _words(text: str) -> list[str]:
    return [token.text for token in tokens_of(text) if token.kind not in (Kind.BREAK, Kind.FUNCTION)]


Outcome = Literal["agreed", "more", "none"]


def outcome(asked: int, largest: int) -> Outcome:
    """What follows once `asked` answers are there of which at most `largest` agree.

    `none` as soon as ENOUGH cannot agree any more, so that no answer is bought in vain.
    """
    if largest >= ENOUGH or asked == largest == AT_ONCE:
        return "agreed"
    return "more" if largest + MOST - asked >= ENOUGH else "none"
