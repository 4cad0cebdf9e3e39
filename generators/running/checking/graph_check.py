"""Runs a check of what is there: its phases, each resumable, for it stores how far it is with what it found.

Duplicates take three phases. Older questions get the words and keys that others find them by; then each is
compared with those that came before it; then, in the order in which they were made, each is withdrawn if one
that is kept says the same. So what is kept does not depend on the order in which the syllabi were looked at,
and nothing is withdrawn for something that is withdrawn itself.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import Any, Protocol

from generators.models.registry import Models
from generators.models.settings import ModelSettings
from generators.models.stop import Stopped, now_s
from generators.quality.duplicates.near_duplicates import RULE
from generators.quality.rules import personal_data, text_rules
from generators.running.checking import graph_judge
from generators.running.checking.graph_check_looks import Contamination, Duplicates, Safety, Texts, keyed
from generators.running.checking.graph_judge import CheckRun, Verdicts
from generators.running.comparing.benchmarks import Benchmarks, InForce, rule_against
from generators.running.comparing.checks import DUPLICATES_SETTINGS
from generators.running.frame.trouble import Trouble
from graph.database import Database, Row, Transaction
from graph.errors import CheckLost, Conflict, GraphError
from graph.instructions import withdrawal
from graph.jobs.job import JobState
from graph.quality import checks, evidence, findings
from graph.quality.checks import Action, Check, CheckKind, CheckSpec, CheckState, Hold, JudgeOptions, Step
from graph.quality.evidence import RELATED, Link
from graph.quality.findings import Finding, Outcome, Settled, Stored

log = logging.getLogger("glan")

HEARTBEAT_S = 1.0
PREPARED_AT_ONCE = 500
LOOKED_AT_ONCE = 100
SETTLED_AT_ONCE = 100
# Another worker may keep a question at the same moment as this one gives it a key.
TRIES = 5
PHASES = {
    CheckKind.duplicates: ("preparing", "looking", "settling"),
    CheckKind.contamination: ("looking", "settling"),
    CheckKind.texts: ("looking", "settling"),
    CheckKind.safety: ("looking", "settling"),
    CheckKind.judge: ("looking", "settling"),
}


async def rule_of(database: Database, spec: CheckSpec, settings: ModelSettings | None = None) -> str:
    """The id of the rule by which a check looks; raises NotFound or Conflict where it cannot be applied.

    A judge needs the `settings` of models: raises Invalid or NoEndpoint without one that can be asked.
    """
    if spec.kind is CheckKind.judge:
        assert settings, "a judge is a model"
        return await graph_judge.rule_of(database, spec.judge or JudgeOptions(), settings)
    if spec.kind is CheckKind.contamination:
        return await rule_against(database, spec.benchmarks)
    if spec.kind is CheckKind.texts:
        await evidence.record_rule(database, text_rules.RULE, text_rules.settings())
        return text_rules.RULE
    if spec.kind is CheckKind.safety:
        kinds = [str(kind) for kind in personal_data.PersonalData]
        await evidence.record_rule(database, personal_data.RULE, {"kinds": kinds})
        return personal_data.RULE
    await evidence.record_rule(database, RULE, DUPLICATES_SETTINGS)
    return RULE


class Look(Protocol):
    """How a rule looks at instructions."""

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """What is found about some of them; nothing about those without a finding."""
        ...

    @property
    def unsure(self) -> AbstractSet[str]:
        """Those of the last batch that the rule has not decided about: the next check looks at them again."""
        ...


class _Stopped(Exception):
    """A user or the shutdown of the service asks to stop."""

    def __init__(self, state: CheckState, reason: str | None = None, *, asked: bool = False) -> None:
        super().__init__(state, reason)
        self.state, self.reason, self.asked = state, reason, asked


async def run_check(
    database: Database,
    hold: Hold,
    stored: Row,
    quit: asyncio.Event,
    benchmarks: Benchmarks,
    models: Models | None = None,
) -> CheckState | None:
    """Runs a claimed check to its end and returns its state; None if the hold was lost.

    Setting `quit` hands it back for the next worker after the part it is at. A judge needs `models`.
    """
    patient = database.waiting_for_room()
    run = GraphCheck(patient, hold, stored, quit, benchmarks)
    state, reason, asked = CheckState.done, None, False
    try:
        if run.judges:
            assert models, "a judge is a model"
            await run.ask(models)
        async with run.held(database):
            await run.phases()
        reason = run.notes
    except _Stopped as stopped:
        state, reason, asked = stopped.state, stopped.reason, stopped.asked
    except CheckLost as error:
        log.warning("%s", error)
        return None
    except Conflict as error:
        state, reason = CheckState.failed, str(error)
    try:
        return await checks.release(patient, hold, state, reason, asked=asked)
    except CheckLost:
        return None


class GraphCheck:
    """A claimed check while it runs."""

    def __init__(
        self, database: Database, hold: Hold, stored: Row, quit: asyncio.Event, benchmarks: Benchmarks
    ) -> None:
        self._database = database
        self._hold = hold
        self._check = Check.from_row(stored)
        self._place: Row = {name: stored.get(name) for name in ("phase", "syllabus", "after")}
        self._quit = quit
        self._benchmarks = benchmarks
        self._wanted: str | None = None
        self._lost = False
        self._caller: CheckRun | None = None

    @property
    def judges(self) -> bool:
        """Whether a model is asked."""
        return self._check.kind is CheckKind.judge

    async def ask(self, models: Models) -> None:
        """Prepares to ask a judge; nothing is paid for before the first heartbeat."""
        self._caller = await graph_judge.run_of(self._database, models, self._hold, self._check)
        self._caller.control.held_until(0)

    @property
    def notes(self) -> str | None:
        """What there is to say about a check that has ended."""
        return "; ".join(sorted(self._caller.progress.notes)) or None if self._caller else None

    @asynccontextmanager
    async def held(self, database: Database) -> AsyncGenerator[None]:
        """Renews the lease, and looks for requests to pause the check, as long as the block runs."""
        heart = asyncio.create_task(self._beat(database), name="heartbeat of a check")
        try:
            yield
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)

    async def _beat(self, database: Database) -> None:
        trouble = Trouble()
        while True:
            asked_s = now_s()
            try:
                self._wanted = await checks.step(database, self._hold, Step())
                self._tell(asked_s)
                trouble.ended()
            except CheckLost:
                self._lost = True
                self._tell(asked_s)
                return
            except GraphError as error:  # whatever it is: nobody else renews the lease or obeys requests
                if self._caller:
                    self._caller.control.missed(error, quitting=self._quit.is_set())
                trouble.tell(error, f"check {self._hold.check_id} waits: ")
            await asyncio.sleep(min(HEARTBEAT_S, self._hold.lease_s / 3))

    def _tell(self, asked_s: float) -> None:
        """Lets a judge's calls continue while the lease holds, or ends them."""
        if self._caller is None:
            return
        control = self._caller.control
        if self._lost:
            control.stop(JobState.running)
        elif self._wanted or self._quit.is_set():
            control.stop(JobState.paused if self._wanted else JobState.planned, asked=bool(self._wanted))
        else:
            control.held_until(asked_s + self._hold.lease_s)

    async def phases(self) -> None:
        """Does what is left; raises _Stopped, CheckLost, or Conflict where it cannot continue."""
        order = PHASES[self._check.kind]
        begun = self._place["phase"] or order[0]
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "preparing": self._prepare,
            "looking": self._look_at_all,
            "settling": self._settle_all,
        }
        for phase in order[order.index(begun) :]:
            if phase != self._place["phase"]:
                await self._begin(phase)
            await work[phase]()
        await self._begin(None)

    async def _begin(self, phase: str | None) -> None:
        self._place = {"phase": phase, "syllabus": None, "after": None}
        await checks.step(self._database, self._hold, Step(self._place))

    def _go_on(self) -> None:
        if self._lost:
            raise CheckLost(self._hold.check_id)
        if self._wanted:
            raise _Stopped(CheckState(self._wanted), asked=True)
        if self._quit.is_set():
            raise _Stopped(CheckState.planned)

    async def _syllabi(self) -> AsyncGenerator[str]:
        """The syllabi below the node, from the one on that was looked at last."""
        start = self._place["syllabus"] or ""
        async for some in findings.syllabi(self._database, self._check.node_id, start):
            for syllabus in some:
                self._go_on()
                yield syllabus

    async def _prepare(self) -> None:
        async for syllabus in self._syllabi():
            while rows := await findings.unprepared(self._database, syllabus, PREPARED_AT_ONCE):
                self._go_on()
                given = await asyncio.to_thread(keyed, rows)
                place = {"phase": "preparing", "syllabus": syllabus}
                await self._stored(
                    lambda tx, given=given: evidence.give_keys(tx, given, by_age=True), Step(place)
                )

    async def _stored(self, work: Callable[[Transaction], Awaitable[Any]], done: Step) -> None:
        """Stores something together with how far the check is then."""

        async def both(tx: Transaction) -> None:
            await checks.step(tx, self._hold, done)
            await work(tx)

        for left in reversed(range(TRIES)):
            try:
                await self._database.writing(both, once=True)
                break
            except Conflict:
                if not left:
                    raise
        self._place |= done.place

    async def _look_at_all(self) -> None:
        look = await self._look()
        async for syllabus in self._syllabi():
            after = (self._place["after"] or "") if self._place["syllabus"] == syllabus else ""
            while rows := await self._unlooked(syllabus, after):
                self._go_on()
                after = rows[-1].id
                found = await self._found(look, rows)
                await self._looked(found, [row.id for row in rows], look.unsure, syllabus)

    async def _found(self, look: Look, rows: Sequence[Stored]) -> list[Finding]:
        try:
            return await look.found(rows)
        except Stopped:
            self._go_on()
            assert self._caller, "only calls of models are stopped"
            control = self._caller.control
            if control.state is JobState.over_budget:
                reason = f"{(control.reason or '').partition(';')[0]}: begin it with a higher budget"
                raise _Stopped(CheckState.paused, f"{reason}; no verdict is paid for twice") from None
            state = CheckState.planned if control.state is JobState.planned else CheckState.paused
            raise _Stopped(state, control.reason, asked=control.asked) from None

    async def _unlooked(self, syllabus: str, after: str) -> list[Stored]:
        check = self._check
        wanted = findings.wanted(check.node_id, check.rule, check.since, check.job_id)
        return await findings.unlooked(self._database, syllabus, after, wanted, LOOKED_AT_ONCE)

    async def _looked(
        self, found: Sequence[Finding], looked: Sequence[str], unsure: AbstractSet[str], syllabus: str
    ) -> None:
        place = {"phase": "looking", "syllabus": syllabus, "after": looked[-1]}
        rule = None if self._check.dry_run else self._check.rule
        await self._stored(
            lambda tx: findings.find(
                tx, self._check.id, found, [id_ for id_ in looked if id_ not in unsure], rule
            ),
            Step(place, looked_at=len(looked)),
        )

    async def _look(self) -> Look:
        if self._check.kind is CheckKind.duplicates:
            # In a thread: it reads the list of frequencies.
            return await asyncio.to_thread(Duplicates, self._database, self._check.job_id)
        if self._check.kind is CheckKind.texts:
            return Texts(self._database)
        if self._check.kind is CheckKind.safety:
            return Safety()
        if self._caller:
            return Verdicts(self._caller, (self._check.judge or JudgeOptions()).parts)
        return Contamination(await self._in_force())

    async def _in_force(self) -> InForce:
        found = await self._benchmarks.in_force(self._check.benchmarks, fresh=True)
        if found is None or found.rule != self._check.rule:
            raise Conflict("benchmarks were loaded or removed since this check began: begin another one")
        return found

    async def _settle_all(self) -> None:
        while page := await findings.of(
            self._database, self._check.id, self._place["after"] or "", SETTLED_AT_ONCE
        ):
            self._go_on()
            done = await self._database.writing(lambda tx, page=page: self._settle(tx, page), once=True)
            self._place |= done

    async def _settle(self, tx: Transaction, page: Sequence[Settled]) -> Row:
        """Decides about some findings and stores what follows; returns how far the check is then."""
        # Locks the check, before anything else that this transaction locks.
        await checks.step(tx, self._hold, Step())
        others = {link["other"] for one in page for link in one.links if link["kind"] in RELATED}
        ids = sorted(others | {one.instruction for one in page})
        standing = await withdrawal.standing(tx, ids)
        refused = await findings.refused(tx, self._check.id, ids)
        action = Outcome.withdraw if self._check.action is Action.reject else Outcome.flag
        settled = [(one, *decided(one, standing, refused, action)) for one in page]
        withdrawn: list[str] = []
        if not self._check.dry_run:
            wanted: list[withdrawal.Withdrawal] = [
                {"id": one.instruction, "reason": one.reason or ""}
                for one, outcome, _ in settled
                if outcome is Outcome.withdraw
            ]
            withdrawn = await withdrawal.withdraw(tx, self._check.id, wanted)
            await evidence.link(
                tx,
                [
                    self._named(link)
                    for _, outcome, links in settled
                    if outcome is not Outcome.waived
                    for link in links
                ],
            )
        await findings.settle(tx, [(one.id, outcome, links) for one, outcome, links in settled])
        place: Row = {"phase": "settling", "after": page[-1].id}
        outcomes = [outcome for _, outcome, _ in settled]
        counted = Step(
            place,
            found=outcomes.count(Outcome.withdraw) + outcomes.count(Outcome.flag),
            variants=sum(outcome is Outcome.keep and bool(links) for _, outcome, links in settled),
            withdrawn=len(withdrawn),
            writes=1 if withdrawn else 0,
        )
        await checks.step(tx, self._hold, counted)
        return place

    def _named(self, link: Link) -> Link:
        return {**link, "evidence": {**link["evidence"], "check_id": self._check.id}}


