"""`glan proposal`: looks through proposed changes of the taxonomy, and decides them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.node import confirm
from service.commands.options import AsJson, Limit, Url, Yes, given
from service.terminal.frame import Group, answer
from service.terminal.output import FAILED, CommandError, note, notes, say

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(
    cls=Group, help="Look through proposed changes of the taxonomy, and decide them.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Ids of proposals.")]
OfKind = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only these: merge, add, remove, move, rename, update, conflict; may be repeated.",
    ),
]
OfTier = Annotated[
    list[int] | None,
    typer.Option("--tier", min=1, max=4, help="Only merges of this tier; may be repeated."),
]
Under = Annotated[
    str | None, typer.Option("--under", metavar="NODE", help="Only about nodes at or below this one.")
]
Words = Annotated[
    str | None, typer.Option("--search", metavar="TEXT", help="Only with this in a name or the evidence.")
]
Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with the decision.")]


@app.command("list")
def list_proposals(
    kind: OfKind = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="open (default), applied, rejected or superseded."),
    ] = None,
    tier: OfTier = None,
    under: Under = None,
    search: Words = None,
    limit: Limit = 20,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show proposals with their evidence, the best first."""

    def ask(api: "Api") -> Any:
        wanted = _wanted(api, kind, tier, under, search)
        return api.get("/v1/proposals", state=state or None, limit=min(limit, 200), **wanted)

    def show(page: dict[str, Any]) -> None:
        for proposal in page["items"]:
            _show_line(proposal)
        if not page["items"]:
            say("no proposals")
        elif page["next"]:
            note(f"the first {len(page['items'])}; --limit shows more, options choose others")

    answer(ask, show, url, as_json)


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of a proposal.")],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show one proposal with its evidence, its nodes and what was decided."""
    answer(lambda api: api.get(f"/v1/proposals/{id_}"), _show, url, as_json)


@app.command()
def accept(
    ids: Ids = None,
    kind: OfKind = None,
    tier: OfTier = None,
    under: Under = None,
    search: Words = None,
    comment: Comment = None,
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Do what is proposed: those with these ids, or all open ones that the options choose.

    What cannot be done stays open and is listed with the reason; the exit code is 1 then. A merge cannot be
    undone.
    """
    _decide("accept", ids, (kind, tier, under, search), comment, yes, url, as_json)


@app.command()
def reject(
    ids: Ids = None,
    kind: OfKind = None,
    tier: OfTier = None,
    under: Under = None,
    search: Words = None,
    comment: Comment = None,
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Reject proposals, by ids or by options; they come up again only on other evidence."""
    _decide("reject", ids, (kind, tier, under, search), comment, yes, url, as_json)


def _wanted(
    api: "Api", kind: list[str] | None, tier: list[int] | None, under: str | None, search: str | None
) -> dict[str, Any]:
    return given({"kind": kind, "tier": tier, "under": api.node(under) if under else None, "q": search})


def _decide(
    decision: str,
    ids: list[str] | None,
    options: tuple[list[str] | None, list[int] | None, str | None, str | None],
    comment: str | None,
    yes: bool,
    url: str | None,
    as_json: bool,
) -> None:
    def ask(api: "Api") -> dict[str, Any]:
        wanted = _wanted(api, *options)
        if bool(ids) == bool(wanted):
            raise CommandError("say ids of proposals, or choose them by --kind, --tier, --under or --search")
        chosen = f"{len(ids)} proposals" if ids else "all open proposals that these options choose"
        if not ids or len(ids) > 1:
            confirm(f"{decision.capitalize()} {chosen}?", yes)
        body = given({"decision": decision, "comment": comment})
        if ids:
            parts = [body | {"ids": ids[n : n + 100]} for n in range(0, len(ids), 100)]
            return _summed(api.post("/v1/proposals:decide", part) for part in parts)
        return _summed(_pages(api, body | {"filter": wanted}))

    found = answer(ask, lambda total: _show_total(decision, total), url, as_json)
    if found["refused"]:
        raise typer.Exit(FAILED)


def _pages(api: "Api", body: dict[str, Any]) -> Any:
    cursor: str | None = None
    while True:
        decided = api.post("/v1/proposals:decide", body | {"cursor": cursor})
        yield decided
        cursor = decided["next"]
        if cursor is None:
            return


def _summed(parts: Any) -> dict[str, Any]:
    total: dict[str, Any] = {"applied": 0, "rejected": 0, "superseded": 0, "refused": []}
    for part in parts:
        for name in ("applied", "rejected", "superseded"):
            total[name] += part[name]
        total["refused"] += part["refused"]
    return total


def _show_total(decision: str, total: dict[str, Any]) -> None:
    said = {"accept": f"{total['applied']:,} accepted", "reject": f"{total['rejected']:,} rejected"}[decision]
    say(f"{said}, {total['superseded']:,} superseded, {len(total['refused']):,} left as they were")
    notes([f"{one['id']}: {one['reason']}" for one in total["refused"]])


def _show_line(proposal: dict[str, Any]) -> None:
    tier = f" {proposal['tier']}" if proposal["tier"] else ""
    state = "" if proposal["state"] == "open" else f" ({proposal['state']})"
    say(f"{proposal['id']}  {proposal['kind']}{tier}{state}: {'; '.join(proposal['evidence'])}")
    for node in proposal["about"]:
        say(f"    {node['role']}: {_place(node)}")


def _place(node: dict[str, Any]) -> str:
    path = " > ".join(step["name"] for step in node["path"]) or node["name"]
    return f"{path} ({node['status']})" if node["status"] not in ("accepted", None) else path


def _show(proposal: dict[str, Any]) -> None:
    _show_line(proposal)
    for node in proposal["about"]:
        if node["description"]:
            say(f"    {node['name']}: {node['description']}")
    for name, value in proposal["after"].items():
        say(f"    {name}: {proposal['before'].get(name)!r} would become {value!r}")
    say(f"    proposed by {proposal['made_by']} ({proposal['source']}), {proposal['at'][:19]}")
    if proposal["decided_by"]:
        said = f": {proposal['comment']}" if proposal["comment"] else ""
        say(f"    {proposal['state']} by {proposal['decided_by']}, {proposal['decided_at'][:19]}{said}")
    if proposal["refusal"]:
        say(f"    could not be done: {proposal['refusal']}")
