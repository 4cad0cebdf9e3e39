"""The parameters of an import: the options of `glan taxonomy load` that make sense for one body."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from graph.model import Text
from service.taxonomies.importing import Target
from service.taxonomies.options import (
    MEANING,
    Below,
    Deprecated,
    Format,
    KeyBy,
    Leaf,
    LoadedAs,
    Missing,
    OnCycle,
    OnExisting,
    Options,
    Top,
    languages_of,
    levels_of,
)

LONG, SHORT, MANY, DEEPEST = 1000, 200, 100, 1000


@dataclass(frozen=True)
class Place:
    """Where an import goes, and how: a Target but for the kind of its node, and what happens to the rest."""

    target: Target
    missing: Missing
    under: str | None


def _options(
    format_: Annotated[Format, Query(alias="format", description=MEANING["format"])] = Options.format,
    encoding: Annotated[str, Query(max_length=40, description=MEANING["encoding"])] = Options.encoding,
    scheme: Annotated[
        list[Annotated[Text, Query(max_length=LONG)]] | None,
        Query(max_length=MANY, description=MEANING["scheme"]),
    ] = None,
    top: Annotated[Top, Query(description=MEANING["top"])] = Options.top,
    lang: Annotated[str, Query(max_length=SHORT, description=MEANING["lang"])] = "",
    leaf: Annotated[Leaf, Query(description=MEANING["leaf"])] = Options.leaf,
    depth: Annotated[int | None, Query(ge=1, le=DEEPEST, description=MEANING["depth"])] = Options.depth,
    below: Annotated[Below, Query(description=MEANING["below"])] = Options.below,
    field: Annotated[Text, Query(max_length=LONG, description=MEANING["field"])] = Options.field,
    levels: Annotated[str, Query(max_length=SHORT, description=MEANING["levels"])] = "",
    key: Annotated[KeyBy | None, Query(description=MEANING["key"])] = Options.key,
    deprecated: Annotated[Deprecated, Query(description=MEANING["deprecated"])] = Options.deprecated,
    keep_redundant: Annotated[bool, Query(description=MEANING["keep_redundant"])] = Options.keep_redundant,
    on_cycle: Annotated[OnCycle, Query(description=MEANING["on_cycle"])] = Options.on_cycle,
    skip: Annotated[
        list[Annotated[Text, Query(max_length=SHORT)]] | None,
        Query(max_length=MANY, description=MEANING["skip"]),
    ] = None,
) -> Options:
    return Options(
        format=format_, encoding=encoding, schemes=tuple(scheme or ()), top=top, leaf=leaf, depth=depth,
        languages=languages_of(lang), below=below, field=field,
        levels=levels_of(levels), key=key, deprecated=deprecated, keep_redundant=keep_redundant,
        on_cycle=on_cycle, skip=tuple(filter(None, skip or ())),
    )  # fmt: skip


def _place(
    name: Annotated[Text, Query(max_length=LONG, description=MEANING["name"])] = Target.name,
    under: Annotated[
        Text | None, Query(description="Id of the node to put the topmost nodes under; default: none")
    ] = None,
    on_existing: Annotated[OnExisting, Query(description=MEANING["on_existing"])] = Target.on_existing,
    missing: Annotated[Missing, Query(description=MEANING["missing"])] = Missing.keep,
    as_: Annotated[LoadedAs, Query(alias="as", description=MEANING["as"])] = Target.loaded_as,
) -> Place:
    return Place(Target(on_existing, as_, name), missing, under)


TheOptions = Annotated[Options, Depends(_options)]
ThePlace = Annotated[Place, Depends(_place)]
