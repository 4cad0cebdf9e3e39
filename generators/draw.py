"""Hands out positions of combination spaces, each in one transaction on its syllabus node.

No two jobs, workers or machines ever draw the same combination, a crashed job goes on at the same
positions, and nothing is stored for a draw but a number on the syllabus.
"""

from collections.abc import Sequence

from generators.apportion import apportion
from generators.combinations import STRATA, Stratum
from generators.plan import settle_share
from generators.space import SyllabusSpace
from generators.spec import JobSpec
from graph import instructions, jobs, syllabi
from graph.database import Database, Row, Transaction
from graph.model import digest

UNIT_SIZE = 200
# Where the strata of each strategy stand in STRATA.
STRATEGIES = (slice(0, 5), slice(5, 9))


async def draw(database: Database, hold: jobs.Hold, spec: JobSpec, unit: Row) -> None:
    """Turns a draw unit into instruction units; what no stratum has room for stays on it as `short`."""
    left = await settle_share(database, hold, spec, unit)
    weights = spec.weights()
    while left:
        spaces = await _spaces(database, unit["branch_id"])
        rooms = [_room(free, weights) for _, free in spaces]
        shares = apportion([1.0] * len(spaces), left, rooms)
        drawn = await _draw_shares(database, hold, unit, left, spaces, shares, weights)
        if not drawn:
            break
        left -= drawn
    await _finish(database, hold, unit["id"], left)


async def room_below(database: Database, branch_id: str, weights: Sequence[float]) -> int:
    """Combinations below a branch that are not handed out, in the strata that are wanted."""
    return sum(_room(free, weights) for _, free in await _spaces(database, branch_id))


async def _spaces(database: Database, branch_id: str) -> list[tuple[SyllabusSpace, list[int]]]:
    """The syllabi below a branch, each with what is left of its strata."""
    found: list[tuple[SyllabusSpace, list[int]]] = []
    for syllabus_id in await syllabi.below(database, branch_id):
        space = SyllabusSpace(syllabus_id, await syllabi.sessions(database, syllabus_id))
        cursors = await syllabi.cursors(database, syllabus_id)
        found.append((space, _free(space, drawn_so_far(space, cursors))))
    return found


def drawn_so_far(space: SyllabusSpace, row: Row) -> list[int]:
    """The cursors of a syllabus; another version of its sessions starts anew."""
    if row["space_version"] != space.version:
        return [0] * len(STRATA)
    return list(row["drawn"])


def _free(space: SyllabusSpace, drawn: Sequence[int]) -> list[int]:
    return [total - n for total, n in zip(space.capacity, drawn, strict=True)]


def _room(free: Sequence[int], weights: Sequence[float]) -> int:
    return sum(n for n, weight in zip(free, weights, strict=True) if weight)


async def _draw_shares(
    database: Database,
    hold: jobs.Hold,
    unit: Row,
    left: int,
    spaces: Sequence[tuple[SyllabusSpace, list[int]]],
    shares: Sequence[int],
    weights: Sequence[float],
) -> int:
    """Draws the share of each syllabus; returns how many positions were handed out."""
    given = [0] * len(STRATA)
    drawn = 0
    for (space, free), share in zip(spaces, shares, strict=True):
        if not share:
            continue
        wanted = _by_stratum(weights, given, share, free)
        given = [a + b for a, b in zip(given, wanted, strict=True)]
        drawn += await _draw_one(database, hold, unit, left - drawn, space.syllabus_id, wanted)
    return drawn


def _by_stratum(weights: Sequence[float], given: Sequence[int], share: int, free: Sequence[int]) -> list[int]:
    """A syllabus's share over the strata, so that all syllabi together keep to the weights.

    First over the strategies, then over the sizes of each: what a size has no room for stays, where it can,
    with its strategy.
    """
    room = [n if weight else 0 for n, weight in zip(free, weights, strict=True)]
    totals = _fair(_sums(weights), [int(n) for n in _sums(given)], share, [int(n) for n in _sums(room)])
    wanted: list[int] = []
    for group, total in zip(STRATEGIES, totals, strict=True):
        wanted += _fair(weights[group], given[group], total, room[group])
    return wanted


def _sums(values: Sequence[float]) -> list[float]:
    return [sum(values[group]) for group in STRATEGIES]


