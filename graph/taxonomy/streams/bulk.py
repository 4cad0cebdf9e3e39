"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by a few batches.

While a batch is inserted, the next one is read and prepared, and the results of the one before are sent. Few
batches may wait for their results to be sent: if a client stops reading results, its items are not read.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any

from pydantic import ValidationError

from graph.database import Database, Transaction
from graph.errors import Invalid, TooLarge
from graph.taxonomy.streams import pipeline
from graph.taxonomy.streams.batch import Batch, Known, Part, error_line
from graph.taxonomy.streams.bulk_node import BulkNode, Named, names_of
from graph.taxonomy.told import Difference

Item = tuple[int, dict[str, Any] | Invalid]
"""The number of an item, from 1, and the item as it was sent, or the reason why it is not one."""

BATCH = 2_000
# Items that may come between an item and its parent, if that comes later.
LOOK_AHEAD = 2_000
APPLIED = ("update", "propose")
# With long texts, a batch is full before it has BATCH items.
BATCH_CHARACTERS = 4_000_000
# Items read before other tasks get a turn, and results yielded at a time.
TURN, TOLD = 20, 50
LARGEST_ATOMIC = 50_000
LARGEST_ATOMIC_CHARACTERS = 64_000_000


Decisions = Sequence[tuple[str, Difference]]
"""What people have to decide of nodes, given by their ids."""
Undecided = Callable[[Decisions], Awaitable[None]]


async def insert(
    database: Database, source: AsyncIterator[Item], *, by: str, undecided: Undecided | None = None
) -> AsyncIterator[list[dict[str, Any]]]:
    """Inserts a stream of items.

    Yields results in order, up to TOLD at a time: {line, status, id?, error?, conflicts?}; status: created,
    existing, error, or what reimport.apply says.
    """
    known = Known()

    def batch(part: Part, before: Batch | None) -> Batch:
        return Batch(part, known, by, before)

    async with (
        aclosing(_parts(source)) as parts,
        aclosing(pipeline.relay(database, parts, batch)) as batches,
    ):
        async for done in batches:
            await done.apply(database)
            if undecided and done.undecided:
                await undecided(done.undecided)
            results = done.results()
            while some := [*islice(results, TOLD)]:
                yield some


async def _parts(source: AsyncIterator[Item]) -> AsyncGenerator[Part]:
    """The items, validated, in batches of one transaction each.

    A batch with an item whose parent has not come yet is larger, by up to LOOK_AHEAD items.
    """
    filling = _Filling()
    async for line, entry in source:
        filling.add(line, _validated(entry))
        if filling.is_full:
            yield filling.take()
        elif len(filling.part) % TURN == 0:
            # Lets the batch before this one proceed: what it waits for may have arrived.
            await asyncio.sleep(0)
    if filling.part:
        yield filling.take()


class _Filling:
    """A batch that is being filled."""

    def __init__(self) -> None:
        self.part: Part = []
        self._characters = 0
        # Kept by text, so that short names cost no digest.
        self._seen = Known()
        self._missing: set[Named] = set()

    def add(self, line: int, node: BulkNode | Invalid) -> None:
        """Adds an item."""
        self.part.append((line, node))
        if isinstance(node, Invalid):
            return
        self._characters += _characters(node)
        for named in node.named:
            if named.how in ("ref", "uri") and self._seen.get(named) is None:
                self._missing.add(named)
        for named in names_of(node):
            self._seen.keep(named, "")
            self._missing.discard(named)

    @property
    def is_full(self) -> bool:
        """Whether it has all it waits for, or may not wait any longer."""
        if self._characters >= BATCH_CHARACTERS or len(self.part) >= BATCH + LOOK_AHEAD:
            return True
        return len(self.part) >= BATCH and not self._missing

    def take(self) -> Part:
        """What was filled in; starts over."""
        part, self.part, self._characters, self._missing = self.part, [], 0, set()
        return part


def _characters(item: BulkNode) -> int:
    texts = (item.name, item.description, item.ref, item.uri, *item.above)
    lists = [values for values in (item.properties, item.notation, item.related) if values]
    return sum(len(text) for text in texts if text) + sum(len(str(values)) for values in lists)


class _Refused(Exception):
    """Rolls back an atomic insertion."""


async def insert_atomic(database: Database, source: AsyncIterator[Item], *, by: str) -> list[dict[str, Any]]:
    """Like `insert`, but all or none, so nothing is inserted before the last item has arrived.

    Raises TooLarge if there are too many items or characters.
    """
    parts = [_atomic(part) async for part in _parts(_bounded(source))]
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


def _atomic(part: Part) -> Part:
    """The items, with an error in place of each that would have an existing node changed."""
    refused = Invalid("on_existing changes nodes one by one, unless it is keep; send it without atomic")
    return [
        (line, refused if isinstance(node, BulkNode) and node.on_existing in APPLIED else node)
        for line, node in part
    ]


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
