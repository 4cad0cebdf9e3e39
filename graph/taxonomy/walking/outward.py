"""Reads a subtree for an export: its links page by page, then its nodes batch by batch.

What was seen already is known to the caller, who may keep it on disk: nothing here grows with the subtree.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from graph.database import Database, Row
from graph.model import Kind, Status
from graph.queries import load

LINKS = load("export.links")
NODES = load("export.nodes")
AT_ONCE = 20_000


class Link(NamedTuple):
    """A node directly below another one, and its position there (None if it has none)."""

    parent: str
    child: str
    kind: str
    position: int | None


async def links(
    database: Database, ids: Sequence[str], kinds: Sequence[Kind], statuses: Sequence[Status]
) -> AsyncGenerator[list[Link]]:
    """The links down from these nodes to nodes of these kinds and statuses, at most AT_ONCE at a time."""
    waiting, after = list(ids), ""
    wanted = {"kinds": list(kinds), "statuses": list(statuses)}
    while waiting:
        front = {"ids": waiting, "after": after}
        [[rows]] = await database.values(LINKS, front=front, wanted=wanted, limit=AT_ONCE)
        yield [Link(waiting[at], child, kind, position) for at, child, kind, position in rows]
        if len(rows) < AT_ONCE:
            return
        last: list[Any] = rows[-1]
        waiting, after = waiting[last[0] :], last[1]


async def nodes(database: Database, ids: Sequence[str], statuses: Sequence[Status]) -> list[Row]:
    """These nodes as stored: {node, related, aliases}, lists of [id, uri]; `statuses`: of related ones."""
    [[found]] = await database.values(NODES, batch={"ids": list(ids), "statuses": list(statuses)})
    return found
