"""How diverse questions are: distinct n-grams, openings, the Vendi score, and templates that were filled in.

distinct-n and the Vendi score depend on how many texts are looked at, so they are always taken of a sample of
SAMPLE texts, those whose ids have the smallest digests: the same for the same instructions, in any order.

distinct-n: Li et al. 2016, arXiv 1510.03055. Vendi score: Friedman and Dieng 2023, arXiv 2210.02410, with
their kernel for texts, the mean of the cosines of counts of words and of pairs of words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from heapq import heappush, heappushpop
from typing import Any, TypedDict

from generators.quality.text.normal_text import normal_text

RULE = "diversity@1"
SAMPLE = 1_000
OPENING = 3
"""Words that count as the opening of a question."""
MOST_WORDS = 1_000
"""Words of a text that are looked at; what follows them changes no figure."""
MOST_TEMPLATES = 200_000
AT_ONCE = 2_000
"""Columns of counts multiplied at once; bounds the memory to 8 MB."""

# In writing without spaces every character is taken for a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


class Opening(TypedDict):
    """The first words of questions, and how many of the sample begin so."""

    words: str
    count: int


class Figures(TypedDict):
    """Figures of a sample of texts."""

    sample: int
    distinct_1: float
    distinct_2: float
    distinct_3: float
    unique_openings: float
    openings: list[Opening]
    vendi: float


def words(text: str) -> list[str]:
    """The words of a text in their normal form, numbers among them."""
    return _WORD.findall(normal_text(text))[:MOST_WORDS]


def masked(text: str) -> str:
    """The text as a template: its words, with every number replaced by 0."""
    return " ".join(_WORD.findall(_NUMBER.sub("0", normal_text(text))))


class Sample:
    """Keeps the SAMPLE texts whose ids have the smallest digests, in the order of these."""

    def __init__(self, size: int = SAMPLE) -> None:
        self._size = size
        self._kept: list[tuple[int, str, str]] = []

    def add(self, id_: str, text: str) -> None:
        """Takes a text into account."""
        # Negative, because the heap gives away its smallest item.
        item = (-_digest(id_), id_, text)
        if len(self._kept) < self._size:
            heappush(self._kept, item)
        else:
            heappushpop(self._kept, item)

    @property
    def texts(self) -> list[str]:
        """The texts kept."""
        return [text for _, _, text in sorted(self._kept, reverse=True)]


class Template(TypedDict):
    """Questions that differ in numbers alone: how many, and the smallest id of one."""

    count: int
    example: str


class Templates:
    """Counts questions that are the same but for their numbers, in bounded memory.

    Every template is counted while there are at most MOST_TEMPLATES; beyond that only those whose digest ends
    in a zero bit, in two, and so on. The shares are then those of a sample of the templates, drawn by digest.
    """

    def __init__(self, most: int = MOST_TEMPLATES) -> None:
        self._most = most
        self._bits = 0
        self._found: dict[int, tuple[int, str]] = {}

    def add(self, id_: str, text: str) -> None:
        """Takes a question into account."""
        key = _digest(masked(text))
        if key & ((1 << self._bits) - 1):
            return
        count, example = self._found.get(key, (0, id_))
        self._found[key] = (count + 1, min(example, id_))
        while len(self._found) > self._most:
            self._bits += 1
            self._found = {k: v for k, v in self._found.items() if not k & ((1 << self._bits) - 1)}

    @property
    def exact(self) -> bool:
        """Whether every question was counted."""
        return not self._bits

    @property
    def variants(self) -> float:
        """Mean number of questions per template; 0 if there are none."""
        return sum(count for count, _ in self._found.values()) / max(1, len(self._found))

    @property
    def repeated(self) -> float:
        """Share of the questions whose template another question has, too."""
        counts = [count for count, _ in self._found.values()]
        return sum(count for count in counts if count > 1) / max(1, sum(counts))

    def largest(self, limit: int = 5) -> list[Template]:
        """The templates with the most questions, of those that several have."""
        found = sorted(self._found.values(), key=lambda item: (-item[0], item[1]))
        return [{"count": count, "example": id_} for count, id_ in found[:limit] if count > 1]


def figures(texts: Sequence[str], limit: int = 10) -> Figures:
    """The figures of some texts; takes a second of CPU for SAMPLE of them."""
    split = [words(text) for text in texts]
    openings = Counter(" ".join(some[:OPENING]) for some in split)
    ranked = sorted(openings.items(), key=lambda item: (-item[1], item[0]))
    one, two, three = (_distinct(split, n) for n in (1, 2, 3))
    return {
        "sample": len(texts),
        "distinct_1": one,
        "distinct_2": two,
        "distinct_3": three,
        "unique_openings": len(openings) / max(1, len(texts)),
        "openings": [{"words": opening, "count": count} for opening, count in ranked[:limit]],
        "vendi": vendi(split),
    }


def _distinct(split: Iterable[Sequence[str]], n: int) -> float:
    """The share of distinct n-grams among all n-grams."""
    found = Counter(gram for some in split for gram in _grams(some, n))
    return len(found) / max(1, found.total())


def _grams(some: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(some[start:] for start in range(n)), strict=False)


def vendi(split: Sequence[Sequence[str]]) -> float:
    """The number of texts that differ wholly which would be as diverse; 1 if all are the same, 0 if none."""
    if not split:
        return 0.0
    import numpy

    numbers: Any = numpy
    kernel = (_cosines(split, 1) + _cosines(split, 2)) / 2
    values: Any = numbers.linalg.eigvalsh(kernel / len(split))
    values = values[values > 1e-12]
    return float(numbers.exp(-(values * numbers.log(values)).sum()))


def _cosines(split: Sequence[Sequence[str]], n: int) -> Any:
    """The cosines of the n-gram counts of every two texts."""
    import numpy

    numbers: Any = numpy
    counts = [Counter(_grams(some, n)) for some in split]
    in_texts = Counter(gram for found in counts for gram in found)
    # An n-gram of a single text adds to its length alone.
    columns = {gram: column for column, gram in enumerate(g for g, texts in in_texts.items() if texts > 1)}
    # By blocks of columns, because the whole matrix of counts would have hundreds of MB.
    blocks: dict[int, list[tuple[int, int, int]]] = {}
    for row, some in enumerate(counts):
        for gram in columns.keys() & some.keys():
            block, column = divmod(columns[gram], AT_ONCE)
            blocks.setdefault(block, []).append((row, column, some[gram]))
    found = numbers.zeros((len(split), len(split)))
    for cells in blocks.values():
        rows, at, values = zip(*cells, strict=True)
        part = numbers.zeros((len(split), AT_ONCE), dtype=numbers.float32)
        part[list(rows), list(at)] = values
        found += part @ part.T
    lengths = [sum(count * count for count in some.values()) ** 0.5 or 1.0 for some in counts]
    found /= numbers.outer(lengths, lengths)
    numbers.fill_diagonal(found, 1.0)
    return found


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
