"""Insertion of nodes: idempotent by key, in batches, a transaction each.

The parents are locked first, so that none is retired, purged, moved or merged before the child stands under
it, and two children of one name never come to stand under one parent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph import aliases, edits, names, rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, GraphError, NoNode
from graph.locks import GET, exists, hold_shape, one
from graph.model import Kind, NewNode, Node, Status, key_of_normal, new_ids, require_child
from graph.queries import load

HOLD_PARENTS = load("node.hold_parents")
INSERT = load("node.insert")
LINK_FACTS = load("node.link_facts")
RESPACE = load("syllabus.respace")

Parents = dict[str, Row]
"""What insertion has to know of a parent, by its id."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where nodes of one kind with the same parents stand; worked out once for all of them."""

    scopes: list[names.Scope]
    disciplines: list[str]
    home: str | None
    shared: bool
    """Whether a name may stand there for a node whose key was made elsewhere."""


@dataclass(slots=True)
class _Insertion:
    """A node on its way; `properties`, its key among them, are what the database stores."""

    n: int
    kind: Kind
    place: _Place
    properties: Row
    parents: list[Row]

    def row(self) -> Row:
        """As the query takes it."""
        return {"n": self.n, "kind": self.kind.value, "node": self.properties, "parents": self.parents}


@dataclass(frozen=True, slots=True)
class Inserted:
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
        [inserted] = await insert_in(tx, [node], by=by)
        if inserted.error:
            raise inserted.error
        assert inserted.id
        rows = await tx.run(GET, id=inserted.id)
        found = one(rows, inserted.id)
        if inserted.created or inserted.linked:
            action = "inserted" if inserted.created else "linked"
            changed = [found.id, *found.parents]
            await edits.record(tx, action, by, rows[0]["node"], changed, detail={"parents": found.parents})
        return found, inserted.created

    return await database.writing(work)


