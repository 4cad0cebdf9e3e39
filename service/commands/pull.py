"""`glan pull`: writes the instructions of a subtree or a release to a file or a pipe."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands.options import (
    ByDial,
    ByModel,
    FileFormat,
    InLanguage,
    LayoutName,
    OfJob,
    OfSplit,
    Since,
    SplitBy,
    Splits,
    StatusName,
    Strategy,
    Url,
)
from service.terminal.output import note, spinner

if TYPE_CHECKING:
    from rich.progress import Progress

    from service.terminal.client import Api


def pull(
    node: Annotated[
        str | None,
        typer.Argument(metavar="NODE", help="An id, or a path of names; not needed with --release."),
    ] = None,
    layout: Annotated[
        LayoutName, typer.Option(help="All fields, or the layout of another tool.")
    ] = LayoutName.full,
    format_: Annotated[
        FileFormat, typer.Option("--format", help="JSON lines, or one Parquet file.")
    ] = FileFormat.jsonl,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ] = "-",
    release: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Pull what this release pins, whatever was edited since."),
    ] = None,
    status: Annotated[
        list[StatusName] | None,
        typer.Option(help="Only with this status; may be repeated. Default: accepted."),
    ] = None,
    strategy: Strategy = None,
    since: Since = None,
    job: OfJob = None,
    language: InLanguage = None,
    model: ByModel = None,
    dial: ByDial = None,
    split: OfSplit = None,
    splits: Splits = None,
    split_by: SplitBy = None,
    system: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Text of a system turn, in layouts that have turns."),
    ] = None,
    url: Url = None,
) -> None:
    """Pull a subtree's instructions, as JSON lines or Parquet.

    With -o they are in FILE.part until all are there. A pull that is cut off continues by itself. After one
    that was killed the same command continues: with JSON lines after the last one it has.
    """
    filters = {"strategy": strategy, "since": since, "job_id": job, "language": language, "model": model}
    shares = {"splits": splits, "split_by": split_by}
    wanted: dict[str, Any] = {"status": status, "dial": dial, **filters, **shares}
    _require_one(node, release, wanted)
    target = None if output == "-" else target_of(output)
    if release is None and split is None and any(shares.values()):
        raise typer.BadParameter("--splits and --split-by say what the splits are; add --split")
    written = {"layout": layout, "system": system, "split": split}
    from service.terminal.client import connect

    with connect(url) as api:
        if release is not None:
            path, params = f"/v1/releases/{quote(release, safe='')}/instructions", {}
        else:
            path, params = f"/v1/nodes/{api.node(node or '')}/instructions", wanted
        done = pulled(api, path, params | written, target, format_)
    note(done + ("" if target is None else f" in {target}"))


def _require_one(node: str | None, release: str | None, wanted: dict[str, Any]) -> None:
    if (node is None) == (release is None):
        raise typer.BadParameter("give either a NODE or --release NAME")
    chosen = [name for name, value in wanted.items() if value]
    if release is not None and chosen:
        option = chosen[0].removesuffix("_id").replace("_", "-")
        raise typer.BadParameter(f"a release never changes: it cannot be filtered by --{option}")


def target_of(output: str) -> Path:
    """The file to write to, checked before anything is fetched; raises BadParameter."""
    target = Path(output)
    if target.is_dir():
        raise typer.BadParameter(f"{output} is a folder; name a file in it", param_hint="--output")
    if not target.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {target.parent}", param_hint="--output")
    return target


def pulled(api: "Api", path: str, params: dict[str, Any], target: Path | None, format_: FileFormat) -> str:
    """Pulls with progress on stderr and returns what was pulled, such as "12 instructions"."""
    from service.terminal.transfer import Lines, Whole

    kind = Whole if format_ is FileFormat.parquet else Lines
    with _progress() as progress:
        return kind(api, path, params, target, progress).run()


def _progress() -> "AbstractContextManager[Progress]":
    # Where the data itself goes to the terminal, progress would be in the way.
    quiet = sys.stdout.isatty() and not sys.stderr.isatty()
    return spinner("{task.description}", shown=not quiet)
