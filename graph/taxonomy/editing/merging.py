"""Merging: one node, the target, takes over everything of another, whose id becomes an alias of the target.

Children, places, instructions, jobs, history, properties and aliases go to the target. Children of the same
kind and name are then merged too, and so are concepts of the same name within a discipline, round by round,
until no name stands for two nodes. If both nodes have a value, the target keeps its own: name, status,
description and properties. The weight is taken over if the target still has the default of 1.0.

Instructions made from a merged concept or session become stale: their prompts named what no longer exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import networkx as nx

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import RESERVED, Kind, Node, Status, described, labelled, node_key
from graph.queries import load
from graph.taxonomy.editing import aliases, history, staleness, unique_names
from graph.taxonomy.editing.following import follow
from graph.taxonomy.editing.locks import (
    GET,
    Versions,
    hold,
    hold_figures,
    hold_shape,
    locked,
    one,
    require_version,
)
from graph.text import normal_name

LINK_FACTS = load("node.link_facts")
NAMESAKES = load("node.namesakes")
REHOME = load("node.rehome")
RESPACE = load("syllabus.respace")
PROPERTIES = load("merge.properties")
INSTRUCTIONS = load("merge.instructions")
CHILDREN = load("merge.children")
PARENTS = load("merge.parents")
RELATED = load("merge.related")
RECORDS = load("merge.records")
RELEASE_SOURCES = load("source.release")
KEEP_SOURCES = load("source.keep")
JOBS = load("merge.jobs")
UNITS = load("merge.units")
HOLD_SESSIONS = load("merge.hold_sessions")
SIBLINGS = load("merge.namesakes")
HOMELESS = load("merge.homeless")
CIRCLES = load("merge.circles")
FINISH = load("merge.finish")

MOST_MERGED = 50_000
SOURCE = ("uri", "notation", "source_key", "notation_key", "imported")
"""What leads from a vocabulary to a node; these belong together."""
MADE_FROM = (Kind.ClassSession, Kind.KeyConcept)
GROWN = (Kind.Taxonomy, Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject, Kind.Syllabus)
IN_DISCIPLINES = (Kind.Discipline, Kind.Subject, Kind.Syllabus, Kind.ClassSession, Kind.KeyConcept)


@dataclass
class Merged:
    """The merges so far: targets and rows of the merged nodes by id; number of instructions made stale."""

    by: str
    into: dict[str, str] = field(default_factory=dict[str, str])
    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    stale: int = 0

    def target(self, node_id: str) -> str:
        """The id of the node that a node has become; its own if it was not merged."""
        while node_id in self.into:
            node_id = self.into[node_id]
        return node_id

    def pairs(self) -> list[Row]:
        """The ids of the merged nodes (`old`), each with its final target (`new`)."""
        return [{"old": old, "new": self.target(old)} for old in self.into]

    def targets(self) -> list[str]:
        """Ids of the nodes that others were merged into, sorted."""
        return sorted({self.target(old) for old in self.into})


async def merge(
    database: Database, node_id: str, into_id: str, *, version: Versions = None, by: str = ""
) -> Node:
    """Merges a node, which must be at `version`, into another of its kind; returns the target.

    If the two are one already, as when a request is repeated, nothing changes. Raises Conflict if the kinds
    differ, one is above the other, only the target is retired, a name is taken at a new place, or a job that
    grows there is running; and Stale.
    """
    return await database.writing(lambda tx: merge_in(tx, node_id, into_id, version=version, by=by))


async def merge_in(
    tx: Transaction, node_id: str, into_id: str, *, version: Versions = None, by: str = ""
) -> Node:
    """Like `merge`, in a transaction that has locked nothing below the shape of the taxonomy."""
    if node_id == into_id:
        return one(await tx.run(GET, id=into_id), into_id)
    await hold_shape(tx)
    await hold_figures(tx, [node_id, into_id])
    old, new = await locked(tx, node_id, into_id)
    require_version(old, version)
    await _require_mergeable(tx, old, new)
    waiting = await _require_no_run(tx, old, new)
    merged = Merged(by)
    reason = f"{old['node']['kind']} merged: {old['node']['name']} into {new['node']['name']}"
    pairs = {node_id: into_id}
    while pairs:
        await _contract(tx, merged, pairs, reason, waiting)
        pairs = await _namesakes(tx, merged, [*pairs.values()])
    await _require_no_circle(tx, merged)
    await _rehome(tx, merged)
    await aliases.rekey(tx, merged.pairs())
    await _record(tx, merged, old["node"], into_id, by)
    return one(await tx.run(GET, id=into_id), into_id)


async def _require_mergeable(tx: Transaction, old: Row, new: Row) -> None:
    a, b = old["node"], new["node"]
    if a["kind"] != b["kind"]:
        raise Conflict(f"a {a['kind']} cannot be merged into a {b['kind']}; both must be of the same kind")
    if b["status"] == Status.retired and a["status"] != Status.retired:
        raise Conflict(f"{b['id']} is retired; bring it back first, or merge it into {a['id']}")
    links = [
        {"n": n, "parent_id": parent["id"], "child_id": child["id"]}
        for n, (parent, child) in enumerate([(a, b), (b, a)])
    ]
    if any(fact["circle"] for fact in await tx.run(LINK_FACTS, rows=links)):
        raise Conflict(f"one of {a['id']} and {b['id']} stands above the other; move it out first")
    if normal_name(a["name"]) != normal_name(b["name"]):
        gained = [id_ for id_ in a["parents"] if id_ not in b["parents"]]
        await unique_names.require_free(tx, Kind(a["kind"]), b["name"], gained, new["key"])


async def _require_no_run(tx: Transaction, *rows: Row) -> list[str]:
    """Ids of the unfinished jobs whose units must follow the merge; raises Conflict if one is running."""
    if rows[0]["node"]["kind"] not in GROWN:
        return []
    jobs = await tx.run(JOBS, ids=[row["node"]["id"] for row in rows])
    running = [job["id"] for job in jobs if job["state"] == "running"]
    if running:
        raise Conflict(f"job {running[0]} is running there; pause it first")
    return [job["id"] for job in jobs]


async def _contract(
    tx: Transaction, merged: Merged, pairs: dict[str, str], reason: str, waiting: Sequence[str]
) -> None:
    """Merges each key of `pairs` into its value; no value is also a key."""
    if len(merged.into) + len(pairs) > MOST_MERGED:
        raise Conflict(f"over {MOST_MERGED} nodes would be merged at once; merge parts of them first")
    rows = {row["node"]["id"]: row for row in await locked(tx, *sorted({*pairs, *pairs.values()}))}
    # The parents too, so that nobody finds one of the nodes there by its name until the transaction ends.
    await hold(tx, sorted({id_ for row in rows.values() for id_ in row["node"]["parents"]}))
    kinds = {id_: Kind(rows[id_]["node"]["kind"]) for id_ in pairs}
    held = [id_ for id_, kind in kinds.items() if kind in IN_DISCIPLINES]
    if held:
        await tx.run(HOLD_SESSIONS, ids=held)
    # Before anything is moved: what is moved to the targets then belongs to the same disciplines.
    await rollups.forget(tx, [*pairs, *pairs.values()])
    made_from = [id_ for id_, kind in kinds.items() if kind in MADE_FROM]
    if made_from:
        merged.stale += await staleness.mark_stale(tx, made_from, reason)
    given = [{"old": old, "new": new} for old, new in sorted(pairs.items())]
    if waiting:
        await tx.run(UNITS, jobs=list(waiting), pairs=given)
    await tx.run(RELEASE_SOURCES, ids=sorted(pairs))
    taken = _taken_over(rows, pairs)
    await tx.run(PROPERTIES, rows=taken)
    back = {row["id"]: row["changes"]["status"] for row in taken if "status" in row["changes"]}
    await follow(tx, back, merged.by)
    for query in (INSTRUCTIONS, CHILDREN, RELATED):
        await tx.run(query, pairs=given)
    above = [row["parent_id"] for row in await tx.run(PARENTS, pairs=given)]
    # Syllabi that got sessions, and those in which a session was replaced by another.
    await tx.run(RESPACE, ids=sorted({*above, *pairs.values()}))
    await unique_names.admit_guests(tx, sorted({*above, *pairs.values()}))
    await tx.run(RECORDS, pairs=given)
    await aliases.give(tx, given)
    await tx.run(KEEP_SOURCES, rows=_left_over(rows, pairs))
    await tx.run(FINISH, ids=sorted(pairs))
    merged.rows |= {id_: rows[id_]["node"] for id_ in pairs}
    merged.into |= pairs


def _taken_over(rows: dict[str, Row], pairs: dict[str, str]) -> list[Row]:
    """The properties that each target takes over from the nodes merged into it."""
    changes: dict[str, Row] = {}
    for old, new in sorted(pairs.items()):
        own = rows[new]["node"] | changes.get(new, {})
        other = rows[old]["node"]
        found = changes.setdefault(new, {})
        found |= {name: value for name, value in other.items() if name not in RESERVED | own.keys()}
        if not own["description"]:
            found |= described(other["description"])
        if own["weight"] == 1.0:
            found["weight"] = other["weight"]
        if own["status"] == Status.retired:
            found["status"] = other["status"]
        if not any(own.get(name) for name in SOURCE):
            found |= {name: other[name] for name in SOURCE if other.get(name)}
        after = own | found
        found |= labelled(after.get("notation") or (), after)
    return [{"id": id_, "changes": found} for id_, found in changes.items()]


def _left_over(rows: dict[str, Row], pairs: dict[str, str]) -> list[Row]:
    """What each merged node stays known by: {id, source_key, notation_key, uri}."""
    keys = ("source_key", "notation_key", "uri")
    return [{"id": id_} | {key: rows[id_]["node"].get(key) for key in keys} for id_ in pairs]


async def _namesakes(tx: Transaction, merged: Merged, targets: Sequence[str]) -> dict[str, str]:
    """The pairs to merge next (old id to target), because one name stands for several nodes at one place."""
    groups = [row["nodes"] for row in await tx.run(SIBLINGS, ids=sorted({*targets}))]
    first = len(merged.into) == 1
    kind = Kind(next(iter(merged.rows.values()))["kind"])
    # When a single concept is merged, its name was looked up before.
    if not (first and kind is Kind.KeyConcept):
        above = await rollups.disciplines_above(tx, {*targets})
        groups += [row["nodes"] for row in await tx.run(NAMESAKES, ids=above)]
    homes = {node["id"]: node["home"] for group in groups for node in group}
    same: nx.Graph[str] = nx.Graph()
    for group in groups:
        same.add_edges_from((group[0]["id"], node["id"]) for node in group[1:])
    pairs: dict[str, str] = {}
    for component in nx.connected_components(same):
        # The node that was at the target before is the one that stays.
        target = min(component, key=lambda id_: (homes[id_] in merged.into, id_))
        pairs |= {id_: target for id_ in component if id_ != target}
    return pairs


async def _require_no_circle(tx: Transaction, merged: Merged) -> None:
    if await tx.run(CIRCLES, ids=merged.targets()):
        raise Conflict("a subfield would end up below itself; move it out first")


async def _rehome(tx: Transaction, merged: Merged) -> None:
    rows = [
        {
            "id": row["id"],
            "home": row["home"],
            "key": node_key(Kind(row["kind"]), row["home"], row["name"]),
        }
        for row in await tx.run(HOMELESS, pairs=merged.pairs())
    ]
    if rows:
        await tx.run(REHOME, rows=rows)


async def _record(tx: Transaction, merged: Merged, node: Row, into_id: str, by: str) -> None:
    gone = [
        {"id": pair["old"], "into_id": pair["new"], "name": merged.rows[pair["old"]]["name"]}
        for pair in merged.pairs()
    ]
    await history.record(
        tx,
        "merged",
        by,
        node,
        merged.targets(),
        nodes=len(gone),
        stale=merged.stale,
        detail={"into_id": into_id, "merged": gone},
    )
