"""Test sets: questions that models are measured with, and that training never gets (GLAN, section 3.5).

A test set is made by a job, whose id is its own. Its questions are instructions with the status `held`: they
went through all that a question of the data goes through, and are in no coverage, pull or release, because
these take what is accepted.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Self, TypedDict, cast

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, NotFound
from graph.model import new_id
from graph.pages import Page, decode, page
from graph.quality import benchmarks
from graph.queries import load

ANY = load("test.any")
BRANCHES = load("test.branches")
COMPLETE = load("test.complete")
CREATE = load("test.create")
GET = load("test.get")
GIVE_UP = load("test.give_up")
HOLD = load("test.hold")
ITEMS = load("test.items")
LIST = load("test.list")
REMOVE = load("test.remove")
SESSIONS = load("test.sessions")

AT_ONCE = 500
"""Questions read at once."""


class OfDiscipline(BaseModel):
    """The questions of a test set in one discipline."""

    id: str = Field(description="Id of the discipline")
    name: str
    items: int = Field(description="Questions so far")


class GlanTest(BaseModel):
    """A test set: questions from held-out combinations of concepts, or from held-out class sessions."""

    id: str = Field(description="Id of the job that makes it, too")
    name: str = Field(description="Unique; once complete, its questions are a benchmark of this name")
    node_id: str = Field(description="The node below which its questions are drawn")
    state: Literal["making", "complete", "removed"] = Field(description="Only a complete one is run")
    per_discipline: int = Field(description="Questions wanted in each discipline")
    hold: Literal["combinations", "sessions"] = Field(description="What training never gets")
    answers: bool = Field(description="Whether its questions get reference answers")
    items: int = Field(description="Questions so far")
    sessions: int = Field(description="Class sessions that are held out for it")
    disciplines: list[OfDiscipline] = Field(description="Questions so far, by discipline")
    created_at: datetime = Field(description="UTC")
    created_by: str = Field(description="The caller, such as rest or the name of a token")
    completed_at: datetime | None = Field(default=None, description="When its last question was kept")
    removed_at: datetime | None = Field(
        default=None, description="When it was removed; what it holds stays held"
    )

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from a row of test.get."""
        counted = {name: row[name] for name in ("sessions", "disciplines")}
        stored: Row = row["test"] | counted | {"items": sum(one["items"] for one in row["disciplines"])}
        return cls(**{name: stored[name] for name in cls.model_fields if name in stored})


class Branch(NamedTuple):
    """A discipline of a test set, and how many of its questions there are."""

    id: str
    name: str
    held: int


class Item(TypedDict):
    """A question of a test set; `reference`: its answer, if it was asked for."""

    id: str
    question: str
    reference: str | None
    language: str | None
    strategy: str
    discipline_id: str
    discipline: str
    field: str | None


async def any_at_all(reader: Database | Transaction) -> bool:
    """Whether there is a test set."""
    [row] = await reader.rows(ANY)
    return row["found"]


async def begin(database: Database, name: str, node_id: str, key: str, properties: Row) -> Row:
    """Stores a test set, or finds the one that was begun by the same request (`key`); returns its properties.

    Raises NotFound for the node, and Conflict if another test set has the name.
    """
    stored = properties | {"id": new_id(), "key": key}
    rows = await database.write(CREATE, name=name, node_id=node_id, properties=stored)
    if not rows:
        raise NotFound(f"no node has the id {node_id}")
    found: Row = rows[0]["test"]
    if found["state"] == "removed":
        raise Conflict(f"the test set {name} was removed, and what it held out stays so: choose another name")
    if found["key"] != key:
        raise Conflict(
            f"a test set {name} with other settings is there, and a test set never changes: choose "
            "another name"
        )
    return found


async def give_up(database: Database, name: str) -> None:
    """Removes a test set whose job was not created."""
    await database.write(GIVE_UP, name=name)


async def get(database: Database, name: str) -> GlanTest:
    """One test set; raises NotFound."""
    rows = await database.read(GET, name=name)
    if not rows:
        raise NotFound(f"no test set is called {name}; GET /v1/tests lists them")
    return GlanTest.from_row(rows[0])


async def require_complete(database: Database, name: str) -> GlanTest:
    """A test set that can be run; raises NotFound, or Conflict if questions are missing."""
    found = await get(database, name)
    if found.state == "removed":
        raise Conflict(f"the test set {name} was removed: it is not run any more")
    if found.state != "complete":
        missing = ", ".join(
            f"{one.name} has {one.items}" for one in found.disciplines[:5] if one.items < found.per_discipline
        )
        raise Conflict(
            f"the test set {name} is not complete: it has {found.items} questions so far"
            + (f" ({missing} of {found.per_discipline})" if missing else "")
            + f"; see why with GET /v1/jobs/{found.id}, and let that job end or resume it"
        )
    return found


async def remove(database: Database, name: str, *, with_evidence: bool = False) -> GlanTest:
    """Takes a test set out of use, and its benchmark; its questions and class sessions stay held out.

    What a model was tested with must not become its training, so nothing that it holds is ever given back.
    Raises NotFound, or Conflict while a job makes or runs it, or if instructions match its questions, unless
    `with_evidence`: then what shows these matches goes with its benchmark.
    """
    await get(database, name)
    if not with_evidence:
        await benchmarks.require_unmatched(database, name)
    [row] = await database.write(REMOVE, name=name)
    if not row["removed"]:
        raise Conflict(f"a job makes or runs the test set {name}: let it end, pause it or cancel it first")
    if await benchmarks.is_of_test(database, name):
        await benchmarks.remove(database, name, with_evidence=True, with_test=True)
    return await get(database, name)


async def list_sets(database: Database, limit: int = 100, cursor: str | None = None) -> Page[GlanTest]:
    """A page of test sets in the order of their names."""
    [after] = decode("tests", cursor, [""])
    rows = page(
        "tests", await database.read(LIST, after=after, limit=limit + 1), limit, lambda row: [row["name"]]
    )
    return Page(items=[await get(database, row["name"]) for row in rows.items], next=rows.next)


async def free_sessions(reader: Database | Transaction, syllabi: Sequence[str]) -> dict[str, bool]:
    """The accepted class sessions of some syllabi, and whether no instruction of the data touches them."""
    return {row["id"]: row["free"] for row in await reader.rows(SESSIONS, ids=list(syllabi))}


async def hold(tx: Transaction, name: str, sessions: Sequence[str]) -> None:
    """Holds class sessions out for a test set; the transaction has locked their syllabi."""
    await tx.run(HOLD, name=name, ids=sorted(sessions))


async def branches(database: Database, job_id: str) -> list[Branch]:
    """The disciplines that the job of a test set draws from."""
    return [Branch(**row) for row in await database.read(BRANCHES, job_id=job_id)]


async def items(database: Database, name: str, limit: int, after: str = "") -> list[Item]:
    """Questions of a test set after the id `after`."""
    return cast(list[Item], await database.read(ITEMS, name=name, after=after, limit=limit))


async def stream_items(database: Database, name: str) -> AsyncGenerator[list[Item]]:
    """All questions of a test set, in pages."""
    after = ""
    while found := await items(database, name, AT_ONCE, after):
        yield found
        after = found[-1]["id"]


async def complete(database: Database, name: str, items: int) -> None:
    """Says that a test set has all its questions."""
    await database.write(COMPLETE, name=name, items=items)
