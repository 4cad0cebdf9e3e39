"""kill -9 of the process that runs a job, or of the database, midway; then the job is finished.

Nothing acknowledged is lost, nothing is stored twice, the ledger balances, and only calls that were in flight
are paid for again.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from examining import taught, varied
from naming import Namer
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import rows_of
from refining import Refined, Sampled, likes_refined

from generators.spec import JobSpec
from graph.database import Database
from graph.embedded.attach import EmbeddedConfig, attach, info, stop
from graph.evaluation import test_sets
from graph.instructions import instructions
from graph.instructions.instructions import Filter, Instruction, InstructionStatus
from graph.jobs import jobs
from graph.jobs.job import Job, JobState
from graph.model import Kind, NewNode
from graph.quality import benchmarks
from graph.taxonomy import nodes
from service.database import embedded_config, open_database
from service.settings import Settings

GLAN = Path(sys.executable).with_name("glan")
CONCURRENCY = 4
WANTED = 60
WORDLESS = "MATCH (i:Instruction) WHERE i.text_key IS NOT NULL AND i.words IS NULL RETURN i.id"
# EVERY_KILL=1 takes more moments, which takes minutes.
KILLS, SEEDS = (3, [1, 2, 3]) if "EVERY_KILL" in os.environ else (2, [1])


def environment(settings: Settings, endpoint: OpenAIServer) -> dict[str, str]:
    return os.environ | {
        "GLAN_HOME": str(settings.home),
        "GLAN_CACHE": str(settings.cache),
        "GLAN_LEASE_S": "2",
        "GLAN_LINGER_S": "5",
        "GLAN_CONCURRENCY": str(CONCURRENCY),
        "OPENAI_BASE_URL": endpoint.base_url,
        "GLAN_MODEL": "test-model",
    }


def command(root: str, *more: str) -> list[str]:
    return [
        str(GLAN), "grow", root, "--add", str(WANTED), "--subjects", "2", "--queries", "1", "--json", *more,
    ]  # fmt: skip


async def plant(database: Database) -> str:
    """The id of a new discipline."""
    taxonomy, _ = await nodes.insert(database, NewNode(kind=Kind.Taxonomy, name="GLAN"))
    field, _ = await nodes.insert(database, NewNode(kind=Kind.Field, name="Science", parent_id=taxonomy.id))
    node, _ = await nodes.insert(database, NewNode(kind=Kind.Discipline, name="Algebra", parent_id=field.id))
    return node.id


async def stored(database: Database, root: str) -> dict[str, Instruction]:
    found = [i async for i in await instructions.pull(database, root, Filter(tuple(InstructionStatus)))]
    assert len({i.id for i in found}) == len(found)
    return {i.id: i for i in found}


def paid_again(endpoint: OpenAIServer) -> int:
    """Calls beyond those of an undisturbed run: two per list of subjects, per syllabus and per sample."""
    return len(endpoint.calls) - (2 + 2 * 2 + 2 * WANTED)


def balanced(job: Job) -> bool:
    counts = job.ledger
    return counts.requested == (
        counts.accepted + counts.rejected + counts.failed + counts.asked + counts.pending
    )


async def only_job(database: Database) -> Job:
    [job] = (await jobs.list_jobs(database)).items
    assert balanced(job)
    return job


async def ended_job(database: Database) -> Job:
    """The only job, once it has ended; its last state if it does not end within a minute."""
    for _ in range(600):
        if (job := await only_job(database)).state.ended:
            return job
        await asyncio.sleep(0.1)
    return await only_job(database)


async def killed_at(moment: int, args: list[str], env: dict[str, str], endpoint: OpenAIServer) -> None:
    """Runs a command until the endpoint has got this many calls, and kills it."""
    process = subprocess.Popen(args, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(endpoint.calls) < moment:
        assert process.poll() is None
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


async def finished(args: list[str], env: dict[str, str]) -> str:
    """What a command prints that runs to its end; it must succeed."""
    ran = await asyncio.to_thread(subprocess.run, args, env=env, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_process_of_a_job(
    database: Database, settings: Settings, endpoint: OpenAIServer, seed: int
) -> None:
    root = await plant(database)
    endpoint.delay_s = 0.03
    # Early enough that the job cannot end between the check of what is stored and the kill.
    moments = sorted(random.Random(seed).sample(range(3, 2 * WANTED - 40), KILLS))
    await stored(database, root)  # so that Neo4j plans this query now, not while the job runs
    kills = wordless = 0
    for moment in moments:
        process = subprocess.Popen(
            command(root),
            env=environment(settings, endpoint),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while len(endpoint.calls) < moment and process.poll() is None:
            await asyncio.sleep(0.005)
        if process.poll() is None:
            before = await stored(database, root)
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            after = await stored(database, root)
            assert before.keys() <= after.keys()
            assert (await only_job(database)).state in (JobState.running, JobState.planned)
            wordless += len(await rows_of(database, WORDLESS))
    assert kills
    printed = await finished(command(root), environment(settings, endpoint))
    job = await only_job(database)
    assert (job.state, job.ledger.accepted, job.ledger.pending) == (JobState.done, WANTED, 0)
    assert json.loads(printed)["id"] == job.id
    found = await stored(database, root)
    assert len(found) == WANTED
    assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found.values()}) == WANTED
    # Words are stored some at once: those that a kill left out are there as well.
    assert wordless
    assert not await rows_of(database, WORDLESS)
    # At most the calls in flight at each kill are paid for again.
    assert 0 <= paid_again(endpoint) <= CONCURRENCY * kills


async def test_a_taxonomy_is_proposed_once(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    """Each list supports its names once, and the command that is repeated shows what is there."""
    endpoint.reply, endpoint.delay_s = Namer({"World": [["Physics", "Law"]]}), 0.03
    args = [str(GLAN), "taxonomy", "propose", "World", "--samples", "3", "--json"]
    env = environment(settings, endpoint)
    calls = 2 * 3 * (1 + 2 + 4)
    await killed_at(calls // 2, args, env, endpoint)
    printed: dict[str, Any] = json.loads(await finished(args, env))
    assert printed["job"]["state"] == "done"
    assert {row["support"] for row in printed["proposed"]} == {3}
    assert [row["kind"] for row in printed["proposed"]].count("Discipline") == 8
    assert len(printed["proposed"]) == 2 + 4 + 8
    paid = len(endpoint.calls)
    assert 0 <= paid - calls <= CONCURRENCY
    ran = await asyncio.to_thread(subprocess.run, args[:-1], env=env, capture_output=True, text=True)
    assert "has done this with the same options" in ran.stderr
    assert "Law 11 21 Discipline, 3 of 3" in ran.stdout
    assert len(endpoint.calls) == paid


UNCHECKED = ("--skip-check", "texts", "--skip-check", "duplicates")
DIALS = ("--difficulty", "apply=2,analyze=1", "--task", "a riddle,a proof", "--persona", "graph", *UNCHECKED)


async def test_dials_are_the_same_after_a_kill(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    """Each is what its id and the spec make it, whichever process asked."""
    root = await plant(database)
    above = (await nodes.get(database, root)).parents[0]
    for name in ("Law", "Music"):
        await nodes.insert(database, NewNode(kind=Kind.Discipline, name=name, parent_id=above))
    endpoint.delay_s = 0.03
    args, env = command(root, *DIALS), environment(settings, endpoint)
    for moment in (WANTED // 2, WANTED):
        await killed_at(moment, args, env, endpoint)
    await finished(args, env)
    job = await only_job(database)
    assert job.ledger.accepted == WANTED
    dials = JobSpec.model_validate(job.spec).dial_space("Algebra")
    rows = await rows_of(database, "MATCH (i:Instruction) RETURN i {.*} AS i")
    assert len(rows) == WANTED
    asked = "".join(call.messages[0]["content"] for call in endpoint.calls if call.step == "questions")
    for row in (row["i"] for row in rows):
        cell = dials.cell(row["space_version"], row["stratum"], row["position"], row["repeat"])
        assert row["dials"] == dials.labels(cell)
        assert cell[-1] in asked


async def two_taught(database: Database) -> str:
    """The id of a field with two disciplines, a syllabus in each."""
    root = await plant(database)
    field = (await nodes.get(database, root)).parents[0]
    law, _ = await nodes.insert(database, NewNode(kind=Kind.Discipline, name="Law", parent_id=field))
    for id_ in (root, law.id):
        await taught(database, id_)
    return field


async def killed_twice(args: list[str], env: dict[str, str], endpoint: OpenAIServer, calls: int) -> None:
    """Runs a command that makes this many calls, kills it after a third and after two, and has it end."""
    endpoint.delay_s = 0.03
    for moment in (calls // 3, 2 * calls // 3):
        await killed_at(moment, args, env, endpoint)
    await finished(args, env)
    assert 0 <= len(endpoint.calls) - calls <= 2 * CONCURRENCY


async def test_no_combination_of_two_syllabi_is_drawn_twice(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    field = await two_taught(database)
    args = [str(GLAN), "grow", field, "--add", str(WANTED), "--cross", "1", "--json", *UNCHECKED]
    await killed_twice(args, environment(settings, endpoint), endpoint, 2 * WANTED)
    job = await only_job(database)
    assert (job.state, job.ledger.accepted) == (JobState.done, WANTED)
    found = await stored(database, field)
    assert len(found) == len({(tuple(i.sessions), tuple(i.concepts)) for i in found.values()}) == WANTED
    drawn = await rows_of(
        database,
        "MATCH (i:Instruction) RETURN count { (i)-[:DRAWN_FROM]->() } AS sessions,"
        " COUNT { MATCH (i)-[:DRAWN_FROM]->()<-[:CONTAINS]-(y:Syllabus) RETURN DISTINCT y } AS syllabi",
    )
    assert drawn == [{"sessions": 2, "syllabi": 2}] * WANTED


async def test_a_test_set_holds_what_it_promises(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    """Each of its questions once, in its benchmark too; what is not complete is neither."""
    field = await two_taught(database)
    endpoint.reply = varied
    args = [str(GLAN), "test", "create", "exam", "--under", field, "--per-discipline", "30", "--json"]
    await killed_twice(args, environment(settings, endpoint), endpoint, WANTED)
    exam = await test_sets.require_complete(database, "exam")
    assert [(one.name, one.items) for one in exam.disciplines] == [("Algebra", 30), ("Law", 30)]
    assert (await benchmarks.get(database, "exam")).items == WANTED
    held = await rows_of(database, "MATCH (i:Instruction) RETURN i.status AS status, i.combination AS key")
    assert {row["status"] for row in held} == {"held"}
    assert len(held) == len({row["key"] for row in held}) == WANTED
    assert await stored(database, field) == {}


async def test_no_answer_of_several_is_bought_twice(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    """Samples, critiques, refined answers and opinions are stored one by one, and the job's sums have all."""
    root = await plant(database)
    sampled = Sampled(lambda number: ["7", "8"] if number % 2 else [None])
    refined = Refined(likes_refined)
    endpoint.reply = lambda call: (sampled if call.step == "answers" else refined)(call)
    endpoint.delay_s = 0.03
    args = [str(GLAN), "grow", root, "--add", "24", "--subjects", "1", "--queries", "1", "--json"]
    args, env = [*args, "--consensus", "--refine", "--compare", "1"], environment(settings, endpoint)
    moments = sorted(random.Random(4).sample(range(10, 100), KILLS))
    for moment in moments:
        await killed_at(moment, args, env, endpoint)
    await finished(args, env)
    job = await only_job(database)
    assert (job.state, job.ledger.accepted) == (JobState.done, 24)
    # What was in flight at a kill is all that was paid for and is not there.
    assert 0 <= len(endpoint.calls) - job.spent.calls <= CONCURRENCY * len(moments)
    for found in (await stored(database, root)).values():
        drafts = (await instructions.get(database, found.id)).drafts
        samples = [draft for draft in drafts if draft.kind == "sample"]
        assert [draft.number for draft in samples] in ([], [1, 2, 3, 4, 5], [1, 2, 3, 4], [1, 2, 3], [1, 2])
        assert found.usage.calls == 1 + (sum(draft.calls for draft in samples) or 1)
        assert found.rejected_answer is not None or len(samples) == 2
    assert job.refinement
    assert job.refinement.compared == job.refinement.won == job.refinement.critiques


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Iterator[Settings]:
    """Settings for the test's own Neo4j, which may be killed."""
    own = settings.model_copy(update={"home": tmp_path / "neo4j", "linger_s": 1.0})
    yield own
    stop(embedded_config(own), force=True)


