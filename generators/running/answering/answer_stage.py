"""Asks for the answer of a kept question: a sample's second half."""

from generators.errors import CallFailed, Unusable
from generators.models.stop import Stopped
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.running.answering import consensus_stage, refine_stage
from generators.running.answering.consensus_stage import ask, first_sample, prompt_of
from generators.running.answering.drafts import as_stored
from generators.running.comparing.comparison import NOT_KEPT
from generators.running.frame import settling
from generators.running.frame.context import Run
from generators.running.frame.stored import new_row, use_before, use_of_answer, use_of_answers
from generators.running.judging import judge_stage
from graph.instructions.rows import Facts, StoredInstruction
from graph.reasons import status_of


async def answer(run: Run, asked: StoredInstruction, topic: str = "") -> None:
    """Takes the answer of a stored question through what the job wants: asks for it unless it is paid for,
    holds others against it, refines it, has it judged. Each step is stored before the next is paid for.

    `topic`: what the question is about.
    """
    waiting = asked if asked["answer"] is not None else await _answered(run, asked, topic)
    for stage in (consensus_stage.agreed, refine_stage.refined, judge_stage.answer):
        if waiting is None:
            return
        waiting = await stage(run, waiting, topic)


async def _answered(run: Run, asked: StoredInstruction, topic: str) -> StoredInstruction | None:
    """Asks for an answer and stores it; returns the instruction if it awaits more."""
    run.control.check()
    model = await run.model("answers")
    before, spent = use_before(asked), use_of_answers(asked)
    facts: Facts = {
        "checked": asked["checked"],
        "answer_model": model.name,
        "answer_prompt": prompt_hash(*run.spec.prompts_of("answers")),
        "answer_prompt_version": version_of(prompt_of(run)),
    }
    with model.claimed() as claimed:
        try:
            text, usage = await run.call(lambda: ask(run, claimed, asked, topic))
        except (Unusable, CallFailed) as error:
            use = use_of_answer(before, spent + error.usage)
            if await run.cut_off(error):
                await run.writer.put(new_row(asked["id"], "asked", {"checked": asked["checked"], **use}))
                raise Stopped from error
            failed: Facts = {**facts, **error.kept(), **use, **NOT_KEPT}
            await run.writer.put(new_row(asked["id"], status_of(error.reason), failed))
            return None
        usage += spent
        answered: Facts = {**facts, "answer": text, **use_of_answer(before, usage)}
        if found := await settling.contaminated(run, asked["id"], text):
            await settling.reject(run, asked, answered, found)
            return None
        awaits = settling.next_of(run.spec, text)
        answered |= settling.flags(run.spec, asked, text, topic)
        drafts = [first_sample(run, asked, model.name, text, usage)] if awaits == "samples" else []
        row: StoredInstruction = {**asked, "answer_use": [*usage], "drafts": as_stored(drafts)}
        return await settling.settle(run, row, answered, awaits, drafts=drafts)
