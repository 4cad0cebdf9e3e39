"""The number of nodes below a node, by kind: walked down to the disciplines, taken from kept figures below.

The walk is bounded, because a taxonomy may have half a million disciplines. What a node reaches is a bit set
with one bit per node of the walk: joining two such sets costs next to nothing, even if many parents share
children.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from graph.database import Database
from graph.errors import Conflict, Invalid
from graph.model import UPPER, Kind, Status
from graph.queries import load
from graph.rollups import count, kept

UPPER_LEVEL = load("node.upper_level")

MOST_UPPER = 25_000
"""Maximum number of links from the nodes asked for down to the disciplines; reading them takes 0.3 s."""
LOOKS = 3

Counts = dict[str, int]
"""The number of nodes that are not retired, by kind."""


@dataclass
class _Walk:
    """The links from some nodes down to the disciplines."""

    links: "nx.DiGraph[str]" = field(default_factory=lambda: nx.DiGraph())
    nodes: dict[str, tuple[str, str, bool]] = field(default_factory=dict[str, tuple[str, str, bool]])
    """Kind, status and whether it has children, for each node met, by id."""

    def reached(self) -> dict[str, int]:
        """The nodes below each node, as bits in the order of `nodes`."""
        bits = {id_: 1 << n for n, id_ in enumerate(self.nodes)}
        found: dict[str, int] = {}
        order: list[str] = list(nx.topological_sort(self.links))  # pyright: ignore[reportUnknownMemberType]
        for id_ in reversed(order):
            below = 0
            for child in self.links[id_]:
                below |= found[child] | bits[child]
            found[id_] = below
        return found

    def by_kind(self) -> dict[str, int]:
        """The nodes of each kind that are not retired, as bits."""
        found: dict[str, int] = {}
        for n, (kind, status, _) in enumerate(self.nodes.values()):
            if status != Status.retired:
                found[kind] = found.get(kind, 0) | 1 << n
        return found


async def below(database: Database, kinds: Mapping[str, Kind]) -> dict[str, Counts]:
    """The counts below each of these nodes, given with their kinds; each node below counts once.

    Raises Invalid if more than MOST_UPPER links lead down to the disciplines.
    """
    upper = [id_ for id_, kind in kinds.items() if kind in UPPER]
    lower = [id_ for id_ in kinds if kinds[id_] not in UPPER]
    found = await count.present(database, {id_: [id_] for id_ in lower}) if lower else {}
    if upper:
        found |= await _below_upper(database, upper)
    return {id_: {kind: n for kind, n in counted.items() if n} for id_, counted in found.items()}


async def _below_upper(database: Database, ids: Sequence[str]) -> dict[str, Counter[str]]:
    walk = await _walked(database, ids)
    # Most disciplines of a large taxonomy have no children, so that nothing has to be looked up for them.
    grown = [
        id_ for id_, (kind, _, children) in walk.nodes.items() if kind == Kind.Discipline.value and children
    ]
    known = await kept.of(database, sorted(grown))
    reached, kinds = await asyncio.to_thread(lambda: (walk.reached(), walk.by_kind()))
    place = {id_: n for n, id_ in enumerate(walk.nodes)}
    totals: dict[int, Counter[str]] = {}
    mask = sum(1 << place[id_] for id_ in grown)
    found: dict[str, Counter[str]] = {}
    for id_ in filter(place.__contains__, ids):
        bits = reached[id_] | (1 << place[id_])
        counted = Counter({kind: (reached[id_] & those).bit_count() for kind, those in kinds.items()})
        if bits & mask not in totals:
            below = [other for other in grown if bits >> place[other] & 1]
            totals[bits & mask] = (await known.total(database, below)).present
        counted.update(totals[bits & mask])
        found[id_] = counted
    return found


async def _walked(database: Database, ids: Sequence[str]) -> _Walk:
    for _ in range(LOOKS):
        walk = await _upper(database, ids)
        if nx.is_directed_acyclic_graph(walk.links):
            return walk
    raise Conflict("the taxonomy is being rearranged while it is read; ask again")


async def _upper(database: Database, ids: Sequence[str]) -> _Walk:
    walk = _Walk()
    walk.links.add_nodes_from(ids)
    front, left = sorted(ids), MOST_UPPER
    while front:
        [[tops, links]] = await database.values(UPPER_LEVEL, batch={"ids": front}, limit=left + 1)
        if len(links) > left:
            raise Invalid(
                f"over {MOST_UPPER:,} nodes down to the disciplines would have to be counted; ask for a node "
                "further down, or use descendants, which come in pages"
            )
        left -= len(links)
        known = set(walk.nodes)
        for id_, *about in tops:
            walk.nodes[id_] = tuple(about)
        for parent, id_, *about in links:
            walk.links.add_edge(parent, id_)
            walk.nodes.setdefault(id_, tuple(about))
        front = sorted(
            {id_ for _, id_, kind, *_ in links if kind != Kind.Discipline.value} - known - set(front)
        )
    return walk
