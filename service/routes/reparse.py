"""Parses the kept replies of a job once more."""

from fastapi import APIRouter

from generators.running.reparse_report import ReparseReport
from service.http.errors import responses
from service.routes import TheDatabase
from service.routes.jobs import JobId

router = APIRouter(tags=["jobs"])


@router.post("/v1/jobs/{job_id}:reparse", responses=responses(404, 409, 503))
async def reparse(database: TheDatabase, job_id: JobId) -> ReparseReport:
    """Parses the unusable replies again with today's parser, without calling a model.

    Refused while a worker runs the job: pause it first. What is recovered is stored as if it had been parsed
    at first. Recovered questions wait for their answers, and answers for a judge where the job has
    one: resume the job. Repeating it changes nothing.
    """
    from generators.running.reparse import reparse as read_again  # here, because it loads the model clients

    return await read_again(database, job_id)
