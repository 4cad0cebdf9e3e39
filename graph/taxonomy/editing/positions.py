"""The order of children: first those with a position, then the others in the order in which they came.

Children inserted from a file have no positions: their ids sort like its lines, and (:CONTAINS {since}) says
when a node that existed before was linked. Putting a child at a place gives positions to all before it, and
moves those with positions behind it by one; putting it last is always possible and costs one change.
"""

from graph.database import Row, Transaction
from graph.model import Status, new_id
from graph.queries import load

SIBLINGS = load("node.siblings")
ORDER = load("node.order")


async def put(tx: Transaction, parent_id: str, child_id: str, place: int) -> None:
    """Puts a child of a locked parent behind `place` others, or last if there are fewer.

    Retired children do not count, because they are not listed.
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
    """The rows whose positions change when `own` is put before others[at]."""
    ahead, behind = [*others[:at], own], others[at:]
    behind = [row for row in behind if row["position"] is not None]
    return [
        {"id": row["id"], "position": n, "since": None}
        for n, row in enumerate([*ahead, *behind])
        if row["position"] != n
    ]
