"""`glan taxonomy duplicates`: looks for nodes that may be the same, and proposes to merge them."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, NodeArgument, Url
from service.terminal.frame import answer
from service.terminal.output import FAILED, say, spinner

if TYPE_CHECKING:
    from service.terminal.client import Api

POLL_S = 0.3
FUZZY, EXACT = 4, 3


def duplicates(
    node: NodeArgument,
    across: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE", help="Compare with the names below this node; may be repeated."),
    ] = None,
    fuzzy: Annotated[
        bool, typer.Option("--fuzzy", help="Also names that differ in a letter or two; needs --across.")
    ] = False,
    threshold: Annotated[
        float, typer.Option(min=85, max=100, help="With --fuzzy: minimum similarity in percent.")
    ] = 92,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Look for nodes that may be the same; each pair becomes a proposal for `glan proposal`.

    Compared are URIs, notations, names but for their spelling, and alternative names. What was rejected stays
    rejected. Nothing is merged.
    """
    if fuzzy and not across:
        raise typer.BadParameter(
            "it compares names of different vocabularies: say --across", param_hint="--fuzzy"
        )

    def ask(api: "Api") -> dict[str, Any]:
        spec = {
            "across": [api.node(other) for other in across or ()],
            "tier": FUZZY if fuzzy else EXACT,
            "threshold": threshold,
        }
        return _ended(api, api.post(f"/v1/nodes/{api.node(node)}:find_duplicates", spec))

    found = answer(ask, _show, url, as_json)
    if found["state"] != "done":
        raise typer.Exit(FAILED)


def _ended(api: "Api", search: dict[str, Any]) -> dict[str, Any]:
    """The search once it has ended; shows how far it is."""
    with spinner("{task.description}") as progress:
        task = progress.add_task("")
        while search["state"] == "running":
            counts = search["counts"]
            progress.update(task, description=f"{counts['nodes']:,} nodes read, {counts['pairs']:,} pairs")
            time.sleep(POLL_S)
            search = api.get(f"/v1/duplicate_searches/{search['id']}")
    return search


def _show(search: dict[str, Any]) -> None:
    counts = search["counts"]
    if search["state"] != "done":
        say(f"the search failed: {search['reason']}")
        return
    new = counts["new"] + counts["reopened"]
    say(
        f"{counts['nodes']:,} nodes compared, {counts['pairs']:,} pairs: {new:,} new proposals, "
        f"{counts['open']:,} open already, {counts['rejected']:,} rejected before"
    )
    if new or counts["open"]:
        say("  to look through them: glan proposal list --kind merge")
