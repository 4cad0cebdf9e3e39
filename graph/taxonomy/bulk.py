"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by a few batches.

While a batch is inserted, the next one is read and prepared, and the results of the one before are sent. Few
batches may wait for their results to be sent: if a client stops reading results, its items are not read.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import islice
from typing import Any

from pydantic import ValidationError

from graph.database import Database, Transaction
from graph.errors import Invalid, TooLarge
from graph.taxonomy import pipeline
from graph.taxonomy.batch import Batch, BulkNode, Known, Part, error_line

Item = tuple[int, dict[str, Any] | Invalid]
"""The number of an item, from 1, and the item as it was sent, or the reason why it is not one."""

BATCH = 2_000
# With long texts, a batch is full before it has BATCH items.
BATCH_CHARACTERS = 4_000_000
# Items read before other tasks get a turn, and results yielded at a time.
TURN, TOLD = 20, 50
LARGEST_ATOMIC = 50_000
LARGEST_ATOMIC_CHARACTERS = 64_000_000


async def insert(
    database: Database, source: AsyncIterator[Item], *, by: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """Inserts a stream of items.

    Yields results in order, up to TOLD at a time: {line, status: created|existing|error, id?, error?}.
    """
    known = Known()

    def batch(part: Part, before: Batch | None) -> Batch:
        return Batch(part, known, by, before)

    async with (
        aclosing(_parts(source)) as parts,
        aclosing(pipeline.relay(database, parts, batch)) as batches,
    ):
        async for done in batches:
            results = done.results()
            while some := [*islice(results, TOLD)]:
                yield some


async def _parts(source: AsyncIterator[Item]) -> AsyncGenerator[Part]:
    """The items, validated, in batches of one transaction each."""
    part: Part = []
    characters = 0
    async for line, entry in source:
        node = _validated(entry)
        part.append((line, node))
        characters += 0 if isinstance(node, Invalid) else _characters(node)
        if len(part) >= BATCH or characters >= BATCH_CHARACTERS:
            yield part
            part, characters = [], 0
        elif len(part) % TURN == 0:
            # Lets the batch before this one proceed: what it waits for may have arrived.
            await asyncio.sleep(0)
    if part:
        yield part


def _characters(item: BulkNode) -> int:
    texts = (item.name, item.description, item.ref, item.parent_ref, item.parent_path)
    return sum(len(text) for text in texts if text) + (len(str(item.properties)) if item.properties else 0)


class _Refused(Exception):
    """Rolls back an atomic insertion."""


async def insert_atomic(database: Database, source: AsyncIterator[Item], *, by: str) -> list[dict[str, Any]]:
    """Like `insert`, but all or none, so nothing is inserted before the last item has arrived.

    Raises TooLarge if there are too many items or characters.
    """
    parts = [part async for part in _parts(_bounded(source))]
    results: list[dict[str, Any]] = []

    async def work(tx: Transaction) -> None:
        results.clear()
        known = Known()
        for part in parts:
            batch = Batch(part, known, by)
            await batch.look(tx)
            await batch.write(tx)
            batch.committed()
            results.extend(batch.results())
        if any(result["status"] == "error" for result in results):
            raise _Refused

    try:
        await database.writing(work)
    except _Refused:
        return [_rolled_back(result) for result in results]
    return results


async def _bounded(source: AsyncIterator[Item]) -> AsyncIterator[Item]:
    count = characters = 0
    async for item in source:
        count += 1
        characters += len(str(item[1]))
        if count > LARGEST_ATOMIC or characters > LARGEST_ATOMIC_CHARACTERS:
            raise TooLarge(
                f"an atomic insertion may have {LARGEST_ATOMIC} items and {LARGEST_ATOMIC_CHARACTERS} "
                "characters; send it in parts, or without atomic",
            )
        yield item


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if result["status"] == "error":
        return result
    return error_line(result["line"], Invalid("not inserted, because other lines have errors (atomic)"))


def _validated(entry: dict[str, Any] | Invalid) -> BulkNode | Invalid:
    if isinstance(entry, Invalid):
        return entry
    try:
        node = BulkNode.model_validate(entry)
    except ValidationError as error:
        parts = [f"{'.'.join(map(str, e['loc'])) or 'item'}: {e['msg']}" for e in error.errors()]
        return Invalid("; ".join(parts).replace("Value error, ", ""))
    # Computed and cached now, while the batch before this one is inserted.
    _ = node.own
    return node
