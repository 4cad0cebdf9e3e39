"""Two sets of records in SQLite, and which record of one is which of the other.

By URI; of the rest by notation, where one has it on each side; of the rest by the name, below a parent that
is the same. Every record has a number on which both sides agree: that of its pair, or one of its own.
"""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xxhash

from graph.model import Kind
from graph.text import normal_name
from service.taxonomies import scratch
from service.taxonomies.comparing.records import record_of
from service.taxonomies.planning.items import PlannedItem

CACHE_KB = 16_000
AT_ONCE = 2_000
BEFORE, AFTER = 0, 1
Values = tuple[Any, ...]
SCHEMA = """
CREATE TABLE record(
    side INTEGER, n INTEGER, rid INTEGER, uri TEXT, name TEXT, base TEXT, name_key INTEGER, kind TEXT,
    made INTEGER, gone INTEGER, digest BLOB, data TEXT, p INTEGER, top INTEGER, PRIMARY KEY(side, n)
);
CREATE TABLE edge(side INTEGER, child INTEGER, parent INTEGER);
CREATE TABLE near(side INTEGER, one INTEGER, other INTEGER, uri TEXT);
CREATE TABLE code(side INTEGER, n INTEGER, code INTEGER);
CREATE TABLE pair(a INTEGER PRIMARY KEY, b INTEGER NOT NULL UNIQUE);
"""
# Made once both sides are there, which is faster than to keep them while rows come in.
INDEXES = """
CREATE INDEX record_rid ON record(side, rid);
UPDATE edge SET parent = (SELECT n FROM record WHERE record.side = edge.side AND rid = parent);
CREATE INDEX edge_child ON edge(side, child);
CREATE INDEX edge_parent ON edge(side, parent);
CREATE INDEX code_code ON code(side, code, n);
ANALYZE;
"""
BY_URI = """
INSERT OR IGNORE INTO pair SELECT a.n, b.n FROM record AS b JOIN record AS a ON a.side = 0 AND a.rid = b.rid
WHERE b.side = 1 AND b.uri <> '' AND a.uri <> '' ORDER BY b.n
"""
FREE = """
CREATE TABLE free(side INTEGER, n INTEGER, PRIMARY KEY(side, n)) WITHOUT ROWID;
INSERT INTO free SELECT side, n FROM record
    WHERE NOT gone AND CASE side WHEN 0 THEN n NOT IN (SELECT a FROM pair)
    ELSE n NOT IN (SELECT b FROM pair) END;
"""
SINGLE = """
SELECT code, min(n) AS n FROM code JOIN free USING (side, n) WHERE side = {side}
GROUP BY code HAVING count(DISTINCT n) = 1
"""
BY_NOTATION = f"""
INSERT OR IGNORE INTO pair SELECT a.n, b.n FROM ({SINGLE.format(side=BEFORE)}) AS a
JOIN ({SINGLE.format(side=AFTER)}) AS b USING (code) ORDER BY b.n, a.n
"""
# Below a parent that is paired; a flat list's field stands for the taxonomy that it is in.
BY_PLACE = """
SELECT a.n FROM edge AS up JOIN pair ON pair.b = up.parent JOIN edge AS down ON down.side = 0
AND down.parent = pair.a JOIN record AS a ON a.side = 0 AND a.n = down.child
JOIN free ON free.side = 0 AND free.n = a.n
WHERE up.side = 1 AND up.child = ? AND (a.name_key = ? OR (a.made AND ?))
ORDER BY a.name_key <> ?, a.n LIMIT 1
"""
NUMBERED = """
UPDATE record SET p = CASE side WHEN 0 THEN n ELSE
    coalesce((SELECT a FROM pair WHERE b = n), n + (SELECT count(*) FROM record WHERE side = 0)) END;
CREATE INDEX record_p ON record(p, side);
UPDATE record SET top = p;
UPDATE record SET top = (
    SELECT root.p FROM edge JOIN record AS root ON root.side = edge.side AND root.n = edge.parent
    WHERE edge.side = record.side AND edge.child = record.n LIMIT 1
) WHERE kind = 'Field' AND p IN (SELECT p FROM record WHERE made AND kind = 'Field');
CREATE TABLE link(p INTEGER, side INTEGER, parent INTEGER, PRIMARY KEY(p, side, parent)) WITHOUT ROWID;
INSERT OR IGNORE INTO link SELECT child.p, edge.side, parent.top FROM edge
    JOIN record AS child ON child.side = edge.side AND child.n = edge.child
    JOIN record AS parent ON parent.side = edge.side AND parent.n = edge.parent WHERE NOT child.made;
CREATE TABLE relation(p INTEGER, side INTEGER, other TEXT, PRIMARY KEY(p, side, other)) WITHOUT ROWID;
INSERT OR IGNORE INTO relation SELECT one.p, near.side, coalesce(other.p, near.uri) FROM near
    JOIN record AS one ON one.side = near.side AND one.rid = near.one
    LEFT JOIN record AS other ON other.side = near.side AND other.rid = near.other;
INSERT OR IGNORE INTO relation SELECT other.p, near.side, one.p FROM near
    JOIN record AS one ON one.side = near.side AND one.rid = near.one
    JOIN record AS other ON other.side = near.side AND other.rid = near.other;
"""


