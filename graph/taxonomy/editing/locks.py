"""Locks for changes: until the transaction ends, nobody else can change the locked nodes or add children.

All transactions lock in one order, to avoid deadlocks: the shape of the taxonomy, a job, the figures of
disciplines, nodes. A job that stores instructions holds the figures of their disciplines while it links them
to sessions and concepts, so an edit must lock the figures before nodes.
"""

from collections.abc import Collection, Sequence

from graph import rollups
from graph.database import Row, Transaction
from graph.errors import NoNode, Stale
from graph.model import Node
from graph.queries import load

GET = load("node.get")
LOCK = load("node.lock")
HOLD = load("node.hold")
SHAPE_LOCK = load("schema.lock")

Versions = int | Collection[int] | None
"""The version that a node must still have, several versions any of which will do, or None for any."""


def one(rows: list[Row], node_id: str) -> Node:
    """The node in the only row; raises NoNode if there is no row."""
    if not rows:
        raise NoNode(node_id)
    return Node.from_row(rows[0]["node"])


async def locked(tx: Transaction, *ids: str) -> list[Row]:
    """Locks these nodes for the rest of the transaction and returns their rows; raises NoNode."""
    rows = {row["node"]["id"]: row for row in await tx.run(LOCK, ids=list(ids)) if exists(row["node"])}
    for id_ in ids:
        if id_ not in rows:
            raise NoNode(id_)
    return [rows[id_] for id_ in ids]


def exists(row: Row) -> bool:
    """Whether a node still existed when it was locked; the row of a node removed before has no kind."""
    return row["kind"] is not None


async def hold(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks nodes without returning their rows, always in the same order."""
    await tx.run(HOLD, ids=sorted(ids))


async def hold_figures(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks the figures of the disciplines at or above these nodes; must come before locking any node."""
    await rollups.hold(tx, ids)


async def hold_shape(tx: Transaction) -> None:
    """Locks the taxonomy's shape: two changes of it at the same time could close a circle together."""
    await tx.run(SHAPE_LOCK)


def require_version(row: Row, wanted: Versions) -> None:
    """Raises Stale if a locked node is not at one of the wanted versions."""
    current = row["node"]["version"]
    versions = (wanted,) if isinstance(wanted, int) else wanted
    if versions is not None and current not in versions:
        named = " or ".join(map(str, sorted(versions))) or "any that was named"
        raise Stale(f"the node is at version {current}, not {named}; read it again and repeat the change")
