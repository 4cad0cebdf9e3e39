"""What others use to find near-duplicates, written from their descriptions, for comparison alone.

datatrove: text without case, punctuation, and with figures as 0; MinHash over word 5-grams, 14 buckets of
8 hashes. NeMo Curator: MinHash over character 24-grams of the text as it is, 20 bands of 13 hashes. Texts
with a bucket in common are duplicates. SemHash needs a model from the hub and is not here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xxhash

_NOT_WORDS = re.compile(r"[^\w\s]|_")


def shingles_of_words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    words = _NOT_WORDS.sub(" ", re.sub(r"\d+", "0", plain)).split()
    return [" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))]


def shingles_of_characters(text: str) -> list[str]:
    return [text[at : at + 24] for at in range(max(1, len(text) - 23))]


@dataclass(frozen=True)
class MinHash:
    """Signatures in buckets; `hashes` is the number per bucket."""

    name: str
    buckets: int
    hashes: int
    of_words: bool

    def signature(self, text: str) -> list[bytes]:
        shingles = shingles_of_words(text) if self.of_words else shingles_of_characters(text)
        hashed = np.array([xxhash.xxh64_intdigest(shingle.encode()) for shingle in shingles], dtype=np.uint64)
        factors, offsets = self.permutations
        least = (hashed[:, None] * factors + offsets).min(axis=0)  # Modulo 2^64.
        return [bucket.tobytes() for bucket in least.reshape(self.buckets, self.hashes)]

    @cached_property
    def permutations(self) -> tuple[np.ndarray, np.ndarray]:
        drawn = np.random.default_rng(1)
        count = self.buckets * self.hashes
        return (
            drawn.integers(0, 1 << 63, count, dtype=np.uint64) * np.uint64(2) + np.uint64(1),
            drawn.integers(0, 1 << 63, count, dtype=np.uint64),
        )

    def flags(self, one: str, other: str) -> bool:
        """Whether two texts share a bucket."""
        return any(a == b for a, b in zip(self.signature(one), self.signature(other), strict=True))

    def flagged(self, texts: Iterable[str]) -> int:
        """How many texts share a bucket with an earlier one."""
        seen: list[set[bytes]] = [set() for _ in range(self.buckets)]
        count = 0
        for text in texts:
            signature = self.signature(text)
            count += any(bucket in known for bucket, known in zip(signature, seen, strict=True))
            for bucket, known in zip(signature, seen, strict=True):
                known.add(bucket)
        return count


DATATROVE = MinHash("datatrove", 14, 8, of_words=True)
NEMO_CURATOR = MinHash("NeMo Curator", 20, 13, of_words=False)
RIVALS = (DATATROVE, NEMO_CURATOR)
