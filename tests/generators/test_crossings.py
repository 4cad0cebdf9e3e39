"""Jobs that combine two syllabi: what is drawn, asked, linked, counted once, and never drawn twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from checking import NO_MODEL, begin, ended
from growing import discipline, grow, made, planned, run, settings_of, working
from openai_server import OpenAIServer
from planting import Plant, rows_of

from generators.estimates.estimate import estimate
from generators.planning.strata_report import strata_report
from generators.spaces.strata import ALL_STRATA, CROSS_STRATA, Stratum
from generators.spaces.syllabus_space import CrossingSpace, Taught
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict
from graph.instructions import instructions
from graph.instructions.instructions import Filter
from graph.instructions.judged import to_judge
from graph.instructions.splits import Placing, Split, Splits
from graph.jobs import jobs, units
from graph.jobs.job import JobState
from graph.model import Kind
from graph.quality import findings
from graph.queries import load
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.editing import links, removal

Sections = dict[str, Sequence[str]]
UNCHECKED: dict[str, Any] = {"checks": {"texts": False, "duplicates": False, "contamination": False}}
CROSS: dict[str, Any] = {"strategies": {"cross": 1}, **UNCHECKED}
STRATUM_NAMES = [str(stratum) for stratum in ALL_STRATA]


async def two_syllabi_and_a_third(plant: Plant) -> dict[str, str]:
    """Ids, by name, of three disciplines with a syllabus each; Optics and Vision share concepts."""
    top = await plant.node(Kind.Taxonomy, "GLAN")
    field = await plant.node(Kind.Field, "Science", top)
    ids = {"GLAN": top, "Science": field}
    for name in ("Physics", "Biology", "Law"):
        ids[name] = await plant.node(Kind.Discipline, name, field)
    optics: Sections = {"Light": ["lens", "refraction", "wavelength"], "Devices": ["telescope", "camera"]}
    vision: Sections = {"Eye": ["lens", "retina"], "Colour": ["wavelength", "cone cell"]}
    contracts: Sections = {"Forming": ["offer", "acceptance"], "Breach": ["damages"]}
    for home, name, sessions in (
        ("Physics", "Optics", optics),
        ("Biology", "Vision", vision),
        ("Law", "Contracts", contracts),
    ):
        planted = await plant.syllabus(ids[home], name, sessions)
        ids[name] = planted.id
        ids |= planted.sessions | planted.concepts
    return ids


async def stored(database: Database) -> list[dict[str, Any]]:
    return [row["i"] for row in await rows_of(database, "MATCH (i:Instruction) RETURN properties(i) AS i")]


async def require_each_once(database: Database, root: str, number: int) -> None:
    """The figures of a subtree and of its disciplines are those of its pulls, kept or counted again."""
    for counted in range(2):
        if counted:
            await rows_of(database, "MATCH (r:Rollup) REMOVE r.figures, r.sums")
        for id_ in (root, *await coverage.disciplines(database, root)):
            pulled = [i.id for i in await made(database, id_, Filter())]
            assert len(set(pulled)) == len(pulled)
            assert (await coverage.of(database, id_, STRATUM_NAMES)).instructions == len(pulled)
            assert id_ != root or len(pulled) == number


def rebuilt(row: dict[str, Any], taught: dict[str, Taught]) -> CrossingSpace:
    return CrossingSpace(taught[row["syllabus_id"]], taught[row["partner_id"]])


async def taught_by(database: Database, *ids: str) -> dict[str, Taught]:
    return {id_: Taught(id_, await syllabi.sessions(database, id_)) for id_ in ids}


async def test_two_syllabi_are_combined_and_linked_to_both(database: Database, endpoint: OpenAIServer):
    ids = await two_syllabi_and_a_third(Plant(database))
    job = await grow(database, endpoint, ids["GLAN"], add=30, **CROSS)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    rows = await stored(database)
    taught = await taught_by(database, ids["Optics"], ids["Vision"], ids["Contracts"])
    assert len({row["combination"] for row in rows}) == 30
    for row in rows:
        space = rebuilt(row, taught)
        stratum = Stratum.parse(row["stratum"])
        assert row["id"] == space.instruction_id(stratum, row["position"])
        assert row["combination"] == space.key_at(stratum, row["position"])
        assert row["question_prompt_version"] == "questions_cross@1"
        homes = (row["syllabus_id"], row["partner_id"])
        for session_id, home in zip(row["sessions"], homes, strict=True):
            [session] = [s for s in taught[home].sessions if s.id == session_id]
            assert {c.id for c in session.concepts} & set(row["concepts"])
    # Each is pulled once below what both syllabi are in, and once below either.
    await require_each_once(database, ids["GLAN"], 30)
    below = [{i.id for i in await made(database, ids[name])} for name in ("Physics", "Biology", "Law")]
    assert sum(map(len, below)) == 60
    assert [
        {r["id"] for r in rows if ids[name] in (r["syllabus_id"], r["partner_id"])}
        for name in ("Optics", "Vision", "Contracts")
    ] == below
    assert len(await made(database, ids["GLAN"], Filter(strategy="cross"))) == 30
    # A check looks at each once below what both are in, by its estimate and in what it does.
    for name in ("GLAN", "Biology"):
        wanted = findings.wanted(ids[name], "personal_data@1", None, None)
        assert (await to_judge(database, wanted)).instructions == len(await made(database, ids[name]))
    check = await begin(database, ids["GLAN"], kind="safety", dry_run=True)
    async with working(database, NO_MODEL):
        assert (await ended(database, check.id)).looked_at == 30
    # Lineage leads to both.
    shown = await instructions.get(database, rows[0]["id"])
    assert shown.syllabus
    assert shown.partner
    assert {shown.syllabus.id, shown.partner.id} == {rows[0]["syllabus_id"], rows[0]["partner_id"]}
    assert {path[-1].id for path in shown.paths} == {shown.syllabus.id, shown.partner.id}
    # The prompt shows both syllabi as a whole.
    prompt = next(c.messages[0]["content"] for c in endpoint.calls if c.step == "questions")
    names = {s.name for s in (*taught[ids["Optics"]].sessions, *taught[ids["Vision"]].sessions)}
    assert sum(name in prompt for name in names) >= 2
    # Optics goes better with Vision, with which it shares two concepts, than with Contracts.
    found = await rows_of(database, load("explore.crossings").text, id=ids["GLAN"], limit=10)
    assert [row["shared_concepts"] for row in found] == [["lens", "wavelength"], [], []]
    assert {found[0]["id"], found[0]["other_id"]} == {ids["Optics"], ids["Vision"]}
    assert sum(row["drawn"] for row in found) == 30


async def crossed_combinations(database: Database, root: str) -> float:
    found = await coverage.of(database, root, [str(stratum) for stratum in CROSS_STRATA])
    return sum(capacity.total for capacity in found.capacity.values())


async def test_an_edit_of_one_side_reaches_the_other(database: Database, endpoint: OpenAIServer):
    ids = await two_syllabi_and_a_third(Plant(database))
    await grow(database, endpoint, ids["GLAN"], add=24, **CROSS)
    rows = await stored(database)
    gone = [row for row in rows if ids["Eye"] in row["sessions"]]
    assert gone
    await require_each_once(database, ids["GLAN"], 24)
    node = await nodes.get(database, ids["Eye"])
    counted = await crossed_combinations(database, ids["GLAN"])
    await removal.retire(database, node.id, node.version, by="test")
    left = await crossed_combinations(database, ids["GLAN"])
    assert left < counted, "those of changed syllabi are unknown until the next draw"
    await require_each_once(database, ids["GLAN"], 24 - len(gone))
    statuses = {row["id"]: row["status"] for row in await stored(database)}
    assert {id_ for id_, status in statuses.items() if status == "stale"} == {row["id"] for row in gone}
    # The crossing has other combinations now; those that have their instruction are passed over.
    before = {row["combination"] for row in rows}
    await grow(database, endpoint, ids["GLAN"], add=12, **CROSS)
    again = [row for row in await stored(database) if row["id"] not in statuses]
    assert len(again) == 12
    assert before.isdisjoint(row["combination"] for row in again)
    assert left < await crossed_combinations(database, ids["GLAN"]) < counted
    # A syllabus that is moved to another discipline takes its instructions along.
    subject = await rows_of(
        database, "MATCH (u)-[:CONTAINS]->({id: $id}) RETURN u.id AS id", id=ids["Contracts"]
    )
    other = await Plant(database).node(Kind.Discipline, "Jurisprudence", ids["Science"])
    await links.move(database, subject[0]["id"], ids["Law"], other, by="test")
    await require_each_once(database, ids["GLAN"], 36 - len(gone))
    assert not await made(database, ids["Law"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_jobs_draw_every_combination_once(database: Database, endpoint: OpenAIServer, seed: int):
    ids = await two_syllabi_and_a_third(Plant(database))
    spec = JobSpec.model_validate({"root_id": ids["GLAN"], "add": 1000, **CROSS})
    seen = await estimate(database, spec, settings_of(endpoint))
    taught = await taught_by(database, ids["Optics"], ids["Vision"], ids["Contracts"])
    spaces = [CrossingSpace(a, b) for a, b in combinations(taught.values(), 2)]
    capacity = sum(sum(space.capacity) for space in spaces)
    assert (seen.combinations.capacity, seen.combinations.crossings) == (capacity, 3)
    assert any("only" in note and "are left" in note for note in seen.notes)
    shapes: list[dict[str, Any]] = [
        {"add": 11},
        {"add": 17, "quota": "gaps"},
        {"add": 9, "quota": "combinations"},
        {"add": 5, "concepts": {"2": 1}},
    ]
    random.Random(seed).shuffle(shapes)
    for shape in shapes:
        job = await grow(database, endpoint, ids["GLAN"], **CROSS, **shape)
        assert job.state is JobState.done
    left = (await estimate(database, spec, settings_of(endpoint))).combinations
    assert (left.drawn, left.left) == (42, capacity - 42)
    last = await grow(database, endpoint, ids["GLAN"], add=1000, **CROSS)
    assert (last.state, last.ledger.accepted) == (JobState.exhausted, capacity - 42)
    rows = await stored(database)
    assert len({row["combination"] for row in rows}) == len(rows) == capacity
    found = await coverage.of(database, ids["GLAN"], STRATUM_NAMES)
    drawn = [(found.capacity[str(s)].total, found.capacity[str(s)].drawn) for s in CROSS_STRATA]
    assert drawn == [(n, n) for n in map(sum, zip(*(space.capacity for space in spaces), strict=True))]


async def test_crossings_follow_once_all_branches_are_grown_whatever_interrupts(
    database: Database, endpoint: OpenAIServer
):
    roots = [await discipline(database, name) for name in ("Algebra", "Botany")]
    top = (await rows_of(database, "MATCH (t:Taxonomy) RETURN t.id AS id"))[0]["id"]
    settings = settings_of(endpoint)
    spec = {"add": 24, "strategies": {"single": 1, "cross": 1}, "subjects_per_discipline": 2, **UNCHECKED}
    job = await planned(database, settings, top, **spec)
    for _ in range(40):
        if (await jobs.get(database, job.id)).state.ended:
            break
        # The worker hands the job back wherever it is, and the next one continues.
        async with working(database, settings):
            await asyncio.sleep(0.7)
    done = await run(database, settings, job.id)
    assert (done.state, done.ledger.requested, done.ledger.accepted) == (JobState.done, 24, 24)
    rows = await stored(database)
    assert Counter(row["strategy"] for row in rows) == {"single": 12, "cross": 12}
    assert len({row["combination"] for row in rows}) == 24
    of = {
        r["id"]: n
        for n, root in enumerate(roots)
        for r in await rows_of(
            database, "MATCH ({id: $id})-[:CONTAINS*2]->(y:Syllabus) RETURN y.id AS id", id=root
        )
    }
    for row in rows:
        if row["strategy"] == "cross":
            assert of[row["syllabus_id"]] != of[row["partner_id"]]
    await require_each_once(database, top, 24)
    report = strata_report(JobSpec.model_validate(done.spec), await units.strata(database, done.id), [])
    assert sum(r.planned for name, r in report.items() if name.startswith("cross")) == 12


async def test_dials_and_repeats_cross_too(database: Database, endpoint: OpenAIServer):
    ids = await two_syllabi_and_a_third(Plant(database))
    dials = {"difficulty": {"apply": 1, "create": 1}}
    job = await grow(
        database, endpoint, ids["GLAN"], add=1000, dials=dials, repeats=2, concepts={"5": 1}, **CROSS
    )
    rows = await stored(database)
    taught = await taught_by(database, ids["Optics"], ids["Vision"], ids["Contracts"])
    capacity = sum(CrossingSpace(a, b).capacity[3] for a, b in combinations(taught.values(), 2))
    assert (job.state, job.ledger.accepted) == (JobState.exhausted, 2 * capacity)
    assert len({(row["combination"], *row["dials"]) for row in rows}) == 2 * capacity
    await require_each_once(database, ids["GLAN"], 2 * capacity)
    found = await coverage.of(database, ids["GLAN"], STRATUM_NAMES)
    assert sum(found.dials["difficulty"].values()) == 2 * capacity


async def test_one_syllabus_cannot_be_crossed(database: Database, endpoint: OpenAIServer):
    ids = await two_syllabi_and_a_third(Plant(database))
    with pytest.raises(Conflict, match="two syllabi, and this job has one"):
        await planned(database, settings_of(endpoint), ids["Optics"], add=5, **CROSS)
    spec = JobSpec.model_validate({"root_id": ids["Optics"], "add": 5, **CROSS})
    with pytest.raises(Conflict, match="two syllabi"):
        await estimate(database, spec, settings_of(endpoint))
    assert not await rows_of(database, "MATCH (j:Job) RETURN j.id AS id")
    # Within one discipline the partners are its own syllabi; here there is no second one.
    job = await grow(database, endpoint, ids["Physics"], add=5, **CROSS)
    assert (job.state, job.ledger.accepted) == (JobState.exhausted, 0)


async def test_splits_keep_what_touches_a_test_syllabus_out_of_training(database: Database):
    splits = Splits.parsed("train=60,test=40")
    names = [f"y{n}" for n in range(40)]
    rows = [
        {"id": f"i{n}", "syllabus_id": a, "partner_id": b} for n, (a, b) in enumerate(combinations(names, 2))
    ]
    found = await Placing(database, splits).of(rows)
    for row, split in zip(rows, found, strict=True):
        either = {splits.of(row["syllabus_id"]), splits.of(row["partner_id"])}
        assert split is (Split.test if Split.test in either else Split.train)
    assert {*found} == {Split.train, Split.test}
