"""Edits of the taxonomy: insert, change, retire, link, unlink. Each is one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from graph import lineage
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, GraphError, Invalid, NotFound, Stale
from graph.model import Kind, NewNode, Node, NodePatch, Status, new_id, node_key, normal_name, require_child
from graph.queries import load

GET = load("node.get")
LOCK = load("node.lock")
HOMES = load("node.homes")
TWINS = load("node.twins")
INSERT = load("node.insert")
PATCH = load("node.patch")
SUBTREE_EDGES = load("node.subtree_edges")
RETIRE = load("node.retire")
LINK_FACTS = load("node.link_facts")
LINK = load("node.link")
UNLINK = load("node.unlink")
REHOME = load("node.rehome")
SHAPE_LOCK = load("schema.lock")


@dataclass(frozen=True)
class Inserted:
    """What became of one node of a batch: its id, or why it was refused."""

    id: str | None
    created: bool = False
    error: GraphError | None = None


async def insert(database: Database, node: NewNode, *, by: str = "") -> tuple[Node, bool]:
    """The node as it stands now and whether it was created; raises Invalid or NotFound."""
    [inserted] = await insert_many(database, [node], by=by)
    if inserted.error:
        raise inserted.error
    assert inserted.id
    return await get(database, inserted.id), inserted.created


async def insert_many(database: Database, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """Inserts a batch in one transaction, the good ones whatever the bad ones are, in the order given."""
    return await database.writing(lambda tx: insert_in(tx, nodes, by=by))


async def insert_in(tx: Transaction, nodes: Sequence[NewNode], *, by: str = "") -> list[Inserted]:
    """As insert_many, inside a transaction of the caller's."""
    results: list[Inserted | None] = [None] * len(nodes)
    parents = await _parents(tx, nodes)
    rows: list[Row] = []
    for n, node in enumerate(nodes):
        try:
            rows.append(_insertion(n, node, parents, by))
        except GraphError as error:
            results[n] = Inserted(None, error=error)
    await _take_keys_of_twins(tx, rows)
    for row in await tx.run(INSERT, rows=sorted(rows, key=lambda row: row["node"]["key"])):
        results[row["n"]] = Inserted(row["id"], row["created"])
    return [result or Inserted(None, error=NotFound("the parent is gone")) for result in results]


async def _parents(tx: Transaction, nodes: Iterable[NewNode]) -> dict[tuple[str, str | None], Row]:
    """Facts of every parent named, by its id and the kind within which the child's name is unique."""
    wanted: dict[str | None, set[str]] = {}
    for node in nodes:
        wanted.setdefault(node.kind.unique_within, set()).update(node.above)
    return {
        (row["id"], within): row
        for within, ids in wanted.items()
        for row in await tx.run(HOMES, ids=sorted(ids), kind=within or "")
    }


def _insertion(n: int, node: NewNode, parents: dict[tuple[str, str | None], Row], by: str) -> Row:
    within = node.kind.unique_within
    for parent_id in node.above:
        parent = parents.get((parent_id, within))
        if parent is None:
            raise NotFound(f"no node has the id {parent_id}")
        if parent["status"] == Status.retired:
            raise Conflict(f"the parent {parent_id} is retired")
        require_child(Kind(parent["kind"]), node.kind)
    home = node.above[0] if node.above else None
    homes: list[str] = parents[home, within]["homes"] if home and within else []
    home = homes[0] if homes else home
    return {
        "n": n,
        "kind": node.kind.value,
        "homes": homes,
        "node": new_properties(node, home, by),
        "parents": [{"id": id_, "position": node.position} for id_ in node.above],
    }


def new_properties(node: NewNode, home: str | None, by: str) -> Row:
    """What the database stores for a new node, a new id included."""
    return node.properties | {
        "id": new_id(),
        "key": node_key(node.kind, home, node.name),
        "home": home,
        "name": node.name,
        "name_key": normal_name(node.name),
        "description": node.description,
        "status": node.status.value,
        "weight": node.weight,
        "created_by": by,
    }


async def _take_keys_of_twins(tx: Transaction, rows: list[Row]) -> None:
    """A node that was linked here from elsewhere is the node of that name here: its key serves."""
    wanted = [
        {
            "n": i,
            "parent_id": row["parents"][0]["id"],
            "homes": row["homes"],
            "kind": row["kind"],
            "name_key": row["node"]["name_key"],
            "key": row["node"]["key"],
        }
        for i, row in enumerate(rows)
        if row["parents"]
    ]
    for twin in await tx.run(TWINS, rows=wanted):
        rows[twin["n"]]["node"]["key"] = twin["key"]


async def get(database: Database, node_id: str) -> Node:
    """One node; raises NotFound."""
    return _one(await database.read(GET, id=node_id), node_id)


def _one(rows: list[Row], node_id: str) -> Node:
    if not rows:
        raise NotFound(f"no node has the id {node_id}")
    return Node.from_row(rows[0]["node"])


async def _locked(tx: Transaction, *ids: str) -> list[Row]:
    """The rows of these nodes, locked for the rest of the transaction; raises NotFound."""
    rows = {row["node"]["id"]: row for row in await tx.run(LOCK, ids=list(ids))}
    for id_ in ids:
        if id_ not in rows:
            raise NotFound(f"no node has the id {id_}")
    return [rows[id_] for id_ in ids]


