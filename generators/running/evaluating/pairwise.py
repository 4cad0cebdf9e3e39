"""Runs a test set: two models answer its questions, and a judge marks both answers in both orders.

Every reply is stored before the next call is paid, under an id made from all that it depends on. So a run
that is resumed, and another run of the same models, ask only for what is missing.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from generators.errors import CallFailed, Unusable
from generators.method import EVERY_STEP
from generators.models.chat import ChatModel
from generators.models.family import partial
from generators.planning.test_runs import SAME, sent_id
from generators.prompts import prompt_hash
from generators.quality.judging.pairwise import RULE, Outcome, Pair, outcome_of
from generators.running.frame.context import Run
from generators.running.frame.crew import each, together
from generators.running.frame.standing import Lately
from generators.running.frame.stored import use_of_calls
from generators.spec import PairwiseRun
from generators.steps import answers as answering
from generators.steps.asking import cut_off
from generators.steps.judging import judge_pair
from generators.usage import Usage
from graph.database import Row, Transaction
from graph.evaluation import test_runs, test_sets
from graph.evaluation.test_runs import StoredAnswer, StoredVerdict, ToDo
from graph.jobs import leases, units
from graph.jobs.job import JobState
from graph.jobs.units import PairUnit
from graph.model import digest
from graph.quality import evidence
from graph.reasons import Failure

INSTEAD = "run the test set again with another --judge, or resume to continue with this one"
T = TypeVar("T")
Side = Literal["answers", "rival_answers"]


@dataclass
class Contest:
    """A test run while it runs."""

    run: Run
    spec: PairwiseRun
    own: ChatModel
    rival: ChatModel | None
    judge: ChatModel
    lately: Lately = field(default_factory=Lately)

    def answer_id(self, item: str, side: Side) -> str:
        """The id of an answer: of the question, and of who answers it how."""
        if side == "rival_answers" and self.spec.rival_answers is not None:
            return sent_id(item, self.spec.rival_answers)
        model = self.own if side == "answers" else self.rival
        assert model
        tag = self.spec.tag if side == "answers" else self.spec.rival_tag
        return digest("answer", item, model.name, tag, prompt_hash("answers"), self._sampling("answers"))

    def verdict_id(self, first: str, second: str) -> str:
        """The id of a verdict: of both answers in their order, and of who judges them how."""
        prompt = prompt_hash(*EVERY_STEP["judge_pairs"].prompts)
        return digest("pair", first, second, self.judge.name, prompt, self._sampling("judge_pairs"))

    def _sampling(self, step: Literal["answers", "judge_pairs"]) -> str:
        return json.dumps([*asdict(self.run.sampling[step]).values(), self.run.spec.seed])


class Paid(NamedTuple, Generic[T]):
    """What a request gave, and what it used; `why`: what went wrong if it gave nothing."""

    value: T | None
    usage: Usage
    why: Unusable | CallFailed | None = None

    @property
    def ended(self) -> Exception | None:
        """What ended the run in the midst of the request, if anything did."""
        return self.why and cut_off(self.why)

    @property
    def lasts(self) -> bool:
        """Whether it is stored. What failed, or was cut off, is asked for again in another run."""
        return not isinstance(self.why, CallFailed) and self.ended is None

    @property
    def failure(self) -> Failure:
        """Why there is nothing; without values if there is something."""
        return {"reason": self.why and self.why.reason, "detail": self.why and str(self.why)}

    async def again(self) -> None:
        """Raises what ended the run."""
        if self.ended is not None:
            raise self.ended


class Met(NamedTuple):
    """Both answers to a question, or why one of them is missing."""

    own: StoredAnswer
    rival: StoredAnswer

    @property
    def problem(self) -> StoredAnswer | None:
        """The first of them that cannot be used."""
        return next((one for one in self if one["text"] is None), None)


async def compare_all(run: Run) -> None:
    """Does what is left of a test run. Raises Stopped and GraphError."""
    spec = run.spec.test_run
    assert spec, "it is a test run"
    await _plan(run, spec)
    rival = await run.model("rival_answers") if spec.rival_answers is None else None
    contest = Contest(run, spec, await run.model("answers"), rival, await run.model("judge_pairs"))
    _warn(contest)
    await evidence.record_rule(run.database, RULE, {"marks": [1, 10], "orders": 2})
    await each(_to_do(run), lambda item: _compare(contest, item), run.window)
    run.control.check()  # a judge of no use may have been found out by the last verdicts


async def _plan(run: Run, spec: PairwiseRun) -> None:
    """Plans a unit for each question; those that are there stay as they are."""
    job_id = run.lease.job_id
    async for page in test_sets.stream_items(run.database, spec.test):
        planned = [_unit(job_id, one["id"], one["discipline_id"]) for one in page]

        async def work(tx: Transaction, planned: list[PairUnit] = planned) -> None:
            await leases.held(tx, run.lease)
            await units.plan(tx, job_id, planned)

        await run.database.writing(work)


def _unit(job_id: str, item: str, discipline: str) -> PairUnit:
    return {"id": digest(job_id, "pairs", item), "branch_id": discipline, "step": "pairs", "node_id": item}


async def _to_do(run: Run) -> AsyncIterator[ToDo]:
    async for page in test_runs.to_do(run.database, run.lease.job_id):
        for item in page:
            run.control.check()
            yield item


def _warn(contest: Contest) -> None:
    """Notes a judge that judges itself or its family, and models that are the same."""
    names = [model.name for model in (contest.own, contest.rival) if model]
    contest.run.progress.notes.update(partial(contest.judge.name, names))


async def _compare(contest: Contest, item: ToDo) -> None:
    """Has a question answered twice and judged in both orders, as far as that is missing."""
    run = contest.run
    run.control.check()
    ids = [contest.answer_id(item["id"], side) for side in ("answers", "rival_answers")]
    there = await test_runs.answered(run.database, ids)
    found: dict[Side, StoredAnswer] = {}

    async def one(side: Side, id_: str) -> None:
        found[side] = there[id_] if id_ in there else await _answer(contest, item, side, id_)

    if ids[0] == ids[1]:
        run.control.stop(JobState.failed, SAME)
    run.control.check()
    await together(one("answers", ids[0]), one("rival_answers", ids[1]))
    met = Met(found["answers"], found["rival_answers"])
    if (problem := met.problem) is not None:
        side = "the model" if problem is met.own else "the other model"
        said = f"{side}: {problem['detail']}"
        await _end(run, item, {"state": "failed", "reason": problem["reason"], "detail": said})
        return
    await _judge(contest, item, met)


async def _answer(contest: Contest, item: ToDo, side: Side, id_: str) -> StoredAnswer:
    """Asks for an answer and stores it, or why it cannot be used, with what it cost."""
    run = contest.run
    if side == "rival_answers" and contest.spec.rival_answers is not None:
        said = f"no answer to it was sent under {contest.spec.rival_answers}"
        return {"id": id_, "text": None, "reason": "empty", "detail": said}
    model = contest.own if side == "answers" else contest.rival
    assert model
    sampling, seed = run.sampling["answers"], run.spec.seed
    with model.claimed() as claimed:
        paid = await _asked(
            run,
            lambda: answering.answer(claimed, item["question"], sampling, seed, checked=False, again=0),
        )
        answer: StoredAnswer = {"id": id_, "text": paid.value, **paid.failure}
        kept: Row = {
            **answer,
            "model": model.name,
            "prompt": prompt_hash("answers"),
            **use_of_calls(paid.usage),
        }

        async def store(tx: Transaction) -> None:
            await test_runs.store_answer(tx, {"id": id_, "item": item["id"], "properties": kept})

        await _store(run, item, paid, store)
    return answer


async def _judge(contest: Contest, item: ToDo, met: Met) -> None:
    """Has both answers judged in both orders and ends the question's unit."""
    run = contest.run
    orders = [(met.own, met.rival), (met.rival, met.own)]
    ids = [contest.verdict_id(first["id"], second["id"]) for first, second in orders]
    there = await test_runs.judged(run.database, ids)
    verdicts = dict(there)

    async def one(id_: str, order: tuple[StoredAnswer, StoredAnswer]) -> None:
        if id_ not in there:
            verdicts[id_] = await _verdict(contest, item, id_, order)

    await together(*(one(id_, order) for id_, order in zip(ids, orders, strict=True)))
    straight, turned = (verdicts[id_] for id_ in ids)
    for verdict in (straight, turned):
        if verdict["reason"] is not None:
            said = {"reason": verdict["reason"], "detail": f"the judge: {verdict['detail']}"}
            await _end(run, item, {"state": "failed", **said})
            return
    pairs = Pair(*_marks(straight)), Pair(*reversed(_marks(turned)))
    await _end(run, item, _came(outcome_of(*pairs), pairs, met))


