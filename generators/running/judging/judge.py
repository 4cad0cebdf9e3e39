"""Asks a judge about questions and answers, and the judge about sentinels before that.

Sentinels are samples whose verdict is known. Until the judge was right about enough of them, its verdicts are
stored and decide nothing; if it later is not, they cease to decide.
"""

import logging
from typing import NamedTuple, TypedDict

from generators.errors import CallFailed, Unusable
from generators.method import JUDGING, JudgeStep
from generators.models.chat import ChatModel
from generators.models.family import family
from generators.models.stop import Stopped
from generators.prompts import prompt_hash
from generators.quality.judging import verdicts as rules
from generators.quality.judging.sentinels import EVERY, Answered, Sentinel
from generators.quality.judging.verdicts import Finding, VerdictKind
from generators.running.frame.context import Caller
from generators.running.frame.crew import together
from generators.running.frame.standing import Standing, of_sentinel, of_verdict, used
from generators.running.frame.stored import use_of_calls
from generators.steps.judging import Opinion, judge_answer, judge_question
from generators.usage import Usage
from graph.jobs.job import JobState
from graph.jobs.judges import FEWEST_SENTINELS, LEAST_CAUGHT, LEAST_KEPT, Counts
from graph.model import digest
from graph.quality import evidence
from graph.quality.verdicts import NewVerdict
from graph.reasons import Part

log = logging.getLogger("glan")

STEP: dict[Part, JudgeStep] = {"question": "judge_questions", "answer": "judge_answers"}
RULE: dict[Part, str] = {"question": rules.QUESTION_RULE, "answer": rules.ANSWER_RULE}


class Ruling(NamedTuple):
    """A verdict as it is stored, and what follows from it."""

    verdict: NewVerdict
    rejected: bool
    """Whether the sample is not kept: the verdict says so, and it decides."""
    problem: str
    """In words for the model."""
    checked: list[str]
    """The rule, if the verdict decides."""


class Judged(TypedDict):
    """What is judged: a stored question, or its answer; `names`: those of its concepts."""

    id: str
    question: str | None
    answer: str | None
    names: list[str] | None


def verdict_id(instruction: str, part: Part, model: str) -> str:
    """The id of a verdict, by which the same is never paid for twice."""
    return digest(f"{instruction} {part} {model} {prompt_of(part)}")


def prompt_of(part: Part) -> str:
    """The hash of the prompt by which a part is judged."""
    return prompt_hash(*JUDGING[STEP[part]].prompts)


async def ruling(run: Caller, model: ChatModel, part: Part, row: Judged) -> Ruling:
    """What the judge finds of a stored question, or of its stored answer. Raises Stopped and GraphError."""
    standing = await ready(run, part)
    question = row["question"]
    assert question is not None, "what is judged has a question"
    subject = Sentinel(True, question, row["answer"], tuple(row["names"] or ()))
    opinion, usage = await _opinion(run, model, standing, subject)
    finding = opinion.finding
    applied = standing.counts.applies and finding.verdict is not VerdictKind.unjudged
    added = of_verdict(finding.verdict, applied=applied).plus(used(usage))
    stored: NewVerdict = {
        "instruction": row["id"],
        "judge": standing.id,
        "counts": list(added),
        "verdict": {
            "id": verdict_id(row["id"], part, model.name),
            "part": part,
            "model": model.name,
            "prompt": prompt_of(part),
            "rule": RULE[part],
            "verdict": finding.verdict,
            "applied": applied,
            "scores": opinion.scores,
            "flaws": opinion.flaws,
            "why": opinion.why,
            "problem": finding.problem,
            **use_of_calls(usage),
        },
    }
    rejected = applied and finding.verdict is VerdictKind.reject
    return Ruling(stored, rejected, finding.problem, [RULE[part]] if applied else [])


