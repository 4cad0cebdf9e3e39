"""Work units of jobs: planned before their first call, changed by what comes of them, read in pages."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from graph.database import Database, Row, Transaction
from graph.queries import load

ALL_BRANCHES = load("unit.all_branches")
BRANCHES = load("unit.branches")
PENDING = load("unit.pending")
PLAN = load("unit.plan")
PLANNED = load("unit.planned")
RECORD = load("unit.record")
SETTLE = load("unit.settle")
SHORT = load("unit.short")
STRATA = load("unit.strata")
TO_DO = load("unit.to_do")
UNSETTLED = load("unit.unsettled")

PAGE = 500

UnitStep = Literal["subjects", "syllabi", "draw", "instructions"]


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
    usd: float | None = 0.0,
) -> None:
    """Changes a unit and adds to its usage."""
    await tx.run(
        RECORD,
        id=unit_id,
        changes=changes,
        calls=calls,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        usd=usd,
    )


def by_syllabus(units: Iterable[Row]) -> Iterator[list[Row]]:
    """Instruction units of one syllabus after the other, a list for each."""
    for _, group in groupby(units, key=lambda unit: unit["node_id"]):
        yield list(group)


async def to_do(database: Database, job_id: str, branch_id: str) -> AsyncIterator[list[Row]]:
    """The instruction units of a branch that are still to be done, a list for each syllabus, page by page."""
    node = after = ""
    while True:
        page = await database.read(
            TO_DO, job_id=job_id, branch_id=branch_id, node=node, after=after, limit=PAGE
        )
        for units in by_syllabus(row["unit"] for row in page):
            yield units
        if len(page) < PAGE:
            return
        node, after = page[-1]["unit"]["node_id"], page[-1]["unit"]["id"]


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
