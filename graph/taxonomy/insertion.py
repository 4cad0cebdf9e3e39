"""Insertion of nodes: idempotent by key, in batches, a transaction each.

The parents are locked first, so that none is retired, purged, moved or merged before the child stands under
it, and two children of one name never come to stand under one parent.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, GraphError, NoNode, Outdated
from graph.model import Kind, NewNode, Node, Status, keys_within, new_ids, require_child
from graph.queries import load
from graph.taxonomy import aliases, history, seals, unique_names
from graph.taxonomy.locks import GET, exists, hold_figures, hold_shape, one

HOLD_PARENTS = load("node.hold_parents")
INSERT = load("node.insert")
LINK_FACTS = load("node.link_facts")
RESPACE = load("syllabus.respace")

Parents = dict[str, Row]
"""What insertion has to know of a parent, by its id."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where nodes of one kind with the same parents stand; worked out once for all of them."""

    kind: Kind
    parents: list[str]
    elements: list[str]
    """The parents as the database numbers them, while they are locked."""
    scopes: list[unique_names.Scope]
    disciplines: list[str]
    home: str | None
    key: Callable[[str], str]
    """The key of a normalised name."""
    shared: bool
    """Whether a name may stand there for a node whose key was made elsewhere."""
    old_keys: bool
    """Whether a name may stand there for a node that was renamed, moved away or merged into another."""


@dataclass(slots=True)
class _Insertion:
    """A node on its way; `properties`, its key among them, are what the database stores."""

    n: int
    place: _Place
    properties: Row
    row: Row
    """As the query takes it."""


class Inserted(NamedTuple):
    """What became of one node of a batch: its id, or why it was refused.

    `linked`: it was there already and has a parent more now.
    """

    id: str | None
    created: bool = False
    error: GraphError | None = None
    linked: bool = False


async def insert(database: Database, node: NewNode, *, by: str = "") -> tuple[Node, bool]:
    """The node as it stands now and whether it was created; raises Invalid, Conflict or NotFound."""

    async def work(tx: Transaction) -> tuple[Node, bool]:
        # Whoever names a single node means one of this name: what was called so before is another.
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
        return found, inserted.created

    return await database.writing(work)


