"""The rule for near-duplicates on planted pairs, on pairs written by hand, and on distinct questions.

Run: python tests/bench/bench_near_duplicates.py FOLDER TOPICS [--seed 3] [--only planted] [--faults]

FOLDER holds benchmarks/{mmlu,gsm8k,bbh}.jsonl.gz (a question per line), planted-pairs.jsonl (kind,
duplicate, a, b) and, if there are any, *.tsv (dup or diff, class, a, b). TOPICS is OpenAlex's list of topics
as JSON. The rule was tuned on the pairs of seeds 0 and 1. With --faults, pairs that the rule takes for the
other kind are printed; --only names one table, or several. --semhash names the Python of an environment of
its own (near_semhash.py), with which SemHash is compared as well.
"""

import argparse
import gzip
import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from near_candidates import FLAGGED, Pair, Row, distinct, found_by_class
from near_rivals import MINHASHES, Rival, SemHash
from templated_questions import templated

from generators.quality.duplicates.near_duplicates import relation
from generators.quality.duplicates.planted_questions import DUPLICATES, LOOKALIKES
from generators.quality.duplicates.prepared import prepare

SUITES = ("gsm8k", "mmlu", "bbh")
TABLES = ("file", "hand", "shipped", "planted", "others", "found", "time", "distinct")


def main() -> None:
    options = arguments()
    for name, (title, rows) in tables(options).items():
        if name in options.only:
            show(title, rows())


def tables(options: argparse.Namespace) -> dict[str, tuple[str, Callable[[], list[Row]]]]:
    """The title of each table, and what makes its rows."""
    folder, seed, faults = options.folder, options.seed, options.faults
    rivals: list[Rival] = [*MINHASHES, *([SemHash(options.semhash)] if options.semhash else [])]
    asked = cache(lambda: list(benchmark_questions(folder)))
    others = cache(lambda: [question for question, _ in templated(options.questions, options.topics, seed)])
    made = cache(lambda: planted(asked(), options.planted, seed))
    made_of_others = cache(lambda: planted(others(), options.planted, seed))
    return {
        "file": ("planted pairs of the folder", lambda: by_class(planted_file(folder), rivals, faults)),
        "hand": ("pairs written by hand", lambda: by_class(by_hand(folder), rivals, faults)),
        "shipped": ("shipped cases", lambda: by_class(shipped(), rivals, faults)),
        "planted": ("planted here", lambda: by_class(made(), rivals, faults)),
        "others": ("planted in templated questions", lambda: by_class(made_of_others(), rivals, faults)),
        "found": ("found by rare words", lambda: found_by_class(asked(), made())),
        "time": ("time", lambda: [time_of(made())]),
        "distinct": (
            "distinct templated questions",
            lambda: distinct(list(templated(options.questions, options.topics, seed)), rivals, faults),
        ),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("topics", type=Path)
    parser.add_argument("--questions", type=int, default=60_000)
    parser.add_argument("--planted", type=int, default=300)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--semhash", type=Path, help="an interpreter that has semhash")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES)
    return parser.parse_args()


def planted_file(folder: Path) -> list[Pair]:
    lines = (folder / "planted-pairs.jsonl").read_text("utf-8").splitlines()
    return [Pair(**json.loads(line)) for line in lines]


def by_hand(folder: Path) -> list[Pair]:
    return [pair for file in sorted(folder.glob("*.tsv")) for pair in in_table(file)]


def shipped() -> list[Pair]:
    """The cases of the unit tests."""
    return in_table(Path(__file__).parents[2] / "generators" / "quality" / "data" / "near_duplicates.tsv")


def in_table(file: Path) -> list[Pair]:
    found: list[Pair] = []
    for line in file.read_text("utf-8").splitlines():
        label, kind, a, b = (part.replace("⏎", "\n") for part in line.split("\t"))
        found.append(Pair(kind, label == "dup", a, b))
    return found


def planted(questions: list[str], most: int, seed: int) -> list[Pair]:
    """At most this many pairs of each class, made of the questions by `planted_questions`."""
    found: list[Pair] = []
    for plantings, duplicate in ((DUPLICATES, True), (LOOKALIKES, False)):
        for kind, planting in plantings.items():
            chance = Random(zlib.crc32(kind.encode(), seed))
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


def by_class(pairs: list[Pair], rivals: Sequence[Rival], faults: bool) -> list[Row]:
    """The share of flagged pairs by class and rule."""
    said = {rival.name: rival.flags([(pair.a, pair.b) for pair in pairs]) for rival in rivals}
    groups: defaultdict[tuple[bool, str], list[int]] = defaultdict(list)
    for at, pair in enumerate(pairs):
        groups[not pair.duplicate, pair.kind].append(at)
    return [
        _row(kind, looks_alike, [pairs[at] for at in group], faults)
        | {name: f"{sum(flags[at] for at in group) / len(group):.3f}" for name, flags in said.items()}
        for (looks_alike, kind), group in sorted(groups.items())
    ]


def _row(kind: str, looks_alike: bool, group: list[Pair], faults: bool) -> Row:
    relations = [relation(prepare(pair.b), prepare(pair.a)) for pair in group]
    flagged = sum(found.kind in FLAGGED for found in relations)
    if faults:
        for pair, found in zip(group, relations, strict=True):
            if (found.kind in FLAGGED) != pair.duplicate:
                print(json.dumps([kind, pair.a, pair.b, found.rule, found.differs], ensure_ascii=False))
    return {
        "class": kind,
        "must be": "kept" if looks_alike else "flagged",
        "pairs": f"{len(group):,}",
        "glan": f"{flagged / len(group):.3f}",
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


def show(title: str, rows: list[Row]) -> None:
    print(f"\n### {title}\n")
    print("| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(row.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
