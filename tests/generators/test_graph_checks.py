"""Checks of what is there: what they withdraw, what undoing them and waivers restore, and what they skip."""

import asyncio
from typing import Any, Literal

import pytest
import pytest_asyncio
from checking import NO_MODEL, begin, ended
from growing import working
from planting import Plant, Syllabus, rows_of
from pydantic_core import to_json

from generators.quality.duplicates.near_duplicates import RULE
from generators.quality.rules import text_rules
from generators.running.checking import graph_check
from generators.running.engines.local import LocalWorker
from graph import coverage
from graph.database import Database
from graph.errors import CheckLost, Conflict, NotFound
from graph.instructions import instructions, withdrawal
from graph.instructions.instructions import Filter, InstructionStatus
from graph.model import Kind, NodePatch
from graph.quality import checks, evidence, findings, loading
from graph.quality.checks import Action, Check, CheckKind, CheckState
from graph.quality.findings import Outcome
from graph.quality.loading import About, Counted, NewItem
from graph.queries import load as query
from graph.rollups import count, kept
from graph.taxonomy import nodes

TIDES = "Explain how the tides of a bay depend on the moon, and name two harbours where it shows."
AGAIN = "**Explain  how the tides of a bay depend on the moon**, and name two harbours where it shows!"
LIKEWISE = "Explain how the tides of a bay depend on the moon; and name 2 harbours where it shows."
OTHER = "Explain how the tides of a bay depend on the moon, and name five harbours where it shows."
BEES = "Why do honey bees dance before the entrance of their hive when they have found a meadow?"
WHALES = (
    "A toothed whale dives for 40 minutes at 2 metres a second to hunt for squid in the dark. "
    "How deep is it when it turns, if it takes as long to come up again as it took to go down?"
)


class Sea:
    """A discipline with two syllabi, and instructions without keys, as an older version stored them.

    The instruction that comes first, `z`, is in the syllabus that is looked at last.
    """

    plant: Plant
    root: str
    discipline: str
    first: Syllabus
    last: Syllabus


@pytest_asyncio.fixture
async def sea(database: Database) -> Sea:
    sea = Sea()
    sea.plant = plant = Plant(database)
    sea.root = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", sea.root)
    sea.discipline = await plant.node(Kind.Discipline, "Oceanography", field)
    made = [
        await plant.syllabus(sea.discipline, name, {"s1": [f"{name} one"], "s2": [f"{name} two"]})
        for name in ("tides", "animals")
    ]
    sea.first, sea.last = sorted(made, key=lambda one: one.id)
    one, two = (next(iter(names.concepts)).split()[0] for names in (sea.first, sea.last))
    await ask(sea, "z", sea.last, TIDES, "s1", f"{two} one")
    await ask(sea, "b", sea.first, AGAIN, "s1 s2", f"{one} one,{one} two")
    await ask(sea, "c", sea.first, OTHER, "s2", f"{one} two")
    await ask(sea, "d", sea.last, BEES, "s2", f"{two} two")
    await ask(sea, "a", sea.last, LIKEWISE, "s1", f"{two} one")
    return sea


async def ask(
    sea: Sea, id_: str, syllabus: Syllabus, question: str, sessions: str, concepts: str, **more: Any
):
    from planting import instruction

    row = instruction(
        id_,
        syllabus.id,
        [syllabus.sessions[name] for name in sessions.split()],
        [syllabus.concepts[name] for name in concepts.split(",")],
        **({"question": question, "answer": "It depends.", "language": "English"} | more),
    )
    job = sea.plant.jobs[0] if sea.plant.jobs else await sea.plant.job(sea.root)
    await rows_of(sea.plant.database, "MATCH (j:Job) SET j.state = 'done'")
    await sea.plant.database.writing(lambda tx: instructions.store(tx, job, [row]))
    # Instructions are ordered by milliseconds, then by ids.
    await asyncio.sleep(0.003)


