"""`glan query`: named queries and the user's own Cypher."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from service.commands.options import AsJson, Url
from service.terminal.frame import answer
from service.terminal.output import CommandError, note

if TYPE_CHECKING:
    from service.terminal.client import Api

# Below this many seconds, what a query costs goes without saying.
WORTH_SAYING_S = 2.0


def query(
    name: Annotated[str | None, typer.Argument(help="A named query; omit it to list them.")] = None,
    params: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values are JSON or text; id=… also takes a path."),
    ] = None,
    cypher: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Your own Cypher instead; - reads it from stdin, @FILE from a file."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of rows; default 1,000, named queries 10,000.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Maximum time; default GLAN_QUERY_TIMEOUT_S.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show all rows, not only the first 40.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Run a named query, or Cypher of your own that only reads; without either, list the named ones."""
    # With an explicit --limit all rows are shown.
    every = None if all_ or limit is not None else "--all"
    bounds = _bounds(limit, timeout)

    def show(found: dict[str, Any]) -> None:
        show_table(found, every)

    if cypher is not None:
        # With --cypher the first word is a parameter, not the name of a query: a=1 b=2.
        given = _pairs([name, *(params or ())] if name else params or ())
        body = {"query": _own_text(cypher), "params": {key: _free(value) for key, value in given.items()}}
        answer(lambda api: api.post("/v1/cypher", body | bounds), show, url, as_json)
    elif name is None:
        answer(lambda api: api.get("/v1/queries")["items"], _list_queries, url, as_json)
    else:
        pairs = _pairs(params or ())
        answer(lambda api: _run(api, name, pairs, bounds), show, url, as_json)


def _run(api: "Api", name: str, pairs: dict[str, str], bounds: dict[str, Any]) -> dict[str, Any]:
    found = _named(api, name)
    values = {key: _value(api, found, key, text) for key, text in pairs.items()}
    if found["cost"] and "id" in values:
        _say_cost(api, found, values["id"])
    return api.post(f"/v1/queries/{name}", {"params": values} | bounds)


def _say_cost(api: "Api", query: dict[str, Any], node: str) -> None:
    """Says what a query will read and how long that may take, unless it is little."""
    reads = query["cost"]["reads"]
    count = _counts(api, node).get(reads, 0)
    seconds = query["cost"]["seconds"] * count / 1e6
    if seconds >= WORTH_SAYING_S:
        note(f"{query['name']} reads {count:,} {reads}: about {seconds:,.0f} s (--timeout bounds it)")


def _counts(api: "Api", node: str) -> dict[str, int]:
    """How much there is below a node; nothing where counting that is refused."""
    try:
        coverage = api.get(f"/v1/nodes/{node}/coverage")
    except CommandError:
        return {}
    counts = {name: int(coverage[name]) for name in ("sessions", "concepts", "instructions")}
    return counts | {"nodes": counts["sessions"] + counts["concepts"]}


def _own_text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    if given.startswith("@"):
        return Path(given[1:]).read_text(encoding="utf-8")
    return given


def _bounds(limit: int | None, timeout: float | None) -> dict[str, Any]:
    asked = {"limit": limit, "timeout_s": timeout}
    return {name: value for name, value in asked.items() if value is not None}


def _named(api: "Api", name: str) -> dict[str, Any]:
    found = {q["name"]: q for q in api.get("/v1/queries")["items"]}
    if name not in found:
        near = get_close_matches(name, found, 3) or [q for q in found if name in q][:3]
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise CommandError(f"no query is called {name}; {meant}`glan query` lists them")
    return found[name]


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
        if key in found:
            raise typer.BadParameter(f"{key} is given twice: {found[key]!r} and {value!r}")
        found[key] = value
    return found


def _free(text: str) -> Any:
    """A value without a declared type: parsed as JSON if possible, else the text itself."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def _value(api: "Api", query: dict[str, Any], key: str, text: str) -> Any:
    import json

    kind = query["params"].get(key, {}).get("type", "string")
    if kind.startswith("string"):
        return api.node(text) if key == "id" else text
    try:
        return json.loads(text)
    except ValueError:
        raise typer.BadParameter(f"{key} must be a {kind}, as JSON; {text!r} is not") from None


def _list_queries(found: list[dict[str, Any]]) -> None:
    from service.terminal.tables import print_table

    rows = [[q["name"], " ".join(q["params"]), q["meaning"], _cost(q)] for q in found]
    print_table(("query", "parameters", "answers", "cost"), rows)


def _cost(query: dict[str, Any]) -> str:
    cost = query["cost"]
    return f"{cost['seconds']:g} s a million {cost['reads']}" if cost else ""


def show_table(found: dict[str, Any], every: str | None = None) -> None:
    """Prints an answer as a table, with nodes and paths in Cypher's notation."""
    from service.terminal.tables import print_table

    columns = found["columns"]
    print_table(columns, [[as_text(row[column]) for column in columns] for row in found["rows"]], every=every)
    if found["truncated"]:
        what = "rows (--limit)" if found["truncated_by"] == "rows" else "bytes (GLAN_QUERY_MOST_MB)"
        note(f"there are more rows: the answer was cut at the maximum number of {what}")


def as_text(value: Any) -> str:
    """A value in short: a node as (:Field Physics), a link as -[:CONTAINS]->, lists and maps as JSON."""
    import json

    match value:
        case None:
            return ""
        case str():
            return value
        case float():
            return f"{value:.6g}"
        case {"id": _, "labels": [*labels], "properties": {**properties}}:
            kinds = [label for label in labels if label != "TaxonomyNode"]
            name = properties.get("name") or properties.get("question") or properties.get("id") or ""
            return f"(:{':'.join(kinds)} {str(name)[:60]})"
        case {"id": _, "type": kind, "start": _, "end": _, "properties": _}:
            return f"-[:{kind}]->"
        case {"nodes": [*nodes], "relationships": [*links]} if len(value) == 2:
            return "".join(map(_step, nodes, [None, *nodes], [None, *links]))
        case list() | dict():
            return json.dumps(_legible(value), ensure_ascii=False)
        case _:
            return str(value)


def _step(node: Any, before: Any, link: Any) -> str:
    if link is None:
        return as_text(node)
    forward = link["start"] == before["id"]
    return (f"-[:{link['type']}]->" if forward else f"<-[:{link['type']}]-") + as_text(node)


def _legible(value: Any) -> Any:
    """The value with nodes and paths inside lists and maps replaced by their short forms."""
    if isinstance(value, list):
        return [_legible(below) for below in cast(list[Any], value)]
    if isinstance(value, dict):
        found = cast(dict[str, Any], value)
        if {"id", "properties"} <= found.keys() or found.keys() == {"nodes", "relationships"}:
            return as_text(found)
        return {name: _legible(below) for name, below in found.items()}
    return value
