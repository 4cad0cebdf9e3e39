"""Syllabi with their sessions and concepts, and the positions handed out of their combination spaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graph.database import Database, Row, Transaction, seal_of
from graph.errors import Conflict, NotFound
from graph.model import Kind, NewNode, Properties, digest
from graph.queries import load
from graph.taxonomy import nodes
from graph.text import normal_name

MISSING = load("syllabus.missing")
BELOW = load("syllabus.below")
LOCK = load("syllabus.lock")
SESSIONS = load("syllabus.sessions")
CONTEXT = load("syllabus.context")
CURSORS = load("syllabus.cursors")
HAND_OUT = load("syllabus.hand_out")
SEAL = load("syllabus.seal")
SHAPES = load("syllabus.shapes")
WEIGHTED = load("syllabus.weighted")
DISCIPLINES = load("syllabus.disciplines")
INSTRUCTED = load("syllabus.instructed")
PRACTISED = load("syllabus.practised")

MOST_PRACTISED = 25_000

# What is handed out of a syllabus, and of which version of it; these must be read in one state.
HANDED_OUT = ("space_version", "drawn", "ahead", "ahead_counts")


class Named(NamedTuple):
    """An id and a name."""

    id: str
    name: str


@dataclass(frozen=True)
class Session:
    """A class session and its concepts, in order."""

    id: str
    name: str
    description: str
    concepts: tuple[Named, ...]


@dataclass(frozen=True)
class Shape:
    """A syllabus as planning needs it: sessions and concepts without names, and what is handed out."""

    id: str
    sessions: list[Session]
    space_version: str | None
    drawn: list[int] | None
    ahead: list[int]
    ahead_counts: list[int]
    respaced: bool
    held: Sequence[str] = ()
    """Ids of the sessions that are held out for test sets."""


@dataclass(frozen=True)
class SyllabusContext:
    """What a prompt needs to know about a syllabus."""

    syllabus: str
    subject: str
    discipline: str
    level: str
    introduction: str
    objectives: tuple[str, ...]


@dataclass
class NewSession:
    """A session to store: its name, description and the names of its concepts."""

    name: str
    description: str
    concepts: list[str] = field(default_factory=list[str])


async def missing_below(database: Database, node_id: str) -> list[str]:
    """Ids of the accepted subjects at or below a node that have no accepted syllabus."""
    return [row["id"] for row in await database.read(MISSING, id=node_id)]


async def below(database: Database, node_id: str) -> list[str]:
    """Ids of the accepted syllabi at or below a node."""
    return [row["id"] for row in await database.read(BELOW, id=node_id)]


async def weighted(database: Database, node_id: str) -> list[tuple[str, float]]:
    """Like `below`, each with the product of the weights on the path down to it, without the node's own.

    If there are several paths, the one with the largest product counts.
    """
    return [(row["id"], row["weight"]) for row in await database.read(WEIGHTED, id=node_id)]


async def disciplines(database: Database, node_id: str) -> list[Row]:
    """Accepted disciplines at or below a node: id, name, weight (as in `weighted`), number of `subjects`."""
    return await database.read(DISCIPLINES, id=node_id)


async def practised(database: Database) -> list[tuple[str, str]]:
    """Ids and names of the accepted disciplines of the graph, at most MOST_PRACTISED."""
    return [(row["id"], row["name"]) for row in await database.read(PRACTISED, limit=MOST_PRACTISED)]


async def instructed(database: Database, node_id: str) -> dict[str, Row]:
    """By syllabus below a node: the numbers of its accepted `concepts` and `instructions`.

    What several syllabi share counts only in the first of them.
    """
    return {row["id"]: row for row in await database.read(INSTRUCTED, id=node_id)}


async def shapes(reader: Database | Transaction, ids: Sequence[str]) -> list[Shape]:
    """The shapes of these syllabi, in the order of `ids`, leaving out those that no longer exist."""
    rows = await reader.rows(SHAPES, ids=list(ids))
    # A transaction has locked the syllabi, so that nobody else writes.
    whole = await _whole(reader, rows) if isinstance(reader, Database) else rows
    return [_shape(row) for row in whole]


async def _whole(database: Database, rows: list[Row]) -> list[Row]:
    """The same rows, but those that changed while they were read are read again under the lock."""
    torn = sorted(row["id"] for row in rows if row["handed_seal"] != handed_out_seal(row))
    if not torn:
        return rows

    async def work(tx: Transaction) -> list[Row]:
        await lock(tx, torn)
        again = await tx.run(SHAPES, ids=torn)
        await tx.run(SEAL, rows=[{"id": row["id"], "seal": handed_out_seal(row)} for row in again])
        return again

    again = {row["id"]: row for row in await database.writing(work)}
    return [again.get(row["id"], row) for row in rows]


def handed_out_seal(row: Row) -> int | None:
    """The seal of what is handed out, from its row; None if nothing ever was."""
    if row["drawn"] is None:
        return None
    return seal_of([row[name] or None for name in HANDED_OUT])


def _shape(row: Row) -> Shape:
    sessions = [
        Session(session["id"], "", "", tuple(Named(id_, "") for id_ in session["concepts"]))
        for session in row.pop("sessions")
    ]
    row.pop("handed_seal")
    lists: dict[str, list[int]] = {name: row.pop(name) or [] for name in ("ahead", "ahead_counts")}
    return Shape(sessions=sessions, **lists, **row)


async def context(reader: Database | Transaction, syllabus_id: str) -> SyllabusContext:
    """The context of a syllabus; raises NotFound."""
    rows = await reader.rows(CONTEXT, id=syllabus_id)
    if not rows:
        raise NotFound(f"no syllabus has the id {syllabus_id}")
    row = rows[0]
    return SyllabusContext(
        row["syllabus"],
        row["subject"],
        row["discipline"] or row["subject"],
        row["level"] or "",
        row["introduction"] or "",
        tuple(row["objectives"] or ()),
    )


async def sessions(reader: Database | Transaction, syllabus_id: str) -> list[Session]:
    """The accepted sessions of a syllabus, in order."""
    rows = await reader.rows(SESSIONS, id=syllabus_id)
    return [
        Session(
            row["id"],
            row["name"],
            row["description"],
            tuple(Named(concept["id"], concept["name"]) for concept in row["concepts"]),
        )
        for row in rows
    ]


def space_version(syllabus_id: str, sessions: Sequence[Session]) -> str:
    """The syllabus version: a digest of which concepts are in which sessions. Renaming does not change it."""
    return digest(syllabus_id, *(part for s in sessions for part in (s.id, "", *(c.id for c in s.concepts))))


async def store(
    tx: Transaction,
    subject_id: str,
    name: str,
    description: str,
    properties: Properties,
    new_sessions: Sequence[NewSession],
    by: str,
) -> str:
    """Stores a syllabus with its sessions and concepts; returns its id.

    A concept that the discipline already has is linked, not inserted again. One that two disciplines above
    have as different nodes is left out.
    """
    syllabus = NewNode(
        kind=Kind.Syllabus,
        name=name,
        parent_id=subject_id,
        description=description,
        properties=properties,
    )
    [syllabus_id] = _ids(await nodes.insert_in(tx, [syllabus], by=by))
    session_ids = _ids(
        await nodes.insert_in(
            tx,
            [
                NewNode(
                    kind=Kind.ClassSession,
                    name=s.name,
                    parent_id=syllabus_id,
                    description=s.description,
                    position=n,
                )
                for n, s in enumerate(new_sessions)
            ],
            by=by,
        )
    )
    for concept in await nodes.insert_in(tx, _concepts(new_sessions, session_ids), by=by):
        # Two disciplines that share the subject may each have a concept of that name: neither can be meant.
        if concept.error and not isinstance(concept.error, Conflict):
            raise concept.error
    return syllabus_id


def _concepts(new_sessions: Sequence[NewSession], session_ids: Sequence[str]) -> list[NewNode]:
    """Each concept once, under all the sessions that name it."""
    found: dict[str, NewNode] = {}
    for session, session_id in zip(new_sessions, session_ids, strict=True):
        for n, name in enumerate(session.concepts):
            node = NewNode(kind=Kind.KeyConcept, name=name, parent_id=session_id, position=n)
            first = found.setdefault(normal_name(name), node)
            if first is not node:
                first.parent_ids.append(session_id)
    return list(found.values())


def _ids(inserted: Sequence[nodes.Inserted]) -> list[str]:
    for node in inserted:
        if node.error:
            raise node.error
    return [node.id or "" for node in inserted]


async def cursors(database: Database, syllabus_id: str) -> Row:
    """`drawn` and `space_version` of a syllabus as they are now; raises NotFound."""
    return _cursors(await database.read(CURSORS, id=syllabus_id), syllabus_id)


async def lock(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks these syllabi until the transaction ends: nobody else can hand out their positions."""
    await tx.run(LOCK, ids=sorted(ids))


