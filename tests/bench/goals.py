"""What the figures of docs/benchmarks.md have to reach, and which of them do.

Run: python tests/bench/goals.py. It measures nothing: it reads the tables of the page.
"""

import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import page
from bench.page import PAGE, rows_of, sections

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
LESS, MORE = "at most", "at least"
HOLDS: dict[str, Callable[[float, float], bool]] = {LESS: operator.le, MORE: operator.ge}


@dataclass(frozen=True)
class Goal:
    """A figure in the table of a section: its row by some cells, its column, and what it has to reach."""

    what: str
    section: str
    row: Mapping[str, str]
    column: str
    bound: Literal["at most", "at least"]
    value: float
    noise: float = 0.1
    """The share by which the figure differs between runs of the same code."""


@dataclass(frozen=True)
class Reached:
    """A goal and its figure; None if the page has none."""

    goal: Goal
    figure: float | None

    @property
    def verdict(self) -> str:
        """Whether it is reached, as well as that can be told."""
        if self.figure is None:
            return "not measured"
        bound, value = HOLDS[self.goal.bound], self.goal.value
        slack = value * self.goal.noise * (1 if self.goal.bound == LESS else -1)
        if bound(self.figure, value):
            return "reached"
        return "within noise" if bound(self.figure, value + slack) else "missed"


WARM = {"samples": "1,000", "": "glan, all in the embedded Neo4j"}
COLD = {"samples": "1,000", "": "glan, on a Neo4j that has just started"}
LET_IN = {"": "glan", "who has waited": "is let in"}
STARTED = {"until the first answer after": "a clean start"}
TEN_MILLION = {"what": "plan of 10,000,000 over 18,900 syllabi"}
STORED = {"what": "instructions stored as workers do"}
GOALS = (
    Goal("generation, warm", "Generation", WARM, "to the bare SDK loop", MORE, 1.3),
    Goal("generation, cold", "Generation", COLD, "to the bare SDK loop", MORE, 1.0, 0.2),
    Goal("CPU of a sample, ms", "Generation", WARM, "CPU ms a sample", LESS, 0.5),
    Goal("10 % of 429s, seconds added", "429s", LET_IN, "added", LESS, 2.0),
    Goal("429s obeyed: sent too early", "429s", LET_IN, "sent too early", LESS, 0),
    Goal("kill -9: samples twice", "kill -9", {}, "duplicates", LESS, 0),
    Goal("kill -9: samples lost", "kill -9", {}, "lost", LESS, 0),
    Goal("kill -9: paid again, of 32 in flight", "kill -9", {}, "most at one", LESS, 32, 0),
    Goal("start, seconds", "kill -9 of Neo4j", STARTED, "median s", LESS, 5.0),
    Goal("a command, CPU s", "Commands", {"command": "glan node list --url"}, "CPU s", LESS, 0.7),
    Goal("a command with its service, CPU s", "Commands", {"command": "glan node list"}, "CPU s", LESS, 1.2),
    Goal("plan of ten million, s", "Planning", TEN_MILLION, "seconds", LESS, 60),
    Goal("pull, to the raw driver", "Pulling", {"way": "service, NDJSON, full"}, "to the driver", MORE, 0.8),
    Goal(
        "instructions stored at 2 M concepts, to the raw driver",
        "The whole taxonomy",
        STORED,
        "ratio",
        MORE,
        0.8,
    ),
    Goal("vocabulary, to plain items", "Vocabularies", {"what": "load"}, "to plain items", MORE, 1.0),
    Goal("vocabulary, the client's MB", "Vocabularies", {"what": "load"}, "peak MB", LESS, 150),
    Goal(
        "questions checked at 1 M kept ones, per second",
        "Checks in the stream",
        {"kept questions": "1,000,000"},
        "questions/s",
        MORE,
        100,
    ),
    Goal(
        "false alarms of rules for texts, %",
        "Rules for texts",
        {"texts": "a sample of these"},
        "share",
        LESS,
        0.2,
    ),
    Goal("false alarms for duplicates, %", "Near-duplicates", {"rule": "glan"}, "share", LESS, 0.1),
)


def main() -> None:
    """Prints what is reached; exits with 1 if a goal is missed."""
    found = list(reached(PAGE.read_text("utf-8")))
    print(table(found))
    sys.exit(any(one.verdict == "missed" for one in found))


def reached(text: str, titles: set[str] | None = None) -> Iterator[Reached]:
    """Each goal, or each one of some sections, with its figure on the page."""
    texts = sections(text)
    for goal in GOALS:
        if titles is None or goal.section in titles:
            yield Reached(goal, _figure(goal, texts.get(goal.section, "")))


def table(found: list[Reached]) -> str:
    """The goals as a Markdown table."""
    return page.table([_row(one) for one in found])


def _row(one: Reached) -> page.Row:
    goal = f"{one.goal.bound} {one.goal.value:,.4g}"
    measured = "" if one.figure is None else one.figure
    return {"figure": one.goal.what, "goal": goal, "measured": measured, "": one.verdict}


def _figure(goal: Goal, text: str) -> float | None:
    for row in rows_of(text):
        if goal.column in row and row.items() >= goal.row.items():
            number = NUMBER.search(row[goal.column])
            return float(number[0].replace(",", "")) if number else None
    return None


if __name__ == "__main__":
    main()
