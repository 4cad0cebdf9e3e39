"""Rows of tables, from CSV or from JSON objects, and the columns they have, by whatever name."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple, cast

from graph.errors import Invalid
from graph.text import clean_text
from service.media import csv_rows
from service.media.lines import Lines
from service.taxonomies.reading.decoding import Decoded
from service.taxonomies.reading.json_objects import Object, is_list_of_objects, pieces
from service.taxonomies.staging import Staging

Row = dict[str, str]
"""Cells by column."""


class Line(NamedTuple):
    """A row with its number in the file, and how many rows it stands within, as narrower objects do."""

    number: int
    cells: Row
    depth: int = 0


EXCEL_TEXT = re.compile(r'^="?(.*?)"?$', re.DOTALL)
LANGUAGE_AT_END = re.compile(
    r"^(?P<column>.*?)[@_.\s(-]+(?P<tag>[a-z]{2,3}(?:[_-][a-z]{4})?(?:[_-](?:[a-z]{2}|\d{3}))?)\)?$",
    re.IGNORECASE,
)
LANGUAGE_BY_NAME = re.compile(r"^(?P<column>\w+)[\s_(-]+(?P<name>[^\W\d_]{4,}(?: [^\W\d_]+)?)\)?$")
# As in "HECoS Code" and "jelCode", but not in "postcode".
SOME_CODE = re.compile(r"(?:[\W_](?i:code)|(?<=\w)Code)$")
# As a repeated name is written, see _unique.
REPEATED = re.compile(r" \(\d+\)$")

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
    "narrower": ("narrower", "narrowercode", "narroweruri"),
    "related": ("related", "seealso"),
    "level": ("level", "leveltype"),
    "definition": ("definition", "description", "desc", "cipdefinition"),
    "scopeNote": ("scopenote", "scopenotes"),
    "note": ("note", "notes"),
    "example": ("example", "examples"),
    "editorialNote": ("editorialnote", "editorialnotes"),
    "historyNote": ("historynote", "historynotes"),
    "changeNote": ("changenote", "changenotes"),
    "altLabel": ("altlabels", "altlabel", "synonyms", "keywords", "alternativelabels"),
    "hiddenLabel": ("hiddenlabels", "hiddenlabel"),
    "exactMatch": ("exactmatch",),
    "closeMatch": ("closematch",),
    "broadMatch": ("broadmatch",),
    "narrowMatch": ("narrowmatch",),
    "relatedMatch": ("relatedmatch",),
    "type": ("concepttype",),
    "status": ("status",),
    "action": ("action",),
}
"""What a column may be called, by its role; the likeliest first. Roles in SKOS are called as there."""
ROLE_OF = {name: role for role, names in COLUMNS.items() for name in names}
WITHIN = ("narrower", "narrow", "children", "subclasses", "subcategories")
"""What objects of JSON within another one are called; columns of these names may hold numbers of them."""
NOTES = ("definition", "scopeNote", "note", "example", "editorialNote", "historyNote", "changeNote")
LINKS = ("parent", "parent_uri", "narrower", "related", *(name for name in COLUMNS if name.endswith("Match")))
WAITING = "rows"
IN_LANGUAGES = ("label", "altLabel", "hiddenLabel", *NOTES)


@dataclass(frozen=True)
class Table:
    """Rows of a file with their numbers, and what their columns are."""

    header: list[str]
    rows: Iterator[Line]

    @cached_property
    def roles(self) -> dict[str, tuple[str, str]]:
        """The roles of its columns, see roles."""
        return roles(self.header)

    def column(self, role: str) -> str:
        """The likeliest column with a role, such as code; empty if there is none."""
        names, order = [name for name, _ in self.columns(role)], COLUMNS[role]
        return min(names, key=lambda name: [*order, plain(name)].index(plain(name)), default="")

    def columns(self, role: str) -> list[tuple[str, str]]:
        """All columns with a role, with their languages: label_de is a label in German."""
        return [(name, lang) for name, (one, lang) in self.roles.items() if one == role]


def roles(header: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The role and language of each column that has a role; the language is mostly empty.

    Where no column has the role of the code, the one called "HECoS Code" or the like before the first label
    has it, and its label may be called "HECoS Title".
    """
    names = [*header]
    found = {name: told for name in names if (told := _told(name))}
    given = {role for role, _ in found.values()}
    if not given & {"uri", "code"}:
        before = takewhile(lambda name: found.get(name, ("",))[0] != "label", names)
        if coded := next((name for name in before if name not in found and SOME_CODE.search(name)), None):
            found[coded] = ("code", "")
    if "label" not in given:
        whose = {plain(name).removesuffix("code") for name, (role, _) in found.items() if role == "code"}
        labels = {f"{one}{label}" for one in whose - {""} for label in COLUMNS["label"]}
        found |= {name: ("label", "") for name in names if plain(name) in labels}
    return {name: found[name] for name in names if name in found}


