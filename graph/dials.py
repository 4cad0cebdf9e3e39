"""Dials of instructions: what they are called, and how their values are stored, shown, counted and filtered.

An instruction has a list of labels, such as ["difficulty=apply", "language=German"], in one property that
Cypher can filter: `'difficulty=apply' IN i.dials`. What the dials mean is the business of the generators.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field

from graph.text import storable_text

DialName = Literal["difficulty", "task", "persona", "language", "format"]
DIALS: tuple[DialName, ...] = get_args(DialName)
LONGEST_LABEL = 400


class DialValues(BaseModel):
    """The value of each dial; null where the job had no such dial."""

    difficulty: str | None = Field(default=None, description="What the question demands (Bloom), as apply")
    task: str | None = Field(default=None, description="What kind of task it is")
    persona: str | None = Field(default=None, description="Whoever asks")
    language: str | None = Field(default=None, description="The language of question and answer")
    format: str | None = Field(default=None, description="The form of the answer")


def label(name: str, value: str) -> str:
    """The label of a value."""
    return f"{name}={value}"


def named(label: str) -> tuple[str, str]:
    """The name and the value of a label."""
    name, _, value = label.partition("=")
    return name, value


def values_of(labels: Iterable[str] | None) -> dict[str, str | None] | None:
    """The values by their dials, as DialValues has them; None without labels."""
    return dict.fromkeys(DIALS) | dict(map(named, labels)) if labels else None


def by_dial(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Counts of labels, by dial and value; without those that are 0."""
    found: dict[str, dict[str, int]] = {}
    for name in DIALS:
        for one in sorted(counts):
            if counts[one] and one.startswith(f"{name}="):
                found.setdefault(name, {})[named(one)[1]] = counts[one]
    return found


def alternatives(labels: Iterable[str]) -> list[list[str]]:
    """Labels by dial: an instruction that is wanted has one of each list."""
    found: dict[str, list[str]] = {}
    for one in labels:
        found.setdefault(named(one)[0], []).append(one)
    return [*found.values()]


def _wanted(text: str) -> str:
    name, value = named(storable_text(text))
    if name not in DIALS or not value:
        raise ValueError(f"write a dial and a value, such as difficulty=apply; dials: {', '.join(DIALS)}")
    return text


DialFilter = Annotated[str, Field(max_length=LONGEST_LABEL), AfterValidator(_wanted)]
"""A label that instructions are filtered by."""
