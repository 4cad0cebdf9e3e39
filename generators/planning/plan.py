"""Turns a job's spec and the graph into work units, stored before their first call is paid for.

A job is divided into branches that do not wait for each other: its disciplines, or the one subject or
syllabus that is its root. A branch has one unit per list of subjects, one per syllabus, and one `draw` unit
that holds its share of the instructions until its syllabi exist. What is to come from crossings has a draw
unit of its own in each branch, which waits until all branches are grown.

Shares. The quotas `equal` and `weight` are known from the start. `combinations` and `gaps` depend on how the
syllabi turn out: the job then requests its whole number, its draw units have no share (`left` is null), and
`settle_quota` sets all shares in one transaction, once every branch is grown and before the first draw. With
`until instructions_per_concept` each branch settles its own share when it is drawn, whatever the quota: the
number of instructions that its syllabi are short of.

`until` counts existing instructions. Its number is spread as a goal over all branches, and each branch makes
what it is short of its goal; stale, rejected and failed instructions do not count. A branch that has reached
its goal is not grown, because the job asked for instructions and not for subjects, unless the job names its
steps: these are then done in every branch, with or without a share.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generators.planning import personas, proposing, quotas, supply
from generators.planning.apportion import apportion
from generators.spaces.strata import ALL_STRATA
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database, Transaction
from graph.errors import Conflict
from graph.jobs import jobs, leases, units
from graph.jobs.job import Job
from graph.jobs.units import DrawUnit, GrowthStep, GrowthUnit, Short, UnitStep, WorkUnit
from graph.model import Kind, Node, Status, digest, new_id
from graph.taxonomy import nodes, syllabi

GROWABLE = (Kind.Taxonomy, Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject, Kind.Syllabus)


@dataclass(frozen=True)
class Branch:
    """A branch, with the number of its subjects and its weight."""

    id: str
    kind: Kind
    subjects: int
    """Existing subjects."""
    weight: float = 1.0
    """The product of the nodes' weights on the path down from the root."""


async def create(
    database: Database, spec: JobSpec, resolved: dict[str, Any], job_id: str | None = None
) -> Job:
    """Plans and stores a job. Raises NotFound, or Conflict if nothing can grow from the root.

    If a job with this id exists (a repeated request), returns that job and plans nothing.
    """
    if job_id is not None and await jobs.exists(database, job_id):
        return await jobs.get(database, job_id)
    if spec.proposes:
        return await proposing.create(database, spec, resolved, job_id or new_id())
    key, spec = spec.key(), await personas.resolved(database, spec)
    branches = await _branches(database, spec.root_id)
    require_partners(spec, branches[0].kind)
    requested = await _requested(database, spec)
    shares = await _shares(database, spec, branches, requested)
    job_id = job_id or new_id()
    first = [
        unit
        for branch, share, across in zip(
            branches, shares, quotas.split_off(shares, spec.cross_share), strict=True
        )
        # With a target smaller than the number of branches, those without a share cost nothing.
        if share != 0 or spec.steps
        for unit in _first_units(job_id, spec, branch, share, across)
    ]
    properties = {
        "spec": spec.model_dump_json(exclude_none=True),
        "spec_key": key,
        "resolved": json.dumps(resolved),
        "requested": requested or 0,
    }
    return await jobs.create(database, job_id, spec.root_id, properties, first)


async def _branches(database: Database, root_id: str) -> list[Branch]:
    root = await growable(database, root_id)
    if root.kind in (Kind.Subject, Kind.Syllabus):
        return [Branch(root.id, root.kind, 0)]
    found = await syllabi.disciplines(database, root_id)
    if not found:
        raise no_discipline(root)
    return [Branch(row["id"], Kind.Discipline, row["subjects"], row["weight"]) for row in found]


async def growable(database: Database, root_id: str) -> Node:
    """The root of a job. Raises NotFound, or Conflict if nothing can grow from it."""
    root = await nodes.get(database, root_id)
    if root.kind not in GROWABLE:
        raise Conflict(f"nothing can be grown from a {root.kind}; name a syllabus or something above one")
    if root.status is not Status.accepted:
        raise Conflict(f"{root.name} is {root.status}; only accepted nodes are grown")
    return root


def require_partners(spec: JobSpec, kind: Kind) -> None:
    """Raises Conflict if a job wants crossings of a single syllabus; `kind`: of its first branch."""
    if kind is Kind.Syllabus and spec.wants_instructions and spec.cross_share:
        raise Conflict(
            "the strategy cross combines the concepts of two syllabi, and this job has one; name something "
            "above its subject, or other strategies"
        )


def no_discipline(root: Node) -> Conflict:
    """The error for a root with nothing below it to grow."""
    return Conflict(f"there is no discipline under {root.name}; add one first")


async def branch_weights(database: Database, spec: JobSpec) -> dict[str, float]:
    """The weights of the disciplines below the root, by id, for the quota `weight`; else empty."""
    if spec.quota != "weight":
        return {}
    return {row["id"]: row["weight"] for row in await syllabi.disciplines(database, spec.root_id)}


