"""The status that counts for a node: its own, or what stands above it where that is worse.

Of all ways from a taxonomy down to a node the best one counts, and of that the worst status on it. So an
accepted discipline whose only field is rejected counts as rejected, and comes back with its field.
"""

from collections.abc import Awaitable, Callable, Sequence

from graph.database import Database
from graph.model import Node, Status
from graph.pages import Page
from graph.queries import load

EFFECTIVE = load("node.effective")

LEAST = 100
"""Nodes looked at per turn, at least."""
MOST_TURNS = 50
"""A page may end early, so that one request does not walk through a whole graph for what is rare."""
Turn = Callable[[str | None, int], Awaitable[Page[Node]]]
"""Lists nodes: the page after a cursor, with at most this many."""


async def of(database: Database, ids: Sequence[str]) -> dict[str, Status]:
    """The effective status of each of these nodes that exist."""
    rows = await database.read(EFFECTIVE, ids=list(ids))
    return {row["id"]: Status(row["status"]) for row in rows}


async def only(
    database: Database, wanted: Sequence[Status], turn: Turn, limit: int, cursor: str | None
) -> Page[Node]:
    """A page of those nodes of a list whose effective status is among `wanted`.

    After MOST_TURNS it ends with what was found, which may be nothing, and the cursor for the rest.
    """
    found: list[Node] = []
    for _ in range(MOST_TURNS):
        listed = await turn(cursor, max(limit, LEAST))
        statuses = await of(database, [node.id for node in listed.items])
        for number, node in enumerate(listed.items, 1):
            if statuses.get(node.id) in wanted:
                found.append(node)
            if len(found) == limit:
                last = number == len(listed.items)
                return Page(items=found, next=(listed if last else await turn(cursor, number)).next)
        if listed.next is None:
            return Page(items=found)
        cursor = listed.next
    return Page(items=found, next=cursor)