async def checked(
    database: Database, node: str, kind: CheckKind = CheckKind.duplicates, **more: Any
) -> Check:
    check = await begin(database, node, kind=kind, **more)
    async with working(database, NO_MODEL):
        return await ended(database, check.id)


async def shown(database: Database, node: str, wanted: Filter | None = None) -> bytes:
    """What a pull gives, as lines."""
    found = await instructions.pull(database, node, wanted or Filter())
    return b"\n".join([to_json(one) async for one in found])


async def covered(database: Database, node: str) -> str:
    """Coverage as it is kept, compared with a recount."""
    return (await coverage.of(database, node, ["single:1", "pair:2"])).model_dump_json()


async def no_drift(sea: Sea) -> None:
    database = sea.plant.database
    own = (await kept.of(database, [sea.discipline])).figures[sea.discipline]
    again = (await count.count(database, {"d": [sea.discipline]}))["d"]
    assert (own.degrees, own.made, own.reached, own.covered) == (
        again.degrees,
        again.made,
        again.reached,
        again.covered,
    )


async def status(database: Database) -> dict[str, tuple[str, str | None]]:
    rows = await rows_of(database, "MATCH (i:Instruction) RETURN i.id AS id, i.status AS s, i.reason AS r")
    return {row["id"]: (row["s"], row["r"]) for row in rows}


async def load(database: Database, name: str, *texts: str) -> None:
    begun = await loading.begin(database, About(name=name))
    await begun.add([Counted(NewItem(text=text, split="test"), len(text.split())) for text in texts])
    await begun.finish(0)


async def test_older_duplicates_are_withdrawn_and_undoing_restores_every_byte(database: Database, sea: Sea):
    before, figures = await shown(database, sea.root), await covered(database, sea.root)
    check = await checked(database, sea.root)
    assert (check.state, check.looked_at, check.found, check.withdrawn) == (CheckState.done, 5, 2, 2)
    # The one that was made first is kept, though its syllabus was looked at last.
    assert await status(database) == {
        "z": ("accepted", None),
        "b": ("withdrawn", "duplicate"),
        "c": ("accepted", None),
        "d": ("accepted", None),
        "a": ("withdrawn", "duplicate"),
    }
    edges = await rows_of(
        database,
        "MATCH (i)-[r:NEAR_DUPLICATE_OF|VARIANT_OF]->(o) "
        "RETURN type(r) AS type, i.id AS i, o.id AS o, r.check_id AS check, r.rule AS rule, r.at AS at",
    )
    assert sorted((e["type"], e["i"], e["o"]) for e in edges) == [
        ("NEAR_DUPLICATE_OF", "a", "z"),
        ("NEAR_DUPLICATE_OF", "b", "z"),
        ("VARIANT_OF", "a", "c"),
        ("VARIANT_OF", "c", "z"),
    ]
    assert all(e["check"] == check.id and e["rule"] == RULE and e["at"] for e in edges)
    assert await shown(database, sea.root) != before
    await no_drift(sea)
    pulled = await instructions.pull(database, sea.root, Filter((InstructionStatus.withdrawn,)))
    assert sorted([one.id async for one in pulled]) == ["a", "b"]
    undone = await withdrawal.undo(database, check.id)
    assert (undone.state, undone.restored) == (CheckState.undone, 2)
    assert await shown(database, sea.root) == before
    assert await covered(database, sea.root) == figures
    await no_drift(sea)
    assert not await rows_of(database, "MATCH ()-[r:NEAR_DUPLICATE_OF|VARIANT_OF]->() RETURN r.at AS at")
    assert (await withdrawal.undo(database, check.id)).restored == 2
    # What was found is looked at again by the next check; the rest is not.
    again = await checked(database, sea.root)
    assert (again.looked_at, again.withdrawn) == (3, 2)


