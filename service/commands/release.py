"""`glan release`: named sets of instructions that never change."""

import threading
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.terminal.output import AsJson, errors, print_json, spinner, stdout

app = typer.Typer(help="Pin a subtree's accepted instructions under a name, for ever.", no_args_is_help=True)

POLL_S = 0.5


@app.command()
def create(
    node: NodeArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dots, dashes, underscores.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    strategy: Annotated[str | None, typer.Option(help="Only single or pair.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changed at or after this time (ISO 8601).")] = None,
    job: Annotated[str | None, typer.Option(help="Only what this job produced.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language.")] = None,
    model: Annotated[str | None, typer.Option(help="Only where this model asked or answered.")] = None,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Make a release of what is accepted now; the same command again gives the one that is there."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            chosen = {
                "strategy": strategy,
                "since": since,
                "job_id": job,
                "language": language,
                "model": model,
            }
            body = {
                "name": name,
                "node_id": api.node(node),
                "description": description,
                **{key: value for key, value in chosen.items() if value is not None},
            }
            release = _built(api, body)
        if as_json:
            print_json(release)
        else:
            _show(release)


def _built(api: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The release when it is done, with a count on the way."""
    posted = _Posted(lambda: api.post("/v1/releases", body))
    with spinner("{task.description}") as progress:
        task = progress.add_task("")
        while not posted.wait(POLL_S):
            progress.update(task, description=_so_far(api, body["name"]))
        release = posted.result()
        # Somebody else is building it, or a proxy on the way did not wait for the answer.
        while release["state"] == "building":
            time.sleep(POLL_S)
            release = api.get(f"/v1/releases/{body['name']}")
            progress.update(task, description=f"{release['count']:,} instructions pinned")
    return release


def _so_far(api: Any, name: str) -> str:
    from service.terminal.output import CommandError

    try:
        return f"{api.get(f'/v1/releases/{name}')['count']:,} instructions pinned"
    except CommandError:
        return ""  # it is not begun yet; what is wrong, the request itself will say


class _Posted(threading.Thread):
    """A request that is on its way while something else is shown."""

    def __init__(self, post: Callable[[], Any]) -> None:
        super().__init__(name="release", daemon=True)
        self._post = post
        self._answer: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """The thread's work."""
        try:
            self._answer = self._post()
        except BaseException as error:  # raised where the result is asked for
            self._error = error

    def wait(self, seconds: float) -> bool:
        """Whether the answer is there, after so long at most."""
        self.join(seconds)
        return not self.is_alive()

    def result(self) -> Any:
        """The answer; raises what the request raised."""
        if self._error:
            raise self._error
        return self._answer


@app.command("list")
def list_releases(url: UrlOption = None, as_json: AsJson = False) -> None:
    """List all releases."""
    with errors():
        from rich.table import Table

        from service.terminal.client import connect

        with connect(url) as api:
            found = list(api.pages("/v1/releases", limit=1000))
        if as_json:
            print_json(found)
            return
        table = Table("release", "of", "instructions", "state", "made", "sha256")
        for release in found:
            made, hashed = release["created_at"][:19], (release["sha256"] or "")[:12]
            counted = f"{release['count']:,}"
            table.add_row(release["name"], release["path"], counted, release["state"], made, hashed)
        stdout().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a release.")],
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Show one release; `glan pull --release NAME` gets what is in it."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            release = api.get(f"/v1/releases/{name}")
        if as_json:
            print_json(release)
        else:
            _show(release)


def _show(release: dict[str, Any]) -> None:
    out = stdout()
    out.print(f"{release['name']}: {release['count']:,} instructions of {release['path']}", markup=False)
    for field in ("state", "description", "sha256", "bytes", "node_id", "created_at", "created_by"):
        if release[field] not in ("", None):
            out.print(f"  {field}: {release[field]}", markup=False)
    for field, value in release["spec"].items():
        if field != "node_id":
            out.print(f"  only {field}: {value}", markup=False)
