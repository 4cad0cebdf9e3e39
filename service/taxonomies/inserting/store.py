"""What an insertion needs of the graph, and of the log of imports."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from graph.taxonomy.streams.import_facts import NewImport, NewProblems, Report
from service.taxonomies.inserting.parts import Item


class Store(Protocol):
    """The graph, as one import sees it. Whatever fails raises an error that ends the import."""

    def begin(self, new: NewImport) -> None:
        """Notes the import in the log; to be called before anything else of the log."""
        ...

    def keep(self, problems: Sequence[NewProblems]) -> None:
        """Keeps problems of the import."""
        ...

    def report(self, said: Report) -> None:
        """Notes how far the import is, or how it ended."""
        ...

    def insert(self, part: list[Item]) -> list[Item]:
        """Inserts items as POST /v1/nodes:bulk does; returns the answer to each, in order."""
        ...

    def find(self, **wanted: str) -> Item | None:
        """The first node with this uri, notation, or name and kind; `under`: a node that it is below."""
        ...

    def exported(self, top: str) -> Iterator[Item]:
        """All nodes from this one down to subjects, as an export has them, parents before children."""
        ...

    def child_of(self, node_id: str) -> Item | None:
        """A node below this one."""
        ...

    def propose_removal(self, node_id: str, why: str) -> str:
        """Proposes to remove a node; returns the state of the proposal, which may be there already."""
        ...

    def retire(self, node_id: str) -> None:
        """Retires a node."""
        ...
