"""Hands out places of combination spaces, each in a transaction that locks its syllabus node.

No two jobs, workers or machines ever draw the same combination, or with `repeats` the same cell of it, and a
crashed job resumes at the same places. A draw stores only a cursor on the syllabus. A draw for gaps takes
places out of turn, so it also stores each place until the cursor has passed it.

A place is a position in a lap (generators.spaces.handed_out). An instruction unit holds an interval of places
of one lap of one stratum (`start`, `count` and the `skipped` ones) or, if they were drawn for gaps, a list of
`positions`, which are places too.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field, replace

from generators.planning import plan, quotas, supply
from generators.planning.plan import Left
from generators.planning.source import Source, positions
from generators.planning.supply import Room
from generators.spaces.strata import CROSS_STRATA, STRATA, Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database, Row, Transaction
from graph.evaluation import test_sets
from graph.instructions import instructions
from graph.jobs import leases, units
from graph.jobs.units import DrawUnit, InstructionUnit, Interval, Listed, Planned
from graph.model import digest
from graph.taxonomy import crossings, syllabi
from graph.taxonomy.crossings import CrossingShape, pair_of
from graph.taxonomy.syllabi import Shape

# Limits of one transaction, which locks its syllabi and the job.
SYLLABI_AT_ONCE = 25
INSTRUCTIONS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Wish:
    """How many places of each stratum a transaction should hand out of one syllabus or crossing."""

    room: Room
    wanted: list[int]


@dataclass
class Drawing:
    """A draw unit that is being drawn.

    `left`: instructions still to draw. `given`: places of each stratum asked for so far. `degrees`: how
    often each concept is covered, planned instructions included; only for the quota `gaps`.
    """

    database: Database
    lease: leases.Lease
    spec: JobSpec
    unit: DrawUnit
    left: int
    given: list[int] = field(default_factory=list[int])
    degrees: Counter[str] | None = None

    def __post_init__(self) -> None:
        self.given = self.given or [0] * len(self.strata)

    @property
    def across(self) -> bool:
        """Whether it draws from crossings."""
        return bool(self.unit.get("across"))

    @property
    def strata(self) -> Sequence[Stratum]:
        """The strata that it draws from."""
        return CROSS_STRATA if self.across else STRATA

    @property
    def weights(self) -> list[float]:
        """The share of each of its strata."""
        return self.spec.weights(across=self.across)

    @property
    def requested(self) -> int:
        """Instructions that the draw unit has to hand out in all."""
        requested = self.unit.get("requested")
        assert requested is not None, "its share is settled"
        return requested


async def begin(database: Database, lease: leases.Lease, spec: JobSpec, unit: DrawUnit) -> Drawing:
    """Settles the share of a draw unit and returns it ready to draw."""
    left = await plan.settle_share(database, lease, spec, unit)
    return Drawing(database, lease, spec, unit, left)


async def draw(
    database: Database, lease: leases.Lease, spec: JobSpec, unit: DrawUnit
) -> AsyncGenerator[list[InstructionUnit]]:
    """Turns a draw unit into instruction units and yields them per syllabus, as `rest` does."""
    async for drawn in rest(await begin(database, lease, spec, unit)):
        yield drawn


async def rest(drawing: Drawing) -> AsyncGenerator[list[InstructionUnit]]:
    """Hands out what is left of a draw unit, from all syllabi of its branch, and ends it.

    If the combinations run out, the remainder stays on the draw unit, in the state `short`.
    """
    before = None
    while drawing.left and drawing.left != before:
        before = drawing.left
        async for drawn in draw_some(drawing, [drawing.unit["branch_id"]], drawing.left):
            yield drawn
    await _finish(drawing)


async def draw_some(
    drawing: Drawing, node_ids: Sequence[str], most: int
) -> AsyncGenerator[list[InstructionUnit]]:
    """Hands out `most` places of the syllabi below some nodes, or all there are if fewer.

    Yields the instruction units of each syllabus once the transaction that hands them out is committed.
    """
    if most <= 0:
        return
    found = {room.id: room for id_ in node_ids for room in await _below(drawing, id_)}
    parts = await _shares(drawing, [*found.values()], most)
    for wishes in _wishes(drawing, [*found.values()], parts):
        for drawn in units.by_syllabus(await _draw(drawing, wishes)):
            yield drawn


async def _below(drawing: Drawing, node_id: str) -> list[Room]:
    if drawing.across:
        return await supply.across(drawing.database, drawing.spec, node_id)
    return await supply.below(drawing.database, node_id, drawing.spec)


async def spread_shortfall(database: Database, lease: leases.Lease, spec: JobSpec) -> int:
    """Moves what some branches could not draw to branches with room, by the quota; returns how much.

    What crossings could not give comes from other crossings, where there are any, and else from syllabi; and
    the other way round.
    """
    short = await units.short(database, lease.job_id)
    for across in sorted({unit["across"] for unit in short}):
        of_kind = [unit for unit in short if unit["across"] is across]
        for source in (across, not across):
            found = await _rooms(database, lease, spec, across=source)
            if moved := await plan.spread_shortfall(database, lease, of_kind, found):
                return moved
    return 0


async def top_up(database: Database, lease: leases.Lease, spec: JobSpec, missing: int) -> int:
    """Plans instructions in place of those that were not accepted, by the quota; returns how many there are.

    `missing`: how many the job's target needs. Fewer are planned if the combinations run out.
    """
    if not spec.cross_share:
        return await plan.top_up(database, lease, missing, await _rooms(database, lease, spec, across=False))
    found = [
        replace(left, weight=left.weight * part / (sum(left.weight for left in of_kind) or 1.0))
        for across, part in ((False, 1 - spec.cross_share), (True, spec.cross_share))
        if part and (of_kind := await _rooms(database, lease, spec, across=across))
        for left in of_kind
    ]
    return await plan.top_up(database, lease, missing, found)


async def room(database: Database, lease: leases.Lease, spec: JobSpec) -> int:
    """How many combinations the branches of a job have left."""
    found = [left for across in (False, True) for left in await _rooms(database, lease, spec, across=across)]
    return sum(left.room for left in found)


async def _rooms(database: Database, lease: leases.Lease, spec: JobSpec, *, across: bool) -> list[Left]:
    """What is left in each branch of a job, of its syllabi or `across` them, weighted by the quota."""
    if not any(spec.weights(across=across)):
        return []
    weights = await plan.branch_weights(database, spec)
    found: list[Left] = []
    for branch_id in await units.all_branches(database, lease.job_id):
        if across:
            below = await supply.across(database, spec, branch_id)
        else:
            below = await supply.below(database, branch_id, spec)
        combined = float(sum(room.share(spec) for room in below))
        weight = combined if spec.quota == "combinations" else weights.get(branch_id, 1.0)
        found.append(Left(branch_id, supply.total(below, spec), weight, across))
    return found


async def _shares(drawing: Drawing, found: Sequence[Room], share: int) -> list[int]:
    """How many instructions of `share` each syllabus gets."""
    spec, unit = drawing.spec, drawing.unit
    free = [room.wanted(spec) for room in found]
    planned = await units.planned(drawing.database, drawing.lease.job_id, unit["branch_id"])
    even = [room.share(spec) for room in found]
    if spec.quota == "gaps":
        return quotas.filled(await _gap_lacks(drawing, found, planned), even, share, free)
    if spec.until is None or drawing.across:
        given = [planned[room.id]["planned"] if room.id in planned else 0 for room in found]
        return quotas.fair(even, given, share, free)
    there = await syllabi.instructed(drawing.database, unit["branch_id"])
    pending = {id_: row["pending"] for id_, row in planned.items()}
    nothing: Row = {"concepts": 0, "instructions": 0}
    facts = [there.get(room.id, nothing) for room in found]
    given = [fact["instructions"] + pending.get(room.id, 0) for room, fact in zip(found, facts, strict=True)]
    if spec.until.instructions_per_concept is None:
        return quotas.fair(even, given, share, free)
    concepts = [fact["concepts"] for fact in facts]
    lacking = quotas.missing(concepts, given, spec.until.instructions_per_concept)
    return quotas.filled(lacking, concepts, share, free)


async def _gap_lacks(drawing: Drawing, found: Sequence[Room], planned: dict[str, Planned]) -> list[float]:
    """What each syllabus gets if the least covered concepts of the branch come first."""
    there = await _degrees(drawing, found)
    if drawing.degrees is None:
        drawing.degrees = Counter({id_: n for concepts in there.values() for id_, n in concepts.items()})
        if any(row["pending"] for row in planned.values()):
            drawing.degrees.update(await _pending_coverage(drawing))
    degrees = drawing.degrees
    levels = [
        Counter(degrees[id_] for part in room.pair or (room.id,) for id_ in there.get(part, ()))
        for room in found
    ]
    coverings = drawing.left * quotas.mean_size(drawing.weights, [s.size for s in drawing.strata])
    return quotas.lacks(levels, coverings)


async def _degrees(drawing: Drawing, found: Sequence[Room]) -> dict[str, dict[str, int]]:
    """By syllabus, how often each of its concepts is covered; of crossings, those of both syllabi."""
    if not drawing.across:
        return await coverage.degrees(drawing.database, drawing.unit["branch_id"])
    ids = sorted({id_ for room in found for id_ in room.pair or ()})
    there: dict[str, dict[str, int]] = {}
    for start in range(0, len(ids), supply.PAGE):
        there |= await coverage.degrees_of(drawing.database, ids[start : start + supply.PAGE])
    return there


async def _pending_coverage(drawing: Drawing) -> Counter[str]:
    """How often this job's pending units, left by a crash or an earlier draw, will cover each concept."""
    covered = Counter[str]()
    branch_id = drawing.unit["branch_id"]
    pending = await units.pending(drawing.database, drawing.lease.job_id, branch_id, "instructions")
    for rows in units.by_syllabus(pending):
        for shape in await _shapes_of(drawing.database, rows[0]):
            space = supply.space_of(shape)
            for row in (row for row in rows if row["space_version"] == space.version):
                stratum = Stratum.parse(row["stratum"])
                for place in positions(row):
                    position, _ = space.located(stratum, place)
                    covered.update(space.at(stratum, position).concepts)
    return covered


