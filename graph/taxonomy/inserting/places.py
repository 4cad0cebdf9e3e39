"""Where nodes may stand: under parents that exist, are in use and may contain their kind.

The parents are locked, so that this stays true until the transaction ends. A place is worked out once for all
nodes of one kind with the same parents.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.database import Row, Transaction
from graph.errors import Conflict, GraphError, NoNode
from graph.model import Kind, Status, keys_within, require_child
from graph.queries import load
from graph.taxonomy.editing import aliases, unique_names
from graph.taxonomy.editing.locks import exists

HOLD_PARENTS = load("node.hold_parents")

Parents = dict[str, Row]
"""The facts about a parent that insertion needs, by its id."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of all nodes of one kind with the same parents."""

    kind: Kind
    parents: list[str]
    elements: list[str]
    """The database's own ids of the parents, valid while they are locked."""
    scopes: list[unique_names.Scope]
    disciplines: list[str]
    home: str | None
    key: Callable[[str], str]
    """Makes the key of a normalised name."""
    shared: bool
    """Whether a name there may belong to a node whose key was made elsewhere."""
    old_keys: bool
    """Whether a name there may belong to a node that was renamed, moved away or merged into another."""

    @property
    def hosts(self) -> Iterator[str]:
        """Ids of the nodes within which a name must be unique: disciplines, or the parent itself."""
        for parent_id, homes in self.scopes:
            yield from homes or [parent_id]


async def parents_of(tx: Transaction, above: Sequence[list[str]]) -> tuple[Sequence[list[str]], Parents]:
    """The ids of each node's parents, merged ones replaced, and the facts of every parent; locks them."""
    wanted = {id_ for ids in above for id_ in ids}
    found = await _held(tx, wanted)
    lost = wanted - found.keys()
    if lost and (moved := await aliases.resolve(tx, sorted(lost))):
        above = [list(dict.fromkeys(moved.get(id_, id_) for id_ in ids)) for ids in above]
        found |= await _held(tx, {*moved.values()} - found.keys())
    return above, found


async def _held(tx: Transaction, wanted: Iterable[str]) -> Parents:
    ids = sorted(wanted)
    if not ids:
        return {}
    [[found]] = await tx.values(HOLD_PARENTS, batch={"ids": ids})
    return {row["id"]: row for row in found if exists(row)}


def place_of(
    kind: Kind, above: Sequence[str], parents: Parents, places: dict[tuple[str, ...], Place | GraphError]
) -> Place | GraphError:
    """The place of a node, or the error if it cannot stand there."""
    key = (kind.value, *above)
    found = places.get(key)
    if found is None:
        try:
            found = _new_place(kind, above, parents)
        except GraphError as error:
            found = error
        places[key] = found
    return found


def _new_place(kind: Kind, above: Sequence[str], parents: Parents) -> Place:
    scopes: list[unique_names.Scope] = []
    disciplines: set[str] = set()
    guests = old_keys = False
    for parent_id in above:
        parent = parents.get(parent_id)
        if parent is None:
            raise NoNode(parent_id)
        if parent["status"] == Status.retired:
            raise Conflict(
                f"the parent {parent_id} is retired; bring it back first with PATCH /v1/nodes/{parent_id} "
                '{"status": "accepted"} and If-Match'
            )
        require_child(Kind(parent["kind"]), kind)
        disciplines.update(parent["disciplines"])
        scopes.append((parent_id, parent["disciplines"] if kind.unique_within else []))
        within = "" if kind.unique_within is None else "s"
        guests = guests or bool(parent[f"host{within}"])
        old_keys = old_keys or bool(parent[f"old_key{within}"])
    home = (scopes[0][1] or [scopes[0][0]])[0] if scopes else None
    # Parents within one home share their names.
    distinct = {tuple(homes) or parent_id: (parent_id, homes) for parent_id, homes in reversed(scopes)}
    shared = guests or len(distinct) > 1 or any(len(homes) > 1 for _, homes in scopes)
    return Place(
        kind=kind,
        parents=[*above],
        elements=[parents[id_]["element"] for id_ in above],
        scopes=[*distinct.values()][::-1],
        disciplines=sorted(disciplines),
        home=home,
        key=keys_within(kind, home),
        shared=shared,
        # A taxonomy has no parent that could record it; there are few taxonomies.
        old_keys=old_keys or home is None,
    )
