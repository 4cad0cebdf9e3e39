"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by some batches.

While a batch is inserted, the next is read and gets ready, and the results of the one before are sent; so few
wait for these to go that a client that does not read them is not read from either.
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
"""An item as it was sent, with its number from 1; in the place of one that is none stands why."""

BATCH = 2_000
# Long texts fill a batch sooner.
BATCH_CHARACTERS = 4_000_000
# Items read, and results told, without a look at anything else.
TURN, TOLD = 20, 50
LARGEST_ATOMIC = 50_000
LARGEST_ATOMIC_CHARACTERS = 64_000_000


async def insert(
    database: Database, source: AsyncIterator[Item], *, by: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """Results in order, some at a time: {line, status: created|existing|error, id?, error?}."""
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
    """As many items at once as a transaction takes."""
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
            # The batch before gets on: what it waits for may have come.
            await asyncio.sleep(0)
    if part:
        yield part


def _characters(item: BulkNode) -> int:
    texts = (item.name, item.description, item.ref, item.parent_ref, item.parent_path)
    return sum(len(text) for text in texts if text) + (len(str(item.properties)) if item.properties else 0)


class _Refused(Exception):
    """Rolls an atomic insertion back."""


async def insert_atomic(database: Database, source: AsyncIterator[Item], *, by: str) -> list[dict[str, Any]]:
    """As insert, but all or none, and therefore not before the last item has come."""
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
    # Made now, while the batch before is inserted.
    _ = node.own
    return node
