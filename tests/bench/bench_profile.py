"""Where Neo4j's CPU goes while glan generates: a Neo4j that has just started, and the same one at work.

Try other JVM settings with JAVA_TOOL_OPTIONS. Run: python tests/bench/bench_profile.py [--quick]
"""

import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_generation import Row, one_round
from bench.garden import Garden, Say, Server, endpoint, planted, silent, thread_cpu_s

SAMPLES = 1_000
WARM_UP = 20_000
# The tasks of the JVM's threads, by the beginning of their names.
TASKS = {
    "neo4j.Bolt": "queries",
    "C1 Compiler": "compiling",
    "C2 Compiler": "compiling",
    "GC Thread": "collecting",
    "G1": "collecting",
}


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row for the first samples of a Neo4j that has just started, and one for as many samples later."""
    samples, warm_up = (200, 200) if quick else (SAMPLES, WARM_UP)
    with endpoint() as server, planted() as garden:
        say(f"{samples:,} samples on a Neo4j that has just started")
        cold = _profile("just started", server, garden, samples)
        say(f"{warm_up:,} samples to warm up")
        one_round(server, garden, "glan", warm_up)
        return [cold, _profile(f"after {warm_up:,} samples", server, garden, samples)]


def _profile(name: str, server: Server, garden: Garden, samples: int) -> Row:
    before = by_task(garden.neo4j_pid)
    figures = one_round(server, garden, "glan", samples)
    after = by_task(garden.neo4j_pid)
    return {
        "Neo4j": name,
        "samples/s": f"{samples / figures['seconds']:,.0f}",
        **{
            f"{task}, CPU s": f"{after[task] - before[task]:.2f}"
            for task in ("queries", "compiling", "collecting", "other")
        },
    }


def by_task(pid: int) -> dict[str, float]:
    """The CPU seconds of a Neo4j's threads so far, by what they do."""
    found = defaultdict[str, float](float)
    for thread, seconds in thread_cpu_s(pid).items():
        found[next((task for start, task in TASKS.items() if thread.startswith(start)), "other")] += seconds
    return found


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("profile")