async def patch(database: Database, node_id: str, change: NodePatch, version: int) -> Node:
    """Changes a node that is still at `version`; raises Stale when it is not, Conflict for a name taken.

    A changed name of a concept or session marks the instructions made from it stale.
    """

    async def work(tx: Transaction) -> Node:
        [row] = await _locked(tx, node_id)
        _require_version(row, version)
        changes = change.model_dump(exclude_none=True, exclude={"properties"}) | change.properties
        old = Node.from_row(row["node"])
        if change.name and change.name != old.name:
            if normal_name(change.name) != normal_name(old.name):
                await _require_free_name(tx, old.kind, change.name, old.parents)
            changes |= {
                "name_key": normal_name(change.name),
                "key": node_key(old.kind, row["home"], change.name),
            }
            await lineage.mark_stale(tx, [node_id], f"{old.kind} renamed: {old.name}")
        return _one(await tx.run(PATCH, id=node_id, changes=changes), node_id)

    return await database.writing(work)


async def _require_free_name(
    tx: Transaction, kind: Kind, name: str, parent_ids: Sequence[str], own_key: str = ""
) -> None:
    """Raises Conflict when a name stands for a node other than ours under one of these parents."""
    within = kind.unique_within
    parents = await tx.run(HOMES, ids=list(parent_ids), kind=within or "")
    rows: list[Row] = [
        {
            "n": n,
            "parent_id": parent["id"],
            "homes": parent["homes"] if within else [],
            "kind": kind.value,
            "name_key": normal_name(name),
            "key": own_key,
        }
        for n, parent in enumerate(parents)
    ]
    for twin in await tx.run(TWINS, rows=rows):
        if twin["key"] != own_key:
            where = f"the {within} of {twin['parent_id']}" if within else twin["parent_id"]
            raise Conflict(f"{where} has a {kind} of that name already")


def _require_version(row: Row, version: int | None) -> None:
    current = row["node"]["version"]
    if version is not None and version != current:
        raise Stale(f"the node is at version {current}, not {version}; read it again and repeat the change")


async def retire(database: Database, node_id: str, version: int | None = None) -> int:
    """Retires a node and what hangs on it alone; returns how many nodes that were."""

    async def work(tx: Transaction) -> int:
        [row] = await _locked(tx, node_id)
        _require_version(row, version)
        ids = _hanging_on(node_id, await tx.run(SUBTREE_EDGES, id=node_id))
        await lineage.mark_stale(tx, ids, f"{row['node']['kind']} retired: {row['node']['name']}")
        return (await tx.run(RETIRE, ids=ids))[0]["retired"]

    return await database.writing(work)


def _hanging_on(root: str, rows: list[Row]) -> list[str]:
    """The root and every node below it whose living parents all go with it."""
    parents = {row["id"]: set[str](row["parents"]) for row in rows}
    below: nx.DiGraph[str] = nx.DiGraph()
    below.add_nodes_from(parents)
    below.add_edges_from((above, id_) for id_, ids in parents.items() for above in ids & parents.keys())
    gone = {root}
    for id_ in nx.topological_sort(below):
        if id_ != root and parents[id_] <= gone:
            gone.add(id_)
    return sorted(gone)


async def link(database: Database, parent_id: str, child_id: str, position: int | None = None) -> Node:
    """Puts a node under one more parent; raises Conflict for a circle, a wrong kind or a name taken there."""

    async def work(tx: Transaction) -> Node:
        await tx.run(SHAPE_LOCK)
        parent, child = await _locked(tx, parent_id, child_id)
        try:
            require_child(Kind(parent["node"]["kind"]), Kind(child["node"]["kind"]))
        except Invalid as error:
            raise Conflict(str(error)) from error
        if parent["node"]["status"] == Status.retired:
            raise Conflict(f"the parent {parent_id} is retired")
        facts = (await tx.run(LINK_FACTS, parent_id=parent_id, child_id=child_id))[0]
        if facts["circle"]:
            raise Conflict(f"{child_id} is {parent_id} or stands above it: the link would close a circle")
        if not facts["linked"]:
            old = Node.from_row(child["node"])
            await _require_free_name(tx, old.kind, old.name, [parent_id], child["key"])
        await tx.run(LINK, parent_id=parent_id, child_id=child_id, position=position)
        return _one(await tx.run(GET, id=child_id), child_id)

    return await database.writing(work)


async def unlink(database: Database, parent_id: str, child_id: str) -> None:
    """Takes a node from under a parent; raises Conflict when it has no other, NotFound when not linked."""

    async def work(tx: Transaction) -> None:
        await tx.run(SHAPE_LOCK)
        _, child = await _locked(tx, parent_id, child_id)
        above: list[str] = child["node"]["parents"]
        if parent_id not in above:
            raise NotFound(f"{child_id} does not stand under {parent_id}")
        if len(above) == 1:
            raise Conflict(
                f"{child_id} stands under {parent_id} alone and would be an orphan; retire it instead"
            )
        await lineage.mark_stale_in(tx, parent_id, child_id, f"{child['node']['name']} left its session")
        await tx.run(UNLINK, parent_id=parent_id, child_id=child_id)
        await _rehome(tx, child, [id_ for id_ in above if id_ != parent_id])

    await database.writing(work)


async def _rehome(tx: Transaction, child: Row, remaining: list[str]) -> None:
    """The node's name must stay unique within something that is still above it."""
    kind = Kind(child["node"]["kind"])
    rows = await tx.run(HOMES, ids=remaining, kind=kind.unique_within or "")
    homes = [home for row in rows for home in row["homes"]] if kind.unique_within else remaining
    if child["home"] in homes or not homes:
        return
    home = min(homes)
    key = node_key(kind, home, child["node"]["name"])
    await tx.run(REHOME, id=child["node"]["id"], home=home, key=key)