def decided(
    one: Settled, standing: dict[str, Row], refused: set[str], action: Outcome
) -> tuple[Outcome, list[Link]]:
    """What comes of a finding, and the links that are left: only to what is kept.

    Adds the instruction to `refused` if it is not to be kept.
    """
    own = standing.get(one.instruction)
    if own is None or own["status"] != "accepted":
        return Outcome.keep, []
    if own["waived_by"] is not None:
        return Outcome.waived, one.links
    kept = [
        link
        for link in one.links
        if link["kind"] not in RELATED
        or (link["other"] not in refused and standing.get(link["other"], {}).get("status") == "accepted")
    ]
    links = [
        *findings.most(kept, "NEAR_DUPLICATE_OF"),
        *findings.most(kept, "VARIANT_OF"),
        *(link for link in kept if link["kind"] not in RELATED),
    ]
    if all(link["kind"] == "VARIANT_OF" for link in links):
        return Outcome.keep, links
    if one.reason is None:
        return Outcome.flag, links
    refused.add(one.instruction)
    return action, links


async def fail(database: Database, hold: Hold, reason: str) -> None:
    """Leaves a check as failed, if it is still held."""
    try:
        await checks.release(database, hold, CheckState.failed, reason)
    except GraphError as error:
        log.error("%s", error)
