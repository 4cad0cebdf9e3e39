"""How well the rule for near-duplicates does on pairs whose answer is known: recall, and false alarms.

Pairs are shipped, planted in questions by keyed perturbation, or written by people. What is known of a pair
is whether it asks the same (duplicate), asks something else in nearly the same words (variant), or is simply
another question (different).
"""

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from importlib.resources import files
from random import Random
from typing import NamedTuple, TypedDict

from generators.quality.duplicates.near_duplicates import RelationKind, relation
from generators.quality.duplicates.planted_questions import DUPLICATES, LOOKALIKES
from generators.quality.duplicates.prepared import prepare

MOST_FALSE_ALARMS = 0.001
"""Share of different questions that a rule may take for duplicates, at most, by its upper bound."""
CONFIDENCE = 0.95
FLAGGED = (RelationKind.SAME, RelationKind.DUPLICATE)
OTHERS = 4
"""Other questions that each of the graph is paired with."""


class Label(StrEnum):
    """What is known of a pair."""

    duplicate = "duplicate"
    variant = "variant"
    different = "different"


class Asked(NamedTuple):
    """A question, and the names of its concepts."""

    text: str
    concepts: Sequence[str] = ()


class Pair(NamedTuple):
    """Two questions whose relation is known; `kind`: the class that is counted apart."""

    label: Label
    kind: str
    one: Asked
    other: Asked
    source: str


class Count(TypedDict):
    """A class of pairs: how many there were, and how many the rule took for duplicates."""

    source: str
    label: str
    kind: str
    pairs: int
    flagged: int


def shipped() -> Iterator[Pair]:
    """Pairs that come with the rule, written by hand; paraphrases are out of its reach and left out."""
    text = files("generators.quality").joinpath("data", "near_duplicates.tsv").read_text("utf-8")
    for line in text.splitlines():
        label, kind, one, other = (part.replace("⏎", "\n") for part in line.split("\t"))
        if kind != "paraphrase":
            known = Label.duplicate if label == "dup" else Label.variant
            yield Pair(known, kind, Asked(one), Asked(other), "shipped")


def planted(questions: Sequence[Asked], seed: int) -> Iterator[Pair]:
    """Counterparts of each question, one a class where it has something to change; the seed is their key."""
    for plantings, label in ((DUPLICATES, Label.duplicate), (LOOKALIKES, Label.variant)):
        for kind, planting in plantings.items():
            chance = Random(zlib.crc32(kind.encode(), seed))
            for asked in questions:
                text = planting(asked.text, chance)
                if text and text != asked.text:
                    yield Pair(label, kind, asked, Asked(text, asked.concepts), "planted")


def different(questions: Sequence[Asked], seed: int) -> Iterator[Pair]:
    """Questions of the graph paired with others of it, and with themselves about another concept."""
    chance = Random(seed)
    names = sorted({name for asked in questions for name in asked.concepts})
    for n, asked in enumerate(questions):
        for step in chance.sample(range(1, len(questions)), min(OTHERS, len(questions) - 1)):
            yield Pair(
                Label.different, "another question", asked, questions[(n + step) % len(questions)], "graph"
            )
        if (other := _about_another(asked, names, chance)) is not None:
            yield Pair(Label.different, "another concept", asked, other, "graph")


def _about_another(asked: Asked, names: Sequence[str], chance: Random) -> Asked | None:
    own = [name for name in asked.concepts if name in asked.text]
    others = [name for name in names if name not in asked.concepts]
    if not own or not others:
        return None
    name, other = chance.choice(own), chance.choice(others)
    concepts = [other if one == name else one for one in asked.concepts]
    return Asked(asked.text.replace(name, other), concepts)


def counted(pairs: Iterable[Pair]) -> tuple[list[Count], list[Pair]]:
    """What the rule does with each class of pairs, and the pairs that it takes for the other kind."""
    found: dict[tuple[str, str, str], Count] = {}
    wrong: list[Pair] = []
    for pair in pairs:
        key = (pair.source, str(pair.label), pair.kind)
        count = found.setdefault(
            key, {"source": key[0], "label": key[1], "kind": key[2], "pairs": 0, "flagged": 0}
        )
        flagged = _flagged(pair)
        count["pairs"] += 1
        count["flagged"] += flagged
        if flagged != (pair.label is Label.duplicate):
            wrong.append(pair)
    return list(found.values()), wrong


def _flagged(pair: Pair) -> bool:
    later, earlier = prepare(pair.other.text), prepare(pair.one.text)
    return relation(later, earlier, pair.other.concepts, pair.one.concepts).kind in FLAGGED


def upper_bound(hits: int, tries: int, confidence: float = CONFIDENCE) -> float:
    """The share not exceeded with this confidence, one-sided (Clopper and Pearson); 1 without tries."""
    if hits >= tries:
        return 1.0
    if hits == 0:
        return 1 - (1 - confidence) ** (1 / tries)
    low, high = hits / tries, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, tries, middle) > 1 - confidence else (low, middle)
    return high


def _at_most(hits: int, tries: int, share: float) -> float:
    """The probability of at most this many hits."""
    total = 0.0
    for k in range(hits + 1):
        ways = math.lgamma(tries + 1) - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
        total += math.exp(ways + k * math.log(share) + (tries - k) * math.log1p(-share))
    return total
