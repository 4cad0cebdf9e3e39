"""Files in glan's own two forms, CSV of paths and NDJSON of items, as statements."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from graph.model import Kind
from graph.text import normal_name
from service.taxonomies.lookup import Lookup
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import (
    FIELDS,
    GLAN,
    INTERNAL,
    JSON,
    OWN_PROPERTY,
    RDF,
    SCHEME_TYPES,
    SKOS,
)  # fmt: skip

KINDS = {kind.value for kind in Kind}
IDS = ("parent_id", "parent_ids")
PATHS = ("parent_path", "parent_paths")
ADVICE = "name its parent by parent_ref, parent_uris, or the path of an item of the file"
SLASH = re.compile(r"(?<!\\)/")
WAITING = """
CREATE TABLE IF NOT EXISTS pathed(line INTEGER, subject TEXT, path TEXT)
"""
PLACES = """
CREATE TABLE called AS SELECT s AS id, key_of(value) AS key FROM fact WHERE p = {name};
CREATE INDEX called_by ON called(key, id);
CREATE TABLE above AS SELECT s AS id, o AS parent FROM fact WHERE p IN ({broader}, {top});
CREATE INDEX above_of ON above(id);
"""


def read(items: Iterable[tuple[int, dict[str, Any]]], staging: Staging) -> None:
    """Stages items as service/taxonomies/files.py gives them; those with an error are problems `syntax`."""
    taxonomies: set[str] = set()
    known = Lookup(staging.db, "referred")
    staging.db.executescript(WAITING)
    for line, item in items:
        kind, name = item.get("kind"), item.get("name")
        if error := item.get("error"):
            staging.problem("syntax", "", f"line {line}: {error}")
        elif kind not in KINDS or not isinstance(name, str):
            staging.problem("syntax", "", f"line {line}: an item needs a name, and a kind such as Field")
        else:
            _stage(line, item, taxonomies, known, staging)
    _place_by_paths(taxonomies, staging)


def _stage(line: int, item: dict[str, Any], taxonomies: set[str], known: Lookup, staging: Staging) -> None:
    subject = _subject(line, item)
    if isinstance(item.get("ref"), str) and subject != _referred(item["ref"]):
        known.keep([(_referred(item["ref"]), subject)])
    if item["kind"] == Kind.Taxonomy:
        taxonomies.add(subject)
        staging.link(subject, RDF + "type", SCHEME_TYPES[0])
        staging.value(subject, GLAN + "name", item["name"])
        _stage_rest(subject, item, staging)
        return
    staging.link(subject, RDF + "type", SKOS + "Concept")
    staging.value(subject, GLAN + "kind", item["kind"])
    staging.value(subject, GLAN + "name", item["name"])
    if isinstance(item.get("description"), str) and item["description"]:
        staging.value(subject, GLAN + "description", item["description"])
    parents = _parents(item)
    subjects = known.of(parents)
    for parent in (subjects.get(ref, ref) for ref in parents):
        if parent in taxonomies:
            staging.link(subject, SKOS + "topConceptOf", parent)
        else:
            staging.link(subject, SKOS + "broader", parent)
    paths = _texts(item, PATHS)
    rows = [(line, subject, path) for path in paths]
    staging.db.executemany("INSERT INTO pathed VALUES (?, ?, ?)", rows)
    _stage_rest(subject, item, staging)
    if (ids := _texts(item, IDS)) and not parents and not paths:
        _leave_out(line, subject, f"the id {ids[0]} is not in the file", staging)


def _place_by_paths(taxonomies: set[str], staging: Staging) -> None:
    """Places items under those that their paths lead to, wherever these stand in the file."""
    if not next(staging.rows("SELECT 1 FROM pathed LIMIT 1"), None):
        return
    numbers = {"name": GLAN + "name", "broader": SKOS + "broader", "top": SKOS + "topConceptOf"}
    staging.flush()
    staging.db.create_function("key_of", 1, _key, deterministic=True)
    staging.db.executescript(
        PLACES.format(**{name: staging.number(predicate) for name, predicate in numbers.items()})
    )
    are_placed = True
    while are_placed:
        # An item may stand under one that has its place by a path, too.
        are_placed = False
        for row, subject, path in list(
            staging.rows("SELECT rowid, subject, path FROM pathed ORDER BY rowid")
        ):
            found = _found(staging.number(subject), SLASH.split(normal_name(path)), staging)
            if len(found) == 1:
                are_placed = True
                [parent] = next(staging.rows("SELECT uri FROM node WHERE id = ?", found))
                role = "topConceptOf" if parent in taxonomies else "broader"
                staging.link(subject, SKOS + role, parent)
                staging.db.execute("INSERT INTO above VALUES (?, ?)", (staging.number(subject), found[0]))
                staging.db.execute("DELETE FROM pathed WHERE rowid = ?", (row,))
    staging.flush()
    for line, subject, path in list(staging.rows("SELECT line, subject, path FROM pathed ORDER BY rowid")):
        _leave_out(line, subject, f"the path {path!r} leads to no one item of the file", staging)
    staging.db.executescript("DROP TABLE called; DROP TABLE above; DELETE FROM pathed;")


def _key(name: str) -> str:
    return normal_name(name.replace("/", "\\/"))


def _found(child: int, names: Sequence[str], staging: Staging) -> list[int]:
    """The items that a path leads to; a path begins at any of them, or with a slash at a taxonomy."""
    *upper, last = names
    starts = [id_ for [id_] in staging.rows("SELECT id FROM called WHERE key = ?", [last]) if id_ != child]
    return [id_ for id_ in dict.fromkeys(starts) if _stands_under([id_], upper, staging)]


def _stands_under(ids: list[int], names: list[str], staging: Staging) -> bool:
    """Whether names lead down to one of the items, the last name being that of its parent."""
    for name in reversed(names):
        if not name:
            above = staging.rows(f"SELECT 1 FROM above WHERE id IN ({_numbers(ids)}) LIMIT 1")
            return bool(ids) and next(above, None) is None
        ids = [
            id_
            for [id_] in staging.rows(
                "SELECT DISTINCT parent FROM above JOIN called ON called.id = parent "
                f"WHERE above.id IN ({_numbers(ids)}) AND key = ?",
                [name],
            )
        ]
    return bool(ids)


def _numbers(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def _leave_out(line: int, subject: str, why: str, staging: Staging) -> None:
    """Leaves an item out, unless it has another place."""
    staging.flush()
    placed = ", ".join(str(staging.number(SKOS + name)) for name in ("broader", "topConceptOf"))
    has_place = staging.rows(
        f"SELECT 1 FROM fact WHERE s = ? AND p IN ({placed}) LIMIT 1", [staging.number(subject)]
    )
    if next(has_place, None):
        staging.problem("dangling", subject, f"line {line}: {why}; {ADVICE}")
        return
    staging.problem("unplaced", subject, f"line {line}: {why}; {ADVICE}")
    staging.drop("unplaced", subject, why)
    staging.db.execute("DELETE FROM fact WHERE s = ?", (staging.number(subject),))


def _stage_rest(subject: str, item: dict[str, Any], staging: Staging) -> None:
    for notation in _list(item.get("notation")):
        staging.value(subject, SKOS + "notation", str(notation))
    for other in _list(item.get("related")):
        staging.link(subject, SKOS + "related", str(other))
    properties = dict(item.get("properties") or {}) if isinstance(item.get("properties"), dict) else {}
    for name, value in [*properties.items(), *((n, item[n]) for n in FIELDS if n in item)]:
        staging.value(subject, OWN_PROPERTY + name, json.dumps(value, ensure_ascii=False), type_=JSON)


def _subject(line: int, item: dict[str, Any]) -> str:
    if isinstance(item.get("uri"), str) and item["uri"]:
        return item["uri"]
    return _referred(item["ref"]) if isinstance(item.get("ref"), str) else f"{INTERNAL}line:{line:09}"


def _referred(ref: str) -> str:
    return f"{INTERNAL}ref:{ref}"


def _parents(item: dict[str, Any]) -> list[str]:
    refs = [item.get("parent_ref"), *_list(item.get("parent_refs"))]
    uris = _list(item.get("parent_uris"))
    return [
        *(_referred(ref) for ref in refs if isinstance(ref, str)),
        *(u for u in uris if isinstance(u, str)),
    ]


def _texts(item: dict[str, Any], names: Sequence[str]) -> list[str]:
    values = [value for name in names for value in (_list(item.get(name)) or [item.get(name)])]
    return [value for value in values if isinstance(value, str) and value]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
