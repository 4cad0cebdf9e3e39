"""The disk fills up while a job runs, and later has room again."""

import asyncio

from growing import discipline, ended, made, planned, settings_of, working
from openai_server import OpenAIServer

from graph.database import Address, Database
from graph.embedded.attach import Attachment
from graph.errors import DiskFull
from graph.jobs.job import JobState

WANTED = 40


async def test_a_job_waits_for_room_and_pays_for_nothing_twice(
    database: Database, neo4j: Attachment, endpoint: OpenAIServer
) -> None:
    full = False
    refused = 0

    def room() -> None:
        nonlocal refused
        if full:
            refused += 1
            raise DiskFull("The disk is full.")

    endpoint.delay_s = 0.02
    root = await discipline(database)
    settings = settings_of(endpoint, concurrency=4)
    job = await planned(database, settings, root, subjects_per_discipline=2, add=WANTED)
    filling = await Database.open(Address(neo4j.uri, neo4j.username, neo4j.password), None, room)
    async with working(filling, settings):
        while endpoint.steps["answers"] < WANTED // 4:
            await asyncio.sleep(0.005)
        full = True
        while refused < 3:
            await asyncio.sleep(0.02)
        # Calls in flight have returned, and no new ones have been made.
        sent = -1
        while sent < (sent := len(endpoint.calls)):
            await asyncio.sleep(0.5)
        assert len(await made(database, root)) < WANTED
        assert sent < 3 + 2 + 2 * WANTED
        full = False
        job = await ended(database, job.id)
    await filling.close()
    assert (job.state, job.ledger.accepted, job.reason) == (JobState.done, WANTED, None)
    assert len(await made(database, root)) == WANTED
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == WANTED
