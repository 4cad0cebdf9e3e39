"""Changes of a node's own values, in one transaction with their record."""

from collections.abc import Sequence

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import LABELS, Kind, Node, NodePatch, Status, described, labelled, named, node_key
from graph.queries import load
from graph.taxonomy import sources
from graph.taxonomy.editing import aliases, history, seals, staleness, unique_names
from graph.taxonomy.editing.following import follow
from graph.taxonomy.editing.links import STATUSES
from graph.taxonomy.editing.locks import Versions, hold_figures, locked, one, require_version
from graph.text import normal_name

PATCH = load("node.patch")


async def patch(
    database: Database, node_id: str, change: NodePatch, version: Versions, *, by: str = ""
) -> Node:
    """Changes a node; raises Stale if it is not at `version`, Conflict if the name is taken.

    Renaming a concept or session marks the instructions made from it stale.
    """

    return await database.writing(lambda tx: patch_in(tx, node_id, change, version, by=by))


async def patch_in(
    tx: Transaction, node_id: str, change: NodePatch, version: Versions, *, by: str, kept: Row | None = None
) -> Node:
    """As patch, in the caller's transaction; `kept`: stored properties that nobody sees, set as well."""
    if change.name is not None or change.status is not None:
        await hold_figures(tx, [node_id])
    row = await _with_parents(tx, node_id, change)
    require_version(row, version)
    changes = change.model_dump(exclude_none=True, exclude={"properties"}) | change.properties
    old = Node.from_row(row["node"])
    await _require_living_parent(tx, old, change)
    stale = 0
    if change.description is not None:
        changes |= described(change.description)
    if change.name and change.name != old.name:
        changes |= await _renamed(tx, row, old, change.name)
        stale = await staleness.mark_stale(tx, [node_id], f"{old.kind} renamed: {old.name}")
    if change.status not in (None, old.status):
        await rollups.forget(tx, [node_id])
    changes |= await _identified(tx, row["node"], change)
    changes["seal"] = _seal_after(row["node"], changes)
    patched = one(await tx.run(PATCH, id=node_id, changes=changes | (kept or {})), node_id)
    if patched.status is not old.status:
        await follow(tx, {node_id: patched.status}, by)
    await history.record(
        tx, "patched", by, row["node"], [node_id], stale=stale, detail=_difference(old, patched)
    )
    return patched


async def _identified(tx: Transaction, node: Row, change: NodePatch) -> Row:
    """What is stored of a changed URI, of codes and labels; raises Conflict if the URI is taken."""
    found: Row = {}
    notation: list[str] = node.get("notation") or []
    if change.uri is not None:
        found["uri"] = change.uri or None
        if found["uri"] != node.get("uri"):
            found["source_key"] = await _free_source_key(tx, node, change.uri) if change.uri else None
    if change.notation is not None:
        notation = change.notation
        key = sources.notation_key(await _taxonomy_of(tx, node), notation[0]) if notation else None
        found |= {"notation": notation or None, "notation_key": key}
    if change.notation is not None or any(name.partition("_")[0] in LABELS for name in change.properties):
        after = {name: value for name, value in (node | change.properties).items() if value is not None}
        found |= labelled(notation, after)
    return found


async def _free_source_key(tx: Transaction, node: Row, uri: str) -> str:
    source = sources.Source(False, sources.uri_key(await _taxonomy_of(tx, node), uri), None)
    [found] = await sources.find(tx, [source])
    if isinstance(found, dict) and found["node"]["id"] != node["id"]:
        other = found["node"]
        raise Conflict(f"{other['id']} ({other['name']}) has this URI in the taxonomy already")
    assert source.source_key
    return source.source_key


async def _taxonomy_of(tx: Transaction, node: Row) -> str:
    """The id of the taxonomy that a node is in; empty for a taxonomy."""
    known: dict[str, str] = {}
    await sources.taxonomies(tx, [node["id"]], known)
    return "" if node["kind"] == Kind.Taxonomy else known[node["id"]]


async def _with_parents(tx: Transaction, node_id: str, change: NodePatch) -> Row:
    """Locks the node, and its parents if the change depends on siblings or parents; returns its row."""
    [row] = await locked(tx, node_id)
    if change.name is None and change.status is None:
        return row
    return (await locked(tx, node_id, *row["node"]["parents"]))[0]


async def _require_living_parent(tx: Transaction, old: Node, change: NodePatch) -> None:
    if old.status is not Status.retired or change.status is None or not old.parents:
        return
    found = await tx.run(STATUSES, ids=old.parents)
    if all(row["status"] == Status.retired for row in found):
        raise Conflict(f"all parents of {old.name} are retired; bring a parent back first, or move it")
    # An import may have made a parent one of another kind, since what stood below it was retired.
    for row in found:
        if not Kind(row["kind"]).may_contain(old.kind):
            raise Conflict(f"{old.name} stands under the {row['kind']} {row['id']}, where it cannot; move it")


async def _renamed(tx: Transaction, row: Row, old: Node, name: str) -> Row:
    if normal_name(name) != normal_name(old.name):
        await unique_names.require_free(tx, old.kind, name, old.parents)
        await aliases.keep_key(tx, old.id)
    return named(name) | {"key": node_key(old.kind, row["home"], name)}


def _seal_after(node: Row, changes: Row) -> int:
    """The seal of a locked node after these changes (None removes a property), at the next version."""
    after = {name: value for name, value in (node | changes).items() if value is not None}
    return seals.seal_of_node(after | {"version": node["version"] + 1})


def _difference(old: Node, new: Node) -> Row:
    """The values that an edit changed, before and after."""
    before, after = _plain(old), _plain(new)
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return {
        "before": {name: before.get(name) for name in changed},
        "after": {name: after.get(name) for name in changed},
    }


def _plain(node: Node) -> Row:
    kept: Sequence[str] = ("name", "description", "status", "weight")
    own = {name: getattr(node, name) for name in kept}
    own |= {name: value for name in ("uri", "notation") if (value := getattr(node, name))}
    return own | {f"properties.{name}": value for name, value in node.properties.items()}