async def test_what_was_looked_at_is_skipped(database: Database, sea: Sea):
    assert (await checked(database, sea.root)).looked_at == 5
    assert (await checked(database, sea.root)).looked_at == 0
    tides = next(iter(sea.first.concepts))
    await ask(sea, "new", sea.first, TIDES.replace("Explain", "explain"), "s1", tides)
    check = await checked(database, sea.root)
    assert (check.looked_at, check.withdrawn) == (1, 1)


async def test_the_ledger_counts_what_was_withdrawn_as_accepted(database: Database, sea: Sea):
    await checked(database, sea.root)
    # Stored once more, as by a worker that did not hear that it was stored: it stays withdrawn.
    tides = next(iter(sea.first.concepts))
    await ask(sea, "b", sea.first, AGAIN, "s1", tides)
    assert (await status(database))["b"] == ("withdrawn", "duplicate")
    await no_drift(sea)


async def test_a_waiver_restores_and_outlives_later_checks(database: Database, sea: Sea):
    before = await shown(database, sea.root)
    check = await checked(database, sea.root)
    await withdrawal.waive(database, "b", "both are wanted", "Ada")
    await withdrawal.waive(database, "b", "another reason", "Bob")
    assert (await status(database))["b"] == ("accepted", None)
    row = await evidence.of_instruction(database, "b")
    assert row
    assert (row["instruction"]["waived_by"], row["instruction"]["waiver"]) == ("Ada", "both are wanted")
    assert [one["waived_by"] for one in row["near_duplicates"]] == ["Ada"]
    await withdrawal.undo(database, check.id)
    assert await shown(database, sea.root) == before
    again = await checked(database, sea.root)
    assert (await status(database))["b"] == ("accepted", None)
    assert (await status(database))["a"] == ("withdrawn", "duplicate")
    row = await evidence.of_instruction(database, "b")
    assert row
    assert [one["waived_by"] for one in row["near_duplicates"]] == ["Ada"]
    assert again.withdrawn == 1
    await no_drift(sea)


async def test_flags_and_dry_runs_withdraw_nothing(database: Database, sea: Sea):
    before = await shown(database, sea.root)
    dry = await checked(database, sea.root, dry_run=True)
    assert (dry.looked_at, dry.found, dry.withdrawn, dry.variants) == (5, 2, 0, 1)
    assert not await rows_of(database, "MATCH ()-[r:NEAR_DUPLICATE_OF|VARIANT_OF]->() RETURN r.at AS at")
    assert not await rows_of(database, "MATCH (i:Instruction) WHERE i.checked IS NOT NULL RETURN i.id AS id")
    pairs = (await findings.pairs(database, dry.id)).items
    assert [
        (p.instruction.id, p.other and p.other.id, p.outcome) for p in pairs if p.kind == "NEAR_DUPLICATE_OF"
    ] == [
        ("b", "z", Outcome.withdraw),
        ("a", "z", Outcome.withdraw),
    ]
    [variant] = [p for p in pairs if p.instruction.id == "c"]
    assert (variant.kind, variant.instruction.text, variant.other and variant.other.text) == (
        "VARIANT_OF",
        OTHER,
        TIDES,
    )
    assert variant.differs
    with pytest.raises(Conflict, match="dry run"):
        await withdrawal.undo(database, dry.id)
    flagged = await checked(database, sea.root, action=Action.flag)
    assert (flagged.found, flagged.withdrawn) == (2, 0)
    assert await shown(database, sea.root) == before
    assert len(await rows_of(database, "MATCH ()-[r:NEAR_DUPLICATE_OF]->() RETURN r.at AS at")) == 2


async def test_pairs_come_in_pages(database: Database, sea: Sea):
    check = await checked(database, sea.root)
    every = (await findings.pairs(database, check.id)).items
    assert len(every) == 4
    for limit in (1, 2, 3):
        found, cursor = [], None
        while True:
            page = await findings.pairs(database, check.id, limit, cursor)
            assert len(page.items) <= limit
            found += page.items
            if (cursor := page.next) is None:
                break
        assert found == every


