"""What past calls used, and what is still missing below a node: the basis of estimates."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from graph.database import Database, Row
from graph.model import Kind
from graph.queries import load

RECENT_JOBS = load("cost.recent_jobs")
UNITS = load("cost.units")
QUESTIONS = load("cost.questions")
ANSWERS = load("cost.answers")
NAMES = load("cost.names")
LISTS = load("cost.lists")
BRANCHES = load("cost.branches")
COMBINATIONS = load("cost.combinations")

CostStep = Literal["taxonomy", "subjects", "syllabi", "questions", "answers"]
# The number of newest jobs to look at, and of samples per job: with more, the means hardly change.
JOBS_LOOKED_AT = 200
SAMPLES_A_JOB = 200


@dataclass(frozen=True)
class PastJob:
    """A job: its spec, and what it really ran with."""

    id: str
    root_id: str
    spec: dict[str, Any]
    resolved: dict[str, Any]
    timings: dict[str, float]
    """Mean seconds per call, by step."""

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the row's texts of JSON."""
        texts = {name: json.loads(row[name] or "{}") for name in ("spec", "resolved", "timings")}
        return cls(id=row["id"], root_id=row["root_id"], **texts)


@dataclass(frozen=True)
class Typical:
    """What one sample of a step took, over all its calls: means, with standard deviations as spreads."""

    samples: int
    calls: float
    prompt_tokens: float
    prompt_spread: float
    completion_tokens: float
    completion_spread: float
    usd: float | None
    """Mean cost of the samples whose price was known; None if there are none."""

    @classmethod
    def from_row(cls, row: Row) -> Self | None:
        """None if there are no samples."""
        return cls(**row) if row["samples"] else None


@dataclass(frozen=True)
class Lists:
    """Averages per discipline: the lists of subjects paid for, and the subjects that it has now."""

    disciplines: int
    lists: float
    subjects: float
    fewest: int
    most: int


@dataclass(frozen=True)
class Branch:
    """A discipline, or the one subject or syllabus that a job grows, and what is still missing in it."""

    id: str
    kind: Kind
    name: str
    description: str
    subjects: int
    without_syllabus: int


@dataclass(frozen=True)
class Combinations:
    """The combinations in the syllabi below a node, each as often as a job may draw it.

    The lists are in the order of the strata asked for.
    """

    syllabi: int
    counted: int
    """Syllabi whose combinations are counted; those of a hand-made one are counted at the first draw."""
    some: list[str]
    """Ids of a few of the syllabi."""
    totals: list[float]
    drawn: list[int]
    crossings: int | None = 0
    """Pairs of syllabi that a job would cross; None if there are too many to be counted."""

    @property
    def whole(self) -> bool:
        """Whether all that can be drawn is counted."""
        return self.counted == self.syllabi and self.crossings is not None


async def recent_jobs(database: Database) -> list[PastJob]:
    """The newest jobs, at most JOBS_LOOKED_AT, newest first."""
    return [PastJob.from_row(row) for row in await database.read(RECENT_JOBS, limit=JOBS_LOOKED_AT)]


async def typical(database: Database, step: CostStep, job_ids: Sequence[str]) -> Typical | None:
    """What a sample of a step took, from at most SAMPLES_A_JOB of each job; None if there are none."""
    params: dict[str, Any] = {"job_ids": list(job_ids), "limit": SAMPLES_A_JOB}
    if step == "questions":
        [row] = await database.read(QUESTIONS, **params)
    elif step == "answers":
        [row] = await database.read(ANSWERS, **params)
    elif step == "taxonomy":
        [row] = await database.read(NAMES, **params)
    else:
        [row] = await database.read(UNITS, step=step, **params)
    return Typical.from_row(row)


async def lists(database: Database, job_ids: Sequence[str]) -> Lists | None:
    """How many lists of subjects these jobs needed, and the subjects they gave; None if there are none."""
    [row] = await database.read(LISTS, job_ids=list(job_ids), limit=SAMPLES_A_JOB)
    return Lists(**row) if row["disciplines"] else None


async def branches(database: Database, node_id: str) -> list[Branch]:
    """The branches that a job on this node would grow side by side, in the order of their ids."""
    rows = await database.read(BRANCHES, id=node_id)
    for row in rows:
        row["kind"] = Kind(row["kind"])
    return [Branch(**row) for row in rows]


async def combinations(
    database: Database, node_id: str, strata: Sequence[str], laps: int = 1
) -> Combinations:
    """The combinations in the syllabi below a node, each `laps` times; totals beyond 2**53 are rounded."""
    rows = await database.read(COMBINATIONS, id=node_id, strata=list(strata), laps=laps)
    if not rows:
        return Combinations(0, 0, [], [0.0] * len(strata), [0] * len(strata))
    [row] = rows
    totals, drawn = [s["total"] for s in row["strata"]], [s["drawn"] for s in row["strata"]]
    return Combinations(row["syllabi"], row["counted"], row["some"], totals, drawn)
