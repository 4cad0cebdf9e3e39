"""`glan token`: who may use the service, and for what."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from service.terminal.output import AsJson, errors, print_json, stdout

app = typer.Typer(help="Make, list and revoke bearer tokens of the service.", no_args_is_help=True)

UrlOption = Annotated[
    str | None, typer.Option("--url", help="Talk to this running service instead of to the database.")
]
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=36_500)


def lifetime(text: str) -> timedelta:
    """`30d`, `12h`, `90m` or `2w`; raises BadParameter."""
    number, unit = text[:-1], UNITS.get(text[-1:])
    # Ten digits are years enough, whatever the unit.
    if unit is None or not (number.isascii() and number.isdigit() and len(number) <= 7) or int(number) == 0:
        raise typer.BadParameter(f"{text!r} is to be a number and m, h, d or w, such as 30d")
    if unit * int(number) > LONGEST:
        raise typer.BadParameter(f"{text!r} is more than a hundred years; leave it away for a token for ever")
    return unit * int(number)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who is to hold it; what they change is signed with it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write or generate; may be given again. Default: read."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="30d", help="Refused after so long: 90m, 12h, 30d, 2w.")
    ] = None,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept. From then on every request needs one."""
    lives = lifetime(expires) if expires is not None else None
    with errors():
        from service.terminal.client import connect
        from service.terminal.output import note

        until = (datetime.now(UTC) + lives).isoformat() if lives else None
        with connect(url) as api:
            body = {"name": name, "scopes": scope or ["read"], "expires_at": until}
            made = api.post("/v1/tokens", body)
        if as_json:
            print_json(made)
            return
        stdout().print(made["token"], markup=False, soft_wrap=True)
        note(
            f"{made['name']} may {', '.join(made['scopes'])}{_until(made)}. Keep the token: it cannot be "
            "shown again. Set GLAN_TOKEN to it beside GLAN_URL, or send Authorization: Bearer ..."
        )


@app.command("list")
def list_tokens(url: UrlOption = None, as_json: AsJson = False) -> None:
    """List all tokens, those revoked or expired too."""
    with errors():
        from rich.table import Table

        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get("/v1/tokens")["items"]
        if as_json:
            print_json(found)
            return
        table = Table("name", "scopes", "state", "made", "by", "id")
        for token in found:
            made, scopes = token["created_at"][:16], " ".join(token["scopes"])
            table.add_row(token["name"], scopes, _state(token), made, token["created_by"], token["id"])
        stdout().print(table)


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="NAME|ID", help="The token's name or id.")],
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token: services refuse it within seconds."""
    with errors():
        from urllib.parse import quote

        from service.terminal.client import connect

        with connect(url) as api:
            revoked = api.delete(f"/v1/tokens/{quote(token, safe='')}")["items"]
        if as_json:
            print_json(revoked)
            return
        for one in revoked:
            stdout().print(f"revoked {one['name']} {one['id']}", markup=False)


def _until(token: dict[str, Any]) -> str:
    return f" until {token['expires_at'][:16]} UTC" if token["expires_at"] else ""


def _state(token: dict[str, Any]) -> str:
    if token["revoked_at"]:
        return f"revoked {token['revoked_at'][:16]}"
    if token["expires_at"] and datetime.fromisoformat(token["expires_at"]) <= datetime.now(UTC):
        return f"expired {token['expires_at'][:16]}"
    return f"live{_until(token)}"
