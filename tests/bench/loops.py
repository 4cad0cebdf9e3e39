"""The loops that are measured, each in a separate process: `measure("glan", ...)`.

- glan: a job planned on the planted discipline and run by glan's worker; everything is durable in Neo4j.
- unchecked: the same without the checks of questions and answers.
- sdk: what a user would write without glan, the openai client with its aiohttp transport under a semaphore;
  the same number of calls with prompts of the same size, and nothing is written.
- raw: the same calls with aiohttp and json, without the SDK.
"""

import asyncio
import json
import logging
import resource
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Literal
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

Loop = Literal["glan", "unchecked", "sdk", "raw"]


@dataclass(frozen=True)
class Task:
    """What a measured process must do."""

    base_url: str
    samples: int
    warm_up: int = 200
    in_flight: int = 32
    timeout_s: float = 30.0
    home: str = ""
    discipline_id: str = ""
    prompt: str = ""
    retries: int = 0
    """The SDK's maximum retries; glan has its own rule."""
    lease_s: float = 5.0
    checks: bool = True
    job_id: str = ""
    """Resumes this job instead of planning one; without a warm-up."""
    profiled: bool = False
    """Says where the CPU of glan's process goes, and what it sends to Neo4j; slows it by some percent."""


def command(loop: Loop) -> list[str]:
    """The command of a process that reads a Task as JSON from standard input and prints figures as JSON."""
    return [sys.executable, __file__, loop]


def measure(loop: Loop, task: Task) -> dict[str, Any]:
    """`seconds`, `cpu_s` and `peak_mb` of a process, and further figures of its loop."""
    ran = subprocess.run(
        command(loop), input=json.dumps(asdict(task)), text=True, stdout=subprocess.PIPE, check=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


@dataclass
class Clock:
    """Wall-clock and CPU seconds (user and system, all threads) of a part of this process."""

    seconds: float = 0.0
    cpu_s: float = 0.0

    async def time(self, work: Awaitable[Any]) -> Any:
        """Times one piece of work."""
        wall, cpu = perf_counter(), process_time()
        result = await work
        self.seconds, self.cpu_s = perf_counter() - wall, process_time() - cpu
        return result


def figures(clock: Clock, **more: Any) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": clock.seconds, "cpu_s": clock.cpu_s, "peak_mb": peak, **more}


async def run_glan(task: Task) -> dict[str, Any]:
    """Runs a job from its planning to its end."""
    from bench.garden import clean_environment

    from service.app import make_worker
    from service.database import open_database
    from service.memory import collect_seldom
    from service.settings import Settings

    clean_environment()
    options: dict[str, Any] = {
        "_env_file": None,
        "home": Path(task.home),
        "openai_base_url": task.base_url,
        "model": "bench-model",
        "concurrency": task.in_flight,
        "request_timeout_s": task.timeout_s,
        "lease_s": task.lease_s,
    }
    settings = Settings(**options)
    async with open_database(settings) as database:
        worker = make_worker(database, settings, only_offered=True)
        collect_seldom()
        async with _working(worker):
            if task.job_id:
                return await _resumed(database, worker, task)
            if task.warm_up:
                await _job(database, settings, worker, task, task.warm_up)
            clock = Clock()
            job = _job(database, settings, worker, task, task.samples)
            if not task.profiled:
                return figures(clock, **_told(await clock.time(job)))
            from bench.worker_profile import Profile

            with Profile(urlsplit(database.uri).port or 7687) as profile:
                done = await clock.time(job)
            return figures(clock, **_told(done), profile=profile.figures())


async def run_unchecked(task: Task) -> dict[str, Any]:
    """Runs a job that keeps whatever the model writes."""
    return await run_glan(replace(task, checks=False))


def _told(job: Any) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "state": job.state.value,
        "reason": job.reason,
        "ledger": job.ledger.model_dump(),
        "reasons": {str(reason): found.count for reason, found in job.reasons.items()},
    }


@asynccontextmanager
async def _working(worker: Any) -> AsyncGenerator[None]:
    task = asyncio.create_task(worker.work())
    try:
        yield
    finally:
        worker.stop()
        await task


