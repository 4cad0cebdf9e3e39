"""Test runs: what models answered to test questions, and what judges found of two answers.

Answers and verdicts have ids made from all that they depend on, and are stored once, whichever run asked for
them: another run of the same models pays nothing again. A run is a job with a unit for each question, which
says what came of it.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import TypedDict, cast

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, Invalid, NotFound
from graph.jobs import jobs
from graph.jobs.job import Job
from graph.pages import Page, decode, page
from graph.queries import load

ANSWER = load("test.answer")
ANSWERED = load("test.answered")
JUDGED = load("test.judged")
OUTCOMES = load("test.outcomes")
RUN = load("test.run")
RUNS = load("test.runs")
TO_DO = load("test.to_do")
VERDICT = load("test.verdict")

AT_ONCE = 500
"""Questions or outcomes read at once."""


class ToDo(TypedDict):
    """A question that a run has still to do."""

    unit_id: str
    id: str
    question: str
    language: str | None


class StoredAnswer(TypedDict):
    """An answer to a test question, or why there is none."""

    id: str
    text: str | None
    reason: str | None
    detail: str | None


class StoredVerdict(TypedDict):
    """The marks of two answers by place, or why there are none."""

    id: str
    first: int | None
    second: int | None
    why: str | None
    reason: str | None
    detail: str | None


class NewAnswer(TypedDict):
    """An answer to store; `item`: the question's id."""

    id: str
    item: str
    properties: Row


class Came(TypedDict):
    """What came of a question of a run.

    `marks`: those of the model and of its rival in both orders; `lengths`: of their answers, in characters.
    """

    id: str
    state: str
    outcome: str | None
    marks: list[int] | None
    lengths: list[int] | None
    reason: str | None
    discipline: str
    field: str | None


async def to_do(database: Database, job_id: str) -> AsyncGenerator[list[ToDo]]:
    """The questions that a run has still to do, in pages."""
    after = ""
    while found := await database.read(TO_DO, job_id=job_id, after=after, limit=AT_ONCE):
        yield cast(list[ToDo], found)
        after = found[-1]["unit_id"]


async def answered(database: Database, ids: Sequence[str]) -> dict[str, StoredAnswer]:
    """Those of these answers that are there, by their ids."""
    rows = cast(list[StoredAnswer], await database.read(ANSWERED, ids=list(ids)))
    return {row["id"]: row for row in rows}


async def judged(database: Database, ids: Sequence[str]) -> dict[str, StoredVerdict]:
    """Those of these verdicts that are there, by their ids."""
    rows = cast(list[StoredVerdict], await database.read(JUDGED, ids=list(ids)))
    return {row["id"]: row for row in rows}


async def store_answer(tx: Transaction, row: NewAnswer) -> None:
    """Stores an answer; one that is there stays as it is."""
    await tx.run(ANSWER, rows=[row])


async def receive_answers(database: Database, rows: Sequence[NewAnswer]) -> None:
    """Stores answers that were made elsewhere, all or none.

    Raises Invalid for what is not a question of a test set, and Conflict if another answer is there.
    """

    async def work(tx: Transaction) -> None:
        found = {row["id"]: row["same"] for row in await tx.run(ANSWER, rows=list(rows))}
        if unknown := next((row["item"] for row in rows if row["item"] not in found), None):
            raise Invalid(f"no question of a test set has the id {unknown}; glan test export lists them")
        if changed := next((id_ for id_, same in found.items() if not same), None):
            raise Conflict(
                f"another answer to {changed} was sent under this name, and answers never change: "
                "send them under another name"
            )

    await database.writing(work)


async def store_verdict(tx: Transaction, id: str, answers: Sequence[str], properties: Row) -> None:
    """Stores a verdict on two answers, in the order in which the judge read them."""
    await tx.run(VERDICT, id=id, answers=list(answers), properties=properties)


async def create(database: Database, name: str, job_id: str, root_id: str, properties: Row) -> Job:
    """Stores the job of a run; the same id twice gives one."""
    job = await jobs.create(database, job_id, root_id, properties, [])
    await database.write(RUN, name=name, job_id=job_id)
    return job


async def runs(database: Database, name: str, limit: int = 50, cursor: str | None = None) -> Page[Job]:
    """A page of the jobs that ran a test set, newest first."""
    [before] = decode("test_runs", cursor, ("~",))
    rows = page(
        "test_runs",
        await database.read(RUNS, name=name, before=before, limit=limit + 1),
        limit,
        lambda row: (row["id"],),
    )
    return Page(items=[await jobs.get(database, row["id"]) for row in rows.items], next=rows.next)


async def get(database: Database, name: str, job_id: str) -> Job:
    """One run of a test set; raises NotFound."""
    job = await jobs.get(database, job_id)
    run: Row = job.spec.get("test_run") or {}
    if run.get("test") != name:
        raise NotFound(f"the job {job_id} does not run the test set {name}")
    return job


async def outcomes(database: Database, job_id: str) -> AsyncGenerator[list[Came]]:
    """What came of the questions of a run so far, in pages."""
    after = ""
    while found := await database.read(OUTCOMES, job_id=job_id, after=after, limit=AT_ONCE):
        yield cast(list[Came], found)
        after = found[-1]["id"]
