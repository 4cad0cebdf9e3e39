"""A batch of a bulk insertion: items that go into the graph in one transaction, level by level.

An item is a NewNode that may name its parent by `parent_path` ("Natural sciences/Physics") or by
`parent_ref`, the `ref` of an earlier item. The MOST_KEPT refs used last are kept, and as many paths. Items
whose parents exist are inserted first, then those below them, and so on.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from graph.database import Transaction
from graph.errors import GraphError, Invalid, NotFound
from graph.model import NewNode, Text, digest, new_ids
from graph.taxonomy import nodes, traversal

MOST_KEPT = 100_000


class BulkNode(NewNode):
    """A node of a bulk insertion."""

    # A text that cannot be sent to the database would fail the valid items of its batch too.
    parent_id: Text | None = Field(default=None, description="Id of the parent; a Taxonomy has none")
    parent_ids: list[Text] = Field(
        default_factory=list, max_length=100, description="Ids of several parents; the first is its home"
    )
    ref: Text | None = Field(
        default=None, max_length=10_000, description="A name by which later items can refer to this one"
    )
    parent_ref: Text | None = Field(default=None, description="`ref` of an earlier item")
    parent_path: Text | None = Field(
        default=None, description="Path of names from any node down to the parent"
    )

    @property
    def above(self) -> list[str]:
        """Ids of the parents, or the ref or path in their place, which Batch replaces by ids."""
        given = super().above
        return given or [text for text in (self.parent_ref, self.parent_path) if text is not None]


class Kept:
    """Ids by texts of any length; only those used last, because a stream may be endless."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, str] = OrderedDict()

    def get(self, text: str) -> str | None:
        """The id, if it is still kept."""
        key = _short(text)
        if key in self._ids:
            self._ids.move_to_end(key)
        return self._ids.get(key)

    def keep(self, text: str, id_: str) -> None:
        """Keeps an id, and drops the least recently used one above MOST_KEPT."""
        key = _short(text)
        self._ids[key] = id_
        self._ids.move_to_end(key)
        if len(self._ids) > MOST_KEPT:
            self._ids.popitem(last=False)


def _short(text: str) -> str:
    """The text itself, or its digest, which is longer than any text kept as it is."""
    return text if len(text) < 32 else digest(text)


Part = list[tuple[int, BulkNode | Invalid]]
"""Items for one transaction with their line numbers; an invalid item is replaced by its error."""


@dataclass(eq=False)
class Entry:
    """An item to be inserted. `above`: the item of the same batch that is its parent."""

    line: int
    item: BulkNode | None
    id: str = ""
    """The id that it gets if it is new; ids sort like lines, and so do children."""
    above: "Entry | None" = None
    parent_id: str | None = None
    error: GraphError | None = None
    later: bool = False
    """Whether its ref may belong to the previous batch."""
    path: str | None = None
    """The path to its parent, if only that identifies it."""

    @property
    def node(self) -> BulkNode:
        """The item of an entry without an error."""
        assert self.item
        return self.item


class Known:
    """Ids of the refs and paths used last, over all batches of a stream."""

    def __init__(self) -> None:
        self.refs = Kept()
        self.paths = Kept()


Placed = tuple[Entry, list[str]]
"""An item with the ids of its parents."""


