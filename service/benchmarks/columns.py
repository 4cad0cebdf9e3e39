"""Which columns of a benchmark's rows hold the question, the answer, the split and the task."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from graph.errors import Invalid
from graph.text import clean_text
from service.benchmarks.rows import Row

GUESSES = {
    "question": (
        *("question", "prompt", "problem", "instruction", "input", "text", "query", "goal", "sentence"),
        *("ctx", "question_stem"),
    ),
    "split": ("split",),
    "task": ("task", "subject", "suite", "category"),
}
LONGEST_TASK = 200
SAYING_WORDS = 8
"""Words that an answer needs to be an item of its own; shorter ones are shared by all kinds of texts."""


@dataclass
class Columns:
    """Names of columns as chosen; a path such as question.stem leads into objects. Empty: none."""

    question: str = ""
    answer: str = ""
    split: str = ""
    task: str = ""
    guessed: list[str] = field(default_factory=list[str])
    """What was guessed, such as "question from the column prompt"."""

    def fitted(self, row: Row) -> "Columns":
        """The columns for a file whose first row this is; raises Invalid, naming those that are there."""
        found = Columns(self.question, self.answer, self.split, self.task)
        for part in ("question", "answer", "split", "task"):
            if chosen := getattr(self, part):
                _require(row, part, chosen)
            elif guess := _guess(row, part):
                setattr(found, part, guess)
                found.guessed.append(f"{part} from the column {guess}")
        if not found.question:
            raise Invalid(f"no column looks like a question; name one with --question: {_names(row)}")
        return found

    def items(self, row: Row, number: int, split: str = "", task: str = "") -> Iterator[dict[str, str]]:
        """The items of a row: its question, and its answer if that says something; none if it is empty.

        `split` and `task` are those of the file, for rows that do not name theirs.
        """
        own = {
            "split": _text(row, self.split, number) or split,
            "task": (_text(row, self.task, number) or task)[:LONGEST_TASK],
        }
        if question := _text(row, self.question, number):
            yield {"text": question, **own}
        answer = _text(row, self.answer, number)
        if len(answer.split()) >= SAYING_WORDS:
            yield {"text": answer, **own}


def _guess(row: Row, part: str) -> str:
    by_name = {name.lower(): name for name in row}
    names = [by_name[guess] for guess in GUESSES.get(part, ()) if guess in by_name]
    return next((name for name in names if isinstance(row[name], str | None)), "")


def _require(row: Row, part: str, path: str) -> None:
    if _value(row, path) is _MISSING:
        raise Invalid(f"there is no column {path!r} (--{part}); there are: {_names(row)}")


def _names(row: Row) -> str:
    return ", ".join(_paths(row)) or "none"


def _paths(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from (f"{name}.{below}" for below in cast(Row, value))
        else:
            yield name


_MISSING = object()


def _value(row: Row, path: str) -> Any:
    found: Any = row
    if path in row:
        return row[path]
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            return _MISSING
        found = cast(Row, found)[name]
    return found


def _text(row: Row, path: str, number: int) -> str:
    """The text in a column; empty if the row has none."""
    value = _value(row, path) if path else None
    if value is None or value is _MISSING:
        return ""
    if isinstance(value, str):
        return clean_text(value).strip()
    if isinstance(value, int | float):
        return str(value)
    kind = "an object" if isinstance(value, dict) else "a list"
    raise Invalid(
        f"row {number}: the column {path} holds {kind}, not a text; name a column that holds one, or a part "
        "of an object, such as question.stem"
    )
