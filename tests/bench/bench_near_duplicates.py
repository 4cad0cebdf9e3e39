"""The rule for near-duplicates on planted pairs, on pairs written by hand, and on distinct templated questions.

Run: python tests/bench/bench_near_duplicates.py FOLDER TOPICS [--questions 60000] [--planted 300] [--faults]

FOLDER holds benchmarks/{mmlu,gsm8k,bbh}.jsonl.gz (a question per line), planted-pairs.jsonl (kind, duplicate,
a, b) and, if there are any, *.tsv (dup or diff, class, a, b). TOPICS is OpenAlex's list of topics as JSON. With
--faults, pairs that the rule takes for the other kind are printed.
"""

import argparse
import gzip
import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from near_rivals import RIVALS
from planted_questions import DUPLICATES, LOOKALIKES
from templated_questions import templated

from generators.quality.near_duplicates import Relation, RelationKind, relation
from generators.quality.prepared import Prepared, prepare
from generators.quality.search_words import rarest, words

FLAGGED = (RelationKind.SAME, RelationKind.DUPLICATE)
SUITES = ("gsm8k", "mmlu", "bbh")
BEST = 20
Row = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """Two questions, whether they ask the same, and the class of their difference."""

    kind: str
    duplicate: bool
    a: str
    b: str


def main() -> None:
    options = arguments()
    for title, pairs in (
        ("planted pairs of the folder", planted_file(options.folder)),
        ("pairs written by hand", by_hand(options.folder)),
        ("shipped cases", shipped()),
        ("planted here", planted(options.folder, options.planted)),
    ):
        if pairs:
            show(title, by_class(pairs, options.faults))
    show("time", [time_of(planted_file(options.folder))])
    show("distinct templated questions", distinct(options.questions, options.topics, options.faults))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("topics", type=Path)
    parser.add_argument("--questions", type=int, default=60_000)
    parser.add_argument("--planted", type=int, default=300)
    parser.add_argument("--faults", action="store_true")
    return parser.parse_args()


def planted_file(folder: Path) -> list[Pair]:
    lines = (folder / "planted-pairs.jsonl").read_text("utf-8").splitlines()
    return [Pair(**json.loads(line)) for line in lines]


def by_hand(folder: Path) -> list[Pair]:
    return [pair for file in sorted(folder.glob("*.tsv")) for pair in in_table(file)]


def shipped() -> list[Pair]:
    """The cases of the unit tests."""
    return in_table(Path(__file__).parents[1] / "unit" / "data" / "near_duplicates.tsv")


def in_table(file: Path) -> list[Pair]:
    found: list[Pair] = []
    for line in file.read_text("utf-8").splitlines():
        label, kind, a, b = (part.replace("⏎", "\n") for part in line.split("\t"))
        found.append(Pair(kind, label == "dup", a, b))
    return found


def planted(folder: Path, most: int) -> list[Pair]:
    """So many pairs of each class, made of questions from the benchmarks by `planted_questions`."""
    questions = list(benchmark_questions(folder))
    found: list[Pair] = []
    for plantings, duplicate in ((DUPLICATES, True), (LOOKALIKES, False)):
        for kind, planting in plantings.items():
            chance = Random(zlib.crc32(kind.encode()))
            order = chance.sample(questions, len(questions))
            made = ((q, other) for q in order if (other := planting(q, chance)) and other != q)
            found += [Pair(kind, duplicate, q, other) for q, other in _first(made, most)]
    return found


def _first(pairs: Iterator[tuple[str, str]], most: int) -> Iterator[tuple[str, str]]:
    yield from (pair for pair, _ in zip(pairs, range(most), strict=False))


