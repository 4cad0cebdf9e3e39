"""Reads of taxonomies too large for a response are refused before anything is read; others are answered.

The taxonomies are planted with the driver, because insertion through glan would take minutes.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from planting import rows_of, wipe, wipe_in_parts

from graph import coverage
from graph.analysis import read
from graph.database import Database
from graph.errors import Invalid
from graph.model import Kind, NewNode
from graph.rollups import nodes_below
from graph.taxonomy import nodes
from graph.taxonomy.walking import traversal

DISCIPLINES = 60_000
"""Over twice what any response may read; half a million would only take longer to plant."""

BELOW = """
MATCH (f:TaxonomyNode {id: $id})
UNWIND range($first, $last) AS n
CREATE (f)-[:CONTAINS]->(:TaxonomyNode:Discipline {
  id: $id + '-' + n, key: $id + '-' + n, home: $id, name: 'Discipline ' + n, name_key: 'discipline ' + n,
  description: '', status: 'accepted', weight: 1.0, version: 1, created_by: 'test',
  created_at: datetime(), updated_at: datetime()
})
"""


async def plant(database: Database, field: str, number: int) -> None:
    for first in range(0, number, 20_000):
        await rows_of(database, BELOW, id=field, first=first, last=min(first + 20_000, number) - 1)


@pytest_asyncio.fixture(scope="module")
async def fields(session_database: Database) -> AsyncIterator[dict[str, str]]:
    """A taxonomy with one field of DISCIPLINES empty disciplines and one of 3,000; ids by name."""
    await wipe(session_database)
    made: dict[str, str] = {}
    for name, kind, parents in (
        ("top", Kind.Taxonomy, []),
        ("huge", Kind.Field, ["top"]),
        ("wide", Kind.Field, ["top"]),
    ):
        node = NewNode(kind=kind, name=name, parent_ids=[made[parent] for parent in parents])
        made[name] = (await nodes.insert(session_database, node))[0].id
    await plant(session_database, made["wide"], 3_000)
    await plant(session_database, made["huge"], DISCIPLINES)
    yield made
    await wipe_in_parts(session_database)


async def test_what_is_too_large_is_refused_while_others_are_answered(
    session_database: Database, fields: dict[str, str]
):
    database, huge = session_database, fields["huge"]
    done = asyncio.Event()

    async def second() -> int:
        answered = 0
        while not done.is_set():
            await asyncio.wait_for(nodes.get(database, fields["wide"]), 20)
            answered += 1
        return answered

    other = asyncio.create_task(second())
    try:
        for attempt in (
            traversal.tree(database, huge, depth=1),
            traversal.tree(database, huge, depth=0),
            traversal.tree(database, fields["top"], depth=1),
            traversal.descendants(database, huge, depth=1),
            coverage.of(database, huge, ["single:1"]),
            coverage.growth(database, fields["top"]),
            coverage.gaps(database, huge),
            read.subtree(database, huge),
            read.cooccurrence(database, huge),
        ):
            with pytest.raises(Invalid, match=r"over (25,000|5000)"):
                await asyncio.wait_for(attempt, 120)
    finally:
        done.set()
    assert await other > 0
    page = await traversal.descendants(database, huge, limit=3)
    assert len(page.items) == 3
    assert page.next


async def test_wide_tree_costs_its_answer(session_database: Database, fields: dict[str, str]):
    tree = await asyncio.wait_for(traversal.tree(session_database, fields["wide"], depth=1), 60)
    assert tree["counts"] == {"Discipline": 3_000}
    assert len(tree["children"]) == 3_000
    # No rollup was counted or kept for the empty disciplines.
    assert await rows_of(session_database, "MATCH (r:Rollup) RETURN count(r) AS n") == [{"n": 0}]


async def test_many_parents_of_one_crowd(session_database: Database, fields: dict[str, str]):
    """2,000 nodes reach the same 3,000, which must not be walked once for each of them."""
    await rows_of(
        session_database,
        "MATCH (t:TaxonomyNode {id: $top}), (c:TaxonomyNode {id: $wide}) UNWIND range(1, 2000) AS n "
        "CREATE (t)-[:CONTAINS]->(:TaxonomyNode:Field {id: 'crowd-' + n, key: 'crowd-' + n, name: 'F' + n, "
        "name_key: 'f' + n, status: 'accepted', weight: 1.0, version: 1})-[:CONTAINS]->(c)",
        top=fields["top"],
        wide=fields["wide"],
    )
    crowd = {f"crowd-{n}": Kind.Field for n in range(1, 2001)}
    found = await asyncio.wait_for(nodes_below.below(session_database, crowd), 60)
    assert {tuple(sorted(counts.items())) for counts in found.values()} == {
        (("Discipline", 3_000), ("Field", 1))
    }
