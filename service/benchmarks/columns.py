"""Which columns of a benchmark's rows hold the question, the answer, the split and the task."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graph.errors import Invalid
from graph.text import clean_text
from service.benchmarks.rows import Row

GUESSES = {
    "question": (
        *("question", "prompt", "problem", "instruction", "input", "text", "query", "goal", "sentence"),
        *("ctx", "question_stem", "turns", "messages", "conversations"),
    ),
    "split": ("split",),
    "task": ("task", "subject", "suite", "category"),
}
GIVEN = {"instruction": "input"}
"""Columns whose text is about that of another one, where it has some, as in Alpaca's files."""
LISTS = ("turns",)
"""Columns whose lists of texts are what one person says."""
WHO = {"role": "content", "from": "value"}
"""Of a message: the field that names its speaker, and that with what is said."""
PEOPLE = ("user", "human")
TEXTS = "a list of texts"
LONGEST_TASK = 200
SAYING_WORDS = 8
"""Words that an answer needs to be an item of its own; shorter ones are shared by all kinds of texts."""


@dataclass
class Columns:
    """Names of columns as chosen; empty: none.

    A path leads into objects and lists: question.stem, turns.0.content. A name on a list of objects leads
    into each.
    """

    question: str = ""
    answer: str = ""
    split: str = ""
    task: str = ""
    given: str = ""
    """The column with what the question is about, which follows it."""
    guessed: list[str] = field(default_factory=list[str])
    """What was guessed, such as "question from the column prompt"."""

    def fitted(self, row: Row) -> "Columns":
        """The columns for a file whose first row this is; raises Invalid, naming those that are there."""
        found = Columns(self.question, self.answer, self.split, self.task, self.given)
        for part in ("question", "answer", "split", "task"):
            if chosen := getattr(self, part):
                _require(row, part, chosen)
            elif guess := _guess(row, part):
                setattr(found, part, guess)
                found.guessed.append(f"{part} from the column {guess}")
        if not found.question:
            raise Invalid(f"{_unfit(row)}; name one with --question: {_names(row)}")
        if not self.question and (given := _by_name(row).get(GIVEN.get(found.question.lower(), ""))):
            found.given = given
            found.guessed[0] += f" and, where it has a text, {given}"
        return found

    def items(self, row: Row, number: int, split: str = "", task: str = "") -> Iterator[dict[str, str]]:
        """The items of a row: its questions, and its answers if they say something; none if it is empty.

        `split` and `task` are those of the file, for rows that do not name theirs.
        """
        own = {
            "split": _text(row, self.split, number) or split,
            "task": (_text(row, self.task, number) or task)[:LONGEST_TASK],
        }
        given = _text(row, self.given, number)
        for question in _texts(row, self.question, number):
            yield {"text": f"{question}\n{given}" if given else question, **own}
        for answer in _texts(row, self.answer, number):
            if len(answer.split()) >= SAYING_WORDS:
                yield {"text": answer, **own}


def _by_name(row: Row) -> dict[str, str]:
    return {name.lower(): name for name in row}


def _guess(row: Row, part: str) -> str:
    by_name = _by_name(row)
    names = [by_name[guess] for guess in GUESSES.get(part, ()) if guess in by_name]
    return next((name for name in names if _fits(name, row[name])), "")


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, list):
        return _said(cast(list[Any], value)) is not None or (name.lower() in LISTS and _kind(value) == TEXTS)
    return isinstance(value, str | None)


def _unfit(row: Row) -> str:
    """Why no column of a row is taken for the question."""
    by_name = _by_name(row)
    name = next((by_name[guess] for guess in GUESSES["question"] if guess in by_name), None)
    if name is None:
        return "no column looks like a question"
    return f"the column {name} holds {_kind(row[name])}, not a text"


def _require(row: Row, part: str, path: str) -> None:
    if not _values(row, path):
        raise Invalid(f"there is no column {path!r} (--{part}); there are: {_names(row)}")


def _names(row: Row) -> str:
    return ", ".join(_paths(row)) or "none"


def _paths(row: Row) -> Iterator[str]:
    for name, value in row.items():
        first = next(iter(cast(list[Any], value)), None) if isinstance(value, list) else None
        if isinstance(value, dict):
            yield from (f"{name}.{below}" for below in cast(Row, value))
        elif isinstance(first, dict):
            yield from (f"{name}.0.{below}" for below in cast(Row, first))
        else:
            yield name


def _values(row: Row, path: str) -> list[Any]:
    """What stands in a column: one value, several where a name leads into the objects of a list, or none."""
    return [row[path]] if path in row else _below(row, path.split("."))


def _below(value: Any, names: Sequence[str]) -> list[Any]:
    if not names:
        return [value]
    name, *rest = names
    if isinstance(value, dict):
        return _below(cast(Row, value)[name], rest) if name in value else []
    if not isinstance(value, list):
        return []
    entries = cast(list[Any], value)
    if name.isdecimal():
        return _below(entries[int(name)], rest) if int(name) < len(entries) else []
    return [found for entry in entries for found in _below(entry, names)]


def _text(row: Row, path: str, number: int) -> str:
    """The text in a column; empty if the row has none."""
    return "\n".join(_texts(row, path, number))


def _texts(row: Row, path: str, number: int) -> list[str]:
    """The texts in a column that are not empty."""
    found = (_text_of(value, path, number) for value in (_values(row, path) if path else ()))
    return [text for text in found if text]


def _text_of(value: Any, path: str, number: int) -> str:
    value = _flat(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return clean_text(value).strip()
    if isinstance(value, int | float):
        return str(value)
    raise Invalid(
        f"row {number}: the column {path} holds {_kind(value)}, not a text; name a column that holds one, or "
        "a part of an object or list, such as question.stem or turns.0"
    )


def _flat(value: Any) -> Any:
    """The text of a list: what people say in its messages, or its texts; other values as they are."""
    if not isinstance(value, list):
        return value
    entries = cast(list[Any], value)
    if _kind(entries) == TEXTS:
        return "\n".join(entries)
    said = _said(entries)
    return (entries or None) if said is None else said


def _said(entries: list[Any]) -> str | None:
    """What people say in a list of messages; None if it is none."""
    for who, what in WHO.items():
        messages = [cast(Row, one) for one in entries if isinstance(one, dict) and who in one]
        if entries and len(messages) == len(entries):
            told = [one.get(what) for one in messages if one[who] in PEOPLE]
            return "\n".join(text for text in told if isinstance(text, str))
    return None


def _kind(value: Any) -> str:
    """What a value is called in an error."""
    if isinstance(value, list):
        entries = cast(list[Any], value)
        return TEXTS if entries and all(isinstance(one, str) for one in entries) else "a list"
    kinds = {"an object": Mapping, "a text": str, "bytes": bytes, "a number": int | float}
    return next((name for name, kind in kinds.items() if isinstance(value, kind)), type(value).__name__)
