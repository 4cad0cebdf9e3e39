"""Checks of what is there: a rule looks at the instructions below a node, and acts on what it finds.

A check is a job without a model: a worker claims it by compare-and-set, each of its writes carries its
fencing number, and how far it has come is stored in the transaction that stores what it found there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.database import Database, Row, Sealed, Transaction, seal_of_shown
from graph.errors import CheckLost, Conflict, Invalid, NotFound
from graph.model import Text, digest, new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.reasons import PARTS, Part

CREATE = load("check.create")
GET = load("check.get")
LIST = load("check.list")
CHECKS = Sealed("check", "id", load("check.lock_all"), load("check.seal"), seal_of_shown)
CLAIM = load("check.claim")
STEP = load("check.step")
RELEASE = load("check.release")
WANT = load("check.want")


class CheckKind(StrEnum):
    """What a check looks for."""

    duplicates = "duplicates"
    contamination = "contamination"
    texts = "texts"
    safety = "safety"
    judge = "judge"


class CheckState(StrEnum):
    """State of a check; undone: what it withdrew is restored, and its evidence removed."""

    planned = "planned"
    running = "running"
    paused = "paused"
    done = "done"
    failed = "failed"
    undone = "undone"


class Action(StrEnum):
    """What is done with what is found; reject: withdrawn; flag: only the evidence is stored."""

    reject = "reject"
    flag = "flag"


class CheckBudget(BaseModel):
    """Hard limits of a check by a judge; absent means unlimited."""

    model_config = ConfigDict(extra="forbid")

    usd: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = Field(
        default=None, description="Needs the price of the judge"
    )
    tokens: Annotated[int, Field(ge=1, le=10**15)] | None = Field(
        default=None, description="Tokens sent and received"
    )
    calls: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="Number of paid calls"
    )


class JudgeOptions(BaseModel):
    """The model that judges, what it judges, and for how much."""

    model_config = ConfigDict(extra="forbid")

    model: Text | None = Field(default=None, description="The model that judges; default: the settings'")
    parts: list[Part] = Field(
        default_factory=lambda: [*PARTS], min_length=1, max_length=2, description="What is judged"
    )
    budget: CheckBudget | None = Field(
        default=None, description="The check pauses at the first limit reached"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="Passed on to the model"
    )


# Fields that later versions added: a spec without them keeps the key that earlier versions gave it.
ADDED = ("job_id", "judge")


class CheckSpec(BaseModel):
    """A check to begin."""

    model_config = ConfigDict(extra="forbid")

    kind: CheckKind = Field(description="What to look for")
    node_id: Text = Field(description="A node: instructions of the syllabi at or below it are looked at")
    benchmarks: list[Text] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="For contamination: names of loaded benchmarks; default: all of them",
    )
    since: datetime | None = Field(
        default=None, description="Only instructions changed at or after this time"
    )
    job_id: Text | None = Field(
        default=None,
        description="Only instructions of this job, also those that the rule has looked at; duplicates: "
        "compared with later ones of other jobs, too",
    )
    judge: JudgeOptions | None = Field(default=None, description="For a check by a judge")
    dry_run: bool = Field(
        default=False, description="Only say what would be done; verdicts of a judge are paid for and kept"
    )
    action: Action = Field(
        default=Action.reject,
        description="reject: withdraw what is found; flag: only store the evidence; default: flag for "
        "safety, reject for others",
    )

    @model_validator(mode="after")
    def _default_action(self) -> Self:
        if self.kind is CheckKind.safety and "action" not in self.model_fields_set:
            self.action = Action.flag
        return self

    def key(self) -> str:
        """A digest, by which a repeated command finds the check it began."""
        added = {name for name in ADDED if getattr(self, name) is None}
        return digest(json.dumps(self.model_dump(mode="json", exclude=added), sort_keys=True))


class Check(BaseModel):
    """A check with its counts."""

    id: str = Field(description="Sorts by the time of its creation")
    kind: CheckKind
    node_id: str = Field(description="The node below which it looks")
    state: CheckState
    phase: str | None = Field(
        default=None,
        description="preparing: older questions get what they are found by; looking; settling: what was "
        "found is withdrawn or flagged; null before and after",
    )
    rule: str = Field(
        description="Id of the rule, such as near-duplicates@3; what it has looked at is skipped"
    )
    benchmarks: list[str] | None = Field(
        default=None, description="Those chosen; null: all, or none are used"
    )
    since: datetime | None = Field(
        default=None, description="Only instructions changed at or after this time"
    )
    job_id: str | None = Field(default=None, description="Only instructions of this job; null: of all")
    judge: JudgeOptions | None = Field(default=None, description="Of a check by a judge")
    action: Action
    dry_run: bool = Field(description="Whether it only says what it would do")
    looked_at: int = Field(description="Instructions it has looked at")
    found: int = Field(description="Instructions that are not to be kept, or are flagged")
    variants: int = Field(
        description="Instructions that differ from earlier ones in a value or word; these stay"
    )
    withdrawn: int = Field(description="Instructions it has withdrawn")
    restored: int = Field(description="Of these, those that undoing it has restored")
    reason: str | None = Field(
        default=None, description="Why it is in this state, if that needs an explanation"
    )
    created_at: datetime = Field(description="UTC")
    created_by: str = Field(description="The caller, such as rest or the name of a token")
    started_at: datetime | None = Field(default=None, description="When a worker took it first")
    ended_at: datetime | None = Field(default=None, description="When it ended")
    undone_at: datetime | None = Field(default=None, description="When it was undone")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        known: Row = {name: row.get(name) for name in cls.model_fields}
        options = known.pop("judge")
        return cls(**known, judge=JudgeOptions.model_validate_json(options) if options else None)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen without a request."""
        return self.state not in (CheckState.planned, CheckState.running)


