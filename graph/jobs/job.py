"""A job as it is shown: its state, its ledger, and what its units and its worker report."""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, Field

from graph.database import Row
from graph.jobs.judges import PARTS, Judge, by_step_of
from graph.jobs.refinement import Refinement
from graph.jobs.spent import Spent, total
from graph.reasons import Reason


class JobState(StrEnum):
    """State of a job; cancelled and done are final, the others below paused can be resumed."""

    planned = "planned"
    running = "running"
    paused = "paused"
    cancelled = "cancelled"
    done = "done"
    exhausted = "exhausted"
    over_budget = "over_budget"
    failed = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen without a request."""
        return self not in (JobState.planned, JobState.running)


class Ledger(BaseModel):
    """requested + again = accepted + rejected + failed + asked + pending, always."""

    requested: int = Field(default=0, description="Instructions asked for")
    accepted: int = Field(
        default=0,
        description="Includes those that an edit has made stale since, and those that a check withdrew",
    )
    rejected: int = Field(default=0, description="Those rejected by the checks")
    failed: int = Field(default=0, description="Those that could not be produced")
    asked: int = Field(default=0, description="The question is paid for, the answer still missing")
    pending: int = Field(default=0, description="Those not started")
    again: int = Field(
        default=0,
        description="Questions asked once more in place of rejected ones; each counts as one instruction",
    )


class ReasonCount(BaseModel):
    """How often a reason came up, and one example."""

    count: int = Field(default=0, description="Instructions or work units")
    meaning: str = Field(default="", description="Explanation in one sentence")
    example: str = Field(default="", description="Id of an instruction or work unit")
    text: str | None = Field(default=None, description="The error, or the model's text")


# Counts of the units besides their state, with their meanings.
WARNINGS = {
    "ungrounded": "names in the data that do not stand in the text it was taken from: dropped",
    "asked_again": "calls for lists and syllabi of which too little could be used at first",
    "known": "proposed names left out: there already, rejected before, or the name of what is above them",
    "by_lines": "lists and syllabi of a very small model read by their lines, for its data did not fit them",
}


class WarningCount(BaseModel):
    """How often a warning came up."""

    count: int = Field(description="Number of names or calls")
    meaning: str = Field(description="Explanation in one sentence")


class StepCount(BaseModel):
    """Work units of one step."""

    pending: int = Field(default=0, description="Not started or not finished")
    done: int = Field(default=0, description="Completed")
    failed: int = Field(default=0, description="Failed")
    short: int = Field(default=0, description="Ended with fewer than planned")


class LiveStep(BaseModel):
    """Calls of one step in the present run."""

    calls: int = Field(default=0, description="Requests that were paid for")
    prompt_tokens: int = Field(default=0, description="Tokens sent")
    completion_tokens: int = Field(default=0, description="Tokens received")
    usd: float | None = Field(default=0.0, description="Null if a price is unknown")
    mean_s: float | None = Field(default=None, description="Mean seconds of a call")


class Live(BaseModel):
    """What the worker is doing, at most a second old; absent when the job is not running."""

    in_flight: int = Field(default=0, description="Calls in flight")
    concurrency: int = Field(default=0, description="Current limit on calls in flight")
    refusals: int = Field(default=0, description="Responses with status 429 so far")
    server_errors: int = Field(default=0, description="Other failures that were retried")
    timeouts: int = Field(default=0, description="Requests that timed out")
    samples_per_s: float = Field(default=0.0, description="Over the last half minute")
    calls_per_s: float = Field(default=0.0, description="Over the last half minute")
    last_error: str | None = Field(default=None, description="The endpoint's last refusal")
    steps: dict[str, LiveStep] = Field(default_factory=dict, description="Calls by step")


class Job(BaseModel):
    """A job with its ledger."""

    id: str
    root_id: str = Field(description="Id of the node it grows")
    state: JobState
    reason: str | None = Field(
        default=None, description="Why it is in this state, if that needs an explanation"
    )
    spec: dict[str, Any] = Field(description="The spec as requested")
    resolved: dict[str, Any] = Field(default_factory=dict, description="The settings it really runs with")
    changes: list[str] = Field(
        default_factory=list,
        description="What changed when it was resumed (models, prompts, budget), and what to know of it",
    )
    ledger: Ledger = Ledger()
    reasons: dict[Reason, ReasonCount] = Field(
        default_factory=dict, description="Why instructions or units were rejected or failed"
    )
    warnings: dict[str, WarningCount] = Field(
        default_factory=dict,
        description="What was dropped or asked for again while subjects and syllabi grew",
    )
    steps: dict[str, StepCount] = Field(default_factory=dict, description="Work units by step")
    spent: Spent = Spent()
    spent_by_step: dict[str, Spent] = Field(default_factory=dict, description="As spent, by step")
    judges: list[Judge] = Field(default_factory=list, description="What judged it, if that was wanted")
    refinement: Refinement | None = Field(
        default=None, description="What refining did for its answers, if that was wanted"
    )
    live: Live | None = Field(default=None, description="Null unless it is running")
    worker: str | None = Field(default=None, description="The worker that runs it; null unless it is running")
    created_at: datetime = Field(description="UTC")
    started_at: datetime | None = Field(default=None, description="When a worker took it first")
    ended_at: datetime | None = Field(default=None, description="When it ended")

    @classmethod
    def from_row(
        cls,
        row: Row,
        ledger: Row,
        steps: Sequence[Row] = (),
        reasons: Sequence[Row] = (),
        judges: Sequence[Row] = (),
    ) -> Self:
        """A stored job with its counts."""
        stored = row["job"]
        plain = {name: stored[name] for name in cls.model_fields if name in stored}
        plain |= {name: json.loads(stored.get(name) or "{}") for name in ("spec", "resolved")}
        runs = row["held"] and stored["state"] == JobState.running
        plain["live"] = json.loads(stored.get("live") or "null") if runs else None
        by_step = _spent_by_step(ledger, steps) | by_step_of(judges)
        return cls(
            **plain,
            ledger=_ledger(stored.get("requested") or 0, ledger),
            reasons=_reasons(reasons),
            warnings=_warnings(steps),
            steps=_steps(steps),
            judges=[Judge.from_row(found) for found in judges if found["part"] in PARTS],
            refinement=Refinement.from_rows(judges),
            spent=total(by_step.values()),
            spent_by_step=by_step,
        )


def _ledger(requested: int, row: Row) -> Ledger:
    counts = {name: row[name] for name in ("accepted", "rejected", "failed", "asked")}
    again = row["again"]
    return Ledger(
        requested=requested, pending=requested + again - sum(counts.values()), again=again, **counts
    )


def _reasons(rows: Sequence[Row]) -> dict[Reason, ReasonCount]:
    reasons: dict[Reason, ReasonCount] = {}
    for row in rows:
        reason = Reason(row["reason"])
        count = reasons.setdefault(
            reason, ReasonCount(meaning=reason.meaning, example=row["example"], text=row["text"])
        )
        count.count += row["count"]
    return reasons


def _spent_by_step(ledger: Row, rows: Sequence[Row]) -> dict[str, Spent]:
    spent: dict[str, Spent] = {}
    for row in rows:
        if row["step"] in ("taxonomy", "subjects", "syllabi", "pairs"):
            usd = None if row["unpriced"] else row["usd"]
            own = Spent(calls=row["calls"], tokens=row["tokens"], usd=usd)
            spent[row["step"]] = total((spent.get(row["step"], Spent()), own))
    if ledger["calls"]:
        asked = ledger["question_calls"]
        for step, part, calls in (
            ("questions", "question", asked),
            ("answers", "answer", ledger["calls"] - asked),
        ):
            usd = None if ledger["unpriced"] else ledger[f"{part}_usd"]
            spent[step] = Spent(calls=calls, tokens=ledger[f"{part}_tokens"], usd=usd)
    return spent


def _warnings(rows: Sequence[Row]) -> dict[str, WarningCount]:
    counts = {name: sum(row[name] for row in rows) for name in WARNINGS}
    return {name: WarningCount(count=n, meaning=WARNINGS[name]) for name, n in counts.items() if n}


def _steps(rows: Sequence[Row]) -> dict[str, StepCount]:
    steps: dict[str, StepCount] = {}
    for row in rows:
        count = steps.setdefault(row["step"], StepCount())
        setattr(count, row["state"], getattr(count, row["state"]) + row["units"])
    return steps
