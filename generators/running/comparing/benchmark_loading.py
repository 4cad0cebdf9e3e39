"""Loads a benchmark from items that arrive in parts: counts their words, and those that no text can match."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from generators.quality.benchmarks.contamination import Index
from generators.quality.benchmarks.item_list import ItemList
from graph.database import Database
from graph.errors import GraphError
from graph.quality import loading
from graph.quality.loading import About, Counted, Loaded, NewItem


async def load(
    database: Database, about: About, parts: AsyncIterator[Sequence[NewItem]], by: str = ""
) -> Loaded:
    """Stores the items, each once, or compares them with those that are loaded under this name.

    After an error nothing of what it stored is left. Raises Conflict if other items are loaded under the
    name, Invalid if there is none, and what `parts` raises.
    """
    begun = await loading.begin(database, about, by)
    listed = ItemList()
    seen: set[str] = set()
    try:
        async for part in parts:
            await begun.add(await asyncio.to_thread(_counted, about.name, part, listed, seen))
        index = await asyncio.to_thread(Index.of, listed)
        return await begun.finish(index.unrecognisable)
    except BaseException:
        with suppress(GraphError):
            await asyncio.shield(begun.give_up())
        raise


def _counted(name: str, part: Sequence[NewItem], listed: ItemList, seen: set[str]) -> list[Counted]:
    """The items not seen before with their numbers of words, which are added to the list."""
    fresh = {id_: item for item in part if (id_ := loading.id_of(name, item)) not in seen}
    seen.update(fresh)
    counts = listed.add((id_, item.text) for id_, item in fresh.items())
    return [Counted(item, words) for item, words in zip(fresh.values(), counts, strict=True)]