async def _requested(database: Database, spec: JobSpec) -> int | None:
    """Instructions to make; None if there are none, or if each branch settles its own share later."""
    if not spec.wants_instructions:
        return None
    if spec.add is not None:
        return spec.add
    assert spec.until
    return None if spec.until.total is None else await missing(database, spec)


def settles_late(spec: JobSpec) -> bool:
    """Whether the split between branches waits for `settle_quota`."""
    per_concept = spec.until is not None and spec.until.total is None
    return spec.wants_instructions and spec.quota in ("combinations", "gaps") and not per_concept


async def _shares(
    database: Database, spec: JobSpec, branches: Sequence[Branch], requested: int | None
) -> list[int | None]:
    """Instructions that each branch should make; None if that is settled later."""
    if requested is None or (requested and settles_late(spec)):
        return [None] * len(branches)
    weights = [branch.weight if spec.quota == "weight" else 1.0 for branch in branches]
    if requested and not any(weights):
        raise Conflict("every discipline has the weight 0; raise one, or choose another quota")
    given = await _given(database, spec, [branch.id for branch in branches])
    return [*quotas.fair(weights, given, requested, [requested] * len(branches))]


async def _given(database: Database, spec: JobSpec, branch_ids: Sequence[str]) -> list[int]:
    """Instructions that count as given to each branch: with `until` the existing ones, with `add` none."""
    if spec.until is None:
        return [0] * len(branch_ids)
    found = await coverage.below(database, branch_ids)
    return [found[id_].instructions for id_ in branch_ids]


async def settle_quota(database: Database, lease: leases.Lease, spec: JobSpec) -> None:
    """Splits the job's number between its branches, if that had to wait until they are grown.

    Idempotent: all shares are set in one transaction, and a share once set stays. No-op for other quotas.
    """
    if not settles_late(spec):
        return
    waiting = await units.unsettled(database, lease.job_id)
    if not waiting:
        return
    ids = list(dict.fromkeys(row["branch_id"] for row in waiting))
    requested = (await jobs.get(database, lease.job_id)).ledger.requested
    shares = await _late_shares(database, spec, ids, requested)
    crossed = quotas.split_off(shares, spec.cross_share)
    of_branch = dict(zip(ids, zip(shares, crossed, strict=True), strict=True))

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        settled: list[tuple[str, int]] = []
        for row in waiting:
            share, across = of_branch[row["branch_id"]]
            settled.append((row["id"], (across or 0) if row["across"] else share - (across or 0)))
        await units.settle(tx, settled)

    await database.writing(work)


async def _late_shares(
    database: Database, spec: JobSpec, branch_ids: Sequence[str], requested: int
) -> list[int]:
    """The share of each branch, even beyond its room: `spread_shortfall` moves the excess later."""
    if spec.quota == "gaps":
        levels = [await coverage.levels(database, id_) for id_ in branch_ids]
        coverings = requested * quotas.mean_size(spec.all_weights(), [s.size for s in ALL_STRATA])
        return apportion(quotas.lacks(levels, coverings), requested)
    below = [await supply.of_branch(database, spec, id_) for id_ in branch_ids]
    weights = [float(sum(room.share(spec) for room in found)) for found in below]
    given = await _given(database, spec, branch_ids)
    return quotas.fair(weights, given, requested, [requested] * len(branch_ids))


def _first_units(
    job_id: str, spec: JobSpec, branch: Branch, share: int | None, across: int | None
) -> list[WorkUnit]:
    planned: list[WorkUnit] = [
        _growth(job_id, branch.id, "subjects", branch.id, str(n)) for n in range(_queries(spec, branch))
    ]
    if not planned and spec.does("syllabi") and branch.kind is not Kind.Syllabus:
        # Marks that the branch may have syllabi to grow; they are planned when the branch is run.
        planned.append(_growth(job_id, branch.id, "syllabi", branch.id, "look"))
    within = share if share is None or across is None else share - across
    if spec.wants_instructions and within != 0 and spec.cross_share < 1:
        planned.append(_draw(job_id, branch.id, "0", within))
    if spec.wants_instructions and across != 0 and spec.cross_share:
        planned.append(_draw(job_id, branch.id, "across", across, across=True))
    return planned


def _queries(spec: JobSpec, branch: Branch) -> int:
    if branch.kind is not Kind.Discipline or not spec.does("subjects"):
        return 0
    wanted = spec.subjects_per_discipline
    missing = branch.subjects < wanted if wanted else branch.subjects == 0
    return spec.queries_per_discipline if missing else 0


def _growth(job_id: str, branch_id: str, step: GrowthStep, node_id: str, part: str) -> GrowthUnit:
    id_ = _id(job_id, branch_id, step, node_id, part)
    return {"id": id_, "branch_id": branch_id, "step": step, "node_id": node_id}


