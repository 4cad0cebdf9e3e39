"""Asks for the answer of a kept question: a sample's second half."""

import asyncio

from generators.errors import CallFailed, Unusable
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.running import judge_stage
from generators.running.comparison import NOT_KEPT, rejected, with_items
from generators.running.context import Run
from generators.running.stored import new_row, use_of_answer
from generators.steps import answers as steps
from generators.usage import Usage
from graph.instructions.rows import Facts, StoredInstruction
from graph.reasons import status_of


async def answer(run: Run, asked: StoredInstruction, topic: str = "") -> None:
    """Asks for the answer of a stored question, unless that is paid for, stores it, and has it judged.

    `topic`: what the question is about.
    """
    waiting = asked if asked["answer"] is not None else await _answered(run, asked, topic)
    if waiting is not None:
        await judge_stage.answer(run, waiting)


async def _answered(run: Run, asked: StoredInstruction, topic: str) -> StoredInstruction | None:
    """Asks for an answer and stores it; returns the instruction if it awaits the judge."""
    run.control.check()
    model = await run.model("answers")
    question = asked["question"]
    assert question is not None, "what is asked has a question"
    before = Usage(
        asked["calls"], asked["prompt_tokens"], asked["completion_tokens"], asked["question_cost_usd"]
    )
    facts: Facts = {
        "answer_model": model.name,
        "answer_prompt": prompt_hash(*run.spec.prompts_of("answers")),
        "answer_prompt_version": version_of("answers"),
    }
    with model.claimed() as claimed:
        try:
            text, usage = await run.call(
                lambda: steps.answer(
                    claimed,
                    question,
                    run.sampling["answers"],
                    run.spec.seed,
                    language=asked["language"] or run.spec.language,
                    topic=topic,
                    checked=run.spec.checks.texts,
                    again=run.spec.checks.again,
                )
            )
        except (Unusable, CallFailed) as error:
            failed: Facts = {
                **facts,
                **error.kept(),
                **use_of_answer(before, error.usage),
                **NOT_KEPT,
            }
            await run.writer.put(new_row(asked["id"], status_of(error.reason), failed))
            return None
        answered: Facts = {**facts, "answer": text, **use_of_answer(before, usage)}
        in_force = await run.check.in_force()
        if (
            in_force
            and (found := await asyncio.to_thread(with_items, asked["id"], "answer", text, in_force)).reason
        ):
            row = new_row(asked["id"], "rejected", {**answered, **rejected(found)}, links=found.links)
            waiting = None
        elif judge_stage.wants(run, "answer"):
            row = new_row(asked["id"], "asked", {**answered, **judge_stage.AWAITS_JUDGE})
            waiting: StoredInstruction | None = {**asked, "answer": text, "answered": True}
        else:
            row = new_row(asked["id"], run.spec.kept_as, answered, concepts=asked["concepts"])
            waiting = None
        await run.writer.put(row)
        return waiting
