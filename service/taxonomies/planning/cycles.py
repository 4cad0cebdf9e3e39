"""Cycles: concepts that stand above themselves. In each, the edge that closes a walk from the top is left
out.

The strongly connected components are Tarjan's, without recursion. A component has ways in: declared top
concepts,
and concepts with a parent outside. One without any is an island, and is opened at its lowest number.
"""

from array import array
from collections.abc import Callable, Iterator

from service.taxonomies.planning.hierarchy import Hierarchy

UNSEEN = 0


def break_cycles(
    hierarchy: Hierarchy, is_top: Callable[[int], bool], on_edge: Callable[[int, int], None],
    on_island: Callable[[int], None],
) -> None:  # fmt: skip
    """Leaves edges out until no concept stands above itself.

    `on_edge` is told child and parent of each edge that is left out, `on_island` where an island is opened.
    """
    for component in components(hierarchy):
        inside = set(component)
        starts = [node for node in component if is_top(node)]
        starts += [
            node for node in component if any(parent not in inside for parent in hierarchy.above(node))
        ]
        if not starts:
            starts = component[:1]
            on_island(starts[0])
        for edge in list(_closing(hierarchy, inside, starts)):
            hierarchy.gone[edge] = 1
            on_edge(hierarchy.children[edge], hierarchy.parents[edge])


def _closing(hierarchy: Hierarchy, inside: set[int], starts: list[int]) -> Iterator[int]:
    """The edges that lead back to a concept that the walk is just below."""
    ended: dict[int, bool] = {}
    for start in starts:
        if start in ended:
            continue
        ended[start] = False
        walk = [(start, hierarchy.down(start))]
        while walk:
            node, edges = walk[-1]
            edge = next(edges, None)
            if edge is None:
                ended[node] = True
                walk.pop()
                continue
            child = hierarchy.children[edge]
            if child not in inside:
                continue
            if child not in ended:
                ended[child] = False
                walk.append((child, hierarchy.down(child)))
            elif not ended[child]:
                yield edge


def components(hierarchy: Hierarchy) -> list[list[int]]:
    """The strongly connected components of two concepts and more, each sorted."""
    in_order = bytearray(hierarchy.size)
    order = hierarchy.order()
    for node in order:
        in_order[node] = 1
    rest = [node for node in hierarchy.nodes() if not in_order[node]]
    return sorted(_tarjan(hierarchy, rest)) if rest else []


class _Tarjan:
    """What Tarjan's algorithm keeps of each concept."""

    def __init__(self, size: int) -> None:
        self.index = array("I", bytes(4 * size))
        self.low = array("I", bytes(4 * size))
        self.on_stack = bytearray(size)
        self.stack: list[int] = []
        self.count = 0

    def enter(self, node: int) -> None:
        """Meets a concept for the first time."""
        self.count += 1
        self.index[node] = self.low[node] = self.count
        self.stack.append(node)
        self.on_stack[node] = 1

    def taken(self, node: int) -> list[int]:
        """Takes the component that ends at `node` from the stack."""
        found: list[int] = []
        while True:
            last = self.stack.pop()
            self.on_stack[last] = 0
            found.append(last)
            if last == node:
                return sorted(found)


def _tarjan(hierarchy: Hierarchy, nodes: list[int]) -> Iterator[list[int]]:
    state = _Tarjan(hierarchy.size)
    for start in nodes:
        if state.index[start] != UNSEEN:
            continue
        state.enter(start)
        walk = [(start, hierarchy.down(start))]
        while walk:
            node, edges = walk[-1]
            edge = next(edges, None)
            if edge is not None:
                child = hierarchy.children[edge]
                if state.index[child] == UNSEEN:
                    state.enter(child)
                    walk.append((child, hierarchy.down(child)))
                elif state.on_stack[child]:
                    state.low[node] = min(state.low[node], state.index[child])
                continue
            walk.pop()
            if walk:
                above = walk[-1][0]
                state.low[above] = min(state.low[above], state.low[node])
            if state.low[node] == state.index[node] and len(component := state.taken(node)) > 1:
                yield component