def benchmark_questions(folder: Path) -> Iterator[str]:
    for suite in SUITES:
        with gzip.open(folder / "benchmarks" / f"{suite}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                question = json.loads(line)["question"].strip()
                if 8 <= len(question.split()) <= 150:
                    yield question


def by_class(pairs: list[Pair], faults: bool) -> list[Row]:
    """The share of flagged pairs by class and rule."""
    groups: defaultdict[tuple[bool, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[not pair.duplicate, pair.kind].append(pair)
    return [_row(kind, looks_alike, group, faults) for (looks_alike, kind), group in sorted(groups.items())]


def _row(kind: str, looks_alike: bool, group: list[Pair], faults: bool) -> Row:
    relations = [relation(prepare(pair.b), prepare(pair.a)) for pair in group]
    flagged = sum(found.kind in FLAGGED for found in relations)
    if faults:
        for pair, found in zip(group, relations, strict=True):
            if (found.kind in FLAGGED) != pair.duplicate:
                print(json.dumps([kind, pair.a, pair.b, found.rule, found.differs], ensure_ascii=False))
    shares = {rival.name: sum(rival.flags(pair.a, pair.b) for pair in group) for rival in RIVALS}
    return {
        "class": kind,
        "must be": "kept" if looks_alike else "flagged",
        "pairs": f"{len(group):,}",
        "glan": f"{flagged / len(group):.3f}",
        **{name: f"{count / len(group):.3f}" for name, count in shares.items()},
    }


def time_of(pairs: list[Pair]) -> Row:
    """Microseconds of CPU for a text and for a pair, the words of the texts known before."""
    texts = [text for pair in pairs for text in (pair.a, pair.b)]
    for text in texts:
        prepare(text)
    started = process_time()
    prepared = [prepare(text) for text in texts]
    between = process_time()
    for later, earlier in zip(prepared[1::2], prepared[::2], strict=True):
        relation(later, earlier)
    ended = process_time()
    return {
        "characters a text": f"{sum(map(len, texts)) / len(texts):.0f}",
        "µs to prepare a text": f"{(between - started) / len(texts) * 1e6:.0f}",
        "µs to compare a pair": f"{(ended - between) / len(pairs) * 1e6:.0f}",
    }


class Candidates:
    """The best matches of ten rarest words among the texts before, by an inverted index."""

    def __init__(self, texts: list[list[str]]) -> None:
        self.texts = texts
        self.postings: defaultdict[str, list[int]] = defaultdict(list)
        for at, found in enumerate(texts):
            for word in found:
                self.postings[word].append(at)
        self.arrays = {word: np.array(places, dtype=np.int32) for word, places in self.postings.items()}
        self.frequency = {word: len(places) for word, places in self.postings.items()}
        self.scores = np.zeros(len(texts), dtype=np.float32)

    def of(self, at: int) -> list[int]:
        rows: list[np.ndarray] = []
        for word in rarest(self.texts[at], self.frequency):
            places = self.arrays[word]
            places = places[: np.searchsorted(places, at)]
            self.scores[places] += np.log(len(self.texts) / self.frequency[word]) + 1
            rows.append(places)
        found = np.unique(np.concatenate(rows)) if rows else np.zeros(0, dtype=np.int32)
        scores = self.scores[found]
        self.scores[found] = 0
        best = np.argsort(-scores)[:BEST]
        return [int(place) for place in found[best]]


def distinct(count: int, topics: Path, faults: bool) -> list[Row]:
    """The share of distinct templated questions that are flagged, with concepts known and without."""
    asked = list(templated(count, topics))
    candidates = Candidates([words(question) for question, _ in asked])
    prepared: list[Prepared] = [prepare(question) for question, _ in asked]
    flagged = {"glan": 0, "glan without concepts": 0}
    for at, (question, concepts) in enumerate(asked):
        found = candidates.of(at)
        with_concepts = _flagged(at, found, prepared, lambda other, own=concepts: (own, asked[other][1]))
        flagged["glan"] += with_concepts is not None
        flagged["glan without concepts"] += _flagged(at, found, prepared, lambda _: ((), ())) is not None
        if faults and with_concepts is not None:
            print(json.dumps(["templated", asked[with_concepts][0], question], ensure_ascii=False))
    for rival in RIVALS:
        flagged[rival.name] = rival.flagged(question for question, _ in asked)
    return [
        {"rule": name, "texts": f"{count:,}", "flagged": f"{found:,}", "share": f"{found / count:.3%}"}
        for name, found in flagged.items()
    ]


def _flagged(at: int, candidates: list[int], prepared: list[Prepared], concepts) -> int | None:
    for other in candidates:
        found: Relation = relation(prepared[at], prepared[other], *concepts(other))
        if found.kind in FLAGGED:
            return other
    return None


def show(title: str, rows: list[Row]) -> None:
    print(f"\n### {title}\n")
    print("| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(row.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
