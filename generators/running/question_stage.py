"""Asks for questions and keeps them: a sample's first half.

Each question is stored, kept or not, before anything else is paid for, and compared with others at the same
time: what is stored as asked and has no `checked` yet is compared again by whoever continues the job. In
place of one that a check rejects, another is asked for; that is a row of its own, with an id derived from the
sample's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from generators.errors import CallFailed, Unusable
from generators.models.chat import ChatModel
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.running.comparing.checks import Looked
from generators.running.comparing.comparison import NOT_KEPT, Asked, rejected, same_as
from generators.running.frame import settling
from generators.running.frame.context import Run
from generators.running.frame.stored import new_row, use_of_question
from generators.running.frame.writer import QuestionTaken
from generators.running.judging import judge_stage
from generators.spaces.dials import DialSpace
from generators.spaces.strata import Combination, Stratum, combination_key
from generators.spaces.syllabus_space import SyllabusSpace, again_id
from generators.steps import questions
from generators.usage import Usage
from graph.dials import named
from graph.instructions.rows import Facts, StoredInstruction
from graph.jobs.units import InstructionUnit
from graph.quality.evidence import Link
from graph.reasons import Reason, asks_again, status_of

# Between the seeds of a sample's questions: far from those of its neighbours.
AGAIN_STEP = 2**29


@dataclass
class Unit:
    """An instruction unit, with its stratum and the number of its samples that are not finished."""

    row: InstructionUnit
    stratum: Stratum
    open: int
    opposed: frozenset[str] = frozenset()
    """Keys of combinations that a test set has and this job may not have, or the reverse."""


@dataclass(frozen=True)
class Teaching:
    """A syllabus as the prompts need it, and its space."""

    lesson: questions.Lesson
    space: SyllabusSpace
    dials: DialSpace
    names: dict[str, str]
    """Names of the concepts, by id."""
    guarded: bool
    """Whether there are test sets, whose combinations no other job may have, and the reverse."""


@dataclass(frozen=True)
class Sample:
    """One position to make an instruction for; `stored` is what earlier runs stored of its unit, by id."""

    unit: Unit
    teaching: Teaching
    position: int
    repeat: int
    stored: Mapping[str, StoredInstruction]

    @cached_property
    def combination(self) -> Combination:
        """What is combined: computed once, because finding it takes a permutation and an unranking."""
        return self.teaching.space.at(self.unit.stratum, self.position)

    @cached_property
    def names(self) -> list[str]:
        """The names of the concepts."""
        return [self.teaching.names[id_] for id_ in self.combination.concepts]

    @cached_property
    def sessions(self) -> list[str]:
        """The ids of the sessions."""
        return [self.teaching.space.sessions[i].id for i in self.combination.sessions]

    @cached_property
    def key(self) -> str:
        """The key of the combination."""
        return combination_key(self.sessions, self.combination.concepts)

    @property
    def topic(self) -> str:
        """What its question is about, in one line."""
        return self.teaching.lesson.topic(self.names)

    @cached_property
    def labels(self) -> list[str]:
        """The values of its dials, as they are stored."""
        space, dials = self.teaching.space, self.teaching.dials
        return dials.labels(dials.cell(space.version, str(self.unit.stratum), self.position, self.repeat))

    @cached_property
    def dials(self) -> dict[str, str]:
        """The values of its dials, by their names."""
        return dict(map(named, self.labels))


@dataclass(frozen=True)
class Try:
    """One of a sample's questions: the first, or one in place of a rejected one.

    `problem`: what was wrong with that one, in words for the model.
    """

    sample: Sample
    id: str
    again: int
    problem: str | None


async def asked(run: Run, sample: Sample) -> StoredInstruction | None:
    """The sample's question that is kept and has no answer yet; None if there is none to answer."""
    first = sample.teaching.space.instruction_id(sample.unit.stratum, sample.position, sample.repeat)
    if sample.key in sample.unit.opposed and first not in sample.stored:
        await _pass_over(run, Try(sample, first, 0, None))
        return None
    problem: str | None = None
    for again in range(run.spec.checks.again + 1):
        run.control.check()
        one = Try(sample, again_id(first, again), again, problem)
        row = sample.stored.get(one.id)
        if row is None:
            row = await _ask(run, one)
        elif row["status"] == "asked" and not row["kept"]:
            # Recovered from a kept reply, or its worker ended too soon: nobody has compared it yet.
            row = await _keep(run, one, row, {})
        if row["status"] == "asked":
            row = await judge_stage.question(run, row)
        if row["status"] == "asked":
            return row
        if not asks_again(row["reason"], answered=row["answered"]):
            return None
        problem = row["detail"]
    return None


