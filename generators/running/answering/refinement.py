"""The paid parts of refining an answer: a critique, the answer written again, a comparison in both orders.

Each is stored, with what it used, before the next is paid for.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from generators.errors import CallFailed, Unusable
from generators.method import AnyStep
from generators.models.chat import ChatModel
from generators.models.stop import Stopped
from generators.prompts import prompt_hash
from generators.quality.judging.verdicts import REFINEMENT_RULE, VerdictKind, of_both_orders, of_one_order
from generators.running.answering.drafts import NO_FAILURE, as_stored, new_draft
from generators.running.frame import settling
from generators.running.frame.context import Run
from generators.running.frame.standing import of_verdict, used
from generators.running.frame.stored import new_row, use_of_calls
from generators.steps import answers
from generators.steps.judging import criticise, judge_pair
from generators.usage import Usage
from graph.instructions.drafts import StoredDraft
from graph.instructions.rows import StoredInstruction
from graph.jobs.job import JobState
from graph.jobs.judges import Counts
from graph.model import digest
from graph.quality.verdicts import NewVerdict, Order, StoredVerdict
from graph.reasons import Failure, Opinion, Reason, Role

STEP: dict[Role, AnyStep] = {"critique": "critiques", "refinement": "refinements", "pair": "judge_pairs"}
NO_SCORES: Mapping[str, int] = MappingProxyType({})
ORDERS: tuple[Order, ...] = ("draft first", "refined first")
# Between the seeds of an answer and of what is made of it.
SEED_STEP = 2**26


def prompt_of(role: Role) -> str:
    """The hash of the prompt of a role."""
    return prompt_hash(STEP[role])


async def critique(run: Run, row: StoredInstruction) -> list[str]:
    """What is worth improving in a stored answer; stores the critique unless it is there."""
    if there := _of(row, "critique"):
        return there[0]["flaws"] if there[0]["verdict"] == VerdictKind.revise else []
    model = await run.model("critiques")
    with model.claimed() as claimed:
        kind, why, problems, usage = await _criticised(run, claimed, row)
        counts = of_verdict(kind, applied=kind is VerdictKind.revise).plus(used(usage))
        verdict = _verdict(run, row, "critique", model.name, kind, usage, counts, why=why, flaws=problems)
        await run.writer.put(new_row(row["id"], "asked", {}, verdicts=[verdict]))
    _watch(run, model.name, usable=kind is not VerdictKind.unjudged)
    return problems


async def _criticised(
    run: Run, model: ChatModel, row: StoredInstruction
) -> tuple[VerdictKind, str, list[str], Usage]:
    question, answer = _texts(row)
    sampling, seed = run.sampling["critiques"], run.spec.seed
    try:
        said, usage = await run.call(lambda: criticise(model, question, answer, sampling, seed))
    except (Unusable, CallFailed) as error:
        await _require_whole(run, "critique", error)
        return VerdictKind.unjudged, str(error), [], error.usage
    kind = VerdictKind.revise if said.problems else VerdictKind.accept
    return kind, said.reasoning, said.problems, usage


async def rewritten(run: Run, row: StoredInstruction, problems: list[str], topic: str) -> StoredDraft:
    """The answer written again, stored with what it was made from unless it is there."""
    if there := [draft for draft in row["drafts"] if draft["kind"] == "refined"]:
        return there[0]
    run.control.check()
    model = await run.model("refinements")
    _, answer = _texts(row)
    with model.claimed() as claimed:
        text, usage, failure = await _refined(run, claimed, row, problems, topic)
        if text and (found := await settling.contaminated(run, row["id"], text)):
            failure: Failure = {"reason": Reason.contaminated, "detail": found.problem}
        before = new_draft(row, "answer", 1, model.name, run.spec.prompts_of("answers")[0], answer)
        counter = run.refining.counters["refinement"]
        refined = new_draft(
            row, "refined", 2, model.name, "refinements", text, usage=usage, failure=failure, counter=counter
        )
        await run.writer.put(new_row(row["id"], "asked", {}, drafts=[before, refined]))
    return as_stored([refined])[0]


async def _refined(
    run: Run, model: ChatModel, row: StoredInstruction, problems: list[str], topic: str
) -> tuple[str | None, Usage, Failure]:
    question, answer = _texts(row)
    seed = run.spec.seed
    try:
        text, usage = await run.call(
            lambda: answers.refined(
                model,
                question,
                answer,
                problems,
                run.sampling["refinements"],
                None if seed is None else (seed + SEED_STEP) % 2**31,
                language=row["language"] or run.spec.language,
                topic=topic,
                checked=run.spec.checks.texts,
            )
        )
    except (Unusable, CallFailed) as error:
        await _require_whole(run, "refinement", error)
        return None, error.usage, error.kept()
    return text, usage, NO_FAILURE


async def compare(run: Run, row: StoredInstruction, refined: str) -> str:
    """What became of a refined answer against the stored one: won, lost, tied, inconsistent or unjudged.

    Asks in both orders, and stores each opinion unless it is there.
    """
    found = {str(one["order"]): one["verdict"] for one in _of(row, "pair")}
    for order in ORDERS:
        if order not in found:
            found[order] = await _in_order(run, row, refined, order, found)
        if found[order] == VerdictKind.unjudged:
            return VerdictKind.unjudged
    return _outcome(found) or VerdictKind.unjudged


def _outcome(found: dict[str, str]) -> str | None:
    """The verdict of both orders; None until there are two opinions."""
    told = [found.get(order, VerdictKind.unjudged) for order in ORDERS]
    return None if VerdictKind.unjudged in told else of_both_orders(told[0], told[1])


async def _in_order(
    run: Run, row: StoredInstruction, refined: str, order: Order, before: dict[str, str]
) -> str:
    run.control.check()
    model = await run.model("judge_pairs")
    question, answer = _texts(row)
    with model.claimed() as claimed:
        scores, why, usage = await _rated(run, claimed, question, answer, refined, order)
        said = of_one_order(scores["refined"], scores["draft"]) if scores else VerdictKind.unjudged
        counts = _counted(said, {**before, order: said}, longer=len(refined) > len(answer)).plus(used(usage))
        verdict = _verdict(
            run, row, "pair", model.name, said, usage, counts, why=why, scores=scores, order=order
        )
        await run.writer.put(new_row(row["id"], "asked", {}, verdicts=[verdict]))
    run.refining.pairs = run.refining.pairs.plus(counts)
    _watch(run, model.name, usable=bool(scores))
    return said


async def _rated(
    run: Run, model: ChatModel, question: str, draft: str, refined: str, order: Order
) -> tuple[dict[str, int], str, Usage]:
    """What the judge gives each of the two; nothing if its reply cannot be used."""
    names = ("draft", "refined") if order == "draft first" else ("refined", "draft")
    texts = {"draft": draft, "refined": refined}
    first, second = (texts[name] for name in names)
    sampling, seed = run.sampling["judge_pairs"], run.spec.seed
    try:
        said, usage = await run.call(lambda: judge_pair(model, question, first, second, sampling, seed))
    except (Unusable, CallFailed) as error:
        await _require_whole(run, "pair", error)
        return {}, str(error), error.usage
    return dict(zip(names, (said.first, said.second), strict=True)), said.reasoning, usage


async def _require_whole(run: Run, role: Role, problem: Unusable | CallFailed) -> None:
    """Raises Stopped, with the cost stored, if the run ended before a second try."""
    if await run.cut_off(problem):
        await run.tally(run.refining.counters[role], used(problem.usage))
        raise Stopped from problem


def _counted(said: str, found: dict[str, str], *, longer: bool) -> Counts:
    """What an opinion adds to the counts of pairs: itself, and the pair once both orders are there."""
    counts = Counts(
        unjudged=said == VerdictKind.unjudged,
        decided=said in ("won", "lost"),
        longer=said in ("won", "lost") and (said == "won") == longer,
    )
    outcome = _outcome(found)
    return counts._replace(**{outcome: 1.0}) if outcome else counts


def _of(row: StoredInstruction, part: Opinion) -> list[StoredVerdict]:
    return [one for one in row["opinions"] if one["part"] == part]


def _texts(row: StoredInstruction) -> tuple[str, str]:
    question, answer = row["question"], row["answer"]
    assert question is not None, "what is refined has a question"
    assert answer is not None, "what is refined is an answer"
    return question, answer


def _watch(run: Run, model: str, *, usable: bool) -> None:
    """Pauses the job if critics and judges give no usable opinions."""
    run.refining.lately.saw(usable=usable)
    if useless := run.refining.useless(model):
        run.control.stop(JobState.paused, useless)


def _verdict(
    run: Run,
    row: StoredInstruction,
    part: Opinion,
    model: str,
    kind: str,
    usage: Usage,
    counts: Counts,
    *,
    why: str,
    flaws: Sequence[str] = (),
    scores: Mapping[str, int] = NO_SCORES,
    order: Order | None = None,
) -> NewVerdict:
    return {
        "instruction": row["id"],
        "judge": run.refining.counters[part],
        "counts": [*counts],
        "verdict": {
            "id": digest(row["id"], part, order or "", model, prompt_of(part)),
            "part": part,
            "order": order,
            "model": model,
            "prompt": prompt_of(part),
            "rule": REFINEMENT_RULE,
            "verdict": kind,
            "applied": kind != VerdictKind.unjudged,
            "scores": json.dumps(dict(scores)),
            "flaws": list(flaws),
            "why": why,
            **use_of_calls(usage),
        },
    }
