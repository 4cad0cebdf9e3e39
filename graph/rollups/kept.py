"""Figures kept for each discipline, so that coverage costs the same however much was grown.

(:Rollup {id: the discipline's}) holds the Figures below one discipline. They never drift: whoever changes
something below a discipline locks its Rollup in the same transaction, and either adds what changed
(`accept`: instructions are the many) or declares the figures unknown (`forget`: edits are the few); who reads
unknown ones counts again, under the same lock. Between disciplines that share a subject, a session or a
concept stands (:Rollup)-[:SHARES]-(:Rollup): figures of such cannot be added up and are read together.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import networkx as nx

from graph.database import Database, Row, Transaction
from graph.queries import load
from graph.rollups.count import Figures, count

KNOWN = load("rollup.known")
LOCK = load("rollup.lock")
FORGET = load("rollup.forget")
DISCIPLINES_ABOVE = load("node.disciplines_above")
CHANGES = load("rollup.changes")
SAVE = load("rollup.save")
SHARING = load("rollup.sharing")
SHARE = load("rollup.share")

# Of what CHANGES returns, lists of what changes in a discipline.
PARTS = ("concepts", "instructions", "pairs")
# Disciplines counted side by side by one reader.
COUNTED_AT_ONCE = 4


@dataclass
class Accepted:
    """What comes with instructions about to be stored."""

    now: str | None = None
    """Their time of acceptance, as the database has it."""
    figures: list[Row] = field(default_factory=list[Row])
    """Of the disciplines: id and properties."""
    outdated: dict[str, str] = field(default_factory=dict[str, str])
    """Those whose origin was edited meanwhile, and why."""


async def disciplines_above(tx: Transaction, node_ids: Iterable[str]) -> list[str]:
    """Ids of the disciplines at or above some nodes, in order."""
    return [row["id"] for row in await tx.run(DISCIPLINES_ABOVE, batch={"ids": sorted(node_ids)})]


async def hold(tx: Transaction, node_ids: Iterable[str]) -> None:
    """Locks the figures of all disciplines at or above some nodes: nothing is accepted there meanwhile."""
    await _locked(tx, await disciplines_above(tx, node_ids))


async def forget(tx: Transaction, node_ids: Iterable[str]) -> None:
    """Declares the figures of all disciplines at or above some nodes unknown.

    To be called where the nodes stand below all disciplines concerned: before something is taken away, after
    something is put there.
    """
    await forget_disciplines(tx, await disciplines_above(tx, node_ids))


async def forget_disciplines(tx: Transaction, ids: Iterable[str]) -> list[str]:
    """Declares the figures of disciplines unknown, and of those that share something with them.

    Returns those of the former that host a node whose key was made elsewhere, as it now is.
    """
    [row] = await tx.run(FORGET, batch={"ids": sorted(ids)})
    return row["hosts"]


async def accept(tx: Transaction, job_id: str, rows: Sequence[Row]) -> Accepted:
    """What accepting the accepted ones of `rows` (as instructions.store takes them) changes.

    To be called before they are stored with what it returns, in the same transaction. Locks the job first,
    as everybody does who grows something for it.
    """
    fresh = [
        {
            "id": row["properties"]["id"],
            "strategy": row["properties"].get("strategy"),
            "sessions": row["sessions"],
            "concepts": row["concepts"],
        }
        for row in rows
        if row["properties"].get("status") == "accepted"
    ]
    if not fresh:
        return Accepted()
    changes, locked = await _changes(tx, job_id, fresh)
    shared = [id_ for id_, rollup in locked.items() if rollup["shares"]]
    if shared:
        await forget_disciplines(tx, shared)
    known = {id_: _figures(r) for id_, r in locked.items() if r["known"] and not r["shares"]}
    _add(known, changes)
    outdated = {row["id"]: row["reason"] for row in changes["outdated"]}
    return Accepted(changes["now"], [_row(id_, figures) for id_, figures in known.items()], outdated)


async def _changes(tx: Transaction, job_id: str, fresh: list[Row]) -> tuple[Row, dict[str, Row]]:
    """What changes, and the rows of the disciplines in which it does.

    Again where an edit put something under another discipline before the lock was ours.
    """
    while True:
        [changes] = await tx.run(CHANGES, batch={"job_id": job_id, "rows": fresh})
        locked = {rollup["id"]: rollup for rollup in changes["rollups"]}
        if {row["id"] for part in PARTS for row in changes[part]} <= locked.keys():
            return changes, locked


def _add(known: dict[str, Figures], changes: Row) -> None:
    day = changes["now"][:10]
    for row in changes["concepts"]:
        if figures := known.get(row["id"]):
            old, concepts = row["degree"], row["concepts"]
            figures.degrees[old] -= concepts
            figures.degrees[old + row["added"]] += concepts
            if old == 0:
                figures.reached[day] += concepts
    for row in changes["instructions"]:
        if figures := known.get(row["id"]):
            figures.made[day] += row["instructions"]
    for row in changes["pairs"]:
        if figures := known.get(row["id"]):
            figures.covered += row["covered"]


async def of(database: Database, discipline_ids: Sequence[str]) -> "Rollups":
    """The figures of disciplines; what is unknown is counted and kept."""
    known = await _known(database, discipline_ids)
    unknown = [id_ for id_ in discipline_ids if id_ not in known]
    gate = asyncio.Semaphore(COUNTED_AT_ONCE)

    async def counted(discipline_id: str) -> None:
        async with gate:
            await database.writing(lambda tx: _recount(tx, discipline_id))

    if unknown:
        await asyncio.gather(*map(counted, unknown))
        known = await _known(database, discipline_ids)
        # Who edits while others read: what became unknown again was counted a moment ago.
        for id_ in [id_ for id_ in discipline_ids if id_ not in known]:
            known[id_] = await database.writing(lambda tx, id_=id_: _recount(tx, id_))
    return Rollups(known)


class Rollups:
    """What is known of some disciplines."""

    def __init__(self, rows: dict[str, Row]) -> None:
        self.figures = {id_: _figures(row) for id_, row in rows.items()}
        self._sharing: nx.Graph[str] = nx.Graph()
        self._sharing.add_nodes_from(rows)
        self._sharing.add_edges_from((id_, other) for id_, row in rows.items() for other in row["shares"])
        parts = enumerate(nx.connected_components(self._sharing))
        self._part = {id_: number for number, part in parts for id_ in part}
        self._counted: dict[frozenset[str], Figures] = {}

    def groups(self, discipline_ids: Iterable[str]) -> list[list[str]]:
        """The disciplines in groups that share nothing with each other."""
        found: dict[int, list[str]] = {}
        for id_ in sorted(set(discipline_ids)):
            if id_ in self._part:
                found.setdefault(self._part[id_], []).append(id_)
        return [*found.values()]

    async def total(self, database: Database, discipline_ids: Iterable[str]) -> Figures:
        """The figures below all of these together, each thing once."""
        total = Figures()
        for group in self.groups(discipline_ids):
            total += self.figures[group[0]] if len(group) == 1 else await self._together(database, group)
        return total

    async def _together(self, database: Database, group: list[str]) -> Figures:
        key = frozenset(group)
        if key not in self._counted:
            self._counted[key] = (await count(database, {"all": group}))["all"]
        return self._counted[key]


async def _known(database: Database, ids: Sequence[str]) -> dict[str, Row]:
    rows = await database.read(KNOWN, batch={"ids": list(ids)})
    return {row["rollup"]["id"]: row["rollup"] for row in rows}


async def _locked(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    rows = await tx.run(LOCK, batch={"ids": sorted(ids)})
    return {row["rollup"]["id"]: row["rollup"] for row in rows}


async def _recount(tx: Transaction, discipline_id: str) -> Row:
    """Counts one discipline under its lock and keeps that; somebody else may have done so just before."""
    # Those that share with it are locked too, or an instruction that is stored there meanwhile would know of
    # no sharing and be missed here. All in one order, for two that share are often counted at once.
    likely = await _sharing(tx, discipline_id)
    rollup = (await _locked(tx, [discipline_id, *likely]))[discipline_id]
    if rollup["known"]:
        return rollup
    others = await _sharing(tx, discipline_id)
    await _locked(tx, others)
    figures = (await count(tx, {discipline_id: [discipline_id]}))[discipline_id]
    await tx.run(SHARE, id=discipline_id, others=others)
    row = _row(discipline_id, figures)
    await tx.run(SAVE, batch={"rows": [row]})
    return {"id": discipline_id, "shares": others, **row["properties"]}


async def _sharing(tx: Transaction, discipline_id: str) -> list[str]:
    return [row["id"] for row in await tx.run(SHARING, id=discipline_id)]


def _row(discipline_id: str, figures: Figures) -> Row:
    """As stored: counters as two lists, what is counted and how many."""
    days = sorted(figures.made.keys() | figures.reached.keys())
    degrees = sorted(degree for degree, concepts in figures.degrees.items() if concepts)
    kinds = sorted(figures.present)
    properties = {
        "known": True,
        "degrees": degrees,
        "concepts": [figures.degrees[degree] for degree in degrees],
        "days": days,
        "made": [figures.made[day] for day in days],
        "reached": [figures.reached[day] for day in days],
        "kinds": kinds,
        "present": [figures.present[kind] for kind in kinds],
        "sessions": figures.sessions,
        "possible": figures.possible,
        "covered": figures.covered,
    }
    return {"id": discipline_id, "properties": properties}


def _figures(row: Row) -> Figures:
    if not row["known"]:
        return Figures()
    return Figures(
        degrees=Counter(dict(zip(row["degrees"], row["concepts"], strict=True))),
        made=Counter(dict(zip(row["days"], row["made"], strict=True))),
        reached=Counter(dict(zip(row["days"], row["reached"], strict=True))),
        present=Counter(dict(zip(row["kinds"], row["present"], strict=True))),
        sessions=row["sessions"],
        possible=row["possible"],
        covered=row["covered"],
    )