def _cursors(rows: list[Row], syllabus_id: str) -> Row:
    if not rows:
        raise NotFound(f"no syllabus has the id {syllabus_id}")
    return rows[0]


async def hand_out(
    tx: Transaction, syllabus_id: str, version: str, drawn: Sequence[int], capacity: Sequence[int]
) -> None:
    """Stores the cursors of all strata of one syllabus, with no positions handed out ahead of them."""
    await hand_out_all(tx, [handed_out(syllabus_id, version, capacity, drawn=list(drawn), ahead=[])])


def handed_out(
    syllabus_id: str, version: str, capacity: Sequence[int], *, respaced: bool = False, **lists: list[int]
) -> Row:
    """A row for `hand_out_all`; capacities beyond 64 bits are stored as the largest 64-bit integer."""
    capped = [min(total, 2**63 - 1) for total in capacity]
    row: Row = {
        "id": syllabus_id,
        "space_version": version,
        "capacity": capped,
        "respaced": respaced,
        "ahead_counts": [],
        **lists,
    }
    # Without positions ahead, `ahead_counts` is not stored, so the seal must not include it.
    counts: list[int] = row["ahead_counts"] if row["ahead"] else []
    return row | {"handed_seal": handed_out_seal(row | {"ahead_counts": counts})}


async def hand_out_all(tx: Transaction, rows: Sequence[Row]) -> None:
    """Stores what is handed out of syllabi; takes rows made by `handed_out`."""
    await tx.run(HAND_OUT, rows=list(rows))
