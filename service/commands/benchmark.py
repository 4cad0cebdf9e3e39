"""`glan benchmark`: the benchmarks that are kept out of the data."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands.options import AsJson, Url
from service.terminal.frame import Group, answer
from service.terminal.output import note, say, spinner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

    from service.benchmarks.sources import Source
    from service.terminal.client import Api

app = typer.Typer(cls=Group, help="Load benchmarks that must stay out of the data.", no_args_is_help=True)

BenchmarkArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a benchmark.")]
PART = 200
"""Lines sent at once."""


@app.command()
def load(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A well-known benchmark, such as gsm8k, or a .jsonl, .json, .csv, .tsv or .parquet file.",
        ),
    ],
    question: Annotated[str, typer.Option(metavar="COL", help="Column with the question.")] = "",
    answer_: Annotated[
        str,
        typer.Option("--answer", metavar="COL", help="Column with answers to keep out too, if long."),
    ] = "",
    split: Annotated[str, typer.Option(metavar="COL", help="Column with the split: train, test.")] = "",
    task: Annotated[str, typer.Option(metavar="COL", help="Column with the part it belongs to.")] = "",
    name: Annotated[str | None, typer.Option(help="Name to keep it under; default: the file's.")] = None,
    licence: Annotated[str | None, typer.Option(help="Its licence, such as MIT.")] = None,
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="Encoding of the file, such as cp1252; default: told by it.")
    ] = "",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Load a benchmark from the Hugging Face hub or a file; the same again changes nothing.

    A name is looked up as a file first. Columns that are not named are guessed, and what was guessed is said.

    Well-known names: arc, bbh, boolq, commonsense_qa, gpqa, gsm8k, hellaswag, humaneval, ifeval, math,
    math500, mbpp, mmlu, mmlu_pro, openbookqa, truthfulqa, winogrande.
    """

    def ask(api: "Api") -> Any:
        from service.benchmarks import sources
        from service.benchmarks.columns import Columns

        found = sources.of(source, Columns(question, answer_, split, task), name, licence, encoding)
        if found.notes:
            note(f"guessed: {'; '.join(found.notes)}")
        return _sent(api, found)

    answer(ask, _show, url, as_json)


def _sent(api: "Api", source: "Source") -> dict[str, Any]:
    with spinner("{task.completed} items sent") as progress:
        found: dict[str, Any] = api.upload("/v1/benchmarks", _parts(source, progress), **source.about)
    if source.empty:
        note(f"{source.empty:,} rows have no question and were left out")
    if source.repeated:
        note(f"{source.repeated:,} rows had the same text as an earlier one")
    return found


def _parts(source: "Source", progress: "Progress") -> "Iterator[bytes]":
    task = progress.add_task("items", total=None)
    part: list[bytes] = []
    for line in source.lines():
        part.append(line)
        if len(part) == PART:
            yield b"".join(part)
            progress.advance(task, len(part))
            part = []
    yield b"".join(part)
    progress.advance(task, len(part))


@app.command("list")
def list_benchmarks(url: Url = None, as_json: AsJson = False) -> None:
    """List all benchmarks."""
    answer(lambda api: list(api.pages("/v1/benchmarks", limit=1000)), _show_all, url, as_json)


def _show_all(found: list[dict[str, Any]]) -> None:
    from service.terminal.tables import print_table

    columns = ("benchmark", "items", "splits", "licence", "state", "loaded", "source")
    rows = [
        [b["name"], f"{b['items']:,}", _splits(b), b["licence"], b["state"], _day(b), b["source"]]
        for b in found
    ]
    print_table(columns, rows, every="--json", least=5)


@app.command()
def show(name: BenchmarkArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one benchmark, and how many of its items cannot be recognised by their text."""
    answer(lambda api: api.get(_path(name)), _show, url, as_json)


@app.command()
def remove(
    name: BenchmarkArgument,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Also remove what shows which instructions match its items.")
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Remove a benchmark with its items; instructions that were kept out for it stay so."""

    def ask(api: "Api") -> Any:
        return api.delete(_path(name), evidence=evidence)

    answer(ask, lambda found: say(f"removed {found['name']}: {found['items']:,} items"), url, as_json)


def _path(name: str) -> str:
    return f"/v1/benchmarks/{quote(name, safe='')}"


def _show(benchmark: dict[str, Any]) -> None:
    splits = _splits(benchmark)
    say(f"{benchmark['name']}: {benchmark['items']:,} items" + (f" ({splits})" if splits else ""))
    if benchmark["unrecognisable"]:
        say(f"  {benchmark['unrecognisable']:,} of them cannot be recognised by their text")
    for field in ("state", "version", "licence", "source", "sha256", "loaded_at", "loaded_by"):
        if benchmark[field]:
            say(f"  {field}: {benchmark[field]}")


def _splits(benchmark: dict[str, Any]) -> str:
    return ", ".join(f"{split or 'no split'} {items:,}" for split, items in benchmark["splits"].items())


def _day(benchmark: dict[str, Any]) -> str:
    return (benchmark["loaded_at"] or "")[:16]