async def test_a_benchmark_that_was_loaded_later(database: Database, sea: Sea):
    animals = [*sea.last.concepts]
    await ask(sea, "w", sea.last, f"Solve this. {WHALES}", "s1", animals[0])
    await ask(sea, "x", sea.last, "Tell me of whales.", "s2", animals[1], answer=f"Well: {WHALES} Think.")
    before, figures = await shown(database, sea.root), await covered(database, sea.root)
    with pytest.raises(Conflict, match="no benchmark is loaded"):
        await begin(database, sea.root, kind=CheckKind.contamination)
    await load(database, "bees", BEES)
    await load(database, "sea", WHALES)
    with pytest.raises(NotFound, match="mars"):
        await begin(database, sea.root, kind=CheckKind.contamination, benchmarks=["mars"])
    alone = await checked(database, sea.root, CheckKind.contamination, benchmarks=["sea"])
    assert (alone.looked_at, alone.found, alone.withdrawn) == (7, 2, 2)
    found = await status(database)
    assert found["w"] == found["x"] == ("withdrawn", "contaminated")
    assert found["d"] == ("accepted", None)
    pairs = (await findings.pairs(database, alone.id)).items
    assert {
        (p.instruction.id, p.part, p.other and p.other.benchmark, p.other and p.other.text) for p in pairs
    } == {
        ("w", "question", "sea", WHALES),
        ("x", "answer", "sea", WHALES),
    }
    assert all(p.span and "toothed whale" in p.span for p in pairs)
    await no_drift(sea)
    # Another set of benchmarks is another rule: what is left is looked at again.
    every = await checked(database, sea.root, CheckKind.contamination)
    assert (every.looked_at, every.withdrawn) == (5, 1)
    assert (await checked(database, sea.root, CheckKind.contamination)).looked_at == 0
    for one in (every, alone):
        await withdrawal.undo(database, one.id)
    assert (await shown(database, sea.root), await covered(database, sea.root)) == (before, figures)
    await no_drift(sea)


async def test_what_was_edited_in_between_is_restored_as_stale(database: Database, sea: Sea):
    check = await checked(database, sea.root)
    concept = sea.first.concepts[next(iter(sea.first.concepts))]
    await nodes.patch(database, concept, NodePatch(name="quite another name"), None)
    await withdrawal.undo(database, check.id)
    found = await status(database)
    assert found["b"][0] == "stale"
    assert "renamed" in (found["b"][1] or "")
    assert found["a"] == ("accepted", None)
    await no_drift(sea)


async def test_a_question_kept_in_between_keeps_its_key(database: Database, sea: Sea):
    check = await checked(database, sea.root)
    key = "MATCH (i:Instruction {id: $id}) RETURN i.text_key AS key, i.words AS words"
    [one] = await rows_of(database, key, id="z")
    text = "MATCH (i:Instruction {id: 'z'}) SET i.status = 'stale', i.text_key = null"
    await rows_of(database, text)
    tides = next(iter(sea.first.concepts))
    await ask(sea, "n", sea.first, TIDES, "s1", tides, text_key=one["key"], words=one["words"])
    await withdrawal.undo(database, check.id)
    assert [row["key"] for row in await rows_of(database, key, id="n")] == [one["key"]]
    assert (await status(database))["a"] == ("accepted", None)


async def test_a_question_withdrawn_before_its_words_came_gets_its_key_again(database: Database, sea: Sea):
    check = await checked(database, sea.root)
    late = (
        "MATCH (i:Instruction {status: 'withdrawn'}) "
        "SET i.before = i.before[..2] + ['key of ' + i.id, ''] RETURN i.id AS id, i.before[2] AS key"
    )
    keys = {row["id"]: row["key"] for row in await rows_of(database, late)}
    assert keys
    await withdrawal.undo(database, check.id)
    found = await rows_of(
        database,
        "MATCH (i:Instruction) WHERE i.id IN $ids RETURN i.id AS id, i.text_key AS key, i.words AS words",
        ids=[*keys],
    )
    assert {row["id"]: row["key"] for row in found} == keys
    assert {row["words"] for row in found} == {None}


