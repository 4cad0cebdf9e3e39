"""Figures kept for each discipline, so that coverage costs the same however much was grown.

(:Rollup {id: the discipline's}) holds the Figures below one discipline. They never drift: every transaction
that changes something below a discipline locks its Rollup, and either adds the change to the figures
(`accept`, because instructions are many) or declares the figures unknown (`forget`, because edits are few).
Unknown figures are counted by the next reader, under the same lock. (:Rollup)-[:SHARES]-(:Rollup) links
disciplines that share a subject, a session or a concept: their figures cannot be added up and are counted
together. Instructions drawn from syllabi of two disciplines are counted in both; the figures say how many
those are, so that a sum has them once (`crossed`), and (:Rollup)-[:CROSSES]-(:Rollup) links the two, because
an edit of one discipline changes what the other has in common with it.

Neo4j reads the properties of a node one after the other while others write them, so the figures of a
discipline are one property, `figures`, with everything that must agree with them. `sums` is for Cypher: the
numbers of subjects, sessions, concepts and instructions. Both are null while the figures are unknown.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from graph.database import Database, Row, Transaction
from graph.model import Kind
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
CROSSED = load("rollup.crossed")
CROSS = load("rollup.cross")
UNCOUNT = load("syllabus.uncount")

# The columns of CHANGES that list what changes in each discipline.
PARTS = ("concepts", "instructions", "dials", "crossed", "pairs")
# Number of disciplines that one reader counts at the same time.
COUNTED_AT_ONCE = 4
# Maximum number of readings; another one is needed if figures were counted during the last.
LOOKS = 5
# The kinds whose numbers of nodes are in `sums`.
SUMMED = (Kind.Subject, Kind.ClassSession, Kind.KeyConcept)


@dataclass
class Accepted:
    """What must be stored along with accepted instructions."""

    now: str | None = None
    """Their time of acceptance, by the database's clock."""
    figures: list[Row] = field(default_factory=list[Row])
    """One row per discipline with known figures: id, figures and sums."""
    outdated: dict[str, str] = field(default_factory=dict[str, str])
    """Instructions whose origin was edited since their question was asked, with the reason."""


@dataclass
class Kept:
    """What is kept for one discipline, in the property `figures`."""

    figures: Figures = field(default_factory=Figures)
    shares: list[str] = field(default_factory=list[str])
    """Ids of the disciplines that share something with it."""
    counted: int = 0
    """When they were counted, in milliseconds of the database's clock."""


async def disciplines_above(tx: Transaction, node_ids: Iterable[str]) -> list[str]:
    """Ids of the disciplines at or above these nodes, sorted."""
    return [row["id"] for row in await tx.run(DISCIPLINES_ABOVE, batch={"ids": sorted(node_ids)})]


async def hold(tx: Transaction, node_ids: Iterable[str]) -> None:
    """Locks the figures of all disciplines at or above these nodes, so that nothing is accepted there."""
    await _locked(tx, await disciplines_above(tx, node_ids))


async def forget(tx: Transaction, node_ids: Iterable[str]) -> None:
    """Declares the figures of all disciplines at or above these nodes unknown, and uncounts these nodes.

    Must be called while the nodes are below all disciplines concerned: before a link is removed, and after
    one is added.
    """
    ids = sorted(node_ids)
    await forget_disciplines(tx, await disciplines_above(tx, ids))
    await uncount(tx, ids)


async def uncount(tx: Transaction, node_ids: Iterable[str]) -> None:
    """Declares it unknown how many combinations the syllabi at or above these nodes have.

    They are counted by the next draw, which compares the sessions and concepts with those drawn from before.
    """
    await tx.run(UNCOUNT, batch={"ids": sorted(node_ids)})


async def forget_disciplines(tx: Transaction, ids: Iterable[str], *, crossing: bool = True) -> list[str]:
    """Declares the figures of these disciplines, and of those that share something with them, unknown.

    `crossing`: also of those that have instructions in common with them; not needed where only what no
    instruction was made from has changed. Returns the ids among `ids` that currently host a node whose key
    was made in another discipline.
    """
    [row] = await tx.run(FORGET, batch={"ids": sorted(ids), "crossing": crossing})
    return row["hosts"]


