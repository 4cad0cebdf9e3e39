"""The order of children: by position, and those without one behind, in the order in which they came.

A file's children have no positions: their ids sort as its lines do, and (:CONTAINS {since}) tells when one
that was there already came. To put a node at a place gives positions to what stands before it, and moves what
has positions behind it on by one; so last is always possible, and costs one change.
"""

from graph.database import Row, Transaction
from graph.model import Status, new_id
from graph.queries import load

SIBLINGS = load("node.siblings")
ORDER = load("node.order")


async def put(tx: Transaction, parent_id: str, child_id: str, place: int) -> None:
    """Makes a child of a locked parent the one that stands behind `place` others, or the last one.

    Retired ones do not count, as they are not listed.
    """
    siblings = await tx.run(SIBLINGS, id=parent_id)
    [own] = [row for row in siblings if row["id"] == child_id]
    others = [row for row in siblings if row is not own]
    listed = [n for n, row in enumerate(others) if row["status"] != Status.retired]
    if place >= len(listed):
        rows = [{"id": child_id, "position": None, "since": new_id()}]
        if others and others[-1]["position"] is not None:
            rows[0]["position"] = others[-1]["position"] + 1
    else:
        rows = _placed(others, own, listed[place])
    await tx.run(ORDER, id=parent_id, rows=rows)


def _placed(others: list[Row], own: Row, at: int) -> list[Row]:
    """The positions that change when `own` comes before others[at]."""
    ahead, behind = [*others[:at], own], others[at:]
    behind = [row for row in behind if row["position"] is not None]
    return [
        {"id": row["id"], "position": n, "since": None}
        for n, row in enumerate([*ahead, *behind])
        if row["position"] != n
    ]