def _told(name: str) -> tuple[str, str] | None:
    """The role and language that a column's name tells by itself."""
    if role := ROLE_OF.get(plain(name)):
        return role, ""
    if (tagged := LANGUAGE_AT_END.match(name)) and (role := ROLE_OF.get(plain(tagged["column"]))):
        return (role, tagged["tag"].replace("_", "-").lower()) if role in IN_LANGUAGES else None
    if (named := LANGUAGE_BY_NAME.match(name)) and (role := ROLE_OF.get(plain(named["column"]))):
        lang = _language_called(named["name"]) if role in IN_LANGUAGES else ""
        return (role, lang) if lang else None
    return None


def _language_called(name: str) -> str:
    """The tag of a language with a code of two letters, by its name; empty if there is none."""
    import langcodes

    try:
        found = langcodes.find(name)
    except LookupError:
        return ""
    return found.to_tag().lower() if len(found.language or "") == 2 else ""


@lru_cache(10_000)
def plain(name: str) -> str:
    """A column's name without case, spaces and punctuation, and without the number of a repeated one."""
    return re.sub(r"[\W_]+", "", REPEATED.sub("", name).lower())


def is_known(name: str) -> bool:
    """Whether a name is one that tables of codes and labels use."""
    return bool(_told(name) or SOME_CODE.search(name))


def of_csv(file: Decoded, staging: Staging) -> Table:
    """The table in a CSV file; raises Invalid for a header that cannot be read."""
    lines, skipped = csv_lines(file), int(bool(separator(file.start)))
    rows = csv_rows.rows(islice(lines, skipped, None), delimiter(file.start))
    _, header = next(rows, (1, list[str]()))
    if isinstance(header, Invalid):
        raise Invalid(f"{file.name}, line {skipped + 1}: {header}")
    names = _unique([clean_text(name).strip() for name in header])
    return Table(names, _checked(((line + skipped, cells) for line, cells in rows), names, staging))


def _unique(names: list[str]) -> list[str]:
    """Names of columns, each once: the second Code is Code (2), a fifth without a name is column 5."""
    found: dict[str, None] = {}
    for n, name in enumerate(names, 1):
        free, many = name or f"column {n}", 1
        while free in found:
            many += 1
            free = f"{name or f'column {n}'} ({many})"
        found[free] = None
    return [*found]


def csv_lines(file: Decoded) -> Iterator[bytes | None]:
    """The lines of a file, at line feeds, or at carriage returns where there are no others."""
    lines = Lines(csv_rows.LONGEST_READ)
    old = b"\n" not in file.start and b"\r" in file.start
    for piece in pieces(file):
        yield from lines.fed(piece.replace(b"\r", b"\n") if old else piece)
    yield from lines.ended()


def delimiter(start: bytes) -> str:
    """The delimiter that a table names, or that of its columns."""
    return separator(start) or csv_rows.delimiter_of(header_line(start), is_known)


