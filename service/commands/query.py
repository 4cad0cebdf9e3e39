"""`glan query`: named queries and Cypher of one's own."""

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from service.commands.node import UrlOption
from service.terminal.output import AsJson, CommandError, errors, note, print_json, stdout


def query(
    name: Annotated[str | None, typer.Argument(help="A named query; without one they are listed.")] = None,
    params: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Values are JSON or text; id=… takes a path as well."),
    ] = None,
    cypher: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Your own Cypher instead; - reads it from stdin, @FILE from a file."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most rows of the answer; default 1,000, named ones 10,000.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Most time; default GLAN_QUERY_TIMEOUT_S.")
    ] = None,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Run a named query of cypher/ or Cypher of your own that reads; without either, list the named ones."""
    with errors():
        from service.terminal.client import connect

        if cypher is not None:
            # The first word is no name then: a=1 b=2 are parameters.
            given = [_pair(text) for text in ([name] if name else []) + (params or [])]
            body: dict[str, Any] = {"query": _own_text(cypher), "params": {k: _free(v) for k, v in given}}
            with connect(url) as api:
                table = api.post("/v1/cypher", body | _bounds(limit, timeout))
        elif name is None:
            with connect(url) as api:
                _list_queries(api.get("/v1/queries")["items"], as_json)
            return
        else:
            given = [_pair(text) for text in params or ()]
            with connect(url) as api:
                found = _named(api, name)
                values = {k: _value(api, found, k, v) for k, v in given}
                table = api.post(f"/v1/queries/{name}", {"params": values} | _bounds(limit, timeout))
        if as_json:
            print_json(table)
        else:
            show_table(table)


def _own_text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    if given.startswith("@"):
        return Path(given[1:]).read_text(encoding="utf-8")
    return given


def _bounds(limit: int | None, timeout: float | None) -> dict[str, Any]:
    asked = {"limit": limit, "timeout_s": timeout}
    return {name: value for name, value in asked.items() if value is not None}


def _named(api: Any, name: str) -> dict[str, Any]:
    found = {q["name"]: q for q in api.get("/v1/queries")["items"]}
    if name not in found:
        raise CommandError(f"no query is called {name}; `glan query` lists them")
    return found[name]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is to be KEY=VALUE")
    return key, value


def _free(text: str) -> Any:
    """A value without a declared type: JSON where it is JSON, else text."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def _value(api: Any, query: dict[str, Any], key: str, text: str) -> Any:
    import json

    kind = query["params"].get(key, {}).get("type", "string")
    if kind.startswith("string"):
        return api.node(text) if key == "id" else text
    try:
        return json.loads(text)
    except ValueError:
        raise typer.BadParameter(f"{key} is to be a {kind}, as JSON: {text!r} is none") from None


def _list_queries(found: list[dict[str, Any]], as_json: bool) -> None:
    from rich.table import Table

    if as_json:
        print_json(found)
        return
    table = Table("query", "parameters", "answers")
    area = None
    for q in found:
        if area not in (None, q["area"]):
            table.add_section()
        area = q["area"]
        table.add_row(q["name"], " ".join(q["params"]), q["meaning"])
    stdout().print(table)


def show_table(found: dict[str, Any]) -> None:
    """An answer as a Rich table; nodes and paths as Cypher draws them."""
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(*map(escape, found["columns"]))
    for row in found["rows"]:
        table.add_row(*(Text(as_text(row[column])) for column in found["columns"]))
    stdout().print(table)
    if found["truncated"]:
        what = "rows (--limit)" if found["truncated_by"] == "rows" else "bytes (GLAN_QUERY_MOST_MB)"
        note(f"there are more rows: the answer was cut at the most {what}")


def as_text(value: Any) -> str:
    """A value of an answer in few words: (:Field Physics), -[:CONTAINS]->, JSON for the rest."""
    import json

    match value:
        case None:
            return ""
        case str():
            return value
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
    """Nodes and paths inside lists and maps, too."""
    if isinstance(value, list):
        return [_legible(below) for below in cast(list[Any], value)]
    if isinstance(value, dict):
        found = cast(dict[str, Any], value)
        if {"id", "properties"} <= found.keys() or found.keys() == {"nodes", "relationships"}:
            return as_text(found)
        return {name: _legible(below) for name, below in found.items()}
    return value
