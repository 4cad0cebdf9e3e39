"""Values read together belong to one state, however fast others write.

Neo4j reads the properties of a node one after the other, without a snapshot. In each of these tests one
writer and several readers hammer the same node, and no reader may see a mixture of two states.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from planting import Plant, every, instruction, rows_of

from graph import rollups
from graph.analysis import read as analysis
from graph.database import Database, Transaction
from graph.instructions import instructions, releases
from graph.instructions.rows import NewInstruction
from graph.jobs import jobs, leases, units
from graph.jobs.job import JobState, Live
from graph.jobs.units import WorkUnit
from graph.model import Kind, NewNode, NodePatch
from graph.rollups.count import Figures
from graph.rollups.kept import SAVE, Kept, stored_figures
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.streams import import_log
from graph.taxonomy.streams.import_facts import RESULTS, NewImport, Report
from graph.taxonomy.walking import outward, traversal

READERS = 6


async def hammer(
    write: Callable[[int], Awaitable[object]], read: Callable[[], Awaitable[object]], *, reads: int = 400
) -> None:
    """Writes one state after the other until several concurrent readers have read `reads` times in all."""
    left = reads

    async def reader() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await read()

    readers = asyncio.gather(*(reader() for _ in range(READERS)))
    state = 0
    while not readers.done():
        state += 1
        await write(state)
    await readers


async def test_figures_of_a_discipline(plant: Plant):
    """Every state has its number in all of its figures."""
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", await root(plant)))
    await plant.syllabus(discipline, "y", {"s": ["a"]})
    await rollups.of(plant.database, [discipline])

    def figures(state: int) -> Figures:
        return Figures(
            degrees=Counter({n: state for n in range(1 + state % 40)}),
            made=Counter({f"2026-01-{day:02}": state for day in range(1, 2 + state % 28)}),
            reached=Counter({f"2026-01-{day:02}": state for day in range(1, 2 + state % 28)}),
            present=Counter({Kind.Subject.value: state, Kind.KeyConcept.value: state}),
            sessions=state,
            possible=state,
            covered=state,
        )

    async def write(state: int) -> None:
        rows = [stored_figures(discipline, Kept(figures(state)))]
        await plant.database.write(SAVE, batch={"rows": rows})

    async def read() -> None:
        found = (await rollups.of(plant.database, [discipline])).figures[discipline]
        if found.sessions:
            assert found == figures(found.sessions)

    # Replaces the counted figures, which do not have a state's number.
    await write(1)
    await hammer(write, read)


async def test_counts_of_an_import(database: Database):
    """Every state has its number in all of its counts, and the end has one of its own."""
    begun = await import_log.begin(
        database, NewImport(file="f", sha256="0" * 64, format="turtle"), "rest", by="tester"
    )

    def said(state: int) -> Report:
        return Report(**dict.fromkeys(RESULTS, state), reason=f"state {state}")

    async def read() -> None:
        found = await import_log.get(database, begun.id)
        if found.reason is not None:
            assert {getattr(found, name) for name in RESULTS} == {int(found.reason.split()[1])}

    await hammer(lambda state: import_log.report(database, begun.id, said(state), "rest"), read)


async def test_figures_while_instructions_are_accepted(plant: Plant):
    """Each instruction covers two of six concepts, so that the figures can be checked against each other."""
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", await root(plant)))
    syllabus = await plant.syllabus(discipline, "y", {"s": ["a", "b", "c"], "t": ["d", "e", "f"]})
    await plant.job(discipline)
    sessions, concepts = [*syllabus.sessions.values()], [*syllabus.concepts.values()]

    async def write(state: int) -> None:
        rows = [
            instruction(
                f"{state}-{n}", syllabus.id, sessions, [concepts[(state + n) % 6], concepts[state % 6]]
            )
            for n in range(1, 1 + state % 5)
        ]
        await plant.database.writing(lambda tx: instructions.store(tx, "job", rows))

    async def read() -> None:
        figures = (await rollups.of(plant.database, [discipline])).figures[discipline]
        links = sum(degree * n for degree, n in figures.degrees.items())
        assert figures.concepts == figures.present["KeyConcept"] == 6
        assert links == 2 * figures.instructions
        assert figures.reached.total() == 6 - figures.degrees[0]
        assert figures.covered == bool(figures.instructions)

    await hammer(write, read, reads=150)


async def root(plant: Plant) -> str:
    return await plant.node(Kind.Taxonomy, "T")


async def test_a_node_and_its_version(plant: Plant):
    """Every state has its number in all fields, except those that the database itself assigns."""
    id_ = (await nodes.get(plant.database, await plant.node(Kind.Field, "1", await root(plant)))).id

    def patch(state: int) -> NodePatch:
        long = "x" * (state % 60)
        return NodePatch(
            name=f"{long} {state}",
            description=f"{state} {'long ' * (state % 40)}",
            weight=float(state),
            properties={"a": state, "b": f"{state}{long}", "c": [state] * (state % 7 + 1), "d": f"{state}"},
        )

    async def write(state: int) -> None:
        await nodes.patch(plant.database, id_, patch(state), state)

    def check(node: nodes.Node) -> None:
        if node.version == 1:
            return
        wanted = patch(node.version - 1)
        for name in ("name", "description", "weight", "properties"):
            assert getattr(node, name) == getattr(wanted, name), node

    async def read() -> None:
        check(await nodes.get(plant.database, id_))
        for node in (await traversal.children(plant.database, top)).items:
            check(node)

    top = await root(plant)
    await hammer(write, read)


async def test_lists_while_nodes_are_removed(plant: Plant):
    """What is there all the time is in every list, page after page; what is removed is there or is not."""
    database, top = plant.database, await root(plant)
    field = await plant.node(Kind.Field, "F", top)
    stay = {await plant.node(Kind.Discipline, f"stays {n}", field) for n in range(3)}

    async def write(state: int) -> None:
        going = [await plant.node(Kind.Subfield, f"{state} {name}", field) for name in "ab"]
        below = [NewNode(kind=Kind.Discipline, name=f"d{n}", parent_id=going[n % 2]) for n in range(12)]
        await plant.many(below)
        # One that does not fit its seal is read under its lock.
        await rows_of(database, "MATCH (n:TaxonomyNode {id: $id}) SET n.weight = 2.0", id=going[0])
        await nodes.merge(database, *going)
        await nodes.purge(database, going[1])

    def ids(found: Sequence[nodes.Node]) -> set[str]:
        return {node.id for node in found}

    async def in_export() -> set[str]:
        [links] = [part async for part in outward.links(database, [field], [*Kind], traversal.PRESENT)]
        rows = await outward.nodes(database, [link.child for link in links], traversal.PRESENT)
        return {row["node"]["id"] for row in rows}

    async def in_tree() -> set[str]:
        return {child["id"] for child in (await traversal.tree(database, field, 2))["children"]}

    async def read() -> None:
        for found in (
            ids(await every(lambda cursor: traversal.children(database, field, limit=3, cursor=cursor))),
            ids(await every(lambda cursor: traversal.descendants(database, top, limit=3, cursor=cursor))),
            ids((await traversal.descendants(database, field, depth=2)).items),
            ids((await traversal.list_nodes(database, kind=Kind.Discipline)).items),
            await in_tree(),
            await in_export(),
            {member.id for member in (await analysis.subtree(database, field)).members},
        ):
            assert stay <= found

    await hammer(write, read, reads=150)


async def test_the_state_of_a_job(plant: Plant):
    """The job is failed with a reason and an end time, or held by a worker, or waiting with none of these."""
    database, job_id = plant.database, await plant.job(await root(plant))

    async def write(state: int) -> None:
        claimed = await leases.claim(database, f"worker {state}", 30)
        assert claimed
        await leases.renew(database, claimed[0], 30, Live(in_flight=state))
        reason = f"{state} {'because ' * (state % 30)}"
        await leases.release(database, claimed[0], JobState.failed, reason)
        await jobs.act(database, job_id, "resume", spec=f'{{"seed": {state}}}', change=f"seed {state}")

    async def read() -> None:
        job = await jobs.get(database, job_id)
        assert (job.state == "failed") == (job.reason is not None)
        assert (job.state == "running") == (job.worker is not None)
        assert job.state != "failed" or job.ended_at
        assert job.state != "running" or not job.ended_at
        assert job.live is None or job.state == "running"
        assert job.changes[-1:] == [f"seed {seed}" for seed in job.spec.values()]

    await hammer(write, read, reads=150)


async def test_the_ledger_of_a_job(plant: Plant):
    """A question is one call of three tokens, an answer one of seven; units of four end one by one."""
    database = plant.database
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", await root(plant)))
    syllabus = await plant.syllabus(discipline, "y", {"s": ["a"]})
    session, concept = syllabus.sessions["s"], syllabus.concepts["a"]
    await plant.job(discipline, requested=100_000)

    def row(unit: str, n: int, answered: bool) -> NewInstruction:
        asked = {"calls": 1, "prompt_tokens": 1, "completion_tokens": 2}
        question = {f"question_{name}": value for name, value in asked.items()}
        answer = {"answer_calls": 1, "answer_prompt_tokens": 3, "answer_completion_tokens": 4}
        more = answer | {"calls": 2, "prompt_tokens": 4, "completion_tokens": 6} if answered else asked
        status = "accepted" if answered else "asked"
        return instruction(
            f"{unit}-{n}", syllabus.id, [session], [concept], status=status, unit_id=unit, **question | more
        )

    async def write(state: int) -> None:
        unit = f"u{state}"
        planned = {"id": unit, "branch_id": "b", "step": "instructions", "node_id": "n", "requested": 4}

        async def ask(tx: Transaction) -> None:
            await units.plan(tx, "job", [cast(WorkUnit, planned)])
            await instructions.store(tx, "job", [row(unit, n, False) for n in range(4)])

        await database.writing(ask)
        rows = [row(unit, n, True) for n in range(4)]
        await database.writing(lambda tx: instructions.store(tx, "job", rows, ended=[unit]))

    async def read() -> None:
        job = await jobs.get(database, "job")
        accepted, asked = job.ledger.accepted, job.ledger.asked
        assert job.ledger.pending == 100_000 - accepted - asked
        assert job.spent.calls == 2 * accepted + asked
        assert job.spent.tokens == 10 * accepted + 3 * asked

    await hammer(write, read, reads=150)


async def test_a_release(plant: Plant):
    """The release is either done, with all its figures, or still being built."""
    database, top = plant.database, await root(plant)
    built: list[str] = []

    async def write(state: int) -> None:
        wanted = releases.NewRelease(name=f"r{state:05}", node_id=top)
        release, build = await releases.begin(database, wanted)
        built.append(release.name)
        assert build
        await build.run()

    async def read() -> None:
        for name in built[-1:]:
            release = await releases.get(database, name)
            facts = (release.sha256, release.bytes, release.ended_at)
            assert (release.state == "done") == (None not in facts) == any(fact is not None for fact in facts)
        assert all(
            (release.sha256 is None) == (release.state == "building")
            for release in (await releases.list_releases(database, 5)).items
        )

    await hammer(write, read, reads=150)


async def test_what_is_handed_out_of_a_syllabus(plant: Plant):
    """Every state has its number in the cursors, the version and the positions handed out ahead."""
    database = plant.database
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", await root(plant)))
    id_ = (await plant.syllabus(discipline, "y", {"s": ["a"]})).id

    async def write(state: int) -> None:
        drawn, ahead = [state] * 9, [state] * (state % 50)
        row = syllabi.handed_out(
            id_, f"version {state}", drawn, drawn=drawn, ahead=ahead, ahead_counts=[len(ahead)]
        )
        await database.writing(lambda tx: syllabi.hand_out_all(tx, [row]))

    async def read() -> None:
        [shape] = await syllabi.shapes(database, [id_])
        if shape.drawn:
            state = shape.drawn[0]
            assert shape.space_version == f"version {state}"
            assert shape.drawn == [state] * 9
            assert shape.ahead == [state] * (state % 50)
            assert sum(shape.ahead_counts) == len(shape.ahead)

    await hammer(write, read)
