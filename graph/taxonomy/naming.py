"""What a model may be asked to name below a node, and what it named: nodes with the status proposed.

A name that is there is never proposed a second time, whatever became of it: names are compared by their keys
(graph.name_keys). A node that a job proposed keeps as `support` in how many of its lists of names it was, as
`samples` how many were asked for, and as `also_named` how else it was called there.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict, cast

from graph.database import Database, Row, Transaction
from graph.model import Kind, NewNode, Status
from graph.name_keys import name_key
from graph.queries import load
from graph.taxonomy.editing import seals
from graph.taxonomy.editing.locks import exists
from graph.taxonomy.inserting.insertion import insert_in
from graph.text import normal_name

PLACES = load("naming.places")
COUNT = load("naming.count")
TAKEN = load("naming.taken")
ABOVE = load("naming.above")
LOCK = load("node.lock")
PATCH = load("node.patch")

LIVING = (Status.proposed, Status.accepted)
MOST_SPELLINGS = 10
# A node with more children is not asked about: all their names are compared in each transaction.
MOST_CHILDREN = 2_000


class Named(NamedTuple):
    """A name that a model gave, and what it says it is about."""

    name: str
    about: str


class Taken(TypedDict):
    """A child of a place."""

    id: str
    name: str
    kind: str
    status: str
    created_by: str


class Above(TypedDict):
    """A node above a place, on the shortest way to a taxonomy, the nearest first."""

    name: str
    kind: str


class Supported(NamedTuple):
    """A proposed node that a list of names has, and what all lists of its job say of it so far."""

    id: str
    support: int
    samples: int
    also_named: Sequence[str]


class Added(NamedTuple):
    """What became of a list of names: counts, and the nodes of it that are proposed by its job."""

    counts: dict[str, int]
    nodes: list[Supported]


async def places(
    reader: Database | Transaction, root_id: str, kind: Kind, least: int, after: str, limit: int
) -> list[str]:
    """Ids of up to `limit` nodes at or below the root where names of a kind may be asked for, after `after`.

    Fields are asked for at a taxonomy, sub-fields at its fields or at the root itself, disciplines at fields
    and sub-fields without sub-fields. Rejected ones, proposed ones with a support below `least` and those
    with over MOST_CHILDREN children do not count.
    """
    bounds = {"least": least, "most": MOST_CHILDREN}
    rows = await reader.rows(PLACES, id=root_id, kind=kind, after=after, limit=limit, **bounds)
    return [row["id"] for row in rows]


async def count(database: Database, root_id: str, kind: Kind, least: int) -> tuple[int, int]:
    """How many nodes `places` finds, and how many of them have nothing below them."""
    [row] = await database.read(COUNT, id=root_id, kind=kind, least=least, most=MOST_CHILDREN)
    return row["places"], row["bare"]


async def taken(reader: Database | Transaction, place_id: str) -> list[Taken]:
    """The children of a place, whatever their status, in the order in which they came."""
    return cast(list[Taken], await reader.rows(TAKEN, id=place_id))


async def above(reader: Database | Transaction, place_id: str) -> list[Above]:
    """The nodes on the shortest way from a place to its taxonomy, the place itself first."""
    return cast(list[Above], await reader.rows(ABOVE, id=place_id))


async def add(
    tx: Transaction, place_id: str, kind: Kind, named: Sequence[Named], *, samples: int, by: str
) -> Added:
    """Stores one list of names below a place: new ones as nodes, the others as support of `by`'s own.

    The counts are `proposed`, `joined`, and `known`, names that were there before, had been rejected, or
    are those of the place itself or of a node above it.
    """
    there = {name_key(child["name"]): child for child in reversed(await taken(tx, place_id))}
    upper = {name_key(node["name"]) for node in await above(tx, place_id)}
    fresh: list[Named] = []
    joined: dict[str, str] = {}
    known = 0
    for one in named:
        child = there.get(name_key(one.name))
        if child and child["created_by"] == by and Kind(child["kind"]) is kind and child["status"] in LIVING:
            joined[child["id"]] = one.name
        elif child or name_key(one.name) in upper:
            known += 1
        else:
            fresh.append(one)
    inserted = await insert_in(tx, [_node(one, kind, place_id, samples) for one in fresh], by=by)
    created = [result.id for result in inserted if result.created and result.id]
    nodes = [Supported(id_, 1, samples, ()) for id_ in created] + await _support(tx, joined, samples)
    known += len(fresh) - len(created)
    return Added({"proposed": len(created), "joined": len(joined), "known": known}, nodes)


def _node(named: Named, kind: Kind, place_id: str, samples: int) -> NewNode:
    return NewNode(
        kind=kind,
        name=named.name,
        parent_id=place_id,
        description=named.about,
        status=Status.proposed,
        properties={"support": 1, "samples": samples},
    )


async def _support(tx: Transaction, joined: dict[str, str], samples: int) -> list[Supported]:
    """Counts one more sample for these nodes, with their names in it; returns those that are proposed."""
    found: list[Supported] = []
    for row in await tx.run(LOCK, ids=sorted(joined)) if joined else ():
        if exists(row["node"]):
            changes = _with_support(row["node"], joined[row["node"]["id"]])
            await tx.run(PATCH, id=row["node"]["id"], changes=changes)
            node = row["node"] | changes
            if node["status"] == Status.proposed:
                told = node["support"], node.get("samples") or samples, node.get("also_named") or ()
                found.append(Supported(node["id"], *told))
    return found


def _with_support(node: Row, name: str) -> Row:
    changes: Row = {"support": node.get("support", 0) + 1}
    spellings: list[str] = node.get("also_named") or []
    known = {normal_name(spelling) for spelling in (node["name"], *spellings)}
    if normal_name(name) not in known and len(spellings) < MOST_SPELLINGS:
        changes["also_named"] = [*spellings, name]
    changes["seal"] = seals.seal_of_node(node | changes | {"version": node["version"] + 1})
    return changes
