"""Replies that were paid for but could not be used, kept so that they can be parsed again."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TypedDict, cast

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, NotFound
from graph.jobs.units import GrowthStep, NamingStep
from graph.queries import load

LOCK = load("reply.lock")
OF_JOB = load("reply.of_job")
KEPT = load("reply.kept")
TOPICS = load("syllabus.topics")
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
    """A kept reply of an instruction: to the request for its question if it has none, else for its answer."""

    unit_id: str
    question: str | None
    concepts: list[str]
    language: str | None
    syllabus_id: str


class KeptUnit(KeptReply):
    """A kept reply of a unit: to the request for its draft if it has none, else for the final form."""

    step: NamingStep | GrowthStep
    branch_id: str
    kind: str | None
    """The kind of what a list of names asks for."""
    draft: str | None


class KeptOfInstruction(TypedDict):
    """An instruction with its kept reply, and the names of what it is about (empty if that is gone)."""

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
    """Locks a job, so that no worker can claim it before the transaction ends; returns its spec (JSON).

    Raises NotFound, or Conflict while a worker holds the job.
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
    """Ids of a job's instructions with a kept reply for one of `reasons`, streamed in pages of `size`.

    An instruction whose reason changes to another of `reasons` during the reading may come twice.
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
    """The instructions that are still failed or rejected, with their kept replies and what they are about."""
    rows = await tx.run(KEPT, ids=sorted(ids))
    syllabi = {row["instruction"]["syllabus_id"] for row in rows}
    topics = {row["id"]: row for row in await tx.run(TOPICS, ids=sorted(syllabi))}
    gone: Row = {"discipline": "", "subject": ""}
    found = [row | topics.get(row["instruction"]["syllabus_id"], gone) for row in rows]
    return cast(list[KeptOfInstruction], found)


async def units_of_job(database: Database, job_id: str, reasons: Sequence[str]) -> list[str]:
    """Ids of a job's failed units (lists and syllabi) with a kept reply for one of `reasons`."""
    return [row["id"] for row in await database.read(UNITS_OF_JOB, job_id=job_id, reasons=list(reasons))]


async def kept_of_unit(tx: Transaction, unit_id: str) -> KeptOfUnit | None:
    """A unit with its kept reply and node; None if it is not failed any more, or the node is not accepted."""
    rows = await tx.run(KEPT_OF_UNIT, id=unit_id)
    return cast(KeptOfUnit, rows[0]) if rows else None


async def lacks_syllabus(tx: Transaction, subject_id: str) -> bool:
    """Whether an accepted subject still has no accepted syllabus."""
    return any(row["id"] == subject_id for row in await tx.run(MISSING, id=subject_id))


async def has_shortfall(tx: Transaction, job_id: str) -> bool:
    """Whether a job asks for more instructions than it found combinations for."""
    return bool(await tx.run(SHORT, job_id=job_id))


async def reopen(tx: Transaction, unit_ids: Sequence[str]) -> None:
    """Makes units pending again; until they end, their instructions are counted one by one."""
    await tx.run(REOPEN, ids=sorted(unit_ids))


async def ended(tx: Transaction, unit_ids: Iterable[str]) -> list[str]:
    """The ids among `unit_ids` whose units have ended."""
    return [row["id"] for row in await tx.run(ENDED, ids=sorted(unit_ids))]


async def pause(tx: Transaction, job_id: str, reason: str) -> None:
    """Makes an ended job paused, so that it can be resumed; a cancelled job stays cancelled."""
    await tx.run(PAUSE, id=job_id, reason=reason)
