"""The rules for questions and answers on people's texts and on planted flaws.

Run: python tests/bench/bench_text_rules.py FOLDER. In the folder there are benchmarks as `NAME.jsonl` or
`NAME.jsonl.gz` with a `question` in each line, or in `benchmarks/` below it, and files of judged answers
(`judge*.jsonl` with `q`, `good` and `bad`). As a section of `make bench` the folder is GLAN_BENCH_TEXTS;
without one, only what is shipped with the tests is measured.
"""

import argparse
import gzip
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.planted_flaws import ANSWERS, LAST, MORE, QUESTIONS, Plant

from generators.quality.flaws import Case, Rule, examine
from generators.quality.rules import answers, questions

Row = dict[str, Any]
SHIPPED = Path(__file__).parents[1] / "unit" / "data" / "good_answers.jsonl"
# The options that items of multiple choice are stored without.
OPTIONS = "\n(A) the first\n(B) the second\n(C) none of them\n(D) all of them"
CHOICES = {"mmlu"}
SEED, SAMPLE, PLANTED = 7, 1000, 1000


class Seen(NamedTuple):
    """What the rules find in some texts."""

    texts: int
    sure: int
    other: int
    cpu_us: float

    def row(self, what: str) -> Row:
        """A row of the table."""
        return {
            "texts": what,
            "number": self.texts,
            "sure": self.sure,
            "share": f"{100 * self.sure / self.texts:.2f} %",
            "other signs": self.other,
            "CPU us each": round(self.cpu_us),
        }


def seen(rules: Sequence[Rule], cases: Sequence[Case]) -> Seen:
    """The texts with a sure flaw, those with other signs only, and the time it took."""
    began = process_time()
    worst = [examine(rules, case).worst for case in cases]
    took = process_time() - began
    flaws = [flaw for flaw in worst if flaw]
    sure = sum(flaw.sure for flaw in flaws)
    return Seen(len(cases), sure, len(flaws) - sure, 1e6 * took / len(cases))


def of_people(folder: Path | None) -> Iterator[tuple[str, list[str]]]:
    """The questions of each benchmark in a folder, as people see them: multiple choice with options."""
    if folder is None:
        return
    for path in sorted([*folder.glob("**/*.jsonl"), *folder.glob("**/*.jsonl.gz")]):
        name = path.name.partition(".")[0]
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = [json.loads(line) for line in raw.decode().splitlines()]
        if rows and "question" in rows[0]:
            yield name, [row["question"] + (OPTIONS if name in CHOICES else "") for row in rows]


def shipped() -> list[Row]:
    """Good answers in eleven languages, some of which only look flawed."""
    return [json.loads(line) for line in SHIPPED.read_text("utf-8").splitlines()]


def judged(folder: Path | None) -> list[tuple[str, str]]:
    """Questions with good answers: those shipped, and those of a folder."""
    pairs = [(row["question"], row["answer"]) for row in shipped()]
    for path in sorted(folder.glob("judge*.jsonl")) if folder else []:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        pairs += [(row["q"], row["good"]) for row in rows]
    return pairs


def measure(*, quick: bool = False, folder: Path | None = None) -> list[Row]:
    """Rows of false alarms on clean texts, and of planted flaws that are found."""
    place = os.environ.get("GLAN_BENCH_TEXTS")
    folder = folder or (Path(place) if place else None)
    people = dict(of_people(folder))
    every = [question for name in sorted(people) for question in people[name]]
    pairs = judged(folder)
    rows = [_questions(f"{name}, questions", people[name]) for name in sorted(people)]
    if every:
        rows.append(
            _questions("a sample of these", random.Random(SEED).sample(every, min(SAMPLE, len(every))))
        )
    rows.append(seen(answers.RULES, [Case(a, question=q) for q, a in pairs]).row("good answers"))
    number = PLANTED // 10 if quick else PLANTED
    clean = every or [question for question, _ in pairs]
    for name, plant in {**QUESTIONS, **MORE, **LAST}.items():
        rows.append(_planted_questions(name, plant, clean, number))
    # Longer answers, of several sentences, in which a cut can be seen.
    plain = [(row["question"], row["answer"]) for row in shipped() if "looks_flawed" not in row]
    whole = [(q, a) for q, a in plain if a.isascii() and len(a) > 150 and a.endswith(".")]
    for name, plant in ANSWERS.items():
        rows.append(_planted_answers(name, plant, whole, number))
    return rows


def _questions(what: str, texts: Sequence[str]) -> Row:
    return seen(questions.RULES, [Case(text, language="en") for text in texts]).row(what)


def _planted_questions(name: str, plant: Plant, clean: Sequence[str], number: int) -> Row:
    chance = random.Random(SEED)
    short = [text for text in clean if len(text) < 400]
    cases = [Case(plant(chance.choice(short), chance), language="en") for _ in range(number)]
    return seen(questions.RULES, cases).row(f"planted: {name}")


def _planted_answers(name: str, plant: Plant, clean: Sequence[tuple[str, str]], number: int) -> Row:
    chance = random.Random(SEED)
    drawn = [chance.choice(clean) for _ in range(number)]
    cases = [Case(plant(answer, chance), question=question, language="en") for question, answer in drawn]
    return seen(answers.RULES, cases).row(f"planted: {name}")


def main() -> None:
    """Prints the rows for a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    for row in measure(folder=parser.parse_args().folder):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
