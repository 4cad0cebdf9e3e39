"""How much of each step a job has to do, and how many combinations there are below its root."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from generators.estimates import from_prompts
from generators.estimates.from_prompts import Span
from generators.estimates.similar import similar_jobs
from generators.method import AnyStep
from generators.models.settings import ModelSettings
from generators.quality.judging.sentinels import EVERY
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.jobs import past
from graph.jobs.judges import FEWEST_SENTINELS
from graph.jobs.past import Branch, Combinations, PastJob
from graph.jobs.refinement import FEWEST_PAIRS
from graph.model import Kind

# Subjects in the first list, and the exponent for n lists: ten give 100 to 200 (GLAN, section 2.2).
SUBJECTS = Span(25, 37, 50)
LATER_LISTS = 0.6
NONE = Span(0, 0, 0)
# Share of answers in which something to improve is found.
REFINED = Span(0.2, 0.6, 1.0)


class Reach(BaseModel):
    """Combinations of concepts in the wanted strata of the existing syllabi below the root.

    With repeats, each counts as often as the job may draw it.
    """

    capacity: int | None = Field(description="Combinations there are; null while none are counted")
    drawn: int = Field(description="Combinations drawn so far")
    laps: int = Field(
        default=1, description="How often a combination may be drawn, each time in another cell"
    )
    crossings: int | None = Field(
        default=None,
        description="Pairs of syllabi that are crossed, with the strategy cross; null without it, or if "
        "there are too many syllabi to count them",
    )
    wanted: int = Field(description="Instructions this job would draw")

    @property
    def left(self) -> int:
        """Combinations of the existing syllabi that have not been drawn."""
        return max(0, (self.capacity or 0) - self.drawn)


@dataclass(frozen=True)
class Work:
    """How much of each step a job has to do."""

    lists: Span
    subjects: Span
    """New subjects in all disciplines."""
    syllabi: Span
    instructions: Span
    fresh: Sequence[Branch]
    """Disciplines that get lists of subjects."""
    compare: float
    """Share of refined answers that are compared with what they were made from."""
    names: Span = NONE
    """Lists of names of fields, sub-fields and disciplines."""

    def samples(self, step: AnyStep) -> Span:
        """Samples of a step; the low number of answers is lower, because a failed question gets none.

        Of a judge, its sentinels count too: those before its first verdict, and one per 50 verdicts. Some
        answers need no refinement; the first refined ones are compared, then a share, each in two orders.
        """
        if step == "critiques":
            return self.samples("answers")
        if step == "refinements":
            return self.samples("answers").times(REFINED).whole()
        if step == "judge_pairs":
            refined = self.samples("refinements")
            first = refined.at_most(FEWEST_PAIRS)
            return Span(
                *(2 * (f + (n - f) * self.compare) for f, n in zip(first, refined, strict=True))
            ).whole()
        if step == "judge_questions" or step == "judge_answers":
            judged = self.samples("answers" if step == "judge_answers" else "questions")
            return Span(*(n + (FEWEST_SENTINELS + n / EVERY if n else 0) for n in judged)).whole()
        if step == "answers":
            return Span(self.instructions.low * 0.9, self.instructions.expected, self.instructions.high)
        return {
            "taxonomy": self.names,
            "subjects": self.lists,
            "syllabi": self.syllabi,
            "questions": self.instructions,
        }[step]


async def work_of(
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
    similar = similar_jobs(before, spec, "subjects", settings)
    seen = await past.lists(database, similar) if fresh and similar else None
    lists, subjects = _lists(spec, fresh, seen)
    bare = sum(branch.without_syllabus for branch in branches)
    to_come = subjects.plus(Span.exactly(bare)) if spec.does("syllabi") else Span.exactly(0)
    wanted = await _wanted(database, spec, branches, requested, to_come)
    room = _room(spec, reach)
    if to_come.high == 0 and reach.whole:
        wanted = wanted.at_most(room)
    return Work(lists, subjects, to_come, wanted, fresh, spec.checks.refine.compare)


def _needs_subjects(spec: JobSpec, branch: Branch) -> bool:
    if branch.kind is not Kind.Discipline or not spec.does("subjects"):
        return False
    cap = spec.subjects_per_discipline
    return branch.subjects < cap if cap else branch.subjects == 0


def _lists(spec: JobSpec, fresh: Sequence[Branch], seen: past.Lists | None) -> tuple[Span, Span]:
    """Lists to ask for, and the new subjects they give, in all of these disciplines."""
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
    """Instructions to make; None if there are none, or if the target is per concept."""
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
    new = to_come.times(from_prompts.concepts_of(spec)).times(Span.exactly(per))
    return Span.exactly(known).plus(new).whole()


def _room(spec: JobSpec, reach: Combinations) -> int:
    return reach_of(spec, reach, Span.exactly(0)).left


def reach_of(spec: JobSpec, reach: Combinations, wanted: Span) -> Reach:
    """The reach in the strata that the job draws from."""
    strata = [n for n, weight in enumerate(spec.all_weights()[: len(reach.totals)]) if weight]
    return Reach(
        # None, not 0, without a syllabus: there is nothing to draw from yet, but there will be.
        capacity=int(sum(reach.totals[n] for n in strata)) if reach.counted or reach.crossings else None,
        crossings=reach.crossings if spec.cross_share else None,
        drawn=sum(reach.drawn[n] for n in strata),
        wanted=round(wanted.expected),
        laps=spec.laps,
    )
