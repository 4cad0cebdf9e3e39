"""`glan analyze`: how instructions bring the concepts of a subtree together."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.terminal.output import AsJson, errors, note, print_json, stdout, waiting

FORMATS = {".json": "node-link", ".graphml": "graphml"}


def analyze(
    node: NodeArgument,
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json|FILE.graphml",
            help="Write the subtree itself, too: .json as networkx's node-link data, .graphml as GraphML.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows of each table.")] = 10,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Analyze which concepts instructions bring together: communities, bridges, isolated ones."""
    format_ = None if graph is None else _format(graph)
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            path = f"/v1/nodes/{api.node(node)}"
            if graph is not None:
                with waiting("reading the subtree"):
                    write_whole(graph, api.content(f"{path}/graph", format=format_))
                note(f"the subtree is in {graph}")
            with waiting("analyzing"):
                found = api.get(f"{path}/analysis", limit=limit)
        if as_json:
            print_json(found)
        else:
            show(found)


def _format(file: Path) -> str:
    if file.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{file} is to end with {' or '.join(FORMATS)}", param_hint="--graph")
    return FORMATS[file.suffix.lower()]


def write_whole(target: Path, content: bytes) -> None:
    """Writes a file beside the target and renames it: no half file under the name asked for."""
    part = target.with_name(target.name + ".part")
    part.write_bytes(content)
    part.replace(target)


def show(found: dict[str, Any]) -> None:
    """An analysis as tables; those with nothing in them are left out."""
    out = stdout()
    out.print(f"{found['kind']} {found['name']}", markup=False)
    for line in _summary(found):
        out.print("  " + line, markup=False)
    for title, columns, rows, cells in _tables(found):
        if rows:
            out.print()
            out.print(_table(title, columns, [cells(row) for row in rows]))


def _summary(found: dict[str, Any]) -> list[str]:
    components, isolated, joins = found["components"], found["isolated"], found["weak_joins"]
    return [
        f"{found['concepts']} concepts, {found['links']} pairs of them together in some instruction "
        f"(density {found['density']:.4f})",
        f"{components['count']} connected parts, the largest of {components['largest']} concepts",
        f"{found['communities']['count']} communities (modularity {found['communities']['modularity']:.2f}), "
        f"{joins['joined']} pairs of them joined, {joins['apart']} apart",
        f"{found['bridges']['cut_points']['count']} concepts without which a part falls in two",
        f"{isolated['never_together']['count']} concepts never together with another, "
        f"{isolated['without_instruction']['count']} without any instruction",
    ]


Table = tuple[str, tuple[str, ...], list[Any], Callable[[Any], tuple[str, ...]]]


def _tables(found: dict[str, Any]) -> list[Table]:
    bridges, isolated = found["bridges"], found["isolated"]
    estimated = f", from {bridges['samples']} concepts" if bridges["samples"] < _linked(found) else ""
    return [
        (
            "Communities",
            ("no.", "concepts", "inside", "outside", "such as"),
            found["communities"]["items"],
            _community,
        ),
        (f"Bridges{estimated}", ("concept", "betweenness", "communities"), bridges["items"], _bridge),
        ("Strongest pairs", ("concept", "other", "instructions"), found["strongest"], _pair),
        (
            "Weakly joined communities",
            ("no.", "no.", "pairs", "instructions", "strongest pair"),
            found["weak_joins"]["items"],
            _join,
        ),
        ("Never together with another", ("concept", "id"), isolated["never_together"]["items"], _named),
        ("Without any instruction", ("concept", "id"), isolated["without_instruction"]["items"], _named),
    ]


def _linked(found: dict[str, Any]) -> int:
    alone = found["isolated"]
    return found["concepts"] - alone["never_together"]["count"] - alone["without_instruction"]["count"]


def _community(row: dict[str, Any]) -> tuple[str, ...]:
    names = "; ".join(concept["name"] for concept in row["concepts"][:5])
    return str(row["number"]), str(row["size"]), str(row["inside"]), str(row["outside"]), names


def _bridge(row: dict[str, Any]) -> tuple[str, ...]:
    return row["name"], f"{row['betweenness']:.4f}", ", ".join(map(str, row["communities"]))


def _pair(row: dict[str, Any]) -> tuple[str, ...]:
    return row["a"]["name"], row["b"]["name"], str(row["instructions"])


def _join(row: dict[str, Any]) -> tuple[str, ...]:
    strongest = f"{row['strongest']['a']['name']} and {row['strongest']['b']['name']}"
    return str(row["a"]), str(row["b"]), str(row["pairs"]), str(row["instructions"]), strongest


def _named(row: dict[str, Any]) -> tuple[str, ...]:
    return row["name"], row["id"]


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*map(escape, row))
    return table