async def insert_many(database: Database, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """Inserts a batch in one transaction, the good ones whatever the bad ones are, in the order given."""

    async def work(tx: Transaction) -> list[Inserted]:
        inserted = await insert_in(tx, nodes, by=by)
        await record_many(tx, [node.above for node in nodes], inserted, by=by)
        return inserted

    return await database.writing(work)


async def record_many(
    tx: Transaction, above: Sequence[Sequence[str]], inserted: Sequence[Inserted], *, by: str
) -> None:
    """One edit for a whole batch, at the parents of each node: how many it inserted."""
    created = sum(one.created for one in inserted)
    linked = sum(one.linked for one in inserted)
    if created + linked:
        new = [ids for ids, one in zip(above, inserted, strict=True) if one.created or one.linked]
        parents = sorted({id_ for ids in new for id_ in ids})
        await edits.record(
            tx,
            "inserted_many",
            by,
            None,
            parents,
            nodes=created + linked,
            detail={"created": created, "linked": linked},
        )


async def insert_in(
    tx: Transaction, nodes: Sequence[NewNode], above: Sequence[list[str]] | None = None, *, by: str = ""
) -> list[Inserted]:
    """As insert_many, inside a transaction of the caller's and without an edit.

    `above`: the ids of each node's parents, where they are not what the node names itself. A parent that was
    merged is replaced by what it was merged into.
    """
    results: list[Inserted | None] = [None] * len(nodes)
    above, parents = await _parents(tx, [node.above for node in nodes] if above is None else above)
    wanted: list[_Insertion] = []
    places: dict[tuple[str, ...], _Place | GraphError] = {}
    for n, (node, ids, new_id) in enumerate(zip(nodes, above, new_ids(len(nodes)), strict=True)):
        place = _place(node.kind, ids, parents, places)
        if isinstance(place, GraphError):
            results[n] = Inserted(None, error=place)
        else:
            key = key_of_normal(node.kind, place.home, node.own["name_key"])
            properties = node.own | {"id": new_id, "key": key, "home": place.home, "created_by": by}
            parents_of = [{"id": id_, "position": node.position} for id_ in ids]
            wanted.append(_Insertion(n, node.kind, place, properties, parents_of))
    refused = await _take_keys_of_twins(tx, wanted)
    refused |= await _circles(tx, [one for one in wanted if one.n not in refused])
    good = [one for one in wanted if one.n not in refused] if refused else wanted
    for n, created, linked, id_ in await _inserted(tx, good):
        results[n] = Inserted(id_, created, linked=linked and not created)
    for n, error in refused.items():
        results[n] = Inserted(None, error=error)
    return [result or Inserted(None, error=NoNode(above[n][0])) for n, result in enumerate(results)]


async def _inserted(tx: Transaction, wanted: Sequence[_Insertion]) -> list[tuple[int, bool, bool, str]]:
    """Writes them, sorted against deadlocks: of each its n, whether it is new or newly linked, the id."""
    if not wanted:
        return []
    further = {p["id"] for one in wanted if one.kind is Kind.ClassSession for p in one.parents[1:]}
    if further:
        await tx.run(RESPACE, ids=sorted(further))
    places = {id(one.place): one.place for one in wanted}.values()
    # All but the home, by which the key is made.
    hosts = {id_ for place in places for id_ in _hosts(place) if id_ != place.home}
    if hosts:
        await names.admit_guests(tx, sorted(hosts))
    # In a map, because Neo4j plans a query anew for each order of magnitude of a list among its parameters.
    batch = {"rows": [one.row() for one in sorted(wanted, key=lambda one: one.properties["key"])]}
    [[inserted]] = await tx.values(INSERT, batch=batch)
    await rollups.forget_disciplines(tx, {id_ for place in places for id_ in place.disciplines})
    return inserted


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
    scopes: list[names.Scope] = []
    disciplines: set[str] = set()
    guests = False
    for parent_id in above:
        parent = parents.get(parent_id)
        if parent is None:
            raise NoNode(parent_id)
        if parent["status"] == Status.retired:
            raise Conflict(f"the parent {parent_id} is retired")
        require_child(Kind(parent["kind"]), kind)
        disciplines.update(parent["disciplines"])
        scopes.append((parent_id, parent["disciplines"] if kind.unique_within else []))
        guests = guests or bool(parent["host"] if kind.unique_within is None else parent["hosts"])
    home = (scopes[0][1] or [scopes[0][0]])[0] if scopes else None
    # Parents within one home have one answer.
    distinct = {tuple(homes) or parent_id: (parent_id, homes) for parent_id, homes in reversed(scopes)}
    shared = guests or len(distinct) > 1 or any(len(homes) > 1 for _, homes in scopes)
    return _Place([*distinct.values()][::-1], sorted(disciplines), home, shared)


async def _take_keys_of_twins(tx: Transaction, wanted: Sequence[_Insertion]) -> dict[int, GraphError]:
    """A node that was linked here from elsewhere is the node of that name here: its key serves.

    Where nothing was, and one home is named, the key alone tells. Returns the refused: those whose name
    stands for another node under a further parent.
    """
    if not any(one.place.shared for one in wanted):
        return {}
    rows = [
        names.wanted(i, scope, one.kind.value, one.properties["name_key"], one.properties["key"])
        for i, one in enumerate(wanted)
        if one.place.shared
        for scope in one.place.scopes
    ]
    twins = {(twin["n"], twin["parent_id"]): twin["key"] for twin in await names.twins(tx, rows)}
    refused: dict[int, GraphError] = {}
    claimed: dict[tuple[str, Kind, str], str] = {}
    for i, asked in enumerate(wanted):
        error = _claim(asked, lambda parent_id, i=i: twins.get((i, parent_id)), claimed)
        if error:
            refused[asked.n] = error
    return refused


def _claim(
    one: _Insertion, twin_under: names.TwinUnder, claimed: dict[tuple[str, Kind, str], str]
) -> Conflict | None:
    """Gives it the key of the node that its name stands for, and the name to it in all its homes."""
    properties, scopes = one.properties, one.place.scopes
    name_key: str = properties["name_key"]
    owners: list[tuple[str, str | None]] = []
    for parent_id, homes in scopes:
        taken = [claimed.get((home, one.kind, name_key)) for home in homes or [parent_id]]
        owners.append((parent_id, next((key for key in taken if key), None) or twin_under(parent_id)))
    if owners and owners[0][1]:
        properties["key"] = owners[0][1]
    for parent_id, key in owners[1:]:
        if key not in (None, properties["key"]):
            return names.taken(one.kind, parent_id, properties["name"])
    for parent_id, homes in scopes:
        for home in homes or [parent_id]:
            claimed[home, one.kind, name_key] = properties["key"]
    return None


async def _circles(tx: Transaction, wanted: Sequence[_Insertion]) -> dict[int, GraphError]:
    """Only what may contain its own kind, and is there already, can close a circle with a further parent."""
    nested = [one for one in wanted if len(one.parents) > 1 and one.kind.may_contain(one.kind)]
    if not nested:
        return {}
    await hold_shape(tx)
    ids = await names.ids_of(tx, [one.properties["key"] for one in nested])
    links = [
        {"n": one.n, "parent_id": parent["id"], "child_id": ids[one.properties["key"]]}
        for one in nested
        if one.properties["key"] in ids
        for parent in one.parents
    ]
    facts = await tx.run(LINK_FACTS, rows=links) if links else []
    return {
        fact["n"]: Conflict(f"the link under {fact['parent_id']} would close a circle")
        for fact in facts
        if fact["circle"]
    }
