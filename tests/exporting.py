"""Planned items as the graph stores and returns them, so that exports can be tested without a database."""

import io
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from graph.database import Row
from graph.taxonomy.told import imported
from graph.taxonomy.walking.outward import Link
from service.taxonomies.checking import checked
from service.taxonomies.options import Options
from service.taxonomies.planning.items import PlannedItem
from service.taxonomies.writing import document
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.options import ExportFormat, ExportOptions


def stored(item: PlannedItem, ids: dict[str, str]) -> Row:
    """A node as it is stored."""
    said = {"name": item.name, "description": item.description or None}
    # A node made by hand has no URI, and nothing was imported of it.
    node: Row = ({"imported": imported(said, ())} if item.uri else {}) | item.properties
    node |= {"id": ids[item.ref], "name": item.name, "name_key": item.name.casefold(), "status": item.status}
    node |= {"description": item.description, "weight": float(item.fields.get("weight", 1.0)), "version": 1}
    if item.uri:
        node["uri"] = item.uri
    if item.notation:
        node["notation"] = item.notation
    return node


def rows_of(items: list[PlannedItem], ids: dict[str, str]) -> list[Row]:
    """The nodes as graph/taxonomy/walking/outward.py reads them."""
    related: dict[str, list[str]] = {}
    for item in items:
        for other in item.related:
            related.setdefault(item.ref, []).append(other)
            related.setdefault(other, []).append(item.ref)
    uris = {item.ref: item.uri or None for item in items}
    return [
        {
            "node": stored(item, ids),
            "related": [[ids[other], uris[other]] for other in related.get(item.ref, ())],
            "aliases": [],
        }
        for item in items
    ]


def exported(
    items: Iterable[PlannedItem], folder: Path, format_: str, seed: str = "a", **options: Any
) -> bytes:
    """The export of planned items, stored under ids that begin with `seed`."""
    all_items = list(items)
    ids = {item.ref: f"{seed}{n:06}" for n, item in enumerate(reversed(all_items))}
    wanted = ExportOptions(**options)
    with Collection(folder / "staging", wanted.base) as found:
        for item in all_items:
            found.begin(ids[item.ref], item.kind)
        found.link(
            Link(ids[parent], ids[item.ref], item.kind, item.fields.get("position"))
            for item in all_items
            for parent in item.parents
        )
        while found.unread(500):
            pass
        found.add(rows_of(all_items, ids))
        found.settle()
        file = io.BytesIO()
        document.write(found, ExportFormat(format_), wanted, file)
        return file.getvalue()


def read_back(text: bytes, folder: Path, **options: Any) -> tuple[list[PlannedItem], dict[str, Any]]:
    """The plan of an export."""
    path = folder / "export"
    path.write_bytes(text)
    with checked([str(path)], Options(**options), folder / "home") as found:
        return list(found.plan.items()), found.report(50)


def shown(items: Iterable[PlannedItem]) -> dict[str, Any]:
    """What must be the same after an export was read back, by URI."""
    return {
        item.uri: (
            item.kind,
            item.name,
            item.description,
            item.status,
            item.fields,
            sorted(item.notation),
            sorted(item.parents),
            deepcopy(item.properties),
        )
        for item in items
    }