def _fair(weights: Sequence[float], given: Sequence[int], share: int, room: Sequence[int]) -> list[int]:
    """Brings what was given so far as near to the weights as `share` more can; never beyond the room."""
    goal = apportion(weights, sum(given) + share)
    lacking = [float(max(0, g - n)) for g, n in zip(goal, given, strict=True)]
    wanted = apportion(lacking, share, room)
    left = [n - w for n, w in zip(room, wanted, strict=True)]
    extra = apportion(weights, share - sum(wanted), left)
    return [a + b for a, b in zip(wanted, extra, strict=True)]


async def _draw_one(
    database: Database, hold: jobs.Hold, unit: Row, left: int, syllabus_id: str, wanted: Sequence[int]
) -> int:
    """Hands out positions of one syllabus and stores their units, in one transaction."""

    async def work(tx: Transaction) -> int:
        await jobs.held(tx, hold)
        cursors = await syllabi.lock(tx, syllabus_id)
        space = SyllabusSpace(syllabus_id, await syllabi.sessions(tx, syllabus_id))
        drawn = drawn_so_far(space, cursors)
        units: list[Row] = []
        # Once the sessions or concepts have changed, even and back again, a combination may be taken.
        changed = cursors["space_version"] not in (None, space.version)
        respaced = cursors["respaced"] or changed
        for n, stratum in enumerate(STRATA):
            taken = await _take(tx, space, stratum, drawn[n], wanted[n], respaced)
            drawn[n] += sum(interval["count"] for interval in taken)
            units += [_unit(hold.job_id, unit["branch_id"], space, stratum, interval) for interval in taken]
        handed_out = sum(row["requested"] for row in units)
        await syllabi.hand_out(tx, syllabus_id, space.version, drawn, space.capacity, respaced=respaced)
        await jobs.plan(tx, hold.job_id, units)
        await jobs.record(tx, unit["id"], {"left": left - handed_out})
        return handed_out

    return await database.writing(work)


async def _take(
    tx: Transaction, space: SyllabusSpace, stratum: Stratum, start: int, wanted: int, respaced: bool
) -> list[Row]:
    """Intervals from `start` on with `wanted` positions that have no instruction yet, or all there are."""
    intervals: list[Row] = []
    end = space.capacity[STRATA.index(stratum)]
    while wanted and start < end:
        count = min(wanted, UNIT_SIZE, end - start)
        skipped = await _taken_positions(tx, space, stratum, start, count) if respaced else []
        intervals.append(
            {"start": start, "count": count, "skipped": skipped, "requested": count - len(skipped)}
        )
        start += count
        wanted -= count - len(skipped)
    return intervals


async def _taken_positions(
    tx: Transaction, space: SyllabusSpace, stratum: Stratum, start: int, count: int
) -> list[int]:
    """Positions whose combination got its instruction in an earlier version of the syllabus."""
    keys = {position: space.key_at(stratum, position) for position in range(start, start + count)}
    taken = await instructions.taken(tx, list(keys.values()))
    return [position for position, key in keys.items() if key in taken]


def _unit(job_id: str, branch_id: str, space: SyllabusSpace, stratum: Stratum, interval: Row) -> Row:
    return {
        "id": digest(job_id, "instructions", space.version, str(stratum), interval["start"]),
        "branch_id": branch_id,
        "step": "instructions",
        "node_id": space.syllabus_id,
        "space_version": space.version,
        "stratum": str(stratum),
        **interval,
    }


async def _finish(database: Database, hold: jobs.Hold, unit_id: str, left: int) -> None:
    async def work(tx: Transaction) -> None:
        await jobs.held(tx, hold)
        await jobs.record(tx, unit_id, {"left": left, "state": "short" if left else "done"})

    await database.writing(work)


async def give_back(database: Database, hold: jobs.Hold, unit: Row, missing: int) -> None:
    """Ends an instruction unit whose syllabus has changed; what it lacks is drawn anew."""
    again = {
        "id": digest(unit["id"], "again"),
        "branch_id": unit["branch_id"],
        "step": "draw",
        "node_id": unit["branch_id"],
        "requested": missing,
        "left": missing,
    }

    async def work(tx: Transaction) -> None:
        await jobs.held(tx, hold)
        await jobs.record(tx, unit["id"], {"state": "done", "requested": unit["requested"] - missing})
        await jobs.plan(tx, hold.job_id, [again] if missing else [])

    await database.writing(work)
