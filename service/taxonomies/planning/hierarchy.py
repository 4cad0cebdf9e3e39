"""Which concept stands under which: edges between numbers."""

from array import array
from collections.abc import Callable, Iterable, Iterator


class Hierarchy:
    """Edges from children to parents, sorted; an edge is known by its position.

    `active` holds 1 for each concept that is planned, `gone` 1 for each edge that is left out.
    """

    def __init__(self, size: int, edges: Iterable[tuple[int, int]]) -> None:
        """`edges`: pairs of child and parent, sorted, each once."""
        self.size = size
        self.children = array("I")
        self.parents = array("I")
        for child, parent in edges:
            self.children.append(child)
            self.parents.append(parent)
        self.gone = bytearray(len(self.children))
        self.active = bytearray(b"\x01") * size
        self._up = _offsets(self.children, size)
        self._down = _offsets(self.parents, size)
        self._by_parent = self._sorted_by_parent()

    def _sorted_by_parent(self) -> "array[int]":
        free = array("I", self._down)
        order = array("I", bytes(4 * len(self.children)))
        for edge, parent in enumerate(self.parents):
            order[free[parent]] = edge
            free[parent] += 1
        return order

    def up(self, node: int) -> Iterator[int]:
        """The edges to a concept's parents."""
        return (edge for edge in range(self._up[node], self._up[node + 1]) if not self.gone[edge])

    def down(self, node: int) -> Iterator[int]:
        """The edges from a concept's children, in the order of their numbers."""
        order = self._by_parent
        found = (order[n] for n in range(self._down[node], self._down[node + 1]))
        return (edge for edge in found if not self.gone[edge])

    def above(self, node: int) -> list[int]:
        """The parents of a concept."""
        return [self.parents[edge] for edge in self.up(node)]

    def below(self, node: int) -> list[int]:
        """The children of a concept."""
        return [self.children[edge] for edge in self.down(node)]

    def nodes(self) -> Iterator[int]:
        """The concepts that are planned."""
        return (node for node in range(self.size) if self.active[node])

    def roots(self) -> Iterator[int]:
        """The concepts that are planned and have no parent."""
        return (node for node in self.nodes() if next(self.up(node), None) is None)

    def leave_out(self, node: int) -> None:
        """Leaves out a concept with its edges."""
        self.active[node] = 0
        for edge in range(self._up[node], self._up[node + 1]):
            self.gone[edge] = 1
        for n in range(self._down[node], self._down[node + 1]):
            self.gone[self._by_parent[n]] = 1

    def order(self) -> "array[int]":
        """The concepts that are planned, parents first; those on cycles, and below them, are not in it."""
        waiting = array("I", bytes(4 * self.size))
        for edge, child in enumerate(self.children):
            waiting[child] += not self.gone[edge]
        found = array("I", (node for node in self.nodes() if not waiting[node]))
        at = 0
        while at < len(found):
            for edge in self.down(found[at]):
                child = self.children[edge]
                waiting[child] -= 1
                if not waiting[child]:
                    found.append(child)
            at += 1
        return found

    def walk(self, roots: Iterable[int], below: Callable[[int], list[int]]) -> Iterator[int]:
        """The concepts with parents first, and as near to their parents as can be.

        `roots`, and what `below` gives of a concept, its children, are in the order wanted.
        """
        waiting = array("I", bytes(4 * self.size))
        for edge, child in enumerate(self.children):
            waiting[child] += not self.gone[edge]
        stack = array("I", roots)
        stack.reverse()
        while stack:
            node = stack.pop()
            yield node
            ready: list[int] = []
            for child in below(node):
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
            stack.extend(reversed(ready))

    def longest(self, order: "array[int]") -> "array[int]":
        """The length of the longest way from a root to each concept; a root has 0."""
        levels = array("I", bytes(4 * self.size))
        for node in order:
            level = levels[node] + 1
            for edge in self.down(node):
                child = self.children[edge]
                levels[child] = max(levels[child], level)
        return levels

    def shortest(self) -> "array[int]":
        """The number of concepts on the shortest way from a root to each concept; a root has 1."""
        levels = array("I", bytes(4 * self.size))
        found = array("I", self.roots())
        for root in found:
            levels[root] = 1
        at = 0
        while at < len(found):
            for edge in self.down(found[at]):
                child = self.children[edge]
                if not levels[child]:
                    levels[child] = levels[found[at]] + 1
                    found.append(child)
            at += 1
        return levels


def _offsets(ends: "array[int]", size: int) -> "array[int]":
    """Where the edges of each concept begin, for edges sorted by `ends`."""
    found = array("I", bytes(4 * (size + 1)))
    for node in ends:
        found[node + 1] += 1
    for node in range(size):
        found[node + 1] += found[node]
    return found
