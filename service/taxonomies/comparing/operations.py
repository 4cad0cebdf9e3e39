"""What changed between two sides that were paired, as operations that bring the first to the second.

An operation names its node by URI, notation and path, and says what it was before: applied to something else,
it is refused.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from service.taxonomies.comparing.pairing import AFTER, Pairing
from service.taxonomies.comparing.records import LABELS, NOTE_NAMES, Slots, canonical
from service.taxonomies.vocabulary import GLAN
from service.taxonomies.writing.labels import MATCHES

LONGEST_PATH = 100
GROUPS = (
    "added", "removed", "deprecated", "renamed", "moved", "relabelled", "alt_labels", "redefined",
    "renotated", "mapped", "other",
)  # fmt: skip
"""In the order in which they are shown. renamed: the same concept under another URI."""
ORDER = ("rename", "update", "add", "move", "deprecate", "remove")
"""In which operations are applied: names become free before they are taken, and nothing is retired before
what stands under it has moved."""
GROUP_OF = (
    {"prefLabel": "relabelled", "notation": "renotated", "description": "redefined", "uri": "renamed"}
    | dict.fromkeys(LABELS, "alt_labels")
    | dict.fromkeys(NOTE_NAMES, "redefined")
    | dict.fromkeys(MATCHES, "mapped")
)
TABLES = """
CREATE TABLE kept(p INTEGER PRIMARY KEY);
INSERT INTO kept SELECT a.p FROM record AS a JOIN record AS b ON b.p = a.p AND b.side = 1
    WHERE a.side = 0 AND NOT a.gone AND NOT b.gone AND NOT a.made AND NOT b.made;
