"""Former ids and keys of nodes, which still lead to them.

(:Alias {id})-[:OF]->(node): the id of a node that was merged into this one.
(:OldKey {key, name_key, home})-[:OF]->(node): the former key, that is, the name in a home, of a node that was
renamed, moved away or merged. Both are looked up only if nothing else is found, and keys only if the home is
marked `old_keys`, so that the usual look-up costs nothing extra.
"""

from collections.abc import Sequence

from graph.database import Database, Row, Transaction
from graph.model import Kind, keys_within
from graph.queries import load

RESOLVE = load("alias.resolve")
GIVE = load("alias.give")
KEEP_KEYS = load("alias.keep_keys")
HAND_KEYS = load("alias.hand_keys")
OF_KEYS = load("alias.of_keys")
NAMED = load("alias.named")
KEYS_OF_HOMES = load("alias.keys_of_homes")
REKEY = load("alias.rekey")


async def resolve(reader: Database | Transaction, ids: Sequence[str]) -> dict[str, str]:
    """The ids among these that are aliases, each with the id of the node it stands for."""
    return {row["alias"]: row["id"] for row in await reader.rows(RESOLVE, ids=list(ids))}


async def give(tx: Transaction, pairs: Sequence[Row]) -> None:
    """Makes the id and key of each pair's `old` node, and all its aliases, stand for the `new` node."""
    await tx.run(GIVE, pairs=list(pairs))
    await tx.run(HAND_KEYS, pairs=list(pairs))


async def keep_key(tx: Transaction, node_id: str) -> None:
    """Keeps a node's present key as an old key of it; to be called before it gets another one."""
    await tx.run(KEEP_KEYS, ids=[node_id])


async def rekey(tx: Transaction, pairs: Sequence[Row]) -> None:
    """Moves the old keys in merged homes to the homes that these were merged into."""
    rows: dict[str, Row] = {}
    for row in await tx.run(KEYS_OF_HOMES, pairs=list(pairs)):
        new = keys_within(Kind(row["kind"]), row["home"])(row["name_key"])
        rows.setdefault(new, {"key": row["key"], "new": new, "home": row["home"]})
    if rows:
        await tx.run(REKEY, rows=[*rows.values()])


async def of_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, str]:
    """The old keys among `keys` that no node has now, each with the present key of the node it stands for."""
    return {row["key"]: row["now"] for row in await tx.run(OF_KEYS, batch={"keys": list(keys)})}


async def named(reader: Database | Transaction, name_key: str, parents: Sequence[str] | None) -> list[Row]:
    """The nodes that once had this name, below `parents` or anywhere: rows of id, name and kind."""
    return await reader.rows(NAMED, name_key=name_key, parents=parents)