async def _shapes_of(database: Database, unit: InstructionUnit) -> Sequence[Shape | CrossingShape]:
    """The shape of what a unit was drawn from, unless it is gone."""
    if partner_id := unit.get("partner_id"):
        return await crossings.shapes(database, [pair_of(unit["node_id"], partner_id)])
    return await syllabi.shapes(database, [unit["node_id"]])


def _wishes(drawing: Drawing, found: Sequence[Room], shares: Sequence[int]) -> Iterator[list[Wish]]:
    """Splits the share of each syllabus by stratum; yields as many wishes as one transaction takes."""
    weights = drawing.weights
    wishes: list[Wish] = []
    size = 0
    for room, share in zip(found, shares, strict=True):
        if not share:
            continue
        if wishes and (len(wishes) == SYLLABI_AT_ONCE or size + share > INSTRUCTIONS_AT_ONCE):
            yield wishes
            wishes, size = [], 0
        wish = Wish(room, quotas.by_stratum(weights, drawing.given, share, room.free))
        wishes.append(wish)
        drawing.given = [a + b for a, b in zip(drawing.given, wish.wanted, strict=True)]
        size += share
    if wishes:
        yield wishes


async def _draw(drawing: Drawing, wishes: Sequence[Wish]) -> list[InstructionUnit]:
    """Hands out places of some syllabi and stores their units, in one transaction."""
    lease, unit = drawing.lease, drawing.unit
    wanted = {wish.room.id: wish.wanted for wish in wishes}

    async def work(tx: Transaction) -> tuple[list[InstructionUnit], Counter[str]]:
        await leases.held(tx, lease)
        shapes = await _locked(tx, drawing, wishes)
        guarded = await test_sets.any_at_all(tx)
        degrees = None if drawing.degrees is None else drawing.degrees.copy()
        rows: list[Row] = []
        planned: list[InstructionUnit] = []
        for shape in shapes:
            source = Source(tx, shape, drawing.spec, guarded=guarded)
            drawn = await source.take(wanted[supply.id_of(source.space)], degrees)
            planned += [_unit(lease.job_id, unit["branch_id"], source.space, some) for some in drawn]
            rows.append(source.row())
        if drawing.across:
            await crossings.hand_out_all(tx, _with_reasons(rows, wishes))
        else:
            await syllabi.hand_out_all(tx, rows)
        await units.plan(tx, lease.job_id, planned)
        await units.record(tx, unit["id"], {"left": drawing.left - _requested(planned)})
        return planned, degrees or Counter()

    # The transaction may run more than once, so its results count only once it is committed.
    planned, degrees = await drawing.database.writing(work, once=True)
    drawing.left -= _requested(planned)
    if drawing.degrees is not None:
        drawing.degrees = degrees
    return planned