def _marks(verdict: StoredVerdict) -> tuple[int, int]:
    first, second = verdict["first"], verdict["second"]
    assert first is not None, "a verdict without a reason has marks"
    assert second is not None
    return first, second


def _came(outcome: Outcome, pairs: tuple[Pair, Pair], met: Met) -> Row:
    return {
        "state": "done",
        "outcome": outcome,
        "marks": [mark for pair in pairs for mark in pair],
        "lengths": [len(one["text"] or "") for one in met],
    }


async def _verdict(
    contest: Contest, item: ToDo, id_: str, order: tuple[StoredAnswer, StoredAnswer]
) -> StoredVerdict:
    """Asks the judge about two answers in this order, and stores what it finds with what that cost."""
    run, (first, second) = contest.run, order
    texts = first["text"] or "", second["text"] or ""
    sampling, seed = run.sampling["judge_pairs"], run.spec.seed
    with contest.judge.claimed() as claimed:
        paid = await _asked(run, lambda: judge_pair(claimed, item["question"], *texts, sampling, seed))
        said = paid.value
        verdict: StoredVerdict = {
            "id": id_,
            "first": said and said.first,
            "second": said and said.second,
            "why": said and said.reasoning,
            **paid.failure,
        }
        prompt = prompt_hash(*EVERY_STEP["judge_pairs"].prompts)
        kept: Row = {
            **verdict,
            "model": contest.judge.name,
            "prompt": prompt,
            **use_of_calls(paid.usage),
        }

        async def store(tx: Transaction) -> None:
            await test_runs.store_verdict(tx, id_, [first["id"], second["id"]], kept)

        await _store(run, item, paid, store)
    _watch(contest, usable=said is not None)
    return verdict


