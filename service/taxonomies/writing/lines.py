"""NDJSON: one item per node, as `glan taxonomy check` reads it, parents before children."""

import json
from collections.abc import Iterator
from typing import IO, Any

from graph.model import RESERVED
from service.taxonomies.writing.collection import Collection, Member


def items(collection: Collection) -> Iterator[tuple[Member, dict[str, Any]]]:
    """The nodes with their items; what is empty or has its default is left out."""
    for member in collection.members():
        node = member.node
        item: dict[str, Any] = {"uri": member.uri, "kind": member.kind, "name": member.name}
        if member.parents:
            item["parent_uris"] = [collection.uri(n) for n in member.parents]
        if node.get("description"):
            item["description"] = node["description"]
        if node["status"] != "accepted":
            item["status"] = node["status"]
        if node.get("weight", 1.0) != 1.0:
            item["weight"] = node["weight"]
        if member.position is not None:
            item["position"] = member.position
        if node.get("notation"):
            item["notation"] = node["notation"]
        if member.related:
            item["related"] = member.related
        free = {name: node[name] for name in sorted(node) if name not in RESERVED and node[name] is not None}
        if free:
            item["properties"] = free
        yield member, item


def write(collection: Collection, file: IO[bytes]) -> None:
    """Writes all items."""
    for _, item in items(collection):
        file.write(json.dumps(item, ensure_ascii=False).encode() + b"\n")
