"""Creates, reads, pauses, resumes and cancels jobs. Ledgers are counted from the graph, never stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from graph.database import Database, Row, Sealed, Transaction, seal_of
from graph.dials import by_dial
from graph.errors import Conflict, NotFound
from graph.jobs import judges, units
from graph.jobs.job import Job, JobState
from graph.pages import Page, decode, page
from graph.queries import load

CREATE = load("job.create")
GET = load("job.get")
LIST = load("job.list")
WANT = load("job.want")
REQUEST = load("job.request")
LEDGER = load("job.ledger")
STEPS = load("job.steps")
REASONS = load("job.reasons")
REQUESTED = load("job.requested")
DIALS = load("job.dials")
BESIDE = load("job.beside")

# The properties that a reader must see in one state. The lease and the worker's reports change every second
# and are read apart; the number requested is read after the ledger.
AGREEING = ("state", "reason", "worker", "started_at", "ended_at", "spec", "resolved", "changes")
# Maximum number of counts of a ledger if instructions change while they are counted.
LOOKS = 5


def _seal(job: Row) -> int:
    return seal_of([job.get(name) for name in AGREEING])


JOBS = Sealed("job", "id", load("job.lock"), load("job.seal"), _seal)


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


async def create(
    database: Database, job_id: str, root_id: str, properties: Row, first: Sequence[units.WorkUnit]
) -> Job:
    """Stores a job and its first units in one transaction, before the first paid call."""

    async def work(tx: Transaction) -> None:
        await tx.run(CREATE, id=job_id, root_id=root_id, properties=properties)
        await units.plan(tx, job_id, first)

    await database.writing(work)
    return await get(database, job_id)


async def exists(database: Database, job_id: str) -> bool:
    """Whether there is a job of that id."""
    return bool(await database.read(GET, id=job_id))


async def beside(database: Database, job_id: str) -> datetime | None:
    """From when on other jobs may have run beside this one; None if none did."""
    rows = await database.read(BESIDE, id=job_id)
    return datetime.fromisoformat(rows[0]["since"]) if rows else None


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
    """Jobs with their ledgers, the newest first; as many queries as for one job."""
    [before] = decode("jobs", cursor, ("~",))
    rows = await database.read(
        LIST, states=states and list(states), spec_key=spec_key, before=before, limit=limit + 1
    )
    shown = page("jobs", rows, limit, lambda row: (row["job"]["id"],))
    return Page(items=await _with_ledgers(database, list(shown.items)), next=shown.next)


async def _with_ledgers(database: Database, rows: list[Row]) -> list[Job]:
    """The jobs of some rows, in their order.

    Each query sees what is committed when it runs. The state is read before the counts, so that a job
    that has ended is shown with its final ones; the number requested, which only grows, is read after them.
    """
    if not rows:
        return []
    rows = await JOBS.whole(database, rows)
    ids = [row["job"]["id"] for row in rows]

    async def counted(tx: Transaction) -> list[Job]:
        ledgers = await _ledgers(tx, ids)
        steps, reasons = _by_job(await tx.run(STEPS, ids=ids)), _by_job(await tx.run(REASONS, ids=ids))
        judged = _by_job(await tx.run(judges.JUDGES, ids=ids))
        requested = {row["id"]: row["requested"] for row in await tx.run(REQUESTED, ids=ids)}
        for row in rows:
            row["job"]["requested"] = requested[row["job"]["id"]]
        return [
            Job.from_row(row, ledgers[id_], steps.get(id_, ()), reasons.get(id_, ()), judged.get(id_, ()))
            for id_, row in zip(ids, rows, strict=True)
        ]

    return await database.reading(counted)


async def _ledgers(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    """The ledgers; counted again if an instruction was seen partly before and partly after a change."""
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
    """Pauses, resumes or cancels a job; raises NotFound, or Conflict if its state does not allow that.

    Repeating a request is not an error: a job already in the wanted state stays in it. `spec` replaces the
    job's, recorded as `change`, unless a worker holds the job.
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


async def dials(database: Database, job_id: str) -> dict[str, dict[str, int]]:
    """Accepted instructions of a job, by dial and value; those that an edit has made stale since included."""
    rows = await database.read(DIALS, id=job_id)
    return by_dial({row["dial"]: row["instructions"] for row in rows})


async def request(tx: Transaction, job_id: str, more: int) -> None:
    """Adds to the number of instructions that a job must make."""
    await tx.run(REQUEST, id=job_id, more=more)
