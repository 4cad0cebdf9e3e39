"""Work units of jobs: planned before their first call, updated with their results, read in pages."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NotRequired, TypedDict, cast, final, overload

from graph.database import Database, Transaction
from graph.queries import load

ALL_BRANCHES = load("unit.all_branches")
BRANCHES = load("unit.branches")
PENDING = load("unit.pending")
PLAN = load("unit.plan")
PLANNED = load("unit.planned")
RECORD = load("unit.record")
SETTLE = load("unit.settle")
SHORT = load("unit.short")
STRATA = load("unit.strata")
TO_DO = load("unit.to_do")
UNSETTLED = load("unit.unsettled")

PAGE = 500

GrowthStep = Literal["subjects", "syllabi"]
NamingStep = Literal["taxonomy"]
UnitStep = Literal["levels", NamingStep, GrowthStep, "draw", "instructions", "pairs"]


class Unit(TypedDict):
    """The fields of every unit; the id is derived from the unit's work."""

    id: str
    branch_id: str
    node_id: str


@final
class LevelUnit(Unit):
    """A level of the taxonomy, below the root of the job, for whose nodes lists of names are planned.

    It is done once all of them are planned.
    """

    step: Literal["levels"]
    kind: str
    """The kind of what is asked for: Field, Subfield or Discipline."""
    after: NotRequired[str]
    """The last node whose lists are planned."""


@final
class NamingUnit(Unit):
    """A unit that asks for a list of names of one kind below its node; its branch is the root of the job."""

    step: NamingStep
    kind: str
    sample: int
    draft: NotRequired[str]
    """The reply to the first request, once it is paid for."""


@final
class GrowthUnit(Unit):
    """A unit that asks for a list of subjects, or for a syllabus."""

    step: GrowthStep
    draft: NotRequired[str]
    """The reply to the first request, once it is paid for."""


@final
class DrawUnit(Unit):
    """Instructions to plan for a branch: all, and those left; both unset until its share is settled.

    `across`: from crossings, which waits until all branches are grown.
    """

    step: Literal["draw"]
    across: NotRequired[bool | None]
    requested: NotRequired[int | None]
    left: NotRequired[int | None]


class Drawn(TypedDict):
    """Places of one stratum (generators.spaces.handed_out), from which `requested` instructions are made."""

    stratum: str
    requested: int


class Interval(Drawn):
    """`count` places of one lap from `start`, except those `skipped`."""

    start: int
    count: int
    skipped: list[int]


class Listed(Drawn):
    """Places that are not contiguous."""

    positions: list[int]


class SpaceUnit(Unit):
    """Instructions to make in one version of the space of a syllabus, or of a crossing with `partner_id`."""

    step: Literal["instructions"]
    partner_id: NotRequired[str | None]
    space_version: str


@final
class IntervalUnit(SpaceUnit, Interval):
    """Instructions to make at the positions of an interval."""


@final
class ListedUnit(SpaceUnit, Listed):
    """Instructions to make at the positions of a list."""


@final
class PairUnit(Unit):
    """A question of a test set (`node_id`) that two models answer; its branch is the discipline."""

    step: Literal["pairs"]


InstructionUnit = IntervalUnit | ListedUnit
WorkUnit = LevelUnit | NamingUnit | GrowthUnit | DrawUnit | InstructionUnit | PairUnit
"""A unit as it is planned, with the fields that the steps read; `step` tells which type it is."""


class Short(TypedDict):
    """A draw unit that found fewer combinations than it was asked for."""

    id: str
    branch_id: str
    left: int
    across: bool


class Unsettled(TypedDict):
    """A draw unit without a share."""

    id: str
    branch_id: str
    across: bool


class Planned(TypedDict):
    """Instructions of a job in one syllabus: all that are planned, and those of units still pending."""

    id: str
    planned: int
    pending: int


class PlannedOfStratum(TypedDict):
    """The number of instructions that a job has planned in one stratum, such as single:3."""

    stratum: str
    planned: int


async def plan(tx: Transaction, job_id: str, units: Sequence[WorkUnit]) -> None:
    """Stores work units; existing ones stay as they are."""
    if units:
        await tx.run(PLAN, job_id=job_id, rows=sorted(units, key=lambda unit: unit["id"]))


