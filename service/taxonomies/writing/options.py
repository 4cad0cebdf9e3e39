"""How a taxonomy is exported: the parameters of the endpoint and the options of the command."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.errors import Invalid
from graph.model import Kind, Status
from service.taxonomies.vocabulary import GLAN


class ExportFormat(StrEnum):
    """Formats of exports."""

    turtle = "turtle"
    rdfxml = "rdfxml"
    jsonld = "jsonld"
    ntriples = "ntriples"
    csv = "csv"
    ndjson = "ndjson"
    sssom = "sssom"


class Which(StrEnum):
    """accepted: what is accepted up to the node; all: whatever its status, and what was merged."""

    accepted = "accepted"
    all = "all"


@dataclass(frozen=True)
class ExportOptions:
    """How a taxonomy is exported; the defaults are those of the command."""

    which: Which = Which.accepted
    to: Kind = Kind.Discipline
    """The lowest kind that is exported."""
    languages: tuple[str, ...] = ()
    """Only labels and notes in these languages; names of no known language are in the first.
    All, if empty."""
    base: str = GLAN
    """What the ids of nodes without a URI are put behind."""

    @property
    def statuses(self) -> Sequence[Status]:
        """The statuses of exported nodes."""
        return (Status.accepted,) if self.which is Which.accepted else tuple(Status)

    def kinds(self, root: Kind) -> list[Kind]:
        """The kinds that are exported below a node of this kind; raises Invalid if it is lower."""
        order = list(Kind)
        if order.index(root) > order.index(self.to):
            raise Invalid(
                f"a {root} stands below what is exported; ask for it with to={root}, or further down"
            )
        return order[1 : order.index(self.to) + 1]
