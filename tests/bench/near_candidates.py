"""Candidates as in production: by the ten rarest words, of which a candidate must have a leading one."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
from near_rivals import Rival

from generators.quality.duplicates.near_duplicates import RelationKind, relation
from generators.quality.duplicates.search_words import leading, rarest, shares, shipped_frequencies
from generators.running.comparing.comparison import Asked

FLAGGED = (RelationKind.SAME, RelationKind.DUPLICATE)
BEST = 20
Row = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """Two questions, whether they ask the same, and the class of their difference."""

    kind: str
    duplicate: bool
    a: str
    b: str


class Index:
    """Questions by their words, as the full-text index has them, and how often each word was seen."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(asked):
            for word in one.words:
                postings[word].append(at)
        self.postings = {word: np.array(places, dtype=np.int32) for word, places in postings.items()}
        shipped = shipped_frequencies()
        self.frequency = {
            word: shipped.get(word, 0) + len(postings.get(word, ())) for word in {*shipped, *postings}
        }
        self.scores = np.zeros(len(asked), dtype=np.float32)

    def rarest(self, question: Asked) -> list[str]:
        """The words that are looked for."""
        return rarest(question.words, self.frequency)

    def best(self, rare: Sequence[str], before: int) -> list[int]:
        """The places of the best 20 among the questions before a place.

        They have one of the leading words; their score is that of all rare words.
        """
        lists = {word: self.postings[word] for word in rare if word in self.postings}
        hits = [lists[word] for word in leading(rare) if word in lists]
        if not hits:
            return []
        for places in lists.values():
            self.scores[places] += np.log(1 + len(self.asked) / len(places))
        found = np.unique(np.concatenate(hits))
        scores = self.scores[found]
        for places in lists.values():
            self.scores[places] = 0
        earlier = found < before
        found, scores = found[earlier], scores[earlier]
        if len(found) > BEST:
            top = np.argpartition(-scores, BEST)[:BEST]
            found, scores = found[top], scores[top]
        return [int(place) for place in found[np.argsort(-scores)]]


def found_by_class(questions: list[str], pairs: list[Pair]) -> list[Row]:
    """Of the planted duplicates that the rule flags, the shares whose original is found by rare words.

    It is looked for among all questions, and kept of those that are the same once only.
    """
    places: dict[str, int] = {}
    asked: list[Asked] = []
    for question in questions:
        one = Asked.of("", question, ())
        if places.setdefault(one.prepared.key, len(asked)) == len(asked):
            asked.append(one)
    groups: defaultdict[str, list[tuple[Asked, int]]] = defaultdict(list)
    for pair in pairs:
        later, earlier = Asked.of("", pair.b, ()), Asked.of("", pair.a, ())
        if pair.duplicate and relation(later.prepared, earlier.prepared).kind is RelationKind.DUPLICATE:
            groups[pair.kind].append((later, places[earlier.prepared.key]))
    index = Index(asked)
    return [_found_row(kind, group, index) for kind, group in sorted(groups.items())]


def _found_row(kind: str, group: list[tuple[Asked, int]], index: Index) -> Row:
    among = shared = back = 0
    for later, place in group:
        rare, earlier = index.rarest(later), index.asked[place]
        among += place in index.best(rare, len(index.asked))
        shared += shares(earlier.words, rare)
        back += shares(later.words, index.rarest(earlier))
    return {
        "class": kind,
        "flagged pairs": f"{len(group):,}",
        "among the best 20": f"{among / len(group):.3f}",
        "more than half in common": f"{shared / len(group):.3f}",
        "the original later": f"{back / len(group):.3f}",
    }


def distinct(
    questions: list[tuple[str, tuple[str, ...]]], rivals: Sequence[Rival], faults: bool
) -> list[Row]:
    """The share of distinct templated questions that are flagged, with concepts known and without."""
    started = process_time()
    asked = [Asked.of(str(at), text, concepts) for at, (text, concepts) in enumerate(questions)]
    index = Index(asked)
    flagged = {"glan": 0, "glan without concepts": 0}
    compared = 0
    for at, one in enumerate(asked):
        rare = index.rarest(one)
        others = [asked[place] for place in index.best(rare, at)]
        others = [other for other in others if shares(other.words, rare)]
        compared += len(others)
        said = list(_flagged(one, others, concepts=False))
        flagged["glan without concepts"] += bool(said)
        # Concepts only make more of them variants.
        kept = list(_flagged(one, said, concepts=True))
        flagged["glan"] += bool(kept)
        if faults and said:
            print(json.dumps(["templated", bool(kept), said[0].text, one.text], ensure_ascii=False))
    spent = process_time() - started
    for rival in rivals:
        flagged[rival.name] = rival.flagged(text for text, _ in questions)
    count = len(questions)
    print(f"\n{compared / count:.2f} compared per question, {spent / count * 1e6:.0f} µs of CPU per question")
    return [
        {"rule": name, "texts": f"{count:,}", "flagged": f"{found:,}", "share": f"{found / count:.3%}"}
        for name, found in flagged.items()
    ]


def _flagged(one: Asked, others: Sequence[Asked], concepts: bool) -> Iterator[Asked]:
    for other in others:
        covered = (one.concepts, other.concepts) if concepts else ()
        if relation(one.prepared, other.prepared, *covered).kind in FLAGGED:
            yield other
