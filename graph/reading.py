"""The read door: runs named read queries for users, with checked parameters and a bounded answer."""

from typing import Any

from pydantic import BaseModel, Field

from graph.database import Database
from graph.errors import Invalid, NotFound
from graph.queries import Param, Query, readable

MOST_ROWS = 10_000
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "list": (list,),
    "map": (dict,),
    "boolean": (bool,),
}


class Table(BaseModel):
    """The answer of a query."""

    columns: list[str]
    rows: list[dict[str, Any]]
    truncated: bool = Field(default=False, description=f"Whether there are more than {MOST_ROWS} rows")


async def run_named(database: Database, name: str, params: dict[str, Any]) -> Table:
    """Runs a named read query; raises NotFound for its name, Invalid for parameters that do not fit it."""
    query = {q.name: q for q in readable()}.get(name)
    if query is None:
        raise NotFound(f"no query is called {name}; GET /v1/queries lists them")
    columns, rows, more = await database.table(query, MOST_ROWS, **_complete(query, params))
    return Table(columns=columns, rows=rows, truncated=more)


def _complete(query: Query, given: dict[str, Any]) -> dict[str, Any]:
    """All parameters; those that are no ids may be left out where the example has a value for them."""
    if unknown := given.keys() - query.params.keys():
        known = ", ".join(query.params) or "none"
        raise Invalid(f"{query.name} has no parameter {', '.join(sorted(unknown))}; it has {known}")
    params = dict(given)
    for name, param in query.params.items():
        if name not in params and name not in ("id", "ids") and name in query.example:
            params[name] = query.example[name]
        if name not in params:
            raise Invalid(f"{query.name} needs {name} ({param.type}): {param.meaning}")
        _check(query, name, param, params[name])
    return params


def _check(query: Query, name: str, param: Param, value: Any) -> None:
    wanted = param.type.removesuffix(" or null")
    if value is None and param.type.endswith(" or null"):
        return
    if not isinstance(value, TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        raise Invalid(f"{query.name}: {name} is to be a {param.type}: {param.meaning}")
