"""Refines stored answers, as long as that makes them better, and keeps what they were made from as drafts.

The first refined answers are all compared with what they were made from, later ones by chance of their ids. A
compared one is kept only if it wins in both orders; the others are believed as long as enough of those do.
"""

import logging

from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.quality.judging.verdicts import REFINEMENT_RULE
from generators.running.answering import refinement
from generators.running.answering.refinement import STEP
from generators.running.frame import settling
from generators.running.frame.context import Run
from generators.running.frame.refining import ROLES, Refining
from graph.instructions.rows import Facts, StoredInstruction
from graph.jobs.refinement import FEWEST_PAIRS, LEAST_WON
from graph.model import digest
from graph.quality import evidence

log = logging.getLogger("glan")


async def refined(run: Run, row: StoredInstruction, topic: str = "") -> StoredInstruction | None:
    """The instruction with the better one of two answers, if it awaits more; None if it is accepted."""
    if row["awaits"] != "refinement":
        return row
    refining = await _ready(run)
    async with refining.place() as trial:
        run.control.check()
        facts: Facts = await _better(run, row, topic, trial=trial) if refining.on else Facts()
    text = facts.get("answer") or row["answer"]
    assert text is not None, "an answer is there"
    return await settling.settle(run, row, facts, settling.next_of(run.spec, text, "refinement"))


async def _better(run: Run, row: StoredInstruction, topic: str, *, trial: bool) -> Facts:
    """What changes about an instruction because its answer was refined; nothing if the answer stays."""
    problems = await refinement.critique(run, row)
    if not problems:
        return {}
    draft = await refinement.rewritten(run, row, problems, topic)
    text, answer = draft["text"], row["answer"]
    if text is None or draft["reason"] is not None or text == answer:
        return {}
    assert answer is not None, "an answer is there"
    better: Facts = {
        "answer": text,
        "answer_prompt": prompt_hash("refinements"),
        "answer_prompt_version": version_of("refinements"),
        "checked": [*row["checked"], REFINEMENT_RULE],
        **settling.flags(run.spec, row, text, topic),
    }
    if not (trial or _is_due(row["id"], run.spec.checks.refine.compare)):
        return better
    was_on = run.refining.on
    outcome = await refinement.compare(run, row, text)
    if was_on and (said := run.refining.off):
        log.warning("job %s: %s", run.lease.job_id, said)
        run.progress.notes.add(said)
    if outcome == "won":
        return {**better, "rejected_answer": answer}
    return {"rejected_answer": text, "checked": better["checked"]} if outcome == "lost" else {}


def _is_due(id_: str, share: float) -> bool:
    """Whether a refined answer is compared: the same in every run."""
    return int(digest(id_, "compare")[:8], 16) < share * 16**8


async def _ready(run: Run) -> Refining:
    """The counters of the job's refining, read once."""
    refining = run.refining
    async with refining.begun:
        if not refining.ready:
            for role in ROLES:
                refining.counters[role], counts = await run.counter(role, STEP[role], REFINEMENT_RULE)
                if role == "pair":
                    refining.pairs = counts
            settings = {
                "pairs": FEWEST_PAIRS,
                "least_won": LEAST_WON,
                "compare": run.spec.checks.refine.compare,
            }
            await evidence.record_rule(run.database, REFINEMENT_RULE, settings)
            refining.ready = True
    return refining
