"""Runs instruction units: for every position a question, which is stored, and then its answer.

An instruction's id is derived from its position, so a unit that is run again makes calls only for what is
missing from the graph, and a paid question is never asked again.
"""

from collections.abc import AsyncIterator, Sequence

from generators.planning.draw import give_back
from generators.planning.source import positions
from generators.running import question_stage
from generators.running.answering import answer_stage
from generators.running.frame.context import Run
from generators.running.frame.crew import Crew, each
from generators.running.frame.stored import new_row
from generators.running.judging import judge_stage
from generators.running.question_stage import Sample, Teaching, Unit
from generators.spaces.strata import Stratum
from generators.spaces.syllabus_space import CrossingSpace, SyllabusSpace, Taught
from generators.steps import questions
from graph.database import Transaction
from graph.evaluation import test_sets
from graph.instructions import instructions
from graph.instructions.rows import StoredInstruction
from graph.jobs.units import InstructionUnit
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import SyllabusContext


async def run_units(run: Run, crew: Crew, units: Sequence[InstructionUnit]) -> None:
    """Makes everything that is missing of some units of one syllabus or crossing; ends complete units.

    Returns once the last sample has started, so that other syllabi can start while samples wait for the
    endpoint. The crew awaits the samples that are not done.
    """
    run.control.check()
    ids = [id_ for id_ in (units[0]["node_id"], units[0].get("partner_id")) if id_]

    async def read(
        tx: Transaction,
    ) -> tuple[list[Taught], list[SyllabusContext], dict[str, list[StoredInstruction]], bool]:
        stored = await instructions.of_units(tx, [unit["id"] for unit in units])
        taught = [Taught(id_, await syllabi.sessions(tx, id_)) for id_ in ids]
        there = all(one.sessions for one in taught)
        contexts = [await syllabi.context(tx, id_) for id_ in ids] if there else []
        return taught, contexts, stored, await test_sets.any_at_all(tx)

    taught, contexts, stored, guarded = await run.database.reading(read)
    space = SyllabusSpace(*taught[0]) if len(taught) == 1 else CrossingSpace(*taught)
    for unit in units:
        if unit["space_version"] != space.version:
            await _abandon(run, unit, stored.get(unit["id"], []))
    current = [unit for unit in units if unit["space_version"] == space.version]
    if current:
        names = {concept.id: concept.name for session in space.sessions for concept in session.concepts}
        dials = run.spec.dial_space(contexts[0].discipline)
        teaching = Teaching(_lesson(contexts, space, run.spec.language), space, dials, names, guarded)
        begun = _samples(run, current, teaching, stored)
        await crew.start(begun, lambda sample: _sample(run, sample), run.window)


def _lesson(contexts: Sequence[SyllabusContext], space: SyllabusSpace, language: str) -> questions.Lesson:
    if len(contexts) == 1:
        return questions.Lesson(contexts[0], space.sessions, language)
    return questions.CrossLesson((contexts[0], contexts[1]), space.sessions, space.first, language)


async def _abandon(run: Run, unit: InstructionUnit, stored: Sequence[StoredInstruction]) -> None:
    """Ends a unit whose positions are void because the syllabus has changed.

    Questions already asked are answered; for missing ones, new positions are drawn.
    """

    async def asked() -> AsyncIterator[StoredInstruction]:
        for row in stored:
            if row["status"] == "asked":
                yield row

    async def finish(row: StoredInstruction) -> None:
        if not row["kept"]:
            row = await question_stage.compared(run, row)
        if row["status"] == "asked":
            row = await judge_stage.question(run, row)
        if row["status"] == "asked":
            await _finish(run, row)

    await each(asked(), finish, run.window)
    await give_back(
        run.database, run.lease, unit, unit["requested"] - sum(not row["again"] for row in stored)
    )


async def _samples(
    run: Run,
    units: Sequence[InstructionUnit],
    teaching: Teaching,
    stored: dict[str, list[StoredInstruction]],
) -> AsyncIterator[Sample]:
    for row in units:
        stratum = Stratum.parse(row["stratum"])
        places = positions(row)
        opposed = await _opposed(run, teaching, stratum, places)
        unit = Unit(row, stratum, len(places), opposed)
        there = {found["id"]: found for found in stored.get(row["id"], [])}
        for place in places:
            run.control.check()
            position, repeat = teaching.space.located(stratum, place)
            yield Sample(unit, teaching, position, repeat, there)
        if not places:
            await run.writer.end_unit(row["id"])


async def _opposed(run: Run, teaching: Teaching, stratum: Stratum, places: Sequence[int]) -> frozenset[str]:
    """The keys of those combinations that a test set has or, if the job makes one, the data."""
    if not teaching.guarded:
        return frozenset()
    space = teaching.space
    keys = {space.key_at(stratum, space.located(stratum, place)[0]) for place in places}
    taken = await instructions.taken(run.database, sorted(keys))
    tests = run.spec.held_out is not None
    return frozenset(key for key, made in taken.items() if (made.trained if tests else made.held))


async def _sample(run: Run, sample: Sample) -> None:
    """Makes the question and the answer of one position, whichever is missing."""
    run.control.check()
    asked = await question_stage.asked(run, sample)
    if asked:
        await _finish(run, asked, sample.topic)
    run.progress.samples += 1
    sample.unit.open -= 1
    if not sample.unit.open:
        await run.writer.end_unit(sample.unit.row["id"])


async def _finish(run: Run, asked: StoredInstruction, topic: str = "") -> None:
    """Does what is left of a kept question: its answer, which a test set may do without."""
    if run.spec.does("answers"):
        await answer_stage.answer(run, asked, topic)
    else:
        await run.writer.put(
            new_row(asked["id"], run.spec.kept_as, {"checked": asked["checked"]}, concepts=asked["concepts"])
        )
