"""What the figures of docs/benchmarks.md have to reach, and which of them do.

Run: python tests/bench/goals.py. It measures nothing: it reads the tables of the page.
"""

import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
LESS, MORE = "at most", "at least"
HOLDS: dict[str, Callable[[float, float], bool]] = {LESS: operator.le, MORE: operator.ge}

Row = dict[str, str]


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


@dataclass
class _Table:
    columns: list[str]
    rows: list[Row] = field(default_factory=list[Row])


ALL, COLD = "glan, all in the embedded Neo4j", "glan, on a Neo4j that has just started"
GOALS = (
    Goal(
        "generation, warm",
        "Generation",
        {"samples": "1,000", "": ALL},
        "to the bare SDK loop",
        MORE,
        1.3,
        0.1,
    ),
    Goal(
        "generation, cold",
        "Generation",
        {"samples": "1,000", "": COLD},
        "to the bare SDK loop",
        MORE,
        1.0,
        0.2,
    ),
    Goal("CPU of a sample, ms", "Generation", {"samples": "1,000", "": ALL}, "CPU ms a sample", LESS, 0.5),
    Goal(
        "10 % of 429s, seconds added", "429s", {"": "glan", "who has waited": "is let in"}, "added", LESS, 2.0
    ),
    Goal(
        "429s obeyed: sent too early",
        "429s",
        {"": "glan", "who has waited": "is let in"},
        "sent too early",
        LESS,
        0,
    ),
    Goal("kill -9: samples twice", "kill -9", {}, "duplicates", LESS, 0),
    Goal("kill -9: samples lost", "kill -9", {}, "lost", LESS, 0),
    Goal("kill -9: paid again, of 32 in flight", "kill -9", {}, "most at one", LESS, 32, 0),
    Goal(
        "start, seconds",
        "kill -9 of Neo4j",
        {"until the first answer after": "a clean start"},
        "median s",
        LESS,
        5.0,
    ),
    Goal("a command, CPU s", "Commands", {"command": "glan node list --url"}, "CPU s", LESS, 0.7),
    Goal("a command with its service, CPU s", "Commands", {"command": "glan node list"}, "CPU s", LESS, 1.2),
    Goal(
        "plan of ten million, s",
        "Planning",
        {"what": "plan of 10,000,000 over 18,900 syllabi"},
        "seconds",
        LESS,
        60,
    ),
    Goal("pull, to the raw driver", "Pulling", {"way": "service, NDJSON, full"}, "to the driver", MORE, 0.8),
    Goal(
        "instructions stored at 2 M concepts, to the raw driver",
        "The whole taxonomy",
        {"what": "instructions stored as workers do"},
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
    Goal(
        "false alarms for duplicates, %",
        "Near-duplicates",
        {"rule": "glan", "texts": "60,000"},
        "share",
        LESS,
        0.1,
    ),
)


def main() -> None:
    """Prints what is reached; exits with 1 if a goal is missed."""
    found = list(reached(PAGE.read_text("utf-8")))
    print(table(found))
    sys.exit(any(one.verdict == "missed" for one in found))


def reached(page: str, sections: set[str] | None = None) -> Iterator[Reached]:
    """Each goal, or each one of some sections, with its figure on the page."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    for goal in GOALS:
        if sections is None or goal.section in sections:
            yield Reached(goal, _figure(goal, texts.get(goal.section, "")))


def table(found: list[Reached]) -> str:
    """The goals as a Markdown table."""
    lines = ["| figure | goal | measured | |", "| --- | --- | --: | --- |"]
    for one in found:
        figure = "" if one.figure is None else f"{one.figure:,.4g}"
        lines.append(
            f"| {one.goal.what} | {one.goal.bound} {one.goal.value:,.4g} | {figure} | {one.verdict} |"
        )
    return "\n".join(lines)


def _figure(goal: Goal, text: str) -> float | None:
    for found in _tables(text):
        if goal.column in found.columns:
            for row in found.rows:
                if all(row.get(column) == value for column, value in goal.row.items()):
                    number = NUMBER.search(row[goal.column])
                    return float(number[0].replace(",", "")) if number else None
    return None


def _tables(text: str) -> Iterator[_Table]:
    found: _Table | None = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            if found:
                yield found
            found = None
        elif found is None:
            found = _Table(cells)
        elif not set(line) <= set("|-: "):
            found.rows.append(dict(zip(found.columns, cells, strict=True)))
    if found:
        yield found


if __name__ == "__main__":
    main()
