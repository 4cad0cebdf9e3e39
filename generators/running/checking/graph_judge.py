"""Has a judge look at what is there: each verdict is stored once it is paid for, and never bought again.

The judge is that of the stream, with its sentinels and its gate: what it finds while it has not told good
samples from bad ones is stored and decides nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from generators.models.budget import Budget
from generators.models.registry import Models, require
from generators.models.settings import ModelSettings, no_price
from generators.quality.judging import verdicts as rules
from generators.quality.judging.verdicts import VerdictKind
from generators.running.frame.context import Caller
from generators.running.frame.crew import each
from generators.running.judging import judge
from generators.spec import BudgetSpec, ChecksSpec, JobSpec, JudgeSpec, ModelsSpec
from generators.usage import Usage
from graph.database import Database, Transaction
from graph.errors import Invalid
from graph.instructions import judged
from graph.jobs.spent import total
from graph.model import digest
from graph.quality import checks, evidence, verdicts
from graph.quality.checks import Check, Hold, JudgeOptions, Step
from graph.quality.evidence import Link
from graph.quality.findings import Finding, Stored
from graph.quality.verdicts import KnownVerdict
from graph.reasons import Part, Reason

RULE_DIGITS = 8


def spec_of(node_id: str, options: JudgeOptions) -> JobSpec:
    """The models, sampling and budget of a check, as those of a job that only judges."""
    parts = JudgeSpec(questions="question" in options.parts, answers="answer" in options.parts)
    budget = options.budget and BudgetSpec.model_validate(options.budget.model_dump())
    return JobSpec(
        root_id=node_id,
        models=ModelsSpec(judge=options.model),
        budget=budget,
        checks=ChecksSpec(judge=parts),
        seed=options.seed,
    )


async def rule_of(database: Database, options: JudgeOptions, settings: ModelSettings) -> str:
    """The id of the rule: of what is judged, by which model and prompts. Raises Invalid and NoEndpoint."""
    spec = spec_of("", options)
    chosen = spec.models.model_dump()
    steps = [judge.STEP[part] for part in options.parts]
    name = settings.name(steps[0], chosen)
    if name is None:
        raise Invalid("name the model that judges: judge.model, --model, or GLAN_JUDGE_MODEL")
    await asyncio.to_thread(require, settings, chosen, steps)
    if options.budget and options.budget.usd is not None and settings.price(steps[0], chosen) is None:
        raise no_price(name)
    told = {
        "model": name,
        "parts": list(options.parts),
        "prompts": [judge.prompt_of(part) for part in options.parts],
        "rules": [judge.RULE[part] for part in options.parts],
    }
    rule = f"judge@1:{digest(repr(told))[:RULE_DIGITS]}"
    await evidence.record_rule(database, rule, told)
    return rule


@dataclass(kw_only=True)
class CheckRun(Caller):
    """One run of one check by a judge."""

    hold: Hold
    ids: Sequence[str] = field(default_factory=tuple)
    """Instructions of the page that is looked at."""

    @property
    def owner(self) -> str:
        """The id of the check."""
        return self.hold.check_id

    async def held(self, tx: Transaction) -> None:
        """Locks the check for the rest of the transaction; raises CheckLost if another worker has it."""
        await checks.step(tx, self.hold, Step())

    async def authors(self, part: Part) -> Sequence[str]:
        """The models that wrote what is judged first."""
        return (await verdicts.authors(self.database, self.ids))[part]


async def run_of(database: Database, models: Models, hold: Hold, check: Check) -> CheckRun:
    """A run of a check, which has spent what its earlier runs have."""
    spec = spec_of(check.node_id, check.judge or JudgeOptions())
    before = total(one.spent for one in await judged.judges_of(database, check.id))
    budget = Budget(spec.budget, Usage.of(before))
    return CheckRun(database=database, spec=spec, models=models, budget=budget, hold=hold)


class Verdicts:
    """How a judge looks at instructions; the next check looks again at what it has not decided about."""

    def __init__(self, run: CheckRun, parts: Sequence[Part]) -> None:
        self._run = run
        self._parts = parts
        self._seats = asyncio.Semaphore(run.models.settings.concurrency)
        self.unsure: set[str] = set()

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """Which of these must be rejected. Raises Stopped once the check must end."""
        self._run.ids = [row.id for row in batch]
        concepts = {id_ for row in batch for id_ in row.concepts}
        names = await evidence.concept_names(self._run.database, [*concepts])
        model = {part: (await self._run.model(judge.STEP[part])).name for part in self._parts}
        wanted: dict[str, tuple[Stored, Part]] = {
            judge.verdict_id(row.id, part, model[part]): (row, part) for row in batch for part in self._parts
        }
        known = await verdicts.known(self._run.database, [*wanted])

        async def ask(id_: str) -> None:
            row, part = wanted[id_]
            asked: judge.Judged = {
                "id": row.id,
                "question": row.question,
                "answer": row.answer,
                "names": [names[one] for one in row.concepts if one in names],
            }
            known[id_] = await self._bought(part, asked)

        await each(_those([id_ for id_ in wanted if id_ not in known]), ask, self._seats)
        return self._findings(wanted, known)

    async def _bought(self, part: Part, row: judge.Judged) -> KnownVerdict:
        """A verdict that is paid for, and stored before anything else is."""
        run = self._run
        run.control.check()
        model = await run.model(judge.STEP[part])
        with model.claimed() as claimed:
            ruled = await judge.ruling(run, claimed, part, row)

            async def work(tx: Transaction) -> None:
                await run.held(tx)
                await verdicts.store(tx, [ruled.verdict])

            await run.database.writing(work)
        await judge.stored(run, part, ruled, row)
        stored = ruled.verdict["verdict"]
        return KnownVerdict(stored["id"], stored["verdict"], stored["applied"], ruled.problem)

    def _findings(
        self, wanted: dict[str, tuple[Stored, Part]], known: dict[str, KnownVerdict]
    ) -> list[Finding]:
        self.unsure = {row.id for id_, (row, _) in wanted.items() if not known[id_].applied}
        found: dict[str, Finding] = {}
        for id_, (row, part) in wanted.items():
            verdict = known[id_]
            if verdict.applied and verdict.verdict == VerdictKind.reject:
                one: Finding = {
                    "instruction": row.id,
                    "created": row.created,
                    "reason": Reason.low_quality,
                    "links": [],
                }
                found.setdefault(row.id, one)["links"].append(_link(row.id, part, verdict))
        return [*found.values()]


def _link(id_: str, part: Part, verdict: KnownVerdict) -> Link:
    rule = rules.QUESTION_RULE if part == "question" else rules.ANSWER_RULE
    told = {"part": part, "said": verdict.problem, "verdict": verdict.id, "rule": rule}
    return {"id": id_, "other": "", "kind": "HAS_VERDICT", "evidence": told}


async def _those(ids: Sequence[str]) -> AsyncIterator[str]:
    for id_ in ids:
        yield id_
