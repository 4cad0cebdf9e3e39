"""Runs the units that grow the taxonomy: lists of names, lists of subjects, and syllabi, in two turns each.

The first turn's text is stored at once, so that after a crash between the turns it is not paid for again.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from generators.errors import CallFailed, Unusable
from generators.method import METHOD
from generators.models.chat import ChatModel, Message
from generators.models.stop import Stopped
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.running.frame.context import Run
from generators.steps import subjects, syllabi, taxonomy
from generators.steps.asking import FEWEST_LINES, Shorter, draft
from generators.usage import Usage
from graph.database import Row, Transaction
from graph.errors import NotFound
from graph.jobs import leases, units
from graph.jobs.units import GrowthUnit, NamingUnit
from graph.model import Kind, Node, Status
from graph.taxonomy import naming, nodes
from graph.taxonomy.walking import traversal

NOTHING = Usage()

Store = Callable[[Transaction], Coroutine[Any, Any, Any]]
OneUnit = NamingUnit | GrowthUnit


class Work(NamedTuple):
    """The result of a unit's calls: how to store it, what it cost, and counts of what was dropped.

    `store` may return further counts.
    """

    store: Store
    usage: Usage
    warnings: dict[str, int]


async def run_names(run: Run, unit: NamingUnit) -> None:
    """Asks for one list of names of fields, sub-fields or disciplines below a node and stores it.

    What other lists of the job named is not shown to the model: the samples are independent.
    """
    run.control.check()
    node = await _in_use(run, unit, proposed=True)
    if node is None:
        return
    kind, spec = Kind(unit["kind"]), run.spec.naming
    place = await _place(run, node, kind)
    seed = None if run.spec.seed is None else run.spec.seed + unit["sample"]

    async def work(model: ChatModel) -> Work:
        def turn(*, short: bool = False) -> list[Message]:
            return taxonomy.conversation(place, spec.names, run.spec.language, small=model.small, short=short)

        def shorter() -> list[Message]:
            return turn(short=True)

        sampling = taxonomy.sampling_for(model, spec.names, run.sampling["taxonomy"])
        fewest = min(FEWEST_LINES, spec.names)
        drafting = draft(model, turn(), sampling, seed, shorter, fewest)
        drafted = await _kept(run, unit, model, drafting)
        found = await taxonomy.extract(model, turn(), drafted, kind, spec.names, sampling, seed, shorter)

        async def store(tx: Transaction) -> Row:
            return await taxonomy.store(tx, node.id, kind, found.names, spec.samples, run.lease.job_id)

        return Work(store, found.usage, found.warnings)

    await _run(run, unit, await run.model("taxonomy"), work)


async def _place(run: Run, node: Node, kind: Kind) -> taxonomy.Place:
    """What a model is told of the node, with the names below it that this job has not proposed."""
    by = f"job {run.lease.job_id}"
    children = await naming.taken(run.database, node.id)
    known = tuple(child["name"] for child in children if child["created_by"] != by)
    above = await naming.above(run.database, node.id)
    upper = tuple(one["name"] for one in above[1:] if Kind(one["kind"]) is not Kind.Taxonomy)
    return taxonomy.Place(kind, node.name, node.kind, node.description, upper, known)


async def run_subjects(run: Run, unit: GrowthUnit) -> None:
    """Asks for one list of subjects of a discipline and stores it."""
    run.control.check()
    discipline = await _in_use(run, unit)
    if discipline is None:
        return
    known = await traversal.child_names(run.database, discipline.id, Kind.Subject)
    cap = run.spec.subjects_per_discipline
    missing = None if cap is None else cap - len(known)
    if missing is not None and missing <= 0:
        await _finish(run, unit, {"state": "done"})
        return

    def turn(*, short: bool = False) -> list[Message]:
        return subjects.conversation(
            discipline.name, discipline.description, known, missing, run.spec.language, short=short
        )

    def shorter() -> list[Message]:
        return turn(short=True)

    async def work(model: ChatModel) -> Work:
        drafted = await _drafted(run, unit, model, turn(), shorter)
        found = await subjects.extract(
            model, turn(), drafted, missing, run.sampling["subjects"], run.spec.seed, shorter
        )

        async def store(tx: Transaction) -> None:
            await subjects.store(tx, discipline.id, found.subjects, cap, f"job {run.lease.job_id}")

        return Work(store, found.usage, found.warnings)

    await _run(run, unit, await run.model("subjects"), work)


async def run_syllabus(run: Run, unit: GrowthUnit) -> bool:
    """Asks for the syllabus of one subject and stores it; returns whether that succeeded."""
    run.control.check()
    spec = run.spec
    subject = await _in_use(run, unit)
    if subject is None:
        return False
    subtopics: list[str] = subject.properties.get("subtopics", [])
    level = str(subject.properties.get("level", ""))
    size = (spec.sessions_per_syllabus, spec.concepts_per_session)
    discipline = await _discipline_of(run, subject)

    async def work(model: ChatModel) -> Work:
        turn = syllabi.conversation(
            discipline, subject.name, level, subtopics, *size, spec.language, small=model.small
        )
        drafted = await _drafted(run, unit, model, turn)
        found = await syllabi.extract(model, turn, drafted, *size, run.sampling["syllabi"], spec.seed)

        async def store(tx: Transaction) -> None:
            by = f"job {run.lease.job_id}"
            await syllabi.store(tx, subject.id, subject.name, found.syllabus, found.sessions, by)

        return Work(store, found.usage, found.warnings)

    return await _run(run, unit, await run.model("syllabi"), work)


async def _in_use(run: Run, unit: OneUnit, *, proposed: bool = False) -> Node | None:
    """The node that a unit grows; if it has been retired or purged, ends the unit and returns None.

    `proposed`: as well if it was rejected, because nothing is proposed below what nobody wants.
    """
    gone = (Status.retired, Status.rejected) if proposed else (Status.retired,)
    with suppress(NotFound):
        node = await nodes.get(run.database, unit["node_id"])
        if node.status not in gone:
            return node
    await _finish(run, unit, {"state": "done"})
    return None


async def _discipline_of(run: Run, subject: Node) -> str:
    above = await traversal.parents(run.database, subject.id, kind=Kind.Discipline, limit=1)
    return above.items[0].name if above.items else subject.name


async def _run(
    run: Run,
    unit: OneUnit,
    model: ChatModel,
    work: Callable[[ChatModel], Coroutine[Any, Any, Work]],
) -> bool:
    """Does a unit's work and stores the result; returns whether it succeeded.

    A bad reply is data: it is kept, and the job continues.
    """
    prompts = prompt_hash(*METHOD[unit["step"]].prompts)
    version = version_of(unit["step"], small=model.small)
    facts = {"model": model.name, "prompt": prompts, "prompt_version": version}
    with model.claimed() as claimed:
        try:
            done = await run.call(lambda: work(claimed))
        except (Unusable, CallFailed) as error:
            if await run.cut_off(error):
                await _finish(run, unit, {}, error.usage)
                raise Stopped from error
            await _finish(run, unit, facts | {"state": "failed", **error.kept()}, error.usage)
            return False
        changes = facts | {"state": "done", "draft": None} | done.warnings
        await _finish(run, unit, changes, done.usage, done.store)
        return True


async def _drafted(
    run: Run,
    unit: OneUnit,
    model: ChatModel,
    turn: list[Message],
    shorter: Shorter | None = None,
) -> str:
    """The first turn's text, taken from the unit if it is already paid for."""
    drafting = draft(model, turn, run.sampling[unit["step"]], run.spec.seed, shorter)
    return await _kept(run, unit, model, drafting)


async def _kept(
    run: Run, unit: OneUnit, model: ChatModel, drafting: Coroutine[Any, Any, tuple[str, Usage]]
) -> str:
    """The text of the first turn, as it is kept in the unit, or else as `drafting` gives it, then kept."""
    if drafted := unit.get("draft"):
        drafting.close()
        return drafted
    text, usage = await drafting
    await _finish(run, unit, {"draft": text, "model": model.name}, usage)
    run.control.check()
    return text


async def _finish(
    run: Run, unit: OneUnit, changes: Row, usage: Usage = NOTHING, store: Store | None = None
) -> None:
    """Changes a unit and stores its result in one transaction. Raises LeaseLost if the lease is lost."""

    async def work(tx: Transaction) -> None:
        await leases.held(tx, run.lease)
        counts: Row = (await store(tx) if store is not None else None) or {}
        await units.record(tx, unit["id"], changes | counts, **usage._asdict())

    await run.database.writing(work, once=True)
