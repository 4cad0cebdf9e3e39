"""`glan taxonomy propose`: has a model propose fields, sub-fields and disciplines."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, LevelName, Url, Yes, given
from service.terminal.output import CommandError, note, print_json, say, stdout

if TYPE_CHECKING:
    from rich.tree import Tree

    from service.terminal.client import Api

ABOUT, COST = "What is proposed", "Cost"
MOST_SHOWN = 500


def propose(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A taxonomy; if there is none, it is created as proposed."),
    ] = None,
    under: Annotated[
        str | None,
        typer.Option(
            metavar="NODE", help="Instead: below this node, an id or a path of names.", rich_help_panel=ABOUT
        ),
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What a new taxonomy covers, where its name does not say it; the model is told both.",
            rich_help_panel=ABOUT,
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            min=1, max=50, help="Lists to ask for at each node, independently.", rich_help_panel=ABOUT
        ),
    ] = 5,
    levels: Annotated[
        LevelName, typer.Option(help="One level, or all below the node.", rich_help_panel=ABOUT)
    ] = LevelName.all_,
    names: Annotated[
        int, typer.Option(min=1, max=60, help="Maximum names in one list.", rich_help_panel=ABOUT)
    ] = 60,
    min_support: Annotated[
        int,
        typer.Option(
            min=1,
            max=50,
            help="Ask below proposed nodes that at least this many lists have; 2 saves most calls.",
            rich_help_panel=ABOUT,
        ),
    ] = 1,
    language: Annotated[str, typer.Option(help="Language to write in.", rich_help_panel=ABOUT)] = "English",
    more: Annotated[
        bool,
        typer.Option(
            "--more",
            help="Ask once more what was asked before, for other names.",
            rich_help_panel=ABOUT,
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Model name, or the path of a .gguf file to run on this machine."),
    ] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="OpenAI-compatible endpoint.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed that is passed on to the model.")] = None,
    budget_usd: Annotated[
        float | None,
        typer.Option(
            "--budget-usd",
            "--max-cost",
            help="Stop before more US dollars are spent.",
            rich_help_panel=COST,
        ),
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop before more tokens are used.", rich_help_panel=COST)
    ] = None,
    budget_calls: Annotated[
        int | None, typer.Option(min=1, help="Stop before more calls are made.", rich_help_panel=COST)
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            "--dry-run",
            help="Show what it would take, and start nothing.",
            rich_help_panel=COST,
        ),
    ] = False,
    yes: Yes = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show neither estimate nor progress, only errors.")
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a model propose a taxonomy: fields, sub-fields of each, disciplines of each of these.

    At each node it is asked several times, and what it names is proposed, with its support: how many of the
    lists have it. What is there already, or was rejected, is not proposed again. The same command continues a
    job, and shows what is there once it is done. Nothing is grown until it is accepted.
    """
    from service.commands.grow import checked, require_models
    from service.settings import Settings
    from service.terminal.client import connect
    from service.terminal.closing import exit_code
    from service.terminal.estimates import ask, print_estimate

    if not (name or under):
        raise typer.BadParameter("give the name of a taxonomy, or --under", param_hint="NAME")
    if name and under:
        raise typer.BadParameter("give either the name of a taxonomy or a node", param_hint="--under")
    if url and base_url:
        raise typer.BadParameter("the service at --url has its own endpoint", param_hint="--base-url")
    options = {"samples": samples, "levels": levels.value, "names": names, "min_support": min_support}
    spec: dict[str, Any] = {
        "steps": ["taxonomy"],
        "taxonomy": options,
        "models": {"default": model},
        "language": language,
        "seed": seed,
        "budget": given({"usd": budget_usd, "tokens": budget_tokens, "calls": budget_calls}) or None,
    }
    # Invalid values are refused before anything is started.
    checked(spec | {"root_id": name or under})
    settings = Settings(openai_base_url=base_url) if base_url else Settings()
    if not (url or settings.url or estimate):
        require_models(settings, spec["models"], quiet=quiet)
    with connect(url, settings, works=not estimate) as api:
        root, new = _root(api, name, under, about)
        body = checked(spec | {"root_id": root})
        if estimate:
            try:
                print_estimate(ask(api, body), as_json=as_json)
            finally:
                if new:  # an estimate leaves nothing behind
                    api.delete(f"/v1/nodes/{root}", mode="purge")
            return
        job = _run(api, body, more=more, yes=yes, quiet=quiet)
        rows = _proposed(api, root)
        if as_json:
            print_json({"job": job, "proposed": rows})
        else:
            _show(api.get(f"/v1/nodes/{root}"), rows)
    raise typer.Exit(exit_code(job))


