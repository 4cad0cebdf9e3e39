"""The index of the benchmarks that are loaded, kept in memory until they change."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from time import monotonic

from generators.quality.benchmarks.contamination import RULE, Index
from generators.quality.benchmarks.item_list import ItemList
from graph.database import Database
from graph.errors import Conflict, NotFound
from graph.quality import benchmarks, evidence

LOOK_S = 5.0
"""Seconds for which a benchmark that was just loaded or removed may go unnoticed."""
MOST_KEPT = 4
"""Indexes of different sets of benchmarks that are kept; the ones used last."""


@dataclass(frozen=True)
class InForce:
    """An index, and the id of the rule that names the benchmarks in it."""

    index: Index
    rule: str


@dataclass
class _Kept:
    """An index, and the seal of the benchmarks when its items began to be read."""

    index: Index
    seal: str
    looked_at: float


SEAL_DIGITS = 8
NAMED = {"name", "version", "licence", "source", "sha256", "splits", "items", "unrecognisable"}


def _rule(seal: str) -> str:
    return f"{RULE}:{seal[:SEAL_DIGITS]}"


async def rule_against(database: Database, names: Collection[str] | None) -> str:
    """The id of the rule that holds texts against all benchmarks, or those with these names.

    Raises NotFound for a name that no benchmark has, and Conflict if none is loaded.
    """
    loaded = await benchmarks.loaded(database)
    if unknown := sorted(set(names or ()).difference(loaded)):
        raise NotFound(f"no benchmark is loaded as {', '.join(unknown)}; GET /v1/benchmarks lists them")
    if not loaded:
        raise Conflict("no benchmark is loaded to look for: load one first, with glan benchmark load")
    return _rule(await benchmarks.seal_of_all(database, names))


@dataclass
class Benchmarks:
    """The indexes of one process. Several tasks may ask at once: each index is built once, in a thread."""

    database: Database
    _kept: dict[frozenset[str] | None, _Kept] = field(default_factory=dict[frozenset[str] | None, _Kept])
    _recorded: set[str] = field(default_factory=set[str])
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def in_force(
        self, names: Collection[str] | None = None, *, fresh: bool = False
    ) -> "InForce | None":
        """The index of all benchmarks, or of those with these names, and its rule; None without any.

        The rule is recorded. `fresh`: a benchmark that was just loaded is noticed.
        """
        kept = await self._current(names, fresh=fresh)
        if not len(kept.index):
            return None
        rule = _rule(kept.seal)
        if rule not in self._recorded:
            loaded = await benchmarks.list_benchmarks(self.database, limit=1000)
            named = [
                one.model_dump(mode="json", include=NAMED)
                for one in loaded.items
                if one.state == "done" and (names is None or one.name in names)
            ]
            await evidence.record_rule(self.database, rule, {"benchmarks": named})
            self._recorded.add(rule)
        return InForce(kept.index, rule)

    async def index(self, names: Collection[str] | None = None, *, fresh: bool = False) -> Index:
        """The index of all benchmarks, or of those with these names.

        It is built again after they have changed, which is noticed within LOOK_S seconds, or, if `fresh`, at
        once.
        """
        return (await self._current(names, fresh=fresh)).index

    async def _current(self, names: Collection[str] | None, *, fresh: bool) -> _Kept:
        wanted = None if names is None else frozenset(names)
        async with self._building:
            kept = self._kept.pop(wanted, None)
            if kept is None or fresh or monotonic() - kept.looked_at > LOOK_S:
                kept = await self._looked_after(wanted, kept)
            self._kept[wanted] = kept
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return kept

    async def _looked_after(self, names: frozenset[str] | None, kept: _Kept | None) -> _Kept:
        looked_at = monotonic()
        # Before the items: what changes while they are read is noticed by the next look.
        seal = await benchmarks.seal_of_all(self.database, names)
        if kept is not None and kept.seal == seal:
            return _Kept(kept.index, seal, looked_at)
        return _Kept(await self._built(names), seal, looked_at)

    async def _built(self, names: frozenset[str] | None) -> Index:
        listed = ItemList()
        async for items in benchmarks.stream_items(self.database, names):
            await asyncio.to_thread(listed.add, items)
        return await asyncio.to_thread(Index.of, listed)
