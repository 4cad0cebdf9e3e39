"""Second imports: what is said of nodes that are there, applied to each in a transaction of its own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, GraphError
from graph.model import NodePatch
from graph.queries import load
from graph.taxonomy.editing.links import link_in, unlink_in
from graph.taxonomy.editing.locks import hold_figures, hold_shape, locked
from graph.taxonomy.editing.patching import patch_in
from graph.taxonomy.editing.removal import retire_said
from graph.taxonomy.inserting.rekinding import rekind
from graph.taxonomy.told import Difference, Told, difference, emptied, patch_of

STAMP = load("source.stamp")
LONGEST_SHOWN = 300


class Applied(NamedTuple):
    """What became of a node."""

    status: str
    """updated, unchanged, existing, proposed or conflict."""
    error: GraphError | None = None
    open: Difference | None = None
    """What a person has to decide, if anything."""


async def stamp(tx: Transaction, rows: Sequence[tuple[str, Row]]) -> None:
    """Sets properties that nobody sees on nodes, given with their ids."""
    await tx.run(STAMP, batch={"rows": [{"id": id_, "kept": kept} for id_, kept in rows]})


async def apply(database: Database, told: Told, *, by: str) -> Applied:
    """Has a node follow an import, unless both it and what is said of it have changed."""

    async def work(tx: Transaction) -> Applied:
        await hold_shape(tx)
        await hold_figures(tx, [told.id, *told.parents])
        [row] = await locked(tx, told.id)
        node = row["node"]
        # A node that came by another key, or by hand, is known by these from now on.
        keys = {} if node.get("source_key") else told.keys
        if keys:
            await stamp(tx, [(told.id, keys)])
        found = difference(told, node)
        if not told.applies:
            if told.proposes and found:
                return Applied("conflict" if found.conflicts else "proposed", open=found)
            if keys and "uri" in told.values and not node.get("uri"):
                await patch_in(tx, told.id, NodePatch(uri=told.values["uri"]), None, by=by)
            return Applied("existing" if found else "unchanged")
        if found.conflicts:
            return Applied("conflict", open=found)
        is_other = told.kind is not None and told.kind != node["kind"]
        if is_other and told.kind:
            await rekind(tx, node, told.kind, found.unlinked, by=by)
        await _follow(tx, told.id, found, by)
        return Applied("updated" if found or is_other else "unchanged")

    try:
        if told.retires:
            await retire_said(database, told.id, by=by)
        found = await database.writing(work)
        return found._replace(status="updated") if told.retires and found.status == "unchanged" else found
    except Conflict as error:
        return Applied("conflict", error=error)


async def _follow(tx: Transaction, node_id: str, found: Difference, by: str) -> None:
    for parent_id in found.linked:
        await link_in(tx, parent_id, node_id, by=by)
    for parent_id in found.unlinked:
        await unlink_in(tx, parent_id, node_id, by=by)
    kept = {"imported": found.imported} if found.imported else {}
    if found.changes:
        await patch_in(tx, node_id, patch_of(emptied(found.changes)), None, by=by, kept=kept)
    elif kept:
        await stamp(tx, [(node_id, kept)])


def conflicts_of(found: Difference) -> list[Row]:
    """Conflicts as they are answered: field, before (what an import said), has, told; texts are cut."""
    return [
        {"field": name, "before": _shown(old), "has": _shown(has), "told": _shown(new)}
        for name, (old, has, new) in sorted(found.conflicts.items())
    ]


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return None
    text = value if isinstance(value, str) else str(value)
    return value if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
