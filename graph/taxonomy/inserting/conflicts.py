"""Before nodes are inserted: which of them exist already, and which must be refused. Nothing is written here.

A name may belong to a node that was linked here from elsewhere, or to one that had it before it was renamed,
moved or merged; the key of that node is then used. A name that belongs to two nodes is refused, and so is a
link that would close a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Row, Transaction
from graph.errors import Conflict, GraphError
from graph.model import Kind
from graph.queries import load
from graph.taxonomy.editing import aliases, unique_names
from graph.taxonomy.editing.locks import hold_shape
from graph.taxonomy.inserting.places import Place

LINK_FACTS = load("node.link_facts")


@dataclass(slots=True)
class Prepared:
    """A node to be inserted; `properties`, its key among them, are stored as they are."""

    n: int
    place: Place
    properties: Row
    row: Row
    """The node as a parameter of the query."""


async def take_keys_of_twins(tx: Transaction, wanted: Sequence[Prepared]) -> dict[int, GraphError]:
    """Gives nodes the keys of those that were linked here from elsewhere under the same name.

    Without such links, and with one home, the key alone identifies a node. Returns the refused: those whose
    name belongs to another node under a further parent.
    """
    if not any(one.place.shared for one in wanted):
        return {}
    rows = [
        row | {"n": i}
        for i, one in enumerate(wanted)
        if one.place.shared
        for scope in one.place.scopes
        for row in unique_names.wanted(
            scope, one.place.kind.value, one.properties["name_key"], one.properties["key"]
        )
    ]
    found = await unique_names.twins(tx, rows)
    twins = {(twin["n"], twin["parent_id"], twin["home"]): twin["key"] for twin in found}
    refused: dict[int, GraphError] = {}
    claimed: dict[tuple[str, Kind, str], str] = {}
    for i, asked in enumerate(wanted):
        error = _claim(asked, lambda parent_id, home, i=i: twins.get((i, parent_id, home)), claimed)
        if error:
            refused[asked.n] = error
    return refused


async def take_keys_of_renamed(tx: Transaction, wanted: Sequence[Prepared]) -> set[int]:
    """Gives nodes the keys of those that had their names here before, so that reloading a file adds nothing.

    A moved node stays where it is; a concept is linked to the session that names it. Returns the numbers of
    these nodes.
    """
    asked = [node for node in wanted if node.place.old_keys]
    found = await aliases.of_keys(tx, [node.properties["key"] for node in asked]) if asked else {}
    renamed: set[int] = set()
    for node in asked:
        key = found.get(node.properties["key"])
        if key:
            node.properties["key"] = key
            renamed.add(node.n)
            if node.place.kind.unique_within is None:
                node.row["parents"] = []
    return renamed


def _claim(
    one: Prepared, twin_under: unique_names.TwinUnder, claimed: dict[tuple[str, Kind, str], str]
) -> Conflict | None:
    """Gives a node the key of the one that owns its name, and claims the name in all its homes."""
    properties, scopes = one.properties, one.place.scopes
    name_key: str = properties["name_key"]
    places = [(parent_id, home) for parent_id, homes in scopes for home in homes or [parent_id]]
    owners: list[tuple[str, str]] = []
    for parent_id, home in places:
        owner = claimed.get((home, one.place.kind, name_key)) or twin_under(parent_id, home)
        if owner:
            owners.append((parent_id, owner))
    if owners and owners[0][0] == scopes[0][0]:
        properties["key"] = owners[0][1]
    for parent_id, key in owners:
        if key != properties["key"]:
            return unique_names.taken(one.place.kind, parent_id, properties["name"])
    for _, home in places:
        claimed[home, one.place.kind, name_key] = properties["key"]
    return None


async def namesakes(tx: Transaction, wanted: Sequence[Prepared]) -> dict[int, GraphError]:
    """The existing nodes that would bring a name to a further discipline in which it is taken."""
    coming = [
        one
        for one in wanted
        if unique_names.holds_concepts(one.place.kind) and len(one.place.disciplines) > 1
    ]
    if not coming:
        return {}
    ids = await unique_names.ids_of(tx, [one.properties["key"] for one in coming])
    return await unique_names.rivals(
        tx,
        [
            {"n": one.n, "id": ids[one.properties["key"]], "disciplines": one.place.disciplines}
            for one in coming
            if one.properties["key"] in ids
        ],
    )


async def circles(tx: Transaction, wanted: Sequence[Prepared]) -> dict[int, GraphError]:
    """The links that would close a circle: of existing nodes whose kind may contain itself."""
    nested = [
        one for one in wanted if len(one.place.parents) > 1 and one.place.kind.may_contain(one.place.kind)
    ]
    if not nested:
        return {}
    await hold_shape(tx)
    ids = await unique_names.ids_of(tx, [one.properties["key"] for one in nested])
    links = [
        {"n": one.n, "parent_id": parent_id, "child_id": ids[one.properties["key"]]}
        for one in nested
        if one.properties["key"] in ids
        for parent_id in one.place.parents
    ]
    facts = await tx.run(LINK_FACTS, rows=links) if links else []
    return {
        fact["n"]: Conflict(f"the link under {fact['parent_id']} would close a circle")
        for fact in facts
        if fact["circle"]
    }
