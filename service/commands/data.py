"""`glan coverage`, `glan query` and `glan pull`: what is there, and out with it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.commands.output import AsJson, CommandError, errors, note, print_json, stderr, stdout


def coverage(
    node: NodeArgument,
    by: Annotated[
        str | None, typer.Option(metavar="KIND", help="A row for each node of this kind below.")
    ] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="The least covered concepts instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows of --gaps.")] = 20,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Show how the instructions below a node spread over its concepts."""
    with errors():
        from service.commands.client import connect

        with connect(url) as api:
            path = f"/v1/nodes/{api.node(node)}/coverage"
            found = api.get(f"{path}/gaps", limit=limit) if gaps else api.get(path, by=by)
        if as_json:
            print_json(found)
        elif gaps:
            stdout().print(gap_table(found["items"]))
        else:
            stdout().print(coverage_table(found["items"] if by else [found]))


def coverage_table(rows: list[dict[str, Any]]) -> Any:
    """Coverage as a Rich table."""
    from rich.table import Table

    table = Table("node", "concepts", "covered", "instructions", "per concept", "sessions", "pairs", "drawn")
    for row in rows:
        per, pairs = row["per_concept"], row["session_pairs"]
        total = sum(stratum["total"] for stratum in row["capacity"].values())
        drawn = sum(stratum["drawn"] for stratum in row["capacity"].values())
        table.add_row(
            row["name"],
            str(row["concepts"]),
            f"{row['covered']} ({row['ratio']:.0%})",
            str(row["instructions"]),
            f"{per['min']} / {per['mean']:.2f} / {per['max']}",
            str(row["sessions"]),
            f"{pairs['covered']} of {pairs['possible']}",
            f"{drawn} of {total}",
        )
    return table


def gap_table(rows: list[dict[str, Any]]) -> Any:
    """The least covered concepts as a Rich table."""
    from rich.table import Table

    table = Table("concept", "instructions", "sessions")
    for row in rows:
        sessions = ", ".join(session["name"] for session in row["sessions"])
        table.add_row(row["name"], str(row["instructions"]), sessions)
    return table


def query(
    name: Annotated[str | None, typer.Argument(help="A named query; without one they are listed.")] = None,
    params: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="id=… takes a path as well.")
    ] = None,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Run a named query of cypher/, or list them."""
    with errors():
        from service.commands.client import connect

        given = [_pair(text) for text in params or ()]
        with connect(url) as api:
            named = {q["name"]: q for q in api.get("/v1/queries")["items"]}
            if name is None:
                _list_queries(list(named.values()), as_json)
                return
            if name not in named:
                raise CommandError(f"no query is called {name}; `glan query` lists them")
            values = {k: _value(api, named[name], k, v) for k, v in given}
            table = api.post(f"/v1/queries/{name}", {"params": values})
        if as_json:
            print_json(table)
        else:
            _show_table(table)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is to be KEY=VALUE")
    return key, value


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
    for q in found:
        table.add_row(q["name"], " ".join(q["params"]), q["meaning"])
    stdout().print(table)


def _show_table(found: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(*found["columns"])
    for row in found["rows"]:
        table.add_row(*(str(row[column]) for column in found["columns"]))
    stdout().print(table)
    if found["truncated"]:
        note("there are more rows")


def pull(
    node: NodeArgument,
    layout: Annotated[str, typer.Option(help="full, openai, alpaca or sharegpt.")] = "full",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ] = "-",
    status: Annotated[list[str] | None, typer.Option(help="accepted (default), failed, stale, ...")] = None,
    strategy: Annotated[str | None, typer.Option(help="single or pair.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changed at or after this time (ISO 8601).")] = None,
    url: UrlOption = None,
) -> None:
    """Pull a subtree's instructions as JSONL, an object a line."""
    with errors():
        from service.commands.client import connect

        with connect(url) as api:
            path = f"/v1/nodes/{api.node(node)}/instructions"
            with api.lines(path, layout=layout, status=status, strategy=strategy, since=since) as lines:
                count = write_lines(lines, output)
        note(f"{count} instructions" + ("" if output == "-" else f" in {output}"))


def write_lines(lines: Iterator[str], output: str) -> int:
    """Writes lines to a file or, for -, to stdout; returns how many."""
    if output == "-":
        return _copy(lines, sys.stdout)
    # Beside the target and renamed at the end: a broken pull leaves no half file under the name asked for.
    target = Path(output)
    part = target.with_name(target.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        count = _copy(lines, file)
    part.replace(target)
    return count


def _copy(lines: Iterator[str], file: Any) -> int:
    from rich.progress import Progress, TextColumn

    count = 0
    with Progress(TextColumn("{task.completed} instructions"), console=stderr(), transient=True) as progress:
        task = progress.add_task("", total=None)
        for line in lines:
            file.write(line + "\n")
            count += 1
            progress.advance(task)
    return count
