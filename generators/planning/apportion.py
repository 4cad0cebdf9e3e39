"""Divides a whole number in proportion to weights, by Webster's (Sainte-Laguë's) divisor method.

GLAN (arXiv 2402.13064) leaves open how many questions each syllabus and each kind of combination gets; a
job states weights, and this module divides its target. Webster's is the divisor method without bias towards
large or small parties, and it is house-monotone: a larger target never takes a seat away, so a job can grow.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace
from math import inf, lcm


def apportion(weights: Sequence[float], seats: int, caps: Sequence[int] | None = None) -> list[int]:
    """The seats of each party; they sum to `seats`, or less if every party of weight > 0 is at its cap.

    The seats go one after another to the party below its cap with the largest w / (2 s + 1), s being the
    seats it has; ties go to the lower index. Weights are taken as exact rationals, so the result is the same
    on every machine. Takes O(n log n) time for n parties, whatever the number of seats. Raises ValueError for
    negative, infinite or NaN weights, negative seats or caps, or if caps and weights differ in length.
    """
    _check(weights, seats, caps)
    shares = _as_integers(weights)
    limits = [seats] * len(shares) if caps is None else [min(cap, seats) for cap in caps]
    # Unequal quotients with denominators d, e <= 2 seats + 1 differ by at least 1 / (d e), so after this
    # scaling they can be rounded down and still compare as the exact quotients do.
    scale = (2 * seats + 1) ** 2
    result, contenders = _certain_seats(shares, seats, limits, scale)
    _hand_out(result, seats - sum(result), contenders, shares, limits, scale)
    return result


def _check(weights: Sequence[float], seats: int, caps: Sequence[int] | None) -> None:
    if not all(0 <= weight < inf for weight in weights):
        raise ValueError("weights must be finite and not negative")
    if seats < 0:
        raise ValueError(f"cannot hand out {seats} seats")
    if caps is not None and len(caps) != len(weights):
        raise ValueError(f"{len(caps)} caps for {len(weights)} weights")
    if caps is not None and any(cap < 0 for cap in caps):
        raise ValueError("caps must not be negative")


def _as_integers(weights: Sequence[float]) -> list[int]:
    """Integers in exactly the proportion of the weights."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def _certain_seats(
    shares: list[int], seats: int, limits: list[int], scale: int
) -> tuple[list[int], list[int]]:
    """Returns the seats each party is sure of, and the parties still below their cap.

    At most one seat per party is left to hand out. With total share W, m parties and n seats, a party of
    share w has at most (w / t + 1) / 2 quotients above t. For t = W / (2 n - m) these add up to at most n,
    so all of them win a seat; they add up to at least n - m. A party whose last quotient under its cap,
    w / (2 cap - 1), is above t leaves at its cap. That lowers t for the others, so one pass in descending
    order of last quotients finds all parties that leave.
    """
    result = [0] * len(shares)
    parties = [party for party, share in enumerate(shares) if share and limits[party]]
    parties.sort(key=lambda party: shares[party] * scale // (2 * limits[party] - 1), reverse=True)
    total = sum(shares[party] for party in parties)
    leaving = 0
    for party in parties:
        left = len(parties) - leaving
        if shares[party] * (2 * seats - left) <= total * (2 * limits[party] - 1):
            break
        result[party] = limits[party]
        seats -= limits[party]
        total -= shares[party]
        leaving += 1
    contenders = parties[leaving:]
    for party in contenders:
        above = shares[party] * (2 * seats - len(contenders)) - total
        result[party] = max(0, -(-above // (2 * total)))
    return result, contenders


def _hand_out(
    result: list[int], seats: int, contenders: list[int], shares: list[int], limits: list[int], scale: int
) -> None:
    """Hands out the last seats one by one, by the definition of the method; changes `result`."""

    def entry(party: int) -> tuple[int, int]:
        return -(shares[party] * scale // (2 * result[party] + 1)), party

    heap = [entry(party) for party in contenders]
    heapify(heap)
    while seats and heap:
        party = heap[0][1]
        result[party] += 1
        seats -= 1
        if result[party] < limits[party]:
            heapreplace(heap, entry(party))
        else:
            heappop(heap)
