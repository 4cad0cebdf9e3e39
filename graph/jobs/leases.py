"""Leases: one worker runs a job at a time, and every write of its names its fencing number.

A worker takes a job by compare-and-set, counts the job's fence up and renews the lease while it runs; one
that lost it can write nothing more.
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
    """Our hold on a job: every write of a worker names it, so that one who lost it writes nothing more."""

    job_id: str
    fence: int


async def claim(
    database: Database, worker: str, lease_s: float, ids: Sequence[str] | None = None
) -> tuple[Lease, Row] | None:
    """The oldest job that waits or whose worker is dead, one of `ids` where given; None: nothing to do."""
    rows = await database.write(CLAIM, ids=ids and list(ids), worker=worker, lease_ms=int(lease_s * 1000))
    if not rows:
        return None
    job = rows[0]["job"]
    return Lease(job["id"], job["fence"]), job


async def renew(database: Database, hold: Lease, lease_s: float, live: Live) -> str | None:
    """Renews the lease and returns what users want of the job ("paused", "cancelled"); raises LeaseLost."""
    rows = await database.write(
        RENEW,
        id=hold.job_id,
        fence=hold.fence,
        lease_ms=int(lease_s * 1000),
        live=live.model_dump_json(exclude_defaults=True),
    )
    return _still_held(hold, rows)[0]["wanted"]


async def change(database: Database, hold: Lease, resolved: Row, changes: Sequence[str]) -> None:
    """Records with what the job goes on from now, and what of it is different; raises LeaseLost."""
    rows = await database.write(
        CHANGE, id=hold.job_id, fence=hold.fence, resolved=json.dumps(resolved), changes=list(changes)
    )
    _still_held(hold, rows)


async def release(
    database: Database,
    hold: Lease,
    state: JobState,
    reason: str | None = None,
    timings: dict[str, float] | None = None,
) -> None:
    """Gives the job up in a state; `timings`: mean seconds of a call by step. Raises LeaseLost."""
    rows = await database.write(
        RELEASE,
        id=hold.job_id,
        fence=hold.fence,
        state=state,
        reason=reason,
        timings=json.dumps(timings) if timings else None,
    )
    _still_held(hold, rows)


async def held(tx: Transaction, hold: Lease) -> None:
    """Makes the rest of the transaction ours alone; raises LeaseLost."""
    _still_held(hold, await tx.run(HOLD, id=hold.job_id, fence=hold.fence))


def _still_held(hold: Lease, rows: list[Row]) -> list[Row]:
    if not rows:
        raise LeaseLost(hold.job_id)
    return rows