def _draw(job_id: str, branch_id: str, part: str, share: int | None, *, across: bool = False) -> DrawUnit:
    unit: DrawUnit = {
        "id": _id(job_id, branch_id, "draw", branch_id, part),
        "branch_id": branch_id,
        "step": "draw",
        "node_id": branch_id,
        "requested": share,
        "left": share,
    }
    return {**unit, "across": True} if across else unit


def _id(job_id: str, branch_id: str, step: UnitStep, node_id: str, part: str) -> str:
    """A unit's id is derived from its work, so that planning it twice stores it once."""
    return digest(job_id, step, branch_id, node_id, part)


async def plan_syllabi(database: Database, lease: leases.Lease, branch_id: str) -> None:
    """Plans a unit for each subject of a branch that has no syllabus."""
    missing = await syllabi.missing_below(database, branch_id)
    planned = [_growth(lease.job_id, branch_id, "syllabi", id_, "0") for id_ in missing]
    look = _id(lease.job_id, branch_id, "syllabi", branch_id, "look")

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        await units.plan(tx, lease.job_id, planned)
        await units.record(tx, look, {"state": "done"})

    await database.writing(work)


async def settle_share(database: Database, lease: leases.Lease, spec: JobSpec, unit: DrawUnit) -> int:
    """Instructions a draw unit still has to hand out; with `instructions_per_concept`, counts them now."""
    if (left := unit.get("left")) is not None:
        return left
    if settles_late(spec):
        raise RuntimeError(f"draw unit {unit['id']} has no share yet: settle_quota comes first")
    assert spec.until
    assert spec.until.instructions_per_concept
    there = (await syllabi.instructed(database, unit["branch_id"])).values()
    share = sum(
        quotas.missing(
            [row["concepts"] for row in there],
            [row["instructions"] for row in there],
            spec.until.instructions_per_concept,
        )
    )

    across = share if unit.get("across") else (quotas.split_off([share], spec.cross_share)[0] or 0)
    parts = {unit["id"]: share if unit.get("across") else share - across}
    if spec.cross_share and not unit.get("across"):
        parts[_id(lease.job_id, unit["branch_id"], "draw", unit["branch_id"], "across")] = across

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        await units.settle(tx, [*parts.items()])
        await jobs.request(tx, lease.job_id, share)

    await database.writing(work, once=True)
    return parts[unit["id"]]


@dataclass(frozen=True)
class Left:
    """What is left to draw in a branch, from its syllabi or `across` them, and its weight by the quota."""

    branch_id: str
    room: int
    weight: float = 1.0
    across: bool = False


async def spread_shortfall(
    database: Database, lease: leases.Lease, short: Sequence[Short], found: Sequence[Left]
) -> int:
    """Moves what some branches could not draw to those with room, by weights.

    Returns the number of instructions moved.
    """
    shares = apportion(
        [left.weight for left in found], sum(unit["left"] for unit in short), [left.room for left in found]
    )
    moved = sum(shares)
    if not moved:
        return 0
    takes = _taken(short, moved)
    # The move is identified by which units were short and by how much, so another move makes other units.
    move = digest(lease.fence, *(part for unit in short for part in (unit["id"], unit["left"])))
    planned = [
        _draw(lease.job_id, left.branch_id, _part(left, move), share, across=left.across)
        for left, share in zip(found, shares, strict=True)
        if share
    ]

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        for unit, take in takes:
            left = unit["left"] - take
            await units.record(tx, unit["id"], {"left": left, "state": "short" if left else "done"})
        await units.plan(tx, lease.job_id, planned)

    await database.writing(work)
    return moved


async def missing(database: Database, spec: JobSpec) -> int:
    """How many accepted instructions a target in total still needs; 0 for other targets."""
    if not spec.wants_instructions or spec.until is None or spec.until.total is None:
        return 0
    return max(0, spec.until.total - await coverage.instructions_below(database, spec.root_id))


def _part(left: Left, *reason: str | int) -> str:
    """What tells a draw unit from the others of its branch."""
    return digest(*reason, left.branch_id, *(["across"] if left.across else []))


async def top_up(database: Database, lease: leases.Lease, wanted: int, found: Sequence[Left]) -> int:
    """Adds up to `wanted` instructions to what the job asks for, spread over the branches in `found`."""
    shares = apportion([left.weight for left in found], wanted, [left.room for left in found])
    if not sum(shares):
        return 0
    # What was asked for before tells this addition from others.
    before = (await jobs.get(database, lease.job_id)).ledger.requested
    planned = [
        _draw(lease.job_id, left.branch_id, _part(left, "top up", before), share, across=left.across)
        for left, share in zip(found, shares, strict=True)
        if share
    ]

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        await units.plan(tx, lease.job_id, planned)
        await jobs.request(tx, lease.job_id, sum(shares))

    await database.writing(work, once=True)
    return sum(shares)


def _taken(short: Sequence[Short], moved: int) -> list[tuple[Short, int]]:
    takes: list[tuple[Short, int]] = []
    for unit in short:
        take = min(unit["left"], moved)
        moved -= take
        takes.append((unit, take))
    return takes
