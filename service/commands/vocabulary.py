"""The options by which vocabularies are read and planned, shared by the commands that take them."""

from typing import Annotated

import typer

from service.taxonomies.options import (
    Below,
    Deprecated,
    Format,
    KeyBy,
    Leaf,
    OnCycle,
    Options,
    Top,
    levels_of,
)

Sources = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Files that are read as one; - is standard input.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="Format; told by the content by default.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Encoding, such as latin-1.")]
Context = Annotated[
    str, typer.Option(metavar="FILE", help="JSON-LD context, in place of those named by an address.")
]
Schemes = Annotated[
    list[str] | None,
    typer.Option("--scheme", metavar="URI|LABEL", help="Only this concept scheme; may be repeated."),
]
TopOption = Annotated[Top, typer.Option(help="What stands under the taxonomy.")]
Lang = Annotated[
    str,
    typer.Option(metavar="en,de", help="Languages of names, in order; by default English, or the commonest."),
]
LeafOption = Annotated[Leaf, typer.Option(help="What a concept without narrower ones becomes.")]
Depth = Annotated[int | None, typer.Option(min=1, help="Cut at this level.")]
BelowOption = Annotated[Below, typer.Option(help="What becomes of concepts below the cut.")]
FieldName = Annotated[
    str,
    typer.Option(metavar="NAME", help="Field for concepts that stand alone; by default the scheme's name."),
]
Levels = Annotated[
    str, typer.Option(metavar="2,4,6", help="Lengths of codes from the top down; others are left out.")
]
Key = Annotated[
    KeyBy | None,
    typer.Option(help="What makes two concepts the same; by default the first that all have."),
]
DeprecatedOption = Annotated[
    Deprecated, typer.Option(help="Leave deprecated concepts out, or keep them as retired.")
]
KeepRedundant = Annotated[
    bool, typer.Option("--keep-redundant", help="Keep edges to concepts that stand above another parent.")
]
OnCycleOption = Annotated[OnCycle, typer.Option(help="Leave an edge of each cycle out, or refuse the file.")]
Skip = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help="Leave out concepts with this in their name; may be repeated."),
]


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
        languages=tuple(filter(None, map(str.strip, lang.split(",")))), leaf=leaf, depth=depth, below=below,
        field=field, levels=levels_of(levels), key=key, deprecated=deprecated, keep_redundant=keep_redundant,
        on_cycle=on_cycle, skip=tuple(filter(None, skip or ())),
    )  # fmt: skip