CREATE TABLE operation(id INTEGER PRIMARY KEY, op TEXT, p INTEGER, at INTEGER, text TEXT);
CREATE TABLE grouped(name TEXT, p INTEGER, id INTEGER);
"""
BOTH = """
SELECT a.p, a.name, b.name, a.base, b.base, a.uri, b.uri, a.data, b.data, b.n FROM kept
JOIN record AS a ON a.p = kept.p AND a.side = 0 JOIN record AS b ON b.p = kept.p AND b.side = 1
WHERE a.digest <> b.digest OR a.uri <> b.uri ORDER BY b.n
"""
# Of a table with p, side and a column: what one side has and the other has not.
DELTA = """
SELECT one.p, one.side, one.{column} FROM {table} AS one JOIN kept USING (p) WHERE NOT EXISTS (
    SELECT 1 FROM {table} AS two WHERE two.p = one.p AND two.side = 1 - one.side
    AND two.{column} = one.{column}
) ORDER BY one.p, one.side, one.{column}
"""
GONE = """
SELECT a.p, a.n, b.data, NOT EXISTS (
    SELECT 1 FROM link JOIN record AS child ON child.p = link.p AND child.side = 1 AND NOT child.gone
    WHERE link.side = 1 AND link.parent = a.p
) FROM record AS a LEFT JOIN record AS b ON b.p = a.p AND b.side = 1
WHERE a.side = 0 AND NOT a.gone AND NOT a.made AND (b.p IS NULL OR b.gone) ORDER BY a.n DESC
"""
NEW = """
SELECT b.p, b.n, b.kind, b.name, b.data FROM record AS b LEFT JOIN record AS a ON a.p = b.p AND a.side = 0
WHERE b.side = 1 AND NOT b.gone AND (a.p IS NULL OR a.gone) ORDER BY b.n
"""


def group_of(slot: str) -> str:
    """The group that a change of a slot belongs to."""
    return GROUP_OF.get(slot, GROUP_OF.get(slot.partition("_")[0], "other"))


class Operations:
    """Finds the operations and keeps them in the database of the pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self._db = pairing.db

    def find(self) -> None:
        """Finds all operations."""
        self._db.executescript(TABLES)
        for row in self._db.execute(BOTH):
            self._compare(*row)
        self._db.executescript(
            "CREATE INDEX link_parent ON link(side, parent); CREATE INDEX record_name ON record(rid);"
        )
        self._move()
        self._relate()
        self._add()
        self._remove()
        self._db.executescript(
            "CREATE INDEX grouped_by ON grouped(name, id);CREATE INDEX operation_by ON operation(op, at, id);"
        )

    def counts(self) -> dict[str, int]:
        """How many concepts are in each group that has any."""
        rows = self._db.execute("SELECT name, count(DISTINCT p) FROM grouped GROUP BY name")
        found = dict(rows.fetchall())
        return {name: found[name] for name in GROUPS if name in found}

    def all(self) -> Iterator[str]:
        """The operations as JSON, in the order in which they are applied."""
        for op in ORDER:
            for [text] in self._db.execute("SELECT text FROM operation WHERE op = ? ORDER BY at, id", (op,)):
                yield text

    def size(self, group: str) -> int:
        """How many operations a group has."""
        return self._db.execute("SELECT count(*) FROM grouped WHERE name = ?", (group,)).fetchone()[0]

    def of_group(self, group: str, most: int) -> Iterator[dict[str, Any]]:
        """The first operations of a group."""
        rows = self._db.execute(
            "SELECT text FROM grouped JOIN operation USING (id) WHERE name = ? ORDER BY at, id LIMIT ?",
            (group, most),
        )
        return (json.loads(text) for [text] in rows)

    def _note(self, op: str, p: int, at: int, groups: Iterable[str], rest: dict[str, Any]) -> None:
        groups = sorted(set(groups), key=GROUPS.index)
        text = json.dumps({"op": op, "groups": groups, "node": self._ref(p)} | rest, ensure_ascii=False)
        row = self._db.execute("INSERT INTO operation VALUES (NULL, ?, ?, ?, ?)", (op, p, at, text))
        self._db.executemany(
            "INSERT INTO grouped VALUES (?, ?, ?)", [(group, p, row.lastrowid) for group in groups]
        )

    # Of what is there on both sides

    def _compare(
        self, p: int, name: str, new_name: str, base: str | None, new_base: str | None, uri: str,
        new_uri: str, data: str, new_data: str, at: int,
    ) -> None:  # fmt: skip
        before, after = json.loads(data), json.loads(new_data)
        changes = _changed(before, after, name if name == new_name else None)
        own, new = _own(uri), _own(new_uri)
        if new and own != new:
            changes["uri"] = (own or None, new)
        labels = [slot for slot in changes if slot.startswith("prefLabel")]
        has_labels = any(slot.startswith("prefLabel") for slot in before["slots"])
        renamed = base is not None and new_base is not None and base != new_base
        if renamed and (labels or not has_labels):
            self._note("rename", p, at, () if labels else ["relabelled"], {"from": name, "to": new_name})
        if changes:
            groups = {group_of(slot) for slot in changes}
            for slot, value in _along(before, after, groups):
                changes.setdefault(slot, value)
            rest = {
                "from": {slot: one for slot, (one, _) in sorted(changes.items())},
                "to": {slot: other for slot, (_, other) in sorted(changes.items())},
            }
            self._note("update", p, at, groups, rest)

    def _delta(self, table: str, column: str) -> Iterator[tuple[int, list[Any], list[Any]]]:
        """Numbers with what only the first side has, and what only the second."""
        rows = self._db.execute(DELTA.format(table=table, column=column))
        for p, some in groupby(rows, key=itemgetter(0)):
            sides: list[list[Any]] = [[], []]
            for _, side, value in some:
                sides[side].append(value)
            yield p, sides[0], sides[1]

    def _move(self) -> None:
        for p, lost, gained in self._delta("link", "parent"):
            rest = {"from": [self._ref(n) for n in lost], "to": [self._ref(n) for n in gained]}
            self._note("move", p, p, ["moved"], rest)

    def _relate(self) -> None:
        for p, lost, gained in self._delta("relation", "other"):
            rest = {
                side: {"related": [self._uri_of(one) for one in ones]}
                for side, ones in (("from", lost), ("to", gained))
            }
            self._note("update", p, p, ["other"], rest)

    def _uri_of(self, other: str) -> str:
        return (self._ref(int(other))["uri"] or other) if other.isdecimal() else other

    # Of what is there on one side

    def _add(self) -> None:
        for p, n, kind, name, data in self._db.execute(NEW):
            found = json.loads(data)
            slots: Slots = found["slots"]
            node = {"kind": kind, "name": name, "notation": found["notation"]}
            node |= {key: slots.pop(key) for key in ("weight", "status") if key in slots}
            slots.pop("notation", None)
            slots.pop("description", None)
            parents = self._db.execute(
                "SELECT up.p FROM edge JOIN record AS up ON up.side = edge.side AND up.n = edge.parent "
                "WHERE edge.side = 1 AND edge.child = ? ORDER BY edge.rowid",
                (n,),
            ).fetchall()
            related = self._db.execute(
                "SELECT other FROM relation WHERE p = ? AND side = 1 ORDER BY other", (p,)
            )
            if uris := [self._uri_of(other) for [other] in related]:
                slots["related"] = uris
            node |= {"description": found["description"], "properties": slots}
            rest = {"to": node, "parents": [self._ref(parent) for [parent] in parents]}
            self._note("add", p, n, ["added"], rest)

    def _remove(self) -> None:
        for p, n, data, alone in self._db.execute(GONE):
            if data is None:
                self._note("remove", p, -n, ["removed"], {})
                continue
            replaced = json.loads(data)["slots"].get("replacedBy", [])
            rest = {"replaced_by": [self._named(uri) for uri in replaced], "retire": bool(alone)}
            self._note("deprecate", p, -n, ["deprecated"], rest)

    def _named(self, uri: str) -> dict[str, str]:
        row = self._db.execute(
            "SELECT name FROM record WHERE uri = ? ORDER BY side DESC LIMIT 1", (uri,)
        ).fetchone()
        return {"uri": uri, "name": row[0] if row else ""}

    # Names of nodes

    def _ref(self, p: int) -> dict[str, Any]:
        """What a node is called: on the first side, if it is there."""
        rows = self._db.execute(
            "SELECT side, n, uri, name, data FROM record WHERE p = ? ORDER BY side", (p,)
        ).fetchall()
        side, n, uri, name, data = rows[0]
        found = {"uri": uri, "notation": json.loads(data)["notation"], "name": name}
        found["path"] = self._path(side, n)
        if len(rows) > 1 and not uri:
            found["later_path"] = self._path(AFTER, rows[1][1])
        return found

    def _path(self, side: int, n: int) -> list[str]:
        """The names on the first way to a record; empty if it is too long."""
        names: list[str] = []
        at: int | None = n
        while at is not None:
            [name] = self._db.execute(
                "SELECT name FROM record WHERE side = ? AND n = ?", (side, at)
            ).fetchone()
            names.append(name)
            if len(names) > LONGEST_PATH:
                return []
            row = self._db.execute(
                "SELECT parent FROM edge WHERE side = ? AND child = ? ORDER BY rowid LIMIT 1", (side, at)
            ).fetchone()
            at = row[0] if row else None
        return names[::-1]