async def insert_many(database: Database, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """Inserts a batch in one transaction, the good ones whatever the bad ones are, in the order given."""

    async def work(tx: Transaction) -> list[Inserted]:
        insertions = Insertions(by)
        inserted = await insertions.add(tx, nodes)
        await insertions.record(tx)
        return inserted

    return await database.writing(work)


async def insert_in(tx: Transaction, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """As insert_many, inside a transaction of the caller's and without an edit; retired ones serve too."""
    insertions = Insertions(by, retired_too=True)
    inserted = await insertions.add(tx, nodes)
    await insertions.forget(tx)
    return inserted


class Insertions:
    """What one transaction inserts: prepared and written, maybe several times, then recorded once.

    Nodes are told apart by numbers of the caller's. Of two that are one, the one with the smaller number is
    written first.
    """

    def __init__(self, by: str, *, old_names: bool = True, retired_too: bool = False) -> None:
        """`old_names`: one that a node bore there stands for it; `retired_too`: retired nodes serve."""
        self._by = by
        self._old_names = old_names
        self._retired_too = retired_too
        self._prepared: list[_Insertion] = []
        self._refused: dict[int, GraphError] = {}
        self._disciplines: set[str] = set()
        # Disciplines in which keys alone told names apart, and those that we have made hosts.
        self._relied: set[str] = set()
        self._admitted: set[str] = set()
        self._parents: set[str] = set()
        self._created = 0
        self._linked = 0
        self.held: set[str] = set()
        """Ids of the parents that are locked."""
        self.shared = False
        """Whether something was prepared where a name may stand for a node whose key was made elsewhere."""

    async def add(self, tx: Transaction, nodes: Sequence[NewNode]) -> list[Inserted]:
        """Prepares and writes nodes that name their parents themselves; what became of each, in order."""
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
        """Locks the parents, whose ids come with each node, and finds out where it stands; writes nothing.

        Last comes the id that it gets if it is new. A parent that was merged is replaced by what it was
        merged into. `figures_first`: locks the figures of disciplines before nodes, as a job that stores
        does; not where whoever holds them may wait for this transaction.
        """
        if figures_first and any(node.kind is Kind.KeyConcept for _, node, _, _ in nodes):
            await hold_figures(tx, sorted({id_ for _, _, ids, _ in nodes for id_ in ids}))
        above, parents = await _parents(tx, [ids for _, _, ids, _ in nodes])
        self.held.update(parents)
        places: dict[tuple[str, ...], _Place | GraphError] = {}
        for (n, node, _, new_id), ids in zip(nodes, above, strict=True):
            place = _place(node.kind, ids, parents, places)
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
            row = {
                "n": n,
                "kind": place.kind.value,
                "node": properties,
                "position": node.position,
                "parents": place.elements,
            }
            self._prepared.append(_Insertion(n, place, properties, row))
        self.shared = self.shared or any(one.place.shared for one in self._prepared)

    def discard(self) -> None:
        """Forgets what was prepared and not written; what is locked stays so."""
        self._prepared, self._refused = [], {}

    async def write(self, tx: Transaction) -> dict[int, Inserted]:
        """Writes what is prepared; what became of each, by its number."""
        wanted = sorted(self._prepared, key=lambda one: one.n)
        refused = dict(self._refused)
        for refusals in (_take_keys_of_twins, _circles, _namesakes):
            refused |= await refusals(tx, _without(wanted, refused))
        good = _without(wanted, refused)
        renamed = await _take_keys_of_renamed(tx, good) if self._old_names else set[int]()
        places = _places(good)
        results = {n: Inserted(None, error=error) for n, error in refused.items()}
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
        for place in places:
            self._disciplines.update(place.disciplines)
            if place.shared:
                self._admitted.update(place.disciplines)
            elif place.kind.unique_within:
                self._relied.update(place.disciplines)
        self.discard()
        return results

    async def forget(self, tx: Transaction) -> None:
        """Declares the figures of the disciplines concerned unknown.

        Raises Outdated where a node came to one of them from elsewhere since we looked, for it may have
        brought a name that we have inserted.
        """
        if self._disciplines:
            hosts = await rollups.forget_disciplines(tx, self._disciplines)
            if self._relied.intersection(hosts) - self._admitted:
                raise Outdated("a node came to the discipline while others were inserted there")

    async def record(self, tx: Transaction) -> None:
        """Forgets, and writes one edit for all, at the parents: how many nodes were inserted or linked."""
        await self.forget(tx)
        number = self._created + self._linked
        if number:
            detail = {"created": self._created, "linked": self._linked}
            await history.record(
                tx, "inserted_many", self._by, None, sorted(self._parents), nodes=number, detail=detail
            )


def _places(wanted: Iterable[_Insertion]) -> list[_Place]:
    return [*{id(one.place): one.place for one in wanted}.values()]


def _without(wanted: list[_Insertion], refused: dict[int, GraphError]) -> list[_Insertion]:
    return [one for one in wanted if one.n not in refused] if refused else wanted


async def _inserted(
    tx: Transaction, wanted: Sequence[_Insertion], places: Sequence[_Place], retired_too: bool
) -> list[tuple[int, bool, bool, str, bool]]:
    """Writes them, sorted against deadlocks.

    Of each its n, whether it is new, whether it is newly linked, its id, and whether it is refused.
    """
    if not wanted:
        return []
    further = {p for place in places if place.kind is Kind.ClassSession for p in place.parents[1:]}
    if further:
        await tx.run(RESPACE, ids=sorted(further))
    # All but the home, by which the key is made.
    hosts = {id_ for place in places for id_ in _hosts(place) if id_ != place.home}
    if hosts:
        await unique_names.admit_guests(tx, sorted(hosts))
    # In a map, because Neo4j plans a query anew for each order of magnitude of a list among its parameters.
    rows = [one.row for one in sorted(wanted, key=lambda one: one.properties["key"])]
    batch = {"rows": rows, "retired_too": retired_too}
    [[inserted]] = await tx.values(INSERT, batch=batch)
    return inserted


def _retired(node_id: str) -> Conflict:
    return Conflict(
        f"the node of this name is retired; bring it back with PATCH /v1/nodes/{node_id} "
        '{"status": "accepted"} and If-Match, or choose another name'
    )


def _hosts(place: _Place) -> Iterator[str]:
    for parent_id, homes in place.scopes:
        yield from homes or [parent_id]


async def _parents(tx: Transaction, above: Sequence[list[str]]) -> tuple[Sequence[list[str]], Parents]:
    """The ids of each node's parents, and the facts of every parent, locked."""
    wanted = {id_ for ids in above for id_ in ids}
    found = await _held(tx, wanted)
    lost = wanted - found.keys()
    if lost and (moved := await aliases.resolve(tx, sorted(lost))):
        above = [list(dict.fromkeys(moved.get(id_, id_) for id_ in ids)) for ids in above]
        found |= await _held(tx, {*moved.values()} - found.keys())
    return above, found


async def _held(tx: Transaction, wanted: Iterable[str]) -> Parents:
    ids = sorted(wanted)
    if not ids:
        return {}
    [[found]] = await tx.values(HOLD_PARENTS, batch={"ids": ids})
    return {row["id"]: row for row in found if exists(row)}


def _place(
    kind: Kind, above: Sequence[str], parents: Parents, places: dict[tuple[str, ...], _Place | GraphError]
) -> _Place | GraphError:
    """The place of a node; the error where it cannot stand there."""
    key = (kind.value, *above)
    found = places.get(key)
    if found is None:
        try:
            found = _new_place(kind, above, parents)
        except GraphError as error:
            found = error
        places[key] = found
    return found


def _new_place(kind: Kind, above: Sequence[str], parents: Parents) -> _Place:
    scopes: list[unique_names.Scope] = []
    disciplines: set[str] = set()
    guests = old_keys = False
    for parent_id in above:
        parent = parents.get(parent_id)
        if parent is None:
            raise NoNode(parent_id)
        if parent["status"] == Status.retired:
            raise Conflict(
                f"the parent {parent_id} is retired; bring it back first with PATCH /v1/nodes/{parent_id} "
                '{"status": "accepted"} and If-Match'
            )
        require_child(Kind(parent["kind"]), kind)
        disciplines.update(parent["disciplines"])
        scopes.append((parent_id, parent["disciplines"] if kind.unique_within else []))
        within = "" if kind.unique_within is None else "s"
        guests = guests or bool(parent[f"host{within}"])
        old_keys = old_keys or bool(parent[f"old_key{within}"])
    home = (scopes[0][1] or [scopes[0][0]])[0] if scopes else None
    # Parents within one home have one answer.
    distinct = {tuple(homes) or parent_id: (parent_id, homes) for parent_id, homes in reversed(scopes)}
    shared = guests or len(distinct) > 1 or any(len(homes) > 1 for _, homes in scopes)
    return _Place(
        kind=kind,
        parents=[*above],
        elements=[parents[id_]["element"] for id_ in above],
        scopes=[*distinct.values()][::-1],
        disciplines=sorted(disciplines),
        home=home,
        key=keys_within(kind, home),
        shared=shared,
        # A taxonomy has no parent that could tell; there are few.
        old_keys=old_keys or home is None,
    )


async def _take_keys_of_twins(tx: Transaction, wanted: Sequence[_Insertion]) -> dict[int, GraphError]:
    """A node that was linked here from elsewhere is the node of that name here: its key serves.

    Where nothing was, and one home is named, the key alone tells. Returns the refused: those whose name
    stands for another node under a further parent.
    """
    if not any(one.place.shared for one in wanted):
        return {}
    rows = [
        unique_names.wanted(i, scope, one.place.kind.value, one.properties["name_key"], one.properties["key"])
        for i, one in enumerate(wanted)
        if one.place.shared
        for scope in one.place.scopes
    ]
    twins = {(twin["n"], twin["parent_id"]): twin["key"] for twin in await unique_names.twins(tx, rows)}
    refused: dict[int, GraphError] = {}
    claimed: dict[tuple[str, Kind, str], str] = {}
    for i, asked in enumerate(wanted):
        error = _claim(asked, lambda parent_id, i=i: twins.get((i, parent_id)), claimed)
        if error:
            refused[asked.n] = error
    return refused


async def _take_keys_of_renamed(tx: Transaction, wanted: Sequence[_Insertion]) -> set[int]:
    """A name that a node bore here stands for it, so that a file loaded again makes nothing again.

    It stays where it was moved to; a concept comes under the session that names it. Returns which these are.
    """
    asked = [node for node in wanted if node.place.old_keys]
    found = await aliases.of_keys(tx, [node.properties["key"] for node in asked]) if asked else {}
    renamed: set[int] = set()
    for node in asked:
        key = found.get(node.properties["key"])
        if key:
            node.properties["key"] = key
            renamed.add(node.n)
            if node.place.kind.unique_within is None:
                node.row["parents"] = []
    return renamed


def _claim(
    one: _Insertion, twin_under: unique_names.TwinUnder, claimed: dict[tuple[str, Kind, str], str]
) -> Conflict | None:
    """Gives it the key of the node that its name stands for, and the name to it in all its homes."""
    properties, scopes = one.properties, one.place.scopes
    name_key: str = properties["name_key"]
    owners: list[tuple[str, str | None]] = []
    for parent_id, homes in scopes:
        taken = [claimed.get((home, one.place.kind, name_key)) for home in homes or [parent_id]]
        owners.append((parent_id, next((key for key in taken if key), None) or twin_under(parent_id)))
    if owners and owners[0][1]:
        properties["key"] = owners[0][1]
    for parent_id, key in owners[1:]:
        if key not in (None, properties["key"]):
            return unique_names.taken(one.place.kind, parent_id, properties["name"])
    for parent_id, homes in scopes:
        for home in homes or [parent_id]:
            claimed[home, one.place.kind, name_key] = properties["key"]
    return None


async def _namesakes(tx: Transaction, wanted: Sequence[_Insertion]) -> dict[int, GraphError]:
    """What is there already, and comes to a further discipline, may not bring a name that is taken there."""
    coming = [
        one
        for one in wanted
        if unique_names.holds_concepts(one.place.kind) and len(one.place.disciplines) > 1
    ]
    if not coming:
        return {}
    ids = await unique_names.ids_of(tx, [one.properties["key"] for one in coming])
    return await unique_names.rivals(
        tx,
        [
            {"n": one.n, "id": ids[one.properties["key"]], "disciplines": one.place.disciplines}
            for one in coming
            if one.properties["key"] in ids
        ],
    )


async def _circles(tx: Transaction, wanted: Sequence[_Insertion]) -> dict[int, GraphError]:
    """Only what may contain its own kind, and is there already, can close a circle with a further parent."""
    nested = [
        one for one in wanted if len(one.place.parents) > 1 and one.place.kind.may_contain(one.place.kind)
    ]
    if not nested:
        return {}
    await hold_shape(tx)
    ids = await unique_names.ids_of(tx, [one.properties["key"] for one in nested])
    links = [
        {"n": one.n, "parent_id": parent_id, "child_id": ids[one.properties["key"]]}
        for one in nested
        if one.properties["key"] in ids
        for parent_id in one.place.parents
    ]
    facts = await tx.run(LINK_FACTS, rows=links) if links else []
    return {
        fact["n"]: Conflict(f"the link under {fact['parent_id']} would close a circle")
        for fact in facts
        if fact["circle"]
    }
