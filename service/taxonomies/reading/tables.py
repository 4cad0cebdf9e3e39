"""Rows of tables, from CSV or from JSON objects, and the columns they have, by whatever name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from graph.errors import Invalid
from graph.text import clean_text
from service.media import csv_rows
from service.media.lines import Lines
from service.taxonomies.reading.decoding import Decoded
from service.taxonomies.reading.json_objects import Object, pieces
from service.taxonomies.staging import Staging

Row = dict[str, str]
"""Cells by column; the names of columns are lower-case letters and digits only."""

EXCEL_TEXT = re.compile(r'^="?(.*?)"?$', re.DOTALL)
LANGUAGE_AT_END = re.compile(r"^(.*?)[@_\s(-]+([a-z]{2,3})\)?$", re.IGNORECASE)

COLUMNS = {
    "uri": ("uri", "iri", "concepturi", "classuri"),
    "code": (
        "code",
        "notation",
        "classcode",
        "cipcode",
        "forcode",
        "seocode",
        "anzsrccode",
        "codeid",
        "id",
        "class",
        "classification",
    ),
    "label": ("preflabel", "preferredlabel", "label", "title", "ciptitle", "name", "heading", "term", "text"),
    "parent": ("parent", "parentcode", "parentid", "broader", "broadercode"),
    "parent_uri": ("broaderuri", "parenturi", "broaderconcepturi"),
    "level": ("level", "leveltype"),
    "description": ("definition", "description", "desc", "cipdefinition", "scopenote"),
    "alt": ("altlabels", "altlabel", "synonyms", "keywords", "alternativelabels"),
    "hidden": ("hiddenlabels", "hiddenlabel"),
    "type": ("concepttype",),
    "status": ("status",),
    "action": ("action",),
}
"""What a column may be called, the likeliest first."""
KNOWN = {name for names in COLUMNS.values() for name in names}


@dataclass(frozen=True)
class Table:
    """Rows of a file with their numbers, and what their columns are."""

    header: list[str]
    rows: Iterator[tuple[int, Row]]

    def column(self, role: str) -> str:
        """The column with a role, such as code; empty if there is none."""
        return column_of(self.header, role)

    def columns(self, role: str) -> list[tuple[str, str]]:
        """All columns with a role, with their languages: label_de is a label in German."""
        found: list[tuple[str, str]] = []
        for name in self.header:
            if plain(name) in COLUMNS[role] and not any(lang == "" for _, lang in found):
                found.append((name, ""))
            elif (split := LANGUAGE_AT_END.match(name)) and plain(split[1]) in COLUMNS[role]:
                found.append((name, split[2].lower()))
        return found


def column_of(header: Iterable[str], role: str) -> str:
    """The column with a role; empty if there is none."""
    by_name = {plain(name): name for name in reversed([*header])}
    return next((by_name[name] for name in COLUMNS[role] if name in by_name), "")


def plain(name: str) -> str:
    """A column's name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name.lower())


def is_known(name: str) -> bool:
    """Whether a name is one that tables of codes and labels use."""
    split = LANGUAGE_AT_END.match(name)
    return plain(name) in KNOWN or bool(split and plain(split[1]) in KNOWN)


def of_csv(file: Decoded, staging: Staging) -> Table:
    """The table in a CSV file; raises Invalid for a header that cannot be read."""
    rows = csv_rows.rows(csv_lines(file), csv_rows.delimiter_of(header_line(file.start), is_known))
    _, header = next(rows, (1, list[str]()))
    if isinstance(header, Invalid):
        raise Invalid(f"{file.name}, line 1: {header}")
    names = [clean_text(name).strip() for name in header]
    return Table(names, _checked(rows, names, staging))


def csv_lines(file: Decoded) -> Iterator[bytes | None]:
    """The lines of a file, at line feeds, or at carriage returns where there are no others."""
    lines = Lines(csv_rows.LONGEST_READ)
    old = b"\n" not in file.start and b"\r" in file.start
    for piece in pieces(file):
        yield from lines.fed(piece.replace(b"\r", b"\n") if old else piece)
    yield from lines.ended()


def header_line(start: bytes) -> str:
    """The first line of a file."""
    return re.split(rb"[\r\n]", start, maxsplit=1)[0].decode(errors="replace")


def _checked(rows: Iterator[csv_rows.Row], header: list[str], staging: Staging) -> Iterator[tuple[int, Row]]:
    for line, cells in rows:
        if isinstance(cells, Invalid):
            staging.problem("syntax", "", f"line {line}: {cells}")
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            staging.problem("syntax", "", f"line {line}: it has more cells than the header")
            continue
        yield line, {name: cell(text) for name, text in zip(header, cells, strict=False)}


def cell(text: str) -> str:
    """A cell without spaces around it, and without the quotes that keep Excel from reading a code as a
    number."""
    text = clean_text(text).strip()
    if text.startswith("=") and (quoted := EXCEL_TEXT.match(text)):
        return quoted[1].strip()
    return text


def of_objects(objects: Iterator[tuple[int, Object]]) -> Table:
    """The table that JSON objects are; a value that is an object has its parts as field.part."""
    first = next(objects, None)
    if first is None:
        return Table([], iter(()))
    flat = _flat(first[1])

    def rows() -> Iterator[tuple[int, Row]]:
        yield first[0], flat
        for number, record in objects:
            yield number, _flat(record)

    return Table(list(flat), rows())


def _flat(record: Object) -> Row:
    found: Row = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= {f"{name}.{part}": _text(inner) for part, inner in cast(Object, value).items()}
        else:
            found[name] = _text(value)
    return found


def _text(value: Any) -> str:
    """A value as the text of a cell: lists as lines."""
    if isinstance(value, list):
        return "\n".join(_text(_name(part)) for part in cast(list[Any], value))
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return clean_text(str(value)).strip()


def _name(value: Any) -> Any:
    """The name in an object within a list, or the value itself."""
    if isinstance(value, dict):
        part = cast(Object, value)
        return part.get("display_name", part.get("name", ""))
    return value
