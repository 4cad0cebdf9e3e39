"""Jobs: one worker at a time, a ledger that balances, and units planned once."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
import pytest_asyncio
from planting import Plant, Syllabus, every, rows_of

from graph.database import Database
from graph.errors import Conflict, LeaseLost, NotFound
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction
from graph.jobs import jobs, leases, units
from graph.jobs.job import JobState, Live
from graph.jobs.jobs import ACTIONS, Action
from graph.jobs.leases import Lease
from graph.jobs.units import WorkUnit
from graph.model import Kind
from graph.reasons import Reason


@pytest_asyncio.fixture
async def root(plant: Plant) -> str:
    return await plant.node(Kind.Taxonomy, "T")


async def claim(database: Database, worker: str = "w", lease_s: float = 60, *ids: str) -> Lease | None:
    claimed = await leases.claim(database, worker, lease_s, ids or None)
    return claimed and claimed[0]


async def expire(database: Database, *ids: str) -> None:
    """Lets the leases of jobs expire, without waiting."""
    await rows_of(
        database,
        "MATCH (j:Job) WHERE j.id IN $ids SET j.lease_until = datetime() - duration('PT1S')",
        ids=list(ids),
    )


async def hold(database: Database, held: Lease) -> None:
    await database.writing(lambda tx: leases.held(tx, held))


async def store(database: Database, held: Lease, id_: str) -> None:
    """Stores an instruction without links."""
    row: NewInstruction = {"properties": {"id": id_, "status": "asked"}, "sessions": [], "concepts": []}
    await database.writing(lambda tx: instructions.store(tx, held.job_id, [row], fence=held.fence))


# Leases


async def test_one_of_many_claims_gets_the_job(plant: Plant, root: str):
    await plant.job(root)
    claims = await asyncio.gather(*(leases.claim(plant.database, f"w{n}", 60) for n in range(20)))
    [(held, row)] = [claimed for claimed in claims if claimed]
    assert held == Lease("job", 1)
    job = await jobs.get(plant.database, "job")
    assert (job.state, job.worker) == (JobState.running, row["worker"])
    assert job.started_at is not None
    assert await claim(plant.database) is None


async def test_many_claims_of_many_jobs_give_each_to_one(plant: Plant, root: str):
    for n in range(5):
        await plant.job(root, id_=f"job{n}")
    taken: list[Lease] = []
    while len(taken) < 5:
        before = len(taken)
        claims = await asyncio.gather(*(claim(plant.database, f"w{n}") for n in range(10)))
        taken += [held for held in claims if held]
        assert len(taken) > before
    assert sorted(taken, key=lambda held: held.job_id) == [Lease(f"job{n}", 1) for n in range(5)]


async def test_oldest_first_and_only_those_asked_for(plant: Plant, root: str):
    for id_ in ("b", "a", "c"):
        await plant.job(root, id_=id_)
    assert await claim(plant.database, "w", 60, "c", "nowhere") == Lease("c", 1)
    assert await claim(plant.database) == Lease("a", 1)
    assert await claim(plant.database) == Lease("b", 1)


async def test_who_lost_the_lease_writes_nothing_more(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    old = await claim(database, "old")
    assert old
    await expire(database, "job")
    # The lease has expired, but no other worker has taken over.
    assert await leases.renew(database, old, 60, Live()) is None
    assert await claim(database, "new") is None
    await expire(database, "job")
    new = await claim(database, "new")
    assert new
    assert new == Lease("job", old.fence + 1)
    before = await rows_of(database, "MATCH (j:Job) RETURN properties(j) AS properties")
    for write in (
        lambda: leases.renew(database, old, 60, Live()),
        lambda: hold(database, old),
        lambda: store(database, old, "late"),
        lambda: leases.release(database, old, JobState.done),
    ):
        with pytest.raises(LeaseLost):
            await write()
    assert await rows_of(database, "MATCH (j:Job) RETURN properties(j) AS properties") == before
    assert await rows_of(database, "MATCH (i:Instruction) RETURN i.id AS id") == []
    await hold(database, new)
    await store(database, new, "i")
    assert await rows_of(database, "MATCH (i:Instruction) RETURN i.id AS id") == [{"id": "i"}]
    await leases.release(database, new, JobState.done)
    assert (await jobs.get(database, "job")).state is JobState.done


async def test_takeover_waits_for_a_write_that_began_before_it(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    old = await claim(database)
    assert old
    await expire(database, "job")
    locked, order = asyncio.Event(), list[str]()

    async def write(tx: Any) -> None:
        await leases.held(tx, old)
        locked.set()
        await asyncio.sleep(0.3)
        order.append("write")

    async def take_over() -> Lease | None:
        await locked.wait()
        taken = await claim(database, "new")
        order.append("takeover")
        return taken

    _, taken = await asyncio.gather(database.writing(write), take_over())
    assert order == ["write", "takeover"]
    assert taken == Lease("job", 2)


async def test_expired_leases_are_taken_once(plant: Plant, root: str):
    await plant.job(root)
    assert await claim(plant.database)
    await expire(plant.database, "job")
    claims = await asyncio.gather(*(claim(plant.database, f"w{n}") for n in range(20)))
    assert [held for held in claims if held] == [Lease("job", 2)]


@pytest.mark.parametrize("state", [s for s in JobState if s.ended])
async def test_ended_job_is_not_claimed(plant: Plant, root: str, state: JobState):
    await plant.job(root)
    held = await claim(plant.database)
    assert held
    await leases.release(plant.database, held, state, "because")
    assert await claim(plant.database) is None
    job = await jobs.get(plant.database, "job")
    assert (job.state, job.reason, job.worker) == (state, "because", None)
    assert (job.ended_at is None) == (state is JobState.paused)


# Pause, resume, cancel


async def in_state(plant: Plant, root: str, state: JobState) -> Lease | None:
    await plant.job(root)
    if state is JobState.planned:
        return None
    held = await claim(plant.database)
    assert held
    if state is JobState.running:
        return held
    await leases.release(plant.database, held, state)
    return None


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("action", list(ACTIONS))
async def test_action_in_each_state(plant: Plant, root: str, state: JobState, action: Action):
    database = plant.database
    held = await in_state(plant, root, state)
    states, wanted, after = ACTIONS[action]
    if state is after and state not in states:
        job = await jobs.get(database, "job")
        assert await jobs.act(database, "job", action) == job
    elif state not in states:
        with pytest.raises(Conflict, match=f"cannot {action} a job that is {state}"):
            await jobs.act(database, "job", action)
        assert (await jobs.get(database, "job")).state is state
    elif held:
        # The worker is told, and gives the job up itself.
        assert (await jobs.act(database, "job", action)).state is JobState.running
        assert await leases.renew(database, held, 60, Live()) == wanted
    else:
        assert (await jobs.act(database, "job", action)).state is after


async def test_pause_and_go_on(plant: Plant, root: str):
    database = plant.database
    held = await in_state(plant, root, JobState.running)
    assert held
    await jobs.act(database, "job", "pause")
    assert await leases.renew(database, held, 60, Live()) == "paused"
    # Resumed before the worker noticed the pause.
    await jobs.act(database, "job", "resume")
    assert await leases.renew(database, held, 60, Live()) is None
    await jobs.act(database, "job", "pause")
    await leases.release(database, held, JobState.paused)
    assert await claim(database) is None
    assert (await jobs.act(database, "job", "resume")).state is JobState.planned
    again = await claim(database)
    assert again
    assert again == Lease("job", 2)
    # The earlier request to pause is forgotten.
    assert await leases.renew(database, again, 60, Live()) is None


@pytest.mark.parametrize(
    ("requests", "stopped", "after"),
    [
        # The worker has seen the first request, and ends its calls when the second one comes.
        (("pause", "cancel"), JobState.paused, JobState.cancelled),
        (("pause", "resume"), JobState.paused, JobState.planned),
        (("pause", "resume", "pause"), JobState.paused, JobState.paused),
        (("cancel", "resume"), JobState.cancelled, JobState.planned),
        (("cancel", "pause"), JobState.cancelled, JobState.paused),
    ],
)
async def test_the_last_request_counts_while_a_run_ends(
    plant: Plant, root: str, requests: Sequence[Action], stopped: JobState, after: JobState
):
    held = await in_state(plant, root, JobState.running)
    assert held
    for action in requests:
        assert (await jobs.act(plant.database, "job", action)).state is JobState.running
    assert await leases.release(plant.database, held, stopped, asked=True) is after
    job = await jobs.get(plant.database, "job")
    assert (job.state, job.ended_at is None) == (after, after is not JobState.cancelled)
    assert (await claim(plant.database) is None) == (after is not JobState.planned)


@pytest.mark.parametrize(
    ("action", "ends", "after"),
    [
        # Not seen before the run ended by itself.
        ("pause", JobState.planned, JobState.paused),
        ("cancel", JobState.planned, JobState.cancelled),
        ("cancel", JobState.paused, JobState.cancelled),
        ("cancel", JobState.over_budget, JobState.cancelled),
        ("cancel", JobState.done, JobState.done),
        ("pause", JobState.failed, JobState.failed),
        ("resume", JobState.paused, JobState.paused),
        ("resume", JobState.planned, JobState.planned),
    ],
)
async def test_a_request_counts_that_a_run_had_no_time_to_see(
    plant: Plant, root: str, action: Action, ends: JobState, after: JobState
):
    held = await in_state(plant, root, JobState.running)
    assert held
    await jobs.act(plant.database, "job", action)
    assert await leases.release(plant.database, held, ends, "because") is after
    assert (await jobs.get(plant.database, "job")).reason == ("because" if after is ends else None)


async def test_cancel_is_final(plant: Plant, root: str):
    await in_state(plant, root, JobState.planned)
    job = await jobs.act(plant.database, "job", "cancel")
    assert job.ended_at is not None
    for action in ("pause", "resume"):
        with pytest.raises(Conflict):
            await jobs.act(plant.database, "job", action)
    assert await jobs.act(plant.database, "job", "cancel") == job
    assert await claim(plant.database) is None


async def test_job_of_a_dead_worker_is_paused_at_once(plant: Plant, root: str):
    await in_state(plant, root, JobState.running)
    await expire(plant.database, "job")
    assert (await jobs.act(plant.database, "job", "pause")).state is JobState.paused


async def test_resume_after_failure_forgets_the_reason(plant: Plant, root: str):
    held = await in_state(plant, root, JobState.running)
    assert held
    await leases.release(plant.database, held, JobState.failed, "no model")
    job = await jobs.act(plant.database, "job", "resume")
    assert (job.state, job.reason) == (JobState.planned, None)
    assert await claim(plant.database)
    assert (await jobs.get(plant.database, "job")).ended_at is None


async def test_unknown_job(plant: Plant):
    with pytest.raises(NotFound):
        await jobs.get(plant.database, "nowhere")
    with pytest.raises(NotFound):
        await jobs.act(plant.database, "nowhere", "pause")


# Ledger


@pytest_asyncio.fixture
async def syllabus(plant: Plant, root: str) -> Syllabus:
    discipline = await plant.node(Kind.Discipline, "D", await plant.node(Kind.Field, "F", root))
    return await plant.syllabus(discipline, "S", {"s1": ["a"], "s2": ["b"]})


async def test_ledger_always_balances(plant: Plant, root: str, syllabus: Syllabus):
    database = plant.database
    await plant.job(root, requested=10)
    await plant.job(root, requested=3, id_="other")
    plant.jobs = ["job"]
    await database.writing(lambda tx: units.plan(tx, "job", [unit("u", "instructions")]))
    of_job = {"job_id": "job", "unit_id": "u"}
    steps: list[tuple[str, str, dict[str, int]]] = [
        ("1", "asked", {"asked": 1}),
        ("2", "failed", {"asked": 1, "failed": 1}),
        ("1", "accepted", {"accepted": 1, "failed": 1}),
        ("3", "rejected", {"accepted": 1, "failed": 1, "rejected": 1}),
        # Made stale by a later edit, it still counts as accepted.
        ("1", "stale", {"accepted": 1, "failed": 1, "rejected": 1}),
        ("2", "accepted", {"accepted": 2, "rejected": 1}),
    ]
    for id_, status, counts in steps:
        usage = {"calls": 2, "question_calls": 2, "question_prompt_tokens": 3, "question_cost_usd": 0.5}
        reason = {"failed": "malformed", "rejected": "wrong_language", "stale": "renamed"}.get(status)
        own = of_job | usage | {"status": status, "reason": reason, "cost_usd": 0.5}
        await plant.instruct(id_, syllabus, "s1", "a", **own)
        ledger = (await jobs.get(database, "job")).ledger
        found = ledger.model_dump()
        requested, pending = found.pop("requested"), found.pop("pending")
        assert found.pop("again") == 0
        assert found == dict.fromkeys(("accepted", "rejected", "failed", "asked"), 0) | counts
        assert requested == sum(found.values()) + pending == 10
    job = await jobs.get(database, "job")
    assert {reason: found.count for reason, found in job.reasons.items()} == {"wrong_language": 1}
    assert job.reasons[Reason.wrong_language].example == "3"
    assert (job.spent.calls, job.spent.tokens, job.spent.usd) == (6, 9, 1.5)
    # An ended unit keeps its counts, the same as those of its instructions, whatever happens to these.
    await database.writing(lambda tx: instructions.store(tx, "job", [], ended=["u"]))
    ended = await jobs.get(database, "job")
    assert (ended.ledger, ended.spent, ended.reasons) == (job.ledger, job.spent, job.reasons)
    [row] = await rows_of(database, "MATCH (u:WorkUnit {id: 'u'}) RETURN u.accepted AS a, u.rejected AS r")
    assert row == {"a": 2, "r": 1}
    other = (await jobs.get(database, "other")).ledger
    assert (other.requested, other.pending) == (3, 3)


async def test_more_requested_at_once(plant: Plant, root: str):
    await plant.job(root, requested=1)
    await asyncio.gather(*(plant.database.writing(lambda tx: jobs.request(tx, "job", 2)) for _ in range(10)))
    assert (await jobs.get(plant.database, "job")).ledger.requested == 21


# Units


def unit(id_: str, step: str = "draw", branch: str = "y", **more: Any) -> WorkUnit:
    return cast(WorkUnit, {"id": id_, "branch_id": branch, "step": step, "node_id": "n", **more})


async def test_unit_planned_twice_stays_one(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    await database.writing(lambda tx: units.plan(tx, "job", [unit("b", count=1), unit("a")]))
    await database.writing(lambda tx: units.record(tx, "b", {"state": "done", "left": 0}, calls=2))
    await asyncio.gather(
        *(
            database.writing(lambda tx: units.plan(tx, "job", [unit("a"), unit("b", count=9)]))
            for _ in range(8)
        )
    )
    rows = await rows_of(
        database,
        "MATCH (:Job)-[:HAS_UNIT]->(u) RETURN u.id AS id, u.count AS count, u.state AS state ORDER BY id",
    )
    assert rows == [
        {"id": "a", "count": None, "state": "pending"},
        {"id": "b", "count": 1, "state": "done"},
    ]


async def test_units_that_are_left(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    planned = [
        unit(f"{branch}{n}", step, branch) for branch in "yxz" for n, step in enumerate(("syllabi", "draw"))
    ]
    await database.writing(lambda tx: units.plan(tx, "job", planned))
    assert await units.branches(database, "job") == ["x", "y", "z"]
    assert await units.branches(database, "job", limit=2) == ["x", "y"]
    assert await units.branches(database, "job", after="y") == ["z"]
    assert [row["id"] for row in await units.pending(database, "job", "x", "draw")] == ["x1"]
    for id_ in ("x0", "x1"):
        await database.writing(lambda tx, id_=id_: units.record(tx, id_, {"state": "done"}))
    await database.writing(lambda tx: units.record(tx, "y1", {"state": "short", "left": 4}))
    assert await units.pending(database, "job", "x", "draw") == []
    assert await units.branches(database, "job") == ["y", "z"]
    assert await units.all_branches(database, "job") == ["x", "y", "z"]
    assert await units.short(database, "job") == [{"id": "y1", "branch_id": "y", "left": 4, "across": False}]
    steps = (await jobs.get(database, "job")).steps
    assert steps["draw"].model_dump() == {"pending": 1, "done": 1, "failed": 0, "short": 1}


async def test_usage_of_a_unit_adds_up(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    await database.writing(lambda tx: units.plan(tx, "job", [unit("a", "subjects")]))
    await asyncio.gather(
        *(
            database.writing(
                lambda tx: units.record(tx, "a", {}, calls=1, prompt_tokens=2, completion_tokens=3)
            )
            for _ in range(10)
        )
    )
    spent = (await jobs.get(database, "job")).spent
    assert (spent.calls, spent.tokens) == (10, 50)


async def test_write_of_a_lost_lease_leaves_nothing(plant: Plant, root: str):
    database = plant.database
    await plant.job(root)
    lost = Lease("job", 0)
    assert await claim(database)

    async def work(tx: Any) -> None:
        await units.plan(tx, "job", [unit("a")])
        await leases.held(tx, lost)

    with pytest.raises(LeaseLost):
        await database.writing(work)
    assert await units.branches(database, "job") == []


# Lists


async def test_job_is_stored_once(plant: Plant, root: str):
    await plant.job(root, requested=5)
    await plant.job(root, requested=7)
    page = await jobs.list_jobs(plant.database)
    assert [(job.id, job.ledger.requested, job.root_id) for job in page.items] == [("job", 5, root)]


async def test_newest_first_by_state_and_spec(plant: Plant, root: str):
    for n in range(5):
        await plant.job(root, id_=f"job{n}")
    assert await claim(plant.database)

    async def found(**wanted: Any) -> list[str]:
        listed = await every(lambda cursor: jobs.list_jobs(plant.database, limit=2, cursor=cursor, **wanted))
        return [job.id for job in listed]

    assert await found() == ["job4", "job3", "job2", "job1", "job0"]
    assert await found(states=[JobState.running]) == ["job0"]
    assert await found(states=[JobState.planned, JobState.running], spec_key="job3") == ["job3"]
    assert await found(states=[JobState.done]) == []
