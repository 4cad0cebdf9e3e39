"""Samples per second, CPU and memory of glan's generation, compared with bare loops that write nothing.

Run: python tests/bench/bench_generation.py [--quick]
"""

import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import Garden, Say, Server, cpu_s, endpoint, planted, silent
from bench.loops import Loop, Task
from bench.loops import measure as run_loop

COLD = "glan, on a Neo4j that has just started"
NAMES: dict[Loop, str] = {
    "raw": "limit: aiohttp + json, no SDK, nothing written",
    "sdk": "openai SDK + aiohttp transport, bare loop, nothing written",
    "unchecked": "glan, without checks of questions and answers",
    "glan": "glan, all in the embedded Neo4j",
}
ORDER: tuple[Loop, ...] = ("sdk", "unchecked", "glan", "raw")
IN_FLIGHT = 32
# Sizes in samples, and the number of rounds of each; the loops take turns, so that all see the same machine.
# The large size comes first, because the JVM compiles what it does often: its CPU time per sample falls to a
# tenth over the first thousands.
SIZES = ((20_000, 1), (1_000, 5))
QUICK = ((300, 1),)

Row = dict[str, Any]


class Wrong(AssertionError):
    """The result of a round is not what was asked for, so its speed means nothing."""


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per loop and size, with the medians of its rounds; and one for glan on a cold database."""
    sizes = QUICK if quick else SIZES
    cold_size = min(samples for samples, _ in sizes)
    with endpoint() as server, planted() as garden:
        say(f"{cold_size:,} samples on a Neo4j that has just started")
        cold = one_round(server, garden, "glan", cold_size)
        tables: list[list[Row]] = []
        for samples, rounds in sizes:
            found = _size(server, garden, samples, rounds, say)
            sdk = rate(samples, found["sdk"])
            rows = [_row(NAMES[loop], samples, found[loop], sdk) for loop in NAMES]
            if samples == cold_size:
                rows.append(_row(COLD, samples, [cold], sdk))
            tables.append(rows)
        return [row for rows in reversed(tables) for row in rows]


def _size(server: Server, garden: Garden, samples: int, rounds: int, say: Say) -> dict[Loop, list[Row]]:
    """The figures of each round of each loop."""
    found: dict[Loop, list[Row]] = {loop: [] for loop in ORDER}
    for n in range(rounds):
        for loop in ORDER:
            figures = one_round(server, garden, loop, samples)
            say(f"{samples:,} samples, round {n + 1}, {loop}: {samples / figures['seconds']:,.0f} a second")
            found[loop].append(figures)
    return found


def rate(samples: int, rounds: list[Row]) -> float:
    """Samples per second, by the median of some rounds."""
    return samples / median(figures["seconds"] for figures in rounds)


def one_round(server: Server, garden: Garden, loop: Loop, samples: int, **more: Any) -> Row:
    """The figures of one process. `more`: of its Task. Raises Wrong if it did not do everything it should."""
    server.reset()
    database, endpoint_ = cpu_s(garden.neo4j_pid), cpu_s(server.pid)
    task = Task(
        server.base_url,
        samples,
        in_flight=IN_FLIGHT,
        home=str(garden.home),
        discipline_id=garden.discipline_id,
        prompt=garden.prompt,
        **more,
    )
    figures = run_loop(loop, task)
    # Neo4j's and the endpoint's CPU time includes the warm-up.
    share = samples / (samples + task.warm_up)
    figures["neo4j_cpu_s"] = (cpu_s(garden.neo4j_pid) - database) * share
    figures["endpoint_cpu_s"] = (cpu_s(server.pid) - endpoint_) * share
    _verify(figures, server.counters, samples, task.warm_up)
    return figures


def _verify(figures: Row, counters: Row, samples: int, warm_up: int) -> None:
    calls = 2 * (samples + warm_up)
    if (counters["good"], counters["good_again"]) != (calls, 0):
        raise Wrong(f"{calls} calls were to be made, each once: {counters}")
    if "ledger" in figures and figures["ledger"]["accepted"] != samples:
        raise Wrong(f"{samples} instructions were to be made: {figures}")
    if figures.get("lost"):
        raise Wrong(f"the bare loop lost samples: {figures}")


def _row(name: str, samples: int, rounds: list[Row], sdk: float) -> Row:
    def each_ms(figure: str) -> str:
        return f"{1e3 * median(figures[figure] for figures in rounds) / samples:.2f}"

    mine = rate(samples, rounds)
    return {
        "samples": f"{samples:,}",
        "": name,
        "samples/s": f"{mine:,.0f}",
        "to the bare SDK loop": f"{mine / sdk:.2f}",
        "CPU ms a sample": each_ms("cpu_s"),
        "of Neo4j": each_ms("neo4j_cpu_s") if "ledger" in rounds[0] else "",
        "of the endpoint": each_ms("endpoint_cpu_s"),
        "peak MB": f"{max(figures['peak_mb'] for figures in rounds):.0f}",
    }


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("generation")
