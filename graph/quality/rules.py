"""The rules that instructions are checked by: their settings, and how they did on pairs that are known."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self, cast

from pydantic import BaseModel, Field

from graph.database import Database, Row
from graph.errors import NotFound
from graph.model import digest
from graph.pages import Page, decode, page
from graph.quality import evidence
from graph.queries import load

CALIBRATED = load("quality.calibrated")
RULES = load("quality.rules")
GET = load("quality.rule")
SAMPLE = load("quality.sample")


class ClassCount(BaseModel):
    """Pairs of one class."""

    source: str = Field(description="shipped, planted, graph (its own questions) or own (given by a person)")
    label: str = Field(description="duplicate, variant or different")
    kind: str = Field(description="What the pairs differ in")
    pairs: int
    flagged: int = Field(description="Pairs that the rule takes for duplicates")


class Wrong(BaseModel):
    """A pair that the rule takes for the other kind."""

    source: str
    label: str
    kind: str
    one: str
    other: str


class Calibration(BaseModel):
    """How a rule did on pairs whose answer is known."""

    at: datetime = Field(description="UTC")
    by: str = Field(description="The caller")
    seed: int = Field(description="The key by which questions were drawn and changed")
    questions: int = Field(description="Questions of the graph from which pairs were made")
    classes: list[ClassCount]
    recall: float | None = Field(description="Share of the duplicates that were found; null without any")
    different: int = Field(description="Pairs of different questions")
    false_alarms: int = Field(description="Different questions that were taken for duplicates")
    upper: float = Field(
        description="Upper bound of the share of false alarms, one-sided at 95 % (Clopper-Pearson)"
    )
    lookalikes: int = Field(description="Pairs of variants, which differ in little")
    lookalike_alarms: int = Field(description="Variants that were taken for duplicates")
    lookalike_upper: float = Field(description="Upper bound of their share, as above")
    most: float = Field(description="Most false alarms that are allowed, as a share")
    meets: bool = Field(description="Whether the upper bound is no more than that")
    wrong: list[Wrong] = Field(
        default_factory=list[Wrong], description="Some of the pairs that the rule takes for the other kind"
    )


class Rule(BaseModel):
    """A rule that instructions are checked by."""

    id: str = Field(description="Another rule, or the same with other settings, has another id")
    settings: dict[str, Any]
    calibration: Calibration | None = Field(
        default=None, description="How it did when it was last tried; null: it was not"
    )
    created_at: datetime | None = Field(default=None, description="When it was first used")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        told = row.get("calibration")
        return cls(
            id=row["id"],
            settings=json.loads(row.get("settings") or "{}"),
            calibration=Calibration.model_validate_json(told) if told else None,
            created_at=row.get("created_at"),
        )


class Sampled(NamedTuple):
    """A question of the graph, and the names of its concepts."""

    question: str
    concepts: list[str]


def told(settings: Mapping[str, Any]) -> str:
    """The settings of a rule in a line; of lists only how long they are."""
    plain: Row = {
        name.replace("_", " "): len(cast(list[Any], value)) if isinstance(value, list | dict) else value
        for name, value in settings.items()
    }
    return ", ".join(f"{name} {value}" for name, value in plain.items())


async def get(database: Database, id_: str) -> Rule:
    """One rule; raises NotFound."""
    rows = await database.read(GET, id=id_)
    if not rows:
        raise NotFound(f"no rule {id_} was used so far; GET /v1/rules lists those that were")
    return Rule.from_row(rows[0]["rule"])


async def list_rules(database: Database, limit: int = 50, cursor: str | None = None) -> Page[Rule]:
    """A page of rules, in the order of their ids."""
    [after] = decode("rules", cursor, ("",))
    rows = await database.read(RULES, after=after, limit=limit + 1)
    found = page("rules", rows, limit, lambda row: (row["rule"]["id"],))
    return Page(items=[Rule.from_row(row["rule"]) for row in found.items], next=found.next)


async def calibrated(
    database: Database, id_: str, settings: Mapping[str, Any], calibration: Calibration
) -> None:
    """Stores how a rule did, in place of what it did before."""
    await evidence.record_rule(database, id_, settings)
    await database.write(CALIBRATED, id=id_, calibration=calibration.model_dump_json())


async def sample(database: Database, seed: int, limit: int) -> list[Sampled]:
    """Questions of the graph, always the same ones for a seed; all of them if there are no more."""
    start = digest(f"sample {seed}")
    rows = await database.read(SAMPLE, after=start, limit=limit)
    if len(rows) < limit:
        known = {row["id"] for row in rows}
        more = await database.read(SAMPLE, after="", limit=limit)
        rows += [row for row in more if row["id"] not in known][: limit - len(rows)]
    return [Sampled(row["question"], row["concepts"]) for row in rows if row["question"]]
