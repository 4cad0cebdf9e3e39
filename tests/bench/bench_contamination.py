"""Contamination: glan's index beside the rules of others, on planted forms of real items and on clean texts.

    python tests/bench/bench_contamination.py FOLDER [--items N] [--clean N] [--json] [--write]

FOLDER holds benchmarks as JSONL (.gz allowed) with `question`, one file each; the texts are not part of glan.
The rules of others are written from their descriptions: Tulu 3 (arXiv 2411.15124: 8-grams of tokens, half of
the item's tokens shared), Cosmopedia (10-grams as candidates, then difflib, half of the item matched in one
block), open-r1 (any 8-gram of words), lm-evaluation-harness (any 13-gram of normalised words).

Clean texts: questions made from templates, prose of Python's manual, and all items of each benchmark against
an index of the other ones; a few items of one benchmark do stand in another.
"""

import argparse
import gc
import gzip
import json
import os
import pydoc_data.topics
import random
import re
import string
import sys
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Protocol

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import report

from generators.quality.benchmarks.contamination import Index

WORD = re.compile(r"\w+")
MOST_CANDIDATES = 50
BEFORE = "You are preparing a workshop for second-year students. Read this carefully and keep notes. "
AFTER = " Explain each step in your own words, then suggest one further exercise for a beginner."


class Rule(Protocol):
    """A rule over an index of items."""

    def __init__(self, items: Sequence[str]) -> None: ...

    def flags(self, text: str) -> bool: ...


class Glan:
    def __init__(self, items: Sequence[str]) -> None:
        self.index = Index.build((str(number), text) for number, text in enumerate(items))

    def flags(self, text: str) -> bool:
        return bool(self.index.match(text))


class Ngrams:
    """An inverted index from n-grams of words to items."""

    n = 8

    def __init__(self, items: Sequence[str]) -> None:
        self.items = [self.words(text) for text in items]
        self.found: defaultdict[int, list[int]] = defaultdict(list)
        for number, words in enumerate(self.items):
            for gram in {*self.grams(words)}:
                self.found[gram].append(number)

    def words(self, text: str) -> list[str]:
        return WORD.findall(text.lower())

    def grams(self, words: Sequence[str]) -> Iterable[int]:
        return (hash(tuple(words[at : at + self.n])) for at in range(len(words) - self.n + 1))

    def flags(self, text: str) -> bool:
        return any(gram in self.found for gram in self.grams(self.words(text)))


class Tulu(Ngrams):
    """Half of an item's tokens lie in 8-grams that the text shares; tokens with marks and case."""

    def words(self, text: str) -> list[str]:
        return re.findall(r"\w+|[^\w\s]", text)

    def flags(self, text: str) -> bool:
        shared = {*self.grams(self.words(text))}
        candidates = {number for gram in shared for number in self.found.get(gram, ())}
        return any(self._share(self.items[number], shared) >= 0.5 for number in candidates)

    def _share(self, words: list[str], shared: set[int]) -> float:
        covered: set[int] = set()
        for at, gram in enumerate(self.grams(words)):
            if gram in shared:
                covered.update(range(at, at + self.n))
        return len(covered) / len(words)


class Cosmopedia(Ngrams):
    """A shared 10-gram, and one block of half of the item in the text."""

    n = 10

    def flags(self, text: str) -> bool:
        grams = {*self.grams(self.words(text))}
        candidates = {number for gram in grams for number in self.found.get(gram, ())}
        words = self.words(text)
        for number in sorted(candidates)[:MOST_CANDIDATES]:
            item = self.items[number]
            matcher = SequenceMatcher(None, words, item, autojunk=False)
            block = matcher.find_longest_match(0, len(words), 0, len(item))
            if block.size / len(item) > 0.5:
                return True
        return False


class OpenR1(Ngrams):
    """Any 8-gram of words, marks left out."""

    def words(self, text: str) -> list[str]:
        return text.lower().translate(str.maketrans("", "", string.punctuation)).split()


class Harness(OpenR1):
    """Any 13-gram of words, marks left out."""

    n = 13


RULES: dict[str, type[Rule]] = {
    "glan": Glan,
    "Tulu 3": Tulu,
    "Cosmopedia": Cosmopedia,
    "open-r1, any 8-gram": OpenR1,
    "lm-eval, any 13-gram": Harness,
}


def benchmarks(folder: Path) -> dict[str, list[str]]:
    """The questions of each file, by the file's name."""
    found: dict[str, list[str]] = {}
    for path in sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")]):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            found[path.name.split(".")[0]] = [json.loads(line)["question"] for line in file]
    return found


def reformatted(text: str, rng: random.Random) -> str:
    """Other white space, quotes, a word in bold, a heading, quoted lines."""
    words = text.split()
    at = rng.randrange(len(words))
    words[at] = f"**{words[at]}**"
    lines = textwrap.wrap(" ".join(words).replace('"', "”").replace("'", "’"), rng.choice((40, 60, 80)))
    return "## Task\n\n" + "\n".join(f"> {line}" for line in lines)


def renumbered(text: str, rng: random.Random) -> str:
    """Every number another one."""
    return re.sub(r"\d+", lambda found: str(int(found[0]) + rng.randint(1, 97)), text)