async def accept(tx: Transaction, job_id: str, rows: Sequence[Mapping[str, Any]]) -> Accepted:
    """What changes when the accepted instructions among `rows` (as instructions.store takes them) are stored.

    Must be called in the same transaction, before storing them with what it returns. Locks the job first, as
    all transactions do that grow something for it.
    """
    fresh = [
        {
            "id": row["properties"]["id"],
            "strategy": row["properties"].get("strategy"),
            "sessions": row["sessions"],
            "concepts": row["concepts"],
            "dials": row["properties"].get("dials"),
        }
        for row in rows
        if row["properties"].get("status") == "accepted"
    ]
    if not fresh:
        return Accepted()
    changes, locked = await _changes(tx, job_id, fresh)
    shared = [id_ for id_, rollup in locked.items() if rollup["shares"]]
    if shared:
        await forget_disciplines(tx, shared, crossing=False)
    known = {id_: _read(r["figures"]) for id_, r in locked.items() if r["figures"] and not r["shares"]}
    _add({id_: kept.figures for id_, kept in known.items()}, changes)
    outdated = {row["id"]: row["reason"] for row in changes["outdated"]}
    return Accepted(changes["now"], [stored_figures(id_, kept) for id_, kept in known.items()], outdated)


async def _changes(tx: Transaction, job_id: str, fresh: list[Row]) -> tuple[Row, dict[str, Row]]:
    """What changes, and the locked Rollups of the disciplines in which it does, by id.

    Runs again if an edit put something under another discipline before the lock was taken.
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
    _add_dials(known, changes, day)


def _add_dials(known: dict[str, Figures], changes: Row, day: str) -> None:
    for row in changes["dials"]:
        if figures := known.get(row["id"]):
            figures.dials[row["dial"]] += row["instructions"]
    for row in changes["crossed"]:
        if figures := known.get(row["id"]):
            figures.crossed.setdefault(row["other"], Counter())[row["dial"] or day] += row["instructions"]


async def of(database: Database, discipline_ids: Sequence[str]) -> "Rollups":
    """The figures of disciplines; unknown ones are counted and kept.

    An edit of several disciplines shows in the figures of all or none: it declares them unknown together, so
    all are read again if one of them was counted since the reading began.
    """
    known: dict[str, Kept] = {}
    for _ in range(LOOKS):
        known, fresh = await _known(database, discipline_ids)
        unknown = [id_ for id_ in discipline_ids if id_ not in known]
        if not unknown and not fresh:
            return Rollups(known)
        known |= await _counted(database, unknown)
    # Others edit as fast as this reads: each figure is right, but for its own moment.
    return Rollups(known)


async def _counted(database: Database, discipline_ids: Sequence[str]) -> dict[str, Kept]:
    """The figures of disciplines, COUNTED_AT_ONCE at a time; the first error ends all counting."""
    found: dict[str, Kept] = {}
    left = iter(discipline_ids)

    async def count_on() -> None:
        for id_ in left:
            found[id_] = await database.writing(lambda tx, id_=id_: _recount(tx, id_))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(COUNTED_AT_ONCE, len(discipline_ids))):
                group.create_task(count_on())
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several  # the others only follow from it
    return found


class Rollups:
    """The known figures of some disciplines."""

    def __init__(self, known: dict[str, Kept]) -> None:
        self.figures = {id_: kept.figures for id_, kept in known.items()}
        self._sharing: nx.Graph[str] = nx.Graph()
        self._sharing.add_nodes_from(known)
        self._sharing.add_edges_from((id_, other) for id_, kept in known.items() for other in kept.shares)
        parts = enumerate(nx.connected_components(self._sharing))
        self._part = {id_: number for number, part in parts for id_ in part}
        self._counted: dict[frozenset[str], Figures] = {}

    def groups(self, discipline_ids: Iterable[str]) -> list[list[str]]:
        """The known disciplines among these, in groups that share nothing with each other."""
        found: dict[int, list[str]] = {}
        for id_ in sorted(set(discipline_ids)):
            if id_ in self._part:
                found.setdefault(self._part[id_], []).append(id_)
        return [*found.values()]

    def sharing(self) -> set[str]:
        """The known disciplines that share something with another one, be that among the known or not."""
        return {id_ for id_ in self.figures if self._sharing.degree(id_)}

    async def total(self, database: Database, discipline_ids: Iterable[str]) -> Figures:
        """The figures below all of these disciplines together; each node and instruction counts once."""
        return (await self.totals(database, {"all": discipline_ids}))["all"]

    async def totals(self, database: Database, wanted: Mapping[str, Iterable[str]]) -> dict[str, Figures]:
        """Like `total`, for several sets of disciplines; all groups to be counted are counted in one go."""
        groups = {name: self._joined(self.groups(ids)) for name, ids in wanted.items()}
        await self._count_together(database, [group for of_one in groups.values() for group in of_one])
        totals: dict[str, Figures] = {}
        for name, of_one in groups.items():
            totals[name] = Figures()
            for group in of_one:
                totals[name] += self.figures[group[0]] if len(group) == 1 else self._counted[frozenset(group)]
            self._count_once(totals[name], [group[0] for group in of_one if len(group) == 1])
        return totals

    def _joined(self, groups: list[list[str]]) -> list[list[str]]:
        """The same groups, but those of several disciplines together with what they cross.

        What such a group has in common with another is not known, only what each of its disciplines has.
        """
        if all(len(group) == 1 for group in groups):
            return groups
        number = {id_: n for n, group in enumerate(groups) for id_ in group}
        joined: nx.Graph[int] = nx.Graph()
        joined.add_nodes_from(range(len(groups)))
        for id_, n in number.items():
            for other in self.figures[id_].crossed:
                if (m := number.get(other, n)) != n and len(groups[n]) + len(groups[m]) > 2:
                    joined.add_edge(n, m)
        return [sorted(id_ for n in part for id_ in groups[n]) for part in nx.connected_components(joined)]

    def _count_once(self, total: Figures, ids: Sequence[str]) -> None:
        """Takes out of a total what two of these disciplines have in common and both count."""
        among = set(ids)
        for id_ in ids:
            for other, crossed in self.figures[id_].crossed.items():
                if id_ < other and other in among:
                    total.less(crossed)

    async def _count_together(self, database: Database, groups: Sequence[list[str]]) -> None:
        fresh = {frozenset(group) for group in groups if len(group) > 1} - self._counted.keys()
        if fresh:
            numbered = dict(enumerate(fresh))
            counted = await count(database, {str(n): sorted(group) for n, group in numbered.items()})
            self._counted |= {group: counted[str(n)] for n, group in numbered.items()}


async def _known(database: Database, ids: Sequence[str]) -> tuple[dict[str, Kept], bool]:
    """The known figures, and whether some of them were counted since the reading began."""
    [row] = await database.read(KNOWN, batch={"ids": list(ids)})
    # Only a discipline without children has no text here: there is nothing to count.
    known = {id_: _read(text) if text else Kept() for id_, text in row["known"]}
    return known, any(kept.counted >= row["began"] for kept in known.values())


async def _locked(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    rows = await tx.run(LOCK, batch={"ids": sorted(ids)})
    return {row["rollup"]["id"]: row["rollup"] for row in rows}


async def _recount(tx: Transaction, discipline_id: str) -> Kept:
    """Counts and keeps the figures of one discipline, under its lock, unless they are known by then."""
    # Disciplines that share with it are locked as well: an instruction stored there in between would not know
    # of the sharing, and would be missed here. All are locked in one order, because disciplines that share
    # something are often counted at the same time.
    likely = await _sharing(tx, discipline_id)
    text = (await _locked(tx, [discipline_id, *likely]))[discipline_id]["figures"]
    if text:
        return _read(text)
    others = await _sharing(tx, discipline_id)
    await _locked(tx, others)
    [clock] = await tx.run(SHARE, id=discipline_id, others=others)
    figures = (await count(tx, {discipline_id: [discipline_id]}))[discipline_id]
    for row in await tx.run(CROSSED, id=discipline_id):
        figures.crossed.setdefault(row["other"], Counter())[row["key"]] = row["instructions"]
    if figures.crossed:
        await tx.run(CROSS, id=discipline_id, others=sorted(figures.crossed))
    kept = Kept(figures, others, clock["now"])
    await tx.run(SAVE, batch={"rows": [stored_figures(discipline_id, kept)]})
    return kept


async def _sharing(tx: Transaction, discipline_id: str) -> list[str]:
    return [row["id"] for row in await tx.run(SHARING, id=discipline_id)]


def stored_figures(discipline_id: str, kept: Kept) -> Row:
    """The row to store: the figures as JSON, and the sums that Cypher reads."""
    figures = kept.figures
    text = json.dumps(
        {
            "shares": kept.shares,
            "counted": kept.counted,
            # A list of pairs, because the keys of a JSON object cannot be numbers.
            "degrees": [
                [degree, concepts] for degree, concepts in sorted(figures.degrees.items()) if concepts
            ],
            "made": figures.made,
            "reached": figures.reached,
            "dials": figures.dials,
            "present": figures.present,
            "sessions": figures.sessions,
            "possible": figures.possible,
            "covered": figures.covered,
            **({"crossed": figures.crossed} if figures.crossed else {}),
        },
        separators=(",", ":"),
    )
    sums = [*(figures.present[kind] for kind in SUMMED), figures.instructions]
    return {"id": discipline_id, "figures": text, "sums": sums}


def _read(text: str) -> Kept:
    stored = json.loads(text)
    figures = Figures(
        degrees=Counter({degree: concepts for degree, concepts in stored["degrees"]}),
        **{name: Counter(stored[name]) for name in ("made", "reached", "present")},
        # Figures kept by earlier versions have none, and neither had the instructions that they count.
        dials=Counter(stored.get("dials", {})),
        **{name: stored[name] for name in ("sessions", "possible", "covered")},
        crossed={other: Counter(numbers) for other, numbers in stored.get("crossed", {}).items()},
    )
    return Kept(figures, stored["shares"], stored["counted"])
