"""`glan round`: rounds of votes on the nodes of a taxonomy."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, KindName, Limit, NodeArgument, Url, given
from service.terminal.frame import Group, answer
from service.terminal.output import CommandError, say, spinner

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(
    cls=Group,
    help="Have people vote on what was proposed for a taxonomy, and accept what they keep.",
    no_args_is_help=True,
)

RoundArgument = Annotated[str, typer.Argument(metavar="ROUND", help="The round's id.")]


@app.command("open")
def open_round(
    node: NodeArgument,
    name: Annotated[str, typer.Option(help="What the round is called; unique for the node.")],
    quorum: Annotated[
        int | None, typer.Option(min=1, help="Votes that each node needs. Default: 1; 3 are advised.")
    ] = None,
    voter: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="May vote; may be repeated. Default: everybody who may write."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Vote on all nodes, not only on those that are proposed.")
    ] = False,
    count_models: Annotated[bool, typer.Option(help="Whether votes of models count.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Open a round over what is proposed below a node; what is proposed later waits for the next one."""
    chosen = given({"name": name, "quorum": quorum, "voters": voter or None})
    chosen |= {"all": all_, "count_models": count_models}
    answer(
        lambda api: api.post("/v1/rounds", {"root_id": api.node(node), **chosen}), show_round, url, as_json
    )


def show_round(found: dict[str, Any]) -> None:
    """Prints a round and what comes next."""
    say(f"round {found['id']} {found['name']}: {found['state']}")
    say(f"  {found['nodes']:,} nodes, {found['votes']:,} votes, quorum {found['quorum']}")
    if found["voters"]:
        say(f"  voters: {', '.join(found['voters'])}")
    if found["reason"]:
        say(f"  reopened by {found['reopened_by']}: {found['reason']}")
    if found["state"] == "closed":
        counted = ", ".join(f"{found[name]:,} {name}" for name in ("accepted", "rejected", "undecided"))
        say(f"  {counted}; closed by {found['closed_by']}, {found['closed_at'][:19]}")
    elif found["state"] == "open":
        say(f"  to vote: glan vote {found['root_id']}; to end it: glan round close {found['id']}")
    else:
        what = "open" if found["state"] == "opening" else f"close {found['id']}"
        say(f"  this was broken off: the same glan round {what} again continues it")


@app.command("list")
def list_rounds(limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List the rounds, newest first."""

    def show(page: dict[str, Any]) -> None:
        from service.commands.node import say_more
        from service.terminal.tables import print_table

        print_table(
            ("round", "name", "state", "nodes", "votes", "quorum", "opened by", "opened"),
            [
                [
                    *(one[name] for name in ("id", "name", "state")),
                    *(f"{one[name]:,}" for name in ("nodes", "votes", "quorum")),
                    one["opened_by"],
                    one["opened_at"][:19],
                ]
                for one in page["items"]
            ],
            least=5,
        )
        say_more(page, limit)

    answer(lambda api: api.get("/v1/rounds", limit=limit), show, url, as_json)


@app.command()
def show(round_: RoundArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one round: its rule, how many votes there are, and what was decided."""
    answer(lambda api: api.get(f"/v1/rounds/{round_}"), show_round, url, as_json)


@app.command()
def close(round_: RoundArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Close a round: nodes that are kept become accepted, the others rejected.

    The same command again continues a closing that was broken off.
    """

    def ask(api: "Api") -> Any:
        with spinner("counting and deciding"):
            return api.post(f"/v1/rounds/{round_}:close")

    answer(ask, show_round, url, as_json)


@app.command()
def reopen(
    round_: RoundArgument,
    reason: Annotated[str, typer.Option(help="Why; kept with your name and the time.")],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Open a closed round again; its votes still count, and its nodes stay as they are until it closes."""
    if not reason.strip():
        raise CommandError("say why it is opened again: --reason")
    path = f"/v1/rounds/{round_}:reopen"
    answer(lambda api: api.post(path, {"reason": reason}), show_round, url, as_json)


@app.command()
def result(
    round_: RoundArgument,
    outcome: Annotated[
        str | None, typer.Option(metavar="accepted|rejected|undecided", help="Only these.")
    ] = None,
    limit: Limit = 100,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show what the votes decide about each node; before the round is closed, as they are now."""

    def show_result(page: dict[str, Any]) -> None:
        from service.commands.node import say_more
        from service.terminal.tables import print_table

        print_table(
            ("kind", "name", "outcome", "why", "node", "now"),
            [
                [
                    one["kind"],
                    one["name"],
                    one["outcome"],
                    one["said"],
                    one["node_id"],
                    f"{one['status']} by hand" if one["overridden"] else one["status"],
                ]
                for one in page["items"]
            ],
            least=4,
        )
        say_more(page, limit)

    path = f"/v1/rounds/{round_}/result"
    answer(lambda api: api.get(path, outcome=outcome, limit=limit), show_result, url, as_json)


@app.command()
def agreement(
    round_: RoundArgument,
    by: Annotated[
        KindName | None, typer.Option(case_sensitive=False, help="Also below each node of this kind.")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show how far the voters agree, beyond what chance would give, and how each of them votes."""
    path = f"/v1/rounds/{round_}/agreement"
    answer(lambda api: api.get(path, by=by), _show_agreement, url, as_json)


MEASURES = (
    ("percent", "pairs that agree"),
    ("kappa", "Fleiss' kappa"),
    ("alpha", "Krippendorff's alpha"),
    ("ac1", "Gwet's AC1"),
)


def _show_agreement(found: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    say(
        f"{found['votes']:,} votes of {found['voters']:,} people on {found['items']:,} nodes, "
        f"{found['shared']:,} of them with two choices and more"
    )
    for name, title in MEASURES:
        say(f"  {title}: {_measured(found[name], why=True)}")
    print_table(
        ("voter", "kind", "votes", "abstained", "keeps", "with the majority"),
        [
            [
                one["who"],
                one["kind"],
                f"{one['votes']:,}",
                f"{one['abstained']:,}",
                *(_percent(one[name]) for name in ("keep_rate", "with_majority")),
            ]
            for one in found["by_voter"]
        ],
    )
    if found["groups"]:
        columns = ("below", "nodes", "votes", *(title for _, title in MEASURES))
        print_table(
            columns,
            [
                [
                    group["name"],
                    f"{group['items']:,}",
                    f"{group['votes']:,}",
                    *(_measured(group[name]) for name, _ in MEASURES),
                ]
                for group in found["groups"]
            ],
        )


def _measured(measure: dict[str, Any], *, why: bool = False) -> str:
    if measure["value"] is None:
        return f"none: {measure['why']}" if why else "-"
    said = f"{measure['value']:.3f}"
    if measure["low"] is not None:
        said += f" ({measure['low']:.3f} to {measure['high']:.3f})"
    return said


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@app.command("next")
def next_nodes(
    round_: RoundArgument,
    who: Annotated[
        str | None, typer.Option("--for", metavar="NAME", help="Whom to ask. Default: your token's name.")
    ] = None,
    limit: Limit = 20,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show what to ask a person next: parents first, then what others disagree about most."""

    def show_next(found: dict[str, Any]) -> None:
        from service.terminal.tables import print_table

        print_table(
            ("kind", "path", "node"),
            [[one["kind"], " / ".join(one["path"]), one["node_id"]] for one in found["items"]],
        )
        say(f"{found['left']:,} left")

    path = f"/v1/rounds/{round_}/next"
    answer(lambda api: api.get(path, **{"for": who}, limit=limit), show_next, url, as_json)
