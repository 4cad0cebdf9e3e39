"""Insertion of nodes: idempotent by key, in batches of one transaction each.

The parents are locked first, so that none is retired, purged, moved or merged before its child is linked, and
one parent never gets two children of the same name.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence

from graph import rollups
from graph.database import Database, Transaction
from graph.errors import Conflict, GraphError, Outdated
from graph.model import Kind, NewNode, Node, new_ids
from graph.queries import load
from graph.taxonomy.editing import history, seals, unique_names
from graph.taxonomy.editing.locks import GET, hold_figures, one
from graph.taxonomy.inserting import conflicts
from graph.taxonomy.inserting.conflicts import Prepared
from graph.taxonomy.inserting.imports import Imports, Inserted
from graph.taxonomy.inserting.places import Place, parents_of, place_of

INSERT = load("node.insert")
RESPACE = load("syllabus.respace")


Also = Callable[[Transaction, Node, str], Awaitable[None]]
"""What else is done in the transaction of an insertion, given the node and who inserted it."""


async def insert(
    database: Database, node: NewNode, *, by: str = "", also: Also | None = None
) -> tuple[Node, bool]:
    """The node, and whether it was created; raises Invalid, Conflict or NotFound. `also`: if it was."""

    async def work(tx: Transaction) -> tuple[Node, bool]:
        # A request for a single node means a node of this name, not one that had it before.
        insertions = Insertions(by, old_names=False)
        [inserted] = await insertions.add(tx, [node])
        await insertions.forget(tx)
        if inserted.error:
            raise inserted.error
        assert inserted.id
        rows = await tx.run(GET, id=inserted.id)
        found = one(rows, inserted.id)
        if inserted.created or inserted.linked:
            action = "inserted" if inserted.created else "linked"
            changed = [found.id, *found.parents]
            await history.record(tx, action, by, rows[0]["node"], changed, detail={"parents": found.parents})
        if inserted.created and also:
            await also(tx, found, by)
        return found, inserted.created

    return await database.writing(work)


async def insert_many(database: Database, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """Inserts the valid nodes of a batch in one transaction; results in the order given."""

    async def work(tx: Transaction) -> list[Inserted]:
        insertions = Insertions(by)
        inserted = await insertions.add(tx, nodes)
        await insertions.record(tx)
        return inserted

    return await database.writing(work)


async def insert_in(tx: Transaction, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """As insert_many, in the caller's transaction and without an edit; retired nodes count as existing."""
    insertions = Insertions(by, retired_too=True)
    inserted = await insertions.add(tx, nodes)
    await insertions.forget(tx)
    return inserted


