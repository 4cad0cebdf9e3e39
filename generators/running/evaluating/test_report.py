"""What a test run found: wins, ties and losses by field, and what the judge prefers by place and length."""

from typing import Any, Self

from pydantic import BaseModel, Field

from generators.quality.judging.pairwise import LEVEL, RESAMPLES, Bias, Outcome, Pair, Read, Tally, interval
from graph.database import Database
from graph.evaluation import test_runs
from graph.evaluation.test_runs import Came
from graph.jobs.job import Job, JobState
from graph.jobs.spent import Spent


class Line(BaseModel):
    """The outcomes of some questions, for the model that is tested."""

    name: str = Field(description="The discipline or field; empty for all questions")
    field: str | None = Field(default=None, description="The field of a discipline")
    questions: int = Field(description="Questions in all")
    wins: int = Field(description="Preferred in both orders")
    ties: int = Field(description="Equal marks in both orders")
    inconsistent: int = Field(description="The two orders disagree: a tie in the score")
    losses: int = Field(description="The other model is preferred in both orders")
    errors: int = Field(description="An answer or a verdict cannot be used; not in the score")
    pending: int = Field(description="Not done yet")
    score: float | None = Field(description="Share of wins, ties counting half; null if nothing was judged")
    low: float | None = Field(description="Lower end of the 95 % bootstrap interval of the score")
    high: float | None = Field(description="Upper end")
    mark: float | None = Field(description="Mean mark of the model, from 1 to 10")
    rival_mark: float | None = Field(description="Mean mark of the model it is compared with")

    @classmethod
    def of(cls, name: str, tally: Tally, pending: int, field: str | None = None) -> Self:
        """A line of what was counted."""
        wins, losses = tally.outcomes[Outcome.win], tally.outcomes[Outcome.lose]
        ends = interval(wins, tally.ties, losses)
        judged = tally.judged
        return cls(
            name=name,
            field=field,
            questions=judged + tally.errors + pending,
            wins=wins,
            ties=tally.outcomes[Outcome.tie],
            inconsistent=tally.outcomes[Outcome.inconsistent],
            losses=losses,
            errors=tally.errors,
            pending=pending,
            score=None if tally.score is None else round(tally.score, 4),
            low=ends and ends[0],
            high=ends and ends[1],
            mark=round(tally.own / judged, 2) if judged else None,
            rival_mark=round(tally.other / judged, 2) if judged else None,
        )


class Report(BaseModel):
    """What a test run found."""

    test: str = Field(description="Name of the test set")
    run: str = Field(description="Id of the run's job")
    state: JobState = Field(description="Of the run; its figures are final once it is done")
    model: str = Field(description="The model that is tested, with its tag")
    rival: str = Field(description="The model it is compared with, or the name its answers were sent under")
    judge: str = Field(description="The model that compares")
    total: Line
    fields: list[Line] = Field(description="By field of the taxonomy")
    disciplines: list[Line] = Field(description="By discipline")
    inconsistent_share: float | None = Field(description="Share of judged questions in which orders disagree")
    first_share: float | None = Field(
        description="Share of verdicts for the answer that came first, without ties; 0.5 is fair"
    )
    longer_share: float | None = Field(description="Share of verdicts for the longer answer, without ties")
    verdicts: int = Field(description="Verdicts without ties")
    spent: Spent
    notes: list[str] = Field(description="What to know before believing it")


class _Counted:
    """Tallies of some questions."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.pending = 0

    def add(self, came: Came) -> None:
        if came["state"] == "pending":
            self.pending += 1
        elif came["outcome"] is None or came["marks"] is None:
            self.tally.add(None)
        else:
            self.tally.add(Outcome(came["outcome"]), _pairs(came["marks"]))


def _pairs(marks: list[int]) -> list[Pair]:
    return [Pair(marks[0], marks[1]), Pair(marks[2], marks[3])]


def _reads(came: Came) -> list[Read]:
    """The verdicts as the judge read them: the model first, then its rival first."""
    if came["marks"] is None or came["lengths"] is None:
        return []
    straight, turned = _pairs(came["marks"])
    own, other = came["lengths"]
    return [Read(straight.own, straight.other, own, other), Read(turned.other, turned.own, other, own)]


async def report(database: Database, job: Job) -> Report:
    """What a run has found so far."""
    total, bias = _Counted(), Bias()
    fields: dict[str, _Counted] = {}
    disciplines: dict[tuple[str, str], _Counted] = {}
    async for page in test_runs.outcomes(database, job.id):
        for came in page:
            field, name = came["field"] or "no field", came["discipline"]
            parts = fields.setdefault(field, _Counted()), disciplines.setdefault((field, name), _Counted())
            for counted in (total, *parts):
                counted.add(came)
            for read in _reads(came):
                bias.add(read)
    line = Line.of("", total.tally, total.pending)
    judged = total.tally.judged
    return Report(
        test=job.spec["test_run"]["test"],
        run=job.id,
        state=job.state,
        **_names(job),
        total=line,
        fields=[Line.of(name, one.tally, one.pending) for name, one in sorted(fields.items())],
        disciplines=[
            Line.of(name, one.tally, one.pending, field) for (field, name), one in sorted(disciplines.items())
        ],
        inconsistent_share=_share(line.inconsistent, judged),
        first_share=_share(bias.first, bias.decided),
        longer_share=_share(bias.longer, bias.unequal),
        verdicts=bias.decided,
        spent=job.spent,
        notes=[*job.changes, *_doubts(line, bias, judged)],
    )


def _names(job: Job) -> dict[str, str]:
    run: dict[str, Any] = job.spec["test_run"]
    steps: dict[str, Any] = job.resolved["steps"]
    named = {step: facts["model"] or "the endpoint's only model" for step, facts in steps.items()}
    rival = run.get("rival_answers") or _tagged(named["rival_answers"], run.get("rival_tag"))
    return {"model": _tagged(named["answers"], run.get("tag")), "rival": rival, "judge": named["judge_pairs"]}


def _tagged(name: str, tag: str | None) -> str:
    return f"{name} ({tag})" if tag else name


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _doubts(line: Line, bias: Bias, judged: int) -> list[str]:
    notes: list[str] = []
    if line.low is not None and line.high is not None and line.low <= 0.5 <= line.high:
        notes.append("the interval of the score contains 0.5: this run does not show which model is better")
    if judged and line.inconsistent / judged > 0.3:
        notes.append("the judge contradicts itself in more than 30 % of the questions when the order changes")
    if judged and not bias.decided:
        notes.append("the judge gives both answers the same mark every time: it does not tell them apart")
    if bias.decided >= 20 and not 0.3 <= bias.first / bias.decided <= 0.7:
        where = "first" if bias.first / bias.decided > 0.5 else "second"
        notes.append(f"the judge prefers whichever answer comes {where}")
    if line.errors:
        notes.append(f"{line.errors:,} questions have no usable answer or verdict and are not in the score")
    if line.pending:
        notes.append(f"{line.pending:,} questions are not done yet")
    return notes


METHOD = (
    f"Both orders of every pair are judged from 1 to 10. Ties count half. The interval is a bootstrap over "
    f"questions ({RESAMPLES:,} resamples, {LEVEL:.0%})."
)
