"""`glan node`: single nodes of the taxonomy."""

from typing import Annotated, Any

import typer

from service.commands.output import AsJson, errors, print_json, stdout

app = typer.Typer(help="Add, look at and retire nodes of the taxonomy.", no_args_is_help=True)

NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="An id, or a path of names: 'Natural sciences/Physics'.")
]
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
        from service.commands.client import connect

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
        from service.commands.client import connect

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

        from service.commands.client import connect

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
        from service.commands.client import connect

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
def retire(
    node: NodeArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Retire a node and what hangs on it alone; its history stays."""
    with errors():
        from service.commands.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/nodes/{api.node(node)}")
            if not yes:
                typer.confirm(
                    f"Retire {found['kind']} {found['name']} and what hangs on it alone?", abort=True
                )
            result = api.delete(f"/v1/nodes/{found['id']}", mode="retire")
        if as_json:
            print_json(result)
        else:
            stdout().print(f"{result['retired']} retired")
