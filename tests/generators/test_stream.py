"""Nothing waits without need: within a branch, questions are asked while syllabi are still being grown."""

import threading

from growing import discipline, grow, made, settings_of
from openai_server import Answer, Call, OpenAIServer, default_reply

from generators.models.client import Timeouts
from generators.running.branch import SYLLABI_AT_ONCE
from generators.spaces.strata import STRATA
from graph.database import Database
from graph.jobs.job import JobState

SUBJECTS = 3


class LateSyllabus:
    """Holds one subject's syllabus back until `answers` answers were asked for, at most `patience_s`."""

    def __init__(self, subject: str, answers: int, patience_s: float = 20.0) -> None:
        self._subject, self._answers, self._patience_s = subject, answers, patience_s
        self._lock = threading.Lock()
        self.seen = 0
        self.seen_before = 0

    def __call__(self, call: Call) -> Answer:
        with self._lock:
            self.seen += call.step == "answers"
        late = call.step == "syllabi" and f'subject "{self._subject}"' in call.messages[0]["content"]
        if late and self.seen < self._answers and self._patience_s > 0:
            self._patience_s -= 0.2
            return Answer("wait", status=503, headers={"Retry-After": "0.2"})
        if late:
            self.seen_before = self.seen
        return default_reply(call)


async def test_answers_come_while_a_syllabus_of_the_discipline_is_still_grown(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = late = LateSyllabus("Algebra 3", answers=10)
    job = await grow(database, endpoint, root, subjects_per_discipline=SUBJECTS, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    assert late.seen_before >= 10
    found = await made(database, root)
    by_syllabus = [[i.syllabus_id for i in found].count(id_) for id_ in {i.syllabus_id for i in found}]
    assert sorted(by_syllabus) == [10, 10, 10]


async def test_questions_of_all_syllabi_are_asked_while_the_answers_of_the_first_are_refused(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    syllabi = SYLLABI_AT_ONCE + 4

    def reply(call: Call) -> Answer:
        if call.step == "answers" and endpoint.steps["questions"] < syllabi:
            return Answer("wait", status=429, headers={"Retry-After": "0.2"})
        return default_reply(call)

    endpoint.reply = reply
    lists = -(-syllabi // 3)
    job = await grow(
        database,
        endpoint,
        root,
        # A separate model for answers, because refusals hold up all calls of the same model.
        settings_of(endpoint, answer_model="another-model", timeouts=Timeouts(patience=10.0)),
        subjects_per_discipline=syllabi,
        queries_per_discipline=lists,
        add=syllabi,
    )
    assert (job.state, job.ledger.accepted) == (JobState.done, syllabi)
    assert len({i.syllabus_id for i in await made(database, root)}) == syllabi


async def test_small_parts_keep_to_the_weights_of_the_strata(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    endpoint.reply = late = LateSyllabus("Algebra 2", answers=2)
    job = await grow(database, endpoint, root, subjects_per_discipline=SUBJECTS, add=3 * len(STRATA))
    assert job.ledger.accepted == 3 * len(STRATA)
    assert late.seen_before >= 2
    strategies = [i.strategy for i in await made(database, root)]
    assert abs(strategies.count("single") - strategies.count("pair")) <= 1


async def test_the_part_of_a_syllabus_that_fails_goes_to_the_others(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)

    def reply(call: Call) -> Answer:
        bad = call.step == "syllabi" and 'subject "Algebra 2"' in call.messages[0]["content"]
        return Answer("nonsense") if bad else default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=SUBJECTS, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    assert job.steps["syllabi"].failed == 1
    found = await made(database, root)
    assert sorted([i.syllabus_id for i in found].count(id_) for id_ in {i.syllabus_id for i in found}) == [
        15,
        15,
    ]


async def test_a_number_smaller_than_the_syllabi_is_kept_and_spread(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    job = await grow(database, endpoint, root, subjects_per_discipline=SUBJECTS, add=2)
    assert (job.state, job.ledger.accepted) == (JobState.done, 2)
    assert len({i.syllabus_id for i in await made(database, root)}) == 2


async def test_what_is_there_and_what_is_new_get_equal_parts(
    database: Database, endpoint: OpenAIServer
) -> None:
    root = await discipline(database)
    await grow(database, endpoint, root, subjects_per_discipline=1, add=1)
    settings = settings_of(endpoint, concurrency=2)
    job = await grow(database, endpoint, root, settings, subjects_per_discipline=SUBJECTS, add=30)
    assert (job.state, job.ledger.accepted) == (JobState.done, 30)
    found = [i for i in await made(database, root) if i.job_id == job.id]
    assert sorted([i.syllabus_id for i in found].count(id_) for id_ in {i.syllabus_id for i in found}) == [
        10,
        10,
        10,
    ]
