"""What a release pins of what is not in it: what was refused beside its lines, benchmarks, and rules."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, Field

from graph.database import Database, Row
from graph.instructions.pulls import Window
from graph.jobs.judges import Judge
from graph.jobs.refinement import Refinement
from graph.quality import rules
from graph.quality.rules import Rule
from graph.queries import load

BENCHMARKS = load("release.benchmarks")
MOST_RULES = 200


class Refusal(BaseModel):
    """Instructions of the selection that are not in the release, because they are not accepted."""

    status: str = Field(description="rejected, failed, stale, or asked: without an answer yet")
    reason: str | None = Field(description="One of the closed list; the edit, for stale ones")
    count: int


class Benchmark(BaseModel):
    """A benchmark that was loaded when the release was made."""

    name: str
    version: str | None = None
    sha256: str | None = None
    licence: str | None = None
    splits: list[str] = []
    items: int | None = None


class Evidence(BaseModel):
    """What is known of a release beside its lines, as it was when it was made."""

    refused: list[Refusal] = []
    refused_usd: float = 0.0
    refused_unpriced: int = 0
    benchmarks: list[Benchmark] = []
    judges: list[Judge] | None = Field(
        default=None,
        description="Of the jobs that made its lines, with all they have judged; null in older releases",
    )
    refinement: Refinement | None = Field(
        default=None, description="What refining did in these jobs; null where nothing was refined"
    )
    rules: list[Rule] = []


class Refused:
    """Counts instructions that are not accepted, window by window."""

    def __init__(self) -> None:
        self._counts = Counter[tuple[str, str | None]]()
        self._usd = 0.0
        self._unpriced = 0

    def take(self, window: Window) -> None:
        """Takes a window into account."""
        for row in window.rows:
            # The reason of a stale one names the edit, of which there may be any number.
            reason = None if row["status"] == "stale" else row["reason"]
            self._counts[row["status"], reason] += 1
            self._usd += row["cost_usd"] or 0.0
            self._unpriced += bool(row["usage"]["calls"]) and row["cost_usd"] is None

    def evidence(self, benchmarks: list[Benchmark], judges: list[Judge], rules: list[Rule]) -> Evidence:
        """What was counted, the most frequent first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
        refused = [Refusal(status=s, reason=r, count=count) for (s, r), count in ranked]
        return Evidence(
            refused=refused,
            refused_usd=self._usd,
            refused_unpriced=self._unpriced,
            benchmarks=benchmarks,
            judges=judges,
            rules=rules,
        )


async def rules_in_use(database: Database) -> list[Rule]:
    """The rules with their settings and calibration, without the pairs that they get wrong."""
    found = (await rules.list_rules(database, MOST_RULES)).items
    return [
        rule.model_copy(update={"calibration": rule.calibration.model_copy(update={"wrong": []})})
        if rule.calibration
        else rule
        for rule in found
    ]


async def benchmarks(database: Database) -> list[Benchmark]:
    """The benchmarks that are loaded now, by name."""
    rows: list[Row] = [row["benchmark"] for row in await database.read(BENCHMARKS)]
    known = Benchmark.model_fields
    return [Benchmark(**{name: value for name, value in row.items() if name in known}) for row in rows]


async def counted(windows: AsyncIterator[Window], held: Any) -> Refused:
    """What is in the windows; calls `held` after each, so that a builder can show that it is alive."""
    refused = Refused()
    async for window in windows:
        refused.take(window)
        await held()
    return refused
