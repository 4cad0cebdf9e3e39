"""`glan taxonomy`: loads whole taxonomies from files, checks, exports and proposes them."""

import typer

from service.commands.apply import apply
from service.commands.diff import diff
from service.commands.duplicates import duplicates
from service.commands.export import export
from service.commands.imports import imports
from service.commands.load import check_files, load
from service.commands.options import AsJson
from service.commands.propose import propose
from service.commands.vocabulary import (
    BelowOption,
    Context,
    DeprecatedOption,
    Depth,
    Encoding,
    FieldName,
    FormatOption,
    KeepRedundant,
    Key,
    Lang,
    LeafOption,
    Levels,
    OnCycleOption,
    Schemes,
    Skip,
    Sources,
    TopOption,
    options_of,
)
from service.taxonomies.options import Below, Deprecated, Format, Leaf, OnCycle, Top
from service.terminal.frame import Group

app = typer.Typer(
    cls=Group, help="Load, check, compare, export and propose whole taxonomies.", no_args_is_help=True
)

app.command()(load)
app.command()(export)
app.command()(imports)
app.command()(diff)
app.command()(apply)
app.command()(duplicates)
app.command()(propose)


@app.command()
def check(
    sources: Sources,
    format_: FormatOption = Format.auto,
    encoding: Encoding = "",
    context: Context = "",
    scheme: Schemes = None,
    top: TopOption = Top.concepts,
    lang: Lang = "",
    leaf: LeafOption = Leaf.discipline,
    depth: Depth = None,
    below: BelowOption = Below.topics,
    field: FieldName = "",
    levels: Levels = "",
    key: Key = None,
    deprecated: DeprecatedOption = Deprecated.skip,
    keep_redundant: KeepRedundant = False,
    on_cycle: OnCycleOption = OnCycle.break_,
    skip: Skip = None,
    as_json: AsJson = False,
) -> None:
    """Show what a vocabulary would become: nodes by kind, what is left out, and why. Nothing is written.

    Turtle, RDF/XML, JSON-LD, N-Triples, JSKOS, CSV, TSV, JSON and NDJSON, also compressed. Exit code 1 if a
    fault leaves something out.
    """
    options = options_of(
        format_, encoding, context, scheme, top, lang, leaf, depth, below, field, levels, key, deprecated,
        keep_redundant, on_cycle, skip,
    )  # fmt: skip
    check_files(sources, options, as_json)
