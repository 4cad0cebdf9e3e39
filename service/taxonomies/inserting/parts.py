"""Items in parts, each small enough for one request, which name parents of earlier parts by their ids."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.taxonomies.lookup import Lookup
from service.taxonomies.vocabulary import GLAN

# Several transactions, which the service prepares while it commits the one before.
BULK_PART = 4000
# The service accepts a list of 32 MB; a character takes up to four bytes, or six as an escape.
BULK_CHARACTERS = 4_000_000

NOT_INSERTED = "neither this line nor those after it were inserted"
"""How the last line of an answer begins if the insertion ended before its time."""

Item = dict[str, Any]
Insert = Callable[[list[Item]], list[Item]]
"""Inserts a part; returns the answer to each item, in order."""


def answers(items: Iterable[Item], insert: Insert, ids: Lookup | None = None) -> Iterator[Item]:
    """The answer to each item, in order; only two parts are in memory.

    A part is inserted in a thread of its own while the next one is made. A `parent_ref` to an earlier part is
    replaced by the node's id, however long ago that was: the service itself keeps only the refs used last.
    `ids`: where ids by refs are kept from call to call.
    """
    ids = ids or Lookup()
    parts = _parts(items)
    thread = ThreadPoolExecutor(1, "insert")
    try:
        part = next(parts, None)
        while part:
            known = ids.of(ref for item in part for ref in _refs(item))
            inserted = thread.submit(insert, [*_with_parent_ids(part, known)])
            following, failure = _next(parts)
            found = inserted.result()
            ids.keep(
                (item["ref"], answer["id"])
                for item, answer in zip(part, found, strict=True)
                if isinstance(item.get("ref"), str) and "id" in answer
            )
            yield from found
            if failure:
                raise failure
            part = following
    finally:
        thread.shutdown(wait=False)


def _next(parts: Iterator[list[Item]]) -> tuple[list[Item] | None, Exception | None]:
    """The next part, or why there is none, which is raised once the one before is answered."""
    try:
        return next(parts, None), None
    except Exception as error:
        return None, error


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


def _refs(item: Item) -> list[str]:
    given = (item.get("parent_ref"), *_listed(item.get("parent_refs")))
    return [ref for ref in given if isinstance(ref, str)]


def _with_parent_ids(part: list[Item], known: dict[str, str]) -> Iterator[Item]:
    for item in part:
        yield _with_parent_id(item, known)
        # What is called so from here on is this item.
        if isinstance(item.get("ref"), str):
            known.pop(item["ref"], None)


def _with_parent_id(item: Item, ids: Mapping[str, str]) -> Item:
    """The item with the refs of earlier parts replaced by ids; its first parent stays the first."""
    refs = [ref for ref in (item.get("parent_ref"), *_listed(item.get("parent_refs"))) if ref is not None]
    known = {ref: ids[ref] for ref in refs if isinstance(ref, str) and ref in ids}
    if not known:
        return item
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
