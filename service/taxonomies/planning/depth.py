"""Cuts a hierarchy at a level; what lies deeper becomes topics or subjects of what stands at the cut."""

from array import array
from collections.abc import Iterator

from service.taxonomies.options import Below
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.planning.kinds import DISCIPLINE, SUBJECT

MOST_TOPICS = 200


class Cut:
    """What lies below a level, counted in concepts on the shortest way from a root."""

    def __init__(self, hierarchy: Hierarchy, depth: int, below: Below) -> None:
        self._below = below
        self._levels = hierarchy.shortest()
        self._depth = depth
        self.holders: list[tuple[int, int]] = []
        """Pairs of a concept at the cut and one below it."""
        holder = array("I", bytes(4 * hierarchy.size))
        self.deeper = array("I")
        """What lies below the cut."""
        for node in _by_level(hierarchy, self._levels):
            if self._levels[node] <= depth:
                continue
            parents = [p for p in hierarchy.above(node) if self._levels[p] == self._levels[node] - 1]
            holders = parents if self._levels[node] == depth + 1 else [holder[parents[0]]]
            holder[node] = holders[0]
            self.holders += [(above, node) for above in holders]
            self.deeper.append(node)

    def apply(self, hierarchy: Hierarchy) -> tuple[Hierarchy, dict[int, int]]:
        """The hierarchy without what lies deeper, or with it as subjects; and the kinds that follow."""
        if self._below is not Below.subjects:
            for node in self.deeper:
                hierarchy.leave_out(node)
            return hierarchy, {}
        is_deeper = bytearray(hierarchy.size)
        for node in self.deeper:
            is_deeper[node] = 1
        edges = [
            (child, parent)
            for edge, (child, parent) in enumerate(zip(hierarchy.children, hierarchy.parents, strict=True))
            if not hierarchy.gone[edge] and not is_deeper[child]
        ]
        flat = Hierarchy(hierarchy.size, sorted([*edges, *((node, above) for above, node in self.holders)]))
        flat.active[:] = hierarchy.active
        kinds = {above: DISCIPLINE for above, _ in self.holders} | dict.fromkeys(self.deeper, SUBJECT)
        return flat, kinds

    def topics(self) -> Iterator[tuple[int, list[int]]]:
        """The concepts at the cut with those below them, at most MOST_TOPICS each, where they become
        topics."""
        if self._below is Below.topics:
            found: dict[int, list[int]] = {}
            for above, node in self.holders:
                found.setdefault(above, []).append(node)
            yield from found.items()


def _by_level(hierarchy: Hierarchy, levels: "array[int]") -> list[int]:
    return sorted(hierarchy.nodes(), key=lambda node: (levels[node], node))
