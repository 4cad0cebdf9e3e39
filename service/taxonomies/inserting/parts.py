"""Items in parts, each small enough for one request, which name parents of earlier parts by their ids."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from service.taxonomies.vocabulary import GLAN

BULK_PART = 1000
# The service accepts a list of 32 MB; a character takes up to four bytes, or six as an escape.
BULK_CHARACTERS = 4_000_000
MOST_REFS = 100_000

Item = dict[str, Any]
Insert = Callable[[list[Item]], list[Item]]
"""Inserts a part; returns the answer to each item, in order."""


def answers(items: Iterable[Item], insert: Insert, ids: dict[str, str] | None = None) -> Iterator[Item]:
    """The answer to each item, in order; only one part is in memory.

    A `parent_ref` to an earlier part is replaced by the node's id. Like the service, this keeps the refs used
    last, in `ids` where that is given.
    """
    ids = {} if ids is None else ids
    for part in _parts(items):
        found = insert([_with_parent_id(item, ids) for item in part])
        for item, answer in zip(part, found, strict=True):
            if "ref" in item and "id" in answer:
                ids.pop(item["ref"], None)
                ids[item["ref"]] = answer["id"]
            if len(ids) > MOST_REFS:
                del ids[next(iter(ids))]
            yield answer


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    characters = 0
    for item in items:
        size = sum(len(value) if isinstance(value, str) else len(str(value)) for value in item.values())
        if part and (len(part) == BULK_PART or characters + size > BULK_CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(item)
        characters += size
    if part:
        yield part


def _with_parent_id(item: Item, ids: dict[str, str]) -> Item:
    """The item with the refs of earlier parts replaced by ids; its first parent stays the first."""
    refs = [ref for ref in (item.get("parent_ref"), *_listed(item.get("parent_refs"))) if ref is not None]
    known = {ref: ids[ref] for ref in refs if isinstance(ref, str) and ref in ids}
    if not known:
        return item
    for ref in known:
        ids[ref] = ids.pop(ref)
    found = {name: value for name, value in item.items() if name not in ("parent_ref", "parent_refs")}
    if refs[0] in known and not item.get("parent_id") and not item.get("parent_ids"):
        found["parent_id"] = known.pop(refs.pop(0))
    left = [ref for ref in refs if ref not in known]
    uris = [f"{GLAN}{known[ref]}" for ref in refs if ref in known]
    if left:
        found["parent_refs"] = left
    if uris:
        found["parent_uris"] = [*uris, *_listed(item.get("parent_uris"))]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