class Insertions:
    """The insertions of one transaction: prepared and written, possibly several times, then recorded once.

    The caller numbers the nodes. Of two nodes that are the same, the one with the smaller number is written
    first.
    """

    def __init__(
        self,
        by: str,
        *,
        old_names: bool = True,
        retired_too: bool = False,
        taxonomies: MutableMapping[str, str] | None = None,
    ) -> None:
        """`old_names`: a former name identifies its node; `retired_too`: retired nodes count as existing.

        `taxonomies`: those of nodes, as far as they are known, by the nodes' ids; is added to.
        """
        self._by = by
        self._imports = Imports({} if taxonomies is None else taxonomies, by)
        self._old_names = old_names
        self._retired_too = retired_too
        self._prepared: list[Prepared] = []
        self._refused: dict[int, GraphError] = {}
        self._disciplines: set[str] = set()
        # Disciplines in which keys alone identified nodes, and those that this transaction made hosts.
        self._relied: set[str] = set()
        self._admitted: set[str] = set()
        self._parents: set[str] = set()
        # Syllabi that got sessions, and sessions that got concepts.
        self._taught: set[str] = set()
        self._created = 0
        self._linked = 0
        self.held: set[str] = set()
        """Ids of the parents that are locked."""
        self.shared = False
        """Whether a prepared name may belong to a node whose key was made elsewhere."""

    async def add(self, tx: Transaction, nodes: Sequence[NewNode]) -> list[Inserted]:
        """Prepares and writes nodes that name their parents themselves; results in order."""
        ids = new_ids(len(nodes))
        await self.prepare(tx, [(n, node, node.above, ids[n]) for n, node in enumerate(nodes)])
        inserted = await self.write(tx)
        return [inserted[n] for n in range(len(nodes))]

    async def prepare(
        self,
        tx: Transaction,
        nodes: Sequence[tuple[int, NewNode, list[str], str]],
        *,
        figures_first: bool = True,
    ) -> None:
        """Locks the parents and works out each node's place; writes nothing.

        Each node comes with its number, the ids of its parents and the id that it gets if it is new. A merged
        parent is replaced by the node that it was merged into. `figures_first`: locks the figures of
        disciplines before nodes, as jobs do; False if their holder may be waiting for this transaction.
        """
        if figures_first and any(node.kind is Kind.KeyConcept for _, node, _, _ in nodes):
            await hold_figures(tx, sorted({id_ for _, _, ids, _ in nodes for id_ in ids}))
        above, parents = await parents_of(tx, [ids for _, _, ids, _ in nodes])
        self.held.update(parents)
        await self._imports.locate(tx, zip((node for _, node, _, _ in nodes), above, strict=True))
        places: dict[tuple[str, ...], Place | GraphError] = {}
        for (n, node, _, new_id), ids in zip(nodes, above, strict=True):
            place = place_of(node.kind, ids, parents, places)
            if isinstance(place, GraphError):
                self._refused[n] = place
                continue
            properties = node.own | {
                "id": new_id,
                "key": place.key(node.own["name_key"]),
                "home": place.home,
                "created_by": self._by,
                "seal": seals.seal_of_new(node.own, place.parents),
            }
            properties |= self._imports.take(n, node, new_id, place.parents)
            row = {
                "n": n,
                "kind": place.kind.value,
                "node": properties,
                "position": node.position,
                "parents": place.elements,
            }
            self._prepared.append(Prepared(n, place, properties, row))
        self.shared = self.shared or any(one.place.shared for one in self._prepared)

    def discard(self) -> None:
        """Forgets what was prepared and not written; locks are kept."""
        self._prepared, self._refused = [], {}
        self._imports.forget()

    async def write(self, tx: Transaction) -> dict[int, Inserted]:
        """Writes the prepared nodes; results by number."""
        wanted = sorted(self._prepared, key=lambda one: one.n)
        refused = dict(self._refused)
        wanted, results = await self._imports.find_by_source(tx, wanted)
        for refusals in (conflicts.take_keys_of_twins, conflicts.circles, conflicts.namesakes):
            refused |= await refusals(tx, _without(wanted, refused))
        good = _without(wanted, refused)
        # What a vocabulary names by URI or notation is known by that, not by a former name.
        unnamed = [one for one in good if not self._imports.has_source(one.n)]
        renamed = await conflicts.take_keys_of_renamed(tx, unnamed) if self._old_names else set[int]()
        good, found = await self._imports.find_by_key(tx, good)
        places = _places(good)
        results |= {n: Inserted(None, error=error) for n, error in refused.items()} | found
        changed: set[int] = set()
        for n, created, linked, id_, retired in await _inserted(tx, good, places, self._retired_too):
            if created and n in renamed:
                raise Outdated("a node was renamed while its old name was looked up")
            error = _retired(id_) if retired else None
            results[n] = Inserted(None if error else id_, created, error, linked and not created)
            if created or linked:
                changed.add(n)
            self._created += created
            self._linked += linked and not created
        for place in _places(node for node in good if node.n in changed):
            self._parents.update(place.parents)
            if place.kind in (Kind.ClassSession, Kind.KeyConcept):
                self._taught.update(place.parents)
        for place in places:
            self._disciplines.update(place.disciplines)
            if place.shared:
                self._admitted.update(place.disciplines)
            elif place.kind.unique_within:
                self._relied.update(place.disciplines)
        await self._imports.settle(tx, results)
        self.shared = self.shared or self._imports.rekinded
        self.discard()
        return results

    async def forget(self, tx: Transaction) -> None:
        """Marks the figures of the disciplines concerned as unknown.

        Raises Outdated if a node has come to one of them from elsewhere since the names were looked up: it
        may have brought a name that was inserted here.
        """
        if self._disciplines:
            # What is new has no instructions that another discipline could share.
            hosts = await rollups.forget_disciplines(tx, self._disciplines, crossing=self._linked > 0)
            if self._relied.intersection(hosts) - self._admitted:
                raise Outdated("a node came to the discipline while others were inserted there")
        if self._taught:
            await rollups.uncount(tx, self._taught)

    async def record(self, tx: Transaction) -> None:
        """As `forget`, and records one edit at the parents with the number of nodes inserted or linked."""
        await self.forget(tx)
        await self._imports.relate(tx)
        number = self._created + self._linked
        if number:
            detail = {"created": self._created, "linked": self._linked}
            await history.record(
                tx, "inserted_many", self._by, None, sorted(self._parents), nodes=number, detail=detail
            )


def _places(wanted: Iterable[Prepared]) -> list[Place]:
    return [*{id(one.place): one.place for one in wanted}.values()]


def _without(wanted: list[Prepared], refused: dict[int, GraphError]) -> list[Prepared]:
    return [one for one in wanted if one.n not in refused] if refused else wanted


async def _inserted(
    tx: Transaction, wanted: Sequence[Prepared], places: Sequence[Place], retired_too: bool
) -> list[tuple[int, bool, bool, str, bool]]:
    """Writes nodes, sorted by key against deadlocks.

    Per node: its number, whether it is new, whether it is newly linked, its id, whether it is refused.
    """
    if not wanted:
        return []
    further = {p for place in places if place.kind is Kind.ClassSession for p in place.parents[1:]}
    if further:
        await tx.run(RESPACE, ids=sorted(further))
    # All but the home, which is part of the key.
    hosts = {id_ for place in places for id_ in place.hosts if id_ != place.home}
    if hosts:
        await unique_names.admit_guests(tx, sorted(hosts))
    # In a map: Neo4j plans a query again for each order of magnitude of the length of a list parameter.
    rows = [one.row for one in sorted(wanted, key=lambda one: one.properties["key"])]
    batch = {"rows": rows, "retired_too": retired_too}
    [[inserted]] = await tx.values(INSERT, batch=batch)
    return inserted


def _retired(node_id: str) -> Conflict:
    return Conflict(
        f"the node of this name is retired; bring it back with PATCH /v1/nodes/{node_id} "
        '{"status": "accepted"} and If-Match, or choose another name'
    )
