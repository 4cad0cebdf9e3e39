"""What planning asks of a job's work units: what is planned, what waits for its share."""

from collections.abc import Sequence

from graph.database import Database, Row, Transaction
from graph.queries import load

PLANNED = load("unit.planned")
UNSETTLED = load("unit.unsettled")
SETTLE = load("unit.settle")
STRATA = load("unit.strata")


async def planned(database: Database, job_id: str, branch_id: str) -> dict[str, Row]:
    """By syllabus of a branch: `planned` instructions of the job, and those of units still `pending`."""
    rows = await database.read(PLANNED, job_id=job_id, branch_id=branch_id)
    return {row["id"]: row for row in rows}


async def unsettled(database: Database, job_id: str) -> list[Row]:
    """The draw units without a share yet: id and branch_id."""
    return await database.read(UNSETTLED, job_id=job_id)


async def settle(tx: Transaction, shares: Sequence[tuple[str, int]]) -> None:
    """Gives draw units (by id) their shares; those that have one keep it."""
    await tx.run(SETTLE, rows=[{"id": id_, "share": share} for id_, share in shares])


async def strata(reader: Database | Transaction, job_id: str) -> list[Row]:
    """`stratum` (such as single:3) and the `planned` instructions of a job, where there are any."""
    return await reader.rows(STRATA, job_id=job_id)
