"""The items of benchmarks on their way into an index: their words, without their texts."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from generators.quality.benchmarks.item_words import Words, hashes_of, is_unspaced, says_much, words_of


class Item(NamedTuple):
    """An item of a benchmark: its id and its text."""

    id: str
    text: str


class ItemList:
    """Items that may be added page by page, in 4 bytes per word."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._words: list[Words] = []
        self._scales: list[int] = []
        self._says_much: list[bool] = []

    def add(self, items: Iterable[Item | tuple[str, str]]) -> list[int]:
        """Adds `items` and returns the number of words of each."""
        sizes: list[int] = []
        for name, text in items:
            words = words_of(text)
            self.ids.append(name)
            self._words.append(hashes_of(words))
            self._scales.append(2 if is_unspaced(words) else 1)
            self._says_much.append(says_much(words))
            sizes.append(len(words))
        return sizes

    @property
    def words(self) -> Words:
        """The words of all items in a row."""
        return np.concatenate([np.empty(0, np.uint32), *self._words])

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """The number of words of each item."""
        return np.array([len(words) for words in self._words], np.int64)

    @property
    def scales(self) -> npt.NDArray[np.uint8]:
        """How many words of each item count as one: 2 for characters of scripts without spaces."""
        return np.array(self._scales, np.uint8)

    @property
    def says_much(self) -> npt.NDArray[np.bool_]:
        """Whether the whole sequence of each item is evidence within a longer text."""
        return np.array(self._says_much, bool)
