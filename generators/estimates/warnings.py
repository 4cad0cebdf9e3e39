"""The notes of an estimate: what was assumed, what is not known, and what will not work."""

from collections.abc import Sequence

from generators.estimates.from_prompts import Span
from generators.method import AnyStep
from generators.models.settings import ModelSettings
from generators.spec import JobSpec
from graph.jobs.past import Branch, Combinations


def of_work(spec: JobSpec, fresh: Sequence[Branch], lists: Span, subjects: Span, syllabi: Span) -> list[str]:
    """Notes on how many subjects and syllabi are still to be grown."""
    said: list[str] = []
    if fresh and spec.subjects_per_discipline is None:
        each = f"{subjects.low / len(fresh):.0f} to {subjects.high / len(fresh):.0f}"
        said.append(
            f"{_many(len(fresh), 'discipline')} without subjects: assumed {each} subjects each "
            f"from {_many(spec.queries_per_discipline, 'list')}"
        )
    elif fresh:
        said.append(
            f"{_many(len(fresh), 'discipline')} with too few subjects: {subjects.expected:.0f} are to come "
            f"from {lists.low:.0f} to {lists.high:.0f} lists, which end when there are enough"
        )
    if syllabi.high and spec.until and spec.until.instructions_per_concept:
        said.append("the number of concepts in syllabi still to be grown is assumed")
    return said


def of_reach(spec: JobSpec, reach: Combinations, room: int, wanted: Span, syllabi: Span) -> list[str]:
    """Notes on whether the combinations of concepts suffice."""
    if not spec.wants_instructions:
        return []
    said: list[str] = []
    if spec.laps < spec.repeats:
        said.append(
            f"the dials have {_many(spec.laps, 'cell')}: a combination is drawn at most that often, "
            f"not {spec.repeats:,} times"
        )
    unknown = reach.syllabi - reach.counted
    said += _of_crossings(spec, reach)
    if unknown:
        said.append(
            f"{_many(unknown, 'syllabus', 'syllabi')} not drawn from since they were made or changed: their "
            "combinations are not counted"
        )
    asked = max(wanted.high, spec.add or 0)
    if syllabi.high == 0 and reach.whole and asked >= room and spec.add is not None and spec.add > room:
        said.append(
            f"only {room:,} combinations are left: the job will end exhausted; grow more subjects, "
            "or other strategies or numbers of concepts"
        )
    if syllabi.high == 0 and not reach.syllabi:
        said.append("there is no syllabus and none will be grown: nothing can be drawn")
    return said


def _of_crossings(spec: JobSpec, reach: Combinations) -> list[str]:
    if not spec.cross_share:
        return []
    if reach.crossings is None:
        return [
            f"the combinations of two syllabi are not counted: there are {reach.syllabi:,} syllabi; they are "
            "counted as they are drawn"
        ]
    if not reach.crossings:
        return ["no two syllabi below the root can be crossed yet"]
    return [f"{_many(reach.crossings, 'pair')} of syllabi are crossed; their prompts show both syllabi"]


def of_prices(settings: ModelSettings, spec: JobSpec, steps: Sequence[AnyStep]) -> list[str]:
    """Notes on models without a known price, and what to do."""
    chosen = spec.models.model_dump()
    missing = {
        settings.name(step, chosen) or f"the model of the {step}, which is not named here"
        for step in steps
        if settings.price(step, chosen) is None
    }
    said = [
        f"no price is known for {name}; set GLAN_PRICES (usd per million tokens)" for name in sorted(missing)
    ]
    if said and spec.budget and spec.budget.usd is not None:
        said.append("without a price a budget in usd cannot be kept: the job would be refused")
    return said


def of_basis(guessed: Sequence[AnyStep]) -> list[str]:
    """A note on steps that are estimated without similar calls."""
    if not guessed:
        return []
    return [
        f"{', '.join(guessed)}: no similar calls in this graph, so estimated from the length of the prompts "
        "and of usual replies; a model that thinks before it replies uses more"
    ]


def of_budget(spec: JobSpec, calls: int, tokens: int, usd: float | None) -> list[str]:
    """Notes on expected figures beyond the budget."""
    if spec.budget is None:
        return []
    limits = (("calls", spec.budget.calls, calls), ("tokens", spec.budget.tokens, tokens))
    said = [
        f"about {figure:,} {name} are expected, but the budget is {limit:,}: the job will stop at it"
        for name, limit, figure in limits
        if limit is not None and figure > limit
    ]
    if spec.budget.usd is not None and usd is not None and usd > spec.budget.usd:
        said.append(
            f"about ${usd:,.2f} are expected, the budget is ${spec.budget.usd:,.2f}: the job will stop at it"
        )
    return said


def _many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
