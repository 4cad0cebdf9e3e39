"""The columns of a taxonomy's CSV: what each cell of a row means."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from graph.model import RESERVED, Kind, Status
from graph.text import clean_text
from service.media import strict_json

KINDS = {kind.value.lower(): kind for kind in Kind}
OWN = ("description", "weight", "status")
LISTS = ("parent_uris", "notation", "related")
"""Columns of an export with a value per line."""
EXPORTED = (*OWN, "uri", *LISTS, "position", "properties")
"""What an export adds, which a plan takes; POST /v1/nodes:bulk would refuse the fields."""
KNOWN = (*KINDS, *OWN)
STATUSES = frozenset(status.value for status in Status)
# Similarity from which a name may be a misspelling of a known one: disciplin, feild, wieght.
ALIKE = 0.75
LONGEST_PROPERTY = 200

Warn = Callable[[str], None]


def kind_of(column: str) -> Kind | None:
    """The kind that a column is named after, if any: Subfield, sub-field, SUBFIELD 2."""
    return KINDS.get(re.sub(r"[\s_-]|\d+\s*$", "", column.lower()))


@dataclass(frozen=True)
class Columns:
    """What each cell of a row means, by its position."""

    width: int
    path: list[tuple[int, Kind]]
    own: dict[int, str]
    properties: dict[int, str]

    def read(self, cells: Sequence[str], warn: Warn) -> tuple[list[tuple[Kind, str]], dict[str, Any]]:
        """The path that a row names, and the fields of its last node."""

        def cell(n: int) -> str:
            return cells[n].strip() if n < len(cells) else ""

        path = [(kind, name) for n, kind in self.path if (name := cell(n))]
        details: dict[str, Any] = {}
        properties = {name: cells[n] for n, name in self.properties.items() if cell(n)}
        for n, name in self.own.items():
            if not cell(n):
                continue
            if name == "status" and cell(n).lower() not in STATUSES:
                warn(
                    f"values of the column 'status' other than {', '.join(Status)} "
                    "are stored as the property csv_status"
                )
                properties["csv_status"] = cells[n]
            elif name in LISTS:
                details[name] = [text for line in cells[n].split("\n") if (text := line.strip())]
            elif name == "uri":
                details[name] = cell(n)
            elif name == "properties":
                properties |= _object(cells[n], warn)
            else:
                details[name] = cells[n] if name == "description" else cell(n).lower()
        return path, details | ({"properties": properties} if properties else {})

    def lost(self, cells: Sequence[str]) -> int | None:
        """The position, counted from 1, of the first value in a column without a name, if any."""
        used = {n for n, _ in self.path} | self.own.keys() | self.properties.keys()
        return next((n + 1 for n, cell in enumerate(cells) if n not in used and cell.strip()), None)


def _object(text: str, warn: Warn) -> dict[str, Any]:
    """The properties that a cell holds as a JSON object."""
    try:
        found = strict_json.loads(text.encode())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        warn("a cell of the column 'properties' is not a JSON object; stored as the property csv_properties")
        return {"csv_properties": text}
    return cast(dict[str, Any], found)


def columns(header: Sequence[str], warn: Warn, own: Sequence[str] = OWN) -> Columns:
    """The columns that a header defines; warns of names that may be mistakes.

    `own`: the names of columns that are fields of the row's node, OWN or EXPORTED; others are properties.
    """
    found = Columns(len(header), [], {}, {})
    for n, cell in enumerate(header):
        name = " ".join(clean_text(cell).split())[:LONGEST_PROPERTY]
        kind = kind_of(name)
        if kind:
            found.path.append((n, kind))
        elif name.lower() in own and name.lower() not in found.own.values():
            found.own[n] = name.lower()
        elif name:
            found.properties[n] = property_of(name, found.properties.values(), warn)
    return found


def near(column: str) -> str | None:
    """The known name that a column may be a misspelling of, if any."""
    return next(iter(get_close_matches(column.strip().lower(), KNOWN, 1, ALIKE)), None)


def property_of(name: str, taken: Iterable[str], warn: Warn) -> str:
    """The property in which a column of another name than the known ones is kept; `taken`: those of others.

    Warns if the column may be misspelt, or if its name belongs to glan or to another column.
    """
    meant = None if name.lower() in OWN else near(name)
    free = f"csv_{name}" if name in RESERVED else name
    wanted, n = free, 1
    while free in taken:
        n += 1
        free = f"{wanted} {n}"
    if meant:
        warn(f"the column {name!r} is stored as the property {free!r}; if {meant} is meant, call it so")
    elif free != name:
        why = "belongs to glan" if name in RESERVED else "names two columns"
        warn(f"the column {name!r} is stored as the property {free!r}, because its name {why}")
    return free