async def _pass_over(run: Run, one: Try) -> None:
    """Stores that a position is held out, which costs nothing.

    Draws pass over such positions; a syllabus that was edited since, or shares sessions with another one, may
    have drawn it all the same.
    """
    facts: Facts = {**_identity(run, one), "reason": Reason.held_out, "calls": 0, **NOT_KEPT}
    await run.writer.put(new_row(one.id, "rejected", facts, one.sample.sessions))


async def _ask(run: Run, one: Try) -> StoredInstruction:
    """Asks for a question and stores what came of it."""
    model = await run.model("questions")
    facts = _identity(run, one)
    facts |= {
        "question_model": model.name,
        "question_prompt": prompt_hash(*run.spec.prompts_of_question(one.sample.unit.stratum.strategy)),
        "question_prompt_version": version_of(
            one.sample.teaching.lesson.step, small=model.small, dials=run.spec.says_dials
        ),
    }
    with model.claimed() as claimed:
        try:
            question, usage = await run.call(lambda: _question(run, one, claimed))
        except (Unusable, CallFailed) as error:
            failed: Facts = {**facts, **error.kept(), **use_of_question(error.usage)}
            row = _stored(run, one, None, error.usage)
            return await _end(run, one, row, failed, status_of(error.reason))
        row = _stored(run, one, question, usage)
        # Within the claim: while all that may be in flight is, nothing is written.
        return await _keep(run, one, row, {**facts, "question": question, **use_of_question(usage)})


async def _question(run: Run, one: Try, model: ChatModel) -> tuple[str, Usage]:
    lesson, drawn = one.sample.teaching.lesson, one.sample.combination.sessions
    names, dials = one.sample.names, one.sample.dials
    return await questions.ask_question(
        model,
        # A very small model cannot cope with a whole syllabus.
        lesson.conversation(drawn, names, short=model.small, unlike=one.problem, dials=dials),
        run.sampling["questions"],
        _seed(run, one),
        language=_language(run, one),
        topic=one.sample.topic,
        concepts=names,
        shorter=lambda: lesson.conversation(drawn, names, short=True, unlike=one.problem, dials=dials),
        checked=run.spec.checks.texts,
    )


def _identity(run: Run, one: Try) -> Facts:
    """The facts of an instruction that are known before its question is asked."""
    space, stratum = one.sample.teaching.space, one.sample.unit.stratum
    facts: Facts = {
        "job_id": run.lease.job_id,
        "unit_id": one.sample.unit.row["id"],
        "strategy": stratum.strategy,
        "stratum": str(stratum),
        "position": one.sample.position,
        "combination": one.sample.key,
        "syllabus_id": space.syllabus_id,
        "space_version": space.version,
        "sessions": one.sample.sessions,
        "concepts": list(one.sample.combination.concepts),
        # The names in the prompt: if one is renamed before the answer comes, the instruction is stale.
        "drawn_names": [
            *(space.sessions[i].name for i in one.sample.combination.sessions),
            *one.sample.names,
        ],
        "language": _language(run, one),
    }
    if run.spec.held_out:
        facts["held_out"] = True
    if space.partner_id:
        facts["partner_id"] = space.partner_id
    if one.sample.labels:
        facts |= {"dials": one.sample.labels, "repeat": one.sample.repeat}
    return facts | {"again": one.again} if one.again else facts


