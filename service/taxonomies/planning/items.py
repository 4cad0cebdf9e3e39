"""The planned items, parents before children: what a later step inserts."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from graph.model import Kind, Status
from service.taxonomies.options import Deprecated, KeyBy
from service.taxonomies.planning import properties
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.planning.kinds import KINDS
from service.taxonomies.planning.places import Places, Taxonomy
from service.taxonomies.planning.said import AT_ONCE, Related, Said, facts, uris
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import GLAN, INTERNAL, Role

# A line is as long as its terms and marks, in UTF-8 at most four times that; inner nodes have lines of
# their own.
SUSPECTS = f"""
WITH told(n, s, depth) AS (
    SELECT n, id, 0 FROM concept
    UNION ALL
    SELECT concept.n, fact.o, 1 FROM concept JOIN fact ON fact.s = concept.id AND fact.o IS NOT NULL
    JOIN node ON node.id = fact.o WHERE substr(node.uri, 1, 2) = '_:' OR fact.p IN ({{inner}})
)
SELECT DISTINCT n FROM (
    SELECT told.n FROM told JOIN fact ON fact.s = told.s LEFT JOIN node ON node.id = fact.o GROUP BY told.n
    HAVING sum(coalesce(length(fact.value), length(node.uri)) + {{longest}} + 400)
        > {properties.LARGEST_RDF // 4}
    OR max(told.depth = 1 AND substr(node.uri, 1, 2) = '_:')
    UNION ALL
    SELECT concept.n FROM concept JOIN fact ON fact.s = concept.id
    WHERE fact.p IN (SELECT id FROM node WHERE uri LIKE '{{own}}%')
) ORDER BY n
"""


KEYS = (KeyBy.uri, KeyBy.notation, KeyBy.path)


@dataclass
class PlannedItem:
    """A node as it would be inserted."""

    ref: str
    """What other items of the plan call it: its URI, or what stands for one."""
    uri: str
    """Empty if the file gives none."""
    name: str
    kind: Kind
    parents: list[str] = field(default_factory=list[str])
    """Refs of the parents, the home first."""
    notation: list[str] = field(default_factory=list[str])
    description: str = ""
    status: str = Status.accepted
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Weight and position, as the file gives them."""
    related: list[str] = field(default_factory=list[str])
    """Refs of earlier items that are related to it."""
    properties: dict[str, Any] = field(default_factory=dict[str, Any])
    is_made: bool = False
    """Whether it stands for no concept: a taxonomy, or the field of a flat list."""
    key: KeyBy = KeyBy.uri
    """What it is known by."""

    def as_json(self) -> dict[str, Any]:
        """The item as JSON."""
        return asdict(self)


@dataclass
class Context:
    """What is known of the concepts when items are made."""

    staging: Staging
    hierarchy: Hierarchy
    kinds: bytearray
    places: Places
    languages: tuple[str, ...]
    deprecated: bytearray
    retire: Deprecated
    redundant: dict[int, list[int]]
    topics: dict[int, list[int]]
    keys: bytearray
    """What each concept is known by, as a place in KEYS."""
    place: "array[int]" = field(default_factory=lambda: array("q"))
    """The place of each concept among the items; empty as long as they are not in order."""


def in_order(staging: Staging, hierarchy: Hierarchy) -> Iterator[int]:
    """The concepts with parents first, children as in the file, and as near to their parents as can be."""
    at = array("q", bytes(8 * hierarchy.size))
    for n, place in staging.rows("SELECT n, at FROM concept"):
        at[n] = place

    # Those of one place stay in the order of their numbers, in which they come.
    def sorted_(nodes: Iterable[int]) -> list[int]:
        return sorted(nodes, key=at.__getitem__)

    return hierarchy.walk(sorted_(hierarchy.roots()), lambda node: sorted_(hierarchy.below(node)))


def items(context: Context) -> Iterator[PlannedItem]:
    """All items of a plan: taxonomies, the fields made for flat lists, and concepts."""
    yield from (_taxonomy(context, taxonomy) for taxonomy in context.places.taxonomies)
    for taxonomy in context.places.taxonomies:
        if taxonomy.has_flat:
            yield PlannedItem(
                taxonomy.field_ref, "", taxonomy.field, Kind.Field, [taxonomy.ref], is_made=True,
                key=KeyBy.path,
            )  # fmt: skip
    order = array("q", in_order(context.staging, context.hierarchy))
    place = array("q", bytes(8 * context.hierarchy.size))
    for n, node in enumerate(order):
        place[node] = n
    context = replace(context, place=place)
    for start in range(0, len(order), AT_ONCE):
        yield from _items(context, order[start : start + AT_ONCE])


def check(context: Context) -> None:
    """Makes the items that may have problems of their own, so that these are known before any is used.

    Those are texts or statements that are long, own properties, and blank nodes within blank nodes.
    """
    staging = context.staging
    [longest] = next(
        staging.rows("SELECT max(length(uri)) FROM node WHERE id IN (SELECT DISTINCT p FROM fact)")
    )
    inner = staging.predicates(Role.xl_pref, Role.xl_alt, Role.xl_hidden)
    rows = staging.rows(SUSPECTS.format(longest=longest or 0, inner=inner or "NULL", own=GLAN))
    suspects = [int(node) for [node] in rows if context.hierarchy.active[node]]
    for start in range(0, len(suspects), AT_ONCE):
        for _ in _items(context, suspects[start : start + AT_ONCE]):
            pass
    for taxonomy in context.places.taxonomies:
        _taxonomy(context, taxonomy)


def _taxonomy(context: Context, taxonomy: Taxonomy) -> PlannedItem:
    item = PlannedItem(taxonomy.ref, taxonomy.shown_uri, taxonomy.name, Kind.Taxonomy, is_made=True)
    item.key = KeyBy.uri if item.uri else KeyBy.path
    row = next(context.staging.rows("SELECT id FROM scheme WHERE k = ?", [taxonomy.scheme.number]), None)
    if row:
        said = facts(context.staging, row, places_too=False)[row[0]]
        found = properties.Properties(context.staging, said, taxonomy.ref, context.languages)
        item.notation, item.description, item.properties = found.notation, found.description, found.checked()
    return item


def _items(context: Context, nodes: Sequence[int]) -> Iterator[PlannedItem]:
    """The items of some concepts, in the order given."""
    said = Said(context.staging, nodes)
    above = {node: context.hierarchy.above(node) for node in nodes}
    refs = uris(context.staging, {parent for parents in above.values() for parent in parents})
    for node in nodes:
        parents = [refs[parent] for parent in above[node]] or context.places.above(node)
        yield _item(context, node, said, parents)


def _item(context: Context, node: int, said: Said, parents: list[str]) -> PlannedItem:
    staging = context.staging
    id_, uri, name, missing = said.heads[node]
    found = properties.Properties(staging, said.facts[id_], uri, context.languages)
    kept = found.checked()
    item = PlannedItem(
        uri, "" if uri.startswith((INTERNAL, "_:")) else uri, name, KINDS[context.kinds[node]], parents,
        found.notation, found.description, key=KEYS[context.keys[node]],
    )  # fmt: skip
    item.status = str(found.fields.pop("status", item.status))
    item.fields = found.fields
    if missing:
        kept["nameMissing"] = True
    if context.deprecated[node]:
        kept["deprecated"] = True
        if context.retire is Deprecated.retire:
            item.status = Status.retired
    if node in context.redundant:
        lost = uris(staging, context.redundant[node])
        kept["broaderRedundant"] = [lost[parent] for parent in context.redundant[node]]
    if node in context.topics:
        kept["topics"] = _names(staging, context.topics[node])
    item.related, outside = _related(context, said.related.get(id_, ()), node)
    if outside:
        kept["related"] = outside
    item.properties = kept
    return item


def _names(staging: Staging, nodes: list[int]) -> list[str]:
    names = (next(staging.rows("SELECT name FROM named WHERE n = ?", [node]))[0] for node in nodes)
    return list(dict.fromkeys(names))


def _related(context: Context, rows: Iterable[Related], node: int) -> tuple[list[str], list[str]]:
    """The concepts related to one: those before it, as either of the two says, and those not in the plan."""
    inside, outside = dict[str, None](), dict[str, None]()
    for uri, other, is_named in rows:
        if other is not None and context.hierarchy.active[other]:
            if context.place and context.place[other] < context.place[node]:
                inside[uri] = None
        elif is_named:
            outside[uri] = None
    return [*inside], [*outside]
