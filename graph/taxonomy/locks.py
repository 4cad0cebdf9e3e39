"""Nodes locked for a change: until the transaction ends nobody else changes them or adds a child.

Everybody locks in one order, or two would wait for each other and one be sent away to try again: the shape of
the taxonomy, a job, the figures of disciplines, nodes. A job that stores instructions holds the figures of
their disciplines while it links them to sessions and concepts; so an edit takes the figures first.
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
"""The version a node must still have, several of which one will do, or None for any."""


def one(rows: list[Row], node_id: str) -> Node:
    """The node in the only row; raises NoNode where there is none."""
    if not rows:
        raise NoNode(node_id)
    return Node.from_row(rows[0]["node"])


async def locked(tx: Transaction, *ids: str) -> list[Row]:
    """The rows of these nodes, locked for the rest of the transaction; raises NoNode."""
    rows = {row["node"]["id"]: row for row in await tx.run(LOCK, ids=list(ids)) if exists(row["node"])}
    for id_ in ids:
        if id_ not in rows:
            raise NoNode(id_)
    return [rows[id_] for id_ in ids]


def exists(row: Row) -> bool:
    """Whether a node was still there when it was locked; one removed meanwhile has no kind any more."""
    return row["kind"] is not None


async def hold(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks nodes whose rows nobody needs, always in the same order."""
    await tx.run(HOLD, ids=sorted(ids))


async def hold_figures(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks the figures of the disciplines at or above nodes, before any of the nodes is locked."""
    await rollups.hold(tx, ids)


async def hold_shape(tx: Transaction) -> None:
    """Makes changes of the taxonomy's shape, which could close a circle together, come one at a time."""
    await tx.run(SHAPE_LOCK)


def require_version(row: Row, wanted: Versions) -> None:
    """Raises Stale for a locked node that is at none of the wanted versions."""
    current = row["node"]["version"]
    versions = (wanted,) if isinstance(wanted, int) else wanted
    if versions is not None and current not in versions:
        named = " or ".join(map(str, sorted(versions))) or "any that was named"
        raise Stale(f"the node is at version {current}, not {named}; read it again and repeat the change")
