"""What two workers keep at the same moment: found when their jobs end, by a check that can be undone."""

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from growing import discipline, ended, grow, made, planned, settings_of, working
from openai_server import Answer, Call, OpenAIServer, default_reply

from generators.quality.duplicates.near_duplicates import RULE
from generators.running.engines.local import LocalWorker
from graph.database import Database
from graph.instructions import withdrawal
from graph.jobs.job import Job, JobState
from graph.quality import checks, evidence, findings
from graph.quality.checks import Check, CheckState
from graph.quality.evidence import Candidates
from graph.taxonomy import nodes

TIDES = "Explain how the tides of a bay depend on the moon, and name two harbours where it shows."
SLIPPED = "Explain how the tides of a bay depend on the moon, and name two harbuors where it shwos."


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers see nothing of what others keep, as if all were kept at the same moment."""

    async def nothing(_: Database, wanted: Sequence[Any]) -> dict[str, Candidates]:
        return {row["id"]: Candidates(None, []) for row in wanted}

    monkeypatch.setattr(evidence, "candidates", nothing)


class Both:
    """Asks for the same once in each of two disciplines, and for something else otherwise.

    The first questions of the two wait for each other: else a fast worker takes both jobs, one after the
    other, and neither is beside anything.
    """

    def __init__(self) -> None:
        self._both = threading.Event()
        self._asked: set[str] = set()

    def __call__(self, call: Call) -> Answer:
        if call.step != "questions":
            return default_reply(call)
        text = TIDES if "Algebra" in call.prompt else SLIPPED
        first = text not in self._asked
        self._asked.add(text)
        if not first:
            return default_reply(call)
        if len(self._asked) == 2:
            self._both.set()
        return Answer(json.dumps({"question": text}), until=self._both)


async def both(database: Database, endpoint: OpenAIServer, **spec: Any) -> tuple[str, list[Job]]:
    """The taxonomy, and two jobs that were run beside each other by two workers."""
    endpoint.reply, endpoint.delay_s = Both(), 0.02
    settings = settings_of(endpoint)
    roots = [await discipline(database, "Algebra"), await discipline(database, "Botany")]
    begun = [await planned(database, settings, root, subjects_per_discipline=1, **spec) for root in roots]
    async with working(database, settings), working(database, settings):
        done = [await ended(database, job.id) for job in begun]
    above = (await nodes.get(database, roots[0])).parents[0]
    return above, done


async def sweeps(database: Database) -> list[Check]:
    return (await checks.list_checks(database)).items


async def test_what_two_jobs_keep_at_the_same_moment_is_found_when_they_end(
    database: Database, endpoint: OpenAIServer, unseen: None
) -> None:
    root, done = await both(database, endpoint, add=8)
    assert [(job.state, job.ledger.accepted) for job in done] == [(JobState.done, 8)] * 2
    found = await sweeps(database)
    assert {check.job_id for check in found} <= {job.id for job in done}
    assert all((check.state, check.rule) == (CheckState.done, RULE) for check in found)
    [check] = [check for check in found if check.withdrawn]
    assert (check.found, check.withdrawn) == (1, 1)
    same = sorted(
        (i for i in await made(database, root) if i.question in (TIDES, SLIPPED)),
        key=lambda i: (i.created_at, i.id),
    )
    # The later one is withdrawn, whichever job it is of.
    assert [(i.status, i.reason) for i in same] == [("accepted", None), ("withdrawn", "duplicate")]
    row = await evidence.of_instruction(database, same[1].id)
    assert row
    assert [(one["id"], one["check_id"]) for one in row["near_duplicates"]] == [(same[0].id, check.id)]
    noted = [note for job in done for note in job.changes if check.id in note]
    assert len(noted) == 1
    await withdrawal.undo(database, check.id)
    assert {i.status for i in await made(database, root)} == {"accepted"}


async def test_without_the_check_for_duplicates_or_beside_nobody_nothing_is_swept(
    database: Database, endpoint: OpenAIServer, unseen: None
) -> None:
    await both(database, endpoint, add=4, checks={"duplicates": False})
    assert await sweeps(database) == []
    root = await discipline(database, "Chemistry")
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=4)
    assert job.state is JobState.done
    assert await sweeps(database) == []


async def test_a_sweep_that_was_broken_off_is_ended_by_the_job_once_it_is_resumed(
    database: Database, endpoint: OpenAIServer, unseen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = findings.settle

    async def stands(*args: Any, **more: Any) -> None:
        await done(*args, **more)
        stopped.set()
        await asyncio.Event().wait()

    stopped = asyncio.Event()
    monkeypatch.setattr(findings, "settle", stands)
    settings, endpoint.reply, endpoint.delay_s = settings_of(endpoint), Both(), 0.02
    roots = [await discipline(database, "Algebra"), await discipline(database, "Botany")]
    begun = [await planned(database, settings, root, subjects_per_discipline=1, add=6) for root in roots]
    workers = [LocalWorker(database, settings, lease_s=1) for _ in roots]
    tasks = [asyncio.create_task(worker.work()) for worker in workers]
    await asyncio.wait_for(stopped.wait(), 60)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    monkeypatch.setattr(findings, "settle", done)
    async with working(database, settings):
        jobs_ended = [await ended(database, job.id) for job in begun]
    assert {job.state for job in jobs_ended} == {JobState.done}
    assert {check.state for check in await sweeps(database)} == {CheckState.done}
    assert sum(check.withdrawn for check in await sweeps(database)) == 1
