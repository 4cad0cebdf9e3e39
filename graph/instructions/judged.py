"""What judged the instructions that a check looked at, and what there is to judge."""

from typing import NamedTuple

from graph.database import Database
from graph.jobs.judges import Judge
from graph.quality import findings
from graph.quality.findings import Wanted
from graph.queries import load

JUDGES = load("check.judges")
COUNT = load("check.unlooked_count")


class ToJudge(NamedTuple):
    """Instructions to judge, and the characters of their questions and answers."""

    instructions: int = 0
    questions: int = 0
    answers: int = 0


async def judges_of(database: Database, check_id: str) -> list[Judge]:
    """The judges of a check: how they did with sentinels, what they found, and what that cost."""
    return [Judge.from_row(row) for row in await database.read(JUDGES, id=check_id)]


async def to_judge(database: Database, node_id: str, wanted: Wanted) -> ToJudge:
    """What a check would look at below a node."""
    total = ToJudge()
    async for some in findings.syllabi(database, node_id):
        for row in await database.read(COUNT, syllabi=some, wanted=wanted):
            total = ToJudge(*(a + (row[name] or 0) for a, name in zip(total, ToJudge._fields, strict=True)))
    return total
