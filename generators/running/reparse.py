"""Parses the kept replies of a job again, with the current parser and without a call.

Running it twice is safe: a recovered reply is no longer kept as a failure, and a reply that is still unusable
gets the current reason.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from generators.errors import Unusable
from generators.models.chat import Reply
from generators.models.replies.thinking import split
from generators.planning import proposing
from generators.running.comparing.benchmarks import Benchmarks, InForce
from generators.running.comparing.comparison import rejected, with_items
from generators.running.frame.settling import flags, next_of
from generators.running.frame.stored import new_row
from generators.running.reparse_report import ReparseReport
from generators.spec import JobSpec
from generators.steps import answers, parsing, questions, subjects, syllabi, taxonomy
from generators.usage import Usage
from graph.database import Database, Transaction
from graph.instructions import instructions
from graph.instructions.rows import Facts, NewInstruction
from graph.jobs import kept_replies, units
from graph.jobs.kept_replies import KeptInstruction, KeptOfInstruction, KeptOfUnit, KeptReply
from graph.jobs.units import GrowthUnit
from graph.model import Kind, digest
from graph.quality.evidence import Link
from graph.reasons import Failure, Reason, status_of

PAGE = 500
# Reasons that come from a reply, so that there is a text to parse again.
REASONS = (
    *(Reason.malformed, Reason.truncated, Reason.empty, Reason.refused),
    *(Reason.wrong_language, Reason.repeated_prompt, Reason.not_self_contained, Reason.incomplete),
    *(Reason.no_task, Reason.self_reference, Reason.echo, Reason.loop),
)
# Cleared on an instruction or unit once its reply is used.
USED: Failure = {"reason": None, "detail": None, "raw": None, "finish_reason": None}


@dataclass
class Outcome:
    """The result of one page, before its transaction is committed."""

    recovered: list[str] = field(default_factory=list[str])
    failed: list[Reason] = field(default_factory=list[Reason])
    changed: set[str] = field(default_factory=set[str])
    """Ids of replies that are unusable for another reason than before."""
    waiting: int = 0


async def reparse(database: Database, job_id: str) -> ReparseReport:
    """Parses every kept reply of a job again. Raises NotFound, or Conflict while a worker holds the job.

    Recovered questions wait for their answers, and answers for what the job does with them (a judge, other
    answers, a refinement): the job is then paused and can be resumed. If a worker claims
    the job before this ends, it raises Conflict; what was recovered until then stays.
    """
    report = ReparseReport()
    spec = JobSpec.model_validate_json(await database.writing(lambda tx: kept_replies.lock(tx, job_id)))
    in_force = await Benchmarks(database).in_force() if spec.checks.contamination else None
    for unit_id in await kept_replies.units_of_job(database, job_id, REASONS):
        _count(report, await _durable(database, job_id, unit_id))
    again = set[str]()
    async for ids in kept_replies.of_job(database, job_id, REASONS, PAGE):
        fresh = [id_ for id_ in ids if id_ not in again]
        outcome = await _page(database, job_id, report, fresh, in_force)
        again |= outcome.changed
        _count(report, outcome)
    return report


def _count(report: ReparseReport, outcome: Outcome) -> None:
    report.examined += len(outcome.recovered) + len(outcome.failed)
    report.waiting += outcome.waiting
    for step in outcome.recovered:
        report.recovered[step] = report.recovered.get(step, 0) + 1
    for reason in outcome.failed:
        report.failed[reason] = report.failed.get(reason, 0) + 1


def _for_what(spec: JobSpec) -> str:
    """What recovered texts wait for."""
    if next_of(spec, "") or spec.checks.consensus:
        return "questions and answers wait for what comes next"
    return "questions wait for their answers"


# Instructions


async def _page(
    database: Database, job_id: str, report: ReparseReport, ids: Sequence[str], in_force: InForce | None
) -> Outcome:
    """Parses a page of instructions in one transaction."""

    async def work(tx: Transaction) -> Outcome:
        spec = JobSpec.model_validate_json(await kept_replies.lock(tx, job_id))
        outcome = Outcome()
        kept = await kept_replies.kept(tx, ids)
        read = [(row["instruction"], _read(row, spec, in_force, outcome)) for row in kept]
        changes = [(kept, new) for kept, new in read if new]
        asked = {kept["unit_id"] for kept, new in changes if new["properties"]["status"] == "asked"}
        await kept_replies.reopen(tx, list(asked))
        recounted = await kept_replies.ended(tx, {kept["unit_id"] for kept, _ in changes} - asked)
        await instructions.store(tx, job_id, [new for _, new in changes], ended=recounted)
        if outcome.waiting:
            waiting = report.waiting + outcome.waiting
            await kept_replies.pause(tx, job_id, f"{waiting} recovered {_for_what(spec)}: resume")
        return outcome

    return await database.writing(work)


def _read(
    row: KeptOfInstruction, spec: JobSpec, in_force: InForce | None, outcome: Outcome
) -> NewInstruction | None:
    """What must be stored of an instruction; None if nothing changes. Counts the result in `outcome`."""
    kept = row["instruction"]
    reply = _reply(kept)
    try:
        about = questions.topic(row["discipline"], row["subject"], row["concepts"])
        if kept["question"]:
            text = answers.read(reply, kept["question"], language=kept["language"], topic=about)
            facts: Facts = {"answer": text, **flags(spec, kept, text, about), **USED}
            if in_force and (found := with_items(kept["id"], "answer", text, in_force)).reason:
                outcome.failed.append(found.reason)
                return _new(kept, "rejected", {**facts, **rejected(found)}, found.links)
            return _answered(kept, facts, spec, outcome)
        text = questions.read(reply, language=kept["language"], topic=about)
    except Unusable as error:
        failure = _still_unusable(kept, error, outcome)
        return failure and _new(kept, status_of(error.reason), {**failure})
    outcome.recovered.append("questions")
    outcome.waiting += 1
    return _new(kept, "asked", {"question": text, **USED})


def _answered(kept: KeptInstruction, facts: Facts, spec: JobSpec, outcome: Outcome) -> NewInstruction:
    """An instruction with a recovered answer: kept, unless the job does more with its answers."""
    outcome.recovered.append("answers")
    awaits = next_of(spec, facts.get("answer", ""))
    if awaits is None:
        return _new(kept, spec.kept_as, facts)
    outcome.waiting += 1
    return _new(kept, "asked", {**facts, "awaits": awaits})


def _still_unusable(kept: KeptReply, error: Unusable, outcome: Outcome) -> Failure | None:
    outcome.failed.append(error.reason)
    if str(error.reason) == kept["reason"]:
        return None
    outcome.changed.add(kept["id"])
    return {"reason": error.reason, "detail": error.detail}


def _reply(kept: KeptReply) -> Reply:
    """A kept reply as it was received; its use is zero, because it was counted then."""
    thinking, text, _ = split(kept["raw"])
    return Reply(text, kept["finish_reason"], Usage(), thinking)


def _new(kept: KeptInstruction, status: str, facts: Facts, links: Sequence[Link] = ()) -> NewInstruction:
    """As graph.instructions stores it; its sessions were linked when it was first stored."""
    return new_row(kept["id"], status, facts, concepts=kept["concepts"], links=links)


# Lists and syllabi

Store = Callable[[Transaction], Awaitable[None]]


async def _durable(database: Database, job_id: str, unit_id: str) -> Outcome:
    """Parses the kept reply of one unit, a list or a syllabus, in one transaction."""

    async def work(tx: Transaction) -> Outcome:
        spec = JobSpec.model_validate_json(await kept_replies.lock(tx, job_id))
        outcome = Outcome()
        kept = await kept_replies.kept_of_unit(tx, unit_id)
        if kept is None:
            return outcome
        try:
            await _recover(tx, job_id, spec, kept, outcome)
        except Unusable as error:
            if failure := _still_unusable(kept["unit"], error, outcome):
                await units.record(tx, unit_id, failure)
        return outcome

    return await database.writing(work)


async def _recover(tx: Transaction, job_id: str, spec: JobSpec, kept: KeptOfUnit, outcome: Outcome) -> None:
    """Stores the result of a unit's reply. Raises Unusable."""
    unit, by = kept["unit"], f"job {job_id}"
    reply = _reply(unit)
    if not unit["draft"]:
        # The first turn had failed: its text, if usable now, waits for the second turn.
        await units.record(tx, unit["id"], {**USED, "draft": parsing.require_text(reply, cut_is_fine=True)})
        await _go_on(tx, job_id, unit["id"])
    elif unit["step"] == "taxonomy":
        named, warnings = taxonomy.read(reply, spec.naming.names, drafted=unit["draft"])
        kind = Kind(unit["kind"] or "")
        counts = await taxonomy.store(tx, kept["node_id"], kind, named, spec.naming.samples, job_id)
        await _end(tx, unit["id"], warnings | counts)
        if counts["proposed"] and await proposing.look_again(tx, job_id, kind):
            await kept_replies.pause(tx, job_id, "recovered names get lists of their own: resume")
    elif unit["step"] == "subjects":
        listed, warnings = subjects.read(reply, drafted=unit["draft"])
        await subjects.store(tx, kept["node_id"], listed, spec.subjects_per_discipline, by)
        await _end(tx, unit["id"], warnings)
        if spec.does("syllabi"):
            await _look_for_syllabi(tx, job_id, unit["branch_id"])
    else:
        syllabus, sessions, warnings = syllabi.read(reply, spec.sessions_per_syllabus, drafted=unit["draft"])
        if await kept_replies.lacks_syllabus(tx, kept["node_id"]):
            await syllabi.store(tx, kept["node_id"], kept["name"], syllabus, sessions, by)
        await _end(tx, unit["id"], warnings)
        if await kept_replies.has_shortfall(tx, job_id):
            await kept_replies.pause(tx, job_id, "a recovered syllabus has room for what is missing: resume")
    outcome.recovered.append(unit["step"])


async def _end(tx: Transaction, unit_id: str, warnings: dict[str, int]) -> None:
    await units.record(tx, unit_id, {**USED, "state": "done", "draft": None, **warnings})


async def _go_on(tx: Transaction, job_id: str, unit_id: str) -> None:
    await kept_replies.reopen(tx, [unit_id])
    await kept_replies.pause(tx, job_id, "recovered texts wait for what comes next: resume")


async def _look_for_syllabi(tx: Transaction, job_id: str, branch_id: str) -> None:
    """Plans a look at the branch for subjects without a syllabus; see generators.planning.plan."""
    look = digest(job_id, "syllabi", branch_id, branch_id, "look")
    unit: GrowthUnit = {"id": look, "branch_id": branch_id, "step": "syllabi", "node_id": branch_id}
    await units.plan(tx, job_id, [unit])
    await _go_on(tx, job_id, look)
