"""Which items an n-gram stands in: sorted arrays, 12 bytes per n-gram and item."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from generators.quality.benchmarks.item_words import Hashes

Numbers = npt.NDArray[np.uint32]
"""Numbers of items, by the order in which an index was given them."""


@dataclass(frozen=True)
class NgramTable:
    """N-grams in ascending order, each once per item that it stands in."""

    hashes: Hashes
    items: Numbers

    @classmethod
    def build(cls, hashes: Hashes, items: Numbers, most: int) -> tuple[Self, npt.NDArray[np.bool_]]:
        """The table of n-grams that at most `most` items share, and which of those given it took.

        `items` has the item of each n-gram, in ascending order.
        """
        order = np.argsort(hashes, kind="stable")
        ordered, owners = hashes[order], items[order]
        starts = np.ones(len(ordered), bool)
        starts[1:] = ordered[1:] != ordered[:-1]
        once = starts.copy()
        once[1:] |= owners[1:] != owners[:-1]
        group = np.cumsum(starts) - 1
        sharing = np.bincount(group, weights=once)
        rare = sharing[group] <= most if len(group) else np.empty(0, bool)
        taken = np.zeros(len(hashes), bool)
        taken[order] = rare
        return cls(ordered[rare & once], owners[rare & once]), taken

    def find(self, hashes: Hashes) -> Numbers:
        """The items of these n-grams, one as often as it shares one of them."""
        if not len(self.hashes):
            return np.empty(0, np.uint32)
        first = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        sought = hashes[self.hashes[first] == hashes]
        if not len(sought):
            return np.empty(0, np.uint32)
        left, right = (np.searchsorted(self.hashes, sought, side) for side in ("left", "right"))
        return np.concatenate([self.items[start:end] for start, end in zip(left, right, strict=True)])

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.hashes.nbytes + self.items.nbytes
