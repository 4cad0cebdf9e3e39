"""Questions that repeat kept ones: refused before their answers are bought, and asked for once more."""

import json
import re
import threading
from collections import Counter
from typing import Any, LiteralString

import pytest
from growing import discipline, grow, made, planned, run, settings_of, working
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import Plant, instruction, rows_of

from generators.quality.duplicates.search_words import shares
from generators.running.comparing.comparison import Asked, sought
from generators.running.frame.writer import InstructionWriter
from graph.database import Database
from graph.jobs import jobs, leases
from graph.jobs.job import Job, JobState
from graph.model import Kind
from graph.quality import evidence
from graph.queries import Query
from graph.reasons import Reason

AGAIN = "could not be used"


def question(text: str) -> Answer:
    return Answer(json.dumps({"question": text}))


class Repeats:
    """Asks a question `times` times in different forms, before it asks another one."""

    FORMS = (
        "Explain how the tides of a bay depend on the moon, and name two harbours where it shows.",
        "**Explain  how the tides of a bay depend on the moon**, and name two harbours where it shows!",
        "Explain how the tides of a bay depend on the moon; and name 2 harbours where it shows.",
    )

    def __init__(self, times: int = 2) -> None:
        self.times = times
        self._lock = threading.Lock()
        self._calls = 0
        self.again: list[str] = []

    def __call__(self, call: Call) -> Answer:
        if call.step != "questions":
            return default_reply(call)
        with self._lock:
            n, self._calls = self._calls, self._calls + 1
            if AGAIN in call.prompt:
                self.again.append(call.prompt)
        if n % self.times:
            return question(self.FORMS[n // self.times % 3 if n < 9 else 0])
        return default_reply(call)


async def rows(database: Database, text: LiteralString) -> list[dict[str, Any]]:
    return await database.read(Query("test", text, "", "read", {}, {}))


async def test_no_answer_is_bought_for_a_question_that_repeats_a_kept_one(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = reply = Repeats()
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=20)
    assert job.state is JobState.done
    assert endpoint.steps["answers"] == job.ledger.accepted
    assert endpoint.steps["questions"] == 20 + job.ledger.again
    assert job.ledger.rejected == job.reasons[Reason.duplicate].count
    assert job.ledger.again > 3
    assert job.ledger.accepted + job.ledger.rejected == 20 + job.ledger.again
    questions = Counter(i.question for i in await made(database, root) if i.status == "accepted")
    assert max(questions.values()) == 1
    # The question that is too like another is shown, so that the model does not write it again.
    assert len(reply.again) == job.ledger.again
    assert all("tides of a bay" in prompt for prompt in reply.again)
    links = await rows(
        database,
        "MATCH (i:Instruction {status: 'rejected'}) OPTIONAL MATCH (i)-[r:NEAR_DUPLICATE_OF]->(k) "
        "RETURN i.detail AS detail, r.rule AS rule, k.status AS kept, i.text_key AS key",
    )
    assert {(row["kept"], row["key"]) for row in links} == {("accepted", None)}
    assert all(row["rule"] for row in links)


async def test_without_another_try_the_number_is_not_reached(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = Repeats()
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=12, checks={"again": 0})
    assert (job.state, job.ledger.again) == (JobState.done, 0)
    assert job.ledger.accepted + job.ledger.rejected == 12
    assert job.ledger.rejected > 3


async def test_switched_off_everything_is_kept(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    endpoint.reply = Repeats()
    job = await grow(
        database, endpoint, root, subjects_per_discipline=1, add=12, checks={"duplicates": False}
    )
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (12, 0, 0)


@pytest.mark.parametrize("times", [2, 3])
async def test_a_target_in_total_is_reached_under_checks(
    database: Database, endpoint: OpenAIServer, times: int
) -> None:
    root = await discipline(database)
    endpoint.reply = Repeats(times)
    spec: dict[str, Any] = {"subjects_per_discipline": 1, "checks": {"again": 0}}
    job = await grow(database, endpoint, root, until={"total": 25}, **spec)
    assert (job.state, job.ledger.accepted) == (JobState.done, 25)
    assert job.ledger.requested == 25 + job.ledger.rejected
    more = await grow(database, endpoint, root, until={"total": 25}, **spec)
    assert more.ledger.requested == 0


async def test_a_target_that_cannot_be_reached_ends_with_the_reason(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = lambda call: (
        question(Repeats.FORMS[0]) if call.step == "questions" else default_reply(call)
    )
    job = await grow(database, endpoint, root, subjects_per_discipline=1, until={"total": 9})
    assert (job.state, job.ledger.accepted) == (JobState.exhausted, 1)
    assert job.reason
    assert re.search(r"8 of the target are missing.*duplicate", job.reason)
    # Three rounds of 8 more than the first, none of which was accepted, and each was asked for once more.
    assert (job.ledger.requested, job.ledger.again) == (9 + 24, 8 + 24)


async def test_two_jobs_share_what_is_kept(database: Database, endpoint: OpenAIServer) -> None:
    root = await discipline(database)
    first = await grow(database, endpoint, root, subjects_per_discipline=1, add=5)
    assert first.ledger.accepted == 5
    said = [i.question for i in await made(database, root)]
    endpoint.reply = lambda call: (
        question(said[call.prompt.count("a") % 5] or "") if call.step == "questions" else default_reply(call)
    )
    job = await grow(database, endpoint, root, add=6)
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (0, 12, 6)


async def test_kept_questions_have_their_words_when_a_job_ends_and_when_it_goes_on(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=6)
    kept = "MATCH (i:Instruction) RETURN i.question AS question, i.words AS words"
    words = {row["question"]: row["words"] for row in await rows(database, kept)}
    assert len(words) == 6
    assert words == {text: Asked.of("", text, ()).stored_words for text in words}
    # As a worker leaves it that is killed before they are stored.
    text = (
        "MATCH (i:Instruction), (u:WorkUnit {id: i.unit_id}), (j:Job) "
        "SET i.words = null, u.state = 'pending', u.counts = null, j.state = 'planned'"
    )
    await database.write(Query("test", text, "", "write", {}, {}))
    job = await run(database, settings_of(endpoint), job.id)
    assert job.state is JobState.done
    assert {row["question"]: row["words"] for row in await rows(database, kept)} == words


async def test_words_that_come_late_are_not_given_to_what_is_withdrawn(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=2)
    [one, other] = await made(database, root)
    taken = "MATCH (i:Instruction {id: $id}) SET i.words = null, i.text_key = null"
    await database.write(Query("test", taken, "", "write", {}, {}), id=one.id)
    await evidence.give_words(database, [{"id": id_, "words": "late"} for id_ in (one.id, other.id)])
    found = await rows(database, "MATCH (i:Instruction) RETURN i.id AS id, i.words AS words")
    assert {row["id"]: row["words"] for row in found} == {one.id: None, other.id: "late"}


async def test_candidates_are_those_that_share_enough_of_the_rarest_words(database: Database) -> None:
    words = "bay moon tide11 harbour"
    text = "CREATE (:Instruction {id: 'kept', status: 'asked', question: 'Q', words: $words, concepts: []})"
    await database.write(Query("test", text, "", "write", {}, {}), words=words)
    rare = {
        "four of six": ["bay", "moon", "tide11", "harbour", "zeta", "eta"],
        # Parts of words are other words.
        "three of six": ["bay", "moon", "tide1", "harbour", "zeta", "eta"],
        "one of two": ["zeta", "bay"],
        "none": ["zeta", "harb"],
    }
    asked = [Asked.of(id_, "Why?", ()) for id_ in rare]
    found = await evidence.candidates(database, sought(asked, rare))
    assert {id_: bool(one.found) for id_, one in found.items()} == {
        id_: shares(words.split(), some) for id_, some in rare.items()
    }
    assert found["one of two"].found == [evidence.Candidate("kept", "Q", words, [])]


async def test_a_candidate_is_found_among_more_that_share_the_rarest_words_than_are_looked_at(
    database: Database,
) -> None:
    text = (
        "UNWIND $words AS words CREATE (:Instruction {id: words, question: 'Q', words: words, concepts: []})"
    )
    rare = ["bay", "moon", "tide", "harbour", "zeta", "eta"]
    # The longest, so that of those with the same three words it is the last one.
    wanted = " ".join([*rare, "and", "some", "more"])
    words = [wanted, *(f"bay moon tide reef{n}" for n in range(2 * evidence.MOST_CANDIDATES))]
    await database.write(Query("test", text, "", "write", {}, {}), words=words)
    asked = [Asked.of("asked", "Why?", ())]
    found = await evidence.candidates(database, sought(asked, {"asked": rare}))
    assert [one.id for one in found["asked"].found] == [wanted]


async def test_a_question_recovered_or_older_is_compared_before_its_answer(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=6)
    assert job.ledger.accepted == 6
    # As a worker leaves it that ends between question and answer, and as an older glan stored it.
    text = (
        "MATCH (i:Instruction) WITH i ORDER BY i.position, i.stratum WITH collect(i) AS all "
        "WITH all[0] AS kept, all[1] AS i MATCH (i)-[c:COVERS]->() "
        "MATCH (u:WorkUnit {id: i.unit_id}), (j:Job) DELETE c "
        "SET i.status = 'asked', i.question = kept.question, i.text_key = null, i.words = null, "
        "i.answer = null, i.answer_calls = null, u.state = 'pending', u.counts = null, j.state = 'planned' "
        "RETURN DISTINCT j.id AS id"
    )
    await database.write(Query("test", text, "", "write", {}, {}))
    bought = endpoint.steps["answers"]
    job = await run(database, settings_of(endpoint), job.id)
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (6, 1, 1)
    assert endpoint.steps["answers"] == bought + 1


async def test_what_was_stored_and_not_compared_is_compared_before_its_answer(
    database: Database, endpoint: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = await discipline(database)
    said = [Repeats.FORMS[0], Repeats.FORMS[0].replace("name", "please name")]
    endpoint.reply = lambda call: (
        question(said.pop()) if said and call.step == "questions" else default_reply(call)
    )

    async def broken(*_: object) -> None:
        raise RuntimeError("the worker ends here")

    settings = settings_of(endpoint)
    job = await planned(database, settings, root, subjects_per_discipline=1, add=2)
    with monkeypatch.context() as patched:
        patched.setattr(evidence, "candidates", broken)
        job = await run(database, settings, job.id)
    assert (job.state, job.ledger.asked, endpoint.steps["answers"]) == (JobState.failed, 2, 0)
    await database.write(Query("test", "MATCH (j:Job) SET j.state = 'planned'", "", "write", {}, {}))
    job = await run(database, settings, job.id)
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (2, 1, 1)
    assert job.reasons[Reason.duplicate].count == 1
    # Neither of the two was paid for again.
    assert (endpoint.steps["questions"], endpoint.steps["answers"]) == (3, 2)


async def test_the_same_set_at_the_end_however_often_it_is_resumed(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)

    def reply(call: Call) -> Answer:
        if call.step != "questions" or AGAIN in call.prompt:
            return default_reply(call)
        usual = json.loads(default_reply(call).text)["question"]
        number = int(re.findall(r"\d+", usual)[-1])
        return question(Repeats.FORMS[number % 3]) if number % 2 else question(usual)

    endpoint.reply = reply
    settings = settings_of(endpoint)
    job = await planned(database, settings, root, subjects_per_discipline=1, add=30)
    asked = 0
    for _ in range(40):
        async with working(database, settings) as worker:
            # The worker is stopped after some more questions; what it has in flight ends.
            while endpoint.steps["questions"] < asked + 3 and not (await _job(database, job.id)).state.ended:
                pass
            worker.stop()
        asked = endpoint.steps["questions"]
        if (await _job(database, job.id)).state.ended:
            break
    job = await _job(database, job.id)
    assert (job.state, job.ledger.accepted + job.ledger.rejected) == (JobState.done, 30 + job.ledger.again)
    assert endpoint.steps["questions"] == 30 + job.ledger.again
    assert endpoint.steps["answers"] == job.ledger.accepted


async def _job(database: Database, job_id: str) -> Job:
    return await jobs.get(database, job_id)


async def test_a_question_is_stored_that_another_gave_up_before_it_was_known_who_had_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = Plant(database)
    root = await plant.node(Kind.Taxonomy, "T")
    above = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", root))
    syllabus = await plant.syllabus(above, "S", {"s1": ["a"]})
    await plant.instruct("held", syllabus, "s1", "a", status="asked", text_key="key")
    lease = await leases.claim(database, "worker", 60)
    assert lease
    holders = evidence.holders

    async def given_up(database: Database, keys: Any) -> Any:
        await rows_of(database, "MATCH (i:Instruction {id: 'held'}) SET i.text_key = null")
        return await holders(database, keys)

    monkeypatch.setattr(evidence, "holders", given_up)
    session, concept = syllabus.sessions["s1"], syllabus.concepts["a"]
    async with InstructionWriter(database, lease[0]) as writer:
        await writer.put(
            instruction("new", syllabus.id, [session], [concept], status="asked", text_key="key")
        )
    found = await rows_of(database, "MATCH (i:Instruction {text_key: 'key'}) RETURN i.id AS id")
    assert found == [{"id": "new"}]
