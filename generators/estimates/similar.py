"""Past jobs of this graph that are similar to a job: the same model, sampling, language and sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

from generators.method import AnyStep
from generators.models.settings import ModelSettings, resolve
from generators.spec import JobSpec, TaxonomySpec
from graph.jobs.past import PastJob

# Maximum similar jobs considered, the newest first.
SIMILAR_JOBS = 20


def call_seconds(before: Sequence[PastJob], similar: Sequence[str], step: AnyStep) -> float | None:
    """Mean seconds of a call of a step, from the newest similar job that recorded it; None if none did."""
    known = (job.timings[step] for job in before if job.id in similar and step in job.timings)
    return next(known, None)


def similar_jobs(
    before: Sequence[PastJob], spec: JobSpec, step: AnyStep, settings: ModelSettings
) -> list[str]:
    """Ids of the newest jobs whose calls of a step had the same model, sampling, language and sizes."""
    now = resolve(spec, settings)["steps"][step]
    found = [job.id for job in before if _same_calls(job, now, step) and _same_sizes(job, spec, step)]
    return found[:SIMILAR_JOBS]


def _same_calls(job: PastJob, now: dict[str, object], step: AnyStep) -> bool:
    then = job.resolved.get("steps", {}).get(step, {})
    if then.get("model") != now["model"] or then.get("sampling") != now["sampling"]:
        return False
    return now["model"] is not None or then.get("endpoint") == now["endpoint"]


def _crossed(strategies: Mapping[Any, float] | None) -> Mapping[Any, float] | None:
    """The shares of the strategies, if crossings are among them: their prompts are about twice as long."""
    return strategies if strategies and strategies.get("cross") else None


def _names(spec: Mapping[str, Any]) -> int:
    """Maximum names in a list of a job with this stored spec."""
    return TaxonomySpec.model_validate(spec.get("taxonomy") or {}).names


def _same_sizes(job: PastJob, spec: JobSpec, step: AnyStep) -> bool:
    """Whether everything that determines the length of prompts and replies is the same."""
    if step == "taxonomy":
        return job.spec.get("language") == spec.language and _names(job.spec) == spec.naming.names
    sizes: dict[AnyStep, tuple[str, ...]] = {
        "subjects": ("subjects_per_discipline", "queries_per_discipline"),
        "syllabi": ("sessions_per_syllabus", "concepts_per_session"),
        "questions": ("sessions_per_syllabus", "concepts_per_session"),
        "answers": (),
        "judge_questions": (),
        "judge_answers": (),
        "critiques": (),
        "refinements": (),
        "judge_pairs": (),
    }
    if step == "answers" and bool(job.spec.get("checks", {}).get("consensus")) != spec.checks.consensus:
        return False
    alike = all(job.spec.get(name) == getattr(spec, name) for name in sizes[step])
    alike = alike and (
        step != "questions" or _crossed(job.spec.get("strategies")) == _crossed(spec.strategies)
    )
    same_root = step == "questions" and job.root_id == spec.root_id
    return job.spec.get("language") == spec.language and (alike or same_root)
