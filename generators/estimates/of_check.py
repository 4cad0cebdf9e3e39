"""Estimates a check by a judge before it begins: what it would read, and what that costs."""

from pydantic import BaseModel, Field

from generators.estimates.from_prompts import OPINION, Span, judge_prompt
from generators.estimates.use import Counts, Usd
from generators.method import JUDGE_STEPS
from generators.models.settings import ModelSettings
from generators.quality.judging.sentinels import EVERY
from graph.database import Database
from graph.instructions.judged import ToJudge, to_judge
from graph.jobs.judges import FEWEST_SENTINELS
from graph.quality import findings
from graph.quality.checks import CheckSpec, JudgeOptions

# A reply that cannot be read is asked for once more.
CALLS = Span(1, 1, 1.1)


class CheckEstimate(BaseModel):
    """The likely use of a check by a judge; verdicts that are there already make it less."""

    rule: str = Field(description="The rule it would go by; what that has looked at is skipped")
    model: str | None = Field(description="The model that judges")
    instructions: int = Field(description="Instructions to judge")
    calls: Counts
    prompt_tokens: Counts
    completion_tokens: Counts
    usd: Usd | None = Field(description="Null if the price of the model is unknown")


async def estimate(database: Database, spec: CheckSpec, rule: str, settings: ModelSettings) -> CheckEstimate:
    """The estimate for a check by a judge; nothing is stored or paid for."""
    options = spec.judge or JudgeOptions()
    found = await to_judge(database, findings.wanted(spec.node_id, rule, spec.since, spec.job_id))
    calls, prompts, replies = _use(found, options)
    chosen = {"judge": options.model}
    price = settings.price(JUDGE_STEPS[0], chosen)
    usd = (
        Usd(**{n: price.usd(getattr(prompts, n), getattr(replies, n)) for n in Span._fields})
        if price
        else None
    )
    return CheckEstimate(
        rule=rule,
        model=settings.name(JUDGE_STEPS[0], chosen),
        instructions=found.instructions,
        calls=_counts(calls),
        prompt_tokens=_counts(prompts),
        completion_tokens=_counts(replies),
        usd=usd,
    )


def _use(found: ToJudge, options: JudgeOptions) -> tuple[Span, Span, Span]:
    """Calls, tokens sent and tokens received."""
    calls = prompts = replies = Span.exactly(0)
    if not found.instructions:
        return calls, prompts, replies
    for part in options.parts:
        read = found.questions + (found.answers if part == "answer" else 0)
        own = CALLS.times(Span.exactly(found.instructions + FEWEST_SENTINELS + found.instructions / EVERY))
        mean = read / found.instructions
        each = judge_prompt("judge_questions" if part == "question" else "judge_answers")
        text = Span(mean / 4, mean / 3.5, mean / 1.5)
        calls = calls.plus(own)
        prompts = prompts.plus(own.times(each.plus(text)))
        replies = replies.plus(own.times(OPINION))
    return calls, prompts, replies


def _counts(span: Span) -> Counts:
    return Counts(**{name: round(value) for name, value in span._asdict().items()})