def planted(items: list[str], number: int, rng: random.Random) -> dict[str, list[str]]:
    """Forms of some items."""
    long = [text for text in items if len(WORD.findall(text)) >= 10]
    short = [text for text in items if 4 <= len(WORD.findall(text)) < 10]
    some = rng.sample(items, min(number, len(items)))
    numbers = [text for text in long if re.search(r"\d", text)]
    return {
        "verbatim": some,
        "reformatted": [reformatted(text, rng) for text in some],
        "line-wrapped": ["\n".join(textwrap.wrap(text, 50)) for text in some],
        "embedded": [BEFORE + text + AFTER for text in some],
        "other numbers": [renumbered(t, rng) for t in rng.sample(numbers, min(number, len(numbers)))],
        "under 10 words": rng.sample(short, min(number, len(short))),
    }


TEMPLATES = (
    "What is the primary function of {x} in {y}?",
    "Which of the following best describes {x}?",
    "Which of the following statements about {x} is true?",
    "Explain how {x} affects {y}, and name two limits of the explanation.",
    "A researcher finds that {n} of {m} samples of {x} show {y}. What is the chance that the next one does?",
    "If {x} costs ${n} and {y} costs ${m}, how much does it cost to buy {k} of each?",
    "Find the value of x such that {n}x + {m} = {k}.",
    "What is the difference between {x} and {y}?",
    "Write a Python function that takes a list of {x} and returns those with at least {n} {y}.",
    "Anna has {n} {x}. She gives {m} of them away and buys {k} more. How many {x} does Anna have now?",
    "Statement 1 | Every {x} is a {y}. Statement 2 | No {y} is a {x}.",
    "All of the following are characteristics of {x} EXCEPT",
    "According to the theory of {x}, which of the following would most likely lead to {y}?",
    "Sort the following words alphabetically: List: {x} {y}",
)


def templated(number: int, words: list[str], rng: random.Random) -> list[str]:
    """Distinct questions about random words of the benchmarks themselves."""
    found: dict[str, None] = {}
    while len(found) < number:
        x, y = (" ".join(rng.sample(words, rng.choice((1, 1, 2)))) for _ in range(2))
        n, m, k = (rng.randint(2, 900) for _ in range(3))
        found[rng.choice(TEMPLATES).format(x=x, y=y, n=n, m=m, k=k)] = None
    return [*found]


def prose() -> list[str]:
    """Paragraphs of Python's manual."""
    parts = (part for topic in pydoc_data.topics.topics.values() for part in topic.split("\n\n"))
    return [*dict.fromkeys(part for part in parts if len(WORD.findall(part)) >= 8)]


def flagged(rule: Rule, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if rule.flags(text)]


def resident() -> int:
    """Bytes of memory of this process, after what was let go is given back."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def built(rule: type[Rule], items: Sequence[str]) -> tuple[Rule, float, float]:
    """The rule, seconds of CPU to build it, and MB that it holds."""
    before, started = resident(), time.process_time()
    made = rule(items)
    seconds = time.process_time() - started
    if isinstance(made, Glan):
        return made, seconds, made.index.nbytes / 1e6
    return made, seconds, (resident() - before) / 1e6


def measured(sets: dict[str, list[str]], items: int, clean: int) -> dict[str, dict[str, float]]:
    """Figures per rule: shares of planted forms that are caught, numbers of clean texts flagged."""
    rng = random.Random(15)
    everything = [text for texts in sets.values() for text in texts]
    forms = planted(everything, items, rng)
    words = sorted({word for text in everything for word in re.findall(r"[a-z]{5,}", text)})
    texts = {"templated": templated(clean, words, rng), "prose": prose()}
    found: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        made, seconds, size = built(rule, everything)
        row: dict[str, float] = {form: len(flagged(made, of)) / len(of) for form, of in forms.items()}
        started = time.process_time()
        for kind, of in texts.items():
            row[f"clean: {kind}"] = len(flagged(made, of))
        number = sum(map(len, texts.values()))
        spent = time.process_time() - started
        row["clean: other benchmarks"] = elsewhere(rule, sets)
        found[name] = row | {"µs a clean text": spent / number * 1e6, "s to build": seconds, "MB": size}
        print(name, found[name], file=sys.stderr, flush=True)
        del made
    return found


def elsewhere(rule: type[Rule], sets: dict[str, list[str]]) -> int:
    """How many items a rule flags that was built from the other benchmarks."""
    number = 0
    for one in sets:
        number += len(
            flagged(rule([text for other in sets if other != one for text in sets[other]]), sets[one])
        )
    return number


SHOWN: dict[str, Callable[[float], str]] = defaultdict(
    lambda: lambda value: f"{value:,.0f}", {"s to build": lambda value: f"{value:.1f}"}
)


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures as a table of Markdown."""
    columns = [*next(iter(found.values()))]
    lines = [f"| rule | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in found.items():
        cells = [f"{row[c]:.3f}" if c in FORMS else SHOWN[c](row[c]) for c in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


FORMS = ("verbatim", "reformatted", "line-wrapped", "embedded", "other numbers", "under 10 words")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="benchmarks as JSONL with `question`")
    parser.add_argument("--items", type=int, default=2_000, help="planted items per form")
    parser.add_argument("--clean", type=int, default=10_000, help="templated questions")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    args = parser.parse_args()
    began = time.monotonic()
    sets = benchmarks(args.folder)
    if not sets:
        parser.error(f"{args.folder} holds no .jsonl or .jsonl.gz")
    found = measured(sets, args.items, args.clean)
    print(json.dumps(found, indent=1) if args.json else table(found))
    if args.write:
        command = "python tests/bench/bench_contamination.py FOLDER --write"
        text = f"{report.CONTAMINATION.text}\n\n{table(found)}"
        report.write(report.CONTAMINATION, report.dated(text, began, command))


if __name__ == "__main__":
    main()
