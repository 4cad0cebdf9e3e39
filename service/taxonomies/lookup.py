"""Texts found by texts, any number of them: in SQLite, so that memory does not grow with the file."""

import sqlite3
from collections.abc import Iterable

from service.taxonomies import scratch

CACHE_KB = 8_000
AT_ONCE = 500


class Lookup:
    """A table of texts by texts; the last one of a text counts.

    `db`: where the table is, or goes, under this name; by default a temporary file, which lives as long as
    this.
    """

    def __init__(self, db: sqlite3.Connection | None = None, name: str = "lookup") -> None:
        self._db = db or scratch.opened(None, CACHE_KB)
        self._name = name
        self._db.execute(
            f"CREATE TABLE IF NOT EXISTS {name}(known TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID"
        )

    def keep(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Adds texts, each with the text that it stands for."""
        self._db.executemany(f"INSERT OR REPLACE INTO {self._name} VALUES (?, ?)", pairs)

    def of(self, known: Iterable[str]) -> dict[str, str]:
        """What is found by these texts; those by which nothing is are left out."""
        wanted = [*dict.fromkeys(known)]
        found: dict[str, str] = {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            marks = ",".join("?" * len(part))
            found |= self._db.execute(
                f"SELECT known, found FROM {self._name} WHERE known IN ({marks})", part
            ).fetchall()
        return found
