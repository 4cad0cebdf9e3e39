"""`glan taxonomy`: loads whole taxonomies from files."""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Url
from service.terminal.frame import Group, answer
from service.terminal.output import FAILED, note, say, spinner

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(cls=Group, help="Load a whole taxonomy from a file.", no_args_is_help=True)

MOST_SHOWN = 20


@app.callback()
def _group() -> None:
    """Without a callback Typer would make `load`, the only command, the group itself."""


@app.command()
def load(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|glan", help="A .csv or .ndjson file, or `glan`: the paper's taxonomy."),
    ],
    under: Annotated[
        str | None, typer.Option(metavar="NODE", help="Node (id or path) to put the topmost nodes under.")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Load a taxonomy; loading it twice changes nothing. Bad rows are listed with their lines.

    CSV: one path per row, columns taxonomy, field, subfield, discipline, subject; `description` and `weight`
    belong to the row's last node, other columns become its properties. NDJSON: one object per line, as
    POST /v1/nodes:bulk takes it.
    """
    from service.taxonomies.loading import has_failed

    result = answer(lambda api: load_into(api, source, under), _show, url, as_json)
    if has_failed(result):
        raise typer.Exit(FAILED)


def load_into(api: "Api", source: str, under: str | None = None) -> dict[str, Any]:
    """Loads a file through the service; returns the report of service/taxonomies/loading.py."""
    from service.taxonomies import files
    from service.taxonomies.loading import Loading

    top = api.node(under) if under else None
    file = files.read(source, top)
    loading = Loading(file)
    with spinner("{task.completed} nodes") as progress:
        task = progress.add_task("nodes", total=None)
        for line, item, found in _answers(api, iter(file)):
            progress.advance(task)
            loading.answered(line, item, found)
    return loading.report()


def _answers(
    api: "Api", items: Iterator[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """Each item with its line and the service's answer; items that are invalid in the file are not sent.

    The file is read as its items are sent, so only one part of it is in memory.
    """
    waiting: deque[tuple[int, dict[str, Any]]] = deque()

    def good() -> Iterator[dict[str, Any]]:
        for line, item in items:
            waiting.append((line, item))
            if "error" not in item:
                yield item

    for found in api.insert_many(good()):
        while "error" in waiting[0][1]:
            line, item = waiting.popleft()
            yield line, item, {"status": "error", **item}
        yield *waiting.popleft(), found
    yield from ((line, item, {"status": "error", **item}) for line, item in waiting)


def _show(result: dict[str, Any]) -> None:
    _list([f"line {row['line']}: warning: {row['warning']}" for row in result["warnings"]])
    _list([f"line {row['line']}: {row['error']}" for row in result["errors"]])
    _list([_repeated(row) for row in result["repeated"]])
    say(
        f"{result['created']} created, {result['existing']} there already, {len(result['errors'])} refused"
        + (f", {len(result['repeated'])} repeated" if result["repeated"] else "")
    )


def _repeated(row: dict[str, Any]) -> str:
    what = "and says otherwise, which is not stored" if row["differs"] else "and says the same"
    return f"line {row['line']}: names the node of line {row['first']} again ({row['name']}), {what}"


def _list(lines: list[str]) -> None:
    for line in lines[:MOST_SHOWN]:
        note(line)
    if len(lines) > MOST_SHOWN:
        note(f"... and {len(lines) - MOST_SHOWN} more (--json lists all)")
