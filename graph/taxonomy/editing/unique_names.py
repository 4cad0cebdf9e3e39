"""Keeps names unique: among siblings, or within a wider home, as concepts within their discipline."""

from collections.abc import Callable, Sequence

from graph import rollups
from graph.database import Row, Transaction
from graph.errors import Conflict, GraphError
from graph.model import Kind, node_key
from graph.queries import load
from graph.text import normal_name

HOMES = load("node.homes")
TWINS = load("node.twins")
IDS_OF_KEYS = load("node.ids_of_keys")
REHOME = load("node.rehome")
ADMIT_GUESTS = load("node.admit_guests")
HOMELESS = load("node.homeless")
NAMESAKES = load("node.namesakes")
RIVALS = load("node.rivals")

Scope = tuple[str, list[str]]
"""A parent and the wider homes within which its child's name is unique, if there are any."""
TwinUnder = Callable[[str, str], str | None]
"""Gives the key of the node that a name stands for under a parent, in one of its homes, if there is one."""

MOST_SHOWN = 5


def wanted(scope: Scope, kind: str, name_key: str, key: str) -> list[Row]:
    """The rows for `twins`: one for each home, because each may have another node of the name."""
    parent_id, homes = scope
    row = {"n": 0, "parent_id": parent_id, "kind": kind, "name_key": name_key, "key": key}
    return [row | {"homes": [home]} for home in homes] or [row | {"homes": []}]


async def twins(tx: Transaction, rows: Sequence[Row]) -> list[Row]:
    """For each row of `wanted` whose name stands for a node there: n, parent_id, home and the node's key."""
    return await tx.run(TWINS, batch={"rows": list(rows)}) if rows else []


async def admit_guests(tx: Transaction, parent_ids: Sequence[str]) -> None:
    """Makes insertion look for twins below these nodes: nodes linked there have keys from elsewhere."""
    await tx.run(ADMIT_GUESTS, ids=sorted(parent_ids))


async def ids_of(tx: Transaction, keys: Sequence[str]) -> dict[str, str]:
    """The ids of the nodes with these keys, by key."""
    return {row["key"]: row["id"] for row in await tx.run(IDS_OF_KEYS, keys=list(keys))}


def taken(kind: Kind, parent_id: str, name: str) -> Conflict:
    """The error for a name that stands for another node."""
    where = f"the {kind.unique_within} of {parent_id}" if kind.unique_within else parent_id
    return Conflict(f"{where} has another {kind} called {name} already; rename one, or merge the two")


async def require_free(
    tx: Transaction, kind: Kind, name: str, parent_ids: Sequence[str], own_key: str = ""
) -> None:
    """Raises Conflict if, under one of these parents, a name stands for a node whose key is not `own_key`."""
    within = kind.unique_within
    parents = await tx.run(HOMES, ids=list(parent_ids), kind=within or "")
    rows = [
        row
        for parent in parents
        for row in wanted(
            (parent["id"], parent["homes"] if within else []), kind.value, normal_name(name), own_key
        )
    ]
    for twin in await twins(tx, rows):
        if twin["key"] != own_key:
            raise taken(kind, twin["parent_id"], name)


async def require_unique_below(tx: Transaction, kind: Kind, node_id: str) -> None:
    """Raises Conflict if a node that came to another discipline brought a name that is taken there."""
    if not holds_concepts(kind):
        return
    above = await rollups.disciplines_above(tx, [node_id])
    found = await tx.run(NAMESAKES, ids=above)
    if found:
        raise _two([row["nodes"] for row in found])


async def rivals(tx: Transaction, rows: Sequence[Row]) -> dict[int, GraphError]:
    """The `rows` (n, id of a node, ids of disciplines) whose node may not come to them: the errors by n."""
    found = await tx.run(RIVALS, batch={"rows": list(rows)}) if rows else []
    return {row["n"]: _two(row["pairs"]) for row in found}


def _two(found: Sequence[Sequence[Row]]) -> Conflict:
    shown = ", ".join(
        f"{nodes[0]['name']} ({' and '.join(node['id'] for node in nodes[:2])})"
        for nodes in found[:MOST_SHOWN]
    )
    more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return Conflict(
        f"a name stands for one concept in a discipline; these would be two: {shown}{more}. "
        "Merge or rename them first"
    )


def holds_concepts(kind: Kind) -> bool:
    """Whether nodes of this kind, between discipline and concept, take concepts along to other homes."""
    return kind in (Kind.Subject, Kind.Syllabus, Kind.ClassSession)


async def rehome(tx: Transaction, node_ids: Sequence[str]) -> None:
    """After nodes have lost a parent, moves them and their concepts to homes that are still above them."""
    found = await tx.run(HOMELESS, batch={"ids": sorted(node_ids)}) if node_ids else []
    rows = [
        {"id": row["id"], "home": row["home"], "key": node_key(Kind(row["kind"]), row["home"], row["name"])}
        for row in found
    ]
    if rows:
        await tx.run(REHOME, rows=rows)
