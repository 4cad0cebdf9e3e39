"""Plans test sets: checks that there is enough to draw, holds class sessions out, and creates the job.

One class session in twenty is held out per discipline, at least one: of those that no instruction touches,
the ones with the lowest digests of the test set's name and their ids. Training passes over what touches them.
"""

import json
from collections.abc import Sequence
from typing import Any

from generators.planning import plan, supply
from generators.planning.plan import Left
from generators.spec import HeldOut, JobSpec
from graph.database import Database, Transaction
from graph.errors import Conflict
from graph.evaluation import test_sets
from graph.evaluation.test_sets import Branch
from graph.jobs import jobs, leases, units
from graph.jobs.job import Job
from graph.model import Kind, digest
from graph.quality import benchmarks
from graph.taxonomy import syllabi

ONE_IN = 20
"""Of how many class sessions one is held out."""
MOST_NAMED = 5


async def wanted(database: Database, spec: JobSpec) -> JobSpec:
    """The spec with the number of questions in all. Raises NotFound, and Conflict as planning a job does."""
    held_out = _of(spec)
    found = await _disciplines(database, spec.root_id)
    return spec.model_copy(
        update={"add": held_out.per_discipline * len(found), "steps": ["questions", "answers"]}
    )


async def likely(database: Database, spec: JobSpec) -> JobSpec:
    """The spec that is estimated. Raises as `create` does if there are too few combinations in all."""
    held_out = _of(spec)
    anything = held_out.model_copy(update={"hold": "combinations"})
    await _require_enough(database, spec.model_copy(update={"held_out": anything}), anything)
    return await wanted(database, spec)


async def create(database: Database, spec: JobSpec, resolved: dict[str, Any], by: str) -> Job:
    """Creates a test set and the job that makes it; the same request again finds both.

    Raises NotFound, and Conflict if the name is taken or a discipline has too few combinations.
    """
    held_out = _of(spec)
    spec = await wanted(database, spec)
    key = digest(json.dumps(spec.model_dump(mode="json", exclude={"budget"}), sort_keys=True))
    stored = held_out.model_dump(exclude={"name"}) | {"created_by": by}
    known = await benchmarks.loaded(database)
    found = await test_sets.begin(database, held_out.name, spec.root_id, key, stored)
    if await jobs.exists(database, found["id"]):
        return await jobs.get(database, found["id"])
    try:
        if held_out.name in known:
            raise Conflict(f"a benchmark is called {held_out.name}: choose another name for the test set")
        if held_out.hold == "sessions":
            await _hold_sessions(database, spec, held_out)
        await _require_enough(database, spec, held_out)
        return await plan.create(database, spec, resolved, found["id"])
    except Conflict:
        await test_sets.give_up(database, held_out.name)
        raise


def _of(spec: JobSpec) -> HeldOut:
    assert spec.held_out, "a test set is wanted"
    return spec.held_out


async def _disciplines(database: Database, root_id: str) -> list[tuple[str, str]]:
    """Ids and names of the disciplines of a test set; the root itself if it is below one."""
    root = await plan.growable(database, root_id)
    if root.kind in (Kind.Subject, Kind.Syllabus):
        return [(root.id, root.name)]
    found = await syllabi.disciplines(database, root_id)
    if not found:
        raise plan.no_discipline(root)
    return [(row["id"], row["name"]) for row in found]


async def _require_enough(database: Database, spec: JobSpec, held_out: HeldOut) -> None:
    short: list[str] = []
    for id_, name in await _disciplines(database, spec.root_id):
        there = supply.total(await supply.below(database, id_, spec), spec)
        if there < held_out.per_discipline:
            short.append(f"{name} has {there:,}")
    if short:
        more = f" and {len(short) - MOST_NAMED} more" if len(short) > MOST_NAMED else ""
        raise Conflict(
            f"too few combinations are left for {held_out.per_discipline:,} questions in each discipline: "
            f"{', '.join(short[:MOST_NAMED])}{more}; grow subjects and syllabi there, choose a smaller number"
            + (", or hold combinations instead of sessions" if spec.holds_sessions else "")
        )


async def _hold_sessions(database: Database, spec: JobSpec, held_out: HeldOut) -> None:
    for id_, name in await _disciplines(database, spec.root_id):
        found = await syllabi.below(database, id_)

        async def work(tx: Transaction, found: Sequence[str] = found, name: str = name) -> None:
            # Nobody draws from these syllabi while it is looked up what is free.
            await syllabi.lock(tx, found)
            sessions = await test_sets.free_sessions(tx, found)
            free = [session for session, is_free in sessions.items() if is_free]
            if sessions and not free:
                raise Conflict(
                    f"no class session of {name} can be held out: all {len(sessions):,} have instructions, "
                    "or are about to get some; hold combinations, or make the test set before the data"
                )
            free.sort(key=lambda session: digest("held out", held_out.name, session))
            await test_sets.hold(tx, held_out.name, free[: -(-len(sessions) // ONE_IN)])

        await database.writing(work)


async def lacking(database: Database, job_id: str, held_out: HeldOut) -> list[tuple[Branch, int]]:
    """The disciplines in which questions are missing, and how many."""
    return [
        (branch, held_out.per_discipline - branch.held)
        for branch in await test_sets.branches(database, job_id)
        if branch.held < held_out.per_discipline
    ]


async def top_up(database: Database, lease: leases.Lease, spec: JobSpec) -> int:
    """Plans questions in place of those that were not kept, each in its discipline; returns how many."""
    short = await units.short(database, lease.job_id)
    planned = {unit["branch_id"] for unit in short}
    found: list[Left] = []
    for branch, missing in await lacking(database, lease.job_id, _of(spec)):
        # Where a draw came out short, nothing is left to draw.
        room = (
            0 if branch.id in planned else supply.total(await supply.below(database, branch.id, spec), spec)
        )
        found.append(Left(branch.id, min(missing, room)))
    return await plan.top_up(database, lease, sum(left.room for left in found), found)
