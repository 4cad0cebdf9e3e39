"""200 clients read while 20 write, for a minute; compared with the same reads by the bare driver.

Run: python tests/bench/bench_service.py [--quick]
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

import aiohttp
import neo4j
from bench.garden import Garden, planted

from graph.embedded.attach import attach
from graph.queries import load
from service.database import embedded_config

READERS = 200
WRITERS = 20
SECONDS = 60.0
GLAN = Path(sys.executable).with_name("glan")
STATUSES = ["proposed", "accepted", "rejected"]

Row = dict[str, Any]
Read = Callable[[str], Awaitable[None]]


@dataclass
class Times:
    """The seconds of each request, by kind, and the errors."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list[str])

    async def time(self, kind: str, work: Awaitable[None]) -> None:
        """Awaits the work and records how long it took."""
        began = perf_counter()
        try:
            await work
        except Exception as error:  # whatever it is, every error is counted
            self.errors.append(f"{kind}: {type(error).__name__}: {error}")
        else:
            self.seconds[kind].append(perf_counter() - began)


# What is read: the service's path, and the query and parameters by which the bare driver reads the same.
READS: dict[str, tuple[str, str, Row]] = {
    "a node": ("/v1/nodes/{id}", "node.get", {}),
    "its children": (
        "/v1/nodes/{id}/children?limit=50",
        "node.children",
        {"kind": None, "statuses": STATUSES, "position": -1, "after": "", "limit": 51},
    ),
    "a page of what is below": (
        "/v1/nodes/{id}/descendants?limit=50",
        "node.descendants",
        {"kind": None, "statuses": STATUSES, "name_key": None, "after": "", "limit": 51},
    ),
    "its paths": ("/v1/nodes/{id}/paths", "node.paths", {"limit": 100}),
}


def measure(*, quick: bool = False, say: Callable[[str], None] = print) -> list[Row]:
    """One row per kind of request."""
    seconds = 5.0 if quick else SECONDS
    with planted(4) as garden, serving(garden) as url:
        ids = asyncio.run(syllabi(url, garden))
        say(f"{READERS} readers, {WRITERS} writers, {seconds:g} s")
        served = asyncio.run(_serve(url, garden, ids, seconds, writing=True))
        say("readers alone, by the service and by the bare driver, in turns")
        alone = asyncio.run(_serve(url, garden, ids, seconds / 2, writing=False))
        bare = asyncio.run(_bare(garden, ids, seconds / 2))
    for times in (served, alone, bare):
        if times.errors:
            raise RuntimeError(f"{len(times.errors)} errors, such as {times.errors[0]}")
    return [_row(kind, served, alone, bare) for kind in served.seconds]