async def _locked(
    tx: Transaction, drawing: Drawing, wishes: Sequence[Wish]
) -> Sequence[Shape | CrossingShape]:
    """The shapes of what places are drawn from, under the locks of all their syllabi."""
    if drawing.across:
        pairs = [wish.room.pair for wish in wishes if wish.room.pair]
        await crossings.lock(tx, pairs)
        return await crossings.shapes(tx, pairs)
    ids = [wish.room.id for wish in wishes]
    await syllabi.lock(tx, ids)
    return await syllabi.shapes(tx, ids)


def _with_reasons(rows: Sequence[Row], wishes: Sequence[Wish]) -> list[Row]:
    """The rows of crossings with their ends, and why they are crossed."""
    rooms = {wish.room.id: wish.room for wish in wishes}
    found: list[Row] = []
    for row in rows:
        room = rooms[row["id"]]
        assert room.pair
        assert room.partner
        first, second = room.pair
        why = {
            "score": room.partner.score,
            "shared": list(room.partner.shared),
            "together": list(room.partner.together),
            "hops": room.partner.hops,
        }
        found.append(row | {"first": first, "second": second, "why": why})
    return found


def _requested(planned: Sequence[InstructionUnit]) -> int:
    return sum(row["requested"] for row in planned)


def _unit(job_id: str, branch_id: str, space: SyllabusSpace, drawn: Interval | Listed) -> InstructionUnit:
    """A place is handed out only once, so its first place and the kind of draw identify a unit."""
    if "positions" in drawn:
        first = "positions", drawn["positions"][0]
        return {**_of_space(job_id, branch_id, space, drawn["stratum"], *first), **drawn}
    return {**_of_space(job_id, branch_id, space, drawn["stratum"], drawn["start"]), **drawn}


