"""Estimates of what a job is likely to take, before it is created."""

from fastapi import APIRouter, Request

from generators.estimates.estimate import Estimate
from generators.estimates.estimate import estimate as estimate_job
from generators.spec import JobSpec
from service.http.errors import responses
from service.parts import parts_of
from service.routes import TheDatabase, body_like
from service.routes.jobs import require_plain

router = APIRouter(tags=["jobs"])


@router.post(
    "/v1/jobs:estimate",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"root_id": "0199f0c2a7b1c3d4e5f60718", "add": 100}),
)
async def estimate(database: TheDatabase, spec: JobSpec, request: Request) -> Estimate:
    """Calls, tokens and cost by step, and how far the combinations reach, of a job that has not been started.

    Each figure has a range. It is based on what similar calls in this graph used, else on the prompts;
    `notes` says what was assumed and what is not known. Nothing is planned, stored or paid for.
    """
    require_plain(spec)
    return await estimate_job(database, spec, parts_of(request).model_settings)
