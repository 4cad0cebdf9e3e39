"""Draws per second from a syllabus of 20 sessions with 5 concepts each, by stratum.

A draw permutes a position and unranks it. It is compared, in the same run, with a plain draw by
`random.sample`, which repeats itself. Run: python tests/bench/bench_draws.py
"""

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

from generators.spaces.strata import STRATA, Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from graph.taxonomy.syllabi import Named, Session

SESSIONS = [
    Session(f"s{s:02}", "", "", tuple(Named(f"session {s:02} concept {c}", "") for c in range(5)))
    for s in range(20)
]
NAMES = [[concept.id for concept in session.concepts] for session in SESSIONS]
DRAWS = 20_000
REPEATS = 5


def main() -> None:
    for row in measure():
        print("  ".join(f"{name} {value:>9}" for name, value in row.items()))


def measure() -> list[dict[str, str]]:
    """One row per stratum."""
    space = SyllabusSpace("bench", SESSIONS)
    return [row(space, stratum) for stratum in STRATA]


def row(space: SyllabusSpace, stratum: Stratum) -> dict[str, str]:
    count = space.capacity[STRATA.index(stratum)]
    ours = DRAWS / best(lambda: draw(space, stratum, count))
    plain = DRAWS / best(lambda: draw_with_replacement(stratum))
    return {
        "stratum": str(stratum),
        "combinations": f"{count:,}",
        "draws/s": f"{ours:,.0f}",
        "random.sample/s": f"{plain:,.0f}",
        "ratio": f"{ours / plain:.2f}",
    }


def draw(space: SyllabusSpace, stratum: Stratum, count: int) -> None:
    for position in range(DRAWS):
        space.at(stratum, position % count)


def draw_with_replacement(stratum: Stratum) -> None:
    """What a script would do: choose sessions, sample their concepts, and retry if a session is not hit."""
    random = Random(0)
    wanted = 1 if stratum.strategy == "single" else 2
    for _ in range(DRAWS):
        sessions = random.sample(NAMES, wanted)
        union = [concept for concepts in sessions for concept in concepts]
        drawn = random.sample(union, stratum.size)
        while not all(set(drawn) & set(concepts) for concepts in sessions):
            drawn = random.sample(union, stratum.size)


def best(action: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs."""
    return min(timed(action) for _ in range(REPEATS))


def timed(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start


if __name__ == "__main__":
    main()
