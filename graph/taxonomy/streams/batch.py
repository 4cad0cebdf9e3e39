"""A batch of a bulk insertion: items that go into the graph in one transaction, level by level.

An item is a NewNode that may name its parents by paths ("Natural sciences/Physics"), by URIs, or by the
`ref`s of other items, which come earlier or soon. The MOST_KEPT refs used last are kept, and as many URIs and
paths. Items whose parents exist are inserted first, then those below them, and so on.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast

from graph.database import Database, Transaction
from graph.errors import GraphError, Invalid, NotFound
from graph.model import digest, new_ids
from graph.taxonomy import nodes, sources
from graph.taxonomy.inserting import reimport
from graph.taxonomy.inserting.imports import Inserted
from graph.taxonomy.inserting.reimport import Applied
from graph.taxonomy.streams.bulk_node import BulkNode, Named, names_of
from graph.taxonomy.told import Difference
from graph.taxonomy.walking import traversal

MOST_KEPT = 100_000


class Kept(MutableMapping[str, str]):
    """Ids by texts of any length; only those used last, because a stream may be endless."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, str] = OrderedDict()

    def __getitem__(self, text: str) -> str:
        key = _short(text)
        found = self._ids[key]
        self._ids.move_to_end(key)
        return found

    def __setitem__(self, text: str, id_: str) -> None:
        key = _short(text)
        self._ids[key] = id_
        self._ids.move_to_end(key)
        if len(self._ids) > MOST_KEPT:
            self._ids.popitem(last=False)

    def __delitem__(self, text: str) -> None:
        del self._ids[_short(text)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _short(text: str) -> str:
    """The text itself, or its digest, which is longer than any text kept as it is."""
    return text if len(text) < 32 else digest(text)


Part = list[tuple[int, BulkNode | Invalid]]
"""Items for one transaction with their line numbers; an invalid item is replaced by its error."""


@dataclass(eq=False)
class Entry:
    """An item to be inserted."""

    line: int
    item: BulkNode | None
    id: str = ""
    """The id that it gets if it is new; ids sort like lines, and so do children."""
    above: "list[str | Named | Entry]" = field(default_factory=list["str | Named | Entry"])
    """Its parents: ids, items of the same batch, and names that have to be looked up."""
    error: GraphError | None = None
    later: bool = False
    """Whether a parent may be an item of the previous batch."""

    @property
    def node(self) -> BulkNode:
        """The item of an entry without an error."""
        assert self.item
        return self.item


class Known:
    """Ids of what was named last, over all batches of a stream."""

    def __init__(self) -> None:
        self._kept = {how: Kept() for how in ("ref", "uri", "path")}
        self.taxonomies = Kept()
        """The taxonomies of nodes."""

    def get(self, named: Named) -> str | None:
        """The id of a node named before, if it is still kept."""
        return self._kept[named.how].get(named.text)

    def keep(self, named: Named, id_: str) -> None:
        """Keeps an id."""
        self._kept[named.how][named.text] = id_


Placed = tuple[Entry, list[str]]
"""An item with the ids of its parents."""


class Batch:
    """Items to be inserted in one transaction; `before`: the previous batch, if it is not yet committed."""

    def __init__(self, part: Part, known: Known, by: str, before: "Batch | None" = None) -> None:
        self._known = known
        self._before = before
        self._by = by
        self._insertions = nodes.Insertions(by, taxonomies=known.taxonomies)
        self._entries: list[Entry] = []
        self._ready: set[int] = set()
        # Items by their refs and URIs: the last of each name, and the first, as an item may come before its
        # parent.
        self._named: dict[Named, Entry] = {}
        self._first: dict[Named, Entry] = {}
        self._looked_up: dict[Named, str | GraphError] = {}
        self._made: dict[int, Inserted] = {}
        self._applied: dict[int, Applied] = {}
        self.undecided: list[tuple[str, Difference]] = []
        """What people have to decide of nodes, given by their ids; known once it is applied."""
        for (line, node), id_ in zip(part, new_ids(len(part)), strict=True):
            self._take(line, node, id_)
        for entry in self._entries:
            if not entry.error:
                entry.above = [self._forward(above) for above in entry.above]

    def _take(self, line: int, node: BulkNode | Invalid, id_: str) -> None:
        if isinstance(node, Invalid):
            self._entries.append(Entry(line, None, error=node))
            return
        entry = Entry(line, node, id_)
        entry.above = [self._backward(entry, named) for named in node.named]
        self._entries.append(entry)
        for named in names_of(node):
            self._named[named] = entry
            self._first.setdefault(named, entry)

    def _backward(self, entry: Entry, named: Named) -> "str | Named | Entry":
        """What is known of a parent by the items so far; the last of one name counts."""
        if named.how == "id":
            return named.text
        found = self._named.get(named)
        if found is None and self._before is not None and named in self._before._named:
            entry.later = True
            return named
        return found or self._known.get(named) or named

    def _forward(self, above: "str | Named | Entry") -> "str | Named | Entry":
        if not isinstance(above, Named) or (self._before is not None and above in self._before._named):
            return above
        return self._first.get(above) or above

    async def look(self, tx: Transaction) -> None:
        """Prepares the items that do not depend on the previous batch."""
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
        left = [entry for entry in self._entries if not entry.error and entry.line not in self._ready]
        for entry in left:
            if entry.later:
                entry.above = [self._kept(above) for above in entry.above]
        while left or self._ready:
            await self._look_up(tx, left)
            ready, left = self._placed(left)
            if not ready and not self._ready:
                self._refuse(left)
                break
            await self._prepare(tx, ready)
            self._made |= await self._insertions.write(tx)
            self._ready.clear()
        await self._insertions.record(tx)

    def _kept(self, above: "str | Named | Entry") -> "str | Named | Entry":
        """A parent that may be an item of the previous batch, which is committed now."""
        if not isinstance(above, Named):
            return above
        return self._known.get(above) or self._first.get(above) or above

    async def _prepare(self, tx: Transaction, ready: list[Placed], *, figures_first: bool = True) -> None:
        wanted = [(entry.line, entry.node, ids, entry.id) for entry, ids in ready]
        await self._insertions.prepare(tx, wanted, figures_first=figures_first)
        self._ready.update(entry.line for entry, _ in ready)

    def committed(self) -> None:
        """Makes the ids of inserted items known to later batches."""
        self._before = None
        for named, id_ in self._looked_up.items():
            if isinstance(id_, str):
                self._known.keep(named, id_)
        for named, entry in self._named.items():
            id_ = self._id(entry)
            if id_:
                self._known.keep(named, id_)

    async def apply(self, database: Database) -> None:
        """Applies what is told of nodes that were there before, once the batch is committed."""
        told = [(line, made, made.told) for line, made in self._made.items() if made.told]
        last = [one for one in told if one[2].kind]
        # From below: what becomes a discipline has lost what stood under it by then.
        for line, made, one in [*(one for one in told if not one[2].kind), *reversed(last)]:
            applied = await reimport.apply(database, one, by=self._by)
            was_kept = applied.status == "unchanged" and made.rekinded
            self._applied[line] = applied._replace(status="updated") if was_kept else applied
            if applied.open:
                self.undecided.append((one.id, applied.open))

    def results(self) -> Iterator[dict[str, Any]]:
        """One result per item, in order."""
        for entry in self._entries:
            if entry.error:
                yield error_line(entry.line, entry.error)
            else:
                yield _result(entry.line, self._made[entry.line], self._applied.get(entry.line))

    def _id(self, entry: Entry) -> str | None:
        found = self._made.get(entry.line)
        return found.id if found else None

    async def _look_up(self, tx: Transaction, left: list[Entry]) -> None:
        """Looks up paths and URIs; one that leads nowhere may do so once other items are inserted."""
        wanted = {above: None for entry in left for above in entry.above if isinstance(above, Named)}
        missing = [named for named in wanted if not isinstance(self._looked_up.get(named), str)]
        for named in missing:
            if named.how == "path":
                try:
                    self._looked_up[named] = await traversal.resolve(tx, named.text)
                except GraphError as error:
                    self._looked_up[named] = error
        uris = [named.text for named in missing if named.how == "uri"]
        if uris:
            found = await sources.named(tx, uris)
            self._looked_up |= {Named("uri", uri): known for uri, known in found.items()}

    def _placed(self, left: list[Entry]) -> tuple[list[Placed], list[Entry]]:
        """The items whose parents exist, with their ids, and the others; marks those below refused ones."""
        ready: list[Placed] = []
        later: list[Entry] = []
        for entry in left:
            ids = [self._parent(above) for above in entry.above]
            lost = next((one for one in ids if isinstance(one, GraphError)), None)
            if lost:
                entry.error = lost
            elif None in ids:
                later.append(entry)
            else:
                ready.append((entry, list(dict.fromkeys(cast(list[str], ids)))))
        return ready, later

    def _parent(self, above: "str | Named | Entry") -> str | GraphError | None:
        """The id of a parent; None while it is not there, an error if it will not be."""
        if isinstance(above, str):
            return above
        if isinstance(above, Named):
            found = self._looked_up.get(above)
            return found if isinstance(found, str) else None
        id_ = self._id(above)
        if id_ is None and (above.error or above.line in self._made):
            return _lost(above)
        return id_

    def _refuse(self, left: list[Entry]) -> None:
        """Says why of what is left when nothing can be placed any more."""
        below: dict[int, list[Entry]] = defaultdict(list)
        for entry in left:
            for above in entry.above:
                if isinstance(above, Entry):
                    below[above.line].append(entry)
        errors = {entry.line: error for entry in left if (error := self._missing(entry))}
        refused = [entry for entry in left if entry.line in errors]
        while refused:
            parent = refused.pop()
            lost = [entry for entry in below[parent.line] if entry.line not in errors]
            errors |= {entry.line: _lost(parent) for entry in lost}
            refused += lost
        self._made |= {
            entry.line: Inserted(None, error=errors.get(entry.line) or _circle()) for entry in left
        }

    def _missing(self, entry: Entry) -> GraphError | None:
        """The error of an item that names a parent which is nowhere."""
        for above in entry.above:
            if isinstance(above, Named):
                found = self._looked_up.get(above)
                if not isinstance(found, str):
                    return found or _nothing_named(above)
        return None


def _circle() -> Invalid:
    return Invalid("it stands below itself: the items above it name it as a parent")


def _lost(parent: Entry) -> NotFound:
    node = parent.node if parent.item else None
    return _no_ref((node.ref or node.uri or node.name) if node else str(parent.line))


def _nothing_named(named: Named) -> NotFound:
    if named.how == "uri":
        return NotFound(
            f"no item near this one and no node has the URI {named.text!r}, or its item was refused"
        )
    return _no_ref(named.text)


def _no_ref(ref: str) -> NotFound:
    return NotFound(
        f"no item before this one has the ref {ref!r}, or it was refused; of all refs the {MOST_KEPT} used "
        "last are kept: refer to an older one by parent_id or parent_path"
    )


def _result(line: int, made: Inserted, applied: Applied | None) -> dict[str, Any]:
    if made.error:
        return error_line(line, made.error)
    status = "created" if made.created else "unchanged" if made.unchanged else "existing"
    if applied is None:
        return {"line": line, "status": status, "id": made.id}
    result: dict[str, Any] = {"line": line, "status": applied.status, "id": made.id}
    if applied.open and applied.open.conflicts:
        result["conflicts"] = reimport.conflicts_of(applied.open)
    return result | ({"error": str(applied.error)} if applied.error else {})


def error_line(line: int, error: GraphError) -> dict[str, Any]:
    return {"line": line, "status": "error", "error": str(error)}
