"""Bulk insertion: a stream of items in, a stream of results out, in memory bounded by a batch.

An item is a NewNode that may name its parent by `parent_path` ("Natural sciences/Physics") or by
`parent_ref`, the `ref` of an item before it. The refs named or given last are kept, MOST_KEPT of them, and so
are paths that were followed. A batch is one transaction: items whose parents are there first, then those
that stand under them, and so on. While one is inserted, the next is read, and the results of the one before
are sent; none is inserted before these are gone, so a client that does not read them is not read from either.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException

from graph import nodes, pulls, traversal
from graph.database import Database, Transaction
from graph.errors import GraphError, Invalid, NotFound
from graph.model import NewNode, Text, digest
from service.bulk_items import Item

BATCH = 2_000
# Long texts fill a batch sooner.
BATCH_CHARACTERS = 4_000_000
# Items read without a look at anything else.
TURN = 50
MOST_KEPT = 100_000
LARGEST_ATOMIC = 50_000
LARGEST_ATOMIC_CHARACTERS = 64_000_000


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


class Kept:
    """Ids by a text of any length; the ones used last, for a stream may have no end."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, str] = OrderedDict()

    def get(self, text: str) -> str | None:
        """The id, if it is still kept."""
        key = _short(text)
        if key in self._ids:
            self._ids.move_to_end(key)
        return self._ids.get(key)

    def keep(self, text: str, id_: str) -> None:
        """Keeps an id, and lets the one go that was used least lately."""
        key = _short(text)
        self._ids[key] = id_
        self._ids.move_to_end(key)
        if len(self._ids) > MOST_KEPT:
            self._ids.popitem(last=False)


def _short(text: str) -> str:
    """Stands for a text; one that is shorter than a digest can be no other's."""
    return text if len(text) < 32 else digest(text)


Part = list[tuple[int, BulkNode | Invalid]]
"""Items for one transaction with their lines; in the place of one that is none stands why."""


@dataclass(eq=False)
class Entry:
    """An item that waits. `above`: the item that it stands under, where that waits too."""

    line: int
    item: BulkNode | None
    above: "Entry | None" = None
    parent_id: str | None = None
    error: GraphError | None = None

    @property
    def node(self) -> BulkNode:
        """The item of an entry that has no error."""
        assert self.item
        return self.item


class Known:
    """Ids of the refs and paths used last."""

    def __init__(self) -> None:
        self.refs = Kept()
        self.paths = Kept()


