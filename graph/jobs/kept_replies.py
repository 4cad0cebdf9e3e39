"""Replies that were paid for and kept because they could not be used, for whoever reads them again."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TypedDict, cast

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, NotFound
from graph.jobs.units import GrowthStep
from graph.queries import load

LOCK = load("reply.lock")
OF_JOB = load("reply.of_job")
KEPT = load("reply.kept")
TOPICS = load("reply.topics")
UNITS_OF_JOB = load("reply.units_of_job")
KEPT_OF_UNIT = load("reply.kept_of_unit")
REOPEN = load("reply.reopen")
ENDED = load("reply.ended")
PAUSE = load("reply.pause")
MISSING = load("syllabus.missing")
SHORT = load("unit.short")


class KeptReply(TypedDict):
    """A reply that could not be used, and why."""

    id: str
    reason: str
    raw: str
    finish_reason: str | None


class KeptInstruction(KeptReply):
    """Without a question, the reply was to be one; with a question, it was to be the answer."""

    unit_id: str
    question: str | None
    concepts: list[str]
    language: str | None
    syllabus_id: str


class KeptUnit(KeptReply):
    """Without a draft, the reply was to be one; with a draft, it was to be what is made of it."""

    step: GrowthStep
    branch_id: str
    draft: str | None


class KeptOfInstruction(TypedDict):
    """An instruction with its kept reply, and the names of what it is about, empty where it is gone."""

    instruction: KeptInstruction
    concepts: list[str]
    discipline: str
    subject: str


class KeptOfUnit(TypedDict):
    """A unit with its kept reply, and the node it is for."""

    unit: KeptUnit
    node_id: str
    name: str


async def lock(tx: Transaction, job_id: str) -> str:
    """The spec of a job that no worker can take up before the transaction ends.

    Raises NotFound, and Conflict while a worker holds the job.
    """
    rows = await tx.run(LOCK, id=job_id)
    if not rows:
        raise NotFound(f"no job has the id {job_id}")
    if rows[0]["held"]:
        raise Conflict(f"job {job_id} is being run by a worker; pause it first")
    return rows[0]["spec"]


async def of_job(
    database: Database, job_id: str, reasons: Sequence[str], size: int
) -> AsyncIterator[list[str]]:
    """Ids of a job's instructions with a kept reply, in pages of `size`, in bounded memory.

    One that is changed to another of `reasons` meanwhile may come twice.
    """
    page: list[str] = []
    async for row in database.stream(OF_JOB, job_id=job_id, reasons=list(reasons)):
        page.append(row["id"])
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


async def kept(tx: Transaction, ids: Sequence[str]) -> list[KeptOfInstruction]:
    """Each instruction that is still failed or rejected, with its kept reply and what it is about."""
    rows = await tx.run(KEPT, ids=sorted(ids))
    syllabi = {row["instruction"]["syllabus_id"] for row in rows}
    topics = {row["id"]: row for row in await tx.run(TOPICS, ids=sorted(syllabi))}
    gone: Row = {"discipline": "", "subject": ""}
    found = [row | topics.get(row["instruction"]["syllabus_id"], gone) for row in rows]
    return cast(list[KeptOfInstruction], found)


async def units_of_job(database: Database, job_id: str, reasons: Sequence[str]) -> list[str]:
    """Ids of the failed lists of subjects and syllabi with a kept reply."""
    return [row["id"] for row in await database.read(UNITS_OF_JOB, job_id=job_id, reasons=list(reasons))]


async def kept_of_unit(tx: Transaction, unit_id: str) -> KeptOfUnit | None:
    """A unit that is still failed, with the id and name of its node; None where that is gone."""
    rows = await tx.run(KEPT_OF_UNIT, id=unit_id)
    return cast(KeptOfUnit, rows[0]) if rows else None


async def lacks_syllabus(tx: Transaction, subject_id: str) -> bool:
    """Whether a subject has still no syllabus."""
    return any(row["id"] == subject_id for row in await tx.run(MISSING, id=subject_id))


async def has_shortfall(tx: Transaction, job_id: str) -> bool:
    """Whether a job asks for more instructions than it found combinations for."""
    return bool(await tx.run(SHORT, job_id=job_id))


async def reopen(tx: Transaction, unit_ids: Sequence[str]) -> None:
    """Gives units something to do again; their instructions are counted one by one until they end."""
    await tx.run(REOPEN, ids=sorted(unit_ids))


async def ended(tx: Transaction, unit_ids: Iterable[str]) -> list[str]:
    """Those of some units that have ended."""
    return [row["id"] for row in await tx.run(ENDED, ids=sorted(unit_ids))]


async def pause(tx: Transaction, job_id: str, reason: str) -> None:
    """Leaves a job that has ended paused, so that it can be resumed; one that was cancelled stays so."""
    await tx.run(PAUSE, id=job_id, reason=reason)
