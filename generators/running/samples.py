"""Runs instruction units: for every position a question, which is stored, and then its answer.

An instruction's id is derived from its position, so a unit that is run again makes calls only for what is
missing from the graph, and a paid question is never asked again.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from generators.errors import CallFailed, Unusable
from generators.method import METHOD
from generators.models.chat import ChatModel
from generators.planning.draw import give_back, positions
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.running.context import Run
from generators.running.crew import Crew, each
from generators.spaces.strata import Combination, Stratum, combination_key
from generators.spaces.syllabus_space import SyllabusSpace
from generators.steps import answers, questions
from generators.usage import Usage
from graph.database import Transaction
from graph.instructions import instructions
from graph.instructions.rows import Facts, NewInstruction, StoredInstruction
from graph.jobs.units import InstructionUnit
from graph.reasons import status_of
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import Session, SyllabusContext


@dataclass
class Unit:
    """An instruction unit, with its stratum and the number of its samples that are not finished."""

    row: InstructionUnit
    stratum: Stratum
    open: int


@dataclass(frozen=True)
class Teaching:
    """A syllabus as the prompts need it, and its space."""

    lesson: questions.Lesson
    space: SyllabusSpace
    names: dict[str, str]
    """Names of the concepts, by id."""


@dataclass(frozen=True)
class Sample:
    """One position to make an instruction for; `stored` is what an earlier run stored of it."""

    unit: Unit
    teaching: Teaching
    position: int
    stored: StoredInstruction | None


async def run_units(run: Run, crew: Crew, units: Sequence[InstructionUnit]) -> None:
    """Makes everything that is missing of some units of one syllabus; ends complete units.

    Returns once the last sample has started, so that other syllabi can start while samples wait for the
    endpoint. The crew awaits the samples that are not done.
    """
    run.control.check()
    syllabus_id = units[0]["node_id"]

    async def read(
        tx: Transaction,
    ) -> tuple[list[Session], SyllabusContext | None, dict[str, list[StoredInstruction]]]:
        stored = await instructions.of_units(tx, [unit["id"] for unit in units])
        sessions = await syllabi.sessions(tx, syllabus_id)
        return sessions, await syllabi.context(tx, syllabus_id) if sessions else None, stored

    sessions, context, stored = await run.database.reading(read)
    space = SyllabusSpace(syllabus_id, sessions)
    for unit in units:
        if unit["space_version"] != space.version:
            await _abandon(run, unit, stored.get(unit["id"], []))
    current = [unit for unit in units if unit["space_version"] == space.version]
    if current:
        assert context
        names = {concept.id: concept.name for session in sessions for concept in session.concepts}
        teaching = Teaching(questions.Lesson(context, sessions, run.spec.language), space, names)
        begun = _samples(run, current, teaching, stored)
        await crew.start(begun, lambda sample: _sample(run, sample), run.window)


async def _abandon(run: Run, unit: InstructionUnit, stored: Sequence[StoredInstruction]) -> None:
    """Ends a unit whose positions are void because the syllabus has changed.

    Questions already asked are answered; for missing ones, new positions are drawn.
    """

    async def asked() -> AsyncIterator[StoredInstruction]:
        for row in stored:
            if row["status"] == "asked":
                yield row

    await each(asked(), lambda row: _answer(run, row), run.window)
    await give_back(run.database, run.lease, unit, unit["requested"] - len(stored))


async def _samples(
    run: Run,
    units: Sequence[InstructionUnit],
    teaching: Teaching,
    stored: dict[str, list[StoredInstruction]],
) -> AsyncIterator[Sample]:
    for row in units:
        stratum = Stratum.parse(row["stratum"])
        places = positions(row)
        unit = Unit(row, stratum, len(places))
        there = {found["id"]: found for found in stored.get(row["id"], [])}
        for position in places:
            run.control.check()
            yield Sample(
                unit, teaching, position, there.get(teaching.space.instruction_id(stratum, position))
            )
        if not places:
            await run.writer.end_unit(row["id"])


async def _sample(run: Run, sample: Sample) -> None:
    """Makes the question and the answer of one position, whichever is missing."""
    run.control.check()
    stored = sample.stored
    if stored is None or stored["status"] == "asked":
        asked = stored or await _ask(run, sample)
        if asked:
            await _answer(run, asked)
        run.progress.samples += 1
    sample.unit.open -= 1
    if not sample.unit.open:
        await run.writer.end_unit(sample.unit.row["id"])


async def _ask(run: Run, sample: Sample) -> StoredInstruction | None:
    """Asks for a question and stores it; a failure is stored too, and returns None."""
    combination = sample.teaching.space.at(sample.unit.stratum, sample.position)
    model = await run.model("questions")
    id_ = sample.teaching.space.instruction_id(sample.unit.stratum, sample.position)
    sessions = [sample.teaching.space.sessions[i].id for i in combination.sessions]
    facts = _identity(run, sample, combination, sessions)
    facts |= {
        "question_model": model.name,
        "question_prompt": prompt_hash(*METHOD["questions"].prompts),
        "question_prompt_version": version_of("questions", small=model.small),
    }
    with model.claimed() as claimed:
        try:
            question, usage = await run.call(lambda: _question(run, sample, combination, claimed))
        except (Unusable, CallFailed) as error:
            failed: Facts = {**facts, **error.kept(), **_use_of_question(error.usage)}
            await run.writer.put(_row(id_, status_of(error.reason), failed, sessions))
            return None
        asked: Facts = {**facts, "question": question, **_use_of_question(usage)}
        await run.writer.put(_row(id_, "asked", asked, sessions))
    return {
        "unit_id": sample.unit.row["id"],
        "id": id_,
        "status": "asked",
        "question": question,
        "concepts": list(combination.concepts),
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "question_cost_usd": usage.usd,
    }


async def _question(
    run: Run, sample: Sample, combination: Combination, model: ChatModel
) -> tuple[str, Usage]:
    lesson, drawn = sample.teaching.lesson, combination.sessions
    names = [sample.teaching.names[id_] for id_ in combination.concepts]
    return await questions.ask_question(
        model,
        # A very small model cannot cope with a whole syllabus.
        lesson.conversation(drawn, names, short=model.small),
        run.sampling["questions"],
        _seed(run, sample.position),
        language=run.spec.language,
        topic=lesson.topic(names),
        concepts=names,
        shorter=lambda: lesson.conversation(drawn, names, short=True),
    )


def _identity(run: Run, sample: Sample, combination: Combination, session_ids: list[str]) -> Facts:
    """The facts of an instruction that are known before its question is asked."""
    space, stratum = sample.teaching.space, sample.unit.stratum
    return {
        "job_id": run.lease.job_id,
        "unit_id": sample.unit.row["id"],
        "strategy": stratum.strategy,
        "stratum": str(stratum),
        "position": sample.position,
        "combination": combination_key(session_ids, combination.concepts),
        "syllabus_id": space.syllabus_id,
        "space_version": space.version,
        "sessions": session_ids,
        "concepts": list(combination.concepts),
        # The names in the prompt: if one is renamed before the answer comes, the instruction is stale.
        "drawn_names": [
            *(space.sessions[i].name for i in combination.sessions),
            *(sample.teaching.names[id_] for id_ in combination.concepts),
        ],
        "language": run.spec.language,
    }


async def _answer(run: Run, asked: StoredInstruction) -> None:
    """Asks for the answer of a stored question and stores it."""
    run.control.check()
    model = await run.model("answers")
    question = asked["question"]
    assert question is not None, "what is asked has a question"
    before = Usage(
        asked["calls"], asked["prompt_tokens"], asked["completion_tokens"], asked["question_cost_usd"]
    )
    facts: Facts = {
        "answer_model": model.name,
        "answer_prompt": prompt_hash(*METHOD["answers"].prompts),
        "answer_prompt_version": version_of("answers"),
    }
    with model.claimed() as claimed:
        try:
            text, usage = await run.call(
                lambda: answers.answer(
                    claimed,
                    question,
                    run.sampling["answers"],
                    run.spec.seed,
                    language=run.spec.language,
                )
            )
        except (Unusable, CallFailed) as error:
            failed: Facts = {**facts, **error.kept(), **_use_of_answer(before, error.usage)}
            await run.writer.put(_row(asked["id"], status_of(error.reason), failed))
            return
        accepted: Facts = {**facts, "answer": text, **_use_of_answer(before, usage)}
        await run.writer.put(_row(asked["id"], "accepted", accepted, concepts=asked["concepts"]))


def _row(
    id_: str, status: str, facts: Facts, sessions: Sequence[str] = (), concepts: Sequence[str] = ()
) -> NewInstruction:
    """As graph.instructions stores it; `sessions` and `concepts` are those to link now."""
    return {
        "properties": {"id": id_, "status": status, **facts},
        "sessions": list(sessions),
        "concepts": list(concepts),
    }


def _use_of_question(usage: Usage) -> Facts:
    return {
        "question_calls": usage.calls,
        "question_prompt_tokens": usage.prompt_tokens,
        "question_completion_tokens": usage.completion_tokens,
        "question_cost_usd": usage.usd,
        **_use_of_all(usage),
    }


def _use_of_answer(before: Usage, usage: Usage) -> Facts:
    return {
        "answer_calls": usage.calls,
        "answer_prompt_tokens": usage.prompt_tokens,
        "answer_completion_tokens": usage.completion_tokens,
        "answer_cost_usd": usage.usd,
        **_use_of_all(before + usage),
    }


def _use_of_all(total: Usage) -> Facts:
    """The use of a sample's calls together; `cost_usd` is None if unknown."""
    return {
        "calls": total.calls,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "cost_usd": total.usd,
    }


def _seed(run: Run, position: int) -> int | None:
    """A different seed for every position: with the same seed, equal prompts could give equal texts."""
    return None if run.spec.seed is None else (run.spec.seed + position) % 2**31