def _of_space(
    job_id: str, branch_id: str, space: SyllabusSpace, stratum: str, *first: str | int
) -> units.SpaceUnit:
    unit: units.SpaceUnit = {
        "id": digest(job_id, "instructions", space.version, stratum, *first),
        "branch_id": branch_id,
        "step": "instructions",
        "node_id": space.syllabus_id,
        "space_version": space.version,
    }
    return {**unit, "partner_id": space.partner_id} if space.partner_id else unit


async def _finish(drawing: Drawing) -> None:
    left = drawing.left

    async def work(tx: Transaction) -> None:
        await leases.held(tx, drawing.lease)
        await units.record(tx, drawing.unit["id"], {"left": left, "state": "short" if left else "done"})

    await drawing.database.writing(work)


async def give_back(database: Database, lease: leases.Lease, unit: InstructionUnit, missing: int) -> None:
    """Ends an instruction unit whose syllabus has changed, and plans a new draw for the `missing` samples."""
    again: DrawUnit = {
        "id": digest(unit["id"], "again"),
        "branch_id": unit["branch_id"],
        "step": "draw",
        "node_id": unit["branch_id"],
        "requested": missing,
        "left": missing,
    }
    if unit.get("partner_id"):
        again["across"] = True

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        await units.record(tx, unit["id"], {"requested": unit["requested"] - missing})
        # Ended as others are, with its counts: else every look at the job would count its instructions.
        await instructions.store(tx, lease.job_id, [], ended=[unit["id"]], fence=lease.fence)
        await units.plan(tx, lease.job_id, [again] if missing else [])

    await database.writing(work)
