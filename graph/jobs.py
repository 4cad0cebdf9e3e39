"""Jobs, their leases and their work units. The ledger is counted from the graph, never kept beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, LeaseLost, NotFound
from graph.pages import Page, decode, page
from graph.queries import load

CREATE = load("job.create")
GET = load("job.get")
LIST = load("job.list")
CLAIM = load("job.claim")
RENEW = load("job.renew")
HOLD = load("job.hold")
RELEASE = load("job.release")
WANT = load("job.want")
REQUEST = load("job.request")
LEDGER = load("job.ledger")
STEPS = load("job.steps")
PLAN = load("unit.plan")
PENDING = load("unit.pending")
BRANCHES = load("unit.branches")
ALL_BRANCHES = load("unit.all_branches")
SHORT = load("unit.short")
RECORD = load("unit.record")

UnitStep = Literal["subjects", "syllabi", "draw", "instructions"]


class JobState(StrEnum):
    """Where a job stands; the last five have ended."""

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
        (JobState.planned, JobState.running, JobState.paused, JobState.failed),
        "cancelled",
        JobState.cancelled,
    ),
    "resume": (
        (JobState.planned, JobState.running, JobState.paused, JobState.failed, JobState.exhausted),
        None,
        JobState.planned,
    ),
}


class Ledger(BaseModel):
    """requested = accepted + rejected + failed + asked + pending, always."""

    requested: int = 0
    accepted: int = Field(default=0, description="Those that an edit made stale since among them")
    rejected: int = 0
    failed: int = 0
    asked: int = Field(default=0, description="The question is paid for, the answer not yet there")
    pending: int = 0


class Spent(BaseModel):
    """What a job has used so far; usd is null where a price is not known."""

    calls: int = 0
    tokens: int = 0
    usd: float | None = None


class StepCount(BaseModel):
    """Work units of one step."""

    pending: int = 0
    done: int = 0
    failed: int = 0
    short: int = 0


class Job(BaseModel):
    """A job as the service shows it."""

    id: str
    root_id: str
    state: JobState
    reason: str | None = Field(default=None, description="Why it is in this state, where that needs saying")
    spec: dict[str, Any]
    resolved: dict[str, Any] = Field(default_factory=dict, description="The settings it really runs with")
    ledger: Ledger = Ledger()
    reasons: dict[str, int] = Field(default_factory=dict, description="Why instructions or units failed")
    steps: dict[str, StepCount] = Field(default_factory=dict)
    spent: Spent = Spent()
    worker: str | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def from_row(cls, row: Row, ledger: Sequence[Row] = (), steps: Sequence[Row] = ()) -> Self:
        """From a stored job and what was counted for it."""
        stored = row["job"]
        plain = {name: stored[name] for name in cls.model_fields if name in stored}
        plain |= {name: json.loads(stored.get(name) or "{}") for name in ("spec", "resolved")}
        return cls(
            **plain,
            ledger=_ledger(stored.get("requested") or 0, ledger),
            reasons=_reasons([*ledger, *steps]),
            steps=_steps(steps),
            spent=Spent(
                calls=sum(r["calls"] for r in (*ledger, *steps)),
                tokens=sum(r["tokens"] for r in (*ledger, *steps)),
            ),
        )


def _ledger(requested: int, rows: Sequence[Row]) -> Ledger:
    counts = dict.fromkeys(("accepted", "rejected", "failed", "asked"), 0)
    for row in rows:
        status = "accepted" if row["status"] == "stale" else row["status"]
        counts[status] += row["instructions"]
    return Ledger(requested=requested, pending=requested - sum(counts.values()), **counts)


def _reasons(rows: Sequence[Row]) -> dict[str, int]:
    """Reasons of failures; a stale instruction's reason is an edit and no failure."""
    reasons: dict[str, int] = {}
    for row in rows:
        if row["reason"] and row.get("status", row.get("state")) in ("failed", "rejected"):
            count = row["instructions"] if "instructions" in row else row["units"]
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + count
    return reasons


def _steps(rows: Sequence[Row]) -> dict[str, StepCount]:
    steps: dict[str, StepCount] = {}
    for row in rows:
        count = steps.setdefault(row["step"], StepCount())
        setattr(count, row["state"], getattr(count, row["state"]) + row["units"])
    return steps


@dataclass(frozen=True)
class Hold:
    """Our hold on a job: every write of a worker names it, so that one who lost it writes nothing more."""

    job_id: str
    fence: int


async def create(database: Database, job_id: str, root_id: str, properties: Row, units: Sequence[Row]) -> Job:
    """Stores a job and its first units in one transaction, before anything is paid for."""

    async def work(tx: Transaction) -> None:
        await tx.run(CREATE, id=job_id, root_id=root_id, properties=properties)
        await plan(tx, job_id, units)

    await database.writing(work)
    return await get(database, job_id)