@pytest.mark.parametrize("phase", ["give_keys", "find", "settle"])
async def test_a_killed_worker_is_resumed(
    database: Database, sea: Sea, monkeypatch: pytest.MonkeyPatch, phase: str
):
    monkeypatch.setattr(graph_check, "SETTLED_AT_ONCE", 1)
    monkeypatch.setattr(graph_check, "LOOKED_AT_ONCE", 1)
    monkeypatch.setattr(graph_check, "PREPARED_AT_ONCE", 1)
    module = evidence if phase == "give_keys" else findings
    done = getattr(module, phase)
    calls = 0

    async def dies(*args: Any, **more: Any) -> None:
        nonlocal calls
        await done(*args, **more)
        calls += 1
        if calls == 2:
            # In the transaction: nothing of it is stored, and nothing more happens in this worker.
            await asyncio.Event().wait()

    monkeypatch.setattr(module, phase, dies)
    check = await begin(database, sea.root, kind=CheckKind.duplicates)
    worker = LocalWorker(database, NO_MODEL, lease_s=1)
    task = asyncio.create_task(worker.work())
    while calls < 2:
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with working(database, NO_MODEL):
        check = await ended(database, check.id)
    assert (check.state, check.looked_at, check.found, check.withdrawn) == (CheckState.done, 5, 2, 2)
    assert {id_ for id_, (state, _) in (await status(database)).items() if state == "withdrawn"} == {"a", "b"}
    await no_drift(sea)


async def test_pausing_and_going_on(database: Database, sea: Sea):
    check = await begin(database, sea.root, kind=CheckKind.duplicates)
    assert (await checks.act(database, check.id, "pause")).state is CheckState.paused
    async with working(database, NO_MODEL):
        await asyncio.sleep(0.2)
        assert (await checks.get(database, check.id)).looked_at == 0
        await checks.act(database, check.id, "resume")
        assert (await ended(database, check.id)).withdrawn == 2
    with pytest.raises(Conflict, match="done"):
        await checks.act(database, check.id, "pause")


@pytest.mark.parametrize(
    ("requests", "asked", "ends", "after"),
    [
        (["pause", "resume"], True, CheckState.paused, CheckState.planned),
        (["pause"], True, CheckState.paused, CheckState.paused),
        (["pause"], False, CheckState.planned, CheckState.paused),
        (["pause"], False, CheckState.done, CheckState.done),
        # Paused for another reason than a request.
        ([], False, CheckState.paused, CheckState.paused),
    ],
)
async def test_the_last_request_counts_while_a_check_ends(
    database: Database,
    sea: Sea,
    requests: list[Literal["pause", "resume"]],
    asked: bool,
    ends: CheckState,
    after: CheckState,
):
    check = await begin(database, sea.root, kind=CheckKind.duplicates)
    claimed = await checks.claim(database, "worker", 60)
    assert claimed
    for action in requests:
        assert (await checks.act(database, check.id, action)).state is CheckState.running
    assert await checks.release(database, claimed[0], ends, asked=asked) is after
    assert (await checks.get(database, check.id)).state is after


async def test_a_worker_held_up_past_its_lease_stores_nothing_of_what_was_undone(
    database: Database, sea: Sea
):
    check = await begin(database, sea.root, kind=CheckKind.duplicates)
    claimed = await checks.claim(database, "held up", 0.001)
    assert claimed
    await asyncio.sleep(0.01)
    assert (await checks.act(database, check.id, "pause")).state is CheckState.paused
    assert (await withdrawal.undo(database, check.id)).state is CheckState.undone
    with pytest.raises(CheckLost):
        await checks.step(database, claimed[0], checks.Step(withdrawn=1))
    with pytest.raises(CheckLost):
        await checks.release(database, claimed[0], CheckState.paused)
    assert (await checks.get(database, check.id)).state is CheckState.undone


