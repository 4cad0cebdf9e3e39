"""Benchmarks are loaded whole or not at all, never change, and are read item by item."""

import asyncio

import pytest
from planting import rows_of

from graph.database import Database
from graph.errors import Conflict, Invalid, NotFound
from graph.quality import benchmarks, loading
from graph.quality.benchmarks import State
from graph.quality.loading import About, Counted, Loaded, NewItem

SHA = "a" * 64


def items(*texts: str, split: str = "test") -> list[Counted]:
    return [Counted(NewItem(text=text, split=split), len(text.split())) for text in texts]


async def load(database: Database, name: str, *parts: list[Counted], unrecognisable: int = 0) -> Loaded:
    begun = await loading.begin(
        database, About(name=name, licence="MIT", source="x.jsonl", sha256=SHA), by="rest"
    )
    for part in parts:
        await begun.add(part)
    return await begun.finish(unrecognisable)


async def streamed(database: Database, *names: str) -> list[str]:
    return [item.text async for page in benchmarks.stream_items(database, names or None) for item in page]


async def counted(database: Database) -> list[int]:
    [row] = await rows_of(
        database,
        "RETURN COUNT { (:Benchmark) } AS benchmarks, COUNT { (:BenchmarkItem) } AS items,"
        " COUNT { (:Benchmark)-[:HAS_ITEM]->() } AS links",
    )
    return list(row.values())


async def matched(database: Database, name: str) -> None:
    await rows_of(
        database,
        "MATCH (:Benchmark {name: $name})-[:HAS_ITEM]->(item) WITH item LIMIT 1 "
        "CREATE (i:Instruction {id: 'i', status: 'rejected'}) "
        "CREATE (i)-[:MATCHES {kind: 'exact'}]->(item)",
        name=name,
    )


async def test_a_loaded_benchmark_is_shown_with_its_splits(database: Database):
    parts = items("one two", "three"), items("four", split="train"), items("three", "one two")
    loaded = await load(database, "sums", *parts, unrecognisable=3)
    assert loaded.created
    found = loaded.benchmark
    assert (found.name, found.state, found.licence, found.source) == ("sums", State.done, "MIT", "x.jsonl")
    assert (found.items, found.splits, found.unrecognisable) == (3, {"test": 2, "train": 1}, 3)
    assert (found.sha256, found.loaded_by) == (SHA, "rest")
    assert found == await benchmarks.get(database, "sums")
    assert (await benchmarks.list_benchmarks(database)).items == [found]
    rows = await rows_of(database, "MATCH (i:BenchmarkItem) RETURN i.text, i.tokens, i.split ORDER BY i.text")
    assert [list(row.values()) for row in rows] == [
        *(["four", 1, "train"], ["one two", 2, "test"], ["three", 1, "test"])
    ]


async def test_the_same_again_changes_nothing(database: Database):
    first = await load(database, "sums", items("one", "two"))
    seal = await benchmarks.seal_of_all(database)
    again = await load(database, "sums", items("one"), items("two"))
    assert again == Loaded(first.benchmark, created=False)
    assert await benchmarks.seal_of_all(database) == seal
    assert await counted(database) == [1, 2, 2]


async def test_other_items_under_a_name_that_is_taken_are_refused(database: Database):
    first = await load(database, "sums", items("one", "two"))
    for other in (items("one"), items("one", "two", "three"), items("one", "two", split="train")):
        with pytest.raises(Conflict, match="such as sums-2, or remove sums first"):
            await load(database, "sums", other)
    assert await benchmarks.get(database, "sums") == first.benchmark
    assert sorted(await streamed(database)) == ["one", "two"]
    assert await counted(database) == [1, 2, 2]


async def test_the_seal_changes_with_what_is_matched(database: Database):
    seals = [await benchmarks.seal_of_all(database)]
    begun = await loading.begin(database, About(name="sums"))
    await begun.add(items("one"))
    assert await benchmarks.seal_of_all(database) == seals[0]
    assert await streamed(database) == []
    await begun.finish(0)
    seals.append(await benchmarks.seal_of_all(database))
    await load(database, "words", items("two"))
    seals.append(await benchmarks.seal_of_all(database))
    await benchmarks.remove(database, "sums")
    seals.append(await benchmarks.seal_of_all(database))
    await load(database, "sums", items("one"))
    seals.append(await benchmarks.seal_of_all(database))
    assert len({*seals}) == len(seals)


