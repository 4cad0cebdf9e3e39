"""Jobs: what to grow, the progress, and the ledger as it changes."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from generators.models.settings import resolve
from generators.planning import plan
from generators.planning.strata_report import StratumReport, strata_report
from generators.running.resume import resume as resume_job
from generators.spaces.strata import ALL_STRATA
from generators.spec import BudgetSpec, JobSpec
from graph import coverage as coverages
from graph.database import Database
from graph.errors import Invalid, NotFound
from graph.jobs import jobs, units
from graph.jobs.job import Job, JobState
from graph.jobs.jobs import Action
from graph.pages import Page
from service.http.errors import responses
from service.job_feed import Seen
from service.parts import parts_of
from service.routes import TheDatabase, body_like
from service.routes.parameters import Cursor, Limit

router = APIRouter(tags=["jobs"])

JobId = Annotated[str, Path(description="Id of a job")]


class JobView(Job):
    """A job with the coverage of its root and the estimated time of its end."""

    coverage: coverages.Coverage | None = Field(default=None, description="Coverage of the node it grows")
    strata: dict[str, StratumReport] = Field(
        default_factory=dict, description="Planned instructions by kind of combination"
    )
    dials: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Accepted instructions by dial and value; empty without dials"
    )
    eta: datetime | None = Field(
        default=None, description="Estimated end at the present rate; null unless it is running"
    )


async def _view(database: Database, job: Job) -> JobView:
    """The job with its coverage, its planned strata and its ETA."""
    strata = [str(stratum) for stratum in ALL_STRATA]
    found = None
    with suppress(NotFound):  # the root may have been purged
        found = await coverages.of(database, job.root_id, strata)
    planned = await units.strata(database, job.id)
    spec = JobSpec.model_validate(job.spec)
    exhausted = coverages.exhausted(found, spec.laps) if found else []
    return JobView(
        **job.model_dump(),
        coverage=found,
        eta=_eta(job),
        strata=strata_report(spec, planned, exhausted) if planned else {},
        dials=await jobs.dials(database, job.id) if spec.dials else {},
    )


def _eta(job: Job) -> datetime | None:
    """When the rest will be done at the rate of the last half minute; None if there is no rate."""
    if job.state is not JobState.running or not job.live or not job.live.samples_per_s:
        return None
    left = job.ledger.pending + job.ledger.asked
    # Bounded, because at a rate near zero the date would overflow.
    return datetime.now(UTC) + timedelta(seconds=min(left / job.live.samples_per_s, 10**9))


@router.post(
    "/v1/jobs",
    status_code=202,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"root_id": "0199f0c2a7b1c3d4e5f60718", "add": 100}),
)
async def create(database: TheDatabase, spec: JobSpec, request: Request, response: Response) -> JobView:
    """Creates a job, which a worker then runs. The plan is stored before the first call is paid for."""
    require_plain(spec)
    settings = parts_of(request).model_settings
    settings.require_prices(spec)
    # With an Idempotency-Key the job's id follows from the key: a repeat after a crash finds the job.
    seed: str | None = getattr(request.state, "seed", None)
    job = await plan.create(database, spec, resolve(spec, settings), seed)
    parts_of(request).offer(job.id, ended=job.state.ended)
    response.headers["Location"] = parts_of(request).address(f"/v1/jobs/{job.id}")
    return await _view(database, job)


def require_plain(spec: JobSpec) -> None:
    """Raises Invalid for the jobs of test sets and their runs, which more belongs to."""
    if spec.held_out or spec.test_run:
        raise Invalid(
            "held_out, test_run: create test sets by POST /v1/tests, and runs by their own requests"
        )


@router.get("/v1/jobs", responses=responses(422, 503))
async def list_jobs(
    database: TheDatabase,
    state: Annotated[list[JobState] | None, Query(description="Only jobs in these states")] = None,
    spec_key: Annotated[str | None, Query(description="Only the job with this digest of its spec")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Job]:
    """The jobs, newest first."""
    return await jobs.list_jobs(database, state, spec_key, limit, cursor)


# Declared before the route of a single job, which would take `events` for an id.
@router.get("/v1/jobs/events", response_class=EventSourceResponse, responses=responses(503))
async def all_events(request: Request) -> AsyncIterator[ServerSentEvent]:
    """All active jobs on one stream: an event `job` at each change of one, and `end` when it has stopped.

    A browser allows six connections to a service: one stream leaves the others free, however many jobs a page
    shows. With more than 100 active jobs, the newest 100 are followed.
    """
    before: Seen = {}
    async with aclosing(_heard(request, parts_of(request).feed.of_all())) as heard:
        async for seen in heard:
            for id_, job in seen.items():
                if job != before.get(id_):
                    yield _event(job)
            before = seen


@router.get("/v1/jobs/{job_id}", responses=responses(404, 503))
async def get(database: TheDatabase, job_id: JobId) -> JobView:
    """One job with its ledger."""
    return await _view(database, await jobs.get(database, job_id))


async def _existing(database: TheDatabase, job_id: JobId) -> None:
    """Raises NotFound as long as a 404 can be sent: once a stream has begun, its status is fixed."""
    if not await jobs.exists(database, job_id):
        raise NotFound(f"no job has the id {job_id}")


@router.get(
    "/v1/jobs/{job_id}/events",
    response_class=EventSourceResponse,
    responses=responses(404, 503),
    dependencies=[Depends(_existing)],
)
async def events(database: TheDatabase, job_id: JobId, request: Request) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `job` at every change of the job, and `end` when it has ended."""
    async with aclosing(_heard(request, parts_of(request).feed.of_job(job_id))) as heard:
        async for seen in heard:
            job = seen[job_id]
            if job.state.ended:
                view = await _view(database, job)
                yield ServerSentEvent(event="end", data=view.model_dump(mode="json"))
                return
            yield _event(job)


