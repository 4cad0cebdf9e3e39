"""Job spec + graph -> work units, stored before their first call is paid for.

A job falls into branches that do not wait for each other: its disciplines, or the one subject or syllabus
it was given. A branch has a unit for each list of subjects, one for each syllabus, and one `draw` unit that
holds its share of the instructions until its syllabi are there.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generators.apportion import apportion
from generators.spec import JobSpec
from graph import coverage, jobs, nodes, syllabi, traversal
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import Kind, Status, digest, new_id

GROWABLE = (Kind.Taxonomy, Kind.Field, Kind.Subfield, Kind.Discipline, Kind.Subject, Kind.Syllabus)
ACCEPTED = (Status.accepted,)


@dataclass(frozen=True)
class Branch:
    """A branch and what it lacks."""

    id: str
    kind: Kind
    subjects: int
    """Subjects that are there."""


async def create(database: Database, spec: JobSpec, resolved: dict[str, Any]) -> jobs.Job:
    """Plans and stores a job; raises NotFound, or Conflict for a root that nothing can grow from."""
    branches = await _branches(database, spec.root_id)
    requested = await _requested(database, spec)
    shares = apportion([1.0] * len(branches), requested) if requested else [0] * len(branches)
    job_id = new_id()
    units = [
        unit
        for branch, share in zip(branches, shares, strict=True)
        # With a target smaller than the number of branches, those without a share cost nothing.
        if share or requested is None
        for unit in _first_units(job_id, spec, branch, None if requested is None else share)
    ]
    properties = {
        "spec": spec.model_dump_json(exclude_none=True),
        "spec_key": spec.key(),
        "resolved": json.dumps(resolved),
        "requested": requested or 0,
    }
    return await jobs.create(database, job_id, spec.root_id, properties, units)


async def _branches(database: Database, root_id: str) -> list[Branch]:
    root = await nodes.get(database, root_id)
    if root.kind not in GROWABLE:
        raise Conflict(f"nothing grows from a {root.kind}; name a syllabus or something above one")
    if root.status is not Status.accepted:
        raise Conflict(f"{root.name} is {root.status}; only what is accepted grows")
    if root.kind in (Kind.Subject, Kind.Syllabus):
        return [Branch(root.id, root.kind, 0)]
    disciplines = [root] if root.kind is Kind.Discipline else await _disciplines(database, root_id)
    if not disciplines:
        raise Conflict(f"there is no discipline under {root.name}; add one first")
    return [Branch(d.id, d.kind, await _subjects(database, d.id)) for d in disciplines]


async def _disciplines(database: Database, root_id: str) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    cursor = None
    while True:
        page = await traversal.descendants(
            database, root_id, kind=Kind.Discipline, statuses=ACCEPTED, limit=1000, cursor=cursor
        )
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


async def _subjects(database: Database, discipline_id: str) -> int:
    page = await traversal.children(database, discipline_id, kind=Kind.Subject, statuses=ACCEPTED, limit=1000)
    return len(page.items)


async def _requested(database: Database, spec: JobSpec) -> int | None:
    """Instructions to make; None where each branch finds out once its syllabi are there."""
    if not spec.wants_instructions:
        return None
    if spec.add is not None:
        return spec.add
    assert spec.until
    if spec.until.total is None:
        return None
    return max(0, spec.until.total - await coverage.instructions_below(database, spec.root_id))


def _first_units(job_id: str, spec: JobSpec, branch: Branch, share: int | None) -> list[Row]:
    units = [_unit(job_id, branch.id, "subjects", branch.id, str(n)) for n in range(_queries(spec, branch))]
    if not units and spec.does("syllabi") and branch.kind is not Kind.Syllabus:
        # A mark that the branch has something to look at; its syllabi are planned when it is run.
        units.append(_unit(job_id, branch.id, "syllabi", branch.id, "look"))
    if spec.wants_instructions:
        units.append(_unit(job_id, branch.id, "draw", branch.id, "0") | {"requested": share, "left": share})
    return units


def _queries(spec: JobSpec, branch: Branch) -> int:
    if branch.kind is not Kind.Discipline or not spec.does("subjects"):
        return 0
    wanted = spec.subjects_per_discipline
    missing = branch.subjects < wanted if wanted else branch.subjects == 0
    return spec.queries_per_discipline if missing else 0


def _unit(job_id: str, branch_id: str, step: jobs.UnitStep, node_id: str, part: str) -> Row:
    """A unit's id follows from what it is to do, so that planning it twice plans it once."""
    id_ = digest(job_id, step, branch_id, node_id, part)
    return {"id": id_, "branch_id": branch_id, "step": step, "node_id": node_id}


async def plan_syllabi(database: Database, hold: jobs.Hold, branch_id: str) -> None:
    """A unit for each subject of a branch that has no syllabus."""
    missing = await syllabi.missing_below(database, branch_id)
    units = [_unit(hold.job_id, branch_id, "syllabi", id_, "0") for id_ in missing]
    look = _unit(hold.job_id, branch_id, "syllabi", branch_id, "look")["id"]

    async def work(tx: Transaction) -> None:
        await jobs.held(tx, hold)
        await jobs.plan(tx, hold.job_id, units)
        await jobs.record(tx, look, {"state": "done"})

    await database.writing(work)


async def settle_share(database: Database, hold: jobs.Hold, spec: JobSpec, unit: Row) -> int:
    """How many instructions a draw unit has still to hand out; by concepts, they are counted now."""
    if unit.get("left") is not None:
        return unit["left"]
    assert spec.until
    assert spec.until.instructions_per_concept
    concepts = await coverage.concepts_below(database, unit["branch_id"])
    wanted = math.ceil(spec.until.instructions_per_concept * concepts)
    share = max(0, wanted - await coverage.instructions_below(database, unit["branch_id"]))

    async def work(tx: Transaction) -> None:
        await jobs.held(tx, hold)
        await jobs.record(tx, unit["id"], {"requested": share, "left": share})
        await jobs.request(tx, hold.job_id, share)

    await database.writing(work)
    return share


async def spread_shortfall(database: Database, hold: jobs.Hold, rooms: Sequence[tuple[str, int]]) -> int:
    """Moves what some branches could not draw to those with room (id, combinations left)."""
    short = await jobs.short(database, hold.job_id)
    moved = min(sum(unit["left"] for unit in short), sum(room for _, room in rooms))
    if not moved:
        return 0
    shares = apportion([1.0] * len(rooms), moved, [room for _, room in rooms])
    takes = _taken(short, moved)
    units = [
        _unit(hold.job_id, branch_id, "draw", branch_id, digest(hold.fence, moved, branch_id))
        | {"requested": share, "left": share}
        for (branch_id, _), share in zip(rooms, shares, strict=True)
        if share
    ]

    async def work(tx: Transaction) -> None:
        await jobs.held(tx, hold)
        for unit, take in takes:
            left = unit["left"] - take
            await jobs.record(tx, unit["id"], {"left": left, "state": "short" if left else "done"})
        await jobs.plan(tx, hold.job_id, units)

    await database.writing(work)
    return moved


def _taken(short: Sequence[Row], moved: int) -> list[tuple[Row, int]]:
    takes: list[tuple[Row, int]] = []
    for unit in short:
        take = min(unit["left"], moved)
        moved -= take
        takes.append((unit, take))
    return takes
