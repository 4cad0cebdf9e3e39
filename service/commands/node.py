"""`glan node`: single nodes of the taxonomy."""

from typing import Annotated, Any

import typer

from service.terminal.output import AsJson, CommandError, errors, print_json, stdout

app = typer.Typer(help="Add, look at, move, merge and retire nodes of the taxonomy.", no_args_is_help=True)

NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="An id, or a path of names: 'Natural sciences/Physics'.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
UrlOption = Annotated[
    str | None, typer.Option("--url", help="Talk to this running service instead of to the database.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The node's name.")],
    kind: Annotated[
        str, typer.Option(help="Field, Subfield, Discipline, Subject, ... or Taxonomy.")
    ] = "Discipline",
    under: Annotated[list[str] | None, typer.Option(help="Parent (id or path); may be given again.")] = None,
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    weight: Annotated[
        float, typer.Option(help="Kept for jobs that divide by it; none does yet.", min=0)
    ] = 1.0,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Add one node; what stands below it is grown by `glan grow`."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            body = {
                "kind": kind,
                "name": name,
                "description": description,
                "weight": weight,
                "parent_ids": [api.node(parent) for parent in under or ()],
            }
            node = api.post("/v1/nodes", body)
        if as_json:
            print_json(node)
        else:
            stdout().print(f"{node['kind']} {node['name']} {node['id']}", markup=False)


@app.command()
def show(node: NodeArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Show one node and the paths that lead to it."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/nodes/{api.node(node)}")
            found["paths"] = api.get(f"/v1/nodes/{found['id']}/paths")["items"]
        if as_json:
            print_json(found)
        else:
            _show(found)


def _show(node: dict[str, Any]) -> None:
    out = stdout()
    out.print(f"{node['kind']} {node['name']}", markup=False)
    for name in ("id", "status", "weight", "version", "description", "created_at", "updated_at"):
        if node[name] != "":
            out.print(f"  {name}: {node[name]}", markup=False)
    for name, value in node["properties"].items():
        out.print(f"  properties.{name}: {value}", markup=False)
    for path in node["paths"]:
        out.print("  " + " / ".join(step["name"] for step in path), markup=False)


@app.command("list")
def list_nodes(
    q: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="Full text to search for.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only nodes of this kind.")] = None,
    under: Annotated[str | None, typer.Option(help="Only below this node (id or path).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """List nodes, or search them by words, prefixes and small typos."""
    with errors():
        from rich.table import Table

        from service.terminal.client import connect

        with connect(url) as api:
            top = api.node(under) if under else None
            page = api.get("/v1/nodes", q=q, kind=kind, under=top, limit=limit)
        if as_json:
            print_json(page)
            return
        table = Table("kind", "name", "id", "status")
        for node in page["items"]:
            table.add_row(node["kind"], node["name"], node["id"], node["status"])
        stdout().print(table)
        if page["next"]:
            stdout().print(f"there are more than {limit}; narrow it down or raise --limit")


@app.command()
def tree(
    node: NodeArgument,
    depth: Annotated[int, typer.Option(min=0, max=20, help="Levels below the node.")] = 2,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Print a subtree with how many nodes are below each."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/nodes/{api.node(node)}/tree", depth=depth)
        if as_json:
            print_json(found)
        else:
            stdout().print(drawn(found))


def drawn(found: dict[str, Any]) -> Any:
    """A tree of the service as Rich draws it."""
    from rich.tree import Tree

    root = Tree(_label(found))
    _branch(root, found["children"])
    return root


def _branch(tree: Any, children: list[dict[str, Any]]) -> None:
    for child in children:
        _branch(tree.add(_label(child)), child["children"])


def _label(node: dict[str, Any]) -> str:
    from rich.markup import escape

    below = ", ".join(f"{count} {kind}" for kind, count in node["counts"].items())
    return f"{escape(node['name'])} [dim]{node['kind']}{': ' + below if below else ''}[/dim]"


@app.command()
def move(
    node: NodeArgument,
    to: Annotated[str, typer.Option("--to", help="The parent that it gets (id or path).")],
    from_: Annotated[
        str | None,
        typer.Option("--from", help="The parent that it leaves; may be left out where it has one alone."),
    ] = None,
    position: Annotated[int | None, typer.Option(min=0, help="How many siblings stand before it.")] = None,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Move a node from under one parent to under another; its other parents stay."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/nodes/{api.node(node)}")
            old = api.node(from_) if from_ else _only_parent(found)
            body = {"from_id": old, "to_id": api.node(to), "position": position}
            moved = api.post(f"/v1/nodes/{found['id']}:move", body)
        _print_node(moved, as_json)


def _only_parent(node: dict[str, Any]) -> str:
    if len(node["parents"]) != 1:
        raise CommandError(f"{node['name']} has {len(node['parents'])} parents; say --from which it goes")
    return node["parents"][0]


@app.command()
def merge(
    node: NodeArgument,
    into: Annotated[str, typer.Option("--into", help="The node that stays (id or path), of the same kind.")],
    yes: YesOption = False,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Merge a node into another, which takes over all it has; its id then leads there."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            old = api.get(f"/v1/nodes/{api.node(node)}")
            new = api.get(f"/v1/nodes/{api.node(into)}")
            if not yes:
                names = f"{old['kind']} {old['name']} into {new['kind']} {new['name']}"
                typer.confirm(f"Merge {names}? There is no way back.", abort=True)
            merged = api.post(f"/v1/nodes/{old['id']}:merge", {"into_id": new["id"]})
        _print_node(merged, as_json)


def _print_node(node: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(node)
    else:
        stdout().print(f"{node['kind']} {node['name']} {node['id']}", markup=False)


@app.command()
def retire(
    node: NodeArgument, yes: YesOption = False, url: UrlOption = None, as_json: AsJson = False
) -> None:
    """Retire a node and what hangs on it alone; its history stays."""
    _remove(node, "retire", "Retire {} and what hangs on it alone?", yes, url, as_json)


@app.command()
def purge(node: NodeArgument, yes: YesOption = False, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Remove a node and what stands under it alone for good; refused while instructions were made from it."""
    _remove(
        node, "purge", "Remove {} and what stands under it alone? There is no way back.", yes, url, as_json
    )


def _remove(node: str, mode: str, question: str, yes: bool, url: str | None, as_json: bool) -> None:
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/nodes/{api.node(node)}")
            if not yes:
                typer.confirm(question.format(f"{found['kind']} {found['name']}"), abort=True)
            result = api.delete(f"/v1/nodes/{found['id']}", mode=mode)
        if as_json:
            print_json(result)
        else:
            stdout().print(", ".join(f"{count} {what}" for what, count in result.items()))


@app.command()
def history(
    node: NodeArgument,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many edits.")] = 20,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed a node, what and when, the newest first."""
    with errors():
        from rich.table import Table

        from service.terminal.client import connect

        with connect(url) as api:
            page = api.get(f"/v1/nodes/{api.node(node)}/history", limit=limit)
        if as_json:
            print_json(page)
            return
        table = Table("at", "who", "action", "node", "nodes", "made stale")
        for edit in page["items"]:
            table.add_row(
                edit["at"][:19],
                edit["who"],
                edit["action"],
                edit["name"] or "",
                str(edit["nodes"]),
                str(edit["stale"]),
            )
        stdout().print(table)
