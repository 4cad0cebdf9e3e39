"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by a batch.

An item is a NewNode that may name its parent by `parent_path` ("Natural sciences/Physics") or by
`parent_ref`, the `ref` of an item before it.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, cast

from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException

from graph import nodes, traversal
from graph.database import Database, Transaction
from graph.errors import GraphError, Invalid, NotFound
from graph.model import NewNode

BATCH = 500
LONGEST_LINE = 1_000_000
LARGEST_LIST = 32_000_000
LARGEST_ATOMIC = 50_000

Item = tuple[int, dict[str, Any] | Invalid]


class BulkNode(NewNode):
    """A node of a bulk insertion."""

    ref: str | None = Field(
        default=None, max_length=1000, description="A name for this item, for those after it"
    )
    parent_ref: str | None = Field(default=None, description="`ref` of an item before this one")
    parent_path: str | None = Field(default=None, description="Names from any node down to the parent")

    @property
    def above(self) -> list[str]:
        """Placeholders stand for what has no id yet; Batch puts the ids in."""
        given = super().above
        return given or [text for text in (self.parent_ref, self.parent_path) if text is not None]


async def items(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    """The lines of NDJSON or the entries of a JSON list, each with its number from 1."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        async for item in _listed(body):
            yield item
    elif kind in ("application/x-ndjson", "application/jsonl", ""):
        number = 0
        async for line in _lines(body):
            number += 1
            if line.strip():
                yield number, _parsed(line)
    else:
        raise HTTPException(415, "send application/x-ndjson, an object a line, or application/json, a list")


async def _listed(body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    text = b""
    async for chunk in body:
        text += chunk
        if len(text) > LARGEST_LIST:
            raise HTTPException(413, "a JSON list may have 32 MB; send NDJSON, which may be of any length")
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise HTTPException(422, f"the body is no JSON: {error}") from error
    if not isinstance(entries, list):
        raise HTTPException(422, "the body is to be a list of nodes")
    for number, entry in enumerate(cast(list[Any], entries), 1):
        yield number, _checked(entry)


async def _lines(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in body:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_LINE:
            raise HTTPException(413, "a line may have 1 MB")
    if rest:
        yield rest


def _parsed(line: bytes) -> dict[str, Any] | Invalid:
    try:
        return _checked(json.loads(line))
    except ValueError as error:
        return Invalid(f"the line is no JSON: {error}")


def _checked(entry: Any) -> dict[str, Any] | Invalid:
    return cast(dict[str, Any], entry) if isinstance(entry, dict) else Invalid("an item is to be an object")


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
    database: Database, source: AsyncIterator[Item], *, atomic: bool, by: str
) -> AsyncIterator[dict[str, Any]]:
    """A result for each item, in order: {line, status: created|existing|error, id?, error?}."""
    if atomic:
        for result in await _insert_atomic(database, source, by):
            yield result
        return
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


async def _insert_atomic(database: Database, source: AsyncIterator[Item], by: str) -> list[dict[str, Any]]:
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
