"""Jobs and their leases. The ledger is counted from the graph, never kept beside it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from graph.database import Database, Row, Sealed, Transaction, seal_of
from graph.errors import Conflict, NotFound
from graph.jobs import units
from graph.pages import Page, decode, page
from graph.queries import load
from graph.reasons import Reason

CREATE = load("job.create")
GET = load("job.get")
LIST = load("job.list")
WANT = load("job.want")
REQUEST = load("job.request")
LEDGER = load("job.ledger")
STEPS = load("job.steps")
REASONS = load("job.reasons")
REQUESTED = load("job.requested")

# What a reader has to see of one state. The lease and what the worker says of itself change each second, and
# are looked at beside the state; what is requested is read after what was made.
AGREEING = ("state", "reason", "worker", "started_at", "ended_at", "spec", "resolved", "changes")
# How often the ledger is counted again because an instruction was changed while it was read.
LOOKS = 5


def _seal(job: Row) -> int:
    return seal_of([job.get(name) for name in AGREEING])


JOBS = Sealed("job", "id", load("job.lock"), load("job.seal"), _seal)


class JobState(StrEnum):
    """State of a job; the last five are final."""

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


Action = Literal["pause", "resume", "cancel"]
ACTIONS: dict[Action, tuple[tuple[JobState, ...], str | None, JobState]] = {
    "pause": ((JobState.planned, JobState.running), "paused", JobState.paused),
    "cancel": (
        (JobState.planned, JobState.running, JobState.paused, JobState.failed, JobState.over_budget),
        "cancelled",
        JobState.cancelled,
    ),
    "resume": (
        (
            *(JobState.planned, JobState.running, JobState.paused),
            *(JobState.failed, JobState.exhausted, JobState.over_budget),
        ),
        None,
        JobState.planned,
    ),
}


class Ledger(BaseModel):
    """requested = accepted + rejected + failed + asked + pending, always."""

    requested: int = Field(default=0, description="Instructions asked for")
    accepted: int = Field(default=0, description="Includes those that an edit has made stale since")
    rejected: int = Field(default=0, description="Those rejected by the checks")
    failed: int = Field(default=0, description="Those that could not be produced")
    asked: int = Field(default=0, description="The question is paid for, the answer still missing")
    pending: int = Field(default=0, description="Those not started")


class Spent(BaseModel):
    """Usage so far; usd is null if a price is unknown."""

    calls: int = Field(default=0, description="Requests that were paid for")
    tokens: int = Field(default=0, description="Sent and received")
    usd: float | None = Field(default=0.0, description="Null if a price is unknown")


class ReasonCount(BaseModel):
    """How often a reason came up, and one example."""

    count: int = Field(default=0, description="Instructions or work units")
    meaning: str = Field(default="", description="Explanation in one sentence")
    example: str = Field(default="", description="Id of an instruction or work unit")
    text: str | None = Field(default=None, description="The error, or the model's text")


# What a job's units count beside their state, and what it means: nothing is lost by it, and nothing hidden.
WARNINGS = {
    "ungrounded": "names in the data that do not stand in the text it was taken from: dropped",
    "asked_again": "calls for lists and syllabi of which too little could be used at first",
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
    """A job as the service shows it."""

    id: str
    root_id: str = Field(description="Id of the node it grows")
    state: JobState
    reason: str | None = Field(
        default=None, description="Why it is in this state, if that needs an explanation"
    )
    spec: dict[str, Any] = Field(description="The spec as requested")
    resolved: dict[str, Any] = Field(default_factory=dict, description="The settings it really runs with")
    changes: list[str] = Field(
        default_factory=list, description="What changed when it was resumed: models, prompts, budget"
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
    live: Live | None = Field(default=None, description="Null unless it is running")
    worker: str | None = Field(default=None, description="The worker that runs it; null unless it is running")
    created_at: datetime = Field(description="UTC")
    started_at: datetime | None = Field(default=None, description="When a worker took it first")
    ended_at: datetime | None = Field(default=None, description="When it ended")

    @classmethod
    def from_row(cls, row: Row, ledger: Row, steps: Sequence[Row] = (), reasons: Sequence[Row] = ()) -> Self:
        """From a stored job and what was counted for it."""
        stored = row["job"]
        plain = {name: stored[name] for name in cls.model_fields if name in stored}
        plain |= {name: json.loads(stored.get(name) or "{}") for name in ("spec", "resolved")}
        runs = row["held"] and stored["state"] == JobState.running
        plain["live"] = json.loads(stored.get("live") or "null") if runs else None
        by_step = _spent_by_step(ledger, steps)
        return cls(
            **plain,
            ledger=_ledger(stored.get("requested") or 0, ledger),
            reasons=_reasons(reasons),
            warnings=_warnings(steps),
            steps=_steps(steps),
            spent=_sum(by_step.values()),
            spent_by_step=by_step,
        )


def _ledger(requested: int, row: Row) -> Ledger:
    counts = {name: row[name] for name in ("accepted", "rejected", "failed", "asked")}
    return Ledger(requested=requested, pending=requested - sum(counts.values()), **counts)


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
        if row["step"] in ("subjects", "syllabi"):
            usd = None if row["unpriced"] else row["usd"]
            own = Spent(calls=row["calls"], tokens=row["tokens"], usd=usd)
            spent[row["step"]] = _sum((spent.get(row["step"], Spent()), own))
    if ledger["calls"]:
        asked = ledger["question_calls"]
        for step, part, calls in (
            ("questions", "question", asked),
            ("answers", "answer", ledger["calls"] - asked),
        ):
            usd = None if ledger["unpriced"] else ledger[f"{part}_usd"]
            spent[step] = Spent(calls=calls, tokens=ledger[f"{part}_tokens"], usd=usd)
    return spent


def _sum(parts: Iterable[Spent]) -> Spent:
    total = Spent()
    for part in parts:
        usd = None if total.usd is None or part.usd is None else total.usd + part.usd
        total = Spent(calls=total.calls + part.calls, tokens=total.tokens + part.tokens, usd=usd)
    return total


def _warnings(rows: Sequence[Row]) -> dict[str, WarningCount]:
    counts = {name: sum(row[name] for row in rows) for name in WARNINGS}
    return {name: WarningCount(count=n, meaning=WARNINGS[name]) for name, n in counts.items() if n}


def _steps(rows: Sequence[Row]) -> dict[str, StepCount]:
    steps: dict[str, StepCount] = {}
    for row in rows:
        count = steps.setdefault(row["step"], StepCount())
        setattr(count, row["state"], getattr(count, row["state"]) + row["units"])
    return steps


async def create(
    database: Database, job_id: str, root_id: str, properties: Row, first: Sequence[units.WorkUnit]
) -> Job:
    """Stores a job and its first units in one transaction, before anything is paid for."""

    async def work(tx: Transaction) -> None:
        await tx.run(CREATE, id=job_id, root_id=root_id, properties=properties)
        await units.plan(tx, job_id, first)

    await database.writing(work)
    return await get(database, job_id)


async def exists(database: Database, job_id: str) -> bool:
    """Whether there is a job of that id."""
    return bool(await database.read(GET, id=job_id))


async def get(database: Database, job_id: str) -> Job:
    """One job with its ledger; raises NotFound."""
    found = await _with_ledgers(database, await database.read(GET, id=job_id))
    if not found:
        raise NotFound(f"no job has the id {job_id}")
    return found[0]


async def list_jobs(
    database: Database,
    states: Sequence[JobState] | None = None,
    spec_key: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Job]:
    """Jobs with their ledgers, the newest first; no more queries than for one of them."""
    [before] = decode(cursor, ("~",))
    rows = await database.read(
        LIST, states=states and list(states), spec_key=spec_key, before=before, limit=limit + 1
    )
    shown = page(rows, limit, lambda row: (row["job"]["id"],))
    return Page(items=await _with_ledgers(database, list(shown.items)), next=shown.next)


async def _with_ledgers(database: Database, rows: list[Row]) -> list[Job]:
    """The jobs of some rows, in their order.

    The database shows each query what is committed at its moment. The state is read before the counts, so
    that a job that has ended is shown with its last ones; what is requested, which only grows, after them.
    """
    if not rows:
        return []
    rows = await JOBS.whole(database, rows)
    ids = [row["job"]["id"] for row in rows]

    async def counted(tx: Transaction) -> list[Job]:
        ledgers = await _ledgers(tx, ids)
        steps, reasons = _by_job(await tx.run(STEPS, ids=ids)), _by_job(await tx.run(REASONS, ids=ids))
        requested = {row["id"]: row["requested"] for row in await tx.run(REQUESTED, ids=ids)}
        for row in rows:
            row["job"]["requested"] = requested[row["job"]["id"]]
        return [
            Job.from_row(row, ledgers[id_], steps.get(id_, ()), reasons.get(id_, ()))
            for id_, row in zip(ids, rows, strict=True)
        ]

    return await database.reading(counted)


async def _ledgers(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    """The ledgers, in which no instruction is seen half before and half after a change."""
    found: dict[str, Row] = {}
    torn = list(ids)
    for _ in range(LOOKS):
        found |= {row["id"]: row for row in await tx.run(LEDGER, ids=torn)}
        torn = [id_ for id_ in torn if found[id_]["torn"]]
        if not torn:
            break
    return found


def _by_job(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return found


async def act(
    database: Database, job_id: str, action: Action, spec: str | None = None, change: str | None = None
) -> Job:
    """Pauses, resumes or cancels; raises NotFound, or Conflict where the job's state does not allow it.

    A job already in the wanted state stays in it: repeating a request is not an error.

    `spec` replaces the job's, with `change` for its record; not while a worker holds the job.
    """
    states, wanted, state = ACTIONS[action]
    rows = await database.write(
        WANT, id=job_id, wanted=wanted, state=state, spec=spec, change=change, **{"from": list(states)}
    )
    if not rows:
        raise NotFound(f"no job has the id {job_id}")
    job = await get(database, job_id)
    if not rows[0]["may"] and job.state is not state:
        instead = ": pause it first" if spec and job.state in states else ""
        raise Conflict(f"cannot {action} a job that is {job.state}{instead}")
    return job


async def request(tx: Transaction, job_id: str, more: int) -> None:
    """Adds to what the job is asked to make."""
    await tx.run(REQUEST, id=job_id, more=more)
