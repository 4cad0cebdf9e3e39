"""`glan coverage`: how the instructions below a node spread over its concepts."""

from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.terminal.output import AsJson, errors, print_json, stdout


def coverage(
    node: NodeArgument,
    by: Annotated[
        str | None, typer.Option(metavar="KIND", help="A row for each node of this kind below.")
    ] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="The least covered concepts instead.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="How it grew, day by day, instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows of --gaps.")] = 20,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Show how the instructions below a node spread over its concepts."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            path = f"/v1/nodes/{api.node(node)}/coverage"
            found: Any
            if gaps:
                found = api.get(f"{path}/gaps", limit=limit)
            elif growth:
                found = api.get(f"{path}/growth")
            elif by:
                found = {"items": list(api.pages(path, by=by)), "next": None}
            else:
                found = api.get(path)
        if as_json:
            print_json(found)
        elif gaps:
            stdout().print(gap_table(found["items"]))
        elif growth:
            stdout().print(growth_table(found["items"]))
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


def growth_table(rows: list[dict[str, Any]]) -> Any:
    """Coverage day by day as a Rich table."""
    from rich.table import Table

    table = Table("day", "accepted", "concepts reached", "instructions", "covered")
    for row in rows:
        covered = f"{row['covered']} ({row['ratio']:.0%})"
        table.add_row(
            row["day"], str(row["accepted"]), str(row["reached"]), str(row["instructions"]), covered
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
