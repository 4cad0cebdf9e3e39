"""Runs instruction units: for every position of an interval a question, stored, and then its answer.

What is done is what is there: an instruction's id follows from its position, so a unit that is run again
calls only for what is missing, and a question that was paid for is never asked twice.
"""

from dataclasses import dataclass

from generators import answers, questions
from generators.combinations import Combination, Stratum, combination_key
from generators.control import Run, finish_all
from generators.draw import give_back
from generators.errors import BadRequest, Unusable
from generators.prompts import prompt_hash
from generators.space import SyllabusSpace
from generators.usage import Usage
from graph import instructions, jobs, syllabi
from graph.database import Row, Transaction
from graph.syllabi import SyllabusContext


@dataclass(frozen=True)
class Teaching:
    """A syllabus as the prompts need it, and its space."""

    context: SyllabusContext
    space: SyllabusSpace


async def run_unit(run: Run, unit: Row) -> None:
    """Everything that is missing of a unit; its state is `done` when nothing is."""
    run.check()
    syllabus_id = unit["node_id"]
    sessions = await syllabi.sessions(run.database, syllabus_id)
    space = SyllabusSpace(syllabus_id, sessions)
    stored = await instructions.of_unit(run.database, unit["id"])
    if space.version != unit["space_version"]:
        # Somebody changed the syllabus: these positions mean nothing any more. What was asked is answered,
        # for what is lacking new ones are drawn.
        await finish_all(_answer_stored(run, row) for row in stored.values() if row["status"] == "asked")
        await give_back(run.database, run.hold, unit, unit["requested"] - len(stored))
        return
    teaching = Teaching(await syllabi.context(run.database, syllabus_id), space)
    stratum = Stratum.parse(unit["stratum"])
    skipped = set[int](unit["skipped"])
    positions = [p for p in range(unit["start"], unit["start"] + unit["count"]) if p not in skipped]
    await finish_all(
        _sample(run, unit, teaching, stratum, position, stored.get(space.instruction_id(stratum, position)))
        for position in positions
    )
    await _done(run, unit["id"])


async def _done(run: Run, unit_id: str) -> None:
    async def work(tx: Transaction) -> None:
        await jobs.held(tx, run.hold)
        await jobs.record(tx, unit_id, {"state": "done"})

    await run.database.writing(work)


async def _sample(
    run: Run, unit: Row, teaching: Teaching, stratum: Stratum, position: int, stored: Row | None
) -> None:
    """The question and the answer of one position, whichever is missing."""
    if stored and stored["status"] != "asked":
        return
    async with run.slots:
        run.check()
        asked = stored or await _ask(run, unit, teaching, stratum, position)
        if asked:
            await _answer(run, asked)


async def _answer_stored(run: Run, asked: Row) -> None:
    async with run.slots:
        run.check()
        await _answer(run, asked)


async def _ask(run: Run, unit: Row, teaching: Teaching, stratum: Stratum, position: int) -> Row | None:
    """Asks for a question and stores it; None where it failed, which is stored too."""
    space = teaching.space
    combination = space.at(stratum, position)
    model = await run.model("questions")
    identity = _identity(run, unit, space, stratum, position, combination)
    identity |= {"question_model": model.name, "question_prompt": prompt_hash(*questions.PROMPTS)}
    names = {concept.id: concept.name for session in space.sessions for concept in session.concepts}
    messages = questions.conversation(
        teaching.context,
        space.sessions,
        combination.sessions,
        [names[id_] for id_ in combination.concepts],
        run.spec.language,
    )
    try:
        question, usage = await run.call(
            lambda: questions.ask_question(
                model, messages, run.spec.sampling_of("questions"), _seed(run, position)
            )
        )
    except (Unusable, BadRequest) as error:
        failed = identity | _failure(error) | _usage("question", Usage(), _spent(error))
        await run.writer.put(_row(failed, identity["sessions"]))
        return None
    asked = identity | {"status": "asked", "question": question} | _usage("question", Usage(), usage)
    await run.writer.put(_row(asked, identity["sessions"]))
    return asked


def _identity(
    run: Run, unit: Row, space: SyllabusSpace, stratum: Stratum, position: int, combination: Combination
) -> Row:
    """What an instruction is before anything was asked."""
    session_ids = [space.sessions[i].id for i in combination.sessions]
    return {
        "id": space.instruction_id(stratum, position),
        "unit_id": unit["id"],
        "strategy": stratum.strategy,
        "stratum": str(stratum),
        "position": position,
        "combination": combination_key(session_ids, combination.concepts),
        "syllabus_id": space.syllabus_id,
        "space_version": space.version,
        "sessions": session_ids,
        "concepts": list(combination.concepts),
        "language": run.spec.language,
    }


async def _answer(run: Run, asked: Row) -> None:
    """Asks for the answer of a stored question and stores it."""
    model = await run.model("answers")
    before = Usage(asked["calls"], asked["prompt_tokens"], asked["completion_tokens"])
    facts = {
        "id": asked["id"],
        "answer_model": model.name,
        "answer_prompt": prompt_hash(*answers.PROMPTS),
    }
    try:
        text, usage = await run.call(
            lambda: answers.answer(model, asked["question"], run.spec.sampling_of("answers"), run.spec.seed)
        )
    except (Unusable, BadRequest) as error:
        await run.writer.put(_row(facts | _failure(error) | _usage("answer", before, _spent(error))))
        return
    accepted = facts | {"status": "accepted", "answer": text} | _usage("answer", before, usage)
    await run.writer.put(_row(accepted, concepts=asked["concepts"]))


def _row(properties: Row, sessions: list[str] | None = None, concepts: list[str] | None = None) -> Row:
    """As graph.instructions stores it; links that are there already are not named again."""
    return {"properties": properties, "sessions": sessions or [], "concepts": concepts or []}


def _failure(error: Unusable | BadRequest) -> Row:
    if isinstance(error, BadRequest):
        return {"status": "failed", "reason": "bad_request", "raw": str(error)}
    return {
        "status": "failed",
        "reason": error.reason,
        "raw": error.raw,
        "finish_reason": error.finish_reason,
    }


def _spent(error: Unusable | BadRequest) -> Usage:
    return error.usage if isinstance(error, Unusable) else Usage()


def _usage(part: str, before: Usage, usage: Usage) -> Row:
    """The usage of this part, and of all parts together."""
    own = {f"{part}_prompt_tokens": usage.prompt_tokens, f"{part}_completion_tokens": usage.completion_tokens}
    return own | (before + usage)._asdict()


def _seed(run: Run, position: int) -> int | None:
    """Another seed for every position, or equal prompts of a resumed model would give equal texts."""
    return None if run.spec.seed is None else (run.spec.seed + position) % 2**31
