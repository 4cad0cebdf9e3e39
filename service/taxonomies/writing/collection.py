"""The nodes of an export in SQLite, with their order: that of the hierarchy, then of positions and names.

The order does not depend on ids, so that the same taxonomy in another graph gives the same bytes.
"""

import json
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from graph.database import Row
from graph.taxonomy.walking.outward import Link
from service.taxonomies import scratch
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.writing import labels
from service.taxonomies.writing.addresses import address, iri

CACHE_KB = 16_000
NO_POSITION = 2**31 - 1
SCHEMA = """
CREATE TABLE node(
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT, name_key TEXT, uri TEXT,
    data TEXT
);
CREATE TABLE edge(child INTEGER, parent INTEGER, position INTEGER, PRIMARY KEY(child, parent)) WITHOUT ROWID;
CREATE TABLE redundant(child INTEGER, uri TEXT);
"""
PLACES = """
CREATE TABLE place(n INTEGER PRIMARY KEY, node INTEGER NOT NULL UNIQUE, uri TEXT NOT NULL);
INSERT INTO place SELECT row_number() OVER (ORDER BY name_key, name, kind, coalesce(uri, ''), id) - 1, row,
    address(uri, id) FROM node WHERE data IS NOT NULL;
UPDATE place SET uri = (SELECT address(NULL, id) FROM node WHERE row = place.node) WHERE n IN (
    SELECT n FROM (SELECT n, row_number() OVER (PARTITION BY uri ORDER BY n) AS k FROM place) WHERE k > 1
);
CREATE INDEX place_uri ON place(uri);
CREATE TABLE extra AS SELECT child.n AS child, parent.n AS parent FROM redundant
    JOIN place AS child ON child.node = redundant.child JOIN place AS parent ON parent.uri = redundant.uri
    ORDER BY child.n, parent.n;
CREATE INDEX extra_child ON extra(child);
CREATE INDEX extra_parent ON extra(parent);
"""
EDGES = """
SELECT child.n, parent.n, edge.position FROM edge JOIN place AS child ON child.node = edge.child
JOIN place AS parent ON parent.node = edge.parent ORDER BY child.n, parent.n
"""


@dataclass
class Member:
    """A node of an export."""

    n: int
    kind: str
    uri: str
    node: Row
    """Its stored properties."""
    parents: list[int] = field(default_factory=list[int])
    position: int | None = None
    related: list[str] = field(default_factory=list[str])
    """IRIs."""
    aliases: list[str] = field(default_factory=list[str])
    """IRIs of what was merged into it."""

    @property
    def name(self) -> str:
        """The name of the node."""
        return self.node["name"]


