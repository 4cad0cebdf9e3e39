"""Draws a job's personas from the graph: practitioners of its disciplines.

They are drawn once, when the job is planned, and stored in its spec, so that what is edited later changes no
instruction of the job. Which disciplines are drawn depends on their ids alone: as long as the graph has the
same disciplines, all jobs have the same personas.
"""

from generators.dials import OfDisciplines
from generators.spec import JobSpec
from graph.database import Database
from graph.errors import Conflict
from graph.model import digest
from graph.taxonomy import syllabi
from graph.text import normal_name

# Personas, besides the one that stands in for an instruction's own discipline.
DRAWN = 40
LONGEST_NAME = 200


async def resolved(database: Database, spec: JobSpec) -> JobSpec:
    """The spec with its personas drawn, if it wants them from the graph.

    Raises Conflict if the graph has fewer than two disciplines.
    """
    if spec.dials is None or not spec.dials.unresolved:
        return spec
    found: dict[str, str] = {}
    for _, name in sorted((digest("persona", id_), name) for id_, name in await syllabi.practised(database)):
        if len(name) <= LONGEST_NAME:
            found.setdefault(normal_name(name), name)
        if len(found) > DRAWN:
            break
    if len(found) < 2:
        raise Conflict(
            "personas of other disciplines need a graph with at least two; add disciplines, or give a list "
            "of personas"
        )
    dials = spec.dials.model_copy(update={"persona": OfDisciplines(disciplines=[*found.values()])})
    return spec.model_copy(update={"dials": dials})
