"""SQLite for what is larger than memory, and which nobody needs once the process has ended."""

import sqlite3
from pathlib import Path


def opened(
    path: Path | None, cache_kb: int, schema: str = "", *, of_threads: bool = False
) -> sqlite3.Connection:
    """A database in one transaction that never ends: nothing is durable.

    `path`: its file; None: a temporary one, which lives as long as the connection. `of_threads`: it is used
    by one thread after the other.
    """
    db = sqlite3.connect(path or "", isolation_level=None, check_same_thread=not of_threads)
    pragmas = f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{cache_kb};"
    db.executescript(f"{pragmas}{schema}BEGIN;")
    return db
