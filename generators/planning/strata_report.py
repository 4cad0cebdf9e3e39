"""How a job's planned instructions are spread over strata, compared with the shares it asked for."""

from collections.abc import Collection, Iterable

from pydantic import BaseModel, Field

from generators.planning.apportion import apportion
from generators.spaces.strata import ALL_STRATA
from generators.spec import JobSpec
from graph.jobs.units import PlannedOfStratum


class StratumReport(BaseModel):
    """One stratum of a job: strategy and number of concepts, such as single:3."""

    weight: float = Field(description="Share of the target by the job's strategies and concepts, 0 to 1")
    planned: int = Field(description="Instructions planned so far")
    moved: int = Field(
        description="Planned beyond what the weight alone gives: below 0 where the combinations did not "
        "suffice, and others got the rest"
    )
    exhausted: bool = Field(description="Whether none of its combinations is left below the root")


def strata_report(
    spec: JobSpec, rows: Iterable[PlannedOfStratum], exhausted: Collection[str]
) -> dict[str, StratumReport]:
    """The strata that are wanted or planned, in the order of ALL_STRATA.

    `rows` are those of graph.jobs.units.strata, `exhausted` those of graph.coverage.exhausted.
    """
    planned = {row["stratum"]: row["planned"] for row in rows}
    weights = spec.all_weights()
    counts = [planned.get(str(stratum), 0) for stratum in ALL_STRATA]
    by_weight = apportion(weights, sum(counts))
    return {
        str(stratum): StratumReport(
            weight=weight / sum(weights),
            planned=count,
            moved=count - goal,
            exhausted=str(stratum) in exhausted,
        )
        for stratum, weight, count, goal in zip(ALL_STRATA, weights, counts, by_weight, strict=True)
        if weight or count
    }
