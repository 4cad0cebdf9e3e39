"""Has questions and answers judged that are stored, and stores the verdict with what follows from it.

What is judged was paid for and is stored already, so a worker that ends before the verdict loses no more than
the judge's own call.
"""

from generators.running.comparing.comparison import NOT_KEPT
from generators.running.frame.context import Run
from generators.running.frame.stored import new_row
from generators.running.judging import judge
from generators.running.judging.judge import Ruling
from graph.instructions.rows import Facts, StoredInstruction
from graph.reasons import Part, Reason


def wants(run: Run, part: Part) -> bool:
    """Whether the job has this part judged."""
    return run.spec.does(judge.STEP[part])


async def question(run: Run, row: StoredInstruction) -> StoredInstruction:
    """A stored question after its verdict: rejected, or still asked; one that has a verdict is left."""
    if not wants(run, "question") or row["judged"] or row["answer"] is not None:
        return row
    run.control.check()
    model = await run.model(judge.STEP["question"])
    with model.claimed() as claimed:
        ruled = await judge.ruling(run, claimed, "question", row)
        facts = _facts(row, ruled)
        status = "rejected" if ruled.rejected else "asked"
        await run.writer.put(new_row(row["id"], status, facts, verdicts=[ruled.verdict]))
    await judge.stored(run, "question", ruled, row)
    return {
        **row,
        "status": status,
        "judged": True,
        "checked": [*row["checked"], *ruled.checked],
        "reason": facts.get("reason"),
        "detail": facts.get("detail"),
    }


async def answer(run: Run, row: StoredInstruction, _topic: str = "") -> None:
    """Has a stored answer judged and accepts or rejects its instruction."""
    run.control.check()
    done: Facts = {"awaits": None}
    if not wants(run, "answer"):
        await run.writer.put(new_row(row["id"], run.spec.kept_as, done, concepts=row["concepts"]))
        return
    model = await run.model(judge.STEP["answer"])
    with model.claimed() as claimed:
        ruled = await judge.ruling(run, claimed, "answer", row)
        facts: Facts = {**done, **_facts(row, ruled)}
        status, concepts = ("rejected", []) if ruled.rejected else (run.spec.kept_as, row["concepts"])
        await run.writer.put(new_row(row["id"], status, facts, concepts=concepts, verdicts=[ruled.verdict]))
    await judge.stored(run, "answer", ruled, row)


def _facts(row: StoredInstruction, ruled: Ruling) -> Facts:
    facts: Facts = {"checked": [*row["checked"], *ruled.checked]}
    if not ruled.rejected:
        return facts
    return {**facts, "reason": Reason.low_quality, "detail": ruled.problem, **NOT_KEPT}
