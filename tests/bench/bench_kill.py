"""kill -9 at random moments of one job: what is paid for twice, what is lost, what is duplicated.

A process that runs the job is stopped (SIGSTOP) at a random moment; the server's calls in progress are
counted, the process is killed, and the stored calls are counted in the graph. Calls that were sent but are
not stored were in flight. Then the next process takes over the same job, until it is done.
Run: python tests/bench/bench_kill.py [--quick]
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import Garden, Say, Server, endpoint, planted, silent
from bench.loops import Task, command

from generators.models.settings import resolve
from generators.planning import plan
from generators.spec import JobSpec
from graph.database import Database
from graph.instructions import instructions
from graph.instructions.instructions import Filter, Instruction, InstructionStatus
from service.app import model_settings
from service.database import open_database

SAMPLES = 1_000
KILLS = 20
IN_FLIGHT = 32
LEASE_S = 1.0
# Seconds per reply: long enough that there are always calls in flight.
LATENCY_S = 0.2
# The share of the job's calls made by the last kill, on average.
SPREAD = 0.85
SEED = 4
EVERY = Filter(tuple(InstructionStatus))

Row = dict[str, Any]


@dataclass
class Toll:
    """What was observed over all kills."""

    in_flight: list[int] = field(default_factory=list[int])
    """Calls sent whose replies are not in the graph, by kill."""
    at_the_server: list[int] = field(default_factory=list[int])
    """Of these, calls that the server works on, or whose reply was not read."""
    sent: int = 0
    stored: int = 0
    ids: set[str] = field(default_factory=set[str])
    lost: int = 0
    ended: Row = field(default_factory=dict[str, Any])


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row: kills, calls in flight, calls paid for twice, duplicates, lost instructions."""
    samples, kills = (200, 3) if quick else (SAMPLES, KILLS)
    with endpoint() as server, planted() as garden:
        server.reset(latency=LATENCY_S, jitter=LATENCY_S / 2, seed=SEED)
        started = monotonic()
        task = Task(
            server.base_url,
            samples,
            warm_up=0,
            in_flight=IN_FLIGHT,
            home=str(garden.home),
            discipline_id=garden.discipline_id,
            lease_s=LEASE_S,
        )
        task = replace(task, job_id=_in_database(garden, lambda database: _plan(database, garden, task)))
        toll = _killed_again_and_again(garden, server, task, kills, say)
        made = _in_database(garden, _made)
        return [_row(samples, toll, made, server.counters, monotonic() - started)]


def _in_database(garden: Garden, work: Callable[[Database], Coroutine[Any, Any, Any]]) -> Any:
    async def opened() -> Any:
        async with open_database(garden.settings()) as database:
            return await work(database)

    return asyncio.run(opened())


async def _plan(database: Database, garden: Garden, task: Task) -> str:
    settings = garden.settings(openai_base_url=task.base_url, model="bench-model")
    spec = JobSpec(root_id=garden.discipline_id, add=task.samples)
    return (await plan.create(database, spec, resolve(spec, model_settings(settings)))).id


async def _made(database: Database) -> list[Instruction]:
    """All instructions, of every status."""
    rows = await database._driver.execute_query("MATCH (d:Discipline) RETURN d.id AS id")
    discipline: str = rows.records[0]["id"]
    return [i async for i in await instructions.pull(database, discipline, EVERY)]


def _killed_again_and_again(garden: Garden, server: Server, task: Task, kills: int, say: Say) -> Toll:
    toll, moments = Toll(), random.Random(SEED)
    apart = int(2 * SPREAD * 2 * task.samples / kills)
    while not toll.ended:
        process = _start(task)
        if len(toll.in_flight) < kills and _works(process, server, moments.randint(1, apart)):
            toll.at_the_server.append(_kill(process, server))
            _see(toll, server.counters["requests"], _in_database(garden, _made))
            say(f"kill {len(toll.in_flight)}: {toll.in_flight[-1]} in flight")
        else:
            assert process.stdout
            toll.ended = json.loads(process.stdout.read().splitlines()[-1])
        process.wait()
    return toll


def _see(toll: Toll, sent: int, made: list[Instruction]) -> None:
    """Records what was in flight at a kill, and what is lost; nothing is sent or stored after a kill."""
    stored = sum(instruction.usage.calls for instruction in made)
    toll.in_flight.append(sent - toll.sent - (stored - toll.stored))
    toll.sent, toll.stored = sent, stored
    ids = {instruction.id for instruction in made}
    toll.lost += len(toll.ids - ids)
    toll.ids |= ids


def _start(task: Task) -> "subprocess.Popen[str]":
    process = subprocess.Popen(command("glan"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(json.dumps(asdict(task)))
    process.stdin.close()
    return process


def _works(process: "subprocess.Popen[str]", server: Server, calls: int) -> bool:
    """Waits until the process has made `calls` calls; returns False if it ends first."""
    before = server.counters["requests"]
    while server.counters["requests"] < before + calls and process.poll() is None:
        sleep(0.005)
    return process.poll() is None


def _kill(process: "subprocess.Popen[str]", server: Server) -> int:
    """Kills the process; returns the calls that the server works on then, or whose reply was not read."""
    os.kill(process.pid, signal.SIGSTOP)
    there: int = unread(server.base_url) + server.counters["in_flight"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return there


def unread(base_url: str) -> int:
    """The number of connections to the server with data that their client has not read."""
    port = f":{int(base_url.rsplit(':', 1)[1].split('/')[0]):04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[2].endswith(port) and int(line[4].split(":")[1], 16) > 0 for line in lines)


def _row(samples: int, toll: Toll, made: list[Instruction], counters: Row, seconds: float) -> Row:
    accepted = [i for i in made if i.status is InstructionStatus.accepted]
    combinations = {(tuple(i.sessions), tuple(i.concepts)) for i in made}
    return {
        "samples": f"{samples:,}",
        "kills": len(toll.in_flight),
        "in flight at the kills, summed": sum(toll.in_flight),
        "most at one": max(toll.in_flight),
        "of all, at the server": sum(toll.at_the_server),
        "calls paid for twice": counters["paid_again"],
        "delivered": f"{len(accepted):,}",
        "state": toll.ended["state"],
        "duplicates": len(made) - len(combinations),
        "lost": toll.lost + len(toll.ids - {i.id for i in made}),
        "seconds": f"{seconds:.0f}",
    }


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("kill")
