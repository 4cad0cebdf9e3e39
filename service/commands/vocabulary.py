"""The options by which vocabularies are read and planned, shared by the commands that take them."""

from typing import Annotated

import typer

from service.taxonomies.options import (
    MEANING,
    Below,
    Deprecated,
    Format,
    KeyBy,
    Leaf,
    OnCycle,
    Options,
    Top,
    languages_of,
    levels_of,
)

Sources = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Files that are read as one; - is standard input.")
]
FormatOption = Annotated[Format, typer.Option("--format", help=MEANING["format"])]
Encoding = Annotated[str, typer.Option(metavar="NAME", help=MEANING["encoding"])]
Context = Annotated[
    str, typer.Option(metavar="FILE", help="JSON-LD context, in place of those named by an address.")
]
Schemes = Annotated[list[str] | None, typer.Option("--scheme", metavar="URI|LABEL", help=MEANING["scheme"])]
TopOption = Annotated[Top, typer.Option(help=MEANING["top"])]
Lang = Annotated[str, typer.Option(metavar="en,de", help=MEANING["lang"])]
LeafOption = Annotated[Leaf, typer.Option(help=MEANING["leaf"])]
Depth = Annotated[int | None, typer.Option(min=1, help=MEANING["depth"])]
BelowOption = Annotated[Below, typer.Option(help=MEANING["below"])]
FieldName = Annotated[str, typer.Option(metavar="NAME", help=MEANING["field"])]
Levels = Annotated[str, typer.Option(metavar="2,4,6", help=MEANING["levels"])]
Key = Annotated[KeyBy | None, typer.Option(help=MEANING["key"])]
DeprecatedOption = Annotated[Deprecated, typer.Option(help=MEANING["deprecated"])]
KeepRedundant = Annotated[bool, typer.Option("--keep-redundant", help=MEANING["keep_redundant"])]
OnCycleOption = Annotated[OnCycle, typer.Option(help=MEANING["on_cycle"])]
Skip = Annotated[list[str] | None, typer.Option(metavar="TEXT", help=MEANING["skip"])]


def options_of(
    format_: Format,
    encoding: str,
    context: str,
    scheme: list[str] | None,
    top: Top,
    lang: str,
    leaf: Leaf,
    depth: int | None,
    below: Below,
    field: str,
    levels: str,
    key: KeyBy | None,
    deprecated: Deprecated,
    keep_redundant: bool,
    on_cycle: OnCycle,
    skip: list[str] | None,
) -> Options:
    """The options of a plan from those of a command; raises Invalid."""
    return Options(
        format=format_, encoding=encoding, context=context, schemes=tuple(scheme or ()), top=top,
        languages=languages_of(lang), leaf=leaf, depth=depth, below=below,
        field=field, levels=levels_of(levels), key=key, deprecated=deprecated, keep_redundant=keep_redundant,
        on_cycle=on_cycle, skip=tuple(filter(None, skip or ())),
    )  # fmt: skip
