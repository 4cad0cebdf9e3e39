"""What nodes were once known by, and stands for them still.

(:Alias {id})-[:OF]->(node): the id of a node that was merged into this one.
(:OldKey {key, name_key, home})-[:OF]->(node): the key, that is the name at a place, of a node that was
renamed, moved away or merged. Both are asked for only where nothing is found otherwise, and keys only where
the home is marked `old_keys`, so that the usual look-up costs nothing more.
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
    """Those of the ids that are aliases, with the id of the node each stands for."""
    return {row["alias"]: row["id"] for row in await reader.rows(RESOLVE, ids=list(ids))}


async def give(tx: Transaction, pairs: Sequence[Row]) -> None:
    """Makes the `old` id and key of each pair, and all that stood for it, stand for the `new` one."""
    await tx.run(GIVE, pairs=list(pairs))
    await tx.run(HAND_KEYS, pairs=list(pairs))


async def keep_key(tx: Transaction, node_id: str) -> None:
    """Makes the key that a node has now stand for it; before it gets another."""
    await tx.run(KEEP_KEYS, ids=[node_id])


async def rekey(tx: Transaction, pairs: Sequence[Row]) -> None:
    """Makes the old keys at merged homes those of the homes that these were merged into."""
    rows: dict[str, Row] = {}
    for row in await tx.run(KEYS_OF_HOMES, pairs=list(pairs)):
        new = keys_within(Kind(row["kind"]), row["home"])(row["name_key"])
        rows.setdefault(new, {"key": row["key"], "new": new, "home": row["home"]})
    if rows:
        await tx.run(REKEY, rows=[*rows.values()])


async def of_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, str]:
    """Those of the keys that no node has any more, with the present key of the node each stands for."""
    return {row["key"]: row["now"] for row in await tx.run(OF_KEYS, batch={"keys": list(keys)})}


async def named(reader: Database | Transaction, name_key: str, parents: Sequence[str] | None) -> list[Row]:
    """The nodes that were called so, below some nodes or anywhere: id, name and kind."""
    return await reader.rows(NAMED, name_key=name_key, parents=parents)
