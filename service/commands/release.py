"""`glan release`: named sets of instructions that never change."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands import publish
from service.commands.options import (
    AsJson,
    ByDial,
    ByModel,
    InLanguage,
    Licence,
    NodeArgument,
    OfJob,
    ReleaseArgument,
    Since,
    SplitBy,
    Splits,
    Strategy,
    Url,
)
from service.terminal.frame import Group, answer
from service.terminal.output import CommandError, say, spinner

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(
    cls=Group, help="Pin a subtree's accepted instructions under a name, for ever.", no_args_is_help=True
)

app.command()(publish.card)
app.command()(publish.push)

POLL_S = 0.5


@app.command()
def create(
    node: NodeArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dots, dashes, underscores.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    licence: Licence = None,
    strategy: Strategy = None,
    since: Since = None,
    job: OfJob = None,
    language: InLanguage = None,
    model: ByModel = None,
    dial: ByDial = None,
    splits: Splits = None,
    split_by: SplitBy = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Make a release of what is accepted now; repeating the command gives the release that is there."""
    filters = {"strategy": strategy, "since": since, "job_id": job, "language": language, "model": model}
    filters |= {"splits": splits, "split_by": split_by, "licence": licence}
    chosen = {key: value for key, value in filters.items() if value is not None}
    chosen |= {"dials": dial} if dial else {}

    def ask(api: "Api") -> Any:
        return _built(api, {"name": name, "node_id": api.node(node), "description": description, **chosen})

    answer(ask, _show, url, as_json)


def _built(api: "Api", body: dict[str, Any]) -> dict[str, Any]:
    """Requests the release and returns it when it is complete, showing the count until then."""
    posted = _Posted(lambda: api.post("/v1/releases", body))
    with spinner("{task.description}") as progress:
        task = progress.add_task("")
        while not posted.wait(POLL_S):
            progress.update(task, description=_so_far(api, body["name"]))
        release = posted.result()
        # Another client is building it, or a proxy did not wait for the answer.
        while release["state"] == "building":
            time.sleep(POLL_S)
            release = api.get(f"/v1/releases/{body['name']}")
            progress.update(task, description=f"{release['count']:,} instructions pinned")
    return release


def _so_far(api: "Api", name: str) -> str:
    try:
        return f"{api.get(f'/v1/releases/{name}')['count']:,} instructions pinned"
    except CommandError:
        return ""  # not begun yet; if something is wrong, the request itself reports it


class _Posted(threading.Thread):
    """A request in a thread of its own, so that progress can be shown until it is answered."""

    def __init__(self, post: Callable[[], Any]) -> None:
        super().__init__(name="release", daemon=True)
        self._post = post
        self._answer: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Sends the request and keeps its answer or error."""
        try:
            self._answer = self._post()
        except BaseException as error:  # raised again by result()
            self._error = error

    def wait(self, seconds: float) -> bool:
        """Waits at most this long; returns whether the request has ended."""
        self.join(seconds)
        return not self.is_alive()

    def result(self) -> Any:
        """The answer; raises what the request raised."""
        if self._error:
            raise self._error
        return self._answer


@app.command("list")
def list_releases(url: Url = None, as_json: AsJson = False) -> None:
    """List all releases."""
    answer(lambda api: list(api.pages("/v1/releases", limit=1000)), _show_all, url, as_json)


def _show_all(found: list[dict[str, Any]]) -> None:
    from service.terminal.tables import print_table

    columns = ("release", "of", "instructions", "state", "made", "sha256")
    rows = [
        [r["name"], r["path"], f"{r['count']:,}", r["state"], r["created_at"][:19], (r["sha256"] or "")[:12]]
        for r in found
    ]
    print_table(columns, rows, every="--json", least=5)


@app.command()
def show(
    name: ReleaseArgument,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show one release; `glan pull --release NAME` gets what is in it."""
    answer(lambda api: api.get(f"/v1/releases/{quote(name, safe='')}"), _show, url, as_json)


def _show(release: dict[str, Any]) -> None:
    say(f"{release['name']}: {release['count']:,} instructions of {release['path']}")
    if prompts := ", ".join(release.get("prompts", [])):
        say(f"  prompts: {prompts}")
    for field in (
        "state",
        "description",
        "licence",
        "sha256",
        "bytes",
        "node_id",
        "created_at",
        "created_by",
    ):
        if release[field] not in ("", None):
            say(f"  {field}: {release[field]}")
    for split, count in release["splits"].items():
        say(f"  {split}: {count:,}")
    for field, value in release["spec"].items():
        if field not in ("node_id", "splits", "split_by"):
            say(f"  only {field}: {value}")
