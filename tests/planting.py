"""Small taxonomies and instructions in a real database, for the tests of the graph."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import neo4j

from graph.database import Database, Row
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction
from graph.jobs import jobs
from graph.model import Kind, NewNode, Node
from graph.pages import Page
from graph.taxonomy import nodes
from graph.taxonomy.inserting import insertion

T = TypeVar("T")


def _node(kind: Kind, name: str, *parents: str, **more: Any) -> NewNode:
    return NewNode(kind=kind, name=name, parent_ids=list(parents), **more)


@dataclass
class Plant:
    """Creates what a test needs; the test chooses the ids of instructions."""

    database: Database
    jobs: list[str] = field(default_factory=list[str])

    async def node(self, kind: Kind, name: str, *parents: str, **more: Any) -> str:
        """The id of a node, which is created if it does not exist."""
        return (await nodes.insert(self.database, _node(kind, name, *parents, **more)))[0].id

    async def many(self, planted: Sequence[NewNode]) -> list[str]:
        """The ids of nodes, which are created together; a transaction for each would take minutes in all."""
        found = await insertion.insert_many(self.database, planted)
        if errors := [one.error for one in found if one.error]:
            raise errors[0]
        return [cast(str, one.id) for one in found]

    async def concepts(self, session_id: str, *names: str) -> list[str]:
        return [await self.node(Kind.KeyConcept, name, session_id) for name in names]

    async def syllabus(self, discipline_id: str, name: str, sessions: dict[str, Sequence[str]]) -> "Syllabus":
        """A subject with one syllabus of these sessions and concepts."""
        subject = await self.node(Kind.Subject, name, discipline_id)
        syllabus = await self.node(Kind.Syllabus, f"{name} syllabus", subject)
        ids = await self.many(
            [
                _node(Kind.ClassSession, session, syllabus, position=position)
                for position, session in enumerate(sessions)
            ]
        )
        planted = Syllabus(subject, syllabus, dict(zip(sessions, ids, strict=True)))
        concepts = [
            (name, session) for session, names in zip(ids, sessions.values(), strict=True) for name in names
        ]
        ids = await self.many([_node(Kind.KeyConcept, name, session) for name, session in concepts])
        planted.concepts.update(zip((name for name, _ in concepts), ids, strict=True))
        return planted

    async def job(self, root_id: str, requested: int = 0, id_: str = "job") -> str:
        properties = {"spec": "{}", "spec_key": id_, "requested": requested}
        await jobs.create(self.database, id_, root_id, properties, [])
        self.jobs.append(id_)
        return id_

    async def instruct(
        self, id_: str, syllabus: "Syllabus", sessions: str, concepts: str = "", **properties: Any
    ) -> str:
        """An instruction drawn from sessions and concepts, given by their names."""
        row = instruction(
            id_,
            syllabus.id,
            [syllabus.sessions[name] for name in sessions.split()],
            [syllabus.concepts[name] for name in concepts.split()],
            **properties,
        )
        if not self.jobs:
            await self.job(syllabus.id)
        await self.database.writing(lambda tx: instructions.store(tx, self.jobs[-1], [row]))
        return id_


@dataclass
class Syllabus:
    """Ids of a planted syllabus."""

    subject: str
    id: str
    sessions: dict[str, str] = field(default_factory=dict[str, str])
    concepts: dict[str, str] = field(default_factory=dict[str, str])


def instruction(
    id_: str, syllabus_id: str, sessions: Sequence[str], concepts: Sequence[str], **properties: Any
) -> NewInstruction:
    """An instruction in the form in which a worker stores it."""
    stored: Row = {
        "id": id_,
        "status": "accepted",
        "strategy": "pair" if len(sessions) == 2 else "single",
        "question": f"Question {id_}?",
        "answer": f"Answer {id_}.",
        "syllabus_id": syllabus_id,
        "sessions": list(sessions),
        "concepts": list(concepts),
    }
    row = {"properties": stored | properties, "sessions": list(sessions), "concepts": list(concepts)}
    return cast(NewInstruction, row)


async def every(turn: Callable[[str | None], Awaitable[Page[T]]]) -> list[T]:
    """The items of all pages; fails if the cursor does not move."""
    return [item async for page in _pages(turn) for item in page.items]


async def _pages(turn: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[Page[T]]:
    cursor: str | None = None
    seen = set[str | None]()
    while True:
        page = await turn(cursor)
        yield page
        cursor = page.next
        if cursor is None:
            return
        assert page.items, "an empty page that is not the last"
        assert cursor not in seen, "the cursor stands still"
        seen.add(cursor)


def names(found: Sequence[Node]) -> list[str]:
    return [node.name for node in found]


async def rows_of(database: Database, text: str, **params: Any) -> list[Row]:
    """Rows of a query that only a test needs and that does not belong in cypher/."""
    driver: Any = database._driver
    result: neo4j.EagerResult = await driver.execute_query(text, parameters_=params)
    return [record.data() for record in result.records]


async def wipe(database: Database) -> None:
    """Removes everything but the schema; uses the driver, because no query of glan deletes everything."""
    await rows_of(database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")


async def wipe_in_parts(database: Database) -> None:
    """Like wipe, for more than one transaction can remove; links first, as one node may have very many."""
    async with database._session(database._driver, "WRITE") as session:
        for text in (
            "MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 20000 ROWS",
            "MATCH (n) WHERE NOT n:Schema CALL (n) { DELETE n } IN TRANSACTIONS OF 20000 ROWS",
        ):
            await (await session.run(text)).consume()
