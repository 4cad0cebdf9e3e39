"""Numbers in one form: separators of thousands, number words, and slips in number words."""

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from generators.quality.word_lists import first_of_each, frequencies, lines

UNITS = {word: int(value) for word, value in (line.split() for line in lines("number_words"))}
TENS = {word: value for word, value in UNITS.items() if value >= 20}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINALS = first_of_each("ordinals")
SHORTEST_MENDED = 5


WRITTEN = UNITS
_MENDED = [word for word in (*WRITTEN, *SCALES) if len(word) >= SHORTEST_MENDED]


@lru_cache(100_000)
def number_word(word: str) -> str | None:
    """The number word that a word is, one slip mended; None if it is another word."""
    if word in WRITTEN or word in SCALES:
        return word
    if len(word) < SHORTEST_MENDED - 1 or word in frequencies():
        return None
    for known in _MENDED:
        same_ends = known[0] == word[0] and known[-1] == word[-1]
        if same_ends and OSA.distance(known, word, score_cutoff=1) <= 1:
            return known
    return None


@lru_cache(50_000)
def plain_figure(figure: str) -> str:
    """A figure without separators of thousands and zeros that say nothing: 012,000.50 is 12000.5."""
    if not figure.isascii():
        figure = "".join(char if char in ".," else str(unicodedata.decimal(char)) for char in figure)
    whole, point, part = figure.replace(",", "").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + part if part else "")


def written_number(words: list[str]) -> str:
    """The figure that number words in a row make: two hundred fifty is 250.

    Words that make no number together stand beside each other: two three is 2 3.
    """
    whole: list[int] = []
    total = current = last = 0
    for place, word in enumerate(words):
        if scale := SCALES.get(word):
            current = max(current, 1) * scale
            if scale > SCALES["hundred"]:
                total, current = total + current, 0
            last = scale
            continue
        value = WRITTEN[word]
        if place and not _fits_behind(last, value):
            whole.append(total + current)
            total = current = 0
        current, last = current + value, value
    return " ".join(map(str, [*whole, total + current]))


def _fits_behind(last: int, value: int) -> bool:
    return last in SCALES.values() or (last in TENS.values() and 0 < value < 10)
