"""Reads a subtree, or which of its concepts are covered together, for `concepts` and `formats`.

The subtree is walked level by level, each node once. One that is too large is refused as soon as this is
known, before more than ids, kinds and links has been read.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from graph.analysis.concepts import Concept, Cooccurrence
from graph.analysis.formats import Link, Member, Subtree
from graph.database import Database, Row
from graph.errors import Invalid
from graph.model import RESERVED, Kind, Node, Status
from graph.queries import Query, load
from graph.rollups import nodes_below
from graph.taxonomy import nodes
from graph.taxonomy.walking.traversal import PRESENT

LINKS = load("analysis.links")
NODES = load("analysis.nodes")
CONCEPTS = load("analysis.concepts")
TOGETHER = load("analysis.together")

# A discipline of GLAN has 18,500 nodes with 22,000 links; its concepts have 240,000 links to instructions.
LARGEST = 25_000
MOST_LINKS = 100_000
MOST_COVERING = 400_000
BATCH = 1_000


@dataclass
class _Walk:
    """What was found below a node so far: kinds by id, and the links."""

    top: Node
    kinds: dict[str, Kind] = field(default_factory=dict[str, Kind])
    links: list[Link] = field(default_factory=list[Link])

    def take(self, rows: Sequence[Row]) -> list[str]:
        """Adds the links of one level; returns the ids seen for the first time."""
        fresh: dict[str, Kind] = {}
        for row in rows:
            if row["target"] not in self.kinds:
                fresh[row["target"]] = Kind(row["kind"])
            self.links.append(Link(row["source"], row["target"], row["position"]))
        self.kinds |= fresh
        return list(fresh)

    def require_room(self, expected: int = 0) -> None:
        """Raises Invalid if the walk has too many nodes or links, or is expected to have too many nodes."""
        if max(len(self.kinds), expected) > LARGEST:
            self._refuse(f"{LARGEST:,} nodes")
        if len(self.links) > MOST_LINKS:
            self._refuse(f"{MOST_LINKS:,} links")

    def _refuse(self, limit: str) -> NoReturn:
        raise Invalid(
            f"over {limit}, which is the limit, have to be read below {self.top.kind} {self.top.name!r}; "
            "take a smaller node, a smaller depth, or kinds further up, such as kind=Subject"
        )


async def subtree(
    database: Database,
    node_id: str,
    *,
    kinds: Sequence[Kind] = (),
    depth: int | None = None,
    statuses: Sequence[Status] = PRESENT,
) -> Subtree:
    """A node and the nodes below it, each once, with the links between them.

    A node whose status is not in `statuses` is left out, and so is everything reachable only through it.
    With `kinds`, only nodes of these kinds are kept, and nothing below the lowest of them is read.
    Raises NotFound, or Invalid if the subtree is too large.
    """
    walk = await _walk(database, node_id, kinds or tuple(Kind), depth, statuses)
    wanted = sorted(id_ for id_, kind in walk.kinds.items() if not kinds or kind in kinds)
    members = {m.id: m async for m in _members(database, wanted)}
    # A node that was removed during the reading leaves links without one of their ends.
    links = [link for link in walk.links if link.source in members and link.target in members]
    return Subtree(node_id, walk.top.name, list(members.values()), sorted(links, key=_in_order))


def _in_order(link: Link) -> tuple[str, int, str]:
    return link.source, -1 if link.position is None else link.position, link.target


async def cooccurrence(database: Database, node_id: str) -> Cooccurrence:
    """The concepts below a node, and for each pair the number of accepted instructions that cover both.

    Raises NotFound, or Invalid if there are too many concepts or too many instructions that cover them.
    """
    walk = await _walk(database, node_id, (Kind.KeyConcept,), None, PRESENT)
    ids = sorted(id_ for id_, kind in walk.kinds.items() if kind is Kind.KeyConcept)
    concepts = [Concept(**row) async for row in _in_batches(database, CONCEPTS, ids)]
    covering = sum(concept.instructions for concept in concepts)
    if covering > MOST_COVERING:
        raise Invalid(
            f"the concepts below {walk.top.kind} {walk.top.name!r} are covered {covering:,} times, and "
            f"{MOST_COVERING:,} is the limit; take a smaller node"
        )
    places = {concept.id: n for n, concept in enumerate(concepts)}
    pairs = [
        (places[row["id"]], places[other], number)
        async for row in _in_batches(database, TOGETHER, [c.id for c in concepts if c.instructions])
        for other, number in zip(row["others"], row["instructions"], strict=True)
        # The other concept of an instruction drawn from two sessions may be outside the subtree.
        if other in places
    ]
    return Cooccurrence(node_id, walk.top.kind, walk.top.name, concepts, sorted(pairs))


async def _walk(
    database: Database, node_id: str, kinds: Sequence[Kind], depth: int | None, statuses: Sequence[Status]
) -> _Walk:
    top = await nodes.get(database, node_id)
    leading = _leading_to(kinds)
    walk = _Walk(top, {node_id: top.kind})
    if depth is None and {*statuses} >= {*PRESENT}:
        # The kept counts tell at once whether it is too large; finding out by reading would take seconds.
        below = (await nodes_below.below(database, {node_id: top.kind})).get(node_id, {})
        walk.require_room(sum(number for kind, number in below.items() if _stands_below(Kind(kind), leading)))
    front = [node_id] if top.kind in leading else []
    while front and (depth is None or depth > 0):
        [[found]] = await database.values(
            LINKS,
            front={"ids": front, "statuses": list(statuses)},
            limit=MOST_LINKS + 1 - len(walk.links),
        )
        front = [id_ for id_ in walk.take(found) if walk.kinds[id_] in leading]
        walk.require_room()
        depth = None if depth is None else depth - 1
    return walk


def _stands_below(kind: Kind, kinds: set[Kind]) -> bool:
    return any(parent in kinds for parent in kind.parents)


def _leading_to(kinds: Sequence[Kind]) -> set[Kind]:
    """The kinds below which, directly or further down, one of `kinds` may stand."""
    found = set[Kind]()
    fresh = set(kinds)
    while fresh:
        fresh = {Kind(parent) for kind in fresh for parent in kind.parents} - found
        found |= fresh
    return found


async def _members(database: Database, ids: Sequence[str]) -> AsyncIterator[Member]:
    async for row in _in_batches(database, NODES, ids):
        node = row["node"]
        yield Member(
            id=node["id"],
            kind=node["kind"],
            name=node["name"],
            status=node["status"],
            weight=node["weight"],
            instructions=row["instructions"],
            properties={name: value for name, value in node.items() if name not in RESERVED},
        )


async def _in_batches(database: Database, query: Query, ids: Sequence[str]) -> AsyncIterator[Row]:
    for start in range(0, len(ids), BATCH):
        # In a map, because Neo4j plans a query again for each size of a list among its parameters.
        [[found]] = await database.values(query, batch={"ids": list(ids[start : start + BATCH])})
        for row in found:
            yield row
