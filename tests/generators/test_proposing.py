"""The step taxonomy on the real Neo4j: names proposed, joined with support, resumed, estimated, grown."""

from typing import Any

import pytest
from growing import planned, run, settings_of
from naming import Namer, asks_for_names, place_of
from openai_server import Answer, Call, OpenAIServer
from planting import Plant, rows_of

from generators.estimates.estimate import estimate
from generators.models.settings import ModelSettings
from generators.running import reparse
from generators.running.resume import resume
from generators.spec import BudgetSpec, JobSpec
from graph.database import Database
from graph.errors import Conflict, NotFound
from graph.jobs import jobs
from graph.jobs.job import Job, JobState
from graph.model import Kind, NodePatch, Status
from graph.proposals import deciding, listing
from graph.proposals.listing import Wanted
from graph.read_door import tables
from graph.taxonomy import nodes

FIELDS = [["Physics", "Earth Sciences", "Law"], ["Physics", "The Arts", "Earth science"], ["LAW", "Physics"]]


@pytest.fixture(name="plant")
def _plant(database: Database) -> Plant:
    return Plant(database)


async def taxonomy(plant: Plant) -> str:
    return await plant.node(Kind.Taxonomy, "World", status=Status.proposed)


async def propose(database: Database, endpoint: OpenAIServer, root: str, **options: Any) -> Job:
    """A job of these options, run to its end."""
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, steps=["taxonomy"], taxonomy={"samples": 3} | options)
    return await run(database, settings, job.id)


async def support(database: Database, root: str) -> dict[str, tuple[str, int]]:
    """The kind and support of what was proposed below a node, by name."""
    table = await tables.run_named(database, "explore.support", {"id": root})
    return {row["name"]: (row["kind"], row["support"]) for row in table.rows}


async def test_lists_are_joined_by_keys_and_each_level_is_asked_for_at_the_one_above(
    plant: Plant, endpoint: OpenAIServer
):
    database = plant.database
    root = await taxonomy(plant)
    endpoint.reply = Namer({"World": FIELDS, "Physics": [["Optics", "Physics"], ["Optics"], ["Acoustics"]]})
    job = await propose(database, endpoint, root, min_support=2)
    assert (job.state, job.reason) == (JobState.done, None)
    found = await support(database, root)
    fields = {name: number for name, (kind, number) in found.items() if kind == "Field"}
    # Of several spellings the first that came is the name, in whatever order the replies came.
    [earth] = {"Earth Sciences", "Earth science"} & {*fields}
    [law] = {"Law", "LAW"} & {*fields}
    assert fields == {"Physics": 3, earth: 2, law: 2, "The Arts": 1}
    # Of one list alone, and so without lists of its own; a field is not a sub-field of itself.
    assert found["Optics"] == ("Subfield", 2)
    assert "The Arts 21" not in found
    assert job.warnings["known"].count == 1
    # Acoustics was named once; Optics and the two sub-fields each of two fields were supported.
    disciplines = {name for name, (kind, _) in found.items() if kind == "Discipline"}
    assert {"Optics 11", "Optics 12", f"{law} 11 21", f"{earth} 22 32"} <= disciplines
    assert len(disciplines) == 2 * 5
    lists = 3 * (1 + 3 + 5)
    assert endpoint.steps == {"draft": lists, "taxonomy": lists}
    assert job.steps["taxonomy"].done == lists
    assert job.spent_by_step["taxonomy"].calls == job.spent.calls == 2 * lists
    [row] = await rows_of(database, "MATCH (n:Field {name: 'Physics'}) RETURN n {.*} AS n")
    assert row["n"].items() >= {
        "status": "proposed", "support": 3, "samples": 3, "created_by": f"job {job.id}",
        "description": "what Physics is about",
    }.items()  # fmt: skip
    spelled = await rows_of(database, "MATCH (n {name: $name}) RETURN n.also_named AS names", name=earth)
    assert spelled == [{"names": [*({"Earth Sciences", "Earth science"} - {earth})]}]
    # Each waits for a person, with what all lists say of it, and is decided as what it is about.
    open_ = await listing.list_proposals(database, Wanted(under=root), limit=200)
    about = {one.about[0].name: one for one in open_.items}
    assert {*about} == {*found}
    assert {one.source_id for one in open_.items} == {job.id}
    assert about["Physics"].evidence == ["named in 3 of 3 lists"]
    assert about[earth].evidence == ["named in 2 of 3 lists", f"also named {spelled[0]['names'][0]}"]
    assert [about[name].score for name in ("Physics", earth, "The Arts")] == [1.0, 2 / 3, 1 / 3]
    assert [(node.role, node.name) for node in about["Optics"].about] == [
        ("subject", "Optics"), ("parent", "Physics"),
    ]  # fmt: skip
    assert await rows_of(database, "MATCH (:Job)<-[:FROM]-(p:Proposal) RETURN count(p) AS n") == [
        {"n": len(found)}
    ]
    await deciding.reject(database, about["The Arts"].id, by="ann")
    arts = await nodes.get(database, about["The Arts"].about[0].id)
    assert arts.status is Status.rejected
    by_step = await tables.run_named(database, "explore.cost_by_step", {"id": root})
    assert [(row["step"], row["samples"], row["calls"]) for row in by_step.rows] == [
        ("taxonomy", lists, 2 * lists)
    ]
    prompts = [call.messages[0]["content"] for call in endpoint.calls if place_of(call) == "Physics"]
    # The samples are independent: none is told what another one named.
    assert not any("known already" in prompt for prompt in prompts)


