"""Leases: one worker runs a job at a time, and each of its writes carries its fencing number.

A worker claims a job by compare-and-set, which increments the job's fence, and renews the lease while it
runs. A worker that has lost its lease can write nothing more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Database, Row, Transaction
from graph.errors import LeaseLost
from graph.jobs.job import JobState, Live
from graph.queries import load

CLAIM = load("job.claim")
RENEW = load("job.renew")
HOLD = load("job.hold")
RELEASE = load("job.release")
CHANGE = load("job.change")


@dataclass(frozen=True)
class Lease:
    """A worker's hold on a job. All its writes carry it, so after losing it the worker can write nothing."""

    job_id: str
    fence: int


async def claim(
    database: Database, worker: str, lease_s: float, ids: Sequence[str] | None = None
) -> tuple[Lease, Row] | None:
    """Claims the oldest job that waits, or whose worker is dead, among `ids` if given; None if there is none.

    Returns the lease and the job's row.
    """
    rows = await database.write(CLAIM, ids=ids and list(ids), worker=worker, lease_ms=int(lease_s * 1000))
    if not rows:
        return None
    job = rows[0]["job"]
    return Lease(job["id"], job["fence"]), job


async def renew(database: Database, hold: Lease, lease_s: float, live: Live) -> str | None:
    """Renews the lease; returns the state that a user asked for ("paused", "cancelled"). Raises LeaseLost."""
    rows = await database.write(
        RENEW,
        id=hold.job_id,
        fence=hold.fence,
        lease_ms=int(lease_s * 1000),
        live=live.model_dump_json(exclude_defaults=True),
    )
    return _still_held(hold, rows)[0]["wanted"]


async def change(database: Database, hold: Lease, resolved: Row, changes: Sequence[str]) -> None:
    """Records the settings with which the job continues, and what has changed in them; raises LeaseLost."""
    rows = await database.write(
        CHANGE, id=hold.job_id, fence=hold.fence, resolved=json.dumps(resolved), changes=list(changes)
    )
    _still_held(hold, rows)


async def release(
    database: Database,
    hold: Lease,
    state: JobState,
    reason: str | None = None,
    *,
    timings: dict[str, float] | None = None,
    asked: bool = False,
) -> JobState:
    """Gives up the job; returns the state in which it is left. Raises LeaseLost.

    That is `state`, unless users' requests say otherwise: one to pause or cancel that the run had no time to
    see, or, where it stops because it was `asked` to, one to resume since. `timings` are mean seconds per
    call, by step.
    """
    rows = await database.write(
        RELEASE,
        id=hold.job_id,
        fence=hold.fence,
        state=state,
        reason=reason,
        timings=json.dumps(timings) if timings else None,
        asked=asked,
    )
    return JobState(_still_held(hold, rows)[0]["state"])


async def held(tx: Transaction, hold: Lease) -> None:
    """Locks the job for the rest of the transaction; raises LeaseLost if another worker has it."""
    _still_held(hold, await tx.run(HOLD, id=hold.job_id, fence=hold.fence))


def _still_held(hold: Lease, rows: list[Row]) -> list[Row]:
    if not rows:
        raise LeaseLost(hold.job_id)
    return rows
