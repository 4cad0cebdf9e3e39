"""Runs the units that grow the taxonomy: lists of subjects, and syllabi. Two turns each.

The first turn's text is stored as soon as it is there, so that a crash between the turns pays for one only.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from generators import subjects, syllabi
from generators.errors import CallFailed, Unusable
from generators.llm import ChatModel, Message
from generators.prompts import prompt_hash
from generators.running import Run
from generators.space import SyllabusSpace
from generators.spec import Step
from generators.usage import Usage
from graph import jobs, nodes, traversal
from graph import syllabi as stored_syllabi
from graph.database import Row, Transaction
from graph.model import Kind, NewNode, Node, normal_name

NOTHING = Usage()

Store = Callable[[Transaction], Coroutine[Any, Any, None]]


async def run_subjects(run: Run, unit: Row) -> None:
    """One list of subjects of a discipline."""
    run.control.check()
    discipline = await nodes.get(run.database, unit["node_id"])
    known = await traversal.child_names(run.database, discipline.id, Kind.Subject)
    cap = run.spec.subjects_per_discipline
    missing = None if cap is None else cap - len(known)
    if missing is not None and missing <= 0:
        await _finish(run, unit, {"state": "done"})
        return
    turn = subjects.conversation(discipline.name, discipline.description, known, missing, run.spec.language)
    model = await run.model("subjects")
    try:
        drafted = await _drafted(run, unit, model, "subjects", turn)
        listed, usage = await run.call(
            lambda: subjects.extract(
                model,
                discipline.name,
                turn,
                drafted,
                missing,
                run.spec.sampling_of("subjects"),
                run.spec.seed,
            )
        )
    except (Unusable, CallFailed) as error:
        await _fail(run, unit, error)
        return
    facts = _facts(model, subjects.PROMPTS)
    await _finish(run, unit, facts, usage, lambda tx: _store_subjects(run, tx, discipline, listed))


async def _store_subjects(
    run: Run, tx: Transaction, discipline: Node, listed: Sequence[subjects.Subject]
) -> None:
    """New names only, in the order listed, up to the number wanted."""
    known = {normal_name(name) for name in await traversal.child_names(tx, discipline.id, Kind.Subject)}
    fresh = {
        normal_name(s.subject_name): s for s in reversed(listed) if normal_name(s.subject_name) not in known
    }
    cap = run.spec.subjects_per_discipline
    wanted = list(fresh.values())[::-1][: None if cap is None else max(0, cap - len(known))]
    await nodes.insert_in(
        tx,
        [
            NewNode(
                kind=Kind.Subject,
                name=s.subject_name,
                parent_id=discipline.id,
                properties={"level": s.level, "subtopics": list(s.subtopics)},
            )
            for s in wanted
        ],
        by=f"job {run.hold.job_id}",
    )


async def run_syllabus(run: Run, unit: Row) -> None:
    """The syllabus of one subject, with its sessions and concepts."""
    spec = run.spec
    run.control.check()
    subject = await nodes.get(run.database, unit["node_id"])
    subtopics: list[str] = subject.properties.get("subtopics", [])
    turn = syllabi.conversation(
        await _discipline_of(run, subject),
        subject.name,
        str(subject.properties.get("level", "")),
        subtopics,
        spec.sessions_per_syllabus,
        spec.concepts_per_session,
        spec.language,
    )
    model = await run.model("syllabi")
    try:
        drafted = await _drafted(run, unit, model, "syllabi", turn)
        reply, sessions, usage = await run.call(
            lambda: syllabi.extract(
                model,
                subject.name,
                subtopics,
                turn,
                drafted,
                spec.sessions_per_syllabus,
                spec.concepts_per_session,
                spec.sampling_of("syllabi"),
                spec.seed,
            )
        )
    except (Unusable, CallFailed) as error:
        await _fail(run, unit, error)
        return
    facts = _facts(model, syllabi.PROMPTS)

    async def store(tx: Transaction) -> None:
        properties = reply.model_dump(include={"introduction", "objectives", "outcomes"})
        syllabus_id = await stored_syllabi.store(
            tx, subject.id, subject.name, "", properties, sessions, f"job {run.hold.job_id}"
        )
        space = SyllabusSpace(syllabus_id, await stored_syllabi.sessions(tx, syllabus_id))
        drawn = [0] * len(space.capacity)
        await stored_syllabi.hand_out(tx, syllabus_id, space.version, drawn, space.capacity)

    await _finish(run, unit, facts, usage, store)


async def _discipline_of(run: Run, subject: Node) -> str:
    above = await traversal.parents(run.database, subject.id, kind=Kind.Discipline, limit=1)
    return above.items[0].name if above.items else subject.name


async def _drafted(run: Run, unit: Row, model: ChatModel, step: Step, turn: list[Message]) -> str:
    """The first turn's text, from the unit where it was paid for already."""
    if unit.get("draft"):
        return unit["draft"]
    text, usage = await run.call(
        lambda: subjects.draft(model, turn, run.spec.sampling_of(step), run.spec.seed)
    )
    await _finish(run, unit, {"draft": text}, usage)
    run.control.check()
    return text


def _facts(model: ChatModel, prompts: Sequence[str]) -> Row:
    return {"state": "done", "model": model.name, "prompt": prompt_hash(*prompts), "draft": None}


async def _fail(run: Run, unit: Row, error: Unusable | CallFailed) -> None:
    """A bad reply is data: kept with its text and reason, the job goes on."""
    changes: Row = {"state": "failed", "reason": error.reason, "detail": str(error)}
    if isinstance(error, Unusable):
        changes |= {"detail": error.detail, "raw": error.raw, "finish_reason": error.finish_reason}
    await _finish(run, unit, changes, error.usage)


async def _finish(
    run: Run, unit: Row, changes: Row, usage: Usage = NOTHING, store: Store | None = None
) -> None:
    """Changes a unit and stores what it gave in one transaction, if the job is still ours."""

    async def work(tx: Transaction) -> None:
        await jobs.held(tx, run.hold)
        if store is not None:
            await store(tx)
        await jobs.record(tx, unit["id"], changes, **usage._asdict())

    await run.database.writing(work)
