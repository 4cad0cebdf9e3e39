"""Takes instructions out of the data after they were accepted, and puts them back as they were.

What is withdrawn is the twin of what is stale: the ledger counts it as accepted, its COVERS links are
COVERED, and pulls leave it out. Its key and words are kept in `before`, with what its status was: while it is
withdrawn, no question is compared with it.
"""

from collections.abc import Sequence
from typing import TypedDict

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict, NotFound
from graph.quality import checks, evidence, findings
from graph.quality.checks import Check
from graph.quality.evidence import Keyed
from graph.queries import load
from graph.taxonomy.editing import history

STANDING = load("instruction.standing")
WITHDRAW = load("instruction.withdraw")
RESTORE = load("instruction.restore")
WAIVE = load("instruction.waive")
UNDO = load("check.undo")
UNLINK = load("quality.unlink")

AT_ONCE = 200


class Withdrawal(TypedDict):
    """An instruction to withdraw, and why."""

    id: str
    reason: str


async def standing(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    """Status, waived_by, sessions and concepts of some instructions, by id."""
    return {row["id"]: row for row in await tx.run(STANDING, ids=sorted(ids))}


async def withdraw(tx: Transaction, check_id: str, wanted: Sequence[Withdrawal]) -> list[str]:
    """Withdraws those that are accepted and that nobody has waived; returns their ids."""
    if not wanted:
        return []
    await _hold(tx, [one["id"] for one in wanted])
    batch = {"rows": sorted(wanted, key=lambda one: one["id"]), "check_id": check_id}
    [row] = await tx.run(WITHDRAW, batch=batch)
    await rollups.forget_disciplines(tx, row["disciplines"])
    return row["ids"]


async def restore(tx: Transaction, ids: Sequence[str], check_id: str | None = None) -> list[str]:
    """Restores those that are withdrawn, by this check if given; returns their ids.

    One whose origin was edited since it was withdrawn becomes stale instead. It gets its key again unless
    another instruction with the same question was accepted in between.
    """
    if not ids:
        return []
    await _hold(tx, ids)
    [row] = await tx.run(RESTORE, batch={"ids": sorted(ids), "check_id": check_id})
    had: list[Keyed] = [
        {"id": one["id"], "key": one["key"], "words": one["words"] or None}
        for one in sorted(row["restored"], key=lambda one: one["id"])
        if one["key"] or one["words"]
    ]
    await evidence.give_keys(tx, had)
    await rollups.forget_disciplines(tx, row["disciplines"])
    return [one["id"] for one in row["restored"]]


async def _hold(tx: Transaction, ids: Sequence[str]) -> None:
    """Locks the figures of the disciplines in which these instructions count."""
    found = (await standing(tx, ids)).values()
    await rollups.hold(tx, {node for one in found for node in (*one["sessions"], *one["concepts"])})


async def undo(database: Database, check_id: str) -> Check:
    """Restores what a check withdrew and removes its evidence, page by page; what was waived stays.

    Undoing twice changes nothing, and continues where it was broken off. Raises NotFound, or Conflict for a
    dry run, and while a worker runs the check.
    """
    check = await checks.get(database, check_id)
    if check.dry_run:
        raise Conflict("a dry run changes nothing that could be undone")
    left = True
    while left:
        left = await database.writing(lambda tx: _undo_page(tx, check))
    return await checks.get(database, check_id)


async def _undo_page(tx: Transaction, check: Check) -> bool:
    """Undoes some findings; returns whether more may be left."""
    rows = await tx.run(UNDO, id=check.id, step=_undone())
    if not rows:
        raise Conflict("a worker runs this check: pause it first, or wait until it ends")
    found = await findings.of(tx, check.id, rows[0]["undone_to"], AT_ONCE)
    ids = [one.instruction for one in found]
    restored = await restore(tx, ids, check.id)
    await tx.run(UNLINK, ids=sorted(ids), check_id=check.id, rule=check.rule)
    done = len(found) < AT_ONCE
    after = found[-1].id if found else None
    await tx.run(UNDO, id=check.id, step=_undone(after, len(restored), 1 if restored else 0, done=done))
    return not done


def _undone(after: str | None = None, restored: int = 0, writes: int = 0, *, done: bool = False) -> Row:
    return {"after": after, "restored": restored, "writes": writes, "done": done}


async def waive(database: Database, instruction_id: str, reason: str, by: str) -> None:
    """Has checks leave an instruction as it is, for a reason, and restores it if it is withdrawn.

    What checks found about it is kept and bears the name of who waived it; the first waiver stays. Raises
    NotFound, or Conflict for an instruction that was never accepted.
    """

    async def work(tx: Transaction) -> None:
        found = (await standing(tx, [instruction_id])).get(instruction_id)
        if found is None:
            raise NotFound(f"no instruction has the id {instruction_id}")
        if found["status"] not in ("accepted", "stale", "withdrawn"):
            raise Conflict(
                f"this instruction is {found['status']}: it was never accepted, so there is nothing to waive"
            )
        await restore(tx, [instruction_id])
        [row] = await tx.run(WAIVE, ids=[instruction_id], by=by, reason=reason)
        if row["fresh"]:
            detail = {"instruction": instruction_id, "reason": reason, "was": found["status"]}
            changed = [row["syllabus"]["id"]] if row["syllabus"] else []
            await history.record(tx, "waived", by, row["syllabus"], changed, nodes=0, detail=detail)

    await database.writing(work)
