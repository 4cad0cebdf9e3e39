"""Storing proposals: the door for imports, jobs and searches that find something to propose.

    origin = Origin(Source.import_, import_id, by=caller)
    counts = await propose(database, found, origin)

Proposing the same again changes nothing, so whoever was interrupted repeats it. What a person has rejected,
or what was done and undone, comes up again only if its evidence has changed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from graph.database import Database, Row, Transaction
from graph.model import new_ids
from graph.proposals.proposal import NewProposal, Source
from graph.queries import load
from graph.text import normal_name

NAMED = load("proposal.named")
STORE = load("proposal.store")
CAME_FROM = load("proposal.came_from")

BATCH = 500
NO_TIER = 9
COUNTED = ("new", "reopened", "open", "rejected", "known", "missing")


@dataclass(frozen=True)
class Origin:
    """Where proposals come from: an import, a job or a person, and the name to show."""

    source: Source
    source_id: str | None = None
    """Id of the import or job."""
    by: str = ""


@dataclass
class Proposed:
    """Numbers of proposals by what became of them."""

    new: int = 0
    reopened: int = 0
    """Decided before, on other evidence."""
    open: int = 0
    """Open already."""
    rejected: int = 0
    """Rejected before on the same evidence."""
    known: int = 0
    """Done before, or superseded."""
    missing: int = 0
    """Not stored, because a node is not there."""
    keys: list[str] = field(default_factory=list[str], repr=False)
    """Keys of the new and reopened ones."""
    ids: list[str] = field(default_factory=list[str], repr=False)
    """Ids of all that are stored now."""

    def add(self, other: "Proposed") -> None:
        """Adds the counts of a further batch; its keys and ids are not kept."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


async def propose(database: Database, proposals: Iterable[NewProposal], origin: Origin) -> Proposed:
    """Stores proposals, BATCH in a transaction; returns what became of them.

    The proposals are taken from the iterable as they are stored, so there may be any number. Two of one key
    count once.
    """
    counts = Proposed()
    waiting = iter(proposals)
    while batch := [*islice(waiting, BATCH)]:

        async def work(tx: Transaction, batch: Sequence[NewProposal] = batch) -> Proposed:
            return await propose_in(tx, batch, origin)

        counts.add(await database.writing(work))
    return counts


async def propose_in(tx: Transaction, proposals: Sequence[NewProposal], origin: Origin) -> Proposed:
    """Like `propose`, within a transaction of the caller's; for a few thousand proposals at most."""
    by_key = {proposal.key: proposal for proposal in reversed(proposals)}
    ids = sorted({one.id for proposal in by_key.values() for one in proposal.about})
    nodes = {row["id"]: row for row in await tx.run(NAMED, ids=ids)}
    there = [one for one in by_key.values() if all(about.id in nodes for about in one.about)]
    counts = Proposed(missing=len(by_key) - len(there))
    if not there:
        return counts
    rows = [_row(one, id_, nodes, origin) for one, id_ in zip(there, new_ids(len(there)), strict=True)]
    for row in await tx.run(STORE, rows=rows):
        name = "known" if row["outcome"] in ("applied", "superseded") else row["outcome"]
        setattr(counts, name, getattr(counts, name) + 1)
        counts.ids.append(row["id"])
        if name in ("new", "reopened"):
            counts.keys.append(row["key"])
    if origin.source_id and counts.keys:
        await tx.run(CAME_FROM, keys=counts.keys, id=origin.source_id)
    return counts


def _row(proposal: NewProposal, id_: str, nodes: dict[str, Row], origin: Origin) -> Row:
    about = [{"id": one.id, "role": one.role.value, "name": nodes[one.id]["name"]} for one in proposal.about]
    names = [one["name"] for one in about]
    return {
        "key": proposal.key,
        "id": id_,
        "evidence_key": proposal.evidence_key,
        # Sorts by tier, then the best score first.
        "rank": f"{proposal.tier or NO_TIER}/{1 - proposal.score:.6f}/",
        "about": about,
        "properties": {
            "kind": proposal.kind.value,
            "tier": proposal.tier,
            "score": proposal.score,
            "evidence": proposal.evidence,
            "about": json.dumps(about, ensure_ascii=False),
            "before": json.dumps(proposal.before, ensure_ascii=False),
            "after": json.dumps(proposal.after, ensure_ascii=False),
            "source": origin.source.value,
            "source_id": origin.source_id,
            "made_by": origin.by,
            "text": normal_name(" ".join([*names, proposal.evidence[0]])),
        },
    }
