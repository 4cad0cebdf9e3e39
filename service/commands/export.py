"""`glan taxonomy export`: writes a taxonomy, or what is below a node of one, to a file or a pipe."""

import sys
from collections.abc import Iterable
from typing import IO, Annotated

import typer

from service.commands.options import KindName, NodeArgument, Url
from service.commands.pull import target_of
from service.terminal.output import note, waiting


def export(
    node: NodeArgument,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ] = "-",
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="turtle, rdfxml, jsonld, ntriples, csv, ndjson or sssom."
        ),
    ] = "turtle",
    status: Annotated[
        str,
        typer.Option(metavar="accepted|all", help="What is accepted on a way from the node, or everything."),
    ] = "accepted",
    to: Annotated[KindName, typer.Option(help="The lowest kind.")] = KindName.Discipline,
    lang: Annotated[
        str | None,
        typer.Option(metavar="en,de", help="Only labels and notes in these languages. Default: all."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="URI", help="What the ids of nodes without a URI are put behind."),
    ] = None,
    url: Url = None,
) -> None:
    """Write a taxonomy as SKOS, CSV or NDJSON, or its mappings to others as SSSOM.

    The same taxonomy gives the same bytes. FILE is written whole or not at all.
    """
    from graph.files import whole_file
    from service.terminal.client import connect
    from service.terminal.transfer import written_through

    target = None if output == "-" else target_of(output)
    params = {"format": format_, "status": status, "to": to.value, "lang": lang, "base": base}
    with (
        connect(url) as api,
        waiting("exporting"),
        api.stream(f"/v1/nodes/{api.node(node)}/taxonomy", **params) as response,
    ):
        if target is None:
            _copy(response.iter_bytes(), sys.stdout.buffer)
            return
        opened = target.open("wb") if written_through(target) else whole_file(target.resolve())
        with opened as file:
            _copy(response.iter_bytes(), file)
    note(f"written to {output}")


def _copy(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()