async def test_the_database(own: Settings, endpoint: OpenAIServer) -> None:
    endpoint.delay_s = 0.05
    config: EmbeddedConfig = embedded_config(own)
    keep = await asyncio.to_thread(attach, config)
    async with open_database(own) as database:
        root = await plant(database)
    process = subprocess.Popen(
        command(root),
        env=environment(own, endpoint),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while endpoint.steps["answers"] < WANTED // 3:
        assert process.poll() is None
        await asyncio.sleep(0.005)
    running = info(config)
    assert running
    assert running.pid
    os.kill(running.pid, signal.SIGKILL)
    stdout, stderr = await asyncio.to_thread(process.communicate, None, 180)
    assert process.returncode == 0, stderr
    job: dict[str, Any] = json.loads(stdout)
    assert job["state"] == "done"
    keep.release()
    async with open_database(own) as database:
        assert (await only_job(database)).ledger.accepted == WANTED
        found = await stored(database, root)
        assert len({(tuple(i.sessions), tuple(i.concepts)) for i in found.values()}) == WANTED
    # Everything that the database had acknowledged was there after its recovery.
    assert 0 <= paid_again(endpoint) <= CONCURRENCY


async def test_the_service(database: Database, settings: Settings, endpoint: OpenAIServer) -> None:
    """A worker in another process takes over from a service that was killed, within the lease."""
    root = await plant(database)
    endpoint.delay_s = 0.03
    env = environment(settings, endpoint)
    serve = subprocess.Popen([str(GLAN), "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True)
    assert serve.stderr
    url = next(line for line in serve.stderr if "http://" in line).split("http://")[1].split()[0]
    spec = {"root_id": root, "subjects_per_discipline": 2, "queries_per_discipline": 1, "add": WANTED}
    async with httpx.AsyncClient(base_url=f"http://{url}", timeout=60) as http:
        for _ in range(200):
            try:
                created = await http.post("/v1/jobs", json=spec)
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        else:
            raise AssertionError("the service does not answer")
    assert created.status_code == 202
    while endpoint.steps["answers"] < WANTED // 2:
        await asyncio.sleep(0.005)
    serve.send_signal(signal.SIGKILL)
    serve.wait()
    serve.stderr.close()
    worker = subprocess.Popen([str(GLAN), "worker"], env=env, stderr=subprocess.DEVNULL)
    try:
        job = await ended_job(database)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 30) == 0
    assert (job.state, job.ledger.accepted) == (JobState.done, WANTED)
    assert 0 <= paid_again(endpoint) <= CONCURRENCY


async def test_a_worker_that_was_suspended_past_its_lease_writes_nothing(
    database: Database, settings: Settings, endpoint: OpenAIServer
) -> None:
    """Suspended with calls in flight, it wakes up long after another worker has taken the job over.

    It pays for nothing either: the replies that have arrived for it lead to no further call.
    """
    root = await plant(database)
    let_go = threading.Event()
    held: list[Call] = []

    def reply(call: Call) -> Answer:
        if endpoint.steps["answers"] < WANTED // 3:
            return default_reply(call)
        held.append(call)
        return replace(default_reply(call), until=let_go)

    endpoint.reply = reply
    env = environment(settings, endpoint)
    sleeper = subprocess.Popen(command(root), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    # By then all the calls that it may make at once are with the endpoint, and none is half sent.
    while len(held) < CONCURRENCY:
        assert sleeper.poll() is None
        await asyncio.sleep(0.005)
    sleeper.send_signal(signal.SIGSTOP)
    let_go.set()
    worker = subprocess.Popen([str(GLAN), "worker"], env=env, stderr=subprocess.DEVNULL)
    try:
        job = await ended_job(database)
        assert (job.state, job.ledger.accepted) == (JobState.done, WANTED)
        before = await everything(database)
        calls = len(endpoint.calls)
        sleeper.send_signal(signal.SIGCONT)
        _, said = await asyncio.to_thread(sleeper.communicate, None, 60)
    finally:
        sleeper.kill()
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 30) == 0
    assert "another worker" in said.decode()
    assert await everything(database) == before
    assert len(endpoint.calls) == calls
    assert 0 <= paid_again(endpoint) <= CONCURRENCY


async def everything(database: Database) -> list[dict[str, Any]]:
    """Every node's properties and every link, for comparison; without rollups, which reads may recount."""
    found = await rows_of(
        database, "MATCH (n) WHERE NOT n:Rollup RETURN labels(n) AS labels, properties(n) AS it"
    )
    found += await rows_of(database, "MATCH (a)-[r]->(b) RETURN type(r) AS labels, [a.id, b.id] AS it")
    return sorted(found, key=repr)
