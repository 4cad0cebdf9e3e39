"""A batch of a bulk insertion: items that go into the graph in one transaction, level by level.

An item is a NewNode that may name its parent by `parent_path` ("Natural sciences/Physics") or by
`parent_ref`, the `ref` of an item before it. The refs named or given last are kept, MOST_KEPT of them, and so
are paths that were followed. Items whose parents are there go first, then those that stand under them, and
so on.
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

    # A text that cannot be sent to the database would take the good ones of its batch along.
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
    id: str = ""
    """The id that it gets if it is new; ids sort as the lines do, and with them children."""
    above: "Entry | None" = None
    parent_id: str | None = None
    error: GraphError | None = None
    later: bool = False
    """Whether its ref may be of the batch before."""
    path: str | None = None
    """The path to its parent, where that alone names it."""

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


Placed = tuple[Entry, list[str]]
"""An item with the ids of its parents."""


class Batch:
    """Items to be inserted in one transaction; `before`: one that has written and is not yet committed."""

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
        """Prepares what relies on nothing that is not committed."""
        self._recall([entry for entry in self._entries if not entry.error])
        ready, _ = self._placed([entry for entry in self._entries if not entry.error and not entry.later])
        if self._before:
            held = self._before._insertions.held
            ready = [placed for placed in ready if held.isdisjoint(placed[1])]
        # The batch before holds the figures until it is committed, and what it does beside this is the point.
        await self._prepare(tx, ready, figures_first=self._before is None)

    async def write(self, tx: Transaction) -> None:
        """Inserts what was prepared and all the rest, level by level, and records it."""
        if self._before and self._before._insertions.shared:
            # It may have changed what names stand for where we have looked.
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
        """What was inserted is there for those after it."""
        self._before = None
        for path, id_ in self._paths.items():
            if isinstance(id_, str):
                self._known.paths.keep(path, id_)
        for ref, entry in self._named.items():
            id_ = self._id(entry)
            if id_:
                self._known.refs.keep(ref, id_)

    def results(self) -> Iterator[dict[str, Any]]:
        """A result for each item, in order."""
        for entry in self._entries:
            if entry.error:
                yield error_line(entry.line, entry.error)
            else:
                yield _result(entry.line, self._made[entry.line])

    def _id(self, entry: Entry) -> str | None:
        found = self._made.get(entry.line)
        return found.id if found else None

    def _recall(self, entries: list[Entry]) -> None:
        """Takes the paths that were followed before."""
        for entry in entries:
            known = self._known.paths.get(entry.path) if entry.path is not None else None
            if entry.path is not None and known is not None:
                self._paths[entry.path] = known

    async def _follow(self, tx: Transaction, left: list[Entry]) -> None:
        """Looks up the paths that are not known; one that leads nowhere may do once others are inserted."""
        for path in dict.fromkeys(entry.path for entry in left):
            if path is None or isinstance(self._paths.get(path), str):
                continue
            try:
                self._paths[path] = await traversal.resolve(tx, path)
            except GraphError as error:
                self._paths[path] = error

    def _placed(self, left: list[Entry]) -> tuple[list[Placed], list[Entry]]:
        """The items whose parents are there, with these, and the others; those below refused ones go."""
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
        """Of what is left when nothing can be placed any more."""
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
