"""Crossings: pairs of syllabi whose concepts are combined, and the positions handed out of them.

What is handed out stands on a relationship `CROSSED_WITH` from the syllabus with the smaller id, so that it
is the same crossing whichever is named first, and goes when either syllabus is purged. It is made at the
first draw. Whoever reads or writes it holds the locks of both syllabi, or compares its seal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.database import Database, Row, Transaction
from graph.queries import load
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import Session, Shape, handed_out_seal

CROSSED = load("syllabus.crossed")
HAND_OUT_CROSSED = load("syllabus.hand_out_crossed")
SEAL_CROSSED = load("syllabus.seal_crossed")

Pair = tuple[str, str]
"""Ids of two syllabi, the smaller first."""


@dataclass(frozen=True)
class CrossingShape:
    """A crossing as planning needs it: the sessions of both syllabi, and what is handed out."""

    pair: Pair
    sessions: tuple[list[Session], list[Session]]
    space_version: str | None
    drawn: list[int] | None
    ahead: list[int]
    ahead_counts: list[int]
    respaced: bool
    """Whether sessions or concepts of either syllabus came from elsewhere, or changed, before."""
    held: Sequence[str] = ()
    """Ids of the sessions of either that are held out for test sets."""


def pair_of(one: str, other: str) -> Pair:
    """Two different syllabi in the order in which a crossing names them."""
    return (one, other) if one < other else (other, one)


async def shapes(reader: Database | Transaction, pairs: Sequence[Pair]) -> list[CrossingShape]:
    """The shapes of these crossings, in the order of `pairs`, leaving out those of syllabi that are gone."""
    ids = sorted({id_ for pair in pairs for id_ in pair})
    taught = {shape.id: shape for shape in await syllabi.shapes(reader, ids)}
    rows = await reader.rows(CROSSED, pairs=[list(pair) for pair in pairs])
    # A transaction has locked the syllabi, so that nobody else writes.
    whole = await _whole(reader, rows) if isinstance(reader, Database) else rows
    drawn = {(row["first"], row["second"]): row for row in whole}
    return [
        _shape(pair, taught[pair[0]], taught[pair[1]], drawn.get(pair))
        for pair in pairs
        if pair[0] in taught and pair[1] in taught
    ]


def _shape(pair: Pair, first: Shape, second: Shape, row: Row | None) -> CrossingShape:
    row = row or {}
    return CrossingShape(
        pair,
        (first.sessions, second.sessions),
        space_version=row.get("space_version"),
        drawn=row.get("drawn"),
        ahead=row.get("ahead") or [],
        ahead_counts=row.get("ahead_counts") or [],
        respaced=bool(row.get("respaced")) or first.respaced or second.respaced,
        held=[*first.held, *second.held],
    )


async def _whole(database: Database, rows: list[Row]) -> list[Row]:
    """The same rows, but those that changed while they were read are read again under the locks."""
    torn = [[row["first"], row["second"]] for row in rows if row["handed_seal"] != handed_out_seal(row)]
    if not torn:
        return rows

    async def work(tx: Transaction) -> list[Row]:
        await lock(tx, torn)
        again = await tx.run(CROSSED, pairs=torn)
        seals = [{"first": r["first"], "second": r["second"], "seal": handed_out_seal(r)} for r in again]
        await tx.run(SEAL_CROSSED, rows=seals)
        return again

    again = {(row["first"], row["second"]): row for row in await database.writing(work)}
    return [again.get((row["first"], row["second"]), row) for row in rows]


async def lock(tx: Transaction, pairs: Iterable[Sequence[str]]) -> None:
    """Locks the syllabi of these crossings until the transaction ends."""
    await syllabi.lock(tx, sorted({id_ for pair in pairs for id_ in pair}))


async def hand_out_all(tx: Transaction, rows: Sequence[Row]) -> None:
    """Stores what is handed out of crossings.

    Takes rows of graph.taxonomy.syllabi.handed_out with `first`, `second` and `why`, for what reason the two
    are crossed (graph.taxonomy.partners).
    """
    await tx.run(HAND_OUT_CROSSED, rows=list(rows))
