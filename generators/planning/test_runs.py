"""Plans test runs: jobs in which two models answer the questions of a test set and a judge compares them."""

import json
from typing import Any

from generators.spec import JobSpec, PairwiseRun
from graph.database import Database
from graph.errors import Conflict, Invalid
from graph.evaluation import test_runs, test_sets
from graph.evaluation.test_sets import GlanTest
from graph.jobs import jobs
from graph.jobs.job import Job
from graph.model import digest, new_id

SAME = "a model is not compared with itself: name another one, or give one of them a tag"


async def required(database: Database, spec: JobSpec) -> GlanTest:
    """The test set of a run that can begin.

    Raises NotFound, Conflict if questions are missing or no answers were sent under the name, Invalid if no
    judge is named or a model is compared with itself.
    """
    run = _of(spec)
    if not spec.models.judge:
        raise Invalid("name the judge: a model that is better than the two it compares, and not one of them")
    names = (spec.models.answers, run.tag), (spec.models.default, run.rival_tag)
    if run.rival_answers is None and names[0] == names[1]:
        raise Invalid(SAME)
    found = await test_sets.require_complete(database, run.test)
    if run.rival_answers is not None and not await _sent(database, run.test, run.rival_answers):
        raise Conflict(
            f"no answers to {run.test} were sent under {run.rival_answers}: send them to "
            f"POST /v1/tests/{run.test}/answers first"
        )
    return found


def _of(spec: JobSpec) -> PairwiseRun:
    assert spec.test_run, "a test run is wanted"
    return spec.test_run


async def _sent(database: Database, test: str, name: str) -> bool:
    async for page in test_sets.stream_items(database, test):
        if await test_runs.answered(database, [sent_id(one["id"], name) for one in page]):
            return True
    return False


def sent_id(item: str, name: str) -> str:
    """The id of an answer that was sent under a name."""
    return digest("sent answer", item, name)


async def create(
    database: Database, spec: JobSpec, resolved: dict[str, Any], job_id: str | None = None
) -> Job:
    """Creates the job of a test run. Raises as `required` does; the same id twice gives one job."""
    if job_id is not None and await jobs.exists(database, job_id):
        return await jobs.get(database, job_id)
    found = await required(database, spec)
    properties = {
        "spec": spec.model_dump_json(exclude_none=True),
        "spec_key": spec.key(),
        "resolved": json.dumps(resolved),
        "requested": 0,
    }
    return await test_runs.create(database, found.name, job_id or new_id(), found.node_id, properties)
