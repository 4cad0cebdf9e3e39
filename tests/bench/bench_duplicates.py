"""What finding duplicates among the labels of several vocabularies costs, and what it misses.

Run: python tests/bench/bench_duplicates.py FOLDER [--names 50000] [--sample 2000]. FOLDER has SKOS in Turtle,
JSKOS in NDJSON, and CSV or JSON with labels; each file is one vocabulary. Labels beyond those of the files
are made up of their words, as a further vocabulary. Recall is of the pairs that comparing a sample with every
name finds, by the same guards.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph
from rapidfuzz import process
from rapidfuzz.fuzz import ratio

sys.path.insert(0, str(Path(__file__).parents[2]))

from graph.name_keys import name_key
from graph.proposals.letter_pairs import near
from graph.proposals.name_guards import apart
from graph.proposals.similar_names import Entry, Looked, find

PREFERRED = "http://www.w3.org/2004/02/skos/core#prefLabel"
ALTERNATIVE = "http://www.w3.org/2004/02/skos/core#altLabel"
COLUMNS = ("topic", "label", "CIPTitle", "discipline", "name")


def labels(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of a vocabulary, English where there is one, each with its alternative names."""
    if path.suffix == ".ttl":
        yield from _turtle(path)
    elif path.suffix == ".ndjson":
        for line in path.open(encoding="utf-8"):
            said = json.loads(line)
            name = _english(said.get("prefLabel", {}))
            if name:
                others: dict[str, list[str]] = said.get("altLabel", {})
                yield name, tuple(label for found in others.values() for label in found)
    elif path.suffix == ".json":
        for row in json.loads(path.read_text()):
            yield next(row[column] for column in COLUMNS if column in row), ()


def _turtle(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    names: dict[str, dict[str, str]] = {}
    others: dict[str, list[str]] = {}
    for quad in pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE, lenient=True):
        label = quad.object
        if not isinstance(label, pyoxigraph.Literal):
            continue
        if quad.predicate.value == PREFERRED:
            names.setdefault(str(quad.subject), {})[label.language or ""] = label.value
        elif quad.predicate.value == ALTERNATIVE:
            others.setdefault(str(quad.subject), []).append(label.value)
    for subject, found in names.items():
        yield _english(found), tuple(others.get(subject, ()))


def _english(found: dict[str, str]) -> str:
    return found.get("en") or next(iter(found.values()), "")


def entries(folder: Path, number: int) -> list[Entry]:
    """Labels of all vocabularies, and made up ones up to `number`."""
    made: list[Entry] = []
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".ttl", ".ndjson", ".json"))
    bit = 0
    for path in paths:
        known = len(made)
        try:
            for name, others in labels(path):
                made.append(Entry(str(len(made)), "Discipline", name[:1000], 1 << bit, (), others[:100]))
        except (ValueError, SyntaxError, StopIteration, AttributeError, KeyError):
            del made[known:]
        if len(made) - known < 100:
            del made[known:]
            continue
        print(f"{path.name}: {len(made) - known:,} names")
        bit += 1
    generator = random.Random(1)
    words = [word for entry in made for word in entry.name.split()]
    for n in range(len(made), number):
        name = " ".join(generator.choice(words) for _ in range(generator.choice((1, 2, 2, 3, 3, 4))))
        made.append(Entry(str(n), "Discipline", name, 1 << bit))
    return made[:number]


def recall(found: list[Entry], sample: int, threshold: float) -> tuple[int, int, float]:
    """Pairs of a sample of keys found by blocks, those found by comparing it with all, and CPU seconds."""
    masks: dict[str, int] = {}
    for entry in found:
        key = name_key(entry.name)
        masks[key] = masks.get(key, 0) | entry.vocabularies
    pairs = {frozenset((one, other)) for one, other, _ in near(masks, threshold)}
    began = time.process_time()
    expected: set[frozenset[str]] = set()
    for key in random.Random(2).sample(sorted(masks), min(sample, len(masks))):
        for other, _, _ in process.extract(
            key, masks.keys(), scorer=ratio, score_cutoff=threshold, limit=None
        ):
            differ = masks[key] != masks[other] or masks[key].bit_count() > 1
            if other != key and differ and not apart(key, other):
                expected.add(frozenset((key, other)))
    return len(pairs & expected), len(expected), time.process_time() - began


def main() -> None:
    """Prints what each tier costs and finds, and the recall of the fourth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", type=int, default=50_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--threshold", type=float, default=92.0)
    parser.add_argument("--show", type=int, default=0, help="print this many pairs of each tier")
    args = parser.parse_args()
    found = entries(args.folder, args.names)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result: list[Any] = []
    for tier in (1, 2, 3, 4):
        began = time.process_time()
        result = find(found, Looked(tier, args.threshold, across=True))
        print(f"up to tier {tier}: {len(result):,} pairs, {time.process_time() - began:.2f} CPU s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{len(found):,} names: {most} MB at most, {most - before} MB more than before")
    print("pairs by tier:", dict(Counter(one.tier for one in result)))
    for tier in range(1, 5):
        for one in islice((one for one in result if one.tier == tier), args.show):
            print(f"  {one.score:.2f} {' · '.join(one.evidence)}")
    hit, expected, seconds = recall(found, args.sample, args.threshold)
    print(f"recall of comparing {args.sample:,} with all: {hit} of {expected} ({seconds:.1f} CPU s)")


if __name__ == "__main__":
    main()
