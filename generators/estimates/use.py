"""Estimates the calls, tokens and cost of one step, from similar calls or from its prompts."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, Field

from generators.estimates import from_prompts
from generators.estimates.from_prompts import Sample, Span
from generators.estimates.similar import call_seconds, similar_jobs
from generators.estimates.work import Work
from generators.method import AnyStep
from generators.models.prices import Price
from generators.models.settings import ModelSettings
from generators.spec import JobSpec
from graph.database import Database
from graph.jobs import past
from graph.jobs.past import Combinations, PastJob, Typical
from graph.taxonomy import syllabi

if TYPE_CHECKING:
    from generators.steps.questions import Lesson

# Similar jobs are relied on from this number of samples on.
FEWEST_SAMPLES = 3
COUNTED: tuple[past.CostStep, ...] = get_args(past.CostStep)
# Even if past calls hardly differ, calls for other nodes may.
LEAST_MARGIN = 0.1


class Counts(BaseModel):
    """Calls or tokens."""

    low: int = Field(default=0, description="Low estimate")
    expected: int = Field(default=0, description="Most likely value")
    high: int = Field(default=0, description="High estimate")


class Usd(BaseModel):
    """Cost in usd."""

    low: float = Field(default=0.0, description="Low estimate")
    expected: float = Field(default=0.0, description="Most likely value")
    high: float = Field(default=0.0, description="High estimate")


class Use(BaseModel):
    """Likely use."""

    calls: Counts = Counts()
    prompt_tokens: Counts = Counts()
    completion_tokens: Counts = Counts()
    usd: Usd | None = Field(default=None, description="Null if the price of a model is unknown")


class StepEstimate(Use):
    """Likely use of one step."""

    step: AnyStep = Field(description="The step of the method")
    model: str | None = Field(description="Null: the model the endpoint serves")
    samples: Counts = Field(
        description="Lists of names or subjects, syllabi, questions, answers, or what is judged or refined"
    )
    basis: Literal["graph", "prompts"] = Field(
        description="Whether it is based on similar calls in this graph or on prompts"
    )
    similar: int = Field(description="Samples of similar jobs in this graph that it is based on")
    call_s: float | None = Field(default=None, description="Mean seconds of a call in similar jobs")


async def step_of(
    database: Database,
    spec: JobSpec,
    step: AnyStep,
    work: Work,
    before: Sequence[PastJob],
    reach: Combinations,
    settings: ModelSettings,
) -> StepEstimate:
    samples = work.samples(step)
    seen = None
    if step in COUNTED:  # what judges and refinements use is not counted by sample
        seen = await past.typical(database, step, similar_jobs(before, spec, step, settings))
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
        call_s=call_seconds(before, similar_jobs(before, spec, step, settings), step),
    )


def _as_seen(seen: Typical, samples: float) -> Sample:
    """Means with a margin: twice the standard error of the mean, and more if there are few samples."""
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
    database: Database, spec: JobSpec, step: AnyStep, work: Work, reach: Combinations
) -> Sample:
    if step == "taxonomy":
        return from_prompts.name_list(spec)
    if step == "subjects":
        return from_prompts.subject_list(spec, work.fresh[0])
    if step == "syllabi":
        return from_prompts.syllabus(spec)
    if step in ("answers", "rival_answers"):
        return from_prompts.answer(spec)
    if step == "refinements":
        return from_prompts.refinement(spec)
    if step != "questions":
        return from_prompts.opinion(spec, step)
    return from_prompts.question(spec, [await _lesson(database, id_, spec.language) for id_ in reach.some])


async def _lesson(database: Database, syllabus_id: str, language: str) -> "tuple[Lesson, int]":
    from generators.steps.questions import Lesson

    sessions = await syllabi.sessions(database, syllabus_id)
    return Lesson(await syllabi.context(database, syllabus_id), sessions, language), len(sessions)


def _usd(price: Price | None, calls: Span, prompts: Span, completions: Span) -> Usd | None:
    """The cost if each call has its mean length, which determines its price tier; None without a price."""
    if price is None:
        return None
    low, expected, high = (
        n * price.usd(p / n, c / n) if n else 0.0 for n, p, c in zip(calls, prompts, completions, strict=True)
    )
    return Usd(low=low, expected=expected, high=high)


def seconds_of(steps: Sequence[StepEstimate], concurrency: int) -> Counts | None:
    """Seconds if `concurrency` calls are always in flight; the endpoint may allow fewer."""
    if not steps or any(step.call_s is None for step in steps):
        return None
    low, expected, high = (
        math.ceil(sum(getattr(step.calls, name) * (step.call_s or 0) for step in steps) / concurrency)
        for name in Span._fields
    )
    return Counts(low=low, expected=expected, high=high)


def _counts(span: Span) -> Counts:
    return Counts(low=round(span.low), expected=round(span.expected), high=math.ceil(span.high))


def total_of(steps: Sequence[StepEstimate]) -> Use:
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


def tokens_of(use: Use) -> int:
    return use.prompt_tokens.expected + use.completion_tokens.expected
