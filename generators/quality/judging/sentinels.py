"""Sentinels: samples whose verdict is known, by which a judge is judged before its verdicts apply.

Good and bad pairs are shipped, in several fields; others are bad copies of a job's own answers, so that the
judge is also tried on what it really reads.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from graph.reasons import Part

EVERY = 50
"""One more sentinel for this many verdicts, after those before the first one."""

# What a text states, and the same text denied. Only the first that is found is changed.
NEGATED = (
    (re.compile(r"\b(is|are|was|were|can|will|must|does|do|has|have) not\b"), r"\1"),
    (re.compile(r"\b(is|are|was|were|can|will|must)\b(?! not\b)"), r"\1 not"),
)
NUMBER = re.compile(r"(?<![\w.,])\d+(?![\w,]|\.\d)")
FEWEST_WORDS = 12
"""A shorter answer, cut at half, may still be one."""


class Sentinel(NamedTuple):
    """A sample whose verdict is known; `answer` is None where its question is what is judged."""

    good: bool
    question: str
    answer: str | None = None
    concepts: tuple[str, ...] = ()
    kind: str = "shipped"


@cache
def shipped(part: Part, *, good: bool) -> tuple[Sentinel, ...]:
    """The shipped sentinels of a part, in a fixed order."""
    text = files("generators.quality").joinpath("data/sentinels.json").read_text(encoding="utf-8")
    told = "good" if good else "bad"
    found: list[Sentinel] = []
    for pair in json.loads(text):
        if pair["part"] == part == "question":
            found.append(Sentinel(good, pair[told], None, tuple(pair["concepts"])))
        elif pair["part"] == part:
            found.append(Sentinel(good, pair["question"], pair[told]))
    return tuple(found)


class Answered(NamedTuple):
    """An accepted answer of the job, and its question."""

    question: str
    answer: str


def spoilt(number: int, own: Answered, other: Answered | None) -> Sentinel | None:
    """A bad copy of an accepted answer, of another kind for each number; None if it cannot be made.

    `other`: an answer to another question.
    """
    for turn in range(len(KINDS)):
        kind = (number + turn) % len(KINDS)
        name, change = KINDS[kind]
        text = change(own.answer, other.answer if other else None)
        if text is not None and text != own.answer:
            return Sentinel(False, own.question, text, kind=name)
    return None


def _cut(answer: str, _: str | None) -> str | None:
    words = answer.split(" ")
    return " ".join(words[: len(words) // 2]) if len(words) >= FEWEST_WORDS else None


def _of_another(_: str, other: str | None) -> str | None:
    return other


def _other_number(answer: str, _: str | None) -> str | None:
    """With its last whole number changed, which is most often the result."""
    numbers = [*NUMBER.finditer(answer)]
    if not numbers:
        return None
    last = numbers[-1]
    return f"{answer[: last.start()]}{2 * int(last[0]) + 3}{answer[last.end() :]}"


def _denied(answer: str, _: str | None) -> str | None:
    for pattern, instead in NEGATED:
        if pattern.search(answer):
            return pattern.sub(instead, answer, count=1)
    return None


KINDS: tuple[tuple[str, Callable[[str, str | None], str | None]], ...] = (
    ("cut", _cut),
    ("of another question", _of_another),
    ("another number", _other_number),
    ("denied", _denied),
)
