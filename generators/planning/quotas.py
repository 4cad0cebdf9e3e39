"""How a job's target falls on branches, on syllabi and on strata: pure arithmetic.

GLAN (arXiv 2402.13064) leaves the mix open. A quota is a weight for each part; what a part has already
counts, so that going on with a plan, or growing until a number is there, adds where most is lacking.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from generators.planning.apportion import apportion

# Where the strata of each strategy stand in STRATA.
STRATEGIES = (slice(0, 5), slice(5, 9))


def fair(weights: Sequence[float], given: Sequence[int], share: int, room: Sequence[int]) -> list[int]:
    """Brings what was given so far as near to the weights as `share` more can; never beyond the room."""
    goal = apportion(weights, sum(given) + share)
    return filled([max(0, g - n) for g, n in zip(goal, given, strict=True)], weights, share, room)


def filled(lacking: Sequence[float], weights: Sequence[float], share: int, room: Sequence[int]) -> list[int]:
    """First what is lacking, as far as there is room; the rest by the weights, where there is room still."""
    wanted = apportion(lacking, min(share, math.ceil(sum(lacking))), room)
    left = [n - w for n, w in zip(room, wanted, strict=True)]
    extra = apportion(weights, share - sum(wanted), left)
    return [a + b for a, b in zip(wanted, extra, strict=True)]


def by_stratum(weights: Sequence[float], given: Sequence[int], share: int, free: Sequence[int]) -> list[int]:
    """A syllabus's share over the strata, so that all syllabi together keep to the weights.

    First over the strategies, then over the sizes of each: what a size has no room for stays, where it can,
    with its strategy.
    """
    room = [n if weight else 0 for n, weight in zip(free, weights, strict=True)]
    totals = fair(_sums(weights), [int(n) for n in _sums(given)], share, [int(n) for n in _sums(room)])
    wanted: list[int] = []
    for group, total in zip(STRATEGIES, totals, strict=True):
        wanted += fair(weights[group], given[group], total, room[group])
    return wanted


def _sums(values: Sequence[float]) -> list[float]:
    return [sum(values[group]) for group in STRATEGIES]


def wanted_room(free: Sequence[int], weights: Sequence[float]) -> int:
    """How many combinations there are in the strata that are wanted."""
    return sum(n for n, weight in zip(free, weights, strict=True) if weight)


def missing(concepts: Sequence[int], made: Sequence[int], per_concept: float) -> list[int]:
    """What each syllabus lacks of `per_concept` instructions a concept; no surplus makes up for it.

    The goals are whole numbers that add up to the goal of all concepts together, rounded up.
    """
    goals = apportion(concepts, math.ceil(per_concept * sum(concepts)))
    return [max(0, goal - n) for goal, n in zip(goals, made, strict=True)]


def lacks(degrees: Sequence[Mapping[int, int]], coverings: float) -> list[float]:
    """How many of the next `coverings` each part gets when they go to the least covered concepts first.

    `degrees`: for each part, how many of its concepts have so many instructions. They rise together, like
    water, to the level L at which the sum of (L - degree) over all concepts below it is `coverings`.
    """
    level = _level(sum((Counter(part) for part in degrees), Counter[int]()), coverings)
    return [sum(n * (level - degree) for degree, n in part.items() if degree < level) for part in degrees]


def _level(degrees: Mapping[int, int], coverings: float) -> float:
    concepts = links = 0
    level = 0.0
    for degree in sorted(degrees):
        if concepts and degree >= level:
            break
        concepts += degrees[degree]
        links += degree * degrees[degree]
        level = (coverings + links) / concepts
    return level


def mean_size(weights: Sequence[float], sizes: Iterable[int]) -> float:
    """Concepts a combination has on average."""
    return sum(weight * size for weight, size in zip(weights, sizes, strict=True)) / sum(weights)
