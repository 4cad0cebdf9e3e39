"""Numbers in one form: separators of thousands, number words, and slips in number words."""

import re
import unicodedata
from functools import lru_cache

from generators.quality.text.slips import meant_by
from generators.quality.text.word_lists import first_of_each, lines

WRITTEN = {word: int(value) for word, value in (line.split() for line in lines("number_words"))}
TENS = [value for value in WRITTEN.values() if value >= 20]
HUNDRED = 100
SCALES = {"hundred": HUNDRED, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
LARGEST = 10**15
SHORTEST_MENDED = 5


_MENDED = [word for word in (*WRITTEN, *SCALES) if len(word) >= SHORTEST_MENDED]


@lru_cache(100_000)
def number_word(word: str) -> str | None:
    """The number word that a word is, one slip mended; None if it is another word."""
    if word in WRITTEN or word in SCALES:
        return word
    return meant_by(word, _MENDED)


@lru_cache(50_000)
def plain_figure(figure: str) -> str:
    """A figure without separators of thousands and zeros that say nothing: 12,000.50 is 12000.5.

    Zeros before a whole number say something: 007 is not 7.
    """
    if not figure.isascii():
        figure = "".join(char if char in ".," else str(unicodedata.decimal(char)) for char in figure)
    whole, point, part = figure.replace(",", "").partition(".")
    if not point:
        return whole
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + part if part else "")


_VERSION = re.compile(
    r"\b(?:[A-Z][\w+#]{1,30}|[Vv]ersions?|[Rr]eleases?) v?(\d+\.\d*0)(?![\d.]*\d)(?: (\w+))?"
)
_QUOTED = re.compile(r"['\"`](\d+\.\d*0)['\"`]")


def keeps_zeros(figure: str, text: str) -> bool:
    """Whether the zeros at the end of a figure with a point say something: Python 3.10, "2.50".

    So they do where a text speaks of significant figures. `text`: as written, with its capitals.
    """
    if figure[-1] != "0" or "." not in figure or text.isupper():
        return False
    if "significant" in text or any(found[1] == figure for found in _QUOTED.finditer(text)):
        return True
    units = first_of_each("units")
    return any(found[1] == figure and found[2] not in units for found in _VERSION.finditer(text))


def written_number(words: list[str]) -> str:
    """The figure that number words in a row make: two hundred fifty is 250.

    Words that make no number together stand beside each other: two three is 2 3.
    """
    whole: list[int] = []
    total = group = 0
    last_scale = LARGEST
    for word in words:
        scale, value = SCALES.get(word, 0), WRITTEN.get(word, 0)
        if not _continues(group, value, scale, last_scale) and (total or group):
            whole.append(total + group)
            total = group = 0
            last_scale = LARGEST
        if scale > HUNDRED:
            total, group, last_scale = total + max(group, 1) * scale, 0, scale
        else:
            group = max(group, 1) * scale if scale else group + value
    return " ".join(map(str, [*whole, total + group]))


def _continues(group: int, value: int, scale: int, last_scale: int) -> bool:
    """Whether a word belongs to the number before it: hundred fifty, fifty five, five thousand."""
    if scale == HUNDRED:
        return group < HUNDRED
    if scale:
        return scale < last_scale
    return group % HUNDRED == 0 or (group % HUNDRED >= min(TENS) and group % 10 == 0 and 0 < value < 10)
