"""Jobs with dials: what is asked, stored, counted and filtered, and combinations repeated in other cells."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from growing import discipline, grow, made, planned, run, settings_of
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import rows_of

from generators.estimates.estimate import estimate
from generators.spaces.strata import STRATA
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict
from graph.instructions import instructions, releases
from graph.instructions.instructions import Filter
from graph.instructions.releases import NewRelease
from graph.jobs import jobs
from graph.jobs.job import JobState

# Without checks: what they reject is another matter, and the endpoint's texts are all alike.
ONE_SUBJECT: dict[str, Any] = {
    "subjects_per_discipline": 1,
    "checks": {"texts": False, "duplicates": False, "contamination": False},
}
STRATUM_NAMES = [str(stratum) for stratum in STRATA]
SINGLES: dict[str, Any] = {"strategies": {"single": 1}, "concepts": {"1": 1, "2": 1}}
DIALS: dict[str, Any] = {
    "difficulty": {"apply": 2, "analyze": 1, "create": 1},
    "language": {"Quenya": 0.8, "Sindarin": 0.2},
    "persona": ["a baker", "a nurse"],
}


def labels(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row["dials"])


async def stored(database: Database) -> list[dict[str, Any]]:
    return [row["i"] for row in await rows_of(database, "MATCH (i:Instruction) RETURN properties(i) AS i")]


async def require_each_cell_once(database: Database) -> dict[str, list[tuple[str, ...]]]:
    """The cells of each combination, in the order of its repeats."""
    cells: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in sorted(await stored(database), key=lambda row: row.get("repeat", 0)):
        cells[row["combination"]].append(labels(row))
    assert all(len(set(found)) == len(found) for found in cells.values())
    return cells


def dialed(endpoint: OpenAIServer) -> list[str]:
    return [c.messages[0]["content"] for c in endpoint.calls if c.step == "questions"]


async def test_dials_are_said_stored_counted_and_filtered(database: Database, endpoint: OpenAIServer):
    root = await discipline(database)
    before = await coverage.of(database, root, STRATUM_NAMES)
    assert before.dials == {}
    job = await grow(database, endpoint, root, add=60, dials=DIALS, **ONE_SUBJECT)
    assert (job.state, job.ledger.accepted) == (JobState.done, 60)
    found = await stored(database)
    spec = JobSpec.model_validate(job.spec)
    for row in found:
        cell = spec.dial_space("Algebra").cell(row["space_version"], row["stratum"], row["position"])
        assert labels(row) == tuple(spec.dial_space().labels(cell))
        assert (row["repeat"], f"language={row['language']}" in row["dials"]) == (0, True)
        assert row["question_prompt_version"].endswith("+dials@1")
    counted = Counter(label for row in found for label in row["dials"])
    # Units of a few positions each, every one within 2 of its shares.
    assert abs(counted["difficulty=apply"] - 30) <= 12
    assert abs(counted["persona=a nurse"] - 30) <= 12
    by_dial = await jobs.dials(database, job.id)
    assert {f"{name}={value}": n for name, of in by_dial.items() for value, n in of.items()} == counted
    # Kept while instructions came, and counted again.
    assert (await coverage.of(database, root, STRATUM_NAMES)).dials == by_dial
    await rows_of(database, "MATCH (r:Rollup) REMOVE r.figures, r.sums")
    assert (await coverage.of(database, root, STRATUM_NAMES)).dials == by_dial
    prompts = dialed(endpoint)
    assert sum("(Bloom's level: apply)" in prompt for prompt in prompts) == counted["difficulty=apply"]
    assert sum("Write it in Sindarin." in prompt for prompt in prompts) == counted["language=Sindarin"]
    wanted = Filter(dials=("difficulty=apply", "difficulty=create", "persona=a nurse"))
    both = [{"difficulty=apply", "persona=a nurse"}, {"difficulty=create", "persona=a nurse"}]
    expected = {row["id"] for row in found if any(some <= {*row["dials"]} for some in both)}
    pulled = await made(database, root, wanted)
    assert {one.id for one in pulled} == expected
    assert {one.dials.persona for one in pulled if one.dials} == {"a nurse"}
    _, build = await releases.begin(
        database, NewRelease.model_validate({"name": "r", "node_id": root, "dials": [*wanted.dials]})
    )
    assert build
    assert (await build.run()).count == len(expected)
    lineage = await instructions.get(database, pulled[0].id)
    assert lineage.dials == pulled[0].dials


async def test_without_dials_nothing_of_them_is_stored(database: Database, endpoint: OpenAIServer):
    root = await discipline(database)
    job = await grow(database, endpoint, root, add=5, **ONE_SUBJECT)
    assert not any("dials" in row or "repeat" in row for row in await stored(database))
    assert not any("this kind" in prompt for prompt in dialed(endpoint))
    units = await rows_of(database, "MATCH (u:WorkUnit) WHERE u.dials IS NOT NULL RETURN u.id AS id")
    assert (units, await jobs.dials(database, job.id)) == ([], {})


async def test_the_language_that_is_asked_for_is_checked(database: Database, endpoint: OpenAIServer):
    german = "Wie hängt die Brechung des Lichts mit der Farbe zusammen, und was ist die Ursache davon? "

    def reply(call: Call) -> Answer:
        return Answer(german * 2) if call.step == "answers" else default_reply(call)

    root = await discipline(database)
    endpoint.reply = reply
    dials = {"language": {"English": 1, "German": 1}}
    # Questions about one concept are too short to be looked at.
    short = {"strategies": {"single": 1}, "concepts": {"1": 1}}
    job = await grow(database, endpoint, root, add=8, dials=dials, **short, **ONE_SUBJECT)
    found = [row for row in await stored(database) if row["job_id"] == job.id]
    assert {(row["language"], row["status"]) for row in found} == {
        ("German", "accepted"),
        ("English", "rejected"),
    }
    assert {row["reason"] for row in found if row["status"] == "rejected"} == {"wrong_language"}


@pytest.mark.parametrize("quota", ["equal", "gaps"])
async def test_repeats_give_each_cell_once_and_no_more(
    database: Database, endpoint: OpenAIServer, quota: str
):
    root = await discipline(database)
    spec: dict[str, Any] = {"quota": quota, "dials": DIALS, **SINGLES, **ONE_SUBJECT}
    job = await grow(database, endpoint, root, add=1000, repeats=3, **spec)
    assert job.state is JobState.exhausted
    capacity = {
        name: c.total for name, c in (await coverage.of(database, root, STRATUM_NAMES)).capacity.items()
    }
    combinations = capacity["single:1"] + capacity["single:2"]
    assert job.ledger.accepted == 3 * combinations
    cells = await require_each_cell_once(database)
    assert {len(found) for found in cells.values()} == {3}
    # A later job continues where this one stopped, as far as there are cells: 3 x 2 x 2 = 12.
    job = await grow(database, endpoint, root, add=10_000, repeats=50, **spec)
    assert job.state is JobState.exhausted
    assert job.ledger.accepted == 9 * combinations
    cells = await require_each_cell_once(database)
    assert {len(found) for found in cells.values()} == {12}
    found = (await coverage.of(database, root, STRATUM_NAMES)).capacity["single:2"]
    assert (found.total, found.drawn) == (capacity["single:2"],) * 2
    assert found.repeated == 11 * capacity["single:2"]
    # Without repeats each combination may be drawn once, and is.
    plain = {**ONE_SUBJECT, **SINGLES}
    assert (await grow(database, endpoint, root, add=5, **plain)).ledger.accepted == 0


async def test_other_dials_repeat_no_cell(database: Database, endpoint: OpenAIServer):
    root = await discipline(database)
    spec: dict[str, Any] = {**SINGLES, **ONE_SUBJECT}
    first = {"difficulty": {"apply": 1, "create": 1}}
    await grow(database, endpoint, root, add=1000, dials=first, **spec)
    other = {"difficulty": {"apply": 1, "create": 1, "analyze": 1}}
    job = await grow(database, endpoint, root, add=1000, dials=other, repeats=3, **spec)
    cells = await require_each_cell_once(database)
    assert {label for found in cells.values() for cell in found for label in cell} == {
        "difficulty=apply", "difficulty=create", "difficulty=analyze",
    }  # fmt: skip
    assert len(cells) < job.ledger.accepted < 2 * len(cells), "some were passed over"


async def test_a_changed_syllabus_repeats_no_cell(database: Database, endpoint: OpenAIServer):
    """The order is another one then, and what a combination has is known by its key."""
    root = await discipline(database)
    spec: dict[str, Any] = {"dials": DIALS, "repeats": 4, **SINGLES, **ONE_SUBJECT}
    await grow(database, endpoint, root, add=30, **spec)
    rejected = (
        "MATCH (k:KeyConcept) WITH k ORDER BY k.name LIMIT 1 SET k.status = 'rejected' RETURN k.id AS id"
    )
    await rows_of(database, rejected)
    job = await grow(database, endpoint, root, add=10_000, **spec)
    assert job.state is JobState.exhausted
    assert job.ledger.accepted > 30
    await require_each_cell_once(database)


async def test_the_estimate_counts_repeats(database: Database, endpoint: OpenAIServer):
    root = await discipline(database)
    await grow(database, endpoint, root, add=1, **SINGLES, **ONE_SUBJECT)
    capacity = (await coverage.of(database, root, STRATUM_NAMES)).capacity
    combinations = capacity["single:1"].total + capacity["single:2"].total

    async def asked(**spec: Any) -> Any:
        wanted = JobSpec.model_validate({"root_id": root, **SINGLES, **spec})
        return await estimate(database, wanted, settings_of(endpoint))

    found = await asked(add=5, dials=DIALS, repeats=5)
    assert (found.combinations.capacity, found.combinations.drawn) == (5 * combinations, 1)
    found = await asked(add=10**6, dials=DIALS, repeats=50)
    assert found.combinations.capacity == 12 * combinations
    assert any("at most that often, not 50 times" in note for note in found.notes)
    assert any(f"only {12 * combinations - 1:,} combinations are left" in note for note in found.notes)


async def test_personas_are_practitioners_of_other_disciplines(database: Database, endpoint: OpenAIServer):
    root = await discipline(database)
    settings = settings_of(endpoint)
    wanted: dict[str, Any] = {"add": 30, "dials": {"persona": "graph"}, **ONE_SUBJECT}
    with pytest.raises(Conflict, match="at least two"):
        await planned(database, settings, root, **wanted)
    for name in ("Botany", "Law"):
        await discipline(database, name)
    job = await planned(database, settings, root, **wanted)
    drawn = job.spec["dials"]["persona"]["disciplines"]
    assert {*drawn} == {"Algebra", "Botany", "Law"}
    asked = JobSpec.model_validate({"root_id": root, "queries_per_discipline": 1, **wanted})
    [same] = (await jobs.list_jobs(database, spec_key=asked.key())).items
    assert same.id == job.id
    # Edited or new disciplines change nothing in a job that is planned.
    await discipline(database, "Music")
    await run(database, settings, job.id)
    personas = {row["dials"][0] for row in await stored(database)}
    assert personas == {"persona=a practitioner of Botany", "persona=a practitioner of Law"}
