"""Finds the node of a taxonomy that a text means, for tables that are matched in OpenRefine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rapidfuzz.fuzz import ratio

from graph.database import Database
from graph.errors import Invalid
from graph.model import Kind, Node, Status
from graph.name_keys import name_key
from graph.proposals.name_guards import BRACKETED, ordered_alike, qualified_alike
from graph.taxonomy.walking import search
from graph.text import normal_name

LOOKED_AT = 25
"""Nodes of a search that are looked at."""
MEANT = (Status.proposed, Status.accepted)
SURE, SAME, SAME_KEY, OTHER_NAME, MOST_ALIKE = 100.0, 95.0, 90.0, 80.0, 75.0
IDENTIFIED, SPELLED, CALLED, ALIKE = 1, 2, 3, 4


@dataclass(frozen=True)
class Candidate:
    """A node that may be meant: tier as in searches for duplicates, score 0 to 100."""

    node: Node
    tier: int
    score: float
    alike: float
    """Similarity of the names, 0 to 100."""
    match: bool = False
    """Whether it is certain; true of one candidate at most."""


async def candidates(
    database: Database,
    taxonomy_id: str,
    text: str,
    *,
    kinds: Sequence[Kind] = (),
    identifiers: Sequence[str] = (),
    limit: int = 10,
) -> list[Candidate]:
    """The nodes that a text may mean, the best first.

    `identifiers`: URIs and notations that the node has. One of these decides; else one name alone that is the
    same but for its spelling.
    """
    found: dict[str, Candidate] = {}
    for identifier in dict.fromkeys((text, *identifiers)):
        for node in await _identified(database, taxonomy_id, identifier):
            found[node.id] = Candidate(node, IDENTIFIED, SURE, ratio(name_key(text), name_key(node.name)))
    plain = BRACKETED.sub(" ", text)
    for asked in dict.fromkeys((text, plain, name_key(text))):
        if any(one.tier == SPELLED for one in found.values()):
            break
        for node in await _named(database, taxonomy_id, asked):
            found.setdefault(node.id, _judged(text, node))
    wanted = [one for one in found.values() if not kinds or one.node.kind in kinds]
    best = sorted(wanted, key=lambda one: (-one.score, -one.alike, one.node.id))
    return [*_matched(best)][:limit]


async def _identified(database: Database, taxonomy_id: str, identifier: str) -> list[Node]:
    wanted: dict[str, Any] = {"under": taxonomy_id, "statuses": MEANT, "limit": 2}
    if not identifier or len(identifier) > 1_000:
        return []
    by_uri = await search.identified(database, uri=identifier, notation=None, **wanted)
    if by_uri.items:
        return by_uri.items
    return (await search.identified(database, uri=None, notation=identifier, **wanted)).items


async def _named(database: Database, taxonomy_id: str, text: str) -> list[Node]:
    try:
        found = await search.search(database, text, under=taxonomy_id, statuses=MEANT, limit=LOOKED_AT)
    except Invalid:  # nothing visible to search for
        return []
    return found.items


def _judged(text: str, node: Node) -> Candidate:
    key, own = name_key(text), name_key(node.name)
    alike = ratio(key, own)
    if normal_name(text) == normal_name(node.name):
        return Candidate(node, SPELLED, SAME, alike)
    if key and key == own and ordered_alike(text, node.name):
        return Candidate(node, SPELLED, SAME_KEY, alike)
    if key in map(name_key, _other_names(node)) and qualified_alike(text, node.name):
        return Candidate(node, CALLED, OTHER_NAME, alike)
    return Candidate(node, ALIKE, MOST_ALIKE * alike / 100, alike)


def _other_names(node: Node) -> Iterator[str]:
    for name, value in node.properties.items():
        if name.startswith(("altLabel", "prefLabel")):
            for label in cast(list[Any], value) if isinstance(value, list) else [value]:
                if isinstance(label, str):
                    yield label


def _matched(best: Sequence[Candidate]) -> Iterator[Candidate]:
    """The candidates; the only one of tier 1, or else the only one of tier 2, is certain."""
    tiers = [one.tier for one in best]
    certain = IDENTIFIED if IDENTIFIED in tiers else SPELLED
    for one in best:
        match = one.tier == certain and tiers.count(certain) == 1
        yield Candidate(one.node, one.tier, one.score, one.alike, match)