async def _job(database: Any, settings: Any, worker: Any, task: Task, samples: int) -> Any:
    from generators.models.settings import resolve
    from generators.planning import plan
    from generators.spec import ChecksSpec, JobSpec
    from service.app import model_settings

    checks = ChecksSpec(texts=task.checks, duplicates=task.checks, contamination=task.checks)
    spec = JobSpec(root_id=task.discipline_id, add=samples, checks=checks)
    job = await plan.create(database, spec, resolve(spec, model_settings(settings)))
    worker.offer(job.id)
    return await _ended(database, job.id)


async def _resumed(database: Any, worker: Any, task: Task) -> dict[str, Any]:
    clock = Clock()
    worker.offer(task.job_id)
    return figures(clock, **_told(await clock.time(_ended(database, task.job_id))))


async def _ended(database: Any, job_id: str) -> Any:
    """The job once it has ended. Waits for the worker's log: polling would distort the measurement."""
    from graph.jobs import jobs
    from graph.jobs.job import JobState

    said = asyncio.Event()
    log, handler = logging.getLogger("glan"), _Listener(job_id, said)
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        while True:
            rows = await database.read(jobs.GET, id=job_id)
            if rows and JobState(rows[0]["job"]["state"]).ended:
                return await jobs.get(database, job_id)
            said.clear()
            await _within(said, 0.5)
    finally:
        log.removeHandler(handler)


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


class _Listener(logging.Handler):
    def __init__(self, job_id: str, said: asyncio.Event) -> None:
        super().__init__(logging.INFO)
        self._job_id, self._said = job_id, said

    def emit(self, record: logging.LogRecord) -> None:
        if self._job_id in record.getMessage():
            self._said.set()


async def run_sdk(task: Task) -> dict[str, Any]:
    """Bare calls of the openai client."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    async with AsyncOpenAI(
        api_key="none",
        base_url=task.base_url,
        max_retries=task.retries,
        timeout=task.timeout_s,
        http_client=DefaultAioHttpClient(),
    ) as client:

        async def call(body: dict[str, Any]) -> str:
            create: Any = client.chat.completions.create
            completion = await create(**body)
            return completion.choices[0].message.content or ""

        return await _bare(task, call)


async def run_raw(task: Task) -> dict[str, Any]:
    """Bare calls without the SDK."""
    import aiohttp

    url = f"{task.base_url}/chat/completions"
    connector = aiohttp.TCPConnector(limit=2 * task.in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def call(body: dict[str, Any]) -> str:
            async with session.post(url, json=body) as response:
                reply: Any = json.loads(await response.read())
            return reply["choices"][0]["message"]["content"]

        return await _bare(task, call)


Call = Callable[[dict[str, Any]], Awaitable[str]]


async def _bare(task: Task, call: Call) -> dict[str, Any]:
    from generators.steps.parsing import json_schema
    from generators.steps.questions import QuestionReply

    schema = {"name": "reply", "strict": True, "schema": dict(json_schema(QuestionReply))}
    form = {"type": "json_schema", "json_schema": schema}
    await _samples(task, call, form, "warm up", task.warm_up)
    clock = Clock()
    lost = await clock.time(_samples(task, call, form, "sample", task.samples))
    return figures(clock, lost=lost)


async def _samples(task: Task, call: Call, form: dict[str, Any], name: str, number: int) -> int:
    """Questions and their answers; returns how many samples failed."""
    slots = asyncio.Semaphore(task.in_flight)

    async def sample(n: int) -> None:
        async with slots:
            prompt = f"{task.prompt}\n\n{name} {n}"
            asked = await call(_body(prompt, 1.0, 2048) | {"response_format": form})
            await call(_body(json.loads(asked)["question"], 0.7, 4096))

    results = await asyncio.gather(*(sample(n) for n in range(number)), return_exceptions=True)
    return sum(isinstance(result, Exception) for result in results)


def _body(prompt: str, temperature: float, most: int) -> dict[str, Any]:
    return {
        "model": "bench-model",
        "messages": [{"role": "user", "content": prompt}],
        "temperature": temperature,
        "top_p": 0.95,
        "max_tokens": most,
    }


LOOPS: dict[str, Callable[[Task], Awaitable[dict[str, Any]]]] = {
    "glan": run_glan,
    "unchecked": run_unchecked,
    "sdk": run_sdk,
    "raw": run_raw,
}


async def main() -> None:
    print(json.dumps(await LOOPS[sys.argv[1]](Task(**json.load(sys.stdin)))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
