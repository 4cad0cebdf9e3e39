"""Divides a job's target over branches, syllabi and strata: pure arithmetic.

GLAN (arXiv 2402.13064) leaves the mix open. A quota gives each part a weight. What a part already has
counts, so that continuing a plan, or growing up to a total, adds most where most is missing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from generators.planning.apportion import apportion

# The strata of each strategy, as slices of STRATA. Those of crossings are all of one.
STRATEGIES = (slice(0, 5), slice(5, 9))


def fair(weights: Sequence[float], given: Sequence[int], share: int, room: Sequence[int]) -> list[int]:
    """Splits `share` so that, with what was given so far, the parts come as near to the weights as possible.

    No part gets more than its room.
    """
    goal = apportion(weights, sum(given) + share)
    return filled([max(0, g - n) for g, n in zip(goal, given, strict=True)], weights, share, room)


def filled(lacking: Sequence[float], weights: Sequence[float], share: int, room: Sequence[int]) -> list[int]:
    """Splits `share` within each part's room: first what the parts are missing, then the rest by weight."""
    wanted = apportion(lacking, min(share, math.ceil(sum(lacking))), room)
    left = [n - w for n, w in zip(room, wanted, strict=True)]
    extra = apportion(weights, share - sum(wanted), left)
    return [a + b for a, b in zip(wanted, extra, strict=True)]


def by_stratum(weights: Sequence[float], given: Sequence[int], share: int, free: Sequence[int]) -> list[int]:
    """Splits a syllabus's share over the strata, so that all syllabi together keep to the weights.

    It is split over the strategies first and then over the sizes of each, so that what does not fit into one
    size stays within its strategy if possible.
    """
    room = [n if weight else 0 for n, weight in zip(free, weights, strict=True)]
    if len(weights) < STRATEGIES[-1].stop:
        return fair(weights, given, share, room)
    totals = fair(_sums(weights), [int(n) for n in _sums(given)], share, [int(n) for n in _sums(room)])
    wanted: list[int] = []
    for group, total in zip(STRATEGIES, totals, strict=True):
        wanted += fair(weights[group], given[group], total, room[group])
    return wanted


def _sums(values: Sequence[float]) -> list[float]:
    return [sum(values[group]) for group in STRATEGIES]


def split_off(shares: Sequence[int | None], part: float) -> list[int | None]:
    """The part of each share that crossings get; together they are `part` of all shares, rounded down."""
    found: list[int | None] = []
    total = 0
    for share in shares:
        if share is None:
            found.append(None)
            continue
        before, total = total, total + share
        found.append(min(share, math.floor(total * part) - math.floor(before * part)))
    return found


def wanted_room(free: Sequence[int], weights: Sequence[float]) -> int:
    """How many of the free combinations lie in strata of weight > 0."""
    return sum(n for n, weight in zip(free, weights, strict=True) if weight)


def missing(concepts: Sequence[int], made: Sequence[int], per_concept: float) -> list[int]:
    """How many instructions each syllabus needs to reach `per_concept` per concept.

    One syllabus's surplus does not reduce what another needs. The goals are whole numbers that add up to the
    goal of all concepts together, rounded up.
    """
    goals = apportion(concepts, math.ceil(per_concept * sum(concepts)))
    return [max(0, goal - n) for goal, n in zip(goals, made, strict=True)]


def lacks(degrees: Sequence[Mapping[int, int]], coverings: float) -> list[float]:
    """How many of the next `coverings` each part gets if they go to the least covered concepts first.

    `degrees`: for each part, the number of its concepts by their number of instructions. Like water, the
    coverings rise to the level L at which the sum of (L - degree) over all concepts below L is `coverings`.
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
    """Mean number of concepts per combination."""
    return sum(weight * size for weight, size in zip(weights, sizes, strict=True)) / sum(weights)