def _own(uri: str) -> str:
    """A URI that is not made of the id of a node."""
    return "" if uri.startswith(GLAN) else uri


def _changed(before: dict[str, Any], after: dict[str, Any], name: str | None) -> dict[str, tuple[Any, Any]]:
    """The slots that differ, with both values. `name`: of the nodes, if it is the same."""
    one, other = before["slots"], after["slots"]
    found: dict[str, tuple[Any, Any]] = {}
    for slot in sorted(one.keys() | other.keys()):
        was, now = one.get(slot), other.get(slot)
        if canonical(slot, was, before["ref"]) == canonical(slot, now, after["ref"]):
            continue
        if slot.startswith("prefLabel") and name is not None and name in (was, now):
            rest = now if was == name else was
            if rest is not None and name.startswith(f"{rest} ("):
                # One of them is what tells it apart from a homonym.
                continue
        if (was or None) != (now or None):
            found[slot] = (was, now)
    return found


def _along(
    before: dict[str, Any], after: dict[str, Any], groups: set[str]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Values that follow from what changed."""
    if "redefined" in groups and before["description"] != after["description"]:
        yield "description", (before["description"], after["description"])
    if "renotated" in groups and before["slots"].get("rdf") != after["slots"].get("rdf"):
        yield "rdf", (before["slots"].get("rdf"), after["slots"].get("rdf"))
