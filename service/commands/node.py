"""`glan node`: single nodes of the taxonomy."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, KindName, Limit, NodeArgument, Url, Yes
from service.taxonomies.options import LoadedAs
from service.terminal.frame import Group, answer
from service.terminal.output import CommandError, note, say, stdout

if TYPE_CHECKING:
    from rich.tree import Tree

    from service.terminal.client import Api

app = typer.Typer(
    cls=Group, help="Add, show, move, merge and retire nodes of the taxonomy.", no_args_is_help=True
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The node's name.")],
    kind: Annotated[
        KindName, typer.Option(case_sensitive=False, help="The node's kind.")
    ] = KindName.Discipline,
    under: Annotated[
        list[str] | None, typer.Option(metavar="NODE", help="Parent (id or path); may be repeated.")
    ] = None,
    description: Annotated[str, typer.Option(help="What the node is about.")] = "",
    weight: Annotated[float, typer.Option(help="Its share in jobs with --quota weight.", min=0)] = 1.0,
    as_: Annotated[
        LoadedAs, typer.Option("--as", help="accepted, or proposed: a proposal to add it waits for a person.")
    ] = LoadedAs.accepted,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Add one node; `glan grow` then grows what belongs below it."""
    from graph.model import Kind

    parents = Kind(kind).parents
    if parents and not under:
        wanted = " or ".join(parents)
        raise typer.BadParameter(
            f"a {kind} stands under a {wanted}: give its id or path", param_hint="--under"
        )

    def ask(api: "Api") -> Any:
        parents = [api.node(parent) for parent in under or ()]
        body = {"kind": kind, "name": name, "description": description, "weight": weight}
        return api.post("/v1/nodes", body | {"parent_ids": parents, "status": as_})

    answer(ask, show_line, url, as_json)


