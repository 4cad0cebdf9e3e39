"""Which kind of node each concept becomes.

At the top a field, at the bottom a discipline or a subject, between them subfields. Where that leaves a
concept under one that may not contain it, the upper one is promoted, until nothing changes: kinds only ever
rise.
"""

from array import array
from collections.abc import Mapping

from graph.model import Kind
from service.taxonomies.options import Leaf
from service.taxonomies.planning.hierarchy import Hierarchy

KINDS = tuple(Kind)
SUBJECT, DISCIPLINE, SUBFIELD, FIELD = (
    KINDS.index(kind) for kind in (Kind.Subject, Kind.Discipline, Kind.Subfield, Kind.Field)
)


def kinds(hierarchy: Hierarchy, order: "array[int]", leaf: Leaf, given: Mapping[int, int]) -> bytearray:
    """The kind of each concept as a position in KINDS. `given`: those that the file names, which stay."""
    found = bytearray(hierarchy.size)
    heights = _heights(hierarchy, order)
    for node in order:
        is_root = next(hierarchy.up(node), None) is None
        found[node] = given.get(node, _first(is_root, heights[node], leaf))
    waiting, is_waiting = array("I", order), bytearray(b"\x01") * hierarchy.size
    while waiting:
        node = waiting.pop()
        is_waiting[node] = 0
        for changed in _promoted(hierarchy, found, node, given):
            for other in (changed, *hierarchy.above(changed), *hierarchy.below(changed)):
                if not is_waiting[other]:
                    is_waiting[other] = 1
                    waiting.append(other)
    return found


def _first(is_root: bool, height: int, leaf: Leaf) -> int:
    if is_root:
        return FIELD if height else DISCIPLINE
    if leaf is Leaf.discipline:
        return SUBFIELD if height else DISCIPLINE
    return (SUBJECT, DISCIPLINE)[height] if height < 2 else SUBFIELD


def _heights(hierarchy: Hierarchy, order: "array[int]") -> "array[int]":
    """The length of the longest way down from each concept; a leaf has 0."""
    found = array("I", bytes(4 * hierarchy.size))
    for node in reversed(order):
        for edge in hierarchy.up(node):
            parent = hierarchy.parents[edge]
            found[parent] = max(found[parent], found[node] + 1)
    return found


def _promoted(hierarchy: Hierarchy, found: bytearray, node: int, given: Mapping[int, int]) -> list[int]:
    """Promotes a concept, or what stands above it, where the upper one may not contain it."""
    changed: list[int] = []
    for parent in hierarchy.above(node):
        if found[node] == SUBJECT and found[parent] != DISCIPLINE and node not in given:
            found[node] = DISCIPLINE
            changed.append(node)
    for parent in hierarchy.above(node):
        if (
            found[node] in (DISCIPLINE, SUBFIELD)
            and found[parent] in (DISCIPLINE, SUBJECT)
            and parent not in given
        ):
            is_root = next(hierarchy.up(parent), None) is None
            found[parent] = FIELD if is_root else SUBFIELD
            changed.append(parent)
    return changed
