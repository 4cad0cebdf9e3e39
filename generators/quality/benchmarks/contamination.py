"""Whether a text is an item of a benchmark, or contains one, be it reformatted or with other numbers.

N-grams of six words with all numbers alike lead to candidates; what a text and an item share in runs of five
words or more decides (shared_words.py). What more than 50 items share, such as the instruction before each of
them, leads to none. The constants were measured; see docs/benchmarks.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from generators.quality.benchmarks.item_list import Item, ItemList
from generators.quality.benchmarks.item_words import (
    Hashes,
    Places,
    Span,
    Words,
    hashes_of,
    masked,
    ngrams,
    spans_of,
    words_of,
)
from generators.quality.benchmarks.ngram_table import NgramTable, Numbers
from generators.quality.benchmarks.shared_words import SHORT, Found, ItemWords, Kind, Marks, contained, shared

RULE: Final = "contamination@1"
GRAM: Final = 6
"""Words of the n-grams that lead to candidates."""
WHOLE_GRAM: Final = 4
"""Words of the n-gram that leads to an item recognised by its whole sequence; its least number of words."""
WHOLE_UNDER: Final = 8
"""Items with fewer words are recognised by their whole sequence."""
MOST_ITEMS: Final = 50
"""An n-gram that more items share leads to none of them."""
MOST_CANDIDATES: Final = 100
MOST_MATCHES: Final = 20
LONGEST_NGRAM: Final = 200
"""Characters of the shared words that a match shows."""


@dataclass(frozen=True)
class Match:
    """An item that a text contains, from the character `start` to the one before `end`.

    `ratio` is the share of the item's words that the text has; `ngram` the longest run of them.
    """

    item: str
    kind: Kind
    ratio: float
    start: int
    end: int
    ngram: str
    rule: str = RULE


@dataclass(frozen=True)
class Index:
    """The words and n-grams of all items, in some 18 bytes per word; any number of threads may read it."""

    ids: list[str]
    words: Words
    starts: npt.NDArray[np.int64]
    telling: Marks
    """Of each word, whether it stands in an n-gram that leads to its item."""
    evidence: npt.NDArray[np.int64]
    """Number of telling words of each item."""
    scales: npt.NDArray[np.uint8]
    says_much: Marks
    grams: NgramTable
    whole: NgramTable
    known: Words
    counts: npt.NDArray[np.int64]
    unrecognisable: int
    """Number of items that cannot be recognised by their text."""

    @classmethod
    def build(cls, items: Iterable[Item | tuple[str, str]]) -> Self:
        """The index of `items`, which are read once; memory grows by their words, not by their texts."""
        listed = ItemList()
        listed.add(items)
        return cls.of(listed)

    @classmethod
    def of(cls, listed: ItemList) -> Self:
        """The index of listed items."""
        words, sizes = listed.words, listed.sizes
        scales, much = listed.scales, listed.says_much
        owners = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        grams, telling = _grams(words, owners, sizes >= WHOLE_UNDER * scales)
        by_gram = np.isin(np.arange(len(sizes)), grams.items)
        whole = _whole(words, owners, ~by_gram & (sizes >= WHOLE_GRAM * scales))
        known, counts = np.unique(words, return_counts=True)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        evidence = np.bincount(owners[telling], minlength=len(sizes))
        unknown = len(sizes) - int(by_gram.sum()) - len(whole.items)
        tables = grams, whole, known, counts
        return cls(listed.ids, words, starts, telling, evidence, scales, much, *tables, unknown)

    def __len__(self) -> int:
        """Number of items."""
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of memory, without the ids."""
        of_words = (self.words, self.telling, self.known, self.counts)
        of_items = (self.starts, self.evidence, self.scales, self.says_much)
        return sum(array.nbytes for array in (*of_words, *of_items)) + self.grams.nbytes + self.whole.nbytes

    def match(self, text: str) -> list[Match]:
        """The items that `text` contains, the largest share first; at most MOST_MATCHES."""
        words = hashes_of(words_of(text))
        if len(words) < WHOLE_GRAM:
            return []
        found = self._found(words)
        if not found:
            return []
        found.sort(key=lambda each: -each[1].ratio)
        spans = spans_of(text)
        return [_match(self.ids[item], each, text, spans) for item, each in found[:MOST_MATCHES]]

    def _found(self, words: Words) -> list[tuple[int, Found]]:
        whole = np.unique(self.whole.find(ngrams(words, WHOLE_GRAM))).tolist()
        likely = self._likely(self.grams.find(ngrams(masked(words), GRAM)))
        found = [(item, contained(self._item(item), words)) for item in whole]
        found += [(item, shared(self._item(item), words)) for item in likely]
        return [(item, each) for item, each in found if each]

    def _likely(self, found: Numbers) -> list[int]:
        """The items that may share enough by their number of shared n-grams, those with the most first."""
        if not len(found):
            return []
        items, counts = np.unique(found, return_counts=True)
        short = np.diff(self.starts)[items] < SHORT * self.scales[items]
        least = np.where(short, self.evidence[items] // 2 - GRAM, self.evidence[items] // (4 * GRAM))
        enough = counts >= least
        items, counts = items[enough], counts[enough]
        return items[np.argsort(-counts, kind="stable")[:MOST_CANDIDATES]].tolist()

    def _item(self, item: int) -> ItemWords:
        own = slice(int(self.starts[item]), int(self.starts[item + 1]))
        words = self.words[own]
        counts = self.counts[np.searchsorted(self.known, words)]
        return ItemWords(
            words,
            self.telling[own],
            np.log1p(len(self) / counts),
            int(self.scales[item]),
            bool(self.says_much[item]),
        )


def _within_items(words: Words, owners: Numbers, n: int) -> tuple[Hashes, Places]:
    """The n-grams that lie within one item, and the places at which they begin."""
    hashes = ngrams(words, n)
    places = np.flatnonzero(owners[: len(hashes)] == owners[n - 1 :]) if len(hashes) else np.empty(0, np.intp)
    return hashes[places], places


def _grams(words: Words, owners: Numbers, wanted: Marks) -> tuple[NgramTable, Marks]:
    """The table of n-grams of the `wanted` items, and which words stand in one of it."""
    hashes, places = _within_items(masked(words), owners, GRAM)
    mine = wanted[owners[places]]
    hashes, places = hashes[mine], places[mine]
    table, taken = NgramTable.build(hashes, owners[places], MOST_ITEMS)
    telling = np.zeros(len(words), bool)
    for place in range(GRAM):
        telling[places[taken] + place] = True
    return table, telling


def _whole(words: Words, owners: Numbers, wanted: Marks) -> NgramTable:
    """The table of the rarest n-gram of each of the `wanted` items."""
    hashes, places = _within_items(words, owners, WHOLE_GRAM)
    mine = wanted[owners[places]]
    hashes, places = hashes[mine], places[mine]
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    order = np.lexsort((counts[which], owners[places]))
    _, first = np.unique(owners[places][order], return_index=True)
    rarest = order[first]
    return NgramTable.build(hashes[rarest], owners[places[rarest]], MOST_ITEMS)[0]


def _match(item: str, found: Found, text: str, spans: list[Span]) -> Match:
    (start, _), (_, end) = spans[found.first], spans[found.last]
    (gram_start, _), (_, gram_end) = spans[found.gram[0]], spans[found.gram[1]]
    ngram = " ".join(text[gram_start:gram_end].split())[:LONGEST_NGRAM]
    return Match(item, found.kind, round(found.ratio, 3), start, end, ngram)