async def _asked(run: Run, request: Callable[[], Awaitable[tuple[T, Usage]]]) -> Paid[T]:
    """What a request gives, or why it gives nothing. Raises Stopped."""
    run.control.check()
    try:
        return Paid(*await run.call(request))
    except (Unusable, CallFailed) as error:
        return Paid(None, error.usage, error)


async def _store(
    run: Run, item: ToDo, paid: Paid[Any], store: Callable[[Transaction], Awaitable[None]]
) -> None:
    """Stores what came of a request if it lasts, and what it cost; raises Stopped if the run ended in it."""

    async def work(tx: Transaction) -> None:
        await leases.held(tx, run.lease)
        if paid.lasts:
            await store(tx)
        await _spend(tx, item, paid.usage)

    await run.database.writing(work, once=True)
    if paid.ended is not None:
        await run.call(paid.again)


def _watch(contest: Contest, *, usable: bool) -> None:
    """Pauses the run if the judge gives no usable verdicts: it would only cost."""
    contest.lately.saw(usable=usable)
    judge = f"the judge {contest.judge.name}"
    if useless := contest.lately.useless(judge, "pairs of answers", INSTEAD):
        contest.run.control.stop(JobState.paused, useless)


async def _spend(tx: Transaction, item: ToDo, usage: Usage) -> None:
    await units.record(
        tx,
        item["unit_id"],
        {},
        calls=usage.calls,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        usd=usage.usd,
    )


async def _end(run: Run, item: ToDo, changes: Row) -> None:
    """Ends the unit of a question with what came of it."""

    async def work(tx: Transaction) -> None:
        await leases.held(tx, run.lease)
        await units.record(tx, item["unit_id"], changes)

    await run.database.writing(work)
    run.progress.samples += 1