async def _heard(request: Request, seen: AsyncGenerator[Seen | None]) -> AsyncGenerator[Seen]:
    """The states seen, for as long as the client listens and the service is not shutting down."""
    async with aclosing(seen):
        async for jobs_now in seen:
            if await request.is_disconnected() or parts_of(request).exiting():
                return
            if jobs_now is not None:
                yield jobs_now


def _event(job: Job) -> ServerSentEvent:
    view = JobView(**job.model_dump(), eta=_eta(job))
    kind = "end" if job.state.ended else "job"
    return ServerSentEvent(event=kind, data=view.model_dump(mode="json", exclude={"coverage"}))


async def _act(database: Database, job_id: str, action: Action, request: Request) -> JobView:
    job = await jobs.act(database, job_id, action)
    parts_of(request).offer(job.id, ended=job.state.ended)
    return await _view(database, job)


@router.post("/v1/jobs/{job_id}:pause", responses=responses(404, 409, 503))
async def pause(database: TheDatabase, job_id: JobId, request: Request) -> JobView:
    """Stops the job once the calls in flight have finished and their results are stored."""
    return await _act(database, job_id, "pause", request)


class Resumption(BaseModel):
    """What to change when a job is resumed."""

    model_config = ConfigDict(extra="forbid")

    budget: BudgetSpec | None = Field(
        default=None, description="Replaces the job's budget; what was spent before counts too"
    )


@router.post(
    "/v1/jobs/{job_id}:resume",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"budget": {"usd": 20.0}}),
)
async def resume(
    database: TheDatabase, job_id: JobId, request: Request, resumption: Resumption | None = None
) -> JobView:
    """Resumes the job where it stopped; nothing is paid for twice."""
    settings = parts_of(request).model_settings
    job = await resume_job(database, job_id, settings, resumption.budget if resumption else None)
    parts_of(request).offer(job.id, ended=job.state.ended)
    return await _view(database, job)


@router.post("/v1/jobs/{job_id}:cancel", responses=responses(404, 409, 503))
async def cancel(database: TheDatabase, job_id: JobId, request: Request) -> JobView:
    """Ends the job for good; what it produced is kept."""
    return await _act(database, job_id, "cancel", request)
