"""Syllabi with their sessions and concepts, and the positions handed out of their combination spaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graph.database import Database, Row, Transaction, seal_of
from graph.errors import NotFound
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

# What is handed out of a syllabus, and of which version of it: to be read of one state.
HANDED_OUT = ("space_version", "drawn", "ahead", "ahead_counts")


@dataclass(frozen=True)
class Named:
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
    """A syllabus as planning sees it: sessions and concepts without names, and what is handed out."""

    id: str
    sessions: list[Session]
    space_version: str | None
    drawn: list[int] | None
    ahead: list[int]
    ahead_counts: list[int]
    respaced: bool


@dataclass(frozen=True)
class SyllabusContext:
    """What a prompt needs to know of a syllabus."""

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
    """Ids of the subjects below a node that have no syllabus."""
    return [row["id"] for row in await database.read(MISSING, id=node_id)]


async def below(database: Database, node_id: str) -> list[str]:
    """Ids of the accepted syllabi below a node, the node itself among them."""
    return [row["id"] for row in await database.read(BELOW, id=node_id)]


async def weighted(database: Database, node_id: str) -> list[tuple[str, float]]:
    """As `below`, each with the product of the weights from below the node down to it."""
    return [(row["id"], row["weight"]) for row in await database.read(WEIGHTED, id=node_id)]


async def disciplines(database: Database, node_id: str) -> list[Row]:
    """Accepted disciplines at or below a node: id, weight (a product, as above), number of `subjects`."""
    return await database.read(DISCIPLINES, id=node_id)


async def instructed(database: Database, node_id: str) -> dict[str, Row]:
    """By syllabus below a node: its accepted `concepts` and `instructions`, none counted at two syllabi."""
    return {row["id"]: row for row in await database.read(INSTRUCTED, id=node_id)}


async def shapes(reader: Database | Transaction, ids: Sequence[str]) -> list[Shape]:
    """The shapes of some syllabi, in the order of `ids`; one that is gone is left out."""
    rows = await reader.rows(SHAPES, ids=list(ids))
    # In a transaction that locks the syllabi nobody else writes.
    whole = await _whole(reader, rows) if isinstance(reader, Database) else rows
    return [_shape(row) for row in whole]


async def _whole(database: Database, rows: list[Row]) -> list[Row]:
    """The same rows; where something was handed out while they were read, read again under the lock."""
    torn = sorted(row["id"] for row in rows if row["handed_seal"] != _seal(row))
    if not torn:
        return rows

    async def work(tx: Transaction) -> list[Row]:
        await lock(tx, torn)
        again = await tx.run(SHAPES, ids=torn)
        await tx.run(SEAL, rows=[{"id": row["id"], "seal": _seal(row)} for row in again])
        return again

    again = {row["id"]: row for row in await database.writing(work)}
    return [again.get(row["id"], row) for row in rows]


def _seal(row: Row) -> int | None:
    """None where nothing was ever handed out."""
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
    """Raises NotFound."""
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
    """The accepted sessions of a syllabus in their order."""
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
    """Stands for which concepts are in which sessions, not for their names: renaming keeps the positions."""
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
    """Stores a syllabus with its sessions and concepts and returns its id.

    A concept that the discipline has already is linked, not made again.
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
    _ids(await nodes.insert_in(tx, _concepts(new_sessions, session_ids), by=by))
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
    """Makes what is handed out of some syllabi ours to change until the transaction ends."""
    await tx.run(LOCK, ids=sorted(ids))


def _cursors(rows: list[Row], syllabus_id: str) -> Row:
    if not rows:
        raise NotFound(f"no syllabus has the id {syllabus_id}")
    return rows[0]


async def hand_out(
    tx: Transaction, syllabus_id: str, version: str, drawn: Sequence[int], capacity: Sequence[int]
) -> None:
    """Stores the cursors of all strata of one syllabus, with nothing ahead of them."""
    await hand_out_all(tx, [handed_out(syllabus_id, version, capacity, drawn=list(drawn), ahead=[])])


def handed_out(
    syllabus_id: str, version: str, capacity: Sequence[int], *, respaced: bool = False, **lists: list[int]
) -> Row:
    """A row of `hand_out_all`; capacities beyond 64 bits are stored as the largest such number."""
    capped = [min(total, 2**63 - 1) for total in capacity]
    row: Row = {
        "id": syllabus_id,
        "space_version": version,
        "capacity": capped,
        "respaced": respaced,
        "ahead_counts": [],
        **lists,
    }
    # Counts of what is not there are not stored.
    counts: list[int] = row["ahead_counts"] if row["ahead"] else []
    return row | {"handed_seal": _seal(row | {"ahead_counts": counts})}


async def hand_out_all(tx: Transaction, rows: Sequence[Row]) -> None:
    """Stores what is handed out of syllabi: rows as `handed_out` makes them."""
    await tx.run(HAND_OUT, rows=list(rows))
