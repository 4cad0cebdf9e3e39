"""People's decisions about instructions: what they reject leaves the data, what they accept stays in it.

A rejection is a withdrawal signed by a person, and an acceptance a waiver: so what is rejected is neither
covered nor pulled, comes back as it was, and no check overrules a person.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.instructions import pulls, withdrawal
from graph.instructions.pulls import Filter
from graph.instructions.withdrawal import AT_ONCE, WAIVE
from graph.queries import load
from graph.taxonomy.editing import history
from graph.taxonomy.editing.locks import GET

UNWAIVE = load("instruction.unwaive")

MOST_REFUSED = 100
WERE_ACCEPTED = ("accepted", "stale", "withdrawn")


class Decision(StrEnum):
    """accept: it stays, and comes back if it was withdrawn; reject: it is withdrawn."""

    accept = "accept"
    reject = "reject"


class NotDecided(BaseModel):
    """An instruction that a decision could not change."""

    id: str
    error: str


class Decisions(BaseModel):
    """What became of the instructions that were decided about."""

    changed: int = Field(default=0, description="Withdrawn or restored")
    unchanged: int = Field(default=0, description="These were what was decided already")
    refused: int = Field(default=0, description="These are not there, or were never accepted")
    errors: list[NotDecided] = Field(
        default_factory=list[NotDecided], description=f"The first {MOST_REFUSED} reasons"
    )

    def add(self, other: "Decisions") -> None:
        """Adds what became of others."""
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.errors += other.errors[: MOST_REFUSED - len(self.errors)]

    def refuse(self, id_: str, error: str) -> None:
        """Notes one that could not be changed."""
        self.refused += 1
        if len(self.errors) < MOST_REFUSED:
            self.errors.append(NotDecided(id=id_, error=error))


async def decide(
    database: Database, ids: Sequence[str], decision: Decision, reason: str, by: str
) -> Decisions:
    """Accepts or rejects instructions, some at a time; repeating it changes nothing."""
    done = Decisions()
    distinct = [*dict.fromkeys(ids)]
    for start in range(0, len(distinct), AT_ONCE):
        part = distinct[start : start + AT_ONCE]
        done.add(await database.writing(lambda tx, part=part: _decide(tx, part, decision, reason, by)))
    return done


async def decide_below(
    database: Database, node_id: str, wanted: Filter, decision: Decision, reason: str, by: str
) -> Decisions:
    """The same for all instructions below a node that pass a filter; raises NotFound or Invalid."""
    done = Decisions()
    async for ids in _below(database, node_id, wanted):
        done.add(await decide(database, ids, decision, reason, by))
    return done


async def _below(database: Database, node_id: str, wanted: Filter) -> AsyncIterator[list[str]]:
    async for window in await pulls.of_node(database, node_id, wanted, largest=AT_ONCE):
        yield [row["id"] for row in window.rows]


async def _decide(tx: Transaction, ids: Sequence[str], decision: Decision, reason: str, by: str) -> Decisions:
    done = Decisions()
    found = await withdrawal.standing(tx, ids)
    known: list[str] = []
    for id_ in sorted(ids):
        status = found[id_]["status"] if id_ in found else None
        if status in WERE_ACCEPTED:
            known.append(id_)
        else:
            told = f"it is {status}: it was never accepted" if status else "no instruction has this id"
            done.refuse(id_, told)
    if decision is Decision.accept:
        changed = await _accepted(tx, known, reason, by)
    else:
        changed = await _rejected(tx, known, reason, by)
    done.changed, done.unchanged = len(changed), len(known) - len(changed)
    await _record(tx, [found[id_] for id_ in changed], decision, reason, by)
    return done


async def _accepted(tx: Transaction, ids: Sequence[str], reason: str, by: str) -> list[str]:
    changed = {*await withdrawal.restore(tx, ids)}
    waived = await tx.run(WAIVE, ids=list(ids), by=by, reason=reason)
    return sorted(changed | {row["id"] for row in waived if row["fresh"]})


async def _rejected(tx: Transaction, ids: Sequence[str], reason: str, by: str) -> list[str]:
    await tx.run(UNWAIVE, ids=list(ids))
    return await withdrawal.withdraw(tx, by, [{"id": id_, "reason": reason} for id_ in ids])


async def _record(tx: Transaction, rows: Sequence[Row], decision: Decision, reason: str, by: str) -> None:
    """One edit of each syllabus, which names its instructions."""
    of_syllabus: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        of_syllabus[row["syllabus_id"]].append(row["id"])
    for syllabus_id, ids in sorted(of_syllabus.items()):
        found = await tx.run(GET, id=syllabus_id)
        node: Row = found[0]["node"] if found else {"id": syllabus_id}
        detail = {"decision": decision, "reason": reason, "instructions": ids}
        await history.record(tx, "decided", by, node, [syllabus_id], nodes=0, detail=detail)
