"""`glan analyze`: how instructions bring the concepts of a subtree together."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, NodeArgument, Url
from service.terminal.frame import answer
from service.terminal.output import note, say, waiting

if TYPE_CHECKING:
    from service.terminal.client import Api

FORMATS = {".json": "node-link", ".graphml": "graphml"}


def analyze(
    node: NodeArgument,
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json|FILE.graphml",
            help="Also write the subtree itself: .json as networkx's node-link data, .graphml as GraphML.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows per table.")] = 10,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Analyze which concepts instructions bring together: communities, bridges, isolated ones."""
    format_ = None if graph is None else _format(graph)

    def ask(api: "Api") -> Any:
        path = f"/v1/nodes/{api.node(node)}"
        if graph is not None:
            _write(api, path, graph, format_)
        with waiting("analyzing"):
            return api.get(f"{path}/analysis", limit=limit)

    answer(ask, show, url, as_json)


def _write(api: "Api", path: str, target: Path, format_: str | None) -> None:
    from graph.files import write_whole

    with waiting("reading the subtree"):
        write_whole(target, api.content(f"{path}/graph", format=format_))
    note(f"the subtree is in {target}")


def _format(file: Path) -> str:
    if file.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{file} does not end in {' or '.join(FORMATS)}", param_hint="--graph")
    return FORMATS[file.suffix.lower()]


def show(found: dict[str, Any]) -> None:
    """Prints an analysis as tables, leaving out empty ones."""
    from service.terminal.tables import print_table

    say(f"{found['kind']} {found['name']}")
    for line in _summary(found):
        say("  " + line)
    for title, columns, rows, cells in _tables(found):
        if rows:
            say()
            print_table(columns, [cells(row) for row in rows], title=title)


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
