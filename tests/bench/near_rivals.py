"""What others use to find near-duplicates, written from their descriptions, for comparison alone.

datatrove: text without case, punctuation, and with figures as 0; MinHash over word 5-grams, 14 buckets of
8 hashes. NeMo Curator: MinHash over character 24-grams of the text as it is, 20 bands of 13 hashes. Texts
with a bucket in common are duplicates. SemHash: by its own package, in a process of its own, if wanted.
"""

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xxhash

_NOT_WORDS = re.compile(r"[^\w\s]|_")


def shingles_of_words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    words = _NOT_WORDS.sub(" ", re.sub(r"\d+", "0", plain)).split()
    return [" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))]


def shingles_of_characters(text: str) -> list[str]:
    return [text[at : at + 24] for at in range(max(1, len(text) - 23))]


class Rival(Protocol):
    """Another rule for near-duplicates."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def flags(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """Whether it takes the two texts of each pair for the same."""
        ...

    def flagged(self, texts: Iterable[str]) -> int:
        """How many texts it would drop for an earlier one."""
        ...


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

    def flags(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        return [
            any(a == b for a, b in zip(self.signature(one), self.signature(other), strict=True))
            for one, other in pairs
        ]

    def flagged(self, texts: Iterable[str]) -> int:
        seen: list[set[bytes]] = [set() for _ in range(self.buckets)]
        count = 0
        for text in texts:
            signature = self.signature(text)
            count += any(bucket in known for bucket, known in zip(signature, seen, strict=True))
            for bucket, known in zip(signature, seen, strict=True):
                known.add(bucket)
        return count


@dataclass(frozen=True)
class SemHash:
    """`python` is an interpreter that has what near_semhash.py names."""

    python: Path
    name: str = "SemHash"

    def flags(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        return self._said({"pairs": pairs})

    def flagged(self, texts: Iterable[str]) -> int:
        return self._said({"texts": list(texts)})

    def _said(self, asked: dict[str, Any]) -> Any:
        command = [str(self.python), str(Path(__file__).with_name("near_semhash.py"))]
        ran = subprocess.run(command, input=json.dumps(asked), text=True, stdout=subprocess.PIPE, check=True)
        return json.loads(ran.stdout.splitlines()[-1])


MINHASHES = (MinHash("datatrove", 14, 8, of_words=True), MinHash("NeMo Curator", 20, 13, of_words=False))
