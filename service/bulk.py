"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by a batch.

An item is a NewNode that may name its parent by `parent_path` ("Natural sciences/Physics") or by
`parent_ref`, the `ref` of an item before it.
"""

from collections.abc import AsyncIterator
from typing import Any

from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException

from graph import nodes, traversal
from graph.database import Database, Transaction
from graph.errors import GraphError, Invalid, NotFound
from graph.model import NewNode, Text
from service.bulk_items import Item

BATCH = 500
LARGEST_ATOMIC = 50_000


class BulkNode(NewNode):
    """A node of a bulk insertion."""

    # A text that cannot be sent to the database would take the good ones of its batch along.
    parent_id: Text | None = Field(default=None, description="Id of the node above; a Taxonomy has none")
    parent_ids: list[Text] = Field(
        default_factory=list, max_length=100, description="Several nodes above; the first is its home"
    )
    ref: Text | None = Field(
        default=None, max_length=10_000, description="A name for this item, for those after it"
    )
    parent_ref: Text | None = Field(default=None, description="`ref` of an item before this one")
    parent_path: Text | None = Field(default=None, description="Names from any node down to the parent")

    @property
    def above(self) -> list[str]:
        """Placeholders stand for what has no id yet; Batch puts the ids in."""
        given = super().above
        return given or [text for text in (self.parent_ref, self.parent_path) if text is not None]


class Batch:
    """Items that wait to be inserted together, and the ids of the refs seen so far."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._waiting: list[tuple[int, BulkNode]] = []
        self._refs: dict[str, str] = {}

    def must_flush_before(self, node: BulkNode) -> bool:
        """Whether the item stands under one that waits, or the batch is full."""
        if len(self._waiting) >= BATCH:
            return True
        if not self._waiting:
            return False
        if node.parent_path is not None:
            return True
        return any(waiting.ref == node.parent_ref for _, waiting in self._waiting if waiting.ref)

    def add(self, line: int, node: BulkNode) -> None:
        """Puts an item at the end."""
        self._waiting.append((line, node))

    async def flush(self, tx: Transaction) -> list[dict[str, Any]]:
        """Inserts what waits and returns a result for each; keeps it, for the transaction may be retried."""
        results: dict[int, dict[str, Any]] = {}
        ready: list[tuple[int, BulkNode, NewNode]] = []
        for line, item in self._waiting:
            try:
                ready.append((line, item, await self._placed(tx, item)))
            except GraphError as error:
                results[line] = _error(line, error)
        inserted = await nodes.insert_in(tx, [node for _, _, node in ready], by=self._by)
        for (line, item, _), result in zip(ready, inserted, strict=True):
            results[line] = _result(line, result)
            if item.ref is not None and result.id is not None:
                self._refs[item.ref] = result.id
        return [results[line] for line, _ in self._waiting]

    def clear(self) -> None:
        """What was flushed is durable."""
        self._waiting.clear()

    async def _placed(self, tx: Transaction, item: BulkNode) -> NewNode:
        """The item with its parent's id; raises GraphError when the parent is not there."""
        plain = item.model_dump(exclude={"ref", "parent_ref", "parent_path"})
        if item.parent_ref is not None:
            if item.parent_ref not in self._refs:
                raise NotFound(f"no item before this one has the ref {item.parent_ref!r}, or it was refused")
            plain["parent_id"] = self._refs[item.parent_ref]
        elif item.parent_path is not None:
            plain["parent_id"] = await traversal.resolve(tx, item.parent_path)
        return NewNode.model_construct(**plain)


async def insert(
    database: Database, source: AsyncIterator[Item], *, by: str
) -> AsyncIterator[dict[str, Any]]:
    """A result for each item, in order: {line, status: created|existing|error, id?, error?}."""
    batch = Batch(by)
    async for line, entry in source:
        node = _validated(entry)
        if isinstance(node, Invalid):
            for result in await _flush(database, batch):
                yield result
            yield _error(line, node)
            continue
        if batch.must_flush_before(node):
            for result in await _flush(database, batch):
                yield result
        batch.add(line, node)
    for result in await _flush(database, batch):
        yield result


async def _flush(database: Database, batch: Batch) -> list[dict[str, Any]]:
    results = await database.writing(batch.flush)
    batch.clear()
    return results


class _Refused(Exception):
    """Rolls an atomic insertion back."""


async def insert_atomic(database: Database, source: AsyncIterator[Item], *, by: str) -> list[dict[str, Any]]:
    """As insert, but all or none, and therefore not before the last item has come."""
    entries = [item async for item in _bounded(source)]
    results: list[dict[str, Any]] = []

    async def work(tx: Transaction) -> None:
        results.clear()
        batch = Batch(by)
        for line, entry in entries:
            node = _validated(entry)
            if isinstance(node, Invalid):
                results.append(_error(line, node))
                continue
            if batch.must_flush_before(node):
                results.extend(await batch.flush(tx))
                batch.clear()
            batch.add(line, node)
        results.extend(await batch.flush(tx))
        if any(result["status"] == "error" for result in results):
            raise _Refused

    try:
        await database.writing(work)
    except _Refused:
        return [_rolled_back(result) for result in sorted(results, key=lambda r: r["line"])]
    return sorted(results, key=lambda r: r["line"])


async def _bounded(source: AsyncIterator[Item]) -> AsyncIterator[Item]:
    count = 0
    async for item in source:
        count += 1
        if count > LARGEST_ATOMIC:
            raise HTTPException(413, f"an atomic insertion may have {LARGEST_ATOMIC} items")
        yield item


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if result["status"] == "error":
        return result
    return _error(result["line"], Invalid("not inserted, because other lines have errors (atomic)"))


def _validated(entry: dict[str, Any] | Invalid) -> BulkNode | Invalid:
    if isinstance(entry, Invalid):
        return entry
    try:
        return BulkNode.model_validate(entry)
    except ValidationError as error:
        parts = [f"{'.'.join(map(str, e['loc'])) or 'item'}: {e['msg']}" for e in error.errors()]
        return Invalid("; ".join(parts).replace("Value error, ", ""))


def _result(line: int, inserted: nodes.Inserted) -> dict[str, Any]:
    if inserted.error:
        return _error(line, inserted.error)
    return {"line": line, "status": "created" if inserted.created else "existing", "id": inserted.id}


def _error(line: int, error: GraphError) -> dict[str, Any]:
    return {"line": line, "status": "error", "error": str(error)}
