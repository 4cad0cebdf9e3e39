"""`glan coverage`: how the instructions below a node spread over its concepts."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, KindName, NodeArgument, Url
from service.terminal.frame import answer

if TYPE_CHECKING:
    from service.terminal.client import Api

COLUMNS = ("node", "concepts", "covered", "instructions", "per concept", "sessions", "pairs", "drawn")
# Number of columns that even a narrow terminal shows.
LEAST = 4
# Maximum number of nodes whose children are read to find the tree's order; rows of others come last.
MOST_ASKED = 200
UPPER = (KindName.Taxonomy, KindName.Field, KindName.Subfield)


class Order(StrEnum):
    """tree: in the tree's order; the others: lowest first."""

    tree = "tree"
    covered = "covered"
    instructions = "instructions"
    alphabet = "alphabet"


def coverage(
    node: NodeArgument,
    by: Annotated[
        KindName | None,
        typer.Option(case_sensitive=False, help="One row for each node of this kind below, and a total."),
    ] = None,
    sort: Annotated[
        Order,
        typer.Option(
            help="Order of --by: as in the tree, least covered or fewest instructions first, alphabetical."
        ),
    ] = Order.tree,
    all_: Annotated[bool, typer.Option("--all", help="Show all rows, not only the first 40.")] = False,
    gaps: Annotated[bool, typer.Option("--gaps", help="Show the least covered concepts instead.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="Show how it grew day by day instead.")] = False,
    dials: Annotated[
        bool, typer.Option("--dials", help="Show the instructions by the values of their dials instead.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows of --gaps.")] = 20,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show how the instructions below a node spread over its concepts."""
    every = None if all_ else "--all"
    _require_one({"--by": by, "--gaps": gaps, "--growth": growth, "--dials": dials})

    def ask(api: "Api") -> Any:
        path = f"/v1/nodes/{api.node(node)}/coverage"
        if gaps:
            return api.get(f"{path}/gaps", limit=limit)
        if growth:
            return api.get(f"{path}/growth")
        if by is None:
            return api.get(path)
        return {"items": _rows(api, path, by, sort), "next": None} | _total(api, path, as_json)

    def show(found: dict[str, Any]) -> None:
        if gaps:
            show_gaps(found["items"])
        elif growth:
            show_growth(found["items"], every)
        elif dials:
            show_dials(found, every)
        else:
            show_coverage(found["items"] if by else [found], found.get("total"), every)

    answer(ask, show, url, as_json)


def _require_one(views: dict[str, object]) -> None:
    chosen = [option for option, given in views.items() if given]
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)} show different things; give only one of them")


def _total(api: "Api", path: str, as_json: bool) -> dict[str, Any]:
    """The node's own coverage, in which a concept below several of the rows counts once."""
    return {} if as_json else {"total": api.get(path)}


def _rows(api: "Api", path: str, by: KindName, sort: Order) -> list[dict[str, Any]]:
    rows = list(api.pages(path, by=by))
    if sort is not Order.tree:
        return sorted(rows, key=lambda row: _rank(row, sort))
    place = {id_: number for number, id_ in enumerate(_in_tree(api, path.split("/")[3], by))}
    return sorted(rows, key=lambda row: place.get(row["id"], len(place)))


def _rank(row: dict[str, Any], sort: Order) -> tuple[float, float, str]:
    name = row["name"].casefold()
    if sort is Order.alphabet:
        return 0, 0, name
    ratio, instructions = row["ratio"], row["instructions"]
    return (ratio, instructions, name) if sort is Order.covered else (instructions, ratio, name)


def _in_tree(api: "Api", node_id: str, by: KindName) -> list[str]:
    """Ids of the nodes of a kind, in the tree's order; empty for kinds below the discipline."""
    if by not in (*UPPER, KindName.Discipline):
        return []
    found: list[str] = []
    seen, asked = {node_id}, 0
    front = [node_id]
    while front and asked < MOST_ASKED:
        asked += 1
        fresh = [c for c in api.pages(f"/v1/nodes/{front.pop(0)}/children") if c["id"] not in seen]
        seen.update(child["id"] for child in fresh)
        found += [child["id"] for child in fresh if child["kind"] == by]
        # Depth first: the disciplines of one field come before those of the next.
        front[:0] = [child["id"] for child in fresh if child["kind"] in UPPER]
    return found


def show_coverage(
    rows: list[dict[str, Any]], total: dict[str, Any] | None = None, every: str | None = None
) -> None:
    """Prints coverage as a table on stdout."""
    from service.terminal.tables import print_table

    last = None if total is None else _cells(total | {"name": f"all below {total['name']}"})
    print_table(COLUMNS, [_cells(row) for row in rows], every=every, total=last, least=LEAST)


def _cells(row: dict[str, Any]) -> list[str]:
    per, pairs = row["per_concept"], row["session_pairs"]
    total = sum(stratum["total"] for stratum in row["capacity"].values())
    drawn = sum(stratum["drawn"] for stratum in row["capacity"].values())
    return [
        row["name"],
        f"{row['concepts']:,}",
        f"{row['covered']:,} ({row['ratio']:.0%})",
        f"{row['instructions']:,}",
        f"{per['mean']:.1f} ({per['min']} to {per['max']})",
        f"{row['sessions']:,}",
        f"{pairs['covered']:,} of {pairs['possible']:,}",
        f"{drawn:,} of {total:,}",
    ]


def show_dials(found: dict[str, Any], every: str | None = None) -> None:
    """Prints the instructions by the values of their dials as a table on stdout."""
    from service.terminal.dials import rows
    from service.terminal.tables import print_table

    print_table(("dial", "value", "instructions", "share"), rows(found), every=every)


def show_growth(rows: list[dict[str, Any]], every: str | None = None) -> None:
    """Prints coverage day by day as a table on stdout."""
    from service.terminal.tables import print_table

    cells = [
        [
            row["day"],
            f"{row['accepted']:,}",
            f"{row['reached']:,}",
            f"{row['instructions']:,}",
            f"{row['covered']:,} ({row['ratio']:.0%})",
        ]
        for row in rows
    ]
    print_table(("day", "accepted", "concepts reached", "instructions", "covered"), cells, every=every)


def show_gaps(rows: list[dict[str, Any]]) -> None:
    """Prints the least covered concepts as a table on stdout."""
    from service.terminal.tables import print_table

    cells = [
        [row["name"], f"{row['instructions']:,}", ", ".join(session["name"] for session in row["sessions"])]
        for row in rows
    ]
    print_table(("concept", "instructions", "sessions"), cells)
