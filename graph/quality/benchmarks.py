"""Benchmarks whose items are kept out of the data: listed, read item by item, removed (loaded in `loading`).

A benchmark never changes once it is loaded. Its id is that of its loading, so the ids of all of them tell
whether an index made from their items still holds. While it is loaded or removed, it is not matched.
"""

from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, Field

from graph.database import Database, Row, Sealed, seal_of
from graph.errors import Conflict, NotFound
from graph.model import UniqueName, digest
from graph.pages import Page, decode, page
from graph.queries import load

GET = load("benchmark.get")
LIST = load("benchmark.list")
LOADED = load("benchmark.loaded")
ITEMS = load("benchmark.items")
EVIDENCE = load("benchmark.evidence")
WITHDRAW = load("benchmark.withdraw")
CLEAR = load("benchmark.clear")
REMOVE = load("benchmark.remove")

OF_TEST = "a test set of this graph"
"""The source of a benchmark whose items are the questions of a test set, which has its name."""
AT_ONCE = 1_000
"""Items read or removed per transaction."""

Name = Annotated[UniqueName, Field(examples=["gsm8k"])]


class State(StrEnum):
    """State of a benchmark; only those that are done are matched."""

    loading = "loading"
    done = "done"
    removing = "removing"


class Benchmark(BaseModel):
    """A set of questions that models are measured with, and that therefore no model may be trained on."""

    id: str = Field(description="Opaque; another one after the benchmark was removed and loaded again")
    name: str = Field(description="Unique")
    state: State = Field(description="loading, done or removing; only those that are done are matched")
    version: str = Field(description="Version given by who loaded it, such as the hub's commit; may be empty")
    licence: str = Field(description="Its licence; empty if unknown")
    source: str = Field(description="Where it comes from: a repository of the hub, or the name of a file")
    sha256: str | None = Field(description="SHA-256 of its file or, without one, its items; null until done")
    items: int = Field(description="Number of items, each text counted once per split")
    splits: dict[str, int] = Field(description="Number of items per split; empty until done")
    unrecognisable: int | None = Field(
        description="Items too short or too common to be recognised by their text; null until done"
    )
    loaded_at: datetime | None = Field(description="UTC; null until done")
    loaded_by: str = Field(description="The caller, such as rest or the name of a token")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        known: Row = {name: row.get(name) for name in cls.model_fields}
        known["splits"] = dict(zip(row["splits"], row["split_items"], strict=True))
        return cls(**known)


def _seal(benchmark: Row) -> int:
    """The seal of a benchmark; leaves out the count while it is loaded, as nothing has to agree with that."""
    names = ("id", "state", "sha256", "splits", "split_items", "unrecognisable", "loaded_at", "loaded_by")
    about = [benchmark.get(name) for name in (*names, "version", "licence", "source")]
    return seal_of(about, benchmark["state"] == "done" and benchmark["items"])


BENCHMARKS = Sealed("benchmark", "name", load("benchmark.lock"), load("benchmark.seal"), _seal)


class StoredItem(NamedTuple):
    """The id of an item, which begins with its benchmark's name and a slash, and its text."""

    id: str
    text: str


async def get(database: Database, name: str) -> Benchmark:
    """One benchmark; raises NotFound."""
    rows = await BENCHMARKS.whole(database, await database.read(GET, name=name))
    if not rows:
        raise NotFound(f"no benchmark is called {name}; GET /v1/benchmarks lists them")
    return Benchmark.from_row(rows[0]["benchmark"])


async def list_benchmarks(database: Database, limit: int = 100, cursor: str | None = None) -> Page[Benchmark]:
    """A page of benchmarks in the order of their names."""
    [after] = decode("benchmarks", cursor, [""])
    found = await BENCHMARKS.whole(database, await database.read(LIST, after=after, limit=limit + 1))
    rows = page("benchmarks", found, limit, lambda row: [row["benchmark"]["name"]])
    return Page(items=[Benchmark.from_row(row["benchmark"]) for row in rows.items], next=rows.next)


async def seal_of_all(database: Database, names: Collection[str] | None = None) -> str:
    """Changes whenever a benchmark, or one of those called so, was loaded or removed, else never."""
    rows = await database.read(LOADED)
    return digest(*(row["id"] for row in rows if names is None or row["name"] in names))


async def loaded(database: Database) -> list[str]:
    """The names of the benchmarks that are loaded to their end."""
    return [row["name"] for row in await database.read(LOADED)]


async def stream_items(
    database: Database, names: Collection[str] | None = None
) -> AsyncGenerator[list[StoredItem]]:
    """The items of all benchmarks, or of those called so, in pages of AT_ONCE, ordered by their ids.

    A benchmark that is not loaded to its end, or of an unknown name, has none.
    """
    for row in await database.read(LOADED):
        if names is None or row["name"] in names:
            async for items in _items(database, row["name"]):
                yield items


async def _items(database: Database, name: str) -> AsyncGenerator[list[StoredItem]]:
    # The character after the slash: all ids of this benchmark lie between the two.
    after, end = f"{name}/", f"{name}0"
    while rows := await database.read(ITEMS, after=after, end=end, limit=AT_ONCE):
        yield [StoredItem(row["id"], row["text"]) for row in rows]
        after = rows[-1]["id"]


async def remove(
    database: Database, name: str, *, with_evidence: bool = False, with_test: bool = False
) -> Benchmark:
    """Removes a benchmark with its items, page by page, and returns what it was.

    What was kept out for it stays kept out. Raises NotFound, or Conflict if instructions match its items,
    unless `with_evidence`: then what shows these matches goes too. Raises Conflict if it belongs to a test
    set, unless `with_test`: that is removed as well.
    """
    found = await get(database, name)
    if found.source == OF_TEST and not with_test:
        raise Conflict(
            f"{name} keeps the questions of the test set {name} out of the data: remove the test set, and it "
            f"goes too (glan test remove {name}, or DELETE /v1/tests/{name})"
        )
    if not with_evidence:
        await require_unmatched(database, name)
    await database.write(WITHDRAW, name=name, id=found.id)
    await clear(database, name, found.id)
    await database.write(REMOVE, name=name, id=found.id)
    return found


async def require_unmatched(database: Database, name: str) -> None:
    """Raises Conflict if instructions match items of a benchmark."""
    [row] = await database.read(EVIDENCE, name=name) or [{"instructions": 0}]
    if row["instructions"]:
        raise Conflict(
            f"{row['instructions']:,} instructions match items of {name}, and removing it would remove what "
            "shows so; with evidence=true (--evidence) it is removed all the same, and they stay as they are"
        )


async def is_of_test(database: Database, name: str) -> bool:
    """Whether there is a benchmark of this name whose items are the questions of a test set."""
    return any(row["benchmark"]["source"] == OF_TEST for row in await database.read(GET, name=name))


async def clear(database: Database, name: str, id: str) -> None:
    """Removes the items of a benchmark that is not done; raises Conflict if another request has taken it."""
    while True:
        rows = await database.write(CLEAR, name=name, id=id, limit=AT_ONCE)
        if not rows:
            raise taken_over(name)
        if not rows[0]["removed"]:
            return


def taken_over(name: str) -> Conflict:
    """The error for a request whose benchmark another one loads or removes."""
    return Conflict(f"another request loads or removes the benchmark {name} at this moment")