async def test_a_rejected_answer_is_looked_at_like_the_one_that_is_kept(database: Database, sea: Sea):
    """Trainers read both, where they are pulled as a preference pair."""
    animal = [*sea.last.concepts][1]
    worse = {"answer": "Well: think.", "rejected_answer": f"Well: {WHALES} Think."}
    await ask(sea, "x", sea.last, "Tell me of whales.", "s2", animal, **worse)
    before = await shown(database, sea.root)
    await load(database, "sea", WHALES)
    check = await checked(database, sea.root, CheckKind.contamination)
    assert (await status(database))["x"] == ("withdrawn", "contaminated")
    await withdrawal.undo(database, check.id)
    assert await shown(database, sea.root) == before


MODEL = "As an AI language model, I have never seen the sea, but rivers carry salts into it."
COURSE = "As discussed in Session 3, why is the sea salty?"
TITLE = "The role of plankton in the sea"
GIVEN_AWAY = "Plankton is the drifting life of the sea. What is plankton?"


async def test_flaws_in_texts_withdraw_where_the_rules_are_sure_and_flag_where_they_are_not(
    database: Database, sea: Sea
):
    [name, *_] = sea.last.concepts
    await ask(sea, "m", sea.last, "Why is the sea salty?", "s1", name, answer=MODEL)
    await ask(sea, "n", sea.last, COURSE, "s1", name)
    await ask(sea, "o", sea.last, TITLE, "s1", name)
    await ask(sea, "p", sea.last, GIVEN_AWAY, "s1", name)
    before, figures = await shown(database, sea.root), await covered(database, sea.root)
    dry = await checked(database, sea.root, CheckKind.texts, dry_run=True)
    assert (dry.looked_at, dry.found, dry.withdrawn) == (9, 4, 0)
    assert await shown(database, sea.root) == before
    check = await checked(database, sea.root, CheckKind.texts)
    assert (check.looked_at, check.found, check.withdrawn, check.rule) == (9, 4, 2, text_rules.RULE)
    found = await status(database)
    assert {id_: found[id_] for id_ in "mnop"} == {
        "m": ("withdrawn", "self_reference"),
        "n": ("withdrawn", "not_self_contained"),
        "o": ("accepted", None),
        "p": ("accepted", None),
    }
    pairs = (await findings.pairs(database, check.id)).items
    assert [(p.instruction.id, p.kind, p.part, p.span, p.outcome) for p in pairs] == [
        ("m", "TEXT_FLAW", "answer", "As an AI language model", Outcome.withdraw),
        ("n", "TEXT_FLAW", "question", "discussed in Session 3", Outcome.withdraw),
        ("o", "TEXT_FLAW", "question", TITLE, Outcome.flag),
        ("p", "TEXT_FLAW", "question", "Plankton is the ", Outcome.flag),
    ]
    assert all(pair.said and pair.other is None for pair in pairs)
    await no_drift(sea)
    # What the rules have looked at is skipped; undoing restores every byte, and a waiver stands.
    assert (await checked(database, sea.root, CheckKind.texts)).looked_at == 0
    await withdrawal.undo(database, check.id)
    assert (await shown(database, sea.root), await covered(database, sea.root)) == (before, figures)
    await withdrawal.waive(database, "n", "of a course about courses", "Ada")
    again = await checked(database, sea.root, CheckKind.texts, action=Action.flag)
    assert (again.found, again.withdrawn) == (3, 0)
    assert await shown(database, sea.root) == before


