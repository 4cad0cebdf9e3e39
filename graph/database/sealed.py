"""Consistent reads: a seal tells one state of a thing from a mixture of two.

Neo4j reads the properties of a node one after the other, and then its relationships, while others write. So a
thing that is shown with several of these carries `seal`, a number computed from all values that must agree.
If the seal does not fit, the thing is read again under its lock, where nobody writes, and sealed again. This
helps whatever the reason was: a change under way, a change that does not seal, a thing written by an earlier
glan, or one that a user changed with Cypher. A seal that fits only saves taking the lock.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graph.database.answers import Row
from graph.database.driver import Database, Transaction
from graph.errors import DiskFull
from graph.queries import Query

# Fits into Neo4j's 64-bit integers, and is long enough that no two states of a thing share a seal.
BYTES = 7
# Readings of a list before it is shown without what was removed while it was read.
LOOKS = 5


def seal_of(*parts: Any) -> int:
    """The seal of these values: JSON, and what has a text of its own."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=BYTES).digest())


# What changes without anything that is shown, or is there for the lock and the seal.
UNSEEN = {"seal", "held", "fence", "lease_until"}


def seal_of_shown(thing: Row) -> int:
    """The seal of all that the map of a thing shows."""
    return seal_of({name: value for name, value in thing.items() if name not in UNSEEN})


@dataclass(frozen=True)
class Sealed:
    """A kind of thing that carries a seal: how it is read, and how its seal is computed."""

    column: str
    """The column in which the queries return the thing, as a map."""
    key: str
    """The entry of the map that identifies the thing."""
    lock: Query
    """Locks the things with these `ids` and returns them in the same form as the queries that read."""
    seal: Query
    """Seals locked things; takes `rows`, maps of id and seal."""
    fitting: Callable[[Row], int]
    """Computes the seal of such a map."""

    async def read(self, database: Database, query: Query, **params: Any) -> list[Row]:
        """The rows of a query, each in one consistent state.

        Read again while things are removed, so that a list with a limit is short only where it ends.
        """
        found: list[Row] = []
        for _ in range(LOOKS):
            rows = await database.read(query, **params)
            found = await self.whole(database, rows)
            if len(found) == len(rows):
                break
        return found

    async def whole(self, database: Database, rows: list[Row]) -> list[Row]:
        """The same rows, each in one consistent state, without those of things that are removed by then."""
        rows = [row for row in rows if self._is_there(row)]
        found = [row[self.column] for row in rows]
        torn = sorted({one[self.key] for one in found if one.get("seal") != self.fitting(one)})
        if not torn:
            return rows
        try:
            again = await database.writing(lambda tx: self._read_locked(tx, torn))
        except DiskFull:
            # Nobody else writes either.
            return rows
        gone = {*torn} - again.keys()
        kept = [row for row in rows if row[self.column][self.key] not in gone]
        return [row | again.get(row[self.column][self.key], {}) for row in kept]

    def _is_there(self, row: Row) -> bool:
        """Whether the thing of a row has properties: if it was removed since it was found, it has none."""
        return row[self.column].get(self.key) is not None

    async def _read_locked(self, tx: Transaction, ids: list[str]) -> dict[str, Row]:
        found = await tx.run(self.lock, ids=ids)
        rows = {row[self.column][self.key]: row for row in found if self._is_there(row)}
        seals = [{"id": id_, "seal": self.fitting(row[self.column])} for id_, row in rows.items()]
        await tx.run(self.seal, rows=seals)
        return rows
