"""A file's statements in SQLite, in a temporary file, between reading and planning.

Memory does not grow with the file. Terms are numbered by a seeded hash, so that a statement is stored without
looking its terms up; concepts get their final numbers, in the order of their URIs, once everything is read.
"""

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xxhash

from service.taxonomies import scratch
from service.taxonomies.vocabulary import ROLES, Role

AT_ONCE = 5_000
CACHE_KB = 12_000
LONGEST_LITERAL = 1_000_000
LONGEST_REMARK = 300
MOST_KNOWN = 10_000
LEFT_S = 86_400

SCHEMA = """
CREATE TABLE node(id INTEGER PRIMARY KEY, uri TEXT NOT NULL);
CREATE TABLE fact(s INTEGER NOT NULL, p INTEGER NOT NULL, o INTEGER, value TEXT, lang TEXT, type TEXT);
CREATE TABLE role(p INTEGER PRIMARY KEY, role INTEGER NOT NULL);
CREATE TABLE dropped(reason TEXT NOT NULL, uri TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE problem(code TEXT NOT NULL, uri TEXT NOT NULL, text TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX fact_of ON fact(s);
CREATE INDEX link_by ON fact(p, o, s) WHERE o IS NOT NULL;
CREATE INDEX value_by ON fact(p, s) WHERE o IS NULL;
"""

Fact = tuple[int, int, int | None, str | None, str | None, str | None]


