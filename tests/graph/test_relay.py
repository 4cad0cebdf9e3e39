"""Transactions that each prepare while the one before is being committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, ClassVar

import pytest
from neo4j.exceptions import TransientError
from planting import rows_of

from graph.database import Database, Transaction
from graph.errors import Invalid
from graph.taxonomy.streams import pipeline

Hook = Callable[["Work"], Awaitable[None]]


class Query:
    """The test's own Cypher in place of a named query."""

    def __init__(self, text: str) -> None:
        self.text = text


SEEN: Any = Query("MATCH (n:Part) RETURN count(n) AS seen")
ADD: Any = Query("CREATE (:Part {name: $name})")
LOCK: Any = Query("MATCH (l:Lock {name: $name}) SET l.held = true")


class Work:
    """Writes a node; hooks run after each step."""

    tried: ClassVar[list[tuple[int, int | None]]] = []

    def __init__(self, part: int, before: "Work | None", hooks: dict[str, Hook]) -> None:
        self.part, self._hooks = part, hooks
        self.tries = sum(part == tried for tried, _ in self.tried)
        self.tried.append((part, before.part if before else None))

    async def look(self, tx: Transaction) -> None:
        self.tx = tx
        [row] = await tx.run(SEEN)
        self.seen = row["seen"]
        await self._hook("look")

    async def write(self, tx: Transaction) -> None:
        [row] = await tx.run(SEEN)
        assert row["seen"] == self.part, "all before are there, and none after"
        await tx.run(ADD, name=self.part)
        await self._hook("write")

    def committed(self) -> None:
        self.done = True

    async def _hook(self, name: str) -> None:
        if name in self._hooks:
            await self._hooks[name](self)


async def parts(number: int) -> AsyncIterator[int]:
    for n in range(number):
        yield n


async def run(database: Database, number: int, **hooks: Hook) -> list[int]:
    Work.tried.clear()
    made = pipeline.relay(database, parts(number), lambda part, before: Work(part, before, hooks))
    async with aclosing(made) as works:
        return [work.part async for work in works if work.done]


async def there(database: Database) -> list[int]:
    return [
        row["name"] for row in await rows_of(database, "MATCH (n:Part) RETURN n.name AS name ORDER BY name")
    ]


async def test_each_looks_before_the_one_before_is_committed(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    looked = [asyncio.Event() for _ in range(4)]
    writing = database.writing

    async def look(work: Work) -> None:
        looked[work.part].set()

    async def committed_late(work: Any) -> Any:
        async def held(tx: Transaction) -> Any:
            done = await work(tx)
            if done.part < 3:
                await looked[done.part + 1].wait()
            return done

        return await writing(held)

    monkeypatch.setattr(database, "writing", committed_late)
    assert await run(database, 4, look=look) == [0, 1, 2, 3]
    assert Work.tried == [(0, None), (1, 0), (2, 1), (3, 2)]
    assert await there(database) == [0, 1, 2, 3]


async def test_a_part_is_done_before_another_comes(database: Database):
    """A source that waits for the result of a part before it yields the next one is not waited for."""
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[int]:
        yield 0
        await go_on.wait()
        yield 1

    async with aclosing(
        pipeline.relay(database, slow(), lambda part, before: Work(part, before, {}))
    ) as works:
        assert (await anext(works)).part == 0
        go_on.set()
        assert (await anext(works)).part == 1


@pytest.mark.parametrize("step", ["look", "write"])
@pytest.mark.parametrize("part", [0, 1, 2])
async def test_a_part_that_is_tried_again(database: Database, step: str, part: int):
    failed: list[int] = []

    async def fail(work: Work) -> None:
        if work.part == part and not failed:
            failed.append(part)
            raise TransientError("tried again")

    assert await run(database, 4, **{step: fail}) == [0, 1, 2, 3]
    assert failed == [part]
    assert await there(database) == [0, 1, 2, 3]


async def test_what_went_beside_a_part_that_is_undone_begins_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    looked = asyncio.Event()
    writing = database.writing

    async def look(work: Work) -> None:
        if work.part == 2:
            looked.set()

    async def fails_to_commit(work: Any) -> Any:
        async def held(tx: Transaction) -> Any:
            done = await work(tx)
            if done.part == 1 and done.tries == 0:
                await looked.wait()
                raise TransientError("the commit fails")
            return done

        return await writing(held)

    monkeypatch.setattr(database, "writing", fails_to_commit)
    assert await run(database, 5, look=look) == [0, 1, 2, 3, 4]
    assert await there(database) == [0, 1, 2, 3, 4]
    assert Work.tried == [(0, None), (1, 0), (2, 1), (1, None), (2, None), (3, 2), (4, 3)]


@pytest.mark.parametrize("step", ["look", "write"])
async def test_after_a_part_that_fails_nothing_is_changed(database: Database, step: str):
    async def fail(work: Work) -> None:
        if work.part == 2:
            raise Invalid("for good")

    with pytest.raises(Invalid, match="for good"):
        await run(database, 5, **{step: fail})
    assert await there(database) == [0, 1]
    assert {part for part, _ in Work.tried} <= {0, 1, 2, 3}


async def test_a_circle_that_neo4j_does_not_see_is_opened(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Another transaction holds what part 0 needs and waits for part 1, which waits for part 0."""
    monkeypatch.setattr(pipeline, "WAIT_S", 0.3)
    held, looked = asyncio.Event(), asyncio.Event()
    writing = database.writing

    async def other(tx: Transaction) -> None:
        await tx.run(LOCK, name="figures")
        held.set()
        await looked.wait()
        await tx.run(LOCK, name="node")

    async def look(work: Work) -> None:
        await held.wait()
        if work.part == 1:
            await work.tx.run(LOCK, name="node")
            looked.set()

    async def locks_late(work: Any) -> Any:
        async def late(tx: Transaction) -> Any:
            done = await work(tx)
            if done.part == 0:
                await looked.wait()
                await tx.run(LOCK, name="figures")
            return done

        return await writing(late)

    await rows_of(database, "CREATE (:Lock {name: 'figures'}), (:Lock {name: 'node'})")
    async with asyncio.TaskGroup() as group:
        group.create_task(writing(other))
        monkeypatch.setattr(database, "writing", locks_late)
        done = group.create_task(run(database, 2, look=look))
    assert done.result() == [0, 1]
    assert Work.tried == [(0, None), (1, 0), (1, None)]


async def test_who_leaves_early_leaves_nothing_open(database: Database):
    Work.tried.clear()
    before = asyncio.all_tasks()

    async def look(work: Work) -> None:
        if work.part == 2:
            await asyncio.Event().wait()

    made = pipeline.relay(database, parts(9), lambda part, before: Work(part, before, {"look": look}))
    async with aclosing(made) as works:
        async for _ in works:
            break
    assert asyncio.all_tasks() == before
    assert await there(database) in ([0], [0, 1])
