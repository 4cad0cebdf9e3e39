"""A transaction that waits for a lock reads what its holder has left, and does not set it back.

Neo4j reads the right side of `SET n.x = n.x` before it waits, and then writes an old value; not so that of
`SET n.x = n.x + 0`.
"""

import asyncio
import re
from typing import Any

import pytest
from planting import rows_of

from graph import queries
from graph.database import Database, Transaction
from graph.queries import Query, load

NODE = "TaxonomyNode:Field {id: 'a', key: 'a', name: 'A', status: 'accepted', version: 1}"
JOB = "Job {id: 'a', fence: 1, state: 'running'}"
CHECK = "Check {id: 'a', fence: 1, state: 'running', writes: 0}"
UNDONE = {"after": None, "restored": 0, "writes": 0, "done": True}
HELD: list[tuple[str, dict[str, Any], str, str]] = [
    ("node.lock", {"ids": ["a"]}, NODE, "version"),
    ("node.hold", {"ids": ["a"]}, NODE, "version"),
    ("node.hold_parents", {"batch": {"ids": ["a"]}}, NODE, "version"),
    ("job.lock", {"ids": ["a"]}, JOB, "fence"),
    ("job.hold", {"id": "a", "fence": 1}, JOB, "fence"),
    ("check.undo", {"id": "a", "step": UNDONE}, CHECK, "fence"),
]


@pytest.mark.parametrize(("name", "params", "label", "changed"), HELD, ids=[name for name, *_ in HELD])
async def test_a_waiting_transaction_keeps_what_was_changed(
    database: Database, name: str, params: dict[str, Any], label: str, changed: str
):
    await rows_of(database, f"CREATE (:{label})")
    driver: Any = database._driver
    async with driver.session() as session, await session.begin_transaction() as holding:
        await (await holding.run(f"MATCH (n {{id: 'a'}}) SET n.{changed} = 9")).consume()
        query = load(name)

        async def work(tx: Transaction) -> list[Any]:
            return await tx.run(query, **params)

        waiting = asyncio.create_task(database.writing(work))
        await until_one_waits(database, waiting)
        await holding.commit()
        rows = await waiting
    assert rows == [] or name != "job.hold", "our fencing number is an old one"
    [found] = await rows_of(database, f"MATCH (n {{id: 'a'}}) RETURN n.{changed} AS now")
    assert found["now"] == 9


async def until_one_waits(database: Database, waiting: asyncio.Task[Any]) -> None:
    blocked = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"
    while not await rows_of(database, blocked):
        assert not waiting.done(), waiting
        await asyncio.sleep(0.02)


def test_no_query_sets_a_property_to_itself():
    itself = re.compile(r"\bSET\s+(\w+\.\w+)\s*=\s*\1\s*(?:$|,|\n)", re.MULTILINE)

    def wrong(query: Query) -> bool:
        return itself.search(query.text) is not None

    assert [name for name in queries.names() if wrong(load(name))] == []