@dataclass(frozen=True)
class Hold:
    """A worker's hold on a check; all its writes carry it, so after losing it the worker writes nothing."""

    check_id: str
    fence: int
    lease_s: float


@dataclass
class Step:
    """A part of a check that is done: how far it is now, and what to add to its counts."""

    place: Row = field(default_factory=dict[str, Any])
    looked_at: int = 0
    found: int = 0
    variants: int = 0
    withdrawn: int = 0
    writes: int = 0
    """1 where instructions change."""


async def create(
    database: Database, spec: CheckSpec, rule: str, by: str, check_id: str | None = None
) -> Check:
    """Stores a check, which a worker then runs; the same id twice gives one check. Raises NotFound."""
    wanted = spec.model_dump(mode="json", exclude={"node_id", "judge"})
    if spec.kind is CheckKind.judge:
        wanted["judge"] = (spec.judge or JudgeOptions()).model_dump_json()
    properties = wanted | {"rule": rule, "created_by": by, "spec_key": spec.key()}
    rows = await database.write(CREATE, id=check_id or new_id(), node_id=spec.node_id, properties=properties)
    if not rows:
        raise NotFound(f"no node has the id {spec.node_id}")
    return Check.from_row(rows[0]["check"])


async def get(database: Database, check_id: str) -> Check:
    """One check; raises NotFound."""
    rows = await CHECKS.whole(database, await database.read(GET, id=check_id))
    if not rows:
        raise NotFound(f"no check has the id {check_id}; GET /v1/checks lists them")
    return Check.from_row(rows[0]["check"])


async def list_checks(
    database: Database,
    kinds: Sequence[CheckKind] | None = None,
    states: Sequence[CheckState] | None = None,
    spec_key: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Check]:
    """A page of checks, newest first."""
    [before] = decode("checks", cursor, ("~",))
    wanted = {"kinds": kinds and list(kinds), "states": states and list(states), "spec_key": spec_key}
    rows = await database.read(LIST, wanted=wanted, before=before, limit=limit + 1)
    found = page("checks", await CHECKS.whole(database, rows), limit, lambda row: (row["check"]["id"],))
    return Page(items=[Check.from_row(row["check"]) for row in found.items], next=found.next)


STATES: dict[Literal["pause", "resume"], tuple[tuple[CheckState, ...], str | None, CheckState]] = {
    "pause": ((CheckState.planned, CheckState.running), "paused", CheckState.paused),
    "resume": (
        (CheckState.planned, CheckState.running, CheckState.paused, CheckState.failed),
        None,
        CheckState.planned,
    ),
}


async def act(database: Database, check_id: str, action: Literal["pause", "resume"]) -> Check:
    """Pauses or resumes a check; raises NotFound, or Conflict if its state does not allow that."""
    states, wanted, state = STATES[action]
    rows = await database.write(WANT, id=check_id, wanted=wanted, state=state, **{"from": list(states)})
    check = await get(database, check_id)
    if not rows[0]["may"] and check.state is not state:
        raise Conflict(f"cannot {action} a check that is {check.state}")
    return check


async def claim(
    database: Database, worker: str, lease_s: float, ids: Sequence[str] | None = None
) -> tuple[Hold, Row] | None:
    """Claims the oldest check that waits, or whose worker is dead, among `ids` if given; None without one.

    Returns the hold and the stored properties of the check.
    """
    rows = await database.write(CLAIM, ids=ids and list(ids), worker=worker, lease_ms=int(lease_s * 1000))
    if not rows:
        return None
    found = rows[0]["check"]
    return Hold(found["id"], found["fence"], lease_s), found


async def step(writer: Database | Transaction, hold: Hold, done: Step) -> str | None:
    """Locks the check, records a step and renews the lease; returns the state that a user asked for.

    In a transaction, to be called first. Raises CheckLost if another worker has it.
    """
    params: Row = {
        "id": hold.check_id,
        "fence": hold.fence,
        "lease_ms": int(hold.lease_s * 1000),
        "step": {name: getattr(done, name) for name in Step.__dataclass_fields__},
    }
    run = writer.run if isinstance(writer, Transaction) else writer.write
    rows = await run(STEP, **params)
    if not rows:
        raise CheckLost(hold.check_id)
    return rows[0]["wanted"]


async def release(
    database: Database, hold: Hold, state: CheckState, reason: str | None = None, *, asked: bool = False
) -> CheckState:
    """Gives up the check; returns the state in which it is left. Raises CheckLost.

    That is `state`, unless users' requests say otherwise: one to pause that was not seen in time, or, where
    it stops because it was `asked` to, one to resume since.
    """
    rows = await database.write(
        RELEASE, id=hold.check_id, fence=hold.fence, state=state, reason=reason, asked=asked
    )
    if not rows:
        raise CheckLost(hold.check_id)
    return CheckState(rows[0]["state"])


def require_sound(spec: CheckSpec) -> None:
    """Raises Invalid if something is chosen that a check of this kind does not use."""
    if spec.benchmarks is not None and spec.kind is not CheckKind.contamination:
        raise Invalid("benchmarks: only a check for contamination uses them")
    if spec.judge is not None and spec.kind is not CheckKind.judge:
        raise Invalid("judge: only a check by a judge has these options")
