"""Applies the operations of a difference to a taxonomy, one by one, over REST.

What has the new value already is left alone, so that applying twice changes nothing. What has neither the old
value nor the new one was changed by somebody else, and is refused. Refused operations are tried again as
long as others succeed: a name may become free, or a parent appear.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from graph.model import Kind
from graph.text import normal_name
from service.taxonomies.comparing.records import canonical, read
from service.taxonomies.vocabulary import GLAN
from service.terminal.client import Api, Busy
from service.terminal.output import CommandError

SCOPE = (Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject)
STATUSES = ("proposed", "accepted", "rejected", "retired")
ABSENT = ("retired", "rejected")
TOP = ("uri", "notation", "weight", "status", "description")
EMPTY: dict[str, Any] = {"notation": [], "weight": 1.0, "status": "accepted", "description": ""}
SCHEMA = """
CREATE TABLE node(id TEXT PRIMARY KEY, uri TEXT, name_key TEXT, is_there INTEGER);
CREATE TABLE code(code TEXT, id TEXT);
CREATE TABLE up(child TEXT, parent TEXT);
CREATE INDEX node_uri ON node(uri); CREATE INDEX code_code ON code(code);
CREATE INDEX up_parent ON up(parent); CREATE INDEX up_child ON up(child);
"""
Ref = dict[str, Any]
Operation = dict[str, Any]


class Refused(Exception):
    """An operation does not fit what is there; the message says why."""


class Known:
    """The nodes of a taxonomy by what operations call them, in a temporary database on disk."""

    def __init__(self, api: Api, root: str) -> None:
        self.root = root
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(SCHEMA)
        self.note(api.get(f"/v1/nodes/{root}"))
        for kind in SCOPE:
            for node in api.pages(f"/v1/nodes/{root}/descendants", kind=kind, status=STATUSES, limit=1000):
                self.note(node)

    def note(self, node: dict[str, Any]) -> None:
        """Remembers a node as the service shows it."""
        id_ = node["id"]
        for table, column in (("node", "id"), ("code", "id"), ("up", "child")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (id_,))
        self._db.execute(
            "INSERT INTO node VALUES (?, ?, ?, ?)",
            (id_, node["uri"], normal_name(node["name"]), node["status"] not in ABSENT),
        )
        self._db.executemany("INSERT INTO code VALUES (?, ?)", [(code, id_) for code in node["notation"]])
        self._db.executemany("INSERT INTO up VALUES (?, ?)", [(id_, above) for above in node["parents"]])

    def find(self, ref: Ref) -> str | None:
        """The id of what a reference means: by its URI, else by notation, else by its path."""
        uri: str = ref.get("uri") or ""
        paths: list[list[str]] = [ref.get(name) or [] for name in ("path", "later_path")]
        if found := self._by_uri(uri):
            return found
        if len(paths[0]) == 1:
            return self.root
        for code in ref.get("notation") or ():
            rows = self._rows("SELECT id FROM code JOIN node USING (id) WHERE code = ? AND is_there", code)
            if len(rows) == 1 and self._may_be(rows[0], uri):
                return rows[0]
        found = next(filter(None, map(self._by_path, paths)), None)
        return found if found and self._may_be(found, uri) else None

    def _by_uri(self, uri: str) -> str | None:
        own = uri.removeprefix(GLAN)
        if own != uri and self._rows("SELECT id FROM node WHERE id = ?", own):
            return own
        rows = self._rows("SELECT id FROM node WHERE uri = ? ORDER BY is_there DESC, id", uri) if uri else []
        return rows[0] if rows else None

    def _by_path(self, path: Sequence[str]) -> str | None:
        at: str | None = self.root if path else None
        for name in path[1:]:
            rows = self._rows(
                "SELECT id FROM up JOIN node ON id = child WHERE parent = ? AND name_key = ? "
                "ORDER BY is_there DESC, id",
                at, normal_name(name),
            )  # fmt: skip
            at = rows[0] if rows else None
            if at is None:
                return None
        return at

    def _may_be(self, id_: str, uri: str) -> bool:
        """Whether a node found otherwise may be what has this URI: only if it has no other."""
        return not uri or uri.startswith(GLAN) or not self._rows("SELECT uri FROM node WHERE id = ?", id_)[0]

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return [value for [value] in self._db.execute(statement, values)]


class Applying:
    """Applies operations to the taxonomy `root`. `check`: only says what would be done."""

    def __init__(self, api: Api, root: str, languages: Sequence[str], *, check: bool) -> None:
        self._api = api
        self._check = check
        self._languages = languages
        self._known = Known(api, root)
        self._does = {
            "rename": self._rename, "update": self._update, "add": self._add, "move": self._move,
            "deprecate": self._deprecate, "remove": self._remove,
        }  # fmt: skip

    def apply(self, operations: Iterable[Operation]) -> Iterator[tuple[Operation, str, str]]:
        """Each operation with `applied`, `unchanged` or `refused`, and why."""
        waiting, done = list(operations), True
        while waiting and done:
            done, refused = False, list[tuple[Operation, str]]()
            for operation in waiting:
                try:
                    changed = self._does[operation["op"]](operation)
                except Busy:
                    raise
                except (Refused, CommandError) as error:
                    refused.append((operation, str(error)))
                    continue
                done = done or changed
                yield operation, "applied" if changed else "unchanged", ""
            waiting = [operation for operation, _ in refused]
            if not done or self._check:
                yield from ((operation, "refused", why) for operation, why in refused)
                return

    def _node(self, ref: Ref) -> dict[str, Any]:
        found = self._known.find(ref)
        if found is None:
            raise Refused("it is not there")
        return self._api.get(f"/v1/nodes/{found}")

    def _patch(self, node: dict[str, Any], change: dict[str, Any]) -> bool:
        if change and not self._check:
            self._known.note(self._api.patch(f"/v1/nodes/{node['id']}", change, version=node["version"]))
        return bool(change)

    def _rename(self, operation: Operation) -> bool:
        node = self._node(operation["node"])
        if node["name"] == operation["to"]:
            return False
        if node["name"] != operation["from"]:
            raise Refused(f"its name is {node['name']!r} by now, not {operation['from']!r}")
        return self._patch(node, {"name": operation["to"]})

    def _update(self, operation: Operation) -> bool:
        node, ref = self._node(operation["node"]), operation["node"]["uri"]
        _, slots = read(node["name"], node["description"], node["properties"], self._languages)
        change: dict[str, Any] = {}
        for slot, new in operation["to"].items():
            old = operation["from"][slot]
            if slot in EMPTY:
                old, new = (EMPTY[slot] if value is None else value for value in (old, new))
            if slot == "related":
                new = self._related(node, old, new)
            raw = node[slot] if slot in TOP else node["properties"].get(slot)
            have = [_plain(value) for value in (raw, slots.get(slot))]
            if have[0] == _plain(new):
                continue
            wanted = [canonical(slot, _plain(value), ref) for value in (old, new)]
            is_known = any(canonical(slot, value, ref) in wanted for value in have)
            if not is_known and slot != "related" and (slot != "description" or len(operation["to"]) == 1):
                raise Refused(f"{slot} is {raw!r} by now, not {old!r}")
            if slot in TOP:
                change[slot] = new
            else:
                change.setdefault("properties", {})[slot] = new
        return self._patch(node, change)

    def _related(self, node: dict[str, Any], lost: list[str], gained: list[str]) -> list[str] | None:
        """The property of relations; those that are links were loaded, and stay."""
        linked = self._linked(node)
        if stuck := sorted(linked.intersection(lost)):
            raise Refused(f"it is linked to {', '.join(stuck)}; a relation that was loaded cannot be removed")
        have: list[str] = list(node["properties"].get("related") or ())
        kept = [uri for uri in have if uri not in lost]
        return [*kept, *(uri for uri in gained if uri not in kept and uri not in linked)] or None

    def _linked(self, node: dict[str, Any]) -> set[str]:
        """The URIs of the nodes that a node is linked to, which only its export shows."""
        path, kind = f"/v1/nodes/{node['id']}/taxonomy", node["kind"]
        lines = self._api.content(path, format="ndjson", to=kind, status="all").splitlines()
        items: list[dict[str, Any]] = [json.loads(line) for line in lines]
        own = next((item for item in items if item["kind"] == kind), dict[str, Any]())
        return set(own.get("related", ()))

    def _add(self, operation: Operation) -> bool:
        ref, new = operation["node"], operation["to"]
        found = self._known.find(ref)
        if found is not None:
            return self._bring_back(self._api.get(f"/v1/nodes/{found}"), new)
        parents = [self._known.find(parent) for parent in operation["parents"]]
        for parent, id_ in zip(operation["parents"], parents, strict=True):
            if id_ is None:
                raise Refused(f"{parent['name']}, under which it should stand, is not there")
        if self._check:
            return self._would_add(ref, new, parents)
        body = new | {"uri": ref["uri"] or None, "parent_ids": parents}
        made, created = self._api.insert(body)
        if not created and made["uri"] != (ref["uri"] or None):
            raise Refused("another node has its name there")
        self._known.note(made)
        return created

    def _bring_back(self, node: dict[str, Any], new: dict[str, Any]) -> bool:
        """Accepts a node again that was retired, or was deprecated and stayed for what stands under it."""
        if node["status"] not in ABSENT and not node["properties"].get("deprecated"):
            return False
        properties = {"deprecated": None, "replacedBy": None} | new["properties"]
        return self._patch(node, {"status": "accepted", "properties": properties})

    def _would_add(self, ref: Ref, new: dict[str, Any], parents: list[Any]) -> bool:
        self._known.note(
            {"id": f"new:{ref['uri']}{ref['path']}", "name": new["name"], "status": "accepted",
             "parents": parents, "uri": ref["uri"], "notation": new["notation"]}
        )  # fmt: skip
        return True

    def _move(self, operation: Operation) -> bool:
        node = self._node(operation["node"])
        gained = [(ref, self._known.find(ref)) for ref in operation["to"]]
        for ref, id_ in gained:
            if id_ is None:
                raise Refused(f"{ref['name']}, under which it should stand, is not there")
        new = [id_ for _, id_ in gained if id_ is not None and id_ not in node["parents"]]
        lost = {self._known.find(ref) for ref in operation["from"]}
        if self._known.root in lost and self._known.root not in node["parents"]:
            lost |= {id_ for id_ in node["parents"] if self._is_flat(id_)}
        old = [id_ for id_ in node["parents"] if id_ in lost]
        if not self._check:
            for parent in new:
                self._api.put(f"/v1/nodes/{parent}/children/{node['id']}")
            for parent in old:
                self._api.delete(f"/v1/nodes/{parent}/children/{node['id']}")
            if new or old:
                self._known.note(self._api.get(f"/v1/nodes/{node['id']}"))
        return bool(new or old)

    def _is_flat(self, id_: str) -> bool:
        """Whether a node is the field that holds what stands alone at the top."""
        node, root = (self._api.get(f"/v1/nodes/{one}") for one in (id_, self._known.root))
        return node["kind"] == Kind.Field and normal_name(node["name"]) == normal_name(root["name"])

    def _deprecate(self, operation: Operation) -> bool:
        found = self._known.find(operation["node"])
        if found is None:
            return False
        node = self._api.get(f"/v1/nodes/{found}")
        if node["status"] in ABSENT:
            return False
        replaced = sorted(one["uri"] for one in operation["replaced_by"])
        new = {"deprecated": True} | ({"replacedBy": replaced} if replaced else {})
        change = {name: value for name, value in new.items() if node["properties"].get(name) != value}
        changed = self._patch(node, {"properties": change} if change else {})
        return self._retire(found) if operation["retire"] else changed

    def _remove(self, operation: Operation) -> bool:
        found = self._known.find(operation["node"])
        return found is not None and self._retire(found)

    def _retire(self, id_: str) -> bool:
        """Retires a node, unless something of the taxonomy would go with it."""
        node = self._api.get(f"/v1/nodes/{id_}")
        if node["status"] in ABSENT:
            return False
        if self._check:
            return True
        for kind in SCOPE[:-1]:
            for child in self._api.pages(f"/v1/nodes/{id_}/children", kind=kind, limit=1000):
                if child["parents"] == [id_] and child["status"] not in ABSENT:
                    raise Refused(f"{child['name']} still stands under it")
        self._api.delete(f"/v1/nodes/{id_}", version=node["version"])
        self._known.note(node | {"status": "retired"})
        return True


def _plain(value: Any) -> Any:
    """A value without its order, where order says nothing; None where it is empty."""
    if isinstance(value, list):
        return sorted(map(str, value)) or None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return None if value == "" else value
