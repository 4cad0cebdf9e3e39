"""Runs a search for duplicates: reads names page by page, compares them elsewhere, stores proposals."""

import asyncio
import logging
import pickle
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from graph.database import Database
from graph.errors import GraphError, Invalid
from graph.model import Kind, Status
from graph.proposals import searches
from graph.proposals.proposal import LONGEST_EVIDENCE, About, NewProposal, ProposalKind, Role, Source
from graph.proposals.searches import DuplicateSearch, SearchCounts, SearchState
from graph.proposals.similar_names import Entry, Found, Looked, find_packed
from graph.proposals.storing import BATCH, COUNTED, Origin, Proposed, propose
from graph.queries import load
from graph.tasks import in_background
from graph.taxonomy import nodes
from graph.taxonomy.walking import outward

log = logging.getLogger("glan")

ENTRIES = load("proposal.entries")

Compute = Callable[..., Awaitable[list[bytes]]]
"""Runs a module-level function with these arguments in another process."""

COMPARED = (Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject)
LOOKED_AT = (Status.proposed, Status.accepted)
MOST_NODES = 200_000
PAGE = 1_000
MOST_LABELS = 100
LONGEST_LABEL = 1_000
BEAT_S = 10.0
OBJECT = re.compile(r"owl#(sameAs|differentFrom)> <([^>]+)>")


@dataclass
class _Walk:
    """The nodes to compare: a bit for each vocabulary that each is in, and the nodes above it."""

    vocabularies: dict[str, int] = field(default_factory=dict[str, int])
    parents: dict[str, dict[str, None]] = field(default_factory=dict[str, dict[str, None]])


async def run(database: Database, search: DuplicateSearch, compute: Compute, slot: asyncio.Semaphore) -> None:
    """Runs a search once `slot` is free, and stores how it ended, also if it failed."""
    counts = SearchCounts()
    try:
        async with in_background(_beat(database, search.id, counts)), slot:
            await _run(database, search, counts, compute)
        await searches.progress(database, search.id, counts, SearchState.done)
    except Exception as error:
        if not isinstance(error, GraphError):
            log.exception("the search for duplicates %s failed", search.id)
        with suppress(GraphError):
            await searches.progress(database, search.id, counts, SearchState.failed, str(error))


async def _run(database: Database, search: DuplicateSearch, counts: SearchCounts, compute: Compute) -> None:
    walk = _Walk()
    for n, top in enumerate([search.node_id, *search.across]):
        await _walk(database, top, 1 << n, walk)
    pages: list[bytes] = []
    async for page in _pages(database, walk):
        counts.nodes += len(page)
        pages.append(pickle.dumps(page))
    looked = Looked(search.tier, search.threshold, across=bool(search.across))
    found = await compute(find_packed, pages, looked)
    origin = Origin(Source.person, by=search.created_by)
    for part in found:
        pairs: list[Found] = pickle.loads(part)
        for batch in (pairs[n : n + BATCH] for n in range(0, len(pairs), BATCH)):
            _count(counts, await propose(database, _proposals(batch), origin))
            counts.pairs += len(batch)


async def _walk(database: Database, top: str, bit: int, walk: _Walk) -> None:
    """Adds the nodes at and below `top` that are compared."""
    root = await nodes.get(database, top)
    seen = {top}
    if root.kind in COMPARED:
        walk.vocabularies[top] = walk.vocabularies.get(top, 0) | bit
    front = [top]
    while front:
        fresh: list[str] = []
        for n in range(0, len(front), PAGE):
            async for links in outward.links(database, front[n : n + PAGE], COMPARED, LOOKED_AT):
                for link in links:
                    walk.parents.setdefault(link.child, {})[link.parent] = None
                    if link.child not in seen:
                        seen.add(link.child)
                        fresh.append(link.child)
                        walk.vocabularies[link.child] = walk.vocabularies.get(link.child, 0) | bit
                if len(walk.vocabularies) > MOST_NODES:
                    raise Invalid(
                        f"over {MOST_NODES:,} names would have to be compared; take nodes further down"
                    )
        front = fresh


async def _pages(database: Database, walk: _Walk) -> AsyncGenerator[list[Entry]]:
    ids = [*walk.vocabularies]
    for n in range(0, len(ids), PAGE):
        [[rows]] = await database.values(ENTRIES, ids=ids[n : n + PAGE])
        yield [_entry(row, walk) for row in rows]


def _entry(row: Sequence[Any], walk: _Walk) -> Entry:
    id_, kind, name, uri, notation, exact, related, labels, statements = row
    said = [found.groups() for line in statements for found in OBJECT.finditer(line)]
    return Entry(
        id=id_,
        kind=kind,
        name=name,
        vocabularies=walk.vocabularies[id_],
        parents=tuple(walk.parents.get(id_, ())),
        alternatives=tuple(_texts(labels))[:MOST_LABELS],
        uri=uri,
        notations=tuple(_texts([notation])),
        same=(*_texts([exact]), *(other for what, other in said if what == "sameAs")),
        apart=(*_texts([related]), *(other for what, other in said if what == "differentFrom")),
    )


def _texts(values: Sequence[Any]) -> Iterator[str]:
    """The texts among values, each a text or a list of texts; a user may have stored anything."""
    for value in values:
        for text in cast(list[Any], value) if isinstance(value, list) else [value]:
            if isinstance(text, str) and len(text) <= LONGEST_LABEL:
                yield text


def _proposals(found: Sequence[Found]) -> Iterator[NewProposal]:
    for one in found:
        yield NewProposal(
            kind=ProposalKind.merge,
            about=[About(id=one.from_id, role=Role.from_), About(id=one.into_id, role=Role.into)],
            evidence=[line[:LONGEST_EVIDENCE] for line in one.evidence],
            # Where the two stand changes the score, but does not justify asking a person again.
            basis=one.evidence[0],
            tier=one.tier,
            score=one.score,
        )


def _count(counts: SearchCounts, found: Proposed) -> None:
    for name in COUNTED:
        setattr(counts, name, getattr(counts, name) + getattr(found, name))


async def _beat(database: Database, search_id: str, counts: SearchCounts) -> None:
    """Says every BEAT_S seconds that the search is running, and how far it is."""
    while True:
        with suppress(GraphError):  # a beat that is missed is made up for by the next
            await searches.progress(database, search_id, counts)
        await asyncio.sleep(BEAT_S)
