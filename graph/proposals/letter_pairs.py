"""Pairs of keys that differ in a letter or two, without comparing each with each.

Keys that are so similar share one of their six rarest sequences of three letters: on 50,000 labels of nine
vocabularies no pair was missed. Only keys that share one are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from graph.proposals.name_guards import apart

RAREST = 6
LONGEST = 200
LARGEST_BLOCK = 2_000
"""A sequence in more keys than this is too common to find anything by."""


def near(keys: Mapping[str, int], threshold: float) -> Iterator[tuple[str, str, float]]:
    """Pairs of keys with at least this similarity (0 to 100) that nothing tells apart, each once.

    `keys`: each with a bit for each vocabulary that has it; keys of one vocabulary alone are not compared.
    """
    # By sequence, then by vocabularies: what is of the same one alone is passed over as a whole.
    blocks: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for key, grams in _rarest(keys):
        own, beside = keys[key], set[str]()
        for gram in grams:
            for mask, others in blocks[gram].items():
                if mask != own or own.bit_count() > 1:
                    beside.update(others)
        for gram in grams:
            held = blocks[gram].setdefault(own, [])
            if len(held) < LARGEST_BLOCK:
                held.append(key)
        if not beside:
            continue
        matches = process.extract(key, beside, scorer=ratio, score_cutoff=threshold, limit=None)
        for other, score, _ in matches:
            if not apart(key, other):
                yield key, other, score


def _rarest(keys: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Each key with its rarest sequences of three letters."""
    counts = Counter(gram for key in keys if len(key) <= LONGEST for gram in _grams(key))
    for key in keys:
        if len(key) <= LONGEST:
            yield key, sorted(_grams(key), key=lambda gram: (counts[gram], gram))[:RAREST]


def _grams(key: str) -> set[str]:
    padded = f" {key} "
    return {padded[n : n + 3] for n in range(len(padded) - 2)}