@contextmanager
def serving(garden: Garden) -> Generator[str]:
    """The address of `glan serve` in a separate process."""
    env = os.environ | {"GLAN_HOME": str(garden.home), "GLAN_ACCESS_LOG": "false"}
    command = [str(GLAN), "serve", "--port", "0", "--no-worker"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            yield next(line for line in process.stderr if line.startswith("glan on ")).split()[2]
        finally:
            process.terminate()
            process.communicate()


@asynccontextmanager
async def client() -> AsyncGenerator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session


async def syllabi(url: str, garden: Garden) -> list[str]:
    """Ids of subjects, syllabi and class sessions to read."""
    path = f"{url}/v1/nodes/{garden.discipline_id}/descendants"
    found: list[str] = []
    async with client() as session:
        for kind in ("Subject", "Syllabus", "ClassSession"):
            async with session.get(path, params={"kind": kind, "limit": "100"}) as answer:
                found += [item["id"] for item in (await answer.json())["items"]]
    return found


async def _serve(url: str, garden: Garden, ids: list[str], seconds: float, *, writing: bool) -> Times:
    times, end = Times(), perf_counter() + seconds
    async with client() as session:

        def read(kind: str) -> Read:
            async def get(id_: str) -> None:
                async with session.get(url + READS[kind][0].format(id=id_)) as answer:
                    body = await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{answer.status} {body[:200]!r}")

            return get

        readers = [_read_until(end, times, ids, read, n) for n in range(READERS)]
        writers = [
            _write_until(end, times, session, url, garden, n) for n in range(WRITERS if writing else 0)
        ]
        await asyncio.gather(*readers, *writers)
    return times


async def _read_until(end: float, times: Times, ids: list[str], read: Callable[[str], Read], n: int) -> None:
    chance = random.Random(n)
    kinds = list(READS)
    while perf_counter() < end:
        kind = chance.choice(kinds)
        await times.time(kind, read(kind)(chance.choice(ids)))


async def _write_until(
    end: float, times: Times, session: aiohttp.ClientSession, url: str, garden: Garden, n: int
) -> None:
    """Writes in turns until `end`: inserts a node, changes it, and inserts fifty nodes in bulk."""

    async def insert(name: str) -> None:
        body = {"kind": "Subject", "name": name, "parent_id": garden.discipline_id}
        async with session.post(f"{url}/v1/nodes", json=body) as answer:
            await _require(answer)
            made.append((await answer.json())["id"])

    async def change(id_: str) -> None:
        headers = {"If-Match": '"1"'}
        async with session.patch(f"{url}/v1/nodes/{id_}", json={"weight": 2}, headers=headers) as answer:
            await _require(answer)

    async def bulk(name: str) -> None:
        items = [
            {"kind": "Subject", "name": f"{name} {m}", "parent_id": garden.discipline_id} for m in range(50)
        ]
        async with session.post(f"{url}/v1/nodes:bulk", json=items) as answer:
            await _require(answer)
            lines = [json.loads(line) for line in (await answer.read()).splitlines()]
            if [line["status"] for line in lines] != ["created"] * 50:
                raise RuntimeError(str(lines[0]))

    made: list[str] = []
    for turn in count():
        if perf_counter() > end:
            return
        await times.time("insert a node", insert(f"Written {n} {turn}"))
        if made:
            await times.time("change a node", change(made.pop()))
        await times.time("insert 50 in bulk", bulk(f"Bulk {n} {turn}"))


async def _require(answer: aiohttp.ClientResponse) -> None:
    if answer.status >= 300:
        raise RuntimeError(f"{answer.status} {(await answer.read())[:200]!r}")


async def _bare(garden: Garden, ids: list[str], seconds: float) -> Times:
    """The same reads by the driver, with a pool of the same size as the service's."""
    attachment = attach(embedded_config(garden.settings()))
    times, end = Times(), perf_counter() + seconds
    queries = {kind: load(name) for kind, (_, name, _) in READS.items()}
    try:
        async with neo4j.AsyncGraphDatabase.driver(
            attachment.uri,
            auth=(attachment.username, attachment.password),
            connection_acquisition_timeout=120,
        ) as driver:

            def read(kind: str) -> Read:
                async def get(id_: str) -> None:
                    async with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
                        await session.execute_read(work, id_)

                async def work(tx: neo4j.AsyncManagedTransaction, id_: str) -> None:
                    result = await tx.run(queries[kind].text, {"id": id_, **READS[kind][2]})
                    [record.data() async for record in result]

                return get

            await asyncio.gather(*(_read_until(end, times, ids, read, n) for n in range(READERS)))
    finally:
        attachment.release()
    return times


def _row(kind: str, served: Times, alone: Times, bare: Times) -> Row:
    p50, p99 = _figures(served.seconds[kind])
    row: Row = {"request": kind, "requests": len(served.seconds[kind]), "p50 ms": p50, "p99 ms": p99}
    if kind not in READS:
        return row | {"alone, p50 ms": "", "driver, p50 ms": "", "rate to the driver's": ""}
    own, others = len(alone.seconds[kind]), len(bare.seconds[kind])
    return row | {
        "alone, p50 ms": _figures(alone.seconds[kind])[0],
        "driver, p50 ms": _figures(bare.seconds[kind])[0],
        "rate to the driver's": f"{own / others:.2f}",
    }


def _figures(seconds: list[float]) -> tuple[str, str]:
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return f"{1e3 * ordered[last // 2]:.0f}", f"{1e3 * ordered[round(last * 0.99)]:.0f}"


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("service")