def clear(folder: Path) -> None:
    """Removes what a process that was killed has left in the folder for staging, a day ago or more."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - LEFT_S:
                shutil.rmtree(path)


class Staging:
    """Statements and problems of the files that are planned together. `folder`: where the file is made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="taxonomy-", dir=folder)
        self.path = Path(self._folder.name)
        self.db = scratch.opened(self.path / "staging.sqlite", CACHE_KB, SCHEMA)
        self._seed = secrets.randbits(63)
        self._facts: list[Fact] = []
        self._nodes: dict[int, str] = {}
        self._known: dict[str, int] = {}
        self._of_role: dict[Role, str] = {}
        self._predicates: dict[int, tuple[str, int | None]] = {}
        self._bad: set[str] = set()
        self.statements = 0
        self._documents = 0
        self._drops: list[tuple[str, str, str]] = []
        self._remarks: list[tuple[str, str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Removes the temporary file."""
        self.db.close()
        self._folder.cleanup()

    def next_document(self) -> None:
        """Begins another document: its blank nodes are others than those of the same names before."""
        self._documents += 1

    def blank(self, name: str) -> str:
        """What a blank node of the document is called, with a sign that no name has in a file."""
        return f"_:{name}~{self._documents}" if self._documents > 1 else f"_:{name}"

    def number(self, term: str) -> int:
        """The number of a URI, or of a blank node written as _:name."""
        found = self._known.get(term)
        if found is None:
            found = xxhash.xxh3_64_intdigest(term.encode(errors="surrogatepass"), self._seed) - 2**63
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[term] = found
            self._nodes[found] = term
        return found

    def link(self, subject: str, predicate: str, target: str) -> None:
        """Stores a statement about two things."""
        self._add((self.number(subject), self.number(predicate), self.number(target), None, None, None))

    def value(self, subject: str, predicate: str, value: str, lang: str = "", type_: str = "") -> None:
        """Stores a statement with a literal, which must not be over LONGEST_LITERAL."""
        if len(value) > LONGEST_LITERAL:
            self.problem(
                "too_large", subject, f"{predicate}: a text of {len(value):,} characters is left out"
            )
            return
        self._add((self.number(subject), self.number(predicate), None, value, lang or None, type_ or None))

    def _add(self, fact: Fact) -> None:
        self._facts.append(fact)
        self.statements += 1
        if len(self._facts) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Writes what is waiting."""
        self.db.executemany("INSERT OR IGNORE INTO node VALUES (?, ?)", self._nodes.items())
        self.db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", self._facts)
        self.db.executemany("INSERT INTO problem VALUES (?, ?, ?)", self._remarks)
        self._nodes.clear()
        self._facts.clear()
        self.db.executemany("INSERT INTO dropped VALUES (?, ?, ?)", self._drops)
        self._remarks.clear()
        self._drops.clear()

    def problem(self, code: str, uri: str, text: str) -> None:
        """Records a problem; each is kept, so that none is silent."""
        self._remarks.append((code, uri[:1000], text[:LONGEST_REMARK]))
        if len(self._remarks) >= AT_ONCE:
            self.flush()

    def bad_iri(self, iri: str, text: str) -> None:
        """Records a faulty IRI, once."""
        if iri in self._bad:
            return
        if len(self._bad) < MOST_KNOWN:
            self._bad.add(iri)
        self.problem("bad_iri", iri, text)

    def drop(self, reason: str, uri: str, text: str) -> None:
        """Records what is left out on purpose."""
        self._drops.append((reason, uri[:1000], text[:LONGEST_REMARK]))
        if len(self._drops) >= AT_ONCE:
            self.flush()

    def read_whole(self) -> None:
        """Ends the reading: makes the indexes, and learns what the predicates say."""
        self.flush()
        for predicate, role in ROLES.items():
            self.db.execute("INSERT OR REPLACE INTO role VALUES (?, ?)", (self.number(predicate), role))
        self.flush()
        self.db.executescript(INDEXES)
        self.db.executescript("ANALYZE;")
        self._learn_properties()

    def _learn_properties(self) -> None:
        """A predicate that the file declares as a special case of a known one has its role."""
        self.db.execute(
            """
            INSERT OR IGNORE INTO role
            WITH RECURSIVE special(p, role) AS (
                SELECT p, role FROM role
                UNION
                SELECT fact.s, special.role FROM special JOIN fact ON fact.o = special.p
                WHERE fact.p = (SELECT p FROM role WHERE role = ?) AND special.role NOT IN (?, ?)
            )
            SELECT p, min(role) FROM special GROUP BY p
            """,
            (Role.sub_property, Role.sub_property, Role.title),
        )

    def predicates(self, *roles: Role) -> str:
        """The predicates with these roles, as a list for SQL."""
        marks = ",".join(str(int(role)) for role in roles)
        return ",".join(str(p) for [p] in self.db.execute(f"SELECT p FROM role WHERE role IN ({marks})"))

    def predicates_of(self, role: Role) -> str:
        """As predicates, of one role, and kept."""
        if role not in self._of_role:
            self._of_role[role] = self.predicates(role)
        return self._of_role[role]

    def predicate(self, number: int) -> tuple[str, int | None]:
        """The URI and role of a predicate, once everything is read."""
        found = self._predicates.get(number)
        if found is None:
            found = self.db.execute(
                "SELECT uri, role FROM node LEFT JOIN role ON role.p = node.id WHERE node.id = ?", (number,)
            ).fetchone()
            if len(self._predicates) >= MOST_KNOWN:
                self._predicates.clear()
            self._predicates[number] = found
        return found

    def rows(self, statement: str, values: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query."""
        return self.db.execute(statement, tuple(values))

    def problems(self) -> dict[str, int]:
        """How often each problem was found, by its code."""
        self.flush()
        return dict(self.db.execute("SELECT code, count(*) FROM problem GROUP BY code ORDER BY code"))

    def dropped(self) -> dict[str, int]:
        """How many concepts are left out, by reason."""
        self.flush()
        return dict(self.db.execute("SELECT reason, count(*) FROM dropped GROUP BY reason ORDER BY reason"))

    def examples(self, code: str, most: int) -> list[dict[str, str]]:
        """The first problems of a code: {uri, text}."""
        found = self.db.execute(
            "SELECT uri, text FROM problem WHERE code = ? ORDER BY rowid LIMIT ?", (code, most)
        )
        return [{"uri": uri, "text": text} for uri, text in found]