@overload
async def pending(database: Database, job_id: str, branch_id: str, step: GrowthStep) -> list[GrowthUnit]: ...
@overload
async def pending(
    database: Database, job_id: str, branch_id: str, step: Literal["levels"]
) -> list[LevelUnit]: ...
@overload
async def pending(database: Database, job_id: str, branch_id: str, step: NamingStep) -> list[NamingUnit]: ...
@overload
async def pending(
    database: Database, job_id: str, branch_id: str, step: Literal["draw"]
) -> list[DrawUnit]: ...
@overload
async def pending(
    database: Database, job_id: str, branch_id: str, step: Literal["instructions"]
) -> list[InstructionUnit]: ...
async def pending(database: Database, job_id: str, branch_id: str, step: UnitStep) -> Sequence[WorkUnit]:
    """The pending units of one step of one branch."""
    rows = await database.read(PENDING, job_id=job_id, branch_id=branch_id, step=step)
    return [row["unit"] for row in rows]


async def branches(database: Database, job_id: str, after: str = "", limit: int = 100) -> list[str]:
    """Ids of up to `limit` branches with pending units, in order, after the id `after`."""
    return [row["id"] for row in await database.read(BRANCHES, job_id=job_id, after=after, limit=limit)]


async def all_branches(database: Database, job_id: str) -> list[str]:
    """Ids of all branches of the job."""
    return [row["id"] for row in await database.read(ALL_BRANCHES, job_id=job_id)]


async def short(database: Database, job_id: str) -> list[Short]:
    """The draw units that found fewer combinations than they were asked for."""
    return cast(list[Short], await database.read(SHORT, job_id=job_id))


async def record(
    tx: Transaction,
    unit_id: str,
    changes: Mapping[str, Any],
    *,
    calls: int = 0,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    usd: float | None = 0.0,
) -> None:
    """Changes properties of a unit and adds to its usage; `usd` is None if the price is unknown."""
    await tx.run(
        RECORD,
        id=unit_id,
        changes=changes,
        calls=calls,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        usd=usd,
    )


def by_syllabus(units: Iterable[InstructionUnit]) -> Iterator[list[InstructionUnit]]:
    """Groups units that are sorted by syllabus into one list per syllabus or crossing."""

    def space(unit: InstructionUnit) -> tuple[str, str]:
        return unit["node_id"], unit.get("partner_id") or ""

    for _, group in groupby(sorted(units, key=space), key=space):
        yield list(group)


async def to_do(database: Database, job_id: str, branch_id: str) -> AsyncIterator[list[InstructionUnit]]:
    """The pending instruction units of a branch, in lists of one syllabus or crossing, read page by page.

    One whose units span two pages comes in two lists.
    """
    node = after = ""
    while True:
        page = await database.read(
            TO_DO, job_id=job_id, branch_id=branch_id, node=node, after=after, limit=PAGE
        )
        for units in by_syllabus(row["unit"] for row in page):
            yield units
        if len(page) < PAGE:
            return
        node, after = page[-1]["unit"]["node_id"], page[-1]["unit"]["id"]


async def planned(database: Database, job_id: str, branch_id: str) -> dict[str, Planned]:
    """What a job has planned in a branch, by syllabus id; of a crossing, both ids with a space between."""
    rows = await database.read(PLANNED, job_id=job_id, branch_id=branch_id)
    return {row["id"]: row for row in cast(list[Planned], rows)}


async def unsettled(database: Database, job_id: str) -> list[Unsettled]:
    """The draw units that have no share yet."""
    return cast(list[Unsettled], await database.read(UNSETTLED, job_id=job_id))


async def settle(tx: Transaction, shares: Sequence[tuple[str, int]]) -> None:
    """Gives draw units (by id) their shares; units that have one keep it."""
    await tx.run(SETTLE, rows=[{"id": id_, "share": share} for id_, share in shares])


async def strata(reader: Database | Transaction, job_id: str) -> list[PlannedOfStratum]:
    """What a job has planned in each stratum, leaving out strata without units."""
    return cast(list[PlannedOfStratum], await reader.rows(STRATA, job_id=job_id))
