"""The part of an insertion that is about concepts of vocabularies: which are there, and what is new of them.

A concept that is known by its URI or notation is found by that, wherever it is now; its name counts only
where it is not. A node that is there is never changed by the insertion itself: what changes is told to the
caller, who applies it once the insertion is committed (reimport.py).
"""

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from graph.database import Row, Transaction
from graph.errors import Conflict, GraphError
from graph.model import Kind, NewNode, Properties, Status, Text
from graph.taxonomy import sources
from graph.taxonomy.editing import following
from graph.taxonomy.inserting import reimport
from graph.taxonomy.inserting.conflicts import Prepared
from graph.taxonomy.inserting.rekinding import rekind
from graph.taxonomy.sources import KeyBy, Source
from graph.taxonomy.told import Told, difference, imported, left_by, values_of

OnExisting = Literal["keep", "update", "propose"]


class ImportedNode(NewNode):
    """A node to insert, or an existing one to compare with it."""

    created_as: Status | None = Field(
        default=None, description="Its status if this creates it; what is compared is `status`"
    )

    related: list[Text] = Field(
        default_factory=list[str],
        max_length=1000,
        description="URIs of related nodes in the same taxonomy, or urn:glan:ID",
    )
    key: KeyBy | None = Field(
        default=None, description="What makes it the same as another: uri (default, if given), notation, path"
    )
    on_existing: Annotated[
        OnExisting | None,
        Field(
            description="keep: leave an existing node as it is; update: have it follow where only this item "
            "has changed since the last import; propose: make a proposal of that. With any of them, the "
            "answer says what is the case"
        ),
    ] = None
    base: bool = Field(
        default=False,
        description="Whether the next import is compared with what is said here, if this creates the node; "
        "with `on_existing` it always is",
    )

    @cached_property
    def own(self) -> Properties:
        """See NewNode."""
        return super().own | ({} if self.created_as is None else {"status": self.created_as.value})

    @property
    def is_base(self) -> bool:
        """Whether what is said is kept for the next import."""
        return self.base or self.on_existing is not None


class Inserted(NamedTuple):
    """The result for one node of a batch: its id, or the error.

    `linked`: it existed already, and has a further parent now. `unchanged`: it is as an import says. `told`:
    what will be applied to it once the batch is committed. `rekinded`: it is of another kind now.
    """

    id: str | None
    created: bool = False
    error: GraphError | None = None
    linked: bool = False
    unchanged: bool = False
    told: Told | None = None
    rekinded: bool = False


@dataclass(slots=True)
class _Said:
    """What is said of one node."""

    node: NewNode
    new_id: str
    parents: Sequence[str]
    source: Source | None
    taxonomy_id: str

    @property
    def mode(self) -> OnExisting | None:
        return self.node.on_existing if isinstance(self.node, ImportedNode) else None

    @property
    def related(self) -> Sequence[str]:
        return self.node.related if isinstance(self.node, ImportedNode) else ()


