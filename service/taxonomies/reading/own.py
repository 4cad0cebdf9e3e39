"""Files in glan's own two forms, CSV of paths and NDJSON of items, as statements."""

import json
from collections.abc import Iterable
from typing import Any

from graph.model import Kind
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
ELSEWHERE = ("parent_id", "parent_path", "parent_ids", "parent_paths")


def read(items: Iterable[tuple[int, dict[str, Any]]], staging: Staging) -> None:
    """Stages items as service/taxonomies/files.py gives them; those with an error are problems `syntax`."""
    taxonomies: set[str] = set()
    known = Lookup(staging.db, "referred")
    for line, item in items:
        kind, name = item.get("kind"), item.get("name")
        if error := item.get("error"):
            staging.problem("syntax", "", f"line {line}: {error}")
        elif kind not in KINDS or not isinstance(name, str):
            staging.problem("syntax", "", f"line {line}: an item needs a name, and a kind such as Field")
        else:
            _stage(line, item, taxonomies, known, staging)


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
    if named := [str(item[name]) for name in ELSEWHERE if item.get(name)]:
        staging.value(subject, GLAN + "place", "; ".join(named)[:1000])
    _stage_rest(subject, item, staging)


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


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
