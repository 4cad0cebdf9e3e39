"""Redundant edges: those to a concept that stands above another parent already."""

from array import array
from collections.abc import Iterator

from service.taxonomies.planning.hierarchy import Hierarchy

MOST_STEPS = 20_000_000
"""Steps of all walks together; finding all redundant edges takes quadratic time where a hierarchy is made
so."""


class Redundant:
    """Finds the redundant edges of a hierarchy without cycles."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._levels = hierarchy.longest(hierarchy.order())
        self._seen = array("I", bytes(4 * hierarchy.size))
        self._steps = 0
        self.not_looked_at = 0
        """Concepts with several parents that were left as they are, because the steps were used up."""

    def edges(self) -> Iterator[int]:
        """The redundant edges; nothing must be left out while they are found."""
        for node in self._hierarchy.nodes():
            edges = list(self._hierarchy.up(node))
            if len(edges) < 2:
                continue
            if self._steps > MOST_STEPS:
                self.not_looked_at += 1
                continue
            above = self._above(node, [self._hierarchy.parents[edge] for edge in edges])
            yield from (edge for edge in edges if self._hierarchy.parents[edge] in above)

    def _above(self, node: int, parents: list[int]) -> set[int]:
        """Those of the parents that stand above another one."""
        wanted, found = set(parents), set[int]()
        lowest = min(self._levels[parent] for parent in parents)
        mark, waiting = node + 1, list(parents)
        while waiting:
            # A concept stands above another one only if its level is smaller.
            for parent in self._hierarchy.above(waiting.pop()):
                self._steps += 1
                if parent in wanted:
                    found.add(parent)
                if self._seen[parent] != mark and self._levels[parent] > lowest:
                    self._seen[parent] = mark
                    waiting.append(parent)
        return found
