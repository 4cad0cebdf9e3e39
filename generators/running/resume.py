"""Resumes a job, with its budget or a new one."""

from generators.models.settings import ModelSettings
from generators.spec import BudgetSpec, JobSpec
from graph.database import Database
from graph.jobs import jobs
from graph.jobs.job import Job


async def resume(
    database: Database, job_id: str, settings: ModelSettings, budget: BudgetSpec | None = None
) -> Job:
    """Resumes a job where it stopped; a new budget replaces the old one, and the change is recorded.

    Raises NotFound, Conflict if the job's state does not allow it, or NoPrice for a budget in usd that cannot
    be enforced.
    """
    if budget is None:
        return await jobs.act(database, job_id, "resume")
    job = await jobs.get(database, job_id)
    before = JobSpec.model_validate(job.spec)
    spec = before.model_copy(update={"budget": budget})
    settings.require_prices(spec)
    if spec.budget == before.budget:
        return await jobs.act(database, job_id, "resume")
    change = f"continued with budget: {_told(before.budget)} -> {_told(budget)}"
    return await jobs.act(
        database, job_id, "resume", spec=spec.model_dump_json(exclude_none=True), change=change
    )


def _told(budget: BudgetSpec | None) -> str:
    limits = budget.model_dump(exclude_none=True) if budget else {}
    return ", ".join(f"{value} {name}" for name, value in limits.items()) or "none"
