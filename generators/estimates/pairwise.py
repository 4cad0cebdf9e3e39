"""What a test run is likely to take: counted where answers and verdicts are there, else from the prompts."""

from pydantic import BaseModel, Field

from generators.models.family import partial
from generators.models.settings import ModelSettings
from generators.planning import test_runs as planned
from generators.prompts import source
from generators.spec import JobSpec
from graph.database import Database
from graph.evaluation import test_sets

# The paper's answers are about this long; a verdict gives its reasons in a few sentences.
TOKENS_PER_ANSWER, TOKENS_PER_VERDICT = 400, 120
BYTES_PER_TOKEN = 4


class RunEstimate(BaseModel):
    """The likely use of a test run; nothing is planned or paid for. An earlier run's answers come on top."""

    questions: int = Field(description="Questions of the test set")
    calls: int = Field(description="Answers and verdicts, if nothing of them is there yet")
    tokens: int = Field(description="Sent and received")
    usd: float | None = Field(description="Null if a price is unknown")
    notes: list[str] = Field(description="Assumptions and warnings")


async def estimate(database: Database, spec: JobSpec, settings: ModelSettings) -> RunEstimate:
    """The estimate for a test run. Raises as creating it does; writes nothing."""
    found = await planned.required(database, spec)
    assert spec.test_run
    questions = length = 0
    async for page in test_sets.stream_items(database, found.name):
        questions += len(page)
        length += sum(len(one["question"].encode()) for one in page)
    asked = length // BYTES_PER_TOKEN
    answer = (asked + questions * _tokens("answers"), questions * TOKENS_PER_ANSWER)
    verdict = (
        2 * (asked + questions * (_tokens("judge_pairs") + 2 * TOKENS_PER_ANSWER)),
        2 * questions * TOKENS_PER_VERDICT,
    )
    uses = [("answers", *answer), ("judge_pairs", *verdict)]
    if spec.test_run.rival_answers is None:
        uses.append(("rival_answers", *answer))
    return RunEstimate(
        questions=questions,
        calls=questions * (len(uses) + 1),
        tokens=sum(sent + received for _, sent, received in uses),
        usd=_usd(spec, settings, uses),
        notes=_notes(spec, settings),
    )


def _tokens(prompt: str) -> int:
    return len(source(prompt).encode()) // BYTES_PER_TOKEN


def _usd(spec: JobSpec, settings: ModelSettings, uses: list[tuple[str, int, int]]) -> float | None:
    total = 0.0
    for step, sent, received in uses:
        price = settings.price(step, spec.models.model_dump())
        if price is None:
            return None
        total += price.usd(sent, received)
    return total


def _notes(spec: JobSpec, settings: ModelSettings) -> list[str]:
    chosen = spec.models.model_dump()
    notes = [
        f"about {TOKENS_PER_ANSWER} tokens an answer and {TOKENS_PER_VERDICT} a verdict are assumed; what an "
        "earlier run of the same models has stored is not paid for again"
    ]
    judge = settings.name("judge_pairs", chosen) or ""
    steps = ["answers"] if spec.test_run and spec.test_run.rival_answers else ["answers", "rival_answers"]
    names = sorted({settings.name(step, chosen) or "" for step in steps} - {""})
    return notes + partial(judge, names, judges="would judge")
