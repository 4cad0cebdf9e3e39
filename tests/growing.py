"""Grows jobs in a real database against the deterministic endpoint, for the tests of the generators."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from openai_server import OpenAIServer

from generators.models.settings import ModelSettings, resolve
from generators.planning import plan
from generators.running.engines.local import LocalWorker
from generators.spec import JobSpec
from graph.database import Database
from graph.instructions import instructions
from graph.instructions.instructions import Filter, Instruction, InstructionStatus
from graph.jobs import jobs
from graph.jobs.job import Job
from graph.model import Kind, NewNode
from graph.taxonomy import nodes

EVERY = Filter(tuple(InstructionStatus))


async def discipline(database: Database, name: str = "Algebra", field: str = "Science") -> str:
    """The id of a new discipline under GLAN / field."""
    taxonomy, _ = await nodes.insert(database, NewNode(kind=Kind.Taxonomy, name="GLAN"))
    above, _ = await nodes.insert(database, NewNode(kind=Kind.Field, name=field, parent_id=taxonomy.id))
    node, _ = await nodes.insert(database, NewNode(kind=Kind.Discipline, name=name, parent_id=above.id))
    return node.id


def settings_of(endpoint: OpenAIServer, **more: Any) -> ModelSettings:
    return ModelSettings(base_url=endpoint.base_url, model="test-model", **more)


@asynccontextmanager
async def working(
    database: Database, settings: ModelSettings, *, lease_s: float = 3
) -> AsyncGenerator[LocalWorker]:
    worker = LocalWorker(database, settings, lease_s=lease_s)
    task = asyncio.create_task(worker.work())
    try:
        yield worker
    finally:
        worker.stop()
        await task


async def ended(database: Database, job_id: str) -> Job:
    """Waits until the job has ended and returns it; checks that its ledger balances all the while."""
    job = None
    for _ in range(600):
        job = await jobs.get(database, job_id)
        counts = job.ledger
        assert counts.requested + counts.again == (
            counts.accepted + counts.rejected + counts.failed + counts.asked + counts.pending
        )
        if job.state.ended:
            return job
        await asyncio.sleep(0.1)
    raise AssertionError(f"the job does not end: {job}")


async def planned(database: Database, settings: ModelSettings, root: str, **spec: Any) -> Job:
    """A job that waits for a worker, with one list of subjects per discipline unless the spec differs."""
    wanted = JobSpec.model_validate({"root_id": root, "queries_per_discipline": 1, **spec})
    return await plan.create(database, wanted, resolve(wanted, settings))


async def grow(
    database: Database,
    endpoint: OpenAIServer,
    root: str,
    settings: ModelSettings | None = None,
    **spec: Any,
) -> Job:
    """Plans a job and runs it to its end."""
    settings = settings or settings_of(endpoint)
    job = await planned(database, settings, root, **spec)
    return await run(database, settings, job.id)


async def run(database: Database, settings: ModelSettings, job_id: str) -> Job:
    """Runs a job to its end."""
    async with working(database, settings):
        return await ended(database, job_id)


async def made(database: Database, root: str, wanted: Filter = EVERY) -> list[Instruction]:
    return [i async for i in await instructions.pull(database, root, wanted)]
