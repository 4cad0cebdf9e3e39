"""Turns a job of the step taxonomy into work units: lists of names to ask for, level by level.

The lists of a level are planned a page of nodes at a time, once the level above is complete, because its
nodes are where the next one's lists are asked for.
"""

import json
from collections.abc import Sequence
from typing import Any

from generators.spec import JobSpec, Levels
from graph.database import Database, Transaction
from graph.errors import Conflict
from graph.jobs import jobs, kept_replies, leases, units
from graph.jobs.job import Job
from graph.jobs.units import LevelUnit, NamingUnit
from graph.model import UPPER, Kind, Node, Status, digest
from graph.taxonomy import naming, nodes

# Units of one transaction, all lists of some nodes.
MOST_UNITS = 2_000
# What is named below each kind, from the top down.
LEVELS: dict[Kind, tuple[Kind, ...]] = {
    Kind.Taxonomy: (Kind.Field, Kind.Subfield, Kind.Discipline),
    Kind.Field: (Kind.Subfield, Kind.Discipline),
    Kind.Subfield: (Kind.Discipline,),
}
CALLED: dict[Levels, Kind] = {
    "fields": Kind.Field,
    "subfields": Kind.Subfield,
    "disciplines": Kind.Discipline,
}


async def create(database: Database, spec: JobSpec, resolved: dict[str, Any], job_id: str) -> Job:
    """Plans and stores a job. Raises NotFound, or Conflict if nothing can be proposed below the root."""
    root = await proposable(database, spec.root_id)
    planned: list[LevelUnit] = [
        {
            "id": digest(job_id, "levels", kind.value),
            "branch_id": root.id,
            "node_id": root.id,
            "step": "levels",
            "kind": kind.value,
        }
        for kind in levels_of(root, spec)
    ]
    properties = {
        "spec": spec.model_dump_json(exclude_none=True),
        "spec_key": spec.key(),
        "resolved": json.dumps(resolved),
        "requested": 0,
    }
    return await jobs.create(database, job_id, root.id, properties, planned)


async def proposable(database: Database, root_id: str) -> Node:
    """The root of a job. Raises NotFound, or Conflict if nothing can be proposed below it."""
    root = await nodes.get(database, root_id)
    if root.kind not in LEVELS:
        raise Conflict(f"nothing is proposed below a {root.kind}; name a taxonomy, a field or a sub-field")
    if root.status not in (Status.proposed, Status.accepted):
        raise Conflict(f"{root.name} is {root.status}; nothing is proposed below it")
    return root


def levels_of(root: Node, spec: JobSpec) -> Sequence[Kind]:
    """The kinds that a job has proposed below its root, from the top down. Raises Conflict for none."""
    levels = spec.naming.levels
    if levels == "all":
        return LEVELS[root.kind]
    kind = CALLED[levels]
    if not root.kind.may_contain(kind) and kind not in LEVELS[root.kind]:
        raise Conflict(f"there are no {levels} below a {root.kind}")
    return (kind,)


async def plan_page(database: Database, lease: leases.Lease, spec: JobSpec, level: LevelUnit) -> bool:
    """Plans the lists of a page of nodes of a level; returns whether any are left to plan after it."""
    most = MOST_UNITS // spec.naming.samples
    found = await naming.places(
        database,
        level["node_id"],
        Kind(level["kind"]),
        spec.naming.min_support,
        level.get("after", ""),
        most,
    )
    planned = [
        _unit(lease.job_id, level, node_id, sample)
        for node_id in found
        for sample in range(spec.naming.samples)
    ]
    whole = len(found) < most
    if found:
        level["after"] = found[-1]
    changes = {"after": level.get("after", "")} | ({"state": "done"} if whole else {})

    async def work(tx: Transaction) -> None:
        await leases.held(tx, lease)
        await units.plan(tx, lease.job_id, planned)
        await units.record(tx, level["id"], changes)

    await database.writing(work)
    return not whole


async def look_again(tx: Transaction, job_id: str, kind: Kind) -> bool:
    """Has a job look once more for nodes below those of a kind, because one has come late.

    Returns whether it asks for any. Lists that are planned already stay as they are.
    """
    lower = [digest(job_id, "levels", other.value) for other in UPPER[UPPER.index(kind) + 1 :]]
    found = await kept_replies.ended(tx, lower)
    await kept_replies.reopen(tx, found)
    for id_ in found:
        await units.record(tx, id_, {"after": ""})
    return bool(found)


def _unit(job_id: str, level: LevelUnit, node_id: str, sample: int) -> NamingUnit:
    return {
        "id": digest(job_id, "taxonomy", level["kind"], node_id, sample),
        "branch_id": level["branch_id"],
        "node_id": node_id,
        "step": "taxonomy",
        "kind": level["kind"],
        "sample": sample,
    }
