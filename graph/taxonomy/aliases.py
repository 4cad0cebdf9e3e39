"""Old ids of nodes that were merged: each stands for the node that it was merged into.

(:Alias {id})-[:OF]->(node). They are asked for only where an id is found nowhere else, so that the usual
look-up costs nothing more.
"""

from collections.abc import Sequence

from graph.database import Database, Row, Transaction
from graph.queries import load

RESOLVE = load("alias.resolve")
GIVE = load("alias.give")


async def resolve(reader: Database | Transaction, ids: Sequence[str]) -> dict[str, str]:
    """Those of the ids that are aliases, with the id of the node each stands for."""
    return {row["alias"]: row["id"] for row in await reader.rows(RESOLVE, ids=list(ids))}


async def give(tx: Transaction, pairs: Sequence[Row]) -> None:
    """Makes the `old` id of each pair, and all aliases of it, stand for the `new` one."""
    await tx.run(GIVE, pairs=list(pairs))