class Batch:
    """Items to be inserted in one transaction."""

    def __init__(self, part: Part, known: Known, by: str) -> None:
        self._by = by
        self._known = known
        self._waiting: list[Entry] = []
        self._named: dict[str, Entry] = {}
        self._fresh: list[tuple[Kept, str, str]] = []
        for line, node in part:
            self._take(line, node)

    def _take(self, line: int, node: BulkNode | Invalid) -> None:
        if isinstance(node, Invalid):
            self._waiting.append(Entry(line, None, error=node))
            return
        entry = Entry(line, node)
        if node.parent_ref is not None:
            entry.above = self._named.get(node.parent_ref)
            entry.parent_id = self._known.refs.get(node.parent_ref) if entry.above is None else None
            if entry.above is None and entry.parent_id is None:
                entry.error = _no_ref(node.parent_ref)
        self._waiting.append(entry)
        if node.ref is not None:
            self._named[node.ref] = entry

    async def flush(self, tx: Transaction) -> list[dict[str, Any]]:
        """Inserts what waits and returns a result for each; keeps it, for the transaction may be retried."""
        self._fresh = []
        paths: dict[str, str | GraphError] = {}
        results = {entry.line: _error(entry.line, entry.error) for entry in self._waiting if entry.error}
        above: list[list[str]] = []
        inserted: list[nodes.Inserted] = []
        left = [entry for entry in self._waiting if not entry.error]
        while left:
            await self._follow(tx, left, paths)
            ready, left = self._ready(left, results, paths)
            places = [ids for _, ids in ready]
            made = await nodes.insert_in(tx, [entry.node for entry, _ in ready], places, by=self._by)
            for (entry, _), one in zip(ready, made, strict=True):
                results[entry.line] = _result(entry.line, one)
            above += places
            inserted += made
            if not ready:
                results |= {entry.line: self._refused(entry, paths) for entry in left}
                break
        await nodes.record_many(tx, above, inserted, by=self._by)
        self._learn(results, paths)
        return [results[entry.line] for entry in self._waiting]

    def remember(self) -> None:
        """What was flushed is there for those after it."""
        for kept, text, id_ in self._fresh:
            kept.keep(text, id_)

    async def _follow(self, tx: Transaction, left: list[Entry], paths: dict[str, str | GraphError]) -> None:
        """Looks up the paths that are not known; one that leads nowhere may do once others are inserted."""
        for entry in left:
            path = None if entry.node.parent_ref is not None else entry.node.parent_path
            if path is None or isinstance(paths.get(path), str):
                continue
            if (known := self._known.paths.get(path)) is not None:
                paths[path] = known
                continue
            try:
                paths[path] = await traversal.resolve(tx, path)
            except GraphError as error:
                paths[path] = error

    def _ready(
        self,
        left: list[Entry],
        results: dict[int, dict[str, Any]],
        paths: dict[str, str | GraphError],
    ) -> tuple[list[tuple[Entry, list[str]]], list[Entry]]:
        """The items whose parents are there, with these, and the others; those below refused ones go."""
        ready: list[tuple[Entry, list[str]]] = []
        later: list[Entry] = []
        for entry in left:
            parent: str | GraphError | None = entry.parent_id
            if entry.above is not None:
                above = results.get(entry.above.line)
                if above and "id" not in above:
                    results[entry.line] = _error(entry.line, _no_ref(entry.node.parent_ref or ""))
                    continue
                parent = str(above["id"]) if above else None
            elif entry.node.parent_ref is None and entry.node.parent_path is not None:
                parent = paths[entry.node.parent_path]
            elif parent is None:
                ready.append((entry, entry.node.above))
                continue
            if isinstance(parent, str):
                ready.append((entry, [parent]))
            else:
                later.append(entry)
        return ready, later

    def _refused(self, entry: Entry, paths: dict[str, str | GraphError]) -> dict[str, Any]:
        """What is left when nothing can be placed any more."""
        found = paths.get(entry.node.parent_path or "")
        error = found if isinstance(found, GraphError) else _no_ref(entry.node.parent_ref or "")
        return _error(entry.line, error)

    def _learn(self, results: dict[int, dict[str, Any]], paths: dict[str, str | GraphError]) -> None:
        self._fresh = [(self._known.paths, path, id_) for path, id_ in paths.items() if isinstance(id_, str)]
        for ref, entry in self._named.items():
            if "id" in results[entry.line]:
                self._fresh.append((self._known.refs, ref, results[entry.line]["id"]))


def _no_ref(ref: str) -> NotFound:
    return NotFound(
        f"no item before this one has the ref {ref!r}, or it was refused; of all refs the {MOST_KEPT} used "
        "last are kept: name one that is further away by parent_id or parent_path"
    )


def _characters(item: BulkNode) -> int:
    texts = (item.name, item.description, item.ref, item.parent_ref, item.parent_path)
    return sum(len(text) for text in texts if text) + (len(str(item.properties)) if item.properties else 0)


async def insert(
    database: Database, source: AsyncIterator[Item], *, by: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """Results in order, a batch at a time: {line, status: created|existing|error, id?, error?}."""
    async with (
        aclosing(_inserted(database, source, by)) as batches,
        aclosing(pulls.ahead(batches)) as ahead,
    ):
        async for results in ahead:
            yield results


async def _inserted(
    database: Database, source: AsyncIterator[Item], by: str
) -> AsyncGenerator[list[dict[str, Any]]]:
    known = Known()
    async with aclosing(pulls.ahead(_parts(source))) as parts:
        async for part in parts:
            batch = Batch(part, known, by)
            results = await database.writing(batch.flush)
            batch.remember()
            yield results


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
            results.extend(await batch.flush(tx))
            batch.remember()
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
            raise HTTPException(
                413,
                f"an atomic insertion may have {LARGEST_ATOMIC} items and {LARGEST_ATOMIC_CHARACTERS} "
                "characters; send it in parts, or without atomic",
            )
        yield item


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if result["status"] == "error":
        return result
    return _error(result["line"], Invalid("not inserted, because other lines have errors (atomic)"))


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


def _result(line: int, inserted: nodes.Inserted) -> dict[str, Any]:
    if inserted.error:
        return _error(line, inserted.error)
    return {"line": line, "status": "created" if inserted.created else "existing", "id": inserted.id}


def _error(line: int, error: GraphError) -> dict[str, Any]:
    return {"line": line, "status": "error", "error": str(error)}