class Collection:
    """What is exported. `folder`: where the temporary file is made; `base`: see ExportOptions."""

    def __init__(self, folder: Path, base: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="export-", dir=folder)
        self.path = Path(self._folder.name)
        # Filled and read by one thread after the other.
        self._db = scratch.opened(self.path / "nodes.sqlite", CACHE_KB, SCHEMA, of_threads=True)
        self._base = base
        self._languages: Counter[str] = Counter()
        self._walked = self._read = 0
        self._positions = array("i")
        self.hierarchy = Hierarchy(0, ())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    # Filling

    def begin(self, id_: str, kind: str) -> None:
        """Notes a node that nothing leads to: the root, or a taxonomy above it."""
        self._db.execute("INSERT OR IGNORE INTO node(id, kind) VALUES (?, ?)", (id_, kind))

    def link(self, links: Iterable[Link]) -> None:
        """Notes links, and the nodes that they lead to."""
        known = [*links]
        self._db.executemany(
            "INSERT OR IGNORE INTO node(id, kind) VALUES (?, ?)", ((link.child, link.kind) for link in known)
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO edge SELECT child.row, parent.row, ? FROM node AS child, node AS parent "
            "WHERE child.id = ? AND parent.id = ?",
            ((link.position, link.child, link.parent) for link in known),
        )

    def unwalked(self, kinds: Sequence[str], limit: int) -> list[str]:
        """Ids of the next nodes of these kinds whose links are not known yet."""
        marks = ",".join("?" * len(kinds))
        rows = self._db.execute(
            f"SELECT row, id FROM node WHERE row > ? AND kind IN ({marks}) ORDER BY row LIMIT ?",
            (self._walked, *kinds, limit),
        ).fetchall()
        self._walked = rows[-1][0] if rows else self._walked
        return [id_ for _, id_ in rows]

    def unread(self, limit: int) -> list[str]:
        """Ids of the next nodes whose properties are not known yet."""
        rows = self._db.execute(
            "SELECT row, id FROM node WHERE row > ? ORDER BY row LIMIT ?", (self._read, limit)
        ).fetchall()
        self._read = rows[-1][0] if rows else self._read
        return [id_ for _, id_ in rows]

    def add(self, rows: Iterable[Row]) -> None:
        """Takes nodes as graph/taxonomy/walking/outward.py reads them."""
        for row in rows:
            node: Row = row["node"]
            self._languages[labels.language_of(node)] += 1
            self._db.execute(
                "UPDATE node SET name = ?, name_key = ?, uri = ?, data = ? WHERE id = ?",
                (
                    node["name"],
                    node.get("name_key"),
                    node.get("uri"),
                    json.dumps(row, default=str),
                    node["id"],
                ),
            )
            self._db.executemany(
                "INSERT INTO redundant SELECT row, ? FROM node WHERE id = ?",
                ((iri(str(uri), self._base), node["id"]) for uri in labels.listed(node, "broaderRedundant")),
            )

    def settle(self) -> None:
        """Ends the filling: puts the nodes in order."""
        self._db.create_function("address", 2, self._address)
        self._db.executescript(PLACES)
        [size] = self._db.execute("SELECT count(*) FROM place").fetchone()
        self.hierarchy = Hierarchy(size, self._edges())

    def _address(self, uri: str | None, id_: str) -> str:
        return address(uri, id_, self._base)

    def _edges(self) -> Iterator[tuple[int, int]]:
        for child, parent, position in self._db.execute(EDGES):
            self._positions.append(NO_POSITION if position is None else position)
            yield child, parent

    # Reading

    @property
    def language(self) -> str:
        """The language that most names are in; empty if none is known of any."""
        known = [(-count, lang) for lang, count in self._languages.items() if lang]
        return min(known)[1] if known else ""

    def members(self) -> Iterator[Member]:
        """All nodes, parents before children, siblings in order, as near to their parents as can be."""
        return map(self.member, self.hierarchy.walk(self.hierarchy.roots(), self.below))

    def below(self, n: int) -> list[int]:
        """The children of a node in order."""
        edges = sorted(self.hierarchy.down(n), key=lambda edge: self._positions[edge])
        return [self.hierarchy.children[edge] for edge in edges]

    def member(self, n: int) -> Member:
        """A node by its number."""
        kind, uri, data = self._db.execute(
            "SELECT kind, place.uri, data FROM place JOIN node ON node.row = place.node WHERE n = ?", (n,)
        ).fetchone()
        row: dict[str, Any] = json.loads(data)
        edges = list(self.hierarchy.up(n))
        first = self._positions[edges[0]] if edges else NO_POSITION
        related = {self._related(id_, uri) for id_, uri in row["related"]} - {uri}
        return Member(
            n,
            kind,
            uri,
            row["node"],
            [self.hierarchy.parents[edge] for edge in edges],
            None if first == NO_POSITION else first,
            sorted(related),
            [self._alias(id_, taken, uri) for id_, taken in row["aliases"]],
        )

    def _related(self, id_: str, uri: str | None) -> str:
        found = self._db.execute(
            "SELECT place.uri FROM place JOIN node ON node.row = place.node WHERE id = ?", (id_,)
        ).fetchone()
        return found[0] if found else address(uri, id_, self._base)

    def _alias(self, id_: str, taken: str | None, uri: str) -> str:
        """What was merged into a node, by its own URI unless the node took that over."""
        found = address(taken, id_, self._base)
        return address(None, id_, self._base) if found == uri else found

    def facts(self, n: int) -> tuple[str, str, str]:
        """Kind, IRI and name of a node."""
        return self._db.execute(
            "SELECT kind, place.uri, name FROM place JOIN node ON node.row = place.node WHERE n = ?", (n,)
        ).fetchone()

    def uri(self, n: int) -> str:
        """The IRI of a node."""
        return self._db.execute("SELECT uri FROM place WHERE n = ?", (n,)).fetchone()[0]

    def extra_parents(self, n: int) -> list[int]:
        """Nodes that stand above another parent of a node, and were named as its parents all the same."""
        return [
            p for [p] in self._db.execute("SELECT parent FROM extra WHERE child = ? ORDER BY parent", (n,))
        ]

    def extra_children(self, n: int) -> list[int]:
        """The nodes of which a node is an extra parent."""
        return [
            c for [c] in self._db.execute("SELECT child FROM extra WHERE parent = ? ORDER BY child", (n,))
        ]

    def depth_of_subfields(self) -> int:
        """The largest number of subfields on the first way from a node to its root."""
        found = array("H", bytes(2 * self.hierarchy.size))
        most = 0
        for n in self.hierarchy.order():
            parent = self.first_parent(n)
            above = 0 if parent is None else found[parent]
            found[n] = above + (self.facts(n)[0] == "Subfield")
            most = max(most, found[n])
        return most

    def first_parent(self, n: int) -> int | None:
        """The parent by which a node is shown where only one can be."""
        edge = next(self.hierarchy.up(n), None)
        return None if edge is None else self.hierarchy.parents[edge]