def _language(run: Run, one: Try) -> str:
    return one.sample.dials.get("language", run.spec.language)


async def _keep(run: Run, one: Try, row: StoredInstruction, facts: Facts) -> StoredInstruction:
    """Stores a usable question while it is compared with all kept ones: as asked, or else as rejected."""
    question = row["question"]
    assert question is not None
    text = Asked.of(one.id, question, one.sample.names)
    facts = {**facts, **settling.flags(run.spec, row, None, one.sample.topic)}
    key: Facts = {"text_key": text.prepared.key} if run.spec.checks.duplicates else {}
    looking = run.check.look(text)
    try:
        row = await _end(run, one, row, {**facts, **key}, "asked")
    except QuestionTaken as error:
        found, rules = await looking
        run.check.dropped(one.id)
        found = found if found.reason else same_as(one.id, error.held)
        facts |= {"checked": _checked(row, rules), **rejected(found)}
        return await _end(run, one, row, facts, "rejected", found.links)
    except BaseException:
        looking.cancel()
        run.check.dropped(one.id)
        raise
    return await _settled(run, row, looking)


async def compared(run: Run, row: StoredInstruction) -> StoredInstruction:
    """A stored question that nobody has compared yet, once it is: as asked, or as rejected."""
    assert row["question"] is not None
    return await _settled(run, row, run.check.look(Asked.of(row["id"], row["question"], row["names"] or ())))


async def _settled(run: Run, row: StoredInstruction, looking: "asyncio.Future[Looked]") -> StoredInstruction:
    """A stored question once it is compared: as asked, or as rejected."""
    found, rules = await looking
    checked = _checked(row, rules)
    if found.reason is not None:
        facts: Facts = {"checked": checked, **rejected(found)}
        await run.writer.put(new_row(row["id"], "rejected", facts, links=found.links))
        return {
            **row,
            "status": "rejected",
            "reason": found.reason,
            "detail": found.problem,
            "checked": checked,
        }
    run.check.landed(row["id"])
    if found.links:
        await run.writer.put(new_row(row["id"], "asked", {"checked": checked}, links=found.links))
    # Otherwise stored with what comes next, for a write more would take longer than to compare it again.
    return {**row, "checked": checked}


def _checked(row: StoredInstruction, rules: Sequence[str]) -> list[str]:
    """The ids of all rules by which a question was checked."""
    return [*rules, *(rule for rule in row["checked"] if rule not in rules)]


async def _end(
    run: Run,
    one: Try,
    row: StoredInstruction,
    facts: Facts,
    status: Literal["asked", "rejected", "failed"],
    links: Sequence[Link] = (),
) -> StoredInstruction:
    """Stores what came of a question; durable when this returns. Raises QuestionTaken."""
    await run.writer.put(new_row(one.id, status, facts, one.sample.sessions, links=links))
    return {
        **row,
        "status": status,
        "reason": facts.get("reason"),
        "detail": facts.get("detail"),
    }


def _stored(run: Run, one: Try, question: str | None, usage: Usage) -> StoredInstruction:
    """A question of this run, as an earlier run's would be read back."""
    return {
        "unit_id": one.sample.unit.row["id"],
        "id": one.id,
        "status": "asked",
        "question": question,
        "language": _language(run, one),
        "reason": None,
        "detail": None,
        "concepts": list(one.sample.combination.concepts),
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "question_cost_usd": usage.usd,
        "again": one.again,
        "kept": True,
        "answered": False,
        "answer": None,
        "awaits": None,
        "answer_use": [0, 0, 0, 0.0],
        "drafts": [],
        "opinions": [],
        "judged": False,
        "checked": [],
        "names": one.sample.names,
    }


def _seed(run: Run, one: Try) -> int | None:
    """A different seed for every question: with the same seed, equal prompts could give equal texts."""
    if run.spec.seed is None:
        return None
    return (run.spec.seed + one.sample.position + one.again * AGAIN_STEP) % 2**31