class Batch:
    """Items to be inserted in one transaction; `before`: the previous batch, if it is not yet committed."""

    def __init__(self, part: Part, known: Known, by: str, before: "Batch | None" = None) -> None:
        self._known = known
        self._before = before
        self._insertions = nodes.Insertions(by)
        self._entries: list[Entry] = []
        self._ready: set[int] = set()
        self._named: dict[str, Entry] = {}
        self._paths: dict[str, str | GraphError] = {}
        self._made: dict[int, nodes.Inserted] = {}
        for (line, node), id_ in zip(part, new_ids(len(part)), strict=True):
            self._take(line, node, id_)

    def _take(self, line: int, node: BulkNode | Invalid, id_: str) -> None:
        if isinstance(node, Invalid):
            self._entries.append(Entry(line, None, error=node))
            return
        entry = Entry(line, node, id_)
        if node.parent_ref is None:
            entry.path = node.parent_path
        else:
            entry.above = self._named.get(node.parent_ref)
            if entry.above is None:
                entry.later = self._before is not None and node.parent_ref in self._before._named
                if not entry.later:
                    self._find(entry, node.parent_ref)
        self._entries.append(entry)
        if node.ref is not None:
            self._named[node.ref] = entry

    def _find(self, entry: Entry, ref: str) -> None:
        entry.parent_id = self._known.refs.get(ref)
        if entry.parent_id is None:
            entry.error = _no_ref(ref)

    async def look(self, tx: Transaction) -> None:
        """Prepares the items that do not depend on the previous batch."""
        self._recall([entry for entry in self._entries if not entry.error])
        ready, _ = self._placed([entry for entry in self._entries if not entry.error and not entry.later])
        if self._before:
            held = self._before._insertions.held
            ready = [placed for placed in ready if held.isdisjoint(placed[1])]
        # The previous batch holds the figures until it commits, and would be waited for.
        await self._prepare(tx, ready, figures_first=self._before is None)

    async def write(self, tx: Transaction) -> None:
        """Inserts the prepared items and all others, level by level, and records them."""
        if self._before and self._before._insertions.shared:
            # It may have changed which nodes the looked-up names belong to.
            self._insertions.discard()
            self._ready.clear()
        for entry in self._entries:
            if entry.later:
                self._find(entry, entry.node.parent_ref or "")
        left = [entry for entry in self._entries if not entry.error and entry.line not in self._ready]
        while left or self._ready:
            await self._follow(tx, left)
            ready, left = self._placed(left)
            if not ready and not self._ready:
                self._made |= {entry.line: nodes.Inserted(None, error=self._refusal(entry)) for entry in left}
                break
            await self._prepare(tx, ready)
            self._made |= await self._insertions.write(tx)
            self._ready.clear()
        await self._insertions.record(tx)

    async def _prepare(self, tx: Transaction, ready: list[Placed], *, figures_first: bool = True) -> None:
        wanted = [(entry.line, entry.node, ids, entry.id) for entry, ids in ready]
        await self._insertions.prepare(tx, wanted, figures_first=figures_first)
        self._ready.update(entry.line for entry, _ in ready)

    def committed(self) -> None:
        """Makes the ids of inserted items known to later batches."""
        self._before = None
        for path, id_ in self._paths.items():
            if isinstance(id_, str):
                self._known.paths.keep(path, id_)
        for ref, entry in self._named.items():
            id_ = self._id(entry)
            if id_:
                self._known.refs.keep(ref, id_)

    def results(self) -> Iterator[dict[str, Any]]:
        """One result per item, in order."""
        for entry in self._entries:
            if entry.error:
                yield error_line(entry.line, entry.error)
            else:
                yield _result(entry.line, self._made[entry.line])

    def _id(self, entry: Entry) -> str | None:
        found = self._made.get(entry.line)
        return found.id if found else None

    def _recall(self, entries: list[Entry]) -> None:
        """Uses the ids of paths that earlier batches looked up."""
        for entry in entries:
            known = self._known.paths.get(entry.path) if entry.path is not None else None
            if entry.path is not None and known is not None:
                self._paths[entry.path] = known

    async def _follow(self, tx: Transaction, left: list[Entry]) -> None:
        """Looks up unknown paths; one that leads nowhere may do so once other items are inserted."""
        for path in dict.fromkeys(entry.path for entry in left):
            if path is None or isinstance(self._paths.get(path), str):
                continue
            try:
                self._paths[path] = await traversal.resolve(tx, path)
            except GraphError as error:
                self._paths[path] = error

    def _placed(self, left: list[Entry]) -> tuple[list[Placed], list[Entry]]:
        """The items whose parents exist, with their ids, and the others; marks those below refused ones."""
        ready: list[Placed] = []
        later: list[Entry] = []
        for entry in left:
            parent: str | GraphError | None = entry.parent_id
            if entry.above is not None:
                parent = self._id(entry.above)
                if parent is None and (entry.above.error or entry.above.line in self._made):
                    entry.error = _no_ref(entry.node.parent_ref or "")
                    continue
            elif entry.path is not None:
                parent = self._paths.get(entry.path)
            elif parent is None:
                ready.append((entry, entry.node.above))
                continue
            if isinstance(parent, str):
                ready.append((entry, [parent]))
            else:
                later.append(entry)
        return ready, later

    def _refusal(self, entry: Entry) -> GraphError:
        """The error of an item that is left when nothing can be placed any more."""
        found = self._paths.get(entry.node.parent_path or "")
        return found if isinstance(found, GraphError) else _no_ref(entry.node.parent_ref or "")


def _no_ref(ref: str) -> NotFound:
    return NotFound(
        f"no item before this one has the ref {ref!r}, or it was refused; of all refs the {MOST_KEPT} used "
        "last are kept: refer to an older one by parent_id or parent_path"
    )


def _result(line: int, inserted: nodes.Inserted) -> dict[str, Any]:
    if inserted.error:
        return error_line(line, inserted.error)
    return {"line": line, "status": "created" if inserted.created else "existing", "id": inserted.id}


def error_line(line: int, error: GraphError) -> dict[str, Any]:
    return {"line": line, "status": "error", "error": str(error)}
