"""What a job is likely to take before it begins: calls, tokens and cost, and how far its combinations reach.

Each step is estimated from what similar calls in this graph really used, else from its own prompts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from generators import notes, typical
from generators.combinations import STRATA
from generators.method import STEPS, Step
from generators.models import ModelSettings, resolve
from generators.plan import growable, no_discipline
from generators.prices import Price
from generators.questions import Lesson
from generators.spec import JobSpec
from generators.typical import Sample, Span
from graph import coverage
from graph.database import Database
from graph.jobs import past
from graph.jobs.past import Branch, Combinations, PastJob, Typical
from graph.model import Kind
from graph.taxonomy import syllabi

# The newest similar jobs that are looked at, and the samples from which on they are believed.
SIMILAR_JOBS = 20
FEWEST_SAMPLES = 3
# Even where past calls hardly differ, other nodes may.
LEAST_MARGIN = 0.1
# Subjects that n lists give: 100 to 200 for ten (GLAN, section 2.2), 25 to 50 for the first.
SUBJECTS = Span(25, 37, 50)
LATER_LISTS = 0.6


class Counts(BaseModel):
    """Calls or tokens."""

    low: int = Field(default=0, description="At least about so many")
    expected: int = Field(default=0, description="Most likely")
    high: int = Field(default=0, description="At most about so many")


class Usd(BaseModel):
    """Cost in usd."""

    low: float = Field(default=0.0, description="At least about so much")
    expected: float = Field(default=0.0, description="Most likely")
    high: float = Field(default=0.0, description="At most about so much")


class Use(BaseModel):
    """What is likely to be used."""

    calls: Counts = Counts()
    prompt_tokens: Counts = Counts()
    completion_tokens: Counts = Counts()
    usd: Usd | None = Field(default=None, description="Null where the price of a model is not known")


class StepEstimate(Use):
    """What one step is likely to use."""

    step: Step = Field(description="The step of the method")
    model: str | None = Field(description="Null: whatever the endpoint serves")
    samples: Counts = Field(description="Lists of subjects, syllabi, questions or answers")
    basis: Literal["graph", "prompts"] = Field(
        description="From similar calls in this graph, or from prompts"
    )
    similar: int = Field(description="Samples of similar jobs in this graph that it is based on")
    call_s: float | None = Field(default=None, description="Mean seconds of a call in similar jobs")


class Reach(BaseModel):
    """Combinations of concepts in the wanted strata below the root, of the syllabi that are there."""

    capacity: int = Field(description="Combinations there are")
    drawn: int = Field(description="Combinations drawn so far")
    wanted: int = Field(description="Instructions this job would draw")


class Estimate(BaseModel):
    """What a job is likely to take; nothing is planned or paid for."""

    root_id: str = Field(description="Id of the node to grow")
    steps: list[StepEstimate] = Field(description="One entry a step")
    total: Use
    seconds: Counts | None = Field(
        default=None, description="Where similar calls in this graph say how long one takes; else null"
    )
    combinations: Reach
    notes: list[str] = Field(description="What was assumed, what is not known, what will not do")


@dataclass(frozen=True)
class Work:
    """How much of each step there is to do."""

    lists: Span
    subjects: Span
    """New subjects, in all."""
    syllabi: Span
    instructions: Span
    fresh: Sequence[Branch]
    """Disciplines that get lists of subjects."""

    def samples(self, step: Step) -> Span:
        """Samples of a step; a question that fails gets no answer."""
        if step == "answers":
            return Span(self.instructions.low * 0.9, self.instructions.expected, self.instructions.high)
        return {"subjects": self.lists, "syllabi": self.syllabi, "questions": self.instructions}[step]


async def estimate(database: Database, spec: JobSpec, settings: ModelSettings) -> Estimate:
    """Raises as planning the job would: NotFound, Conflict. Reads, and writes nothing."""
    branches = await _branches(database, spec.root_id)
    before = await past.recent_jobs(database)
    reach = await past.combinations(database, spec.root_id, [str(stratum) for stratum in STRATA])
    work = await _work(database, spec, branches, before, reach, settings)
    steps = [
        await _step(database, spec, step, work, before, reach, settings)
        for step in STEPS
        if spec.does(step) and work.samples(step).high > 0
    ]
    total = _total(steps)
    seen = _reach(spec, reach, work.instructions)
    said = [
        *notes.of_work(spec, work.fresh, work.lists, work.subjects, work.syllabi),
        *notes.of_reach(spec, reach, seen.capacity - seen.drawn, work.instructions, work.syllabi),
        *notes.of_prices(settings, spec, [step.step for step in steps]),
        *notes.of_basis([step.step for step in steps if step.basis == "prompts"]),
        *notes.of_budget(spec, total.calls.expected, _tokens(total), total.usd and total.usd.expected),
    ]
    return Estimate(
        root_id=spec.root_id,
        steps=steps,
        total=total,
        seconds=_seconds(steps, settings.concurrency),
        combinations=seen,
        notes=said,
    )


async def _branches(database: Database, root_id: str) -> list[Branch]:
    """As planning has them, with the same errors."""
    root = await growable(database, root_id)
    branches = await past.branches(database, root_id)
    if not branches:
        raise no_discipline(root)
    return branches


# How much there is to do


async def _work(
    database: Database,
    spec: JobSpec,
    branches: Sequence[Branch],
    before: Sequence[PastJob],
    reach: Combinations,
    settings: ModelSettings,
) -> Work:
    requested = await _requested(database, spec)
    if requested is not None and requested < len(branches):
        # With a target smaller than the number of branches, those without a share cost nothing.
        branches = branches[:requested]
    fresh = [branch for branch in branches if _needs_subjects(spec, branch)]
    similar = _similar(before, spec, "subjects", settings)
    seen = await past.lists(database, similar) if fresh and similar else None
    lists, subjects = _lists(spec, fresh, seen)
    bare = sum(branch.without_syllabus for branch in branches)
    to_come = subjects.plus(Span.exactly(bare)) if spec.does("syllabi") else Span.exactly(0)
    wanted = await _wanted(database, spec, branches, requested, to_come)
    room = _room(spec, reach)
    if to_come.high == 0 and reach.counted == reach.syllabi:
        wanted = wanted.at_most(room)
    return Work(lists, subjects, to_come, wanted, fresh)


def _needs_subjects(spec: JobSpec, branch: Branch) -> bool:
    if branch.kind is not Kind.Discipline or not spec.does("subjects"):
        return False
    cap = spec.subjects_per_discipline
    return branch.subjects < cap if cap else branch.subjects == 0


def _lists(spec: JobSpec, fresh: Sequence[Branch], seen: past.Lists | None) -> tuple[Span, Span]:
    """Lists asked for and subjects they give, in all these disciplines."""
    queries, cap = spec.queries_per_discipline, spec.subjects_per_discipline
    if cap is None:
        each = SUBJECTS.times(Span.exactly(queries**LATER_LISTS))
        if seen:
            each = Span(seen.fewest, seen.subjects, seen.most)
        count = Span.exactly(len(fresh))
        return count.times(Span.exactly(queries)), count.times(each).whole()
    # With a cap the lists end as soon as there are enough.
    missing = [cap - branch.subjects for branch in fresh]
    fewest, likely = (sum(min(queries, math.ceil(n / size)) for n in missing) for size in (50, 30))
    if seen:
        likely = max(fewest, min(queries, seen.lists) * len(fresh))
    return Span(fewest, likely, queries * len(fresh)).whole(), Span.exactly(sum(missing))


async def _requested(database: Database, spec: JobSpec) -> int | None:
    """Instructions to make; None where it is by concepts, or none are wanted."""
    if spec.add is not None and spec.wants_instructions:
        return spec.add
    if not spec.wants_instructions or spec.until is None or spec.until.total is None:
        return None
    return max(0, spec.until.total - await coverage.instructions_below(database, spec.root_id))


async def _wanted(
    database: Database, spec: JobSpec, branches: Sequence[Branch], requested: int | None, to_come: Span
) -> Span:
    if requested is not None:
        return Span.exactly(requested)
    if not spec.wants_instructions or not spec.until or not spec.until.instructions_per_concept:
        return Span.exactly(0)
    per = spec.until.instructions_per_concept
    found = await coverage.below(database, [branch.id for branch in branches])
    known = sum(max(0, math.ceil(per * f.concepts) - f.instructions) for f in found.values())
    new = to_come.times(typical.concepts_of(spec)).times(Span.exactly(per))
    return Span.exactly(known).plus(new).whole()


def _room(spec: JobSpec, reach: Combinations) -> int:
    seen = _reach(spec, reach, Span.exactly(0))
    return max(0, seen.capacity - seen.drawn)


def _reach(spec: JobSpec, reach: Combinations, wanted: Span) -> Reach:
    """Only the strata that the job draws from."""
    strata = [n for n, weight in enumerate(spec.weights()) if weight]
    return Reach(
        capacity=int(sum(reach.totals[n] for n in strata)),
        drawn=sum(reach.drawn[n] for n in strata),
        wanted=round(wanted.expected),
    )


# What each step uses


async def _step(
    database: Database,
    spec: JobSpec,
    step: Step,
    work: Work,
    before: Sequence[PastJob],
    reach: Combinations,
    settings: ModelSettings,
) -> StepEstimate:
    samples = work.samples(step)
    seen = await past.typical(database, step, _similar(before, spec, step, settings))
    believed = seen is not None and seen.samples >= FEWEST_SAMPLES
    if seen and believed:
        each = _as_seen(seen, samples.expected)
    else:
        each = await _as_prompted(database, spec, step, work, reach)
    calls, prompts, completions = (samples.times(span) for span in each)
    chosen = spec.models.model_dump()
    return StepEstimate(
        step=step,
        model=settings.name(step, chosen),
        samples=_counts(samples),
        calls=_counts(calls),
        prompt_tokens=_counts(prompts),
        completion_tokens=_counts(completions),
        usd=_usd(settings.price(step, chosen), calls, prompts, completions),
        basis="graph" if believed else "prompts",
        similar=seen.samples if seen and believed else 0,
        call_s=_call_s(before, _similar(before, spec, step, settings), step),
    )


def _call_s(before: Sequence[PastJob], similar: Sequence[str], step: Step) -> float | None:
    """Of the newest similar job that knows."""
    known = (job.timings[step] for job in before if job.id in similar and step in job.timings)
    return next(known, None)


def _similar(before: Sequence[PastJob], spec: JobSpec, step: Step, settings: ModelSettings) -> list[str]:
    """Ids of the newest jobs that made such calls: the same model, limit and language, the same sizes."""
    now = resolve(spec, settings)["steps"][step]
    found = [job.id for job in before if _same_calls(job, now, step) and _same_sizes(job, spec, step)]
    return found[:SIMILAR_JOBS]


def _same_calls(job: PastJob, now: dict[str, object], step: Step) -> bool:
    then = job.resolved.get("steps", {}).get(step, {})
    if then.get("model") != now["model"] or then.get("sampling") != now["sampling"]:
        return False
    return now["model"] is not None or then.get("endpoint") == now["endpoint"]


def _same_sizes(job: PastJob, spec: JobSpec, step: Step) -> bool:
    """Whether what decides over the length of prompts and replies is the same."""
    sizes: dict[Step, tuple[str, ...]] = {
        "subjects": ("subjects_per_discipline", "queries_per_discipline"),
        "syllabi": ("sessions_per_syllabus", "concepts_per_session"),
        "questions": ("sessions_per_syllabus", "concepts_per_session"),
        "answers": (),
    }
    alike = all(job.spec.get(name) == getattr(spec, name) for name in sizes[step])
    same_root = step == "questions" and job.root_id == spec.root_id
    return job.spec.get("language") == spec.language and (alike or same_root)


def _as_seen(seen: Typical, samples: float) -> Sample:
    """Means with a margin: twice the standard error of a mean of so many, more where few were seen."""
    errors = (2 + 8 / seen.samples) * math.sqrt(1 / seen.samples + 1 / max(samples, 1))

    def span(mean: float, spread: float) -> Span:
        margin = max(LEAST_MARGIN * mean, errors * spread)
        return Span(max(0.0, mean - margin), mean, mean + margin)

    return Sample(
        Span.exactly(seen.calls),
        span(seen.prompt_tokens, seen.prompt_spread),
        span(seen.completion_tokens, seen.completion_spread),
    )


async def _as_prompted(
    database: Database, spec: JobSpec, step: Step, work: Work, reach: Combinations
) -> Sample:
    if step == "subjects":
        return typical.subject_list(spec, work.fresh[0])
    if step == "syllabi":
        return typical.syllabus(spec)
    if step == "answers":
        return typical.answer(spec)
    return typical.question(spec, [await _lesson(database, id_, spec.language) for id_ in reach.some])


async def _lesson(database: Database, syllabus_id: str, language: str) -> tuple[Lesson, int]:
    sessions = await syllabi.sessions(database, syllabus_id)
    return Lesson(await syllabi.context(database, syllabus_id), sessions, language), len(sessions)


# Figures


def _usd(price: Price | None, calls: Span, prompts: Span, completions: Span) -> Usd | None:
    """Each call at its mean length, which decides over tiers."""
    if price is None:
        return None
    low, expected, high = (
        n * price.usd(p / n, c / n) if n else 0.0 for n, p, c in zip(calls, prompts, completions, strict=True)
    )
    return Usd(low=low, expected=expected, high=high)


def _seconds(steps: Sequence[StepEstimate], concurrency: int) -> Counts | None:
    """As long as so many calls are in flight all the time; the endpoint may bear fewer."""
    if not steps or any(step.call_s is None for step in steps):
        return None
    low, expected, high = (
        math.ceil(sum(getattr(step.calls, name) * (step.call_s or 0) for step in steps) / concurrency)
        for name in Span._fields
    )
    return Counts(low=low, expected=expected, high=high)


def _counts(span: Span) -> Counts:
    return Counts(low=round(span.low), expected=round(span.expected), high=math.ceil(span.high))


def _total(steps: Sequence[StepEstimate]) -> Use:
    usd = [step.usd for step in steps if step.usd is not None]
    return Use(
        calls=_sum([step.calls for step in steps]),
        prompt_tokens=_sum([step.prompt_tokens for step in steps]),
        completion_tokens=_sum([step.completion_tokens for step in steps]),
        usd=_sum_usd(usd) if len(usd) == len(steps) else None,
    )


def _sum(parts: Sequence[Counts]) -> Counts:
    low, expected, high = (sum(getattr(part, name) for part in parts) for name in Span._fields)
    return Counts(low=low, expected=expected, high=high)


def _sum_usd(parts: Sequence[Usd]) -> Usd:
    low, expected, high = (sum(getattr(part, name) for part in parts) for name in Span._fields)
    return Usd(low=low, expected=expected, high=high)


def _tokens(use: Use) -> int:
    return use.prompt_tokens.expected + use.completion_tokens.expected
