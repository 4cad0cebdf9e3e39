"""Things read whole: with a seal that tells one state of a thing from a mixture of two.

Neo4j reads the properties of a node one after the other, and its relationships after them, while others
write. So a thing that is shown with several of them carries `seal`, a number that stands for all that has to
agree. Where it does not fit, the thing is read again under its lock, where nobody writes, and sealed anew.
That mends whatever the reason: a change on its way, a change that does not seal, a thing of an earlier glan,
or one that somebody changed by Cypher of their own. The seal itself only saves the lock.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graph.database.answers import Row
from graph.database.driver import Database, Transaction
from graph.queries import Query

# A number that Neo4j keeps beside the other properties, and no two states of one thing share.
BYTES = 7


def seal_of(*parts: Any) -> int:
    """The number that stands for these values, which JSON can hold."""
    text = json.dumps(parts, sort_keys=True)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=BYTES).digest())


@dataclass(frozen=True)
class Sealed:
    """A kind of thing that carries a seal: how it is read, and what the seal stands for."""

    column: str
    """Where the queries return it, as a map."""
    key: str
    """What in the map names it."""
    lock: Query
    """Locks things of some `ids` and returns them, as the queries that read."""
    seal: Query
    """Seals locked things: `rows`, maps of id and seal."""
    fitting: Callable[[Row], int]
    """The seal that fits such a map."""

    async def whole(self, database: Database, rows: list[Row]) -> list[Row]:
        """The same rows, each of one state."""
        found = [row[self.column] for row in rows]
        torn = sorted({one[self.key] for one in found if one.get("seal") != self.fitting(one)})
        if not torn:
            return rows
        again = await database.writing(lambda tx: self._read_locked(tx, torn))
        # One that was removed in between is shown as it was found.
        return [row | again.get(row[self.column][self.key], {}) for row in rows]

    async def _read_locked(self, tx: Transaction, ids: list[str]) -> dict[str, Row]:
        rows = {row[self.column][self.key]: row for row in await tx.run(self.lock, ids=ids)}
        seals = [{"id": id_, "seal": self.fitting(row[self.column])} for id_, row in rows.items()]
        await tx.run(self.seal, rows=seals)
        return rows