async def test_below_a_node_what_is_there_or_was_rejected_is_not_proposed_again(
    plant: Plant, endpoint: OpenAIServer
):
    database = plant.database
    field = await plant.node(Kind.Field, "Chemistry", await plant.node(Kind.Taxonomy, "GLAN"))
    await plant.node(Kind.Subfield, "Organic Chemistry", field)
    await plant.node(Kind.Subfield, "Alchemy", field, status=Status.rejected)
    await plant.node(Kind.Discipline, "Metallurgy", field, status=Status.retired)
    listed = ["Organic chemistry", "alchemies", "Metallurgy", "Chemistry", "GLAN", "Electrochemistry"]
    endpoint.reply = Namer({"Chemistry": [listed]})
    job = await propose(database, endpoint, field, levels="subfields")
    assert await support(database, field) == {"Electrochemistry": ("Subfield", 3)}
    assert job.warnings["known"].count == 3 * 5
    for call in endpoint.calls:
        assert "\n- Organic Chemistry\n- Alchemy\n- Metallurgy\n" in call.messages[0]["content"]
    # What this job proposed is shown to the next one, and is not supported by it.
    again = await propose(database, endpoint, field, levels="subfields")
    assert "- Electrochemistry" in endpoint.calls[-1].messages[0]["content"]
    assert (again.state, await support(database, field)) == (
        JobState.done, {"Electrochemistry": ("Subfield", 3)}
    )  # fmt: skip
    # Nothing is asked below what has been rejected.
    [row] = await rows_of(database, "MATCH (n {name: 'Electrochemistry'}) RETURN n.id AS id")
    await nodes.patch(database, row["id"], NodePatch(status=Status.rejected), None)
    endpoint.calls.clear()
    await propose(database, endpoint, field, levels="disciplines", samples=1)
    assert {place_of(call) for call in endpoint.calls} == {"Organic Chemistry"}
    for root, options, said in (
        (field, {"levels": "fields"}, "no fields below a Field"),
        (row["id"], {}, "rejected"),
        (await plant.node(Kind.Discipline, "Optics", field), {}, "below a Discipline"),
    ):
        with pytest.raises(Conflict, match=said):
            await propose(database, endpoint, root, **options)


