"""What a text shares with one item of a benchmark, and whether that makes it contaminated.

Words of scripts without spaces are characters: `scale` of them count as one word.
"""

from typing import Final, Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from generators.quality.benchmarks.item_words import Hashes, Words, grouped, masked, ngrams, place_of

RUN: Final = 5
"""Words in a row that count as shared."""
SHORT: Final = 20
"""Items with fewer words must be shared nearly whole, with all their numbers."""
EXACT_SHARE, SHORT_SHARE, TEMPLATE_SHARE = 0.5, 0.8, 0.8
"""The shares of an item that make a text contaminated; of a short one, the share of its weight."""
TEMPLATE_WORDS: Final = 16
"""Words, not counting numbers, that an item needs so that it is the same with other numbers."""
SMALL: Final = 20_000
"""Comparisons up to which comparing each with each is faster than sorting."""
ALONE_SHARE: Final = 2 / 3
"""The part of a text that an item has to be if it says little, such as "What is a virus?"."""

T = TypeVar("T", Hashes, Words)
Kind = Literal["exact", "template", "whole"]


Marks = npt.NDArray[np.bool_]
"""Of each word of an item, whether it is one."""


class ItemWords(NamedTuple):
    """The words of an item, and of each whether it is evidence, and how much: more for rarer ones."""

    words: Words
    telling: Marks
    weights: npt.NDArray[np.float64]
    scale: int
    """Number of words that count as one: more than 1 for characters of scripts without spaces."""
    says_much: bool
    """Whether its whole sequence is evidence within a longer text."""


class Runs(NamedTuple):
    """Words of an item that a text shares; in the text the first and last of them, and the longest run."""

    covered: Marks
    first: int
    last: int
    gram: tuple[int, int]


class Found(NamedTuple):
    """Evidence that a text contains an item: the first and last place, and those of a shared n-gram."""

    kind: Kind
    ratio: float
    first: int
    last: int
    gram: tuple[int, int]


def contained(item: ItemWords, text: Words) -> Found | None:
    """Whether the text contains the whole item word by word, and is little else if the item says little."""
    place = place_of(item.words, text)
    if place < 0 or not _is_evidence(item, text):
        return None
    last = place + len(item.words) - 1
    return Found("whole", 1.0, place, last, (place, last))


def shared(item: ItemWords, text: Words) -> Found | None:
    """Whether the text shares enough with the item, be it with other numbers; by what explains more of it."""
    short = len(item.words) < SHORT * item.scale
    # What is not in the text at all lies in no run: this ends most comparisons at a tenth of their cost.
    if _weight(item, _in(masked(item.words), masked(text))) < (SHORT_SHARE if short else EXACT_SHARE):
        return None
    if short and not (_is_evidence(item, text) and _follow(_numbers(item.words), _numbers(text))):
        return None
    exact = _exact(item, text, short)
    if short or (exact and exact.ratio == 1):
        return exact
    template = _template(item, text)
    return template if template and (not exact or template.ratio > exact.ratio) else exact


def _is_evidence(item: ItemWords, text: Words) -> bool:
    """Whether the item says much, or would be most of the text."""
    return item.says_much or len(item.words) >= ALONE_SHARE * len(text)


def _exact(item: ItemWords, text: Words, short: bool) -> Found | None:
    if (runs := _runs(item.words, text, RUN * item.scale)) is None:
        return None
    covered, first, last, gram = runs
    enough = _weight(item, covered) >= SHORT_SHARE if short else _share(item, covered) >= EXACT_SHARE
    return Found("exact", float(covered.mean()), first, last, gram) if enough else None


def _template(item: ItemWords, text: Words) -> Found | None:
    if len(item.words) - len(_numbers(item.words)) < TEMPLATE_WORDS * item.scale:
        return None
    if (runs := _runs(masked(item.words), masked(text), RUN * item.scale)) is None:
        return None
    covered, first, last, gram = runs
    enough = _share(item, covered) >= TEMPLATE_SHARE
    return Found("template", float(covered.mean()), first, last, gram) if enough else None


def _share(item: ItemWords, covered: Marks) -> float:
    """The share of all words, of those that are evidence, and of their weight, whichever is least."""
    telling = covered[item.telling]
    return min(float(covered.mean()), float(telling.mean()) if len(telling) else 1.0, _weight(item, covered))


def _weight(item: ItemWords, covered: Marks) -> float:
    """The share of the item's weight: a short question without its one rare word is another question."""
    return float(item.weights[covered].sum() / item.weights.sum())


def _runs(item: Words, text: Words, run: int) -> Runs | None:
    """The words of the item in runs that the text has too, all within one part of the text of its size."""
    own, others = ngrams(item, run), ngrams(text, run)
    places = np.flatnonzero(_in(others, own))
    if not len(places):
        return None
    nearby = max(grouped(places, len(item)), key=len)
    hits = _in(own, others[nearby])
    covered = np.zeros(len(item), bool)
    for place in range(run):
        covered[place : place + len(hits)] |= hits
    longest = max(grouped(nearby, 1), key=len)
    gram = (int(longest[0]), int(longest[-1]) + run - 1)
    return Runs(covered, int(nearby[0]), int(nearby[-1]) + run - 1, gram)


def _in(those: T, these: T) -> Marks:
    """Which of `those` are among `these`."""
    if len(those) * len(these) > SMALL:
        return np.isin(those, these)
    return (those[:, None] == these).any(axis=1)


def _numbers(words: Words) -> Words:
    return words[words & 1 == 1]


def _follow(numbers: Words, others: Words) -> bool:
    """Whether all of `numbers` stand among `others` in this order."""
    rest = iter(others.tolist())
    return all(number in rest for number in numbers.tolist())
