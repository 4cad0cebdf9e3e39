"""Nodes per second through POST /v1/nodes:bulk, compared with the raw driver for the same nodes and links.

Also a million lines in one request: how fast it is, and the memory that client and service take.

Run: python tests/bench/bench_insert.py [--quick]
"""

import asyncio
import os
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import scale_shape
from bench.bench_scale import service_of
from bench.garden import Say, cpu_s, neo4j, resident, silent
from bench.scale_load import Loader, State, raw_rows

from service.database import open_database

# Disciplines: during the first ones Neo4j compiles the queries of both ways.
WARM, MEASURED = 10, 20

Row = dict[str, Any]


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per way, with medians over the disciplines after the warm-up."""
    warm, measured = (1, 1) if quick else (WARM, MEASURED)
    with neo4j() as (attachment, settings), service_of(settings) as (url, service_pid):
        pids = {"neo4j": attachment.pid, "service": service_pid}
        rounds = asyncio.run(_rounds(settings, url, pids, warm + measured, say))[warm:]
        grown = resident(service_pid, "VmHWM")
    # The ratio is taken within each round, because rounds differ by more than the ways do.
    ratio = median(each["rest"]["rate"] / each["raw"]["rate"] for each in rounds)
    return [
        _row("raw", [each["raw"] for each in rounds], 1.0, grown),
        _row("rest", [each["rest"] for each in rounds], ratio, grown),
    ]


async def _rounds(
    settings: Any, url: str, pids: dict[str, int], number: int, say: Say
) -> list[dict[str, Row]]:
    rounds: list[dict[str, Row]] = []
    async with open_database(settings) as database:
        loader = Loader(database, url, State(settings.home), say)
        root_id = (await loader.through_rest(scale_shape.lines([{"kind": "Taxonomy", "name": "GLAN"}])))[0]
        field_ids = await loader.through_rest(scale_shape.lines(scale_shape.fields(root_id)))
        for n in range(number):
            items = list(scale_shape.discipline(n, field_ids))
            found = {
                "rest": await _timed(loader.through_rest(scale_shape.lines(items)), len(items), pids),
                "raw": await _timed(loader.through_driver(raw_rows(f"raw {n}", items)), len(items), pids),
            }
            rounds.append(found)
            say(
                f"discipline {n + 1}: "
                + ", ".join(f"{way} {row['rate']:,.0f}/s" for way, row in found.items())
            )
    return rounds


def million(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One request of fifty disciplines, which this process sends as fast as the service reads it."""
    with neo4j() as (attachment, settings), service_of(settings) as (url, service_pid):
        pids = {"client": os.getpid(), "service": service_pid, "neo4j": attachment.pid}
        return [asyncio.run(_million(settings, url, pids, 2 if quick else 50, say))]


async def _million(settings: Any, url: str, pids: dict[str, int], number: int, say: Say) -> Row:
    async with open_database(settings) as database:
        loader = Loader(database, url, State(settings.home), say)
        root_id = (await loader.through_rest(scale_shape.lines([{"kind": "Taxonomy", "name": "GLAN"}])))[0]
        field_ids = await loader.through_rest(scale_shape.lines(scale_shape.fields(root_id)))
        # A first discipline, so that one-time work is done before the measurement.
        await loader.through_rest(scale_shape.lines(scale_shape.discipline(number, field_ids)))
    before = {name: resident(pid) for name, pid in pids.items()}
    for pid in pids.values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # peaks count from here
    start = perf_counter()
    lines = (
        line for n in range(number) for line in map(scale_shape.line, scale_shape.discipline(n, field_ids))
    )
    found = await loader.streamed(lines)
    seconds = perf_counter() - start
    return {"lines": f"{found.total():,}", "a second": f"{found.total() / seconds:,.0f}"} | {
        f"{name}, MB before / at most": f"{before[name]:.0f} / {resident(pid, 'VmHWM'):.0f}"
        for name, pid in pids.items()
    }


async def _timed(work: Any, rows: int, pids: dict[str, int]) -> Row:
    before = {name: cpu_s(pid) for name, pid in pids.items()}
    start = perf_counter()
    await work
    seconds = perf_counter() - start
    spent = {name: (cpu_s(pid) - before[name]) * 1000 / rows for name, pid in pids.items()}
    return {"rate": rows / seconds, "rows": rows, **spent}


def _row(way: str, rounds: list[Row], ratio: float, grown: float) -> Row:
    return {
        "": {"raw": "raw driver, UNWIND and MERGE", "rest": "POST /v1/nodes:bulk"}[way],
        "nodes and links": f"{rounds[0]['rows']:,}",
        "a second": f"{median(each['rate'] for each in rounds):,.0f}",
        "to the raw driver": f"{ratio:.2f}",
        "CPU ms each, of Neo4j": f"{median(each['neo4j'] for each in rounds):.2f}",
        "of the service": f"{median(each['service'] for each in rounds):.2f}" if way == "rest" else "",
        "service's peak MB": f"{grown:.0f}" if way == "rest" else "",
    }


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("insert", "million")
