"""Plans what files become: taxonomies, and every concept with its kind, name and place, in a fixed order of
steps.

Selection, cycles, redundant edges, depth, kinds, names, homonyms: each step counts what it changes or
leaves out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.errors import Invalid
from graph.model import Kind
from service.taxonomies.options import KeyBy, OnCycle, Options
from service.taxonomies.planning import concepts, cycles, edges, items, limits, names, schemes
from service.taxonomies.planning.depth import MOST_TOPICS, Cut
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.planning.items import KEYS, Context, PlannedItem
from service.taxonomies.planning.kinds import KINDS, kinds
from service.taxonomies.planning.places import Places
from service.taxonomies.planning.redundant import Redundant
from service.taxonomies.planning.selection import Selection
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import INTERNAL, Role

MOST_LISTED = 1_000


@dataclass
class Plan:
    """What files become. `items` makes the nodes one by one; the figures are those of all of them."""

    context: Context
    taxonomies: list[dict[str, Any]]
    kinds: dict[str, int]
    keys: dict[KeyBy, int]
    """Numbers of concepts by what they are known by, the most common first."""
    languages: tuple[str, ...]
    concepts: int
    edges: int
    depth: int

    @property
    def key(self) -> KeyBy:
        """What most concepts are known by."""
        return next(iter(self.keys), KeyBy.uri)

    def items(self) -> Iterator[PlannedItem]:
        """The items, parents before children, children in the order of the file."""
        return items.items(self.context)


def plan(staging: Staging, options: Options, stem: str) -> Plan:
    """Plans what is staged. `stem`: the name for a taxonomy whose file gives it none.

    Raises Invalid if there are no concepts, no scheme that is asked for, or cycles that must not be.
    """
    names.literal_labels(staging)
    concepts.find(staging, options)
    languages = names.languages(staging, options)
    schemes.name_schemes(staging, languages, stem)
    chosen = schemes.chosen(staging, options, stem)
    hierarchy = edges.hierarchy(staging, options.top)
    limits.limit(staging)
    selection = Selection(staging, hierarchy)
    if options.schemes:
        selection.by_scheme(chosen)
    if options.skip:
        selection.by_name(options.skip)
    deprecated = selection.by_deprecation(options)
    _leave_out_empty(staging, hierarchy, selection)
    _break_cycles(staging, hierarchy, selection, options.on_cycle)
    redundant = {} if options.keep_redundant else _without_redundant(staging, hierarchy, selection)
    selection.limit_parents()
    given = _given_kinds(staging, hierarchy)
    topics: dict[int, list[int]] = {}
    if options.depth is not None:
        hierarchy, topics = _cut(staging, hierarchy, selection, options, given)
    found = kinds(hierarchy, hierarchy.order(), options.leaf, given)
    _leave_out_unplaced(staging, hierarchy, selection, found)
    names.name_all(staging, hierarchy, languages)
    if topics:
        _name_topics(staging, topics, languages)
    places = Places(staging, chosen, options, stem)
    places.settle(hierarchy, found)
    _tell_homonyms_apart(staging, hierarchy, found, places)
    _find_orphans(staging, hierarchy, selection)
    concepts.count_others(staging)
    context = Context(
        staging, hierarchy, found, places, languages, deprecated, options.deprecated, redundant, topics,
        _keys(staging, hierarchy.size, options.key),
    )  # fmt: skip
    return _counted(context)


def _leave_out_empty(staging: Staging, hierarchy: Hierarchy, selection: Selection) -> None:
    """Leaves out collections and schemes under which nothing stands."""
    added = [n for [n] in staging.rows("SELECT n FROM concept WHERE what <> 'concept'")]
    waiting = list(added)
    is_added = set(added)
    while waiting:
        node = waiting.pop()
        if hierarchy.active[node] and not hierarchy.below(node):
            waiting += [parent for parent in hierarchy.above(node) if parent in is_added]
            staging.drop("empty", selection.uri(node), "nothing stands under it")
            hierarchy.leave_out(node)


def _break_cycles(staging: Staging, hierarchy: Hierarchy, selection: Selection, on_cycle: OnCycle) -> None:
    tops = {n for [n] in staging.rows("SELECT n FROM membership WHERE top = 1")}
    found: list[str] = []

    def on_edge(child: int, parent: int) -> None:
        text = f"{_label(staging, child)} stands under {_label(staging, parent)}, which stands under it"
        staging.problem("cycle", selection.uri(child), f"{text}; that edge is left out")
        if len(found) < MOST_LISTED:
            found.append(text)

    def on_island(node: int) -> None:
        staging.problem(
            "island", selection.uri(node), f"{_label(staging, node)}: nothing leads into its cycle from above"
        )

    cycles.break_cycles(hierarchy, tops.__contains__, on_edge, on_island)
    if found and on_cycle is OnCycle.refuse:
        raise Invalid(f"concepts stand above themselves: {'; '.join(found)}")


def _label(staging: Staging, node: int) -> str:
    predicates = staging.predicates(Role.pref_label)
    id_, uri = next(staging.rows("SELECT id, uri FROM concept WHERE n = ?", [node]))
    found = next(
        staging.rows(
            f"SELECT value FROM fact WHERE s = ? AND p IN ({predicates}) ORDER BY lang <> 'en', value", [id_]
        ),
        None,
    )
    return f"{found[0]} <{uri}>" if found else f"<{uri}>"


def _without_redundant(staging: Staging, hierarchy: Hierarchy, selection: Selection) -> dict[int, list[int]]:
    """Leaves redundant edges out; returns the parents that each concept lost by that."""
    redundant, lost = Redundant(hierarchy), dict[int, list[int]]()
    for edge in list(redundant.edges()):
        child, parent = hierarchy.children[edge], hierarchy.parents[edge]
        hierarchy.gone[edge] = 1
        lost.setdefault(child, []).append(parent)
        staging.problem(
            "redundant", selection.uri(child), f"{selection.uri(parent)} stands above another parent of it"
        )
    if redundant.not_looked_at:
        staging.problem(
            "redundant", "", f"{redundant.not_looked_at:,} concepts with several parents were not looked at"
        )
    return lost


def _given_kinds(staging: Staging, hierarchy: Hierarchy) -> dict[int, int]:
    """The kinds that the file names."""
    by_name = {kind.value: n for n, kind in enumerate(KINDS)}
    rows = staging.rows(
        "SELECT concept.n, fact.value FROM fact JOIN concept ON concept.id = fact.s "
        f"WHERE fact.p IN ({staging.predicates(Role.own_kind)})"
    )
    return {n: by_name[value] for n, value in rows if value in by_name and hierarchy.active[n]}


def _cut(
    staging: Staging, hierarchy: Hierarchy, selection: Selection, options: Options, given: dict[int, int]
) -> tuple[Hierarchy, dict[int, list[int]]]:
    cut = Cut(hierarchy, options.depth or 1, options.below)
    for node in cut.deeper:
        if options.below is not options.below.subjects:
            staging.drop("depth", selection.uri(node), f"it lies below level {options.depth}")
    after, kinds_given = cut.apply(hierarchy)
    given |= kinds_given
    found: dict[int, list[int]] = {}
    for above, nodes in cut.topics():
        found[above] = nodes[:MOST_TOPICS]
        for node in nodes[MOST_TOPICS:]:
            staging.problem("too_large", selection.uri(node), f"over {MOST_TOPICS} topics of one discipline")
    return after, found


def _name_topics(staging: Staging, topics: dict[int, list[int]], languages: tuple[str, ...]) -> None:
    wanted = {node for nodes in topics.values() for node in nodes}
    names.name_some(staging, wanted, languages)


def _leave_out_unplaced(
    staging: Staging, hierarchy: Hierarchy, selection: Selection, found: bytearray
) -> None:
    """Leaves out edges between kinds that may not stand so, and concepts that have no place then."""
    for node in hierarchy.order():
        kind = KINDS[found[node]]
        all_edges = list(hierarchy.up(node))
        for edge in all_edges:
            parent = hierarchy.parents[edge]
            if not hierarchy.active[parent] or not KINDS[found[parent]].may_contain(kind):
                hierarchy.gone[edge] = 1
        has_place = next(hierarchy.up(node), None) is not None
        at_top = not all_edges and kind in (Kind.Field, Kind.Subfield, Kind.Discipline)
        if not has_place and not at_top:
            why = f"a {kind} cannot stand there; it stands under {' or '.join(kind.parents) or 'nothing'}"
            staging.problem("unplaced", selection.uri(node), why)
            staging.drop("unplaced", selection.uri(node), why)
            # Its children still have their edges, so that they are looked at in turn.
            hierarchy.active[node] = 0


def _tell_homonyms_apart(staging: Staging, hierarchy: Hierarchy, found: bytearray, places: Places) -> None:
    def rows() -> Iterator[tuple[int, int, int, str]]:
        for node, name in staging.rows("SELECT n, name FROM named ORDER BY n"):
            if hierarchy.active[node]:
                above = hierarchy.above(node) or list(places.numbers(node, hierarchy.size))
                yield from ((place, found[node], node, name) for place in above)

    homonyms = names.Homonyms(staging)
    homonyms.note(rows())

    def other_parent(node: int) -> str:
        above = hierarchy.above(node)
        if len(above) < 2:
            return ""
        return next(staging.rows("SELECT name FROM named WHERE n = ?", [above[1]]))[0]

    homonyms.tell_apart(found, other_parent)


def _find_orphans(staging: Staging, hierarchy: Hierarchy, selection: Selection) -> None:
    """Concepts that stand at the top although their scheme names others as its top."""
    tops = {n for [n] in staging.rows("SELECT n FROM membership WHERE top = 1")}
    if not tops:
        return
    added = {n for [n] in staging.rows("SELECT n FROM concept WHERE what <> 'concept'")}
    for node in hierarchy.roots():
        if node not in tops and node not in added:
            staging.problem(
                "orphan", selection.uri(node), "nothing stands above it, and it is not said to be at the top"
            )


def _counted(context: Context) -> Plan:
    """Counts what is planned, after every problem is known, also those of properties."""
    items.check(context)
    order = context.hierarchy.order()
    by_kind = Counter(KINDS[context.kinds[node]] for node in order)
    taxonomies = context.places.taxonomies
    by_kind[Kind.Taxonomy] += len(taxonomies)
    by_kind[Kind.Field] += sum(taxonomy.has_flat for taxonomy in taxonomies)
    edges_kept = sum(not gone for gone in context.hierarchy.gone)
    levels = context.hierarchy.shortest()
    return Plan(
        context,
        [{"name": taxonomy.name, "uri": taxonomy.shown_uri} for taxonomy in taxonomies],
        {kind.value: by_kind[kind] for kind in Kind if by_kind[kind]},
        {KEYS[key]: number for key, number in Counter(context.keys[node] for node in order).most_common()},
        context.languages,
        len(order),
        edges_kept,
        max((levels[node] for node in order), default=0),
    )


def _keys(staging: Staging, size: int, wanted: KeyBy | None) -> bytearray:
    """What each concept is known by: its URI, or a notation that no other has, or its path."""
    if wanted:
        return bytearray([KEYS.index(wanted)]) * size
    found = bytearray(size)
    rows = staging.rows(
        "SELECT n, notation IS NOT NULL AND notation NOT IN "
        "(SELECT notation FROM named WHERE notation IS NOT NULL GROUP BY notation HAVING count(*) > 1) "
        "FROM concept JOIN named USING (n) WHERE uri LIKE ? OR substr(uri, 1, 2) = '_:'",
        [f"{INTERNAL}%"],
    )
    for n, has_code in rows:
        found[n] = KEYS.index(KeyBy.notation if has_code else KeyBy.path)
    return found