async def test_an_answer_may_speak_of_what_its_discipline_is_about(database: Database, sea: Sea):
    field = await sea.plant.node(Kind.Field, "Computing", sea.root)
    discipline = await sea.plant.node(Kind.Discipline, "Artificial intelligence", field)
    models = await sea.plant.syllabus(discipline, "Language models", {"s1": ["Refusals of models"]})
    await ask(sea, "m", models, "How does one refuse?", "s1", "Refusals of models", answer=MODEL)
    # So may one that was drawn from two syllabi, of which the other is in that discipline.
    [name, *_] = sea.last.concepts
    await ask(sea, "n", sea.last, "How does one?", "s1", name, answer=MODEL, partner_id=models.id)
    await ask(sea, "o", sea.last, "How does one here?", "s1", name, answer=MODEL)
    check = await checked(database, sea.root, CheckKind.texts)
    assert (check.looked_at, check.found, check.withdrawn) == (8, 1, 1)
    assert (await status(database))["o"] == ("withdrawn", "self_reference")


async def test_personal_data_is_flagged_and_only_withdrawn_where_that_is_asked_for(
    database: Database, sea: Sea
):
    animals = [*sea.last.concepts]
    await ask(sea, "m", sea.last, "Write to ann.lee@harbour-office.net about the tides.", "s1", animals[0])
    answer = "Send it to DE89370400440532013000, as the harbour master does."
    await ask(
        sea, "n", sea.last, "To which account do the fees of a harbour go?", "s2", animals[1], answer=answer
    )
    before, figures = await shown(database, sea.root), await covered(database, sea.root)
    flagged = await checked(database, sea.root, CheckKind.safety)
    assert (flagged.action, flagged.looked_at, flagged.found, flagged.withdrawn) == (Action.flag, 7, 2, 0)
    assert await shown(database, sea.root) == before
    pairs = (await findings.pairs(database, flagged.id)).items
    assert [(p.instruction.id, p.part, p.said, p.span, p.other, p.outcome) for p in pairs] == [
        ("m", "question", "email", "ann.lee@harbour-office.net", None, Outcome.flag),
        ("n", "answer", "iban", "DE89370400440532013000", None, Outcome.flag),
    ]
    assert (await checked(database, sea.root, CheckKind.safety)).looked_at == 0
    await withdrawal.undo(database, flagged.id)
    await withdrawal.waive(database, "n", "the account of a charity", "Ada")
    found = await checked(database, sea.root, CheckKind.safety, action=Action.reject)
    assert (found.found, found.withdrawn) == (1, 1)
    assert (await status(database))["m"] == ("withdrawn", "personal_data")
    await no_drift(sea)
    await withdrawal.undo(database, found.id)
    assert (await shown(database, sea.root), await covered(database, sea.root)) == (before, figures)


async def test_named_queries_say_what_checks_found_and_what_they_did_not_look_at(
    database: Database, sea: Sea
):
    async def said(name: str, **params: Any) -> list[dict[str, Any]]:
        return await database.read(query(f"explore.{name}"), id=sea.root, limit=9, **params)

    [unseen, other] = await said("unchecked", rule="near")
    assert unseen["instructions"] + other["instructions"] == 5
    check = await checked(database, sea.root)
    assert await said("unchecked", rule="near") == []
    assert sum(row["instructions"] for row in await said("unchecked", rule="judge")) == 3
    assert sum(row["instructions"] for row in await said("unjudged")) == 3
    await withdrawal.waive(database, "a", "wanted", "Ada")
    assert [(row["id"], row["by"], row["reason"]) for row in await said("waived")] == [("a", "Ada", "wanted")]
    [withdrawn] = await said("withdrawn")
    assert {name: withdrawn[name] for name in ("check", "kind", "rule", "reason", "instructions")} == {
        "check": check.id,
        "kind": "duplicates",
        "rule": RULE,
        "reason": "duplicate",
        "instructions": 1,
    }
    found = {row["found"]: row for row in await said("evidence")}
    same = found["NEAR_DUPLICATE_OF"]
    assert [same[n] for n in ("instructions", "accepted", "withdrawn", "waived")] == [2, 1, 1, 1]
    farms = {row["id"]: row["variants"] for row in await said("variant_farms")}
    assert farms == {"c": 1, "z": 1}