class Imports:
    """What is told of nodes in one transaction; `taxonomies`: see Insertions."""

    def __init__(self, taxonomies: MutableMapping[str, str], by: str) -> None:
        self._taxonomies = taxonomies
        self._by = by
        self.rekinded = False
        """Whether a node is of another kind now."""
        self._said: dict[int, _Said] = {}
        self._twins: dict[int, int] = {}
        self._stamps: list[tuple[str, Row]] = []
        self._back: list[str] = []
        self._related: list[tuple[str, str, Sequence[str]]] = []
        self._unrelated: list[tuple[str, str, Sequence[str]]] = []

    def has_source(self, n: int) -> bool:
        """Whether the node of this number is known by its URI or notation."""
        said = self._said.get(n)
        return said is not None and said.source is not None

    def forget(self) -> None:
        """Forgets what was taken and not written."""
        self._said, self._twins = {}, {}

    async def locate(self, tx: Transaction, nodes: Iterable[tuple[NewNode, Sequence[str]]]) -> None:
        """Finds out in which taxonomies the parents of nodes are, where it matters."""
        ids = {above[0] for node, above in nodes if above and _is_identified(node)}
        if ids:
            await sources.taxonomies(tx, ids, self._taxonomies)

    def take(self, n: int, node: NewNode, new_id: str, parents: Sequence[str]) -> Row:
        """Takes a node with its number; returns the properties by which it will be found again."""
        is_base = isinstance(node, ImportedNode) and node.is_base
        if not (is_base or _is_identified(node)):
            return {}
        taxonomy_id = "" if node.kind is Kind.Taxonomy else self._taxonomies.get(parents[0], "")
        source = sources.source_of(node, taxonomy_id, node.key if isinstance(node, ImportedNode) else None)
        if taxonomy_id or node.kind is Kind.Taxonomy:
            self._taxonomies[new_id] = taxonomy_id or new_id
        self._said[n] = _Said(node, new_id, parents, source, taxonomy_id)
        kept: Row = source.stored if source else {}
        if node.notation and "notation_key" not in kept:
            kept["notation_key"] = sources.notation_key(taxonomy_id, node.notation[0])
        if is_base:
            kept["imported"] = imported(values_of(node), parents, self._said[n].related)
        return kept

    async def find_by_source(
        self, tx: Transaction, wanted: list[Prepared]
    ) -> tuple[list[Prepared], dict[int, Inserted]]:
        """Those of the nodes that are not there by URI or notation, and the results of the others."""
        asked = [(one.n, said.source) for one in wanted if (said := self._said.get(one.n)) and said.source]
        if not asked:
            return wanted, {}
        results: dict[int, Inserted] = {}
        first: dict[str | None, int] = {}
        found = await sources.find(tx, [source for _, source in asked])
        for (n, source), row in zip(asked, found, strict=True):
            if isinstance(row, dict) and row["leaving"] and isinstance(self._said[n].node, ImportedNode):
                self._back.append(row["node"]["id"])
            if isinstance(row, GraphError):
                results[n] = Inserted(None, error=row)
            elif row is not None and row["merged"]:
                results[n] = Inserted(row["node"]["id"], unchanged=True)
            elif row is not None:
                results[n] = await self._known(tx, n, row["node"])
            elif first.setdefault(source.source_key, n) != n:
                self._twins[n] = first[source.source_key]
        return [one for one in wanted if one.n not in results and one.n not in self._twins], results

    async def find_by_key(
        self, tx: Transaction, wanted: list[Prepared]
    ) -> tuple[list[Prepared], dict[int, Inserted]]:
        """Those of the nodes that are not there by name, and the results of others that an import names."""
        asked = [one for one in wanted if (said := self._said.get(one.n)) and (said.mode or said.source)]
        if not asked:
            return wanted, {}
        rows = await sources.by_keys(tx, [one.properties["key"] for one in asked])
        results: dict[int, Inserted] = {}
        claimed: dict[str, Prepared] = {}
        for one in asked:
            source = self._said[one.n].source
            node = rows.get(one.properties["key"])
            rival = node or claimed.setdefault(one.properties["key"], one).properties
            error = _another(rival, source) if source else None
            if error:
                results[one.n] = Inserted(None, error=error)
            elif node is not None:
                results[one.n] = await self._known(tx, one.n, node)
        return [one for one in wanted if one.n not in results], results

    async def _known(self, tx: Transaction, n: int, node: Row) -> Inserted:
        said = self._said[n]
        keys = said.source.stored if said.source and not node.get("source_key") else {}
        if said.mode is None and (node["status"] == Status.retired or not keys):
            return Inserted(node["id"])
        values, mode = values_of(said.node), said.mode
        told = Told(
            node["id"], values, said.parents, mode == "update", mode == "propose", keys, related=said.related
        )
        found = difference(told, node)
        if node["status"] == Status.retired and not (told.applies and "status" in found.changes):
            # A person retired it, or the import has it as it is.
            return Inserted(node["id"])
        if found.unrelated and not found.conflicts:
            self._unrelated.append((node["id"], said.taxonomy_id, found.unrelated))
        if not found.conflicts and found.changes.get("status") == Status.retired:
            told = replace(told, retires=told.applies)
        if node["kind"] != said.node.kind and told.applies and said.node.kind is Kind.Discipline:
            # What stands below it may be about to leave.
            return Inserted(node["id"], told=replace(told, kind=said.node.kind))
        if node["kind"] != said.node.kind and told.applies:
            try:
                # Before what comes below it: that may stand there only now.
                await rekind(tx, node, said.node.kind, left_by(told, node), by=self._by)
            except Conflict as error:
                return Inserted(None, error=error)
            self.rekinded = True
            return Inserted(node["id"], told=told, rekinded=True)
        if keys or (found and (told.applies or told.proposes)):
            return Inserted(node["id"], told=told)
        if not found and found.imported and said.mode:
            self._stamps.append((node["id"], {"imported": found.imported}))
        return Inserted(node["id"], unchanged=not found and said.mode is not None)

    async def settle(self, tx: Transaction, results: dict[int, Inserted]) -> None:
        """Completes the results by those of repeated concepts, and keeps what the next import needs."""
        for n, first in self._twins.items():
            one = results[first]
            results[n] = Inserted(None, error=one.error) if one.error else Inserted(one.id)
        for n, said in self._said.items():
            id_ = results[n].id if said.related else None
            if id_:
                self._related.append((id_, said.taxonomy_id, said.related))
        if self._stamps:
            await reimport.stamp(tx, self._stamps)
        if self._back:
            await following.come_back(tx, self._back, self._by)
        self._stamps, self._back = [], []

    async def relate(self, tx: Transaction) -> None:
        """Relates nodes to each other, once all of them are there, and ends what is not said any more."""
        # First, since the other of two may say now that they are related.
        if self._unrelated:
            await sources.relate(tx, self._unrelated, end=True)
        self._unrelated = []
        if self._related:
            await sources.relate(tx, self._related)
        self._related = []


def _is_identified(node: NewNode) -> bool:
    return node.uri is not None or bool(node.notation)


def _another(node: Row, source: Source) -> Conflict | None:
    """The error if a node of the wanted name is another concept."""
    mine, own = node.get("source_key"), source.source_key
    if source.by_notation:
        mine, own = node.get("notation_key"), source.notation_key
    if mine in (None, own):
        return None
    known_as = node.get("uri") or ", ".join(node.get("notation") or ())
    return Conflict(
        f"{node['id']} is called {node['name']} there and is another concept ({known_as}); "
        "rename one of them, or merge the two"
    )