@app.command()
def show(node: NodeArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one node and the paths that lead to it."""

    def ask(api: "Api") -> Any:
        found = api.get(f"/v1/nodes/{api.node(node)}")
        return found | {"paths": api.get(f"/v1/nodes/{found['id']}/paths")["items"]}

    answer(ask, show_node, url, as_json)


def show_node(node: dict[str, Any]) -> None:
    """Prints a node's fields and paths, one per line."""
    say(f"{node['kind']} {node['name']}")
    for name in ("id", "status", "weight", "version", "description", "created_at", "updated_at"):
        if node[name] != "":
            say(f"  {name}: {node[name]}")
    for name, value in node["properties"].items():
        say(f"  properties.{name}: {value}")
    for path in node["paths"]:
        say("  " + " / ".join(step["name"] for step in path))


def show_line(node: dict[str, Any]) -> None:
    """Prints a node on one line."""
    say(f"{node['kind']} {node['name']} {node['id']}")


@app.command("list")
def list_nodes(
    q: Annotated[str | None, typer.Argument(metavar="TEXT", help="Full text to search for.")] = None,
    kind: Annotated[
        KindName | None, typer.Option(case_sensitive=False, help="Only nodes of this kind.")
    ] = None,
    under: Annotated[
        str | None, typer.Option(metavar="NODE", help="Only below this node (id or path).")
    ] = None,
    limit: Limit = 40,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List nodes, or search them by words, prefixes and small typos."""

    def ask(api: "Api") -> Any:
        top = api.node(under) if under else None
        return api.get("/v1/nodes", q=q, kind=kind, under=top, limit=limit)

    def show(page: dict[str, Any]) -> None:
        show_page(page, limit, ("kind", "name", "id", "status"))

    answer(ask, show, url, as_json)


def show_page(page: dict[str, Any], limit: int, columns: tuple[str, ...]) -> None:
    """Prints the rows of a page, and a note if there are more."""
    from service.terminal.tables import print_table

    print_table(columns, [[str(item[column]) for column in columns] for item in page["items"]])
    say_more(page, limit)


def say_more(page: dict[str, Any], limit: int) -> None:
    """Prints a note if the page has a successor."""
    if page["next"]:
        note(f"there are more than {limit}; raise --limit to see them")


@app.command()
def tree(
    node: NodeArgument,
    depth: Annotated[int, typer.Option(min=0, max=20, help="Levels below the node.")] = 2,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Print a subtree with the number of nodes below each."""
    answer(
        lambda api: api.get(f"/v1/nodes/{api.node(node)}/tree", depth=depth),
        lambda found: stdout().print(drawn(found)),
        url,
        as_json,
    )


def drawn(found: dict[str, Any]) -> "Tree":
    """The service's answer as a Rich tree."""
    from rich.tree import Tree

    root = Tree(_label(found))
    _branch(root, found["children"])
    return root


def _branch(tree: "Tree", children: list[dict[str, Any]]) -> None:
    for child in children:
        _branch(tree.add(_label(child)), child["children"])


def _label(node: dict[str, Any]) -> str:
    from rich.markup import escape

    below = ", ".join(f"{count:,} {kind}" for kind, count in node["counts"].items())
    return f"{escape(node['name'])} [dim]{node['kind']}{': ' + below if below else ''}[/dim]"


@app.command()
def move(
    node: NodeArgument,
    to: Annotated[str, typer.Option("--to", metavar="NODE", help="The new parent (id or path).")],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="NODE", help="The parent it leaves; may be omitted if it has only one."
        ),
    ] = None,
    position: Annotated[int | None, typer.Option(min=0, help="How many siblings stand before it.")] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Move a node from one parent to another; its other parents stay."""

    def ask(api: "Api") -> Any:
        found = api.get(f"/v1/nodes/{api.node(node)}")
        old = api.node(from_) if from_ else _only_parent(found)
        body = {"from_id": old, "to_id": api.node(to), "position": position}
        return api.post(f"/v1/nodes/{found['id']}:move", body)

    answer(ask, show_line, url, as_json)


def _only_parent(node: dict[str, Any]) -> str:
    if len(node["parents"]) != 1:
        raise CommandError(
            f"{node['name']} has {len(node['parents'])} parents; name the one it leaves: --from"
        )
    return node["parents"][0]


@app.command()
def merge(
    node: NodeArgument,
    into: Annotated[
        str,
        typer.Option("--into", metavar="NODE", help="The node that stays (id or path), of the same kind."),
    ],
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Merge a node into another, which takes over all it has; its id then leads there."""

    def ask(api: "Api") -> Any:
        old = api.get(f"/v1/nodes/{api.node(node)}")
        new = api.get(f"/v1/nodes/{api.node(into)}")
        names = f"{old['kind']} {old['name']} into {new['kind']} {new['name']}"
        confirm(f"Merge {names}? This cannot be undone.", yes)
        return api.post(f"/v1/nodes/{old['id']}:merge", {"into_id": new["id"]})

    answer(ask, show_line, url, as_json)


def confirm(question: str, yes: bool) -> None:
    """Asks for confirmation unless `yes`; raises Abort if it is denied."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


@app.command()
def retire(node: NodeArgument, yes: Yes = False, url: Url = None, as_json: AsJson = False) -> None:
    """Retire a node and whatever is left without a parent by that; its history stays."""
    _remove(node, "retire", "Retire {} and what hangs on it alone?", yes, url, as_json)


@app.command()
def purge(node: NodeArgument, yes: Yes = False, url: Url = None, as_json: AsJson = False) -> None:
    """Remove a node, and what is under it alone, for good; refused while instructions were made from it."""
    question = "Remove {} and what is under it alone? This cannot be undone."
    _remove(node, "purge", question, yes, url, as_json)


def _remove(node: str, mode: str, question: str, yes: bool, url: str | None, as_json: bool) -> None:
    def ask(api: "Api") -> Any:
        found = api.get(f"/v1/nodes/{api.node(node)}")
        confirm(question.format(f"{found['kind']} {found['name']}"), yes)
        return api.delete(f"/v1/nodes/{found['id']}", mode=mode)

    def show(result: dict[str, int]) -> None:
        say(", ".join(f"{count} {what}" for what, count in result.items()))

    answer(ask, show, url, as_json)


@app.command()
def history(node: NodeArgument, limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """Show who changed a node, what and when, newest first."""

    def show(page: dict[str, Any]) -> None:
        from service.terminal.tables import print_table

        rows = [
            [e["at"][:19], e["who"], e["action"], e["name"] or "", str(e["nodes"]), str(e["stale"])]
            for e in page["items"]
        ]
        print_table(("at", "who", "action", "node", "nodes", "made stale"), rows)
        say_more(page, limit)

    answer(
        lambda api: api.get(f"/v1/nodes/{api.node(node)}/history", limit=limit),
        show,
        url,
        as_json,
    )
