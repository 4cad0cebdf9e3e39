"""Where each millisecond of a sample goes: in the worker, on the wire, in Neo4j; cold and warm.

Run: python tests/bench/bench_sample.py [--quick]
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_generation import Row, one_round
from bench.bench_profile import by_task
from bench.garden import Garden, Say, Server, endpoint, planted, silent
from bench.neo4j_profile import Recorded, recording

SAMPLES = 2_000
WARM_UP = 20_000
ELAPSED, WORKER, WIRE = "elapsed, ms", "CPU of the worker, ms", "to Neo4j and back"
QUERIES, NEO4J, WAITS = "CPU of Neo4j for statements, ms", "CPU of Neo4j, ms", "waiting, ms"
PLACES = (ELAPSED, WORKER, WIRE, QUERIES, NEO4J, WAITS)

Figures = dict[tuple[str, str], float]


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per part, the largest of a place first, with what a sample takes of it, cold and warm."""
    samples, warm_up = (200, 200) if quick else (SAMPLES, WARM_UP)
    with endpoint() as server, planted() as garden:
        say(f"{samples:,} samples on a Neo4j that has just started")
        cold = _figures(server, garden, samples)
        say(f"{warm_up:,} samples to warm up")
        one_round(server, garden, "glan", warm_up)
        say(f"{samples:,} samples")
        warm = _figures(server, garden, samples)
    parts = sorted({*cold, *warm}, key=lambda part: (PLACES.index(part[0]), -warm.get(part, 0.0), part))
    return [
        {
            "where": where,
            "what": what,
            "just started": f"{cold.get((where, what), 0.0):.2f}",
            f"after {warm_up:,} samples": f"{warm.get((where, what), 0.0):.2f}",
        }
        for where, what in parts
    ]


def _figures(server: Server, garden: Garden, samples: int) -> Figures:
    """What one sample takes."""
    before = by_task(garden.neo4j_pid)
    with recording(garden.neo4j_pid) as recorded:
        figures = one_round(server, garden, "glan", samples, warm_up=0, profiled=True)
        after = by_task(garden.neo4j_pid)
    spent = {task: seconds - before.get(task, 0.0) for task, seconds in after.items()}
    return {
        **_of_worker(figures, samples),
        **_of_neo4j(spent, recorded, samples),
        (WAITS, "cores that nobody used"): 1e3 / samples * _unused(figures, spent),
    }


def _of_worker(figures: Row, samples: int) -> Figures:
    profile: dict[str, Any] = figures["profile"]
    ms = {
        (ELAPSED, "all"): figures["seconds"],
        (WORKER, "all"): figures["cpu_s"],
        **{(WORKER, name): seconds for name, seconds in profile["cpu_s"].items()},
        **{(WIRE, f"{kind}, awaited, ms"): seconds for kind, (_, seconds) in profile["waits"].items()},
    }
    return {
        **{part: 1e3 * seconds / samples for part, seconds in ms.items()},
        **{(WIRE, f"{kind}, number"): number / samples for kind, (number, _) in profile["waits"].items()},
        (WIRE, "sent, kB"): profile["sent"] / 1e3 / samples,
        (WIRE, "received, kB"): profile["received"] / 1e3 / samples,
    }


def _of_neo4j(spent: dict[str, float], recorded: Recorded, samples: int) -> Figures:
    seconds = {
        (NEO4J, "all"): sum(spent.values()),
        (QUERIES, "all"): spent["queries"],
        **{(QUERIES, name): share * spent["queries"] for name, share in recorded.shares().items()},
        **{(NEO4J, task): spent[task] for task in ("compiling", "collecting", "other")},
        (WAITS, "for files forced to the disk"): recorded.forced_s,
        (WAITS, "for locks of other transactions"): recorded.locked_s,
    }
    return {part: 1e3 * one / samples for part, one in seconds.items()}


def _unused(figures: Row, spent: dict[str, float]) -> float:
    """Seconds of cores in which none of the three processes worked."""
    worked = figures["cpu_s"] + sum(spent.values()) + figures["endpoint_cpu_s"]
    return max(0.0, (os.cpu_count() or 1) * figures["seconds"] - worked)


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("sample")
