"""How many nodes are below a node, by kind: the disciplines by walking, what is below them as it is kept."""

from collections import Counter
from collections.abc import Mapping, Sequence

import networkx as nx

from graph.database import Database
from graph.model import UPPER, Kind, Status
from graph.queries import load
from graph.rollups import count, kept

UPPER_LEVEL = load("node.upper_level")

Counts = dict[str, int]
"""Nodes that are not retired, by kind."""


async def below(database: Database, kinds: Mapping[str, Kind]) -> dict[str, Counts]:
    """The counts below each of some nodes, given with their kinds; each node counts once."""
    upper = [id_ for id_, kind in kinds.items() if kind in UPPER]
    lower = [id_ for id_ in kinds if kinds[id_] not in UPPER]
    found = await count.present(database, {id_: [id_] for id_ in lower}) if lower else {}
    if upper:
        found |= await _below_upper(database, upper, kinds)
    return {id_: {kind: n for kind, n in counted.items() if n} for id_, counted in found.items()}


async def _below_upper(
    database: Database, ids: Sequence[str], kinds: Mapping[str, Kind]
) -> dict[str, Counter[str]]:
    links, nodes = await _upper(database, ids)
    disciplines = {id_ for id_, kind in kinds.items() if kind is Kind.Discipline}
    disciplines |= {id_ for id_, (kind, _) in nodes.items() if kind == Kind.Discipline.value}
    known = await kept.of(database, sorted(disciplines))
    found: dict[str, Counter[str]] = {}
    for id_ in ids:
        reached: set[str] = nx.descendants(links, id_)  # pyright: ignore[reportUnknownMemberType]
        counted = Counter(nodes[n][0] for n in reached if nodes[n][1] != Status.retired)
        counted.update((await known.total(database, (reached | {id_}) & disciplines)).present)
        found[id_] = counted
    return found


async def _upper(
    database: Database, ids: Sequence[str]
) -> "tuple[nx.DiGraph[str], dict[str, tuple[str, str]]]":
    """The links from some nodes down to the disciplines, and kind and status of what is below."""
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(ids)
    nodes: dict[str, tuple[str, str]] = {}
    front, seen = set(ids), set[str]()
    while front:
        seen |= front
        rows = await database.read(UPPER_LEVEL, batch={"ids": sorted(front)})
        for row in rows:
            links.add_edge(row["parent_id"], row["id"])
            nodes[row["id"]] = (row["kind"], row["status"])
        front = nodes.keys() - seen
    return links, nodes