def separator(start: bytes) -> str:
    """The delimiter that a first line such as sep=; names; empty if there is none."""
    return csv_rows.named_delimiter(_line(start, 0))


def header_line(start: bytes) -> str:
    """The line with the names of the columns."""
    return _line(start, int(bool(separator(start))))


def _line(start: bytes, n: int) -> str:
    return [*re.split(rb"\r?\n|\r", start, maxsplit=n + 1), b"", b""][n].decode(errors="replace")


def _checked(rows: Iterable[csv_rows.Row], header: list[str], staging: Staging) -> Iterator[Line]:
    for line, cells in rows:
        if isinstance(cells, Invalid):
            staging.problem("syntax", "", f"line {line}: {cells}")
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            staging.problem("syntax", "", f"line {line}: it has more cells than the header")
            continue
        yield Line(line, {name: cell(text) for name, text in zip(header, cells, strict=False)})


def cell(text: str) -> str:
    """A cell without spaces around it, and without the quotes that keep Excel from reading a code as a
    number."""
    text = clean_text(text).strip()
    if text.startswith("=") and (quoted := EXCEL_TEXT.match(text)):
        return quoted[1].strip()
    return text


def of_objects(objects: Iterable[tuple[int, Object]], staging: Staging) -> Table:
    """The table that JSON objects are, with every column that any of them has.

    A value that is an object has its parts as field.part; narrower objects in an object are rows within its
    row. Rows wait in a file until the last one was seen. What a cell cannot hold is a problem
    `lost_statements`.
    """
    header: dict[str, None] = {}
    path = staging.path / WAITING
    with path.open("w") as waiting:
        for number, record in objects:
            for depth, one in _with_narrower(record):
                cells, lost = _flat(one)
                header |= dict.fromkeys(cells)
                if lost:
                    staging.problem("lost_statements", "", f"record {number}: not kept: {', '.join(lost)}")
                waiting.write(json.dumps([number, cells, depth]) + "\n")
    return Table([*header], _waiting(path))


def _waiting(path: Path) -> Iterator[Line]:
    with path.open() as file:
        for line in file:
            yield Line(*json.loads(line))


def _with_narrower(record: Object) -> Iterator[tuple[int, Object]]:
    """An object, and all within it that are narrower, each with its depth and after what it stands within."""
    waiting = [(0, record)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        inner = [part for name, value in one.items() if _are_narrower(name, value) for part in value]
        waiting += [(depth + 1, part) for part in reversed(inner) if isinstance(part, dict)]


def _are_narrower(name: str, value: Any) -> bool:
    return plain(name) in WITHIN and is_list_of_objects(value)


def _flat(record: Object) -> tuple[Row, list[str]]:
    """The cells of an object, and the names of what no cell can hold."""
    found: Row = {}
    lost: list[str] = []
    for name, value in record.items():
        if isinstance(value, dict):
            parts = {f"{name}.{part}": inner for part, inner in cast(Object, value).items()}
        else:
            parts = {} if _are_narrower(name, value) else {name: value}
        found |= {part: _text(_linked(inner) if _is_link(part) else inner) for part, inner in parts.items()}
        lost += [part for part, inner in parts.items() if inner and not found[part] and not _is_blank(inner)]
    return found, lost


def _is_link(name: str) -> bool:
    return ROLE_OF.get(plain(name)) in LINKS


def _linked(value: Any) -> Any:
    """What is linked to, by URI or code where it is described by an object."""
    if isinstance(value, list):
        return [_linked(part) for part in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    part = cast(Object, value)
    table = Table([*part], iter(()))
    return part.get(table.column("uri") or table.column("code"))


def _is_blank(value: Any) -> bool:
    values = cast(list[Any], value) if isinstance(value, list) else [value]
    return all(one is None or isinstance(one, str) for one in values)


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
