"""Draws a second from a syllabus of 20 sessions with 5 concepts each, stratum by stratum.

A draw permutes a position and unranks it. Beside it, in the same run: a plain draw with `random.sample`,
which repeats itself. Run: python tests/bench/bench_draws.py
"""

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

from generators.combinations import STRATA, CombinationSpace, Stratum
from generators.permutation import KeyedPermutation

SESSIONS = [[f"session {s:02} concept {c}" for c in range(5)] for s in range(20)]
DRAWS = 20_000
REPEATS = 5


def main() -> None:
    print(f"space of 20 x 5 with all tables: {1e3 * best(build):.2f} ms\n")
    print(f"{'stratum':<9} {'count':>6} {'draws/s':>9} {'sample/s':>9} {'ratio':>6} {'key, ms':>8}")
    space = build()
    for stratum in STRATA:
        print(row(space, stratum))


def row(space: CombinationSpace, stratum: Stratum) -> str:
    count = space.count(stratum)
    keyed = best(lambda: KeyedPermutation(count, b"bench"))
    ours = DRAWS / best(lambda: draw(space, stratum))
    plain = DRAWS / best(lambda: draw_with_replacement(stratum))
    return f"{stratum!s:<9} {count:>6} {ours:>9,.0f} {plain:>9,.0f} {ours / plain:>6.2f} {1e3 * keyed:>8.3f}"


def build() -> CombinationSpace:
    space = CombinationSpace(SESSIONS)
    for stratum in STRATA:
        space.count(stratum)
    return space


def draw(space: CombinationSpace, stratum: Stratum) -> None:
    count = space.count(stratum)
    order = KeyedPermutation(count, b"bench")
    for position in range(DRAWS):
        space.unrank(stratum, order(position % count))


def draw_with_replacement(stratum: Stratum) -> None:
    """What a script would do: choose sessions, sample their concepts, and try again if one is missed."""
    random = Random(0)
    wanted = 1 if stratum.strategy == "single" else 2
    for _ in range(DRAWS):
        sessions = random.sample(SESSIONS, wanted)
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
