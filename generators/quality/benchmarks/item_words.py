"""The words by which a text is compared with the items of a benchmark: no punctuation, no markup, no case.

A character of a script without spaces between words (Chinese, Japanese, Thai, Khmer) is a word of its own.
Number words are the numbers they name; a number has no separators of thousands.
"""

import re
import unicodedata
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xxhash

from generators.quality.text.normal_text import normal_text

Words = npt.NDArray[np.uint32]
"""Hashes of words, in their order; the lowest bit says that the word is a number."""
Hashes = npt.NDArray[np.uint64]
"""Hashes of n-grams of words."""
Places = npt.NDArray[np.intp]
"""Places of words in a row of them."""
Span = tuple[int, int]
"""From and to, in characters of a text; `to` is the first one after it."""

_ANY_NUMBER = np.uint32(1)

# Letters of scripts written without spaces; marks that belong to letters though \w leaves them out.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0971-\u0dff"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_WORD = re.compile(rf"{_NUMBER}|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W\d_]|[{_MARKS}])+")
_UNSPACED_WORD = re.compile(f"[{_UNSPACED}]")
_ASCII_WORD = re.compile(rf"[a-z]+|{_NUMBER}")
# Marks of Markdown that may stand within a word.
_EMPHASIS = re.compile(r"[*_~]")
_CHUNK = re.compile(r"\S+")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_UNITS)} | {
    word: str(10 * number) for number, word in enumerate(_TENS, 2)
}


# What questions are made of, whatever they are about.
_FRAME_WORDS = (
    "about above add all also an and answer answers any are as at be because been below best between "
    "both but by calculate can cannot choose code compute consider correct could define definition "
    "describe described describes did difference divide do does each either equal equals evaluate "
    "every example except expression false find following for from function give given has have how "
    "if in incorrect into is it its least likely may means meant might more most multiply must name "
    "neither none nor not number of on one option or order other output please product program "
    "question refers result right select should simplify solution solve some statement statements "
    "subtract such sum term than that the their them then there these they this those to true type "
    "used using valid value values was were what when where which who whom whose why will with word "
    "would write wrong you your"
)
_FRAMES = frozenset(_FRAME_WORDS.split())


def words_of(text: str) -> list[str]:
    """The words of `text` in their order."""
    known = _NUMBER_WORDS.get
    return [known(word, word).replace(",", "") for word in _found(text)]


def _found(text: str) -> list[str]:
    if text.isascii() and not _EMPHASIS.search(text):
        # All else that normal_text does to such a text is about what stands between its words.
        return _ASCII_WORD.findall(text.lower())
    normal = normal_text(text)
    if not normal.isascii():
        normal = _OTHER_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), normal)
    return _WORD.findall(normal)


def spans_of(text: str) -> list[Span]:
    """Where each of words_of(text) stands in `text`; to the space around it if its form changed."""
    spans: list[Span] = []
    for chunk in _CHUNK.finditer(text):
        normal = normal_text(chunk[0])
        start = chunk.start()
        if len(normal) == len(chunk[0]):
            spans += [(start + word.start(), start + word.end()) for word in _WORD.finditer(normal)]
        else:
            spans += [chunk.span()] * len(_WORD.findall(normal))
    return spans


def hashes_of(words: list[str]) -> Words:
    """One hash per word; two words share one with a probability of 2^-31."""
    digest = xxhash.xxh32_intdigest
    return np.array(
        [digest(word.encode()) | 1 if word < ":" else digest(word.encode()) & 0xFFFF_FFFE for word in words],
        np.uint32,
    )


def masked(words: Words) -> Words:
    """The same words, all numbers alike."""
    return np.where(words & 1, _ANY_NUMBER, words)


# Odd factors of the words of an n-gram, so that their order counts; any will do.
_FACTORS = np.array([xxhash.xxh64_intdigest(bytes([place])) | 1 for place in range(64)], np.uint64)


def ngrams(words: Words, n: int) -> Hashes:
    """One hash for every `n` words in a row; as many as there are places for them."""
    if len(words) < n:
        return np.empty(0, np.uint64)
    return np.convolve(words.astype(np.uint64), _FACTORS[:n], "valid")


def place_of(part: Words, whole: Words) -> int:
    """The first place at which `part` stands in `whole`, or -1."""
    inside, sought, size = whole.tobytes(), part.tobytes(), part.itemsize
    place = inside.find(sought)
    while place % size and place >= 0:
        place = inside.find(sought, place + 1)
    return place // size if place >= 0 else -1


def is_unspaced(words: list[str]) -> bool:
    """Whether most words are characters of scripts without spaces."""
    return sum(bool(_UNSPACED_WORD.match(word)) for word in words) > len(words) / 2


def says_much(words: list[str]) -> bool:
    """Whether it is about something, as "What is the capital of France?" is, and not "What is true?"."""
    if is_unspaced(words):
        return True
    subjects = [word for word in words if word > ":" and len(word) > 1 and word not in _FRAMES]
    # A row of numbers says something as well, but not "8 / 4".
    about = len(subjects) + sum(word < ":" for word in words) / 3
    return about >= 2 or (about >= 1 and len(words) > 5)


def grouped(places: Places, gap: int) -> list[Places]:
    """Ascending places, apart where more than `gap` lies between two."""
    cuts = [0, *(np.flatnonzero(np.diff(places) > gap) + 1).tolist(), len(places)]
    return [places[start:end] for start, end in pairwise(cuts) if end > start]
