"""The read door: runs named queries and users' own Cypher in READ mode, with bounded answers.

An answer is bounded in rows and bytes, and its query in time; the answer says which bound it reached.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.database import Answer, Database, Row
from graph.errors import Invalid, NotFound
from graph.queries import Param, Query, offered
from graph.read_door import gate
from graph.read_door.growth import check_growth
from graph.read_door.json_values import check_params, encode, is_small, pieces, to_json
from graph.text import is_whole

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "list": (list,),
    "map": (dict,),
    "boolean": (bool,),
}

Bound = Literal["rows", "bytes"]


class Table(BaseModel):
    """The answer to a query; bytes, such as the content of a release, are in base64."""

    model_config = ConfigDict(ser_json_bytes="base64")

    columns: list[str] = Field(description="Names of the columns, in order")
    rows: list[dict[str, Any]] = Field(description="One object per row, its values by column")
    truncated: bool = Field(default=False, description="Whether there are more rows")
    truncated_by: Bound | None = Field(
        default=None, description="The limit reached: `limit` rows, or the maximum size of a response"
    )


@dataclass(frozen=True)
class Bounds:
    """The maximum size of an answer, and the time-out of its query."""

    rows: int = 1_000
    bytes: int = 64 * 2**20
    timeout_s: float = 30.0


class Rows:
    """The rows of an answer as JSON objects, until a bound is reached; `truncated_by` is set at the end."""

    def __init__(self, answer: Answer, bounds: Bounds) -> None:
        self.columns = answer.columns
        self.truncated_by: Bound | None = None
        self._answer = answer
        self._bounds = bounds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each row in UTF-8, without a line ending."""
        count = size = 0
        async for row in self._answer:
            if count == self._bounds.rows:
                self.truncated_by = "rows"
                return
            room = self._bounds.bytes - size
            line = encode(to_json(row)) if is_small(row) else await asyncio.to_thread(_encoded, row, room)
            if len(line) > room:
                self.truncated_by = "bytes"
                return
            count, size = count + 1, size + len(line)
            yield line

    async def table(self) -> bytes:
        """The whole answer as the JSON of a Table."""
        rows = [row async for row in self]
        rest = {"truncated": self.truncated_by is not None, "truncated_by": self.truncated_by}
        return b'{"columns":%b,"rows":[%b],%b' % (encode(self.columns), b",".join(rows), encode(rest)[1:])


def _encoded(row: Row, most: int) -> bytes:
    """The JSON of a row, or no more of it than shows that it has more than `most` bytes."""
    found: list[bytes] = []
    for piece in pieces(row):
        found.append(piece)
        most -= len(piece)
        if most < 0:
            break
    return b"".join(found)


@asynccontextmanager
async def named(
    database: Database, name: str, params: Mapping[str, Any], bounds: Bounds
) -> AsyncGenerator[Rows]:
    """The answer to a named query; raises NotFound for an unknown name, Invalid for unfitting parameters."""
    query = find(name)
    completed = await asyncio.to_thread(complete, query, params)
    async with database.answer(query.text, completed, bounds.timeout_s) as answer:
        yield Rows(answer, bounds)


async def run_named(database: Database, name: str, params: Mapping[str, Any]) -> Table:
    """Like `named`, for use from Python: the whole table, with at most 10,000 rows."""
    async with named(database, name, params, Bounds(rows=10_000)) as rows:
        return Table.model_validate_json(await rows.table())


@asynccontextmanager
async def own(
    database: Database, text: str, params: Mapping[str, Any], bounds: Bounds
) -> AsyncGenerator[Rows]:
    """The answer to a user's own Cypher.

    Raises Refused if it does more than read, Invalid if Neo4j does not accept it, or TimedOut.
    """
    # In a thread: a very long text, or a million parameters, would block the event loop.
    await asyncio.to_thread(_check_own, text, params)
    async with database.answer(text, params, bounds.timeout_s, gate.check_plan) as answer:
        yield Rows(answer, bounds)


def _check_own(text: str, params: Mapping[str, Any]) -> None:
    if "\x00" in text or not is_whole(text):
        raise Invalid("query: NUL and halves of surrogate pairs are not allowed in a query")
    check_params(params)
    gate.check_text(text)
    check_growth(text, params)


def find(name: str) -> Query:
    """The offered query of this name; raises NotFound."""
    query = {q.name: q for q in offered()}.get(name)
    if query is None:
        raise NotFound(f"no query is called {name}; GET /v1/queries lists them")
    return query


def complete(query: Query, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters, completed from the example, except for ids.

    Raises Invalid for parameters that are unknown, missing or of a wrong type.
    """
    if unknown := given.keys() - query.params.keys():
        known = ", ".join(query.params) or "none"
        raise Invalid(f"{query.name} has no parameter {', '.join(sorted(unknown))}; it has {known}")
    check_params(given)
    params = dict(given)
    for name, param in query.params.items():
        if name not in params and not is_id(name) and name in query.example:
            params[name] = query.example[name]
        if name not in params:
            raise Invalid(f"{query.name} needs {name} ({param.type}): {param.meaning}")
        _check(query, name, param, params[name])
    return params


def is_id(name: str) -> bool:
    """Whether a parameter identifies something in the graph, so that the example is not a default for it."""
    return name in ("id", "ids") or name.endswith("_id")


def _check(query: Query, name: str, param: Param, value: Any) -> None:
    wanted = param.type.removesuffix(" or null")
    if value is None and param.type.endswith(" or null"):
        return
    if not isinstance(value, TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        raise Invalid(f"{query.name}: {name} must be a {param.type}: {param.meaning}")
    if name == "limit" and isinstance(value, int) and value < 0:
        raise Invalid(f"{query.name}: limit must be 0 or more, not {value}")
