"""The index of benchmarks in a worker holds what is loaded, and is built once."""

import asyncio

import pytest

from generators.quality.benchmarks.contamination import Index
from generators.running.comparing import benchmarks as holder
from generators.running.comparing.benchmarks import MOST_KEPT, Benchmarks
from graph.database import Database
from graph.quality import benchmarks, loading
from graph.quality.loading import About, Counted, NewItem

WHALES = "Which of the toothed whales dives the deepest while it hunts for squid in the dark?"
TIDES = "How do the moon and the sun together bring about the spring tides of every month?"


async def load(database: Database, name: str, text: str) -> None:
    begun = await loading.begin(database, About(name=name))
    await begun.add([Counted(NewItem(text=text, split="test"), len(text.split()))])
    await begun.finish(0)


async def test_it_follows_what_is_loaded_and_removed(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(holder, "LOOK_S", float("inf"))
    kept = Benchmarks(database)
    assert (await kept.index()).match(WHALES) == []
    await load(database, "sea", WHALES)
    assert (await kept.index()).match(WHALES) == []
    [match] = (await kept.index(fresh=True)).match(WHALES)
    assert match.item.startswith("sea/")
    await load(database, "tides", TIDES)
    assert len((await kept.index(fresh=True)).match(f"{TIDES} {WHALES}")) == 2
    assert len((await kept.index(["tides"])).match(f"{TIDES} {WHALES}")) == 1
    await benchmarks.remove(database, "sea")
    assert (await kept.index(fresh=True)).match(WHALES) == []


async def test_a_change_is_noticed_in_a_while(database: Database, monkeypatch: pytest.MonkeyPatch):
    kept = Benchmarks(database)
    assert len(await kept.index()) == 0
    await load(database, "sea", WHALES)
    monkeypatch.setattr(holder, "LOOK_S", 0.0)
    assert len(await kept.index()) == 1


async def test_it_is_built_once_for_all_that_ask(database: Database, monkeypatch: pytest.MonkeyPatch):
    await load(database, "sea", WHALES)
    built: list[Index] = []
    of = Index.of

    def counted(listed: holder.ItemList) -> Index:
        built.append(of(listed))
        return built[-1]

    monkeypatch.setattr(Index, "of", counted)
    kept = Benchmarks(database)
    asked = await asyncio.gather(*(kept.index() for _ in range(5)))
    assert [id(index) for index in asked] == [id(built[0])] * 5
    assert await kept.index(fresh=True) is built[0]
    assert len(built) == 1


async def test_few_indexes_are_kept(database: Database):
    kept = Benchmarks(database)
    first = await kept.index(["0"])
    for n in range(1, MOST_KEPT):
        await kept.index([str(n)])
    assert await kept.index(["0"]) is first
    await kept.index(["another"])
    assert await kept.index(["0"]) is first
    await asyncio.gather(*(kept.index([f"{n}x"]) for n in range(MOST_KEPT)))
    assert await kept.index(["0"]) is not first