def _root(api: "Api", name: str | None, under: str | None, about: str | None) -> tuple[str, bool]:
    """The id of the node to propose below, and whether it was created."""
    if name is None:
        return api.node(under or ""), False
    if found := api.get("/v1/nodes", kind="Taxonomy", name=name, limit=1)["items"]:
        return found[0]["id"], False
    body = {"kind": "Taxonomy", "name": name, "status": "proposed", "description": about or ""}
    return api.post("/v1/nodes", body)["id"], True


def _run(api: "Api", body: dict[str, Any], *, more: bool, yes: bool, quiet: bool) -> dict[str, Any]:
    from service.commands.grow import followed, resumed

    job = resumed(api, body)
    if job is None and not more and (job := _done(api, body)):
        note(f"job {job['id']} has done this with the same options; --more asks for other names")
        return job
    return followed(api, body, job, yes=yes, quiet=quiet)


def _done(api: "Api", body: dict[str, Any]) -> dict[str, Any] | None:
    """The newest job of these options that is done."""
    from generators.spec import JobSpec

    key = JobSpec.model_validate(body).key()
    found = api.get("/v1/jobs", state=["done"], spec_key=key, limit=1)["items"]
    return found[0] if found else None


def _proposed(api: "Api", root: str) -> list[dict[str, Any]]:
    """What jobs have proposed below a node, best supported first."""
    params = {"id": root, "limit": 10_000}
    return api.post("/v1/queries/explore.support", {"params": params})["rows"]


def _show(root: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Prints what was proposed as a tree, and how to decide on it."""
    if not rows:
        raise CommandError(f"nothing is proposed below {root['name']}")
    stdout().print(_tree(root, rows[:MOST_SHOWN]))
    if len(rows) > MOST_SHOWN:
        say(f"... and {len(rows) - MOST_SHOWN:,} more: glan query explore.support id={root['id']}")
    kinds = [row["kind"] for row in rows if row["status"] == "proposed"]
    counted = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in dict.fromkeys(kinds))
    note(f"proposed: {counted or 'nothing that is not decided'}")
    note(
        f"have people vote: glan round open {root['id']} --name NAME; or decide on each by PATCH "
        '/v1/nodes/{id} with {"status": "accepted"}; glan grow takes what is accepted all the way up'
    )


def _tree(root: dict[str, Any], rows: list[dict[str, Any]]) -> "Tree":
    """A Rich tree of the rows; nodes above them that were there before are drawn without support."""
    from rich.markup import escape
    from rich.tree import Tree

    tree = Tree(f"{escape(root['name'])} [dim]{root['kind']}[/dim]")
    below: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        below.setdefault(row["under_id"], []).append(row)

    def grow(branch: Tree, id_: str) -> None:
        for row in below.pop(id_, []):
            grow(branch.add(f"{escape(row['name'])} [dim]{_told(row)}[/dim]"), row["id"])

    grow(tree, root["id"])
    drawn = {row["id"] for row in rows}
    for id_ in [id_ for id_ in below if id_ not in drawn]:
        if id_ in below:
            grow(tree.add(f"{escape(below[id_][0]['under'])} [dim]there before[/dim]"), id_)
    return tree


def _told(row: dict[str, Any]) -> str:
    status = "" if row["status"] == "proposed" else f", {row['status']}"
    return f"{row['kind']}, {row['support']} of {row['samples']}{status}"