@dataclass
class _Rows:
    """What waits to be inserted, by table."""

    record: list[Values] = field(default_factory=list[Values])
    edge: list[Values] = field(default_factory=list[Values])
    near: list[Values] = field(default_factory=list[Values])
    code: list[Values] = field(default_factory=list[Values])

    def insert(self, db: sqlite3.Connection) -> None:
        """Inserts it."""
        db.executemany(f"INSERT INTO record VALUES ({','.join('?' * 12)}, NULL, NULL)", self.record)
        db.executemany("INSERT INTO edge VALUES (?, ?, ?)", self.edge)
        db.executemany("INSERT INTO near VALUES (?, ?, ?, ?)", self.near)
        db.executemany("INSERT INTO code VALUES (?, ?, ?)", self.code)
        for rows in (self.record, self.edge, self.near, self.code):
            rows.clear()


class Pairing:
    """The records of both sides. `folder`: where the temporary file is made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="diff-", dir=folder)
        self.path = Path(self._folder.name)
        # Filled and read by one thread after the other.
        self.db = scratch.opened(self.path / "pairs.sqlite", CACHE_KB, SCHEMA, of_threads=True)
        self._seed = secrets.randbits(63)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()
        self._folder.cleanup()

    def _number(self, text: str) -> int:
        return xxhash.xxh3_64_intdigest(text.encode(errors="surrogatepass"), self._seed) - 2**63

    def fill(self, side: int, items: Iterable[PlannedItem], languages: Sequence[str]) -> None:
        """Takes the items of one side, parents before children."""
        rows = _Rows()
        for n, item in enumerate(items):
            self._take(rows, side, n, item, languages)
            if len(rows.record) >= AT_ONCE:
                rows.insert(self.db)
        rows.insert(self.db)

    def _take(self, rows: "_Rows", side: int, n: int, item: PlannedItem, languages: Sequence[str]) -> None:
        record, number = record_of(item, languages), self._number
        rows.edge += [(side, n, number(parent)) for parent in item.parents]
        rid = number(item.ref)
        outside = item.properties.get("related", ())
        related = [*item.related, *([outside] if isinstance(outside, str) else outside)]
        rows.near += [(side, rid, number(str(other)), str(other)) for other in related]
        rows.code += [(side, n, number(code)) for code in item.notation]
        key = number(normal_name(record.base or item.name))
        made, gone = item.is_made and item.kind is not Kind.Taxonomy, record.is_gone
        data, digest = record.encoded()
        rows.record.append(
            (side, n, rid, item.uri, item.name, record.base, key, item.kind.value, made, gone, digest, data)
        )

    def pair(self) -> None:
        """Pairs the records, once both sides are filled."""
        self.db.executescript(INDEXES)
        self.db.execute(BY_URI)
        self._pair_roots()
        self.db.executescript(FREE)
        self.db.execute(BY_NOTATION)
        self.db.executescript(
            "DELETE FROM free WHERE side = 0 AND n IN (SELECT a FROM pair);"
            "DELETE FROM free WHERE side = 1 AND n IN (SELECT b FROM pair);"
        )
        for n, key, made in self._waiting():
            if found := self.db.execute(BY_PLACE, (n, key, made, key)).fetchone():
                self._note(found[0], n)
        self.db.executescript(NUMBERED)

    def _waiting(self) -> Iterator[tuple[int, int, int]]:
        """What has no pair yet, parents first, read in parts, since pairs are made while it is read."""
        after = -1
        while rows := self.db.execute(
            "SELECT n, name_key, made FROM record JOIN free USING (side, n) WHERE side = 1 AND n > ? "
            "ORDER BY n LIMIT ?",
            (after, AT_ONCE),
        ).fetchall():
            yield from rows
            after = rows[-1][0]

    def _note(self, a: int, b: int) -> None:
        self.db.execute("INSERT INTO pair VALUES (?, ?)", (a, b))
        self.db.execute("DELETE FROM free WHERE side = 0 AND n = ?", (a,))

    def _pair_roots(self) -> None:
        """Pairs taxonomies by name, or the only two."""
        roots = (
            "SELECT n, name_key FROM record WHERE kind = 'Taxonomy' AND side = {side} "
            "AND n NOT IN (SELECT {column} FROM pair) ORDER BY n"
        )
        before = self.db.execute(roots.format(side=BEFORE, column="a")).fetchall()
        after = self.db.execute(roots.format(side=AFTER, column="b")).fetchall()
        for n, key in after:
            same = next((one for one in before if one[1] == key), None)
            if same or len(before) == len(after) == 1:
                found = same or before[0]
                before = [one for one in before if one != found]
                self.db.execute("INSERT INTO pair VALUES (?, ?)", (found[0], n))