async def test_a_budget_stops_it_and_with_more_it_continues_without_paying_twice(
    plant: Plant, endpoint: OpenAIServer
):
    database, settings = plant.database, settings_of(endpoint, concurrency=2)
    root = await taxonomy(plant)
    endpoint.reply = Namer({"World": FIELDS})
    job = await planned(
        database, settings, root, steps=["taxonomy"], taxonomy={"samples": 3}, budget={"calls": 9}
    )
    job = await run(database, settings, job.id)
    assert (job.state, job.spent.calls, len(endpoint.calls)) == (JobState.over_budget, 9, 9)
    before = await support(database, root)
    more = await resume(database, job.id, settings, BudgetSpec(calls=1000))
    job = await run(database, settings, more.id)
    assert job.state is JobState.done
    lists = 3 * (1 + 4 + 8)
    assert (job.spent.calls, len(endpoint.calls)) == (2 * lists, 2 * lists)
    found = await support(database, root)
    assert found.items() >= {name: of for name, of in before.items() if name == "Physics"}.items()
    assert all(0 < number <= 3 for _, number in found.values())
    assert len(found) == 4 + 8 + 16


async def test_unusable_replies_are_asked_for_once_more_and_counted_and_can_be_parsed_again(
    plant: Plant, endpoint: OpenAIServer
):
    database = plant.database
    root = await taxonomy(plant)
    namer = Namer({"World": [["Physics", "Law"]]})
    bad = ["no list at all", '{"names": [{"name": "Astrology"}]}', "still no list", "still no list"]

    def reply(call: Call) -> Answer:
        if call.step == "taxonomy" and asks_for_names(call) and place_of(call) == "World" and bad:
            return Answer(bad.pop(0))
        return namer(call)

    endpoint.reply = reply
    settings = settings_of(endpoint, concurrency=1)
    one = await planned(database, settings, root, steps=["taxonomy"], taxonomy={"samples": 2})
    job = await run(database, settings, one.id)
    # Of the first list neither reply was usable, of the second neither: the job has nothing.
    assert job.state is JobState.failed
    assert job.reason
    assert "every list failed: 2 x malformed" in job.reason
    repaired = [call for call in endpoint.calls if "could not be used" in call.prompt]
    assert len(repaired) == 2
    # The parser is mended: here the text that was kept is.
    kept = '{"names": [{"name": "Physics", "about": "matter"}, {"name": "Law", "about": ""}]}'
    await rows_of(database, "MATCH (u:WorkUnit {state: 'failed'}) SET u.raw = $raw", raw=kept)
    report = await reparse.reparse(database, job.id)
    assert (report.examined, report.recovered) == (2, {"taxonomy": 2})
    assert await support(database, root) == {"Physics": ("Field", 2), "Law": ("Field", 2)}
    # The levels below were done, for want of fields; they are looked at once more.
    job = await run(database, settings, (await jobs.act(database, job.id, "resume")).id)
    assert job.state is JobState.done
    assert {kind for kind, _ in (await support(database, root)).values()} == {
        "Field", "Subfield", "Discipline"
    }  # fmt: skip


async def test_the_estimate_holds_what_is_then_spent(plant: Plant, endpoint: OpenAIServer):
    database = plant.database
    root = await taxonomy(plant)
    endpoint.reply = Namer({"World": [["Physics", "Law"], ["Law", "The Arts"]]})
    options = {"samples": 2, "names": 2}
    for basis in ("prompts", "graph"):
        spec = JobSpec.model_validate({"root_id": root, "steps": ["taxonomy"], "taxonomy": options})
        found = await estimate(database, spec, settings_of(endpoint))
        [step] = found.steps
        assert (step.step, step.basis) == ("taxonomy", basis)
        job = await propose(database, endpoint, root, **options)
        for span, spent in (
            (step.samples, job.steps["taxonomy"].done),
            (found.total.calls, job.spent.calls),
        ):
            assert span.low <= spent <= span.high, basis
    free = await estimate(database, spec, ModelSettings())
    assert free.total.usd
    assert free.total.usd.high == 0
    with pytest.raises(NotFound):
        await estimate(database, spec.model_copy(update={"root_id": "x"}), ModelSettings())
