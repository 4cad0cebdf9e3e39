"""`glan pull`: a subtree's or a release's instructions into a file or a pipe."""

import sys
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.node import UrlOption
from service.terminal.output import errors, note, spinner

if TYPE_CHECKING:
    from rich.progress import Progress


class FileFormat(StrEnum):
    """jsonl: an object a line; parquet: one file."""

    jsonl = "jsonl"
    parquet = "parquet"


def pull(
    node: Annotated[
        str | None,
        typer.Argument(metavar="[NODE]", help="An id, or a path of names; not needed with --release."),
    ] = None,
    layout: Annotated[str, typer.Option(help="full, openai, alpaca or sharegpt.")] = "full",
    format_: Annotated[FileFormat, typer.Option("--format", help="jsonl or parquet.")] = FileFormat.jsonl,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ] = "-",
    release: Annotated[
        str | None, typer.Option(metavar="NAME", help="What this release pins, whatever was edited since.")
    ] = None,
    status: Annotated[list[str] | None, typer.Option(help="accepted (default), failed, stale, ...")] = None,
    strategy: Annotated[str | None, typer.Option(help="single or pair.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changed at or after this time (ISO 8601).")] = None,
    job: Annotated[str | None, typer.Option(help="Only what this job produced.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language.")] = None,
    model: Annotated[str | None, typer.Option(help="Only where this model asked or answered.")] = None,
    url: UrlOption = None,
) -> None:
    """Pull a subtree's instructions, as JSON lines or Parquet.

    With -o they are in FILE.part until all are there. A pull that was cut off goes on by itself; one that was
    killed goes on when the same command is given again, with JSON lines after the last one it has.
    """
    wanted: dict[str, Any] = {
        "status": status,
        "strategy": strategy,
        "since": since,
        "job_id": job,
        "language": language,
        "model": model,
    }
    _require_one(node, release, wanted)
    with errors():
        from service.terminal.client import connect
        from service.terminal.transfer import Lines, Whole

        with connect(url) as api:
            if release is not None:
                path, params = f"/v1/releases/{release}/instructions", {"layout": layout}
            else:
                path, params = f"/v1/nodes/{api.node(node or '')}/instructions", wanted | {"layout": layout}
            kind = Whole if format_ is FileFormat.parquet else Lines
            target = None if output == "-" else Path(output)
            with progress_of_pull() as progress:
                done = kind(api, path, params, target, progress).run()
        note(done + ("" if target is None else f" in {target}"))


def _require_one(node: str | None, release: str | None, wanted: dict[str, Any]) -> None:
    if (node is None) == (release is None):
        raise typer.BadParameter("give a NODE or --release NAME, one of the two")
    chosen = [name for name, value in wanted.items() if value]
    if release is not None and chosen:
        raise typer.BadParameter(f"a release is what it is: --{chosen[0].removesuffix('_id')} cannot choose")


def progress_of_pull() -> "AbstractContextManager[Progress]":
    """What people see while it goes on."""
    # Beside data on a terminal a bar would be in the way.
    quiet = sys.stdout.isatty() and not sys.stderr.isatty()
    return spinner("{task.description}", shown=not quiet)
