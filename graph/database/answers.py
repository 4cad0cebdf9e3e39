"""The answer to a query, user-written or named, as it comes from Neo4j."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString, Self, cast

import neo4j

from graph.database.errors import EXPLAIN, QueryErrors, translated

Row = dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """What EXPLAIN says about a query."""

    query_type: str | None
    plan: Mapping[str, Any] | None


class Answer:
    """The rows of an answer as they arrive, with values as Neo4j's driver returns them."""

    def __init__(self, result: neo4j.AsyncResult, deadline: float, said: QueryErrors, uri: str) -> None:
        self.columns = list(result.keys())
        self._result = result
        self._deadline = deadline
        self._said = said
        self._uri = uri

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        """The next row; raises the errors that Database.answer raises."""
        with self._said, translated(self._uri):
            async with asyncio.timeout_at(self._deadline):
                values = (await anext(self._result)).values()
        return dict(zip(self.columns, values, strict=True))


async def explained(transaction: neo4j.AsyncTransaction, text: str, params: Mapping[str, Any]) -> Explained:
    """What EXPLAIN says about a query, without running it."""
    result = await transaction.run(trusted(EXPLAIN + text), dict(params))
    summary = await result.consume()
    return Explained(summary.query_type, cast(Any, summary).plan)


def trusted(text: str) -> LiteralString:
    """Marks a text as safe to run; user-written texts come only from the read door, which checks them."""
    return cast(LiteralString, text)
