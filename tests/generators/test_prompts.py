"""What models invent is dropped and counted, questions that need context are retried, prompts are named."""

import json
from collections.abc import Sequence

from growing import discipline, grow, made, settings_of
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import rows_of

from generators.prompts.versions import version_of
from graph.database import Database
from graph.instructions import findings_about, instructions, releases
from graph.jobs.job import Job, JobState
from graph.model import Kind
from graph.queries import load
from graph.reasons import Reason
from graph.taxonomy.walking import traversal

DRAFT = "1. Ideals: prime ideals, maximal ideals\n2. Fields: field extensions, splitting fields"
GOOD = [("Ideals", ["Prime ideals", "Maximal ideals"]), ("Fields", ["Field extensions", "Splitting fields"])]
MADE_UP = [("First steps in Algebra", ["Basic terms"]), ("Algebra in practice", ["Common mistakes"])]


def syllabus(*sessions: tuple[str, Sequence[str]]) -> str:
    rows = [{"title": title, "description": "", "key_concepts": list(names)} for title, names in sessions]
    return json.dumps({"introduction": "", "objectives": [], "outcomes": [], "sessions": rows})


async def grown(
    database: Database, endpoint: OpenAIServer, *replies: str
) -> tuple[Job, set[str], list[Call]]:
    """Runs a job of one syllabus with these second turns; returns the job, its concepts and the calls."""
    left = list(replies)

    def reply(call: Call) -> Answer:
        if call.step == "draft" and "Design the syllabus" in call.prompt:
            return Answer(DRAFT)
        return Answer(left.pop(0)) if call.step == "syllabi" else default_reply(call)

    endpoint.reply = reply
    root = await discipline(database)
    job = await grow(
        database,
        endpoint,
        root,
        subjects_per_discipline=1,
        sessions_per_syllabus=4,
        steps=["subjects", "syllabi"],
    )
    found = await traversal.descendants(database, root, kind=Kind.KeyConcept)
    return job, {node.name for node in found.items}, [c for c in endpoint.calls if c.step == "syllabi"]


async def test_what_is_made_up_is_dropped_and_counted(database: Database, endpoint: OpenAIServer) -> None:
    job, concepts, calls = await grown(
        database,
        endpoint,
        syllabus(*GOOD, MADE_UP[0], ("Ideals", ["Prime ideal", "Quantum fields of honey"])),
    )
    assert job.state is JobState.done
    assert concepts == {
        "Prime ideals",
        "Maximal ideals",
        "Field extensions",
        "Splitting fields",
        "Prime ideal",
    }
    assert len(calls) == 1
    assert {name: found.count for name, found in job.warnings.items()} == {"ungrounded": 3}
    assert job.warnings["ungrounded"].meaning


async def test_where_too_little_is_left_it_is_asked_for_once_more(
    database: Database, endpoint: OpenAIServer
) -> None:
    job, concepts, calls = await grown(database, endpoint, syllabus(*MADE_UP), syllabus(*GOOD))
    assert job.state is JobState.done
    assert concepts == {"Prime ideals", "Maximal ideals", "Field extensions", "Splitting fields"}
    assert len(calls) == 2
    assert '"First steps in Algebra"' in calls[1].prompt
    assert "word for word" in calls[1].prompt
    assert {name: found.count for name, found in job.warnings.items()} == {"asked_again": 1}
    assert job.spent.calls == len(endpoint.calls)


async def test_of_two_poor_replies_the_better_one_is_used(database: Database, endpoint: OpenAIServer) -> None:
    poor = syllabus(GOOD[0], *MADE_UP, ("More steps", ["Main methods", "Tools"]))
    job, concepts, calls = await grown(database, endpoint, poor, syllabus(*MADE_UP))
    assert job.state is JobState.done
    assert concepts == {"Prime ideals", "Maximal ideals"}
    assert len(calls) == 2


async def test_what_is_nothing_but_made_up_is_refused_and_kept(
    database: Database, endpoint: OpenAIServer
) -> None:
    job, concepts, _ = await grown(database, endpoint, syllabus(*MADE_UP), syllabus(*MADE_UP))
    assert job.state is JobState.done
    assert (job.steps["syllabi"].failed, concepts) == (1, set())
    assert "do not stand in the syllabus above" in (job.reasons[Reason.malformed].text or "")


async def test_a_question_that_refers_to_a_session_is_asked_for_once_more(
    database: Database, endpoint: OpenAIServer
) -> None:
    bad = json.dumps({"question": "As discussed in Session 3, how do these concepts fit together?"})
    stubborn: set[str] = set()

    def reply(call: Call) -> Answer:
        if call.step != "questions":
            return default_reply(call)
        first, _, again = call.prompt.partition("Another question on this could not be used")
        if not stubborn:
            stubborn.add(first.strip())
        return Answer(bad) if first.strip() in stubborn or not again else default_reply(call)

    endpoint.reply = reply
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=6)
    assert (job.state, job.ledger.accepted) == (JobState.done, 5)
    assert (job.ledger.rejected, job.ledger.again, job.ledger.failed) == (7, 6, 0)
    assert job.reasons[Reason.not_self_contained].count == 7
    questions = [call for call in endpoint.calls if call.step == "questions"]
    assert len(questions) == 12
    assert 'it says "discussed in Session 3"' in questions[-1].prompt
    # No answer is bought for a question that clearly needs context.
    assert endpoint.steps["answers"] == 5
    assert all("Session 3" not in (one.question or "") for one in await made(database, root))


GIVEN_AWAY = "A prime ideal is an ideal without factors. What is a prime ideal?"
TITLE = "The role of prime ideals in rings"


async def test_what_is_not_sure_enough_to_reject_a_question_is_kept_as_its_flags(
    database: Database, endpoint: OpenAIServer
) -> None:
    left = [GIVEN_AWAY, TITLE, TITLE]

    def reply(call: Call) -> Answer:
        if call.step != "questions" or not left:
            return default_reply(call)
        return Answer(json.dumps({"question": left.pop(0)}))

    endpoint.reply = reply
    root = await discipline(database)
    job = await grow(
        database, endpoint, root, settings_of(endpoint, concurrency=1), subjects_per_discipline=1, add=3
    )
    assert (job.ledger.accepted, job.ledger.rejected) == (3, 0)
    flags = {
        one.question: (await findings_about.of(database, one.id)).flags for one in await made(database, root)
    }
    assert flags.pop(GIVEN_AWAY) == ["question.own_answer@1"]
    assert flags.pop(TITLE) == ["question.one_task@3"]
    assert [*flags.values()] == [[]]
    rows = await database.read(load("explore.flags"), id=root, limit=10)
    assert [(row["rule"], row["instructions"], row["question"]) for row in rows] == [
        ("question.one_task@3", 1, TITLE),
        ("question.own_answer@1", 1, GIVEN_AWAY),
    ]


async def test_units_instructions_and_releases_name_their_prompts(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=3)
    units = await rows_of(
        database, "MATCH (u:WorkUnit) WHERE u.model IS NOT NULL RETURN u.prompt_version AS version"
    )
    assert {row["version"] for row in units} == {version_of("subjects"), version_of("syllabi")}
    [one, *_] = await made(database, root)
    lineage = await instructions.get(database, one.id)
    versions = {"question": version_of("questions"), "answer": version_of("answers")}
    assert lineage.prompt_versions == versions
    _, build = await releases.begin(database, releases.NewRelease(node_id=root, name="first"))
    assert build
    assert (await build.run()).prompts == sorted(versions.values())
