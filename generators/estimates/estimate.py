"""Estimates a job before it begins: calls, tokens and cost, and whether its combinations suffice.

Each step is estimated from what similar calls in this graph used, or else from its own prompts.
"""

from pydantic import BaseModel, Field

from generators.estimates import warnings
from generators.estimates.crossed import with_crossings
from generators.estimates.names import lists_of
from generators.estimates.use import Counts, StepEstimate, Use, seconds_of, step_of, tokens_of, total_of
from generators.estimates.work import NONE, Reach, Work, reach_of, work_of
from generators.models.settings import ModelSettings, steps_of
from generators.planning import personas
from generators.planning.plan import growable, no_discipline, require_partners
from generators.spaces.strata import STRATA
from generators.spec import JobSpec
from graph.database import Database
from graph.jobs import past
from graph.jobs.past import Branch


class Estimate(BaseModel):
    """The likely use of a job; nothing is planned or paid for."""

    root_id: str = Field(description="Id of the node to grow")
    steps: list[StepEstimate] = Field(description="One entry per step")
    total: Use
    seconds: Counts | None = Field(
        default=None, description="Estimated from similar calls in this graph; null if there are none"
    )
    combinations: Reach
    usd_budget: bool = Field(
        description="Whether a budget in usd can be kept, which needs the price of every model used"
    )
    notes: list[str] = Field(description="Assumptions, unknowns, and problems to solve first")


async def estimate(database: Database, spec: JobSpec, settings: ModelSettings) -> Estimate:
    """The estimate for a job. Raises NotFound and Conflict as planning the job would; writes nothing."""
    if spec.proposes:
        return await _of_names(database, spec, settings)
    branches = await _branches(database, spec.root_id)
    require_partners(spec, branches[0].kind)
    spec = await personas.resolved(database, spec)
    before = await past.recent_jobs(database)
    reach = await past.combinations(database, spec.root_id, [str(s) for s in STRATA], spec.laps)
    reach = await with_crossings(database, spec, branches, reach)
    work = await work_of(database, spec, branches, before, reach, settings)
    steps = [
        await step_of(database, spec, step, work, before, reach, settings)
        for step in steps_of(spec)
        if spec.does(step) and work.samples(step).high > 0
    ]
    seen = reach_of(spec, reach, work.instructions)
    said = [
        *warnings.of_work(spec, work.fresh, work.lists, work.subjects, work.syllabi),
        *warnings.of_reach(spec, reach, seen.left, work.instructions, work.syllabi),
    ]
    return _estimate(spec, settings, steps, seen, said)


async def _of_names(database: Database, spec: JobSpec, settings: ModelSettings) -> Estimate:
    """The estimate for a job of the step taxonomy, which draws no combinations."""
    lists, said = await lists_of(database, spec)
    before = await past.recent_jobs(database)
    nothing = past.Combinations(0, 0, [], [], [])
    work = Work(NONE, NONE, NONE, NONE, [], 0, lists)
    steps = [await step_of(database, spec, "taxonomy", work, before, nothing, settings)] if lists.high else []
    seen = Reach(capacity=None, drawn=0, wanted=0)
    return _estimate(spec, settings, steps, seen, said)


def _estimate(
    spec: JobSpec, settings: ModelSettings, steps: list[StepEstimate], seen: Reach, said: list[str]
) -> Estimate:
    total = total_of(steps)
    said = [
        *said,
        *warnings.of_prices(settings, spec, [step.step for step in steps]),
        *warnings.of_basis([step.step for step in steps if step.basis == "prompts"]),
        *warnings.of_budget(spec, total.calls.expected, tokens_of(total), total.usd and total.usd.expected),
    ]
    return Estimate(
        root_id=spec.root_id,
        steps=steps,
        total=total,
        seconds=seconds_of(steps, settings.concurrency),
        combinations=seen,
        usd_budget=total.usd is not None,
        notes=said,
    )


async def _branches(database: Database, root_id: str) -> list[Branch]:
    """The branches that planning would make. Raises NotFound and Conflict as planning does."""
    root = await growable(database, root_id)
    branches = await past.branches(database, root_id)
    if not branches:
        raise no_discipline(root)
    return branches
