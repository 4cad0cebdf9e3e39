"""How many lists of names a job of the step taxonomy will ask for.

How many nodes a level has is known only once it is complete, and each of them gets lists of its own: of three
levels the number of lists is known to a factor of ten.
"""

from generators.estimates.from_prompts import Span, names_of
from generators.planning import proposing
from generators.spec import JobSpec
from graph.database import Database
from graph.model import Kind
from graph.taxonomy import naming

# Exponents with which the distinct names of several lists grow with their number, by how alike the lists are.
MORE_NAMES = Span(0.0, 0.35, 0.8)
# Share of the new names that are missing below nodes that have children already.
FULL = 0.5
# Share of proposed nodes with the least support for lists of their own, if that is more than one.
SUPPORTED = Span(0.1, 0.5, 1.0)


async def lists_of(database: Database, spec: JobSpec) -> tuple[Span, list[str]]:
    """Lists of names to ask for, and notes on what was assumed. Raises NotFound and Conflict as planning."""
    root = await proposing.proposable(database, spec.root_id)
    lists, new, said = Span(0, 0, 0), Span(0, 0, 0), list[str]()
    for kind in proposing.levels_of(root, spec):
        there, bare = await naming.count(database, root.id, kind, spec.naming.min_support)
        # Disciplines are not asked for at a field that gets sub-fields now.
        kept = 0 if new.high and kind is Kind.Discipline else there
        places = new.plus(Span(kept, there, there)).whole()
        lists = lists.plus(places.times(Span.exactly(spec.naming.samples)))
        if new.high:
            said.append(
                f"{_called(kind)} are asked for at {places.low:,.0f} to {places.high:,.0f} nodes; how many "
                "are proposed until then is assumed"
            )
        # What has children may have all that there are.
        full = there - bare
        open_ = Span(places.low - min(kept, full), places.expected - full * FULL, places.high)
        new = open_.times(_distinct(spec))
    return lists, said


def _distinct(spec: JobSpec) -> Span:
    """New nodes below one that get lists of their own."""
    samples = spec.naming.samples
    each = names_of(spec).times(Span(*(samples**exponent for exponent in MORE_NAMES)))
    return each.times(SUPPORTED) if spec.naming.min_support > 1 else each


def _called(kind: Kind) -> str:
    return {Kind.Field: "fields", Kind.Subfield: "sub-fields"}.get(kind, "disciplines")
