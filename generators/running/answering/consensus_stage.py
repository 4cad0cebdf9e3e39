"""Self-consistency: asks for further answers where one ends in a short final answer, until enough agree.

Each answer is stored before the next is asked for, so none is paid for twice. All are kept, whatever becomes
of the instruction.
"""

from collections.abc import Sequence

from generators.errors import CallFailed, Unusable
from generators.models.chat import ChatModel
from generators.models.stop import Stopped
from generators.quality.consensus.final_answers import AT_ONCE, ENOUGH, MOST, RULE, outcome
from generators.running.answering.agreement import Votes
from generators.running.answering.drafts import NO_FAILURE, as_stored, new_draft
from generators.running.comparing.comparison import Found
from generators.running.frame import settling
from generators.running.frame.context import Run
from generators.running.frame.stored import new_row, use_before, use_of_answer, use_of_answers
from generators.steps import answers as steps
from generators.usage import Usage
from graph.instructions.drafts import NewDraft, StoredDraft
from graph.instructions.rows import Facts, StoredInstruction
from graph.quality import evidence
from graph.reasons import Reason

# Between the seeds of the answers to one question: far from those of other questions.
SEED_STEP = 2**27
LONGEST_SHOWN = 40


def prompt_of(run: Run) -> str:
    """The name of the prompt of answers."""
    return run.spec.prompts_of("answers")[0]


async def record(run: Run) -> None:
    """Stores the rule with its settings, so that what it accepted can say so."""
    if run.spec.checks.consensus:
        settings = {"at_once": AT_ONCE, "enough": ENOUGH, "most": MOST, "compared_by": "text, math-verify"}
        await evidence.record_rule(run.database, RULE, settings)


async def ask(
    run: Run, model: ChatModel, row: StoredInstruction, topic: str, number: int = 1
) -> tuple[str, Usage]:
    """The answer to a stored question that is the `number`th one. Raises GenerationError."""
    question = row["question"]
    assert question is not None, "what is asked has a question"
    seed = run.spec.seed
    return await steps.answer(
        model,
        question,
        run.sampling["answers"],
        None if seed is None else (seed + (number - 1) * SEED_STEP) % 2**31,
        language=row["language"] or run.spec.language,
        topic=topic,
        checked=run.spec.checks.texts,
        again=run.spec.checks.again,
        prompt=prompt_of(run),
    )


async def agreed(run: Run, row: StoredInstruction, topic: str = "") -> StoredInstruction | None:
    """The instruction once enough answers agree, if it awaits more; None if it is rejected or accepted."""
    if row["awaits"] != "samples":
        return row
    samples = [draft for draft in row["drafts"] if draft["kind"] == "sample"]
    votes = Votes()
    for place, draft in enumerate(samples):
        await votes.add(place, draft["final"])
    use = use_of_answers(row)
    if not samples:  # Recovered from a kept reply: it is the first one.
        samples = await _begun(run, row)
        await votes.add(0, samples[0]["final"])
    while (found := outcome(len(samples), len(votes.largest))) == "more":
        draft, use = await _another(run, row, topic, len(samples) + 1, use)
        await votes.add(len(samples), draft["final"])
        samples.append(draft)
    if found == "none":
        return await _reject(run, row, samples, votes)
    return await _settle(run, row, topic, samples, votes)


async def _begun(run: Run, row: StoredInstruction) -> list[StoredDraft]:
    """The answer that is there, stored as the first sample."""
    model = await run.model("answers")
    assert row["answer"] is not None, "an answer is there"
    draft = first_sample(run, row, model.name, row["answer"], use_of_answers(row))
    await run.writer.put(new_row(row["id"], "asked", {}, drafts=[draft]))
    return as_stored([draft])


async def _another(
    run: Run, row: StoredInstruction, topic: str, number: int, use: Usage
) -> tuple[StoredDraft, Usage]:
    """Asks for one more answer and stores it, usable or not; with the usage of all answers so far."""
    run.control.check()
    model = await run.model("answers")
    with model.claimed() as claimed:
        text, failure = None, NO_FAILURE
        try:
            text, usage = await run.call(lambda: ask(run, claimed, row, topic, number))
        except (Unusable, CallFailed) as error:
            failure, usage = error.kept(), error.usage
            if await run.cut_off(error):
                used = use_of_answer(use_before(row), use + usage)
                await run.writer.put(new_row(row["id"], "asked", used))
                raise Stopped from error
        draft = new_draft(
            row, "sample", number, model.name, prompt_of(run), text, usage=usage, failure=failure
        )
        used = use_of_answer(use_before(row), use + usage)
        await run.writer.put(new_row(row["id"], "asked", used, drafts=[draft]))
    return as_stored([draft])[0], use + usage


async def _settle(
    run: Run, row: StoredInstruction, topic: str, samples: Sequence[StoredDraft], votes: Votes
) -> StoredInstruction | None:
    """Keeps the first of the answers that agree; another one is its rejected answer."""
    chosen = samples[votes.largest[0]]["text"]
    assert chosen is not None, "an answer with a final answer has a text"
    facts: Facts = {**_counted(samples, votes), "answer": chosen, "checked": [*row["checked"], RULE]}
    # The first answer was looked at before it was stored.
    if votes.largest[0] and (found := await settling.contaminated(run, row["id"], chosen)):
        await settling.reject(run, row, facts, found)
        return None
    for group in votes.groups:
        worse = samples[group[0]]["text"]
        if group is votes.largest or worse is None or await settling.contaminated(run, row["id"], worse):
            continue
        facts["rejected_answer"] = worse
        break
    facts |= settling.flags(run.spec, row, chosen, topic)
    return await settling.settle(run, row, facts, settling.next_of(run.spec, chosen, "samples", agreed=True))


async def _reject(
    run: Run, row: StoredInstruction, samples: Sequence[StoredDraft], votes: Votes
) -> StoredInstruction | None:
    told = "; ".join((draft["final"] or "none")[:LONGEST_SHOWN] for draft in samples)
    problem = f"{len(samples)} answers, of which {len(votes.largest)} agree: {told}"
    facts: Facts = {**_counted(samples, votes), "checked": [*row["checked"], RULE]}
    await settling.reject(run, row, facts, Found(Reason.no_consensus, problem))
    return None


def _counted(samples: Sequence[StoredDraft], votes: Votes) -> Facts:
    return {"samples": len(samples), "agreed": len(votes.largest)}


def first_sample(run: Run, row: StoredInstruction, model: str, text: str, usage: Usage) -> NewDraft:
    """The first answer to a question, as one of several."""
    return new_draft(row, "sample", 1, model, prompt_of(run), text, usage=usage)
