"""Single nodes of the taxonomy, and all edits of them. Each edit is one transaction, with its record.

Insertion is in insertion.py, links and moves in links.py, retiring and purging in removal.py, merging in
merging.py; their functions are called through this module.
"""

from collections.abc import Sequence

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import Node, NodePatch, Status, described, named, node_key
from graph.queries import load
from graph.taxonomy import aliases, history, seals, staleness, unique_names
from graph.taxonomy.insertion import Inserted, Insertions, insert, insert_in, insert_many
from graph.taxonomy.links import link, move, unlink
from graph.taxonomy.locks import GET, Versions, hold_figures, locked, one, require_version
from graph.taxonomy.merging import merge
from graph.taxonomy.removal import purge, retire
from graph.text import normal_name

PATCH = load("node.patch")
STATUSES = load("node.statuses")

__all__ = [
    "Inserted",
    "Insertions",
    "get",
    "insert",
    "insert_in",
    "insert_many",
    "link",
    "merge",
    "move",
    "patch",
    "purge",
    "retire",
    "unlink",
]


async def get(database: Database, node_id: str) -> Node:
    """One node; raises NoNode."""
    return one(await seals.NODES.whole(database, await database.read(GET, id=node_id)), node_id)


async def patch(
    database: Database, node_id: str, change: NodePatch, version: Versions, *, by: str = ""
) -> Node:
    """Changes a node; raises Stale if it is not at `version`, Conflict if the name is taken.

    Renaming a concept or session marks the instructions made from it stale.
    """

    async def work(tx: Transaction) -> Node:
        if change.name is not None or change.status is not None:
            await hold_figures(tx, [node_id])
        row = await _with_parents(tx, node_id, change)
        require_version(row, version)
        changes = change.model_dump(exclude_none=True, exclude={"properties"}) | change.properties
        old = Node.from_row(row["node"])
        await _require_living_parent(tx, old, change)
        stale = 0
        if change.description is not None:
            changes |= described(change.description)
        if change.name and change.name != old.name:
            changes |= await _renamed(tx, row, old, change.name)
            stale = await staleness.mark_stale(tx, [node_id], f"{old.kind} renamed: {old.name}")
        if change.status not in (None, old.status):
            await rollups.forget(tx, [node_id])
        changes["seal"] = _seal_after(row["node"], changes)
        patched = one(await tx.run(PATCH, id=node_id, changes=changes), node_id)
        await history.record(
            tx, "patched", by, row["node"], [node_id], stale=stale, detail=_difference(old, patched)
        )
        return patched

    return await database.writing(work)


async def _with_parents(tx: Transaction, node_id: str, change: NodePatch) -> Row:
    """Locks the node, and its parents if the change depends on siblings or parents; returns its row."""
    [row] = await locked(tx, node_id)
    if change.name is None and change.status is None:
        return row
    return (await locked(tx, node_id, *row["node"]["parents"]))[0]


async def _require_living_parent(tx: Transaction, old: Node, change: NodePatch) -> None:
    if old.status is not Status.retired or change.status is None or not old.parents:
        return
    found = await tx.run(STATUSES, ids=old.parents)
    if all(row["status"] == Status.retired for row in found):
        raise Conflict(f"all parents of {old.name} are retired; bring a parent back first, or move it")


async def _renamed(tx: Transaction, row: Row, old: Node, name: str) -> Row:
    if normal_name(name) != normal_name(old.name):
        await unique_names.require_free(tx, old.kind, name, old.parents)
        await aliases.keep_key(tx, old.id)
    return named(name) | {"key": node_key(old.kind, row["home"], name)}


def _seal_after(node: Row, changes: Row) -> int:
    """The seal of a locked node after these changes (None removes a property), at the next version."""
    after = {name: value for name, value in (node | changes).items() if value is not None}
    return seals.seal_of_node(after | {"version": node["version"] + 1})


def _difference(old: Node, new: Node) -> Row:
    """The values that an edit changed, before and after."""
    before, after = _plain(old), _plain(new)
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return {
        "before": {name: before.get(name) for name in changed},
        "after": {name: after.get(name) for name in changed},
    }


def _plain(node: Node) -> Row:
    kept: Sequence[str] = ("name", "description", "status", "weight")
    own = {name: getattr(node, name) for name in kept}
    return own | {f"properties.{name}": value for name, value in node.properties.items()}
