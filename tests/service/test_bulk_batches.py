"""Overlapping batches of a bulk insertion have the same results as batches one after the other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Any

import pytest
from planting import Plant, rows_of

from graph.database import Database, Transaction
from graph.model import Kind
from graph.taxonomy.streams import bulk, pipeline
from graph.taxonomy.streams.batch import Batch
from graph.taxonomy.streams.bulk import Item

BELOW = {
    "Discipline": "Subject",
    "Subject": "Syllabus",
    "Syllabus": "ClassSession",
    "ClassSession": "KeyConcept",
}
Ids = dict[str, list[str]]


async def planted(plant: Plant, root: str) -> Ids:
    """Two disciplines with one subject each and one that they share; returns the ids by kind."""
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, root))
    one, two = [await plant.node(Kind.Discipline, name, field) for name in ("one", "two")]
    ids: Ids = {"Discipline": [one, two]}
    for n, above in enumerate(([one], [two], [one, two])):
        for kind in (Kind.Subject, Kind.Syllabus, Kind.ClassSession, Kind.KeyConcept):
            above = [await plant.node(kind, f"{kind} {n}", *above)]
            ids.setdefault(kind, []).extend(above)
    return ids


def stream(random: Random, root: str, ids: Ids, shared: bool) -> list[dict[str, Any]]:
    """Items with only a few names, so that many coincide; parents are named in every possible way."""
    items: list[dict[str, Any]] = []
    refs: dict[str, list[str]] = {kind: [] for kind in BELOW}
    for n in range(90):
        above = random.choice(list(BELOW))
        item: dict[str, Any] = {
            "kind": BELOW[above],
            "name": f"n{random.randrange(6)}",
            "description": f"{n}",
        }
        known = ids[above] if shared else ids[above][:1]
        match random.randrange(8):
            case 0 | 1 | 2 | 3 if refs[above]:
                item["parent_ref"] = random.choice(refs[above])
            case 4 if shared:
                item["parent_ids"] = random.sample(known, k=2)
            case 5:
                item["parent_path"] = f"{root}/F/one/n{random.randrange(6)}"
                item["kind"] = "Syllabus"
            case 6 if n % 5 == 0:
                item["parent_ref"] = "nobody"
            case _:
                item["parent_id"] = random.choice(known)
        if item["kind"] in refs:
            # Some refs are used for several items in turn.
            item["ref"] = f"{item['kind']} {random.randrange(12)}"
            refs[item["kind"]].append(item["ref"])
        items.append(item)
    return items


async def insert(database: Database, items: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    async def source() -> AsyncIterator[Item]:
        for line, item in enumerate(items, 1):
            yield line, item

    results = [one async for batch in bulk.insert(database, source(), by="test") for one in batch]
    return [(one["line"], one["status"]) for one in results]


async def below(database: Database, root: str) -> list[tuple[Any, ...]]:
    text = """
    MATCH (:Taxonomy {name: $root}) (()-[:CONTAINS]->())+ (n)
    WITH DISTINCT n
    RETURN labels(n) AS kind, n.name AS name, n.description AS text,
           COLLECT { MATCH (p)-[:CONTAINS]->(n) WHERE NOT p:Taxonomy RETURN p.name + p.description } AS above
    """
    rows = await rows_of(database, text, root=root)
    return sorted((str(row["kind"]), row["name"], row["text"], sorted(row["above"])) for row in rows)


@pytest.mark.parametrize("seed", range(8))
async def test_side_by_side_as_one_by_one(database: Database, monkeypatch: pytest.MonkeyPatch, seed: int):
    plant, shared = Plant(database), seed % 2 == 1
    monkeypatch.setattr(bulk, "BATCH", 5)
    # A ref that never comes would otherwise put all that follows it into one batch.
    monkeypatch.setattr(bulk, "LOOK_AHEAD", 5)
    beside: list[bool] = []
    look = Batch.look

    async def looked(batch: Batch, tx: Transaction) -> None:
        beside.append(batch._before is not None)
        await look(batch, tx)

    monkeypatch.setattr(Batch, "look", looked)
    found: list[Any] = []
    for at_once in (2, 1):
        root = f"T{at_once}"
        items = stream(Random(seed), root, await planted(plant, root), shared)
        monkeypatch.setattr(pipeline, "AT_ONCE", at_once)
        beside.clear()
        found.append((await insert(database, items), await below(database, root)))
        assert any(beside) == (at_once > 1)
    assert found[0] == found[1]
    assert {status for _, status in found[0][0]} == {"created", "existing", "error"}
    twins = "MATCH (n:KeyConcept) WITH n.key AS key, count(*) AS nodes WHERE nodes > 1 RETURN key"
    assert await rows_of(database, twins) == []


async def test_what_the_batch_before_changes_for_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """A subject joins a second discipline, which already has a concept of the name inserted below it."""
    plant = Plant(database)
    ids = await planted(plant, "T")
    one, two = ids["Discipline"]
    [own] = await plant.concepts((await plant.syllabus(two, "S", {"s": []})).sessions["s"], "X")
    monkeypatch.setattr(bulk, "BATCH", 1)
    looked, look, writing = asyncio.Event(), Batch.look, database.writing

    async def look_and_say(batch: Batch, tx: Transaction) -> None:
        await look(batch, tx)
        if batch._before:
            looked.set()

    async def committed_late(work: Any) -> Any:
        async def held(tx: Transaction) -> Any:
            done = await work(tx)
            await looked.wait()
            return done

        return await writing(held)

    monkeypatch.setattr(Batch, "look", look_and_say)
    monkeypatch.setattr(database, "writing", committed_late)
    items = [
        {"kind": "Subject", "name": "Subject 0", "parent_ids": [one, two]},
        {"kind": "KeyConcept", "name": "x", "parent_id": ids["ClassSession"][0]},
    ]
    assert await insert(database, items) == [(1, "existing"), (2, "existing")]
    found = await rows_of(database, "MATCH (n:KeyConcept {name_key: 'x'}) RETURN n.id AS id")
    assert found == [{"id": own}]
