"""Settles an answer that is paid for: it waits for what comes next, or its instruction is accepted."""

import asyncio
from collections.abc import Sequence
from typing import TypedDict

from generators.quality.consensus.final_answers import final_answer
from generators.running.comparing.comparison import Found, rejected, with_items
from generators.running.frame.context import Run
from generators.running.frame.stored import new_row
from generators.spec import JobSpec
from generators.steps import answers, questions
from graph.instructions.drafts import NewDraft
from graph.instructions.rows import Facts, StoredInstruction
from graph.quality.verdicts import NewVerdict
from graph.reasons import Awaited


class Texts(TypedDict):
    """The question of an instruction, and the language of its texts."""

    question: str | None
    language: str | None


def next_of(
    spec: JobSpec, text: str, after: Awaited | None = None, *, agreed: bool = False
) -> Awaited | None:
    """What an answer waits for, after what it has been through.

    One on which several answers agree is not refined: that could only make it differ from them.
    """
    checks = spec.checks
    if after is None and checks.consensus and final_answer(text):
        return "samples"
    if after in (None, "samples") and checks.refine.answers and not agreed:
        return "refinement"
    return "judge" if spec.does("judge_answers") else None


async def settle(
    run: Run,
    row: StoredInstruction,
    facts: Facts,
    awaits: Awaited | None,
    *,
    drafts: Sequence[NewDraft] = (),
    verdicts: Sequence[NewVerdict] = (),
) -> StoredInstruction | None:
    """Stores what is settled about an answer; returns the instruction if it awaits more, else accepts it."""
    facts = {**facts, "awaits": awaits}
    status, concepts = ("asked", []) if awaits else (run.spec.kept_as, row["concepts"])
    await run.writer.put(
        new_row(row["id"], status, facts, concepts=concepts, drafts=drafts, verdicts=verdicts)
    )
    if awaits is None:
        return None
    answer, checked = facts.get("answer", row["answer"]), facts.get("checked", row["checked"])
    return {**row, "answer": answer, "answered": True, "awaits": awaits, "checked": checked}


def flags(spec: JobSpec, row: Texts, answer: str | None, topic: str) -> Facts:
    """What the rules found in a question, and its answer if there is one, that are kept."""
    if not spec.checks.texts:
        return {}
    question, language = row["question"] or "", row["language"] or spec.language
    found = questions.flags(question, language=language, topic=topic)
    if answer is not None:
        found += answers.flags(answer, question, language=language, topic=topic)
    return {"flags": found or None}


async def reject(run: Run, row: StoredInstruction, facts: Facts, found: Found) -> None:
    """Rejects the instruction of an answer, for what was found about it."""
    done: Facts = {**facts, **rejected(found), "awaits": None}
    await run.writer.put(new_row(row["id"], "rejected", done, links=found.links))


async def contaminated(run: Run, id_: str, text: str) -> Found | None:
    """What is found about an answer that contains a benchmark item; None if it has none."""
    in_force = await run.check.in_force()
    if in_force is None:
        return None
    found = await asyncio.to_thread(with_items, id_, "answer", text, in_force)
    return found if found.reason else None
