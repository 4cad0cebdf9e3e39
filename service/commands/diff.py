"""`glan taxonomy diff`: what changed between two taxonomies, each of a file or of the graph."""

import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Url
from service.commands.vocabulary import Context, Encoding, FormatOption, Lang, Levels, Schemes
from service.taxonomies.options import Format, Options
from service.terminal.output import FAILED, CommandError, note, say, waiting

if TYPE_CHECKING:
    from service.taxonomies.comparing.diff import Compared
    from service.terminal.client import Api

Side = Annotated[
    str,
    typer.Argument(metavar="FILE|NODE", help="A file, - for standard input, or a node (id or path)."),
]


def diff(
    before: Side,
    after: Side,
    format_: FormatOption = Format.auto,
    encoding: Encoding = "",
    context: Context = "",
    scheme: Schemes = None,
    lang: Lang = "",
    levels: Levels = "",
    show_all: Annotated[bool, typer.Option("--all", help="List all, not the first of each group.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON with operations for `glan taxonomy apply`.")
    ] = False,
    url: Url = None,
) -> None:
    """Show what changed from one taxonomy to another.

    Concepts are the same by URI, else by notation, else by name and place. Of a node, what is accepted is
    compared, down to its disciplines. Exit code 1 if a fault in a file may make the difference incomplete.
    """
    from service.settings import Settings
    from service.taxonomies.comparing.diff import ALL, SHOWN, comparing
    from service.taxonomies.options import languages_of, levels_of

    if as_json and markdown:
        raise typer.BadParameter("take --json or --markdown, not both", param_hint="--markdown")
    if before == after == "-":
        raise typer.BadParameter("only one of the two can be standard input", param_hint="FILE")
    options = Options(
        format=format_, encoding=encoding, context=context, schemes=tuple(scheme or ()),
        languages=languages_of(lang), levels=levels_of(levels),
    )  # fmt: skip
    home, most = Settings().home, ALL if show_all else SHOWN
    with comparing(home) as found:
        with waiting("reading"), _service(url, before, after) as api:
            for source in (before, after):
                _read(found, source, options, home, api)
            found.compare()
        if as_json:
            found.write_json(sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            for line in found.markdown(most) if markdown else found.text(most):
                say(line)
        if not _is_complete(found):
            raise typer.Exit(FAILED)


def _is_file(source: str) -> bool:
    return source == "-" or Path(source).is_file()


@contextmanager
def _service(url: str | None, *sources: str) -> "Generator[Api | None]":
    """The service, if a side is a node."""
    from service.terminal.client import connect

    if all(map(_is_file, sources)):
        yield None
        return
    with connect(url) as api:
        yield api


def _read(found: "Compared", source: str, options: Options, home: Path, api: "Api | None") -> None:
    if api is None or _is_file(source):
        found.read_file(source, options, home)
        return
    try:
        node = api.node(source)
    except CommandError as error:
        raise CommandError(f"{source} is neither a file nor a node: {error}") from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.nt"
        with path.open("wb") as file, api.stream(f"/v1/nodes/{node}/taxonomy", format="ntriples") as response:
            for piece in response.iter_bytes():
                file.write(piece)
        found.read_file(str(path), Options(format=Format.ntriples), home, source)


def _is_complete(found: "Compared") -> bool:
    faulty = [side["source"] for side in found.sides if side["incomplete"]]
    for source in faulty:
        note(f"{source} has faults, and what they leave out counts as not there: see glan taxonomy check")
    return not faulty
