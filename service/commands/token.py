"""`glan token`: the bearer tokens that allow use of the service."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands.options import AsJson, ScopeName, Url
from service.terminal.frame import Group, answer
from service.terminal.output import note, say

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(cls=Group, help="Make, list and revoke bearer tokens of the service.", no_args_is_help=True)

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=36_500)


def lifetime(text: str) -> timedelta:
    """Parses `90m`, `12h`, `30d` or `2w`; raises BadParameter for anything else or over a hundred years."""
    number, unit = text[:-1], UNITS.get(text[-1:])
    # At most seven digits, so that the multiplication below cannot overflow.
    if unit is None or not (number.isascii() and number.isdigit() and len(number) <= 7) or int(number) == 0:
        raise typer.BadParameter(
            f"{text!r} is not a number and m, h, d or w, such as 30d", param_hint="--expires"
        )
    if unit * int(number) > LONGEST:
        raise typer.BadParameter(
            f"{text!r} is more than a hundred years; omit --expires for a token that never expires",
            param_hint="--expires",
        )
    return unit * int(number)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the holder; changes are signed with it.")],
    scope: Annotated[
        list[ScopeName] | None, typer.Option(help="What it allows; may be repeated. Default: read.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            metavar="30d",
            help="How long it is valid: 90m, 12h, 30d, 2w; omit it for a token that never expires.",
        ),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it once: only its hash is kept. From then on every request needs a token."""
    until = (datetime.now(UTC) + lifetime(expires)).isoformat() if expires is not None else None

    def ask(api: "Api") -> Any:
        return api.post("/v1/tokens", {"name": name, "scopes": scope or ["read"], "expires_at": until})

    answer(ask, _show, url, as_json)


def _show(made: dict[str, Any]) -> None:
    print(made["token"], flush=True)
    note(
        f"{made['name']} may {', '.join(made['scopes'])}{_until(made)}. Keep the token: it cannot be "
        "shown again. Set GLAN_TOKEN to it beside GLAN_URL, or send Authorization: Bearer ..."
    )


@app.command("list")
def list_tokens(url: Url = None, as_json: AsJson = False) -> None:
    """List all tokens, including revoked and expired ones."""
    answer(lambda api: api.get("/v1/tokens")["items"], _show_all, url, as_json)


def _show_all(found: list[dict[str, Any]]) -> None:
    from service.terminal.tables import print_table

    rows = [
        [t["name"], " ".join(t["scopes"]), _state(t), t["created_at"][:16], t["created_by"], t["id"]]
        for t in found
    ]
    print_table(("name", "scopes", "state", "made", "by", "id"), rows, every="--json")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="NAME|ID", help="The token's name or id.")],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token; services refuse it within seconds."""

    def ask(api: "Api") -> Any:
        return api.delete(f"/v1/tokens/{quote(token, safe='')}")["items"]

    def show(revoked: list[dict[str, Any]]) -> None:
        for one in revoked:
            say(f"revoked {one['name']} {one['id']}")

    answer(ask, show, url, as_json)


def _until(token: dict[str, Any]) -> str:
    return f" until {token['expires_at'][:16]} UTC" if token["expires_at"] else ""


def _state(token: dict[str, Any]) -> str:
    if token["revoked_at"]:
        return f"revoked {token['revoked_at'][:16]}"
    if token["expires_at"] and datetime.fromisoformat(token["expires_at"]) <= datetime.now(UTC):
        return f"expired {token['expires_at'][:16]}"
    return f"live{_until(token)}"