async def test_items_are_read_in_pages(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(benchmarks, "AT_ONCE", 3)
    # Names of which one begins with the other, or with what comes before or after a slash.
    for name in ("a", "a-b", "a.b", "a0", "b"):
        await load(database, name, items(*(f"{name} {n}" for n in range(7))))
    pages = [page async for page in benchmarks.stream_items(database)]
    assert max(map(len, pages)) == 3
    for name in ("a", "a-b", "a.b", "a0", "b"):
        assert sorted(await streamed(database, name)) == [f"{name} {n}" for n in range(7)]
    assert len({item.id for page in pages for item in page}) == 35
    assert await streamed(database, "nothing") == []


async def test_a_loading_that_was_broken_off_starts_over(database: Database):
    broken = await loading.begin(database, About(name="sums"))
    await broken.add(items("left", "behind"))
    found = await benchmarks.get(database, "sums")
    assert (found.state, found.items, found.splits, found.sha256) == (State.loading, 2, {}, None)
    loaded = await load(database, "sums", items("one"))
    assert loaded.benchmark.items == 1
    assert await streamed(database) == ["one"]
    for late in (broken.add(items("more")), broken.finish(0), broken.give_up()):
        with pytest.raises(Conflict, match="another request"):
            await late
    assert await counted(database) == [1, 1, 1]


async def test_what_is_given_up_leaves_nothing(database: Database):
    begun = await loading.begin(database, About(name="sums"))
    await begun.add(items("one", "two"))
    await begun.give_up()
    assert await counted(database) == [0, 0, 0]
    with pytest.raises(NotFound):
        await benchmarks.get(database, "sums")
    empty = await loading.begin(database, About(name="sums"))
    with pytest.raises(Invalid, match="no item"):
        await empty.finish(0)


async def test_two_at_once_end_with_one_benchmark(database: Database):
    texts = [f"text {n}" for n in range(50)]
    parts = [items(*texts[n : n + 10]) for n in range(0, 50, 10)]
    ends = await asyncio.gather(*(load(database, "sums", *parts) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(end, Loaded | Conflict) for end in ends)
    assert any(isinstance(end, Loaded) for end in ends)
    assert (await benchmarks.get(database, "sums")).items == 50
    assert await counted(database) == [1, 50, 50]


async def test_removed_with_all_items(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(benchmarks, "AT_ONCE", 2)
    await load(database, "sums", items(*map(str, range(5))))
    await load(database, "words", items("one"))
    assert (await benchmarks.remove(database, "sums")).items == 5
    assert await counted(database) == [1, 1, 1]
    with pytest.raises(NotFound, match="no benchmark is called sums"):
        await benchmarks.remove(database, "sums")


async def test_evidence_is_not_removed_by_the_way(database: Database):
    await load(database, "sums", items("one", "two"))
    await matched(database, "sums")
    with pytest.raises(Conflict, match="1 instructions match items of sums"):
        await benchmarks.remove(database, "sums")
    assert (await benchmarks.get(database, "sums")).state is State.done
    await benchmarks.remove(database, "sums", with_evidence=True)
    assert await counted(database) == [0, 0, 0]
    [row] = await rows_of(database, "MATCH (i:Instruction) RETURN i.status AS status")
    assert row["status"] == "rejected"


async def test_a_removal_that_was_broken_off_is_continued(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    await load(database, "sums", items("one", "two"))

    async def broken(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(benchmarks, "clear", broken)
        with pytest.raises(ConnectionError):
            await benchmarks.remove(database, "sums")
    assert (await benchmarks.get(database, "sums")).state is State.removing
    assert await streamed(database) == []
    await benchmarks.remove(database, "sums")
    assert await counted(database) == [0, 0, 0]


@pytest.mark.parametrize(
    "wrong", [{"name": "a/b"}, {"name": ""}, {"name": "a", "sha256": "x"}, {"name": "a", "licence": "\0"}]
)
def test_what_is_said_of_a_benchmark_is_checked(wrong: dict[str, str]):
    with pytest.raises(ValueError, match="validation error"):
        About.model_validate(wrong)