async def get(database: Database, job_id: str) -> Job:
    """One job with its ledger, all of one moment; raises NotFound."""

    async def work(tx: Transaction) -> Job:
        ledger = await tx.run(LEDGER, id=job_id)
        steps = await tx.run(STEPS, id=job_id)
        rows = await tx.run(GET, id=job_id)
        if not rows:
            raise NotFound(f"no job has the id {job_id}")
        return Job.from_row(rows[0], ledger, steps)

    return await database.reading(work)


async def list_jobs(
    database: Database,
    states: Sequence[JobState] | None = None,
    spec_key: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Job]:
    """Jobs with their ledgers, the newest first."""
    [before] = decode(cursor, ("~",))
    rows = await database.read(
        LIST, states=states and list(states), spec_key=spec_key, before=before, limit=limit + 1
    )
    ids = page([row["job"]["id"] for row in rows], limit, lambda id_: (id_,))
    return Page(items=[await get(database, id_) for id_ in ids.items], next=ids.next)


async def claim(
    database: Database, worker: str, lease_s: float, ids: Sequence[str] | None = None
) -> tuple[Hold, Row] | None:
    """The oldest job that waits or whose worker is dead, one of `ids` where given; None: nothing to do."""
    rows = await database.write(CLAIM, ids=ids and list(ids), worker=worker, lease_ms=int(lease_s * 1000))
    if not rows:
        return None
    job = rows[0]["job"]
    return Hold(job["id"], job["fence"]), job


async def renew(database: Database, hold: Hold, lease_s: float) -> str | None:
    """Renews the lease and returns what users want of the job ("paused", "cancelled"); raises LeaseLost."""
    rows = await database.write(RENEW, id=hold.job_id, fence=hold.fence, lease_ms=int(lease_s * 1000))
    return _still_held(hold, rows)[0]["wanted"]


async def release(database: Database, hold: Hold, state: JobState, reason: str | None = None) -> None:
    """Gives the job up in a state; raises LeaseLost."""
    rows = await database.write(RELEASE, id=hold.job_id, fence=hold.fence, state=state, reason=reason)
    _still_held(hold, rows)


async def held(tx: Transaction, hold: Hold) -> None:
    """Makes the rest of the transaction ours alone; raises LeaseLost."""
    _still_held(hold, await tx.run(HOLD, id=hold.job_id, fence=hold.fence))


def _still_held(hold: Hold, rows: list[Row]) -> list[Row]:
    if not rows:
        raise LeaseLost(f"another worker took over job {hold.job_id}")
    return rows


async def act(database: Database, job_id: str, action: Action) -> Job:
    """Pauses, resumes or cancels; raises NotFound, or Conflict where the job's state does not allow it."""
    states, wanted, state = ACTIONS[action]
    rows = await database.write(WANT, id=job_id, wanted=wanted, state=state, **{"from": list(states)})
    if not rows:
        raise NotFound(f"no job has the id {job_id}")
    job = await get(database, job_id)
    if not rows[0]["may"]:
        raise Conflict(f"cannot {action} a job that is {job.state}")
    return job


async def request(tx: Transaction, job_id: str, more: int) -> None:
    """Adds to what the job is asked to make."""
    await tx.run(REQUEST, id=job_id, more=more)


async def plan(tx: Transaction, job_id: str, units: Sequence[Row]) -> None:
    """Stores work units; those that are there already stay as they are."""
    if units:
        await tx.run(PLAN, job_id=job_id, rows=sorted(units, key=lambda unit: unit["id"]))


async def pending(database: Database, job_id: str, branch_id: str, step: UnitStep) -> list[Row]:
    """The units of one step of one branch that are still to be done."""
    rows = await database.read(PENDING, job_id=job_id, branch_id=branch_id, step=step)
    return [row["unit"] for row in rows]


async def branches(database: Database, job_id: str, after: str = "", limit: int = 100) -> list[str]:
    """Ids of the branches with something left to do, from a cursor on."""
    return [row["id"] for row in await database.read(BRANCHES, job_id=job_id, after=after, limit=limit)]


async def all_branches(database: Database, job_id: str) -> list[str]:
    """Ids of all branches of the job."""
    return [row["id"] for row in await database.read(ALL_BRANCHES, job_id=job_id)]


async def short(database: Database, job_id: str) -> list[Row]:
    """The draw units that found fewer combinations than asked for: id, branch_id and what is left."""
    return await database.read(SHORT, job_id=job_id)


async def record(
    tx: Transaction,
    unit_id: str,
    changes: Row,
    *,
    calls: int = 0,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
) -> None:
    """Changes a unit and adds to its usage."""
    await tx.run(
        RECORD,
        id=unit_id,
        changes=changes,
        calls=calls,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
    )
