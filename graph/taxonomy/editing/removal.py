"""Retiring, which keeps the history, and purging, which does not. Each is one transaction."""

from collections.abc import Callable, Sequence

import networkx as nx

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import Status
from graph.queries import load
from graph.taxonomy import told
from graph.taxonomy.editing import history, staleness, unique_names
from graph.taxonomy.editing.following import follow
from graph.taxonomy.editing.locks import Versions, hold, hold_figures, hold_shape, locked, require_version

SUBTREE_EDGES = load("node.subtree_edges")
RETIRE = load("node.retire")
STAMP = load("source.stamp")
FACTS = load("node.rekind_facts")
PURGE = load("node.purge")
ORIGINS = load("node.origins")
JOBS_GROWING = load("node.jobs_growing")

MOST_PURGED = 50_000
Choice = Callable[[str, list[Row]], list[str]]
"""Chooses the nodes of a subtree that are removed with its root, from its id and the rows of the subtree."""


async def retire(
    database: Database, node_id: str, version: Versions = None, *, by: str = "", import_id: str | None = None
) -> int:
    """Retires a node and everything that hangs on it alone; returns the number of nodes retired.

    `import_id`: the import that does not have it any more; one that has it again brings it back.
    """

    async def work(tx: Transaction) -> int:
        found = await retire_in(tx, node_id, version, by=by, import_id=import_id)
        if import_id and found:
            await _keep_retired(tx, node_id)
        return found

    return await database.writing(work)


async def retire_said(database: Database, node_id: str, *, by: str = "") -> None:
    """Retires a node as an import says; raises Conflict if something that is not retired stands under it."""

    async def work(tx: Transaction) -> None:
        number = await retire_in(tx, node_id, by=by)
        [[[facts]]] = await tx.values(FACTS, batch={"ids": [node_id]})
        # What stood under it alone was retired, too.
        if number > 1 or facts["below"]:
            raise Conflict("it is retired in what is imported, and something that is not stands under it")
        await _keep_retired(tx, node_id)

    await database.writing(work)


async def _keep_retired(tx: Transaction, node_id: str) -> None:
    [row] = await locked(tx, node_id)
    kept = {"imported": told.retired(row["node"])}
    await tx.run(STAMP, batch={"rows": [{"id": node_id, "kept": kept}]})


async def retire_in(
    tx: Transaction, node_id: str, version: Versions = None, *, by: str = "", import_id: str | None = None
) -> int:
    """Like `retire`, in a transaction that has locked nothing below the shape of the taxonomy."""
    row, _, ids = await _going(tx, node_id, version, _hanging_on)
    stale, retired = await _retire(tx, row, ids, by)
    if retired:
        named, detail = row["node"], {"import_id": import_id} if import_id else None
        await history.record(
            tx, "retired", by, named, retired, nodes=len(retired), stale=stale, detail=detail
        )
    return len(retired)


async def _retire(tx: Transaction, row: Row, ids: Sequence[str], by: str) -> tuple[int, list[str]]:
    """Retires nodes; returns the number of stale instructions, and the ids of nodes not retired before."""
    reason = f"{row['node']['kind']} retired: {row['node']['name']}"
    stale = await staleness.mark_stale(tx, ids, reason)
    await rollups.forget(tx, ids)
    retired = [found["id"] for found in await tx.run(RETIRE, ids=list(ids))]
    await follow(tx, dict.fromkeys(retired, Status.retired), by)
    return stale, retired


async def _going(
    tx: Transaction, node_id: str, version: Versions, choose: Choice
) -> tuple[Row, list[Row], list[str]]:
    """Locks the root and the nodes that `choose` gives; returns the root, its subtree and these nodes' ids.

    Repeated until there are no new ones: a child added before its parent was locked goes too, and none can be
    added afterwards.
    """
    await hold_shape(tx)
    # Of all below: what stays may belong to other disciplines, and find its home there.
    await hold_figures(tx, [found["id"] for found in await tx.run(SUBTREE_EDGES, id=node_id)])
    [row] = await locked(tx, node_id)
    require_version(row, version)
    held = {node_id}
    while True:
        subtree = await tx.run(SUBTREE_EDGES, id=node_id)
        ids = choose(node_id, subtree)
        fresh = set(ids) - held
        if not fresh:
            return row, subtree, ids
        await hold(tx, sorted(fresh))
        held |= fresh


def _hanging_on(root: str, rows: list[Row]) -> list[str]:
    """The root, and every node below it whose living parents (those not retired) all go with it."""
    return _closed(root, {row["id"]: {*row["living"]} for row in rows})


def _standing_on(root: str, rows: list[Row]) -> list[str]:
    """The root, and every node below it whose parents all go with it, retired parents included."""
    return _closed(root, {row["id"]: {*row["parents"]} for row in rows})


def _closed(root: str, parents: dict[str, set[str]]) -> list[str]:
    below: nx.DiGraph[str] = nx.DiGraph()
    below.add_nodes_from(parents)
    below.add_edges_from((above, id_) for id_, ids in parents.items() for above in ids & parents.keys())
    gone = {root}
    for id_ in nx.topological_sort(below):
        if id_ != root and parents[id_] <= gone:
            gone.add(id_)
    return sorted(gone)


async def purge(database: Database, node_id: str, version: Versions = None, *, by: str = "") -> int:
    """Removes a node, and everything under it alone, for good; returns the number of nodes removed.

    A node that hangs on it alone except for retired parents is retired instead. Raises Conflict if an
    instruction of any status was made from what would be removed, or an unfinished job grows from it.
    """

    async def work(tx: Transaction) -> int:
        row, subtree, hanging = await _going(tx, node_id, version, _hanging_on)
        ids = _standing_on(node_id, subtree)
        # The parents too, so that nobody finds the root there by its name until the transaction ends.
        await hold(tx, row["node"]["parents"])
        await _require_purgeable(tx, ids)
        stale, retired = await _retire(tx, row, sorted({*hanging} - {*ids}), by)
        facts = {found["id"]: found for found in subtree}
        gone = [{name: facts[id_][name] for name in ("id", "kind", "name")} for id_ in ids]
        await rollups.forget(tx, ids)
        left = [found["id"] for found in await tx.run(PURGE, ids=ids)]
        await rollups.forget(tx, left)
        await unique_names.rehome(tx, left)
        changed = sorted({*row["node"]["parents"], *retired, *left})
        await history.record(
            tx,
            "purged",
            by,
            row["node"],
            changed,
            nodes=len(ids),
            stale=stale,
            detail={"gone": gone, "retired": retired},
        )
        return len(ids)

    return await database.writing(work)


async def _require_purgeable(tx: Transaction, ids: Sequence[str]) -> None:
    if len(ids) > MOST_PURGED:
        raise Conflict(
            f"{len(ids)} nodes would be removed, and at most {MOST_PURGED} can be at once; "
            "purge parts of it first, or retire it"
        )
    made = (await tx.run(ORIGINS, ids=list(ids)))[0]["instructions"]
    if made:
        raise Conflict(
            f"{made} instruction{'' if made == 1 else 's'} would lose their origin; "
            "retire the node instead, which keeps it"
        )
    jobs = await tx.run(JOBS_GROWING, ids=list(ids))
    if jobs:
        raise Conflict(
            f"job {jobs[0]['id']} grows from it and is {jobs[0]['state']}; let it end, or cancel it first"
        )
