"""The seal of a node: it stands for everything that is shown of it, including version and parents."""

from collections.abc import Sequence

from graph.database import Row, Sealed, seal_of
from graph.model import RESERVED, Properties
from graph.queries import load

SHOWN = ("name", "description", "status", "weight", "version", "parents")
# Like free properties, so that seals of nodes that have neither stay what they were.
IDENTIFIERS = ("uri", "notation")


def seal_of_node(node: Row) -> int:
    """The seal that fits a node as the queries return it."""
    free = {name: value for name, value in node.items() if name not in RESERVED or name in IDENTIFIERS}
    return seal_of([node.get(name) for name in SHOWN], free)


def seal_of_new(own: Properties, parents: Sequence[str]) -> int:
    """The seal of a node that will be inserted with these properties under these parents."""
    return seal_of_node(own | {"version": 1, "parents": sorted(parents)})


NODES = Sealed("node", "id", load("node.lock"), load("node.seal"), seal_of_node)
