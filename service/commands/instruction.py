"""`glan instruction`: people's decisions about instructions."""

from typing import Annotated, Any

import typer

from service.commands.options import (
    AsJson,
    ByModel,
    InLanguage,
    OfJob,
    Since,
    Strategy,
    Url,
    given,
)
from service.terminal.frame import Group
from service.terminal.output import FAILED, CommandError, note, print_json, say, spinner

app = typer.Typer(
    cls=Group, help="Accept or reject instructions, with a reason and your name.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of instructions.")]
Reason = Annotated[str, typer.Option(help="Why; kept with your name and the time.")]
Under = Annotated[
    str | None,
    typer.Option(
        metavar="NODE", help="Instead of ids: all at or below this node that pass the other options."
    ),
]


@app.command()
def accept(
    reason: Reason,
    ids: Ids = None,
    under: Under = None,
    job: OfJob = None,
    model: ByModel = None,
    language: InLanguage = None,
    strategy: Strategy = None,
    since: Since = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Keep instructions whatever checks find, and bring back those that were withdrawn or rejected."""
    chosen = {"job_id": job, "model": model, "language": language, "strategy": strategy, "since": since}
    _decide("accept", ids, under, chosen | {"status": "withdrawn"}, reason, url, as_json)


@app.command()
def reject(
    reason: Reason,
    ids: Ids = None,
    under: Under = None,
    job: OfJob = None,
    model: ByModel = None,
    language: InLanguage = None,
    strategy: Strategy = None,
    since: Since = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Take instructions out of coverage and pulls; accept brings them back as they were."""
    chosen = {"job_id": job, "model": model, "language": language, "strategy": strategy, "since": since}
    _decide("reject", ids, under, chosen, reason, url, as_json)


def _decide(
    decision: str,
    ids: list[str] | None,
    under: str | None,
    chosen: dict[str, Any],
    reason: str,
    url: str | None,
    as_json: bool,
) -> None:
    from service.terminal.client import connect

    if not reason.strip():
        raise CommandError("say why: --reason")
    if bool(ids) == bool(under):
        raise CommandError("name instructions by their ids, or all below a node with --under")
    body: dict[str, Any] = {"decision": decision, "reason": reason}
    with connect(url) as api:
        if under:
            body["filter"] = given(chosen) | {"node_id": api.node(under)}
        else:
            body["ids"] = ids
        with spinner(f"{decision}ing"):
            found = api.post("/v1/instructions:decide", body)
    if as_json:
        print_json(found)
    else:
        say(", ".join(f"{found[name]:,} {name}" for name in ("changed", "unchanged", "refused")))
        for error in found["errors"]:
            note(f"{error['id']}: {error['error']}")
    if found["refused"]:
        raise typer.Exit(FAILED)
