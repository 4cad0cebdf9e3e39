"""`glan taxonomy`: loads whole taxonomies from files, checks what files would become, and exports."""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.export import export
from service.commands.options import AsJson, Url
from service.taxonomies.options import Below, Deprecated, Format, KeyBy, Leaf, OnCycle, Options, Top
from service.terminal.frame import Group, answer
from service.terminal.output import FAILED, note, print_json, say, spinner, waiting

if TYPE_CHECKING:
    from service.terminal.client import Api

app = typer.Typer(cls=Group, help="Load, check and export whole taxonomies.", no_args_is_help=True)

app.command()(export)

MOST_SHOWN = 20
MOST_EXAMPLES = 3
MOST_IN_JSON = 1000


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


@app.command()
def check(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files that are read as one; - is standard input."),
    ],
    format_: Annotated[
        Format, typer.Option("--format", help="Format; told by the content by default.")
    ] = Format.auto,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding, such as latin-1.")] = "",
    context: Annotated[
        str, typer.Option(metavar="FILE", help="JSON-LD context, in place of those named by an address.")
    ] = "",
    scheme: Annotated[
        list[str] | None,
        typer.Option(metavar="URI|LABEL", help="Only this concept scheme; may be repeated."),
    ] = None,
    top: Annotated[Top, typer.Option(help="What stands under the taxonomy.")] = Top.concepts,
    lang: Annotated[
        str,
        typer.Option(
            metavar="en,de", help="Languages of names, in order; by default English, or the commonest."
        ),
    ] = "",
    leaf: Annotated[
        Leaf, typer.Option(help="What a concept without narrower ones becomes.")
    ] = Leaf.discipline,
    depth: Annotated[int | None, typer.Option(min=1, help="Cut at this level.")] = None,
    below: Annotated[Below, typer.Option(help="What becomes of concepts below the cut.")] = Below.topics,
    field: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Field for concepts that stand alone; by default the scheme's name."
        ),
    ] = "",
    levels: Annotated[
        str, typer.Option(metavar="2,4,6", help="Lengths of codes from the top down; others are left out.")
    ] = "",
    key: Annotated[
        KeyBy | None,
        typer.Option(help="What makes two concepts the same; by default the first that all have."),
    ] = None,
    deprecated: Annotated[
        Deprecated, typer.Option(help="Leave deprecated concepts out, or keep them as retired.")
    ] = Deprecated.skip,
    keep_redundant: Annotated[
        bool, typer.Option("--keep-redundant", help="Keep edges to concepts that stand above another parent.")
    ] = False,
    on_cycle: Annotated[
        OnCycle, typer.Option(help="Leave an edge of each cycle out, or refuse the file.")
    ] = OnCycle.break_,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Leave out concepts with this in their name; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a vocabulary would become: nodes by kind, what is left out, and why. Nothing is written.

    Turtle, RDF/XML, JSON-LD, N-Triples, JSKOS, CSV, TSV, JSON and NDJSON, also compressed. Exit code 1 if a
    fault leaves something out.
    """
    from service.settings import Settings
    from service.taxonomies.checking import checked, has_failed
    from service.taxonomies.options import levels_of

    options = Options(
        format=format_, encoding=encoding, context=context, schemes=tuple(scheme or ()), top=top,
        languages=tuple(filter(None, map(str.strip, lang.split(",")))), leaf=leaf, depth=depth, below=below,
        field=field, levels=levels_of(levels), key=key, deprecated=deprecated, keep_redundant=keep_redundant,
        on_cycle=on_cycle, skip=tuple(filter(None, skip or ())),
    )  # fmt: skip
    with waiting("reading"), checked(sources, options, Settings().home) as found:
        report = found.report(MOST_IN_JSON if as_json else MOST_EXAMPLES)
    print_json(report) if as_json else _show_plan(report)
    if has_failed(report):
        raise typer.Exit(FAILED)


def _show_plan(report: dict[str, Any]) -> None:
    plan = report["plan"]
    for line in report["notes"]:
        say(line)
    names = [taxonomy["name"] for taxonomy in report["taxonomies"]]
    more = f", and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    say(f"{len(names)} taxonom{'y' if len(names) == 1 else 'ies'}: {', '.join(names[:MOST_SHOWN])}{more}")
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in plan["kinds"].items())
    say(
        f"concepts: {plan['concepts']:,}; edges: {plan['edges']:,}; levels: {plan['depth']}; {kinds}; "
        f"names in {', '.join(plan['languages'])}; known by their {plan['key']}"
    )
    for reason, number in plan["dropped"].items():
        say(f"left out, {reason}: {number:,}")
    for code, number in report["problems"].items():
        say(f"{code}: {number:,}")
        for example in report["examples"][code]:
            say(f"    {example['uri']}  {example['text']}".rstrip())


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
