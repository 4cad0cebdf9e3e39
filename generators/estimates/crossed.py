"""The combinations of two syllabi that a job could draw, counted before it begins."""

from collections.abc import Sequence
from dataclasses import replace

from generators.planning import supply
from generators.spaces.strata import CROSS_STRATA
from generators.spec import JobSpec
from graph.database import Database
from graph.jobs.past import Branch, Combinations
from graph.taxonomy.crossings import Pair

MOST_SYLLABI = 300
"""Whose crossings an estimate counts; finding the partners of one takes some milliseconds."""


async def with_crossings(
    database: Database, spec: JobSpec, branches: Sequence[Branch], reach: Combinations
) -> Combinations:
    """The reach with the strata of crossings at the end, if the job wants any; exact, each pair once."""
    if not spec.cross_share:
        return reach
    if not any(spec.weights()):
        # Whether the combinations of single syllabi are counted does not matter to such a job.
        reach = replace(reach, counted=reach.syllabi)
    if reach.syllabi > MOST_SYLLABI:
        return replace(reach, crossings=None)
    rooms: dict[Pair, supply.Room] = {}
    for branch in branches:
        for room in await supply.across(database, spec, branch.id):
            if room.pair:
                rooms.setdefault(room.pair, room)
    totals = [float(spec.laps * sum(r.capacity[n] for r in rooms.values())) for n in range(len(CROSS_STRATA))]
    left = [sum(room.free[n] for room in rooms.values()) for n in range(len(CROSS_STRATA))]
    drawn = [int(total) - free for total, free in zip(totals, left, strict=True)]
    return replace(reach, totals=[*reach.totals, *totals], drawn=[*reach.drawn, *drawn], crossings=len(rooms))
