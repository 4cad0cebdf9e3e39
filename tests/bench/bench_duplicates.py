"""What finding duplicates among the names of several vocabularies costs, and what it misses.

Run: python tests/bench/bench_duplicates.py [FOLDER] [--names 50000] [--sample 2000] [--show 3] [--quick].
Without a folder the names are made of glan's word list, with pairs planted among nine vocabularies. FOLDER
has SKOS in Turtle, JSKOS in NDJSON, and CSV or JSON with labels; each file is one vocabulary, and labels
beyond those of the files are made up of their words, as a further one. CPU is that of this process; the limit
is RapidFuzz comparing a sample of the names with every name, and all of them as often.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph
from rapidfuzz import process
from rapidfuzz.fuzz import ratio

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from generators.quality.text.word_lists import frequencies
from graph.name_keys import name_key
from graph.proposals.letter_pairs import near
from graph.proposals.name_guards import BETWEEN, SHORTEST, apart
from graph.proposals.similar_names import Entry, Found, Looked, find

PREFERRED = "http://www.w3.org/2004/02/skos/core#prefLabel"
ALTERNATIVE = "http://www.w3.org/2004/02/skos/core#altLabel"
COLUMNS = ("topic", "label", "CIPTitle", "discipline", "name")
NAMES, FEW, SAMPLE = 50_000, 5_000, 2_000
VOCABULARIES = 9
LEAST = 4
DISGUISES = 6
TIERS = {
    2: "the same name but for its spelling",
    3: "and one's name among the other's alternative names",
    4: "and names that differ in a letter or two",
}


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


def of_files(folder: Path, number: int) -> list[Entry]:
    """Labels of all vocabularies, and made up ones up to `number`."""
    found: list[Entry] = []
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".ttl", ".ndjson", ".json"))
    bit = 0
    for path in paths:
        known = len(found)
        try:
            for name, others in labels(path):
                found.append(Entry(str(len(found)), "Discipline", name[:1000], 1 << bit, (), others[:100]))
        except (ValueError, SyntaxError, StopIteration, AttributeError, KeyError):
            del found[known:]
        if len(found) - known < 100:
            del found[known:]
            continue
        print(f"{path.name}: {len(found) - known:,} names")
        bit += 1
    chance = random.Random(1)
    words = [word for entry in found for word in entry.name.split()]
    for n in range(len(found), number):
        found.append(Entry(str(n), "Discipline", _name(chance, words), 1 << bit))
    return found[:number]


def _name(chance: random.Random, words: Sequence[str]) -> str:
    return " ".join(chance.choice(words) for _ in range(chance.choice((1, 2, 2, 3, 3, 4))))


def made(number: int) -> tuple[list[Entry], set[frozenset[str]]]:
    """Names of nine vocabularies, one in ten an earlier one in disguise, and the ids of these pairs."""
    chance = random.Random(1)
    known = {
        word: count
        for word, count in frequencies().items()
        if len(word) >= LEAST and word.isalpha() and word not in BETWEEN
    }
    words = chance.choices([*known], weights=[*known.values()], k=number)
    found: list[Entry] = []
    planted: set[frozenset[str]] = set()
    names = _different(chance, words)
    for n in range(number):
        name, others = next(names), ()
        if n >= number // VOCABULARIES and n % 10 == 0:
            like = chance.choice(found[: number // VOCABULARIES])
            name, others = disguised(like.name, n // 10 % DISGUISES, name, chance)
            planted.add(frozenset((like.id, str(n))))
        found.append(Entry(str(n), "Discipline", name, 1 << n * VOCABULARIES // number, (), others))
    return found, planted


def _different(chance: random.Random, words: Sequence[str]) -> Iterator[str]:
    keys: set[str] = set()
    while True:
        name = _name(chance, words)
        if name_key(name) not in keys:
            keys.add(name_key(name))
            yield name


def disguised(name: str, how: int, other: str, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """A name as another vocabulary may write it, and its alternative names."""
    first, *more = name.split()
    if how == 0 and more:
        return f"{' '.join(more).title()}, {first}", ()
    if how == 1:
        return f"{name}s" if name[-1] not in "hsxyz" else name.upper(), ()
    if how == 2:
        return name.replace("e", "é", 1), ()
    if how == 3:
        return other, (name,)
    long = max(name.split(), key=len)
    if how == 4 and len(long) >= SHORTEST:
        at = chance.randrange(2, len(long))
        return name.replace(long, long[:at] + long[at - 1 :]), ()
    return name.replace(" ", "-"), ()


def recall(
    pairs: set[frozenset[str]], masks: dict[str, int], sample: int, threshold: float
) -> tuple[int, int]:
    """How many pairs of keys of a sample are among `pairs`, and how many comparing it with all finds."""
    expected: set[frozenset[str]] = set()
    for key in random.Random(2).sample(sorted(masks), min(sample, len(masks))):
        for other, _, _ in process.extract(
            key, masks.keys(), scorer=ratio, score_cutoff=threshold, limit=None
        ):
            differ = masks[key] != masks[other] or masks[key].bit_count() > 1
            if other != key and differ and not apart(key, other):
                expected.add(frozenset((key, other)))
    return len(pairs & expected), len(expected)


def rows_of(
    found: list[Entry], planted: set[frozenset[str]], sample: int, threshold: float = 92.0, show: int = 0
) -> list[dict[str, Any]]:
    """The rows of the table: up to each tier, then the limit."""
    masks: dict[str, int] = {}
    for entry in found:
        key = name_key(entry.name)
        masks[key] = masks.get(key, 0) | entry.vocabularies
    pairs = {frozenset((one, other)) for one, other, _ in near(masks, threshold)}
    began = time.process_time()
    hit, expected = recall(pairs, masks, sample, threshold)
    # Each pair of all names is compared once, those of the sample from one side each.
    limit = (time.process_time() - began) * len(masks) / min(sample, len(masks)) / 2
    rows: list[dict[str, Any]] = []
    result: list[Found] = []
    for tier, what in TIERS.items():
        began = time.process_time()
        result = find(found, Looked(tier, threshold, across=True))
        seconds = time.process_time() - began
        rows.append(_row(what, len(result), seconds, limit) | {"planted pairs": _of(result, planted)})
        for one in [one for one in result if one.tier == tier][:show]:
            print(f"tier {tier}, {one.score:.2f}: {' · '.join(one.evidence)}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    near_ones = f"{hit} of {expected}"
    rows[-1] |= {"near pairs of a sample": near_ones, "peak MB": most}
    return [*rows, _row("each name with each, by RapidFuzz", None, limit, limit)]


def _row(what: str, pairs: int | None, seconds: float, limit: float) -> dict[str, Any]:
    return {
        "what": what,
        "pairs": "" if pairs is None else f"{pairs:,}",
        "CPU s": f"{seconds:.1f}",
        "to each with each": f"{seconds / limit:.3f}",
        "planted pairs": "",
        "near pairs of a sample": "",
        "peak MB": "",
    }


def _of(result: Sequence[Found], planted: set[frozenset[str]]) -> str:
    if not planted:
        return ""
    both = planted & {frozenset((one.from_id, one.into_id)) for one in result}
    return f"{len(both):,} of {len(planted):,}"


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The rows of the table for made names."""
    found, planted = made(FEW if quick else NAMES)
    return rows_of(found, planted, SAMPLE // 10 if quick else SAMPLE)


def main() -> None:
    """Measures a folder's names, or made ones."""
    from bench.report import run_alone, table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--names", type=int, default=NAMES)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--threshold", type=float, default=92.0)
    parser.add_argument("--show", type=int, default=0, help="print this many pairs of each tier")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.folder:
        found = of_files(args.folder, args.names)
        print(table(rows_of(found, set(), args.sample, args.threshold, args.show)))
    else:
        run_alone("duplicates")


if __name__ == "__main__":
    main()
