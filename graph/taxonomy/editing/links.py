"""Changes of which node is under which: link, unlink, move. Each is one transaction."""

from collections.abc import Sequence

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, Invalid, NotFound
from graph.model import Kind, Node, Status, new_id, require_child
from graph.queries import load
from graph.taxonomy.editing import history, positions, staleness, unique_names
from graph.taxonomy.editing.locks import GET, Versions, hold_figures, hold_shape, locked, one, require_version

LINK_FACTS = load("node.link_facts")
LINK = load("node.link")
UNLINK = load("node.unlink")
STATUSES = load("node.statuses")
RESPACE = load("syllabus.respace")


async def link(
    database: Database, parent_id: str, child_id: str, position: int | None = None, *, by: str = ""
) -> Node:
    """Adds a parent to a node; raises Conflict for a circle, a wrong kind or a name taken there."""

    async def work(tx: Transaction) -> Node:
        await link_in(tx, parent_id, child_id, position, by=by)
        return one(await tx.run(GET, id=child_id), child_id)

    return await database.writing(work)


async def link_in(
    tx: Transaction, parent_id: str, child_id: str, position: int | None = None, *, by: str
) -> None:
    """As link, in the caller's transaction."""
    await hold_shape(tx)
    await hold_figures(tx, [parent_id, child_id])
    parent, child = await locked(tx, parent_id, child_id)
    new = await _link(tx, parent, child, position)
    if new:
        await unique_names.require_unique_below(tx, Kind(child["node"]["kind"]), child_id)
    if new or position is not None:
        changed = [parent_id, child_id]
        detail = {"parent_id": parent_id, "position": position}
        await history.record(tx, "linked", by, child["node"], changed, detail=detail)


async def _link(tx: Transaction, parent: Row, child: Row, position: int | None) -> bool:
    """Links the child to the parent; returns whether the link is new."""
    parent_id, child_id = parent["node"]["id"], child["node"]["id"]
    kind = Kind(child["node"]["kind"])
    _require_place(parent, kind)
    wanted = [{"n": 0, "parent_id": parent_id, "child_id": child_id}]
    facts = (await tx.run(LINK_FACTS, rows=wanted))[0]
    if facts["circle"]:
        raise Conflict(f"{child_id} is {parent_id} or stands above it: the link would close a circle")
    if not facts["linked"]:
        # Whoever inserts a concept there has committed, so that its name is seen, or will see the child.
        await rollups.hold(tx, [parent_id, child_id])
        await unique_names.require_free(tx, kind, child["node"]["name"], [parent_id], child["key"])
        await unique_names.admit_guests(tx, [parent_id])
    await tx.run(LINK, parent_id=parent_id, child_id=child_id, since=new_id())
    if position is not None:
        await positions.put(tx, parent_id, child_id, position)
    await rollups.forget(tx, [child_id])
    if kind is Kind.ClassSession and not facts["linked"]:
        await tx.run(RESPACE, ids=[parent_id])
    return not facts["linked"]


def _require_place(parent: Row, kind: Kind) -> None:
    try:
        require_child(Kind(parent["node"]["kind"]), kind)
    except Invalid as error:
        raise Conflict(str(error)) from error
    if parent["node"]["status"] == Status.retired:
        raise Conflict(f"the parent {parent['node']['id']} is retired")


async def unlink(database: Database, parent_id: str, child_id: str, *, by: str = "") -> None:
    """Removes a node from a parent; raises NotFound if it is not there, Conflict without another parent."""

    await database.writing(lambda tx: unlink_in(tx, parent_id, child_id, by=by))


async def unlink_in(tx: Transaction, parent_id: str, child_id: str, *, by: str) -> None:
    """As unlink, in the caller's transaction."""
    await hold_shape(tx)
    await hold_figures(tx, [parent_id, child_id])
    parent, child = await locked(tx, parent_id, child_id)
    above: list[str] = child["node"]["parents"]
    if parent_id not in above:
        raise NotFound(f"{child_id} does not stand under {parent_id}")
    remaining = [id_ for id_ in above if id_ != parent_id]
    await _require_living(tx, child, remaining)
    stale = await _unlink(tx, parent, child)
    detail = {"parent_id": parent_id}
    await history.record(tx, "unlinked", by, child["node"], [parent_id, child_id], stale=stale, detail=detail)


async def _require_living(tx: Transaction, child: Row, remaining: Sequence[str]) -> None:
    """Raises Conflict if no parent remains, or only retired ones for a node that is not retired."""
    node = child["node"]
    if not remaining:
        raise Conflict(f"{node['id']} has no other parent and would be an orphan; move or retire it instead")
    found = await tx.run(STATUSES, ids=list(remaining))
    if node["status"] != Status.retired and all(row["status"] == Status.retired for row in found):
        raise Conflict(f"all other parents of {node['id']} are retired; move or retire it instead")


async def _unlink(tx: Transaction, parent: Row, child: Row) -> int:
    """Removes the link; returns the number of instructions made from what it joined, which are stale now."""
    parent_id, child_id = parent["node"]["id"], child["node"]["id"]
    reason = f"{child['node']['name']} left its {parent['node']['kind']}"
    stale = 0
    match child["node"]["kind"]:
        case Kind.KeyConcept:
            stale = await staleness.mark_stale_in(tx, parent_id, child_id, reason)
        case Kind.ClassSession:
            stale = await staleness.mark_stale_of_syllabus(tx, parent_id, child_id, reason)
        case _:
            pass
    await rollups.forget(tx, [child_id])
    await tx.run(UNLINK, parent_id=parent_id, child_id=child_id)
    await unique_names.rehome(tx, [child_id])
    return stale


async def move(
    database: Database,
    node_id: str,
    from_id: str,
    to_id: str,
    *,
    position: int | None = None,
    version: Versions = None,
    by: str = "",
) -> Node:
    """Moves a node from one parent to another; its other parents stay.

    If it has been moved already, as when a request is repeated, nothing changes. Raises Conflict if the node
    is not under `from_id`, or cannot be linked under `to_id`; Stale if it is not at `version`.
    """
    return await database.writing(
        lambda tx: move_in(tx, node_id, from_id, to_id, position=position, version=version, by=by)
    )


async def move_in(
    tx: Transaction,
    node_id: str,
    from_id: str,
    to_id: str,
    *,
    position: int | None = None,
    version: Versions = None,
    by: str = "",
) -> Node:
    """Like `move`, in a transaction that has locked nothing below the shape of the taxonomy."""
    await hold_shape(tx)
    await hold_figures(tx, [node_id, from_id, to_id])
    node, old, new = await locked(tx, node_id, from_id, to_id)
    above: list[str] = node["node"]["parents"]
    if to_id in above and from_id not in above:
        return one(await tx.run(GET, id=node_id), node_id)
    require_version(node, version)
    if from_id not in above:
        raise Conflict(
            f"{node_id} does not stand under {from_id}; its parents are {', '.join(above) or 'none'}"
        )
    fresh = await _link(tx, new, node, position)
    if fresh:
        await unique_names.require_unique_below(tx, Kind(node["node"]["kind"]), node_id)
    stale = 0
    if from_id != to_id:
        stale = await _unlink(tx, old, node)
    if fresh or from_id != to_id or position is not None:
        detail = {"from_id": from_id, "to_id": to_id, "position": position}
        changed = sorted({node_id, from_id, to_id})
        await history.record(tx, "moved", by, node["node"], changed, stale=stale, detail=detail)
    return one(await tx.run(GET, id=node_id), node_id)
