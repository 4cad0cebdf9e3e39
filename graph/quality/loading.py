"""Loads a benchmark: its items arrive in parts, are stored once each, and are matched when all are there.

The same content again changes nothing, and other content under a name that is taken is refused, so a name
always means the same items. After a loading that was broken off, the next request starts over.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from graph.database import Database, Row
from graph.errors import Conflict, Invalid
from graph.model import LONGEST_TEXT, Text, digest, new_id
from graph.quality import benchmarks
from graph.quality.benchmarks import Benchmark, Name, clear, taken_over
from graph.queries import load

BEGIN = load("benchmark.begin")
ADD = load("benchmark.add")
FINISH = load("benchmark.finish")
REMOVE = load("benchmark.remove")

ID_DIGITS = 16


class About(BaseModel):
    """What is said of a benchmark that is loaded."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    version: Text = Field(default="", max_length=200, description="Its version, such as the hub's commit")
    licence: Text = Field(default="", max_length=200, description="Its licence, such as MIT")
    source: Text = Field(default="", max_length=1000, description="Where it comes from")
    sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the file it was read from; default: of its items",
    )


class NewItem(BaseModel):
    """An item to load."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_TEXT, description="The question")]
    split: Annotated[Text, Field(max_length=100, description="Such as train or test")] = ""
    task: Annotated[Text, Field(max_length=200, description="The part of the benchmark it belongs to")] = ""


def id_of(name: str, item: NewItem) -> str:
    """The id of an item of the benchmark called so; the same item has the same one."""
    return f"{name}/{digest(item.split, item.task, item.text)[:ID_DIGITS]}"


class Counted(NamedTuple):
    """An item to load, and its number of words."""

    item: NewItem
    words: int


class Loaded(NamedTuple):
    """A benchmark, and whether this loading stored it: False if it was there already."""

    benchmark: Benchmark
    created: bool


class Loading:
    """A benchmark that is being loaded or, if it is there already, compared with what arrives."""

    def __init__(self, database: Database, about: About, found: Row, *, ours: bool) -> None:
        self._database = database
        self._about = about
        self._found = found
        self._key: Row = {"name": about.name, "id": found["id"]}
        self._digest = hashlib.sha256()
        self._items = 0
        self.stores = ours
        """Whether items are stored; otherwise they are compared with those that are there."""

    async def add(self, items: Sequence[Counted]) -> None:
        """Stores some items, each once; raises Conflict if another request has taken the benchmark over."""
        rows: list[Row] = []
        for item, words in items:
            self._digest.update(to_json([item.split, item.task, item.text]))
            rows.append(item.model_dump() | {"id": id_of(self._about.name, item), "tokens": words})
        self._items += len(rows)
        if self.stores and not await self._database.write(ADD, **self._key, rows=rows):
            raise taken_over(self._about.name)

    async def finish(self, unrecognisable: int) -> Loaded:
        """Ends the loading; `unrecognisable` is the number of items that no text can be matched with.

        Raises Invalid if there was no item, and Conflict if other content is loaded under the name.
        """
        if not self._items:
            raise Invalid('there is no item: send one JSON object per line, such as {"text": "..."}')
        content = self._digest.hexdigest()
        if not self.stores:
            return Loaded(await self._same(content), created=False)
        known = {
            "sha256": self._about.sha256 or content,
            "digest": content,
            "unrecognisable": unrecognisable,
        }
        rows = await self._database.write(FINISH, **self._key, properties=known)
        if not rows:
            raise taken_over(self._about.name)
        return Loaded(Benchmark.from_row(rows[0]["benchmark"]), created=True)

    async def _same(self, content: str) -> Benchmark:
        name = self._about.name
        if self._found["digest"] != content:
            raise Conflict(
                f"a benchmark {name} with other items is loaded, and a benchmark never changes: load this "
                f"one under another name, such as {name}-2, or remove {name} first"
            )
        return await benchmarks.get(self._database, name)

    async def give_up(self) -> None:
        """Removes what was stored; nothing if another request has taken the benchmark over."""
        if self.stores:
            await clear(self._database, **self._key)
            await self._database.write(REMOVE, **self._key)


async def begin(database: Database, about: About, by: str = "") -> Loading:
    """Begins to load a benchmark, without what an earlier loading has left of it."""
    unknown = dict.fromkeys(("sha256", "digest", "unrecognisable", "loaded_at"))
    properties = about.model_dump(exclude={"name", "sha256"}) | unknown | {"loaded_by": by}
    [row] = await database.write(BEGIN, name=about.name, id=new_id(), properties=properties)
    loading = Loading(database, about, row["benchmark"], ours=row["ours"])
    if row["ours"]:
        await clear(database, about.name, row["benchmark"]["id"])
    return loading
