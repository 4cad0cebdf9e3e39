"""Test sets: questions that models are measured with, and runs in which a judge compares two models."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from generators.estimates.estimate import Estimate
from generators.estimates.estimate import estimate as estimate_job
from generators.estimates.pairwise import RunEstimate
from generators.estimates.pairwise import estimate as estimate_run
from generators.method import AnyStep
from generators.models.settings import resolve
from generators.planning import test_runs as planned_runs
from generators.planning import test_sets as planned_sets
from generators.running.resume import resume as resume_job
from generators.spec import BudgetSpec, ChecksSpec, HeldOut, JobSpec, ModelsSpec, SamplingSpec
from graph.errors import Invalid
from graph.evaluation import test_runs, test_sets
from graph.evaluation.test_sets import GlanTest
from graph.jobs import jobs
from graph.jobs.job import Job, JobState
from graph.model import LONGEST_TEXT, Text, UniqueName
from graph.pages import Page
from service.http.errors import responses
from service.media import benchmark_items
from service.parts import parts_of
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/tests", tags=["tests"])

TestName = Annotated[str, Path(description="Name of a test set", examples=["exam"])]
UNFINISHED = (
    *(JobState.planned, JobState.running, JobState.paused),
    *(JobState.failed, JobState.over_budget),
)
RunId = Annotated[str, Path(description="Id of a run, which is a job")]
EXAMPLE = {"name": "exam", "node_id": "0199f0c2a7b1c3d4e5f60718", "per_discipline": 50, "hold": "sessions"}
RUN_EXAMPLE = {"model": "my-model", "against": "gpt-4o-mini", "judge": "claude-sonnet-4"}
ANSWERS_EXAMPLE = '{"id": "5f0c1a2b3c4d5e6f", "answer": "The derivative is 2x."}\n'


class NewTest(HeldOut):
    """A test set to make."""

    node_id: Text = Field(description="A node: the questions are drawn from the syllabi at or below it")
    models: ModelsSpec = Field(default_factory=ModelsSpec, description="Models by step")
    sampling: dict[AnyStep, SamplingSpec] = Field(
        default_factory=dict, description="Sampling parameters by step; default: the method's"
    )
    checks: ChecksSpec = Field(
        default_factory=ChecksSpec, description="What the questions go through before they are kept"
    )
    language: Annotated[Text, Field(min_length=1, max_length=60)] = Field(
        default="English", description="Language to write in"
    )
    budget: BudgetSpec | None = Field(default=None, description="Hard limits of the job that makes it")
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="Passed on to the models"
    )

    def spec(self) -> JobSpec:
        """The job that makes it."""
        own = HeldOut.model_fields.keys()
        held_out = HeldOut.model_validate(self.model_dump(include={*own}))
        given = {name: getattr(self, name) for name in NewTest.model_fields.keys() - own - {"node_id"}}
        return JobSpec(root_id=self.node_id, held_out=held_out, **given)


class NewRun(BaseModel):
    """A test run to begin: two models, or a model and answers that were sent, and a judge."""

    model_config = ConfigDict(extra="forbid")

    model: Text = Field(min_length=1, description="The model that is tested; asked where answers are")
    against: Text | None = Field(
        default=None, min_length=1, description="The model it is compared with; asked at the default endpoint"
    )
    answers: UniqueName | None = Field(
        default=None, description="Instead of against: the name under which answers were sent"
    )
    judge: Text | None = Field(
        default=None, description="The model that compares; asked at the judge's endpoint"
    )
    tag: Text = Field(
        default="",
        max_length=100,
        description="Tells checkpoints apart that are served under one name; answers are kept by both",
    )
    against_tag: Text = Field(default="", max_length=100, description="The same, of the other model")
    sampling: dict[Literal["answers", "judge_pairs"], SamplingSpec] = Field(
        default_factory=dict, description="Sampling parameters; those of the answers are both models'"
    )
    budget: BudgetSpec | None = Field(default=None, description="Hard limits of the run")
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="Passed on to the models"
    )

    def spec(self, test: str, node_id: str, judge: str | None) -> JobSpec:
        """The job of the run, with this judge if it names none.

        Raises Invalid unless it is compared with exactly one of the two.
        """
        if (self.against is None) == (self.answers is None):
            raise Invalid("say what the model is compared with: either against, a model, or answers, a name")
        run = {
            "test": test,
            "rival_answers": self.answers,
            "tag": self.tag,
            "rival_tag": self.against_tag,
        }
        try:
            return JobSpec.model_validate(
                {
                    "root_id": node_id,
                    "test_run": run,
                    "models": {"answers": self.model, "default": self.against, "judge": self.judge or judge},
                    "sampling": {step: one.model_dump() for step, one in self.sampling.items()},
                    "budget": self.budget and self.budget.model_dump(),
                    "seed": self.seed,
                }
            )
        except ValidationError as error:
            raise Invalid(str(error.errors()[0]["msg"])) from None


class SentAnswer(BaseModel):
    """An answer that was made elsewhere; other fields, such as those of the export, are ignored."""

    id: Annotated[Text, Field(max_length=100, description="Id of a question of the test set")]
    answer: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = Field(
        description="The answer; empty or null counts as one that was not sent"
    )


class Received(BaseModel):
    """What was received."""

    answers: int = Field(description="Answers that are there now under the name, of those sent")
    empty: int = Field(description="Those without a text: in a run, errors as if they were not sent")


class HeldItem(BaseModel):
    """A question of a test set."""

    id: str
    question: str
    reference: str | None = Field(description="Its reference answer; null unless they were asked for")
    language: str | None
    strategy: str = Field(description="single: concepts of one session; pair: of two")
    discipline: str
    discipline_id: str
    field: str | None = Field(description="The field of the discipline; null if it is below none")


@router.post(
    "", status_code=202, responses=responses(400, 404, 409, 422, 503), openapi_extra=body_like(EXAMPLE)
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    wanted: Annotated[NewTest, Body()],
) -> GlanTest:
    """Holds out what training never gets, and begins a job that makes the questions.

    They go through the same checks as all questions, are in no coverage, pull or release, and once all are
    there they are a benchmark of the set's name. The same request again finds the set.
    """
    spec, settings = wanted.spec(), parts_of(request).model_settings
    settings.require_prices(spec)
    job = await planned_sets.create(database, spec, resolve(spec, settings), caller)
    parts_of(request).offer(job.id, ended=job.state.ended)
    response.headers["Location"] = parts_of(request).address(f"/v1/tests/{wanted.name}")
    return await test_sets.get(database, wanted.name)


# Before the routes of one set, whose name an address such as this one could be taken for.
@router.post(":estimate", responses=responses(400, 404, 409, 422, 503), openapi_extra=body_like(EXAMPLE))
async def estimate(database: TheDatabase, request: Request, wanted: Annotated[NewTest, Body()]) -> Estimate:
    """What making a test set is likely to take; nothing is held out, stored or paid for."""
    spec = await planned_sets.likely(database, wanted.spec())
    return await estimate_job(database, spec, parts_of(request).model_settings)


@router.get("", responses=responses(422, 503))
async def list_tests(database: TheDatabase, limit: Limit = 100, cursor: Cursor = None) -> Page[GlanTest]:
    """The test sets by name."""
    return await test_sets.list_sets(database, limit, cursor)


@router.get("/{name}", responses=responses(404, 503))
async def get(database: TheDatabase, name: TestName) -> GlanTest:
    """One test set, with its questions so far by discipline."""
    return await test_sets.get(database, name)


@router.delete("/{name}", responses=responses(404, 409, 503))
async def remove(
    database: TheDatabase,
    name: TestName,
    evidence: Annotated[
        bool, Query(description="Remove its benchmark with what shows which instructions match its questions")
    ] = False,
) -> GlanTest:
    """Takes a test set out of use and removes its benchmark.

    What it held out is never given back: its questions and class sessions stay out of training, its name
    stays taken, and the reports of its runs can still be read.
    """
    return await test_sets.remove(database, name, with_evidence=evidence)


@router.get("/{name}/items", responses=responses(404, 422, 503))
async def items(
    database: TheDatabase,
    name: TestName,
    limit: Limit = 100,
    after: Annotated[
        str, Query(max_length=100, description="Id of the last question of the page before")
    ] = "",
) -> list[HeldItem]:
    """Questions of a test set, in the order of their ids."""
    await test_sets.get(database, name)
    return [HeldItem(**one) for one in await test_sets.items(database, name, limit, after)]


@router.post(
    "/{name}/answers",
    responses=responses(404, 409, 415, 422, 503, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": SentAnswer.model_json_schema(),
                    "example": ANSWERS_EXAMPLE,
                }
            },
        }
    },
)
async def answers(
    database: TheDatabase,
    name: TestName,
    request: Request,
    under: Annotated[UniqueName, Query(description="The name to keep them under, such as a checkpoint's")],
) -> Received:
    """Stores answers that were made elsewhere, one per line, to compare a model with.

    The same answers again change nothing; another answer under the same name is refused. After an error the
    parts before it are stored; sending all again does no harm.
    """
    database.require_room()
    await test_sets.require_complete(database, name)
    parts = await benchmark_items.read_as(
        SentAnswer, request.headers.get("content-type", ""), request.stream(), ANSWERS_EXAMPLE.strip()
    )
    count = empty = 0
    async for part in parts:
        rows: list[test_runs.NewAnswer] = [
            {
                "id": planned_runs.sent_id(one.id, under),
                "item": one.id,
                "properties": {"text": one.answer, "model": under, "sent": True},
            }
            for one in part
            if one.answer and one.answer.strip()
        ]
        await test_runs.receive_answers(database, rows)
        count, empty = count + len(rows), empty + len(part) - len(rows)
    if not count:
        raise Invalid(f"there is no answer: send one JSON object per line, such as {ANSWERS_EXAMPLE.strip()}")
    return Received(answers=count, empty=empty)


@router.post(
    "/{name}/runs:estimate",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(RUN_EXAMPLE),
)
async def estimate_of_run(
    database: TheDatabase, name: TestName, request: Request, wanted: Annotated[NewRun, Body()]
) -> RunEstimate:
    """What a run is likely to take, and what to know of its judge; nothing is stored or paid for."""
    found = await test_sets.get(database, name)
    settings = parts_of(request).model_settings
    return await estimate_run(database, wanted.spec(name, found.node_id, settings.judge_model), settings)


@router.post(
    "/{name}/runs",
    status_code=202,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(RUN_EXAMPLE),
)
async def run(
    database: TheDatabase,
    name: TestName,
    request: Request,
    response: Response,
    wanted: Annotated[NewRun, Body()],
) -> Job:
    """Begins a run: both models answer all questions, and the judge marks each pair in both orders.

    A run is a job: it is paused, resumed and cancelled as one. The same request continues a run that has not
    ended, with the budget that it gives. Answers and verdicts of earlier runs are not paid for again.
    """
    settings = parts_of(request).model_settings
    found = await test_sets.get(database, name)
    spec = wanted.spec(name, found.node_id, settings.judge_model)
    settings.require_prices(spec)
    begun = await jobs.list_jobs(database, UNFINISHED, spec.key(), limit=1)
    if begun.items:
        job = await resume_job(database, begun.items[0].id, settings, spec.budget)
        parts_of(request).offer(job.id, ended=job.state.ended)
        return job
    seed: str | None = getattr(request.state, "seed", None)
    job = await planned_runs.create(database, spec, resolve(spec, settings), seed)
    parts_of(request).offer(job.id, ended=job.state.ended)
    response.headers["Location"] = parts_of(request).address(f"/v1/tests/{name}/runs/{job.id}")
    return job


@router.get("/{name}/runs", responses=responses(404, 422, 503))
async def runs(database: TheDatabase, name: TestName, limit: Limit = 50, cursor: Cursor = None) -> Page[Job]:
    """The runs of a test set, newest first."""
    await test_sets.get(database, name)
    return await test_runs.runs(database, name, limit, cursor)


@router.get(
    "/{name}/runs/{run_id}",
    responses=responses(404, 422, 503)
    | {
        200: {
            "description": "The report, in the format that was asked for",
            "content": {"text/plain": {}, "text/markdown": {}, "image/svg+xml": {}},
        }
    },
)
async def report(
    database: TheDatabase,
    name: TestName,
    run_id: RunId,
    format: Annotated[
        Literal["json", "text", "markdown", "svg"],
        Query(description="json; text: columns; markdown: with its picture; svg: the picture alone"),
    ] = "json",
) -> Any:
    """What a run has found so far: wins, ties and losses with intervals, by discipline and field.

    `inconsistent` are questions in which the two orders disagree; they count as ties. `errors` are not in the
    score. `first_share` and `longer_share` say what the judge prefers whoever wrote it.
    """
    # Here, because numpy is loaded with it.
    from generators.running.evaluating.test_report import report as report_of
    from service.media import test_reports

    found = await report_of(database, await test_runs.get(database, name, run_id))
    if format == "json":
        return Response(to_json(found), media_type="application/json")
    return Response(test_reports.rendered(found)[format](), media_type=test_reports.MEDIA[format])