async def stored(run: Caller, part: Part, ruled: Ruling, row: Judged) -> None:
    """To be called once a verdict is stored: counts it, and tries the judge on a sentinel if one is due."""
    standing = run.judges[part]
    verdict = VerdictKind(ruled.verdict["verdict"]["verdict"])
    standing.counts = standing.counts.plus(Counts(*ruled.verdict["counts"]))
    standing.verdicts += 1
    if row["question"] and row["answer"] and verdict is VerdictKind.accept:
        standing.remember(Answered(row["question"], row["answer"]))
    _watch(run, standing, verdict)
    if alarm := standing.alarm:
        run.progress.notes.add(alarm)
    if standing.is_due:
        applied = standing.counts.applies
        await _try(run, standing, standing.next())
        if standing.counts.applies is not applied:
            _say(run, standing)


async def ready(run: Caller, part: Part) -> Standing:
    """The judge of a part, tried on enough sentinels; whoever asks before that waits."""
    standing = run.judges.setdefault(part, Standing(part))
    async with standing.begun:
        if not standing.ready:
            await _begin(run, standing)
            standing.ready = True
    return standing


async def _begin(run: Caller, standing: Standing) -> None:
    part = standing.part
    model = await run.model(STEP[part])
    authors = await run.authors(part)
    standing.model = model.name
    standing.id, standing.counts = await run.counter(part, STEP[part], RULE[part])
    settings = {"sentinels": FEWEST_SENTINELS, "every": EVERY, "caught": LEAST_CAUGHT, "kept": LEAST_KEPT}
    await evidence.record_rule(run.database, RULE[part], settings)
    for author in authors:
        if family(model.name) != family(author):
            continue
        run.progress.notes.add(
            f"the {part}s of {author} are judged by {model.name}, which is of the same family: such a "
            "judge tends to like what it reads; name another one with --judge-model"
        )
    await together(*(_try(run, standing, one) for one in standing.first()))
    _say(run, standing)


def _say(run: Caller, standing: Standing) -> None:
    if said := standing.shut:
        log.warning("%s: %s", run.owner, said)
        run.progress.notes.add(said)


async def _try(run: Caller, standing: Standing, sentinel: Sentinel) -> None:
    """Tries the judge on a sentinel, and stores how it did with what that cost."""
    run.control.check()
    model = await run.model(STEP[standing.part])
    with model.claimed() as claimed:
        opinion, usage = await _opinion(run, claimed, standing, sentinel)
        added = of_sentinel(sentinel, opinion.finding.verdict).plus(used(usage))

        await _count(run, standing, added)
    _watch(run, standing, opinion.finding.verdict)


def _watch(run: Caller, standing: Standing, verdict: VerdictKind) -> None:
    """Pauses the job if the judge gives no usable opinions."""
    standing.saw(verdict)
    if useless := standing.useless:
        run.control.stop(JobState.paused, useless)


async def _opinion(
    run: Caller, model: ChatModel, standing: Standing, subject: Sentinel
) -> tuple[Opinion, Usage]:
    """What the judge finds, and the use of its calls; unjudged if its replies cannot be used.

    Raises Stopped, with the cost stored, if the run ended before a second try: it is judged again later.
    """
    part = standing.part
    sampling, seed = run.sampling[STEP[part]], run.spec.seed
    question, answer = subject.question, subject.answer
    try:
        if part == "question":
            return await run.call(lambda: judge_question(model, question, subject.concepts, sampling, seed))
        assert answer is not None, "what is judged has an answer"
        return await run.call(lambda: judge_answer(model, question, answer, sampling, seed))
    except (Unusable, CallFailed) as error:
        if await run.cut_off(error):
            await _count(run, standing, used(error.usage))
            raise Stopped from error
        return Opinion(Finding(VerdictKind.unjudged), str(error), "{}", []), error.usage


async def _count(run: Caller, standing: Standing, added: Counts) -> None:
    """Stores what has no verdict: a sentinel, or a reply that leads to none."""
    await run.tally(standing.id, added)
    standing.counts = standing.counts.plus(added)
