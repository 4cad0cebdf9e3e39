"""Which format a file has, told by its content; its name is not looked at."""

import re
from dataclasses import dataclass

from graph.errors import Invalid
from service.taxonomies.columns import kind_of
from service.taxonomies.options import Format
from service.taxonomies.reading import jskos, json_objects, openalex, tables
from service.taxonomies.reading.json_objects import Layout, Object

STATEMENT = re.compile(
    r"\s*(?:#.*|(?:<[^>\s]*>|_:\S+)\s+<[^>\s]*>\s+(?:<[^>]*>|_:\S+|\".*)(?:\s*(?:<[^>\s]*>|_:\S+))?\s*\.\s*(?:#.*)?)?",
    re.DOTALL,
)
TURTLE = re.compile(
    r"^\s*(?:@prefix|@base|prefix\s+[\w.-]*:\s*<|base\s+<|graph\s|\[|_:\w|<[^>\s]*>|[\w.-]*:[\w.%/-]*\s+(?:a\s|<|\{|[\w.-]*:)|\{\s*[^\s\"}])",
    re.IGNORECASE,
)
XML = re.compile(r"\s*<(?:\?xml|!--|!DOCTYPE|rdf:|RDF\b)", re.IGNORECASE)
HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!DOCTYPE\s+html|html)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Sniffed:
    """What a file looks like."""

    format: Format
    layout: Layout | None = None
    """How JSON objects stand in it."""


def sniff(name: str, start: bytes, wanted: Format = Format.auto) -> Sniffed:
    """The format of a file that begins so; `wanted` is taken as it is. Raises Invalid for what is none.

    A table may be wanted as `codes` or `csv`; JSON objects as `codes`, `jskos` or `ndjson`.
    """
    text = start.decode(errors="replace")
    if not text.strip():
        raise Invalid(f"{name} is empty")
    as_json = json_objects.first(start) if text.lstrip()[:1] in ("{", "[") else None
    if wanted is not Format.auto:
        layout = as_json[0] if as_json else None
        return Sniffed(wanted, None if wanted in (Format.csv, Format.turtle) else layout)
    if HTML.match(text):
        raise Invalid(f"{name} is a web page, not a vocabulary; fetch the file behind its download link")
    if as_json:
        return _of_objects(as_json[0], as_json[1])
    if XML.match(text):
        return Sniffed(Format.rdfxml)
    return _of_text(name, text)


def _of_objects(layout: Layout, first: Object) -> Sniffed:
    if jskos.is_record(first):
        return Sniffed(Format.jskos, layout)
    if json_objects.is_linked(first):
        return Sniffed(Format.jsonld, layout)
    if layout in (Layout.lines, Layout.apart) and {"kind", "name"} <= first.keys():
        return Sniffed(Format.ndjson, layout)
    return Sniffed(Format.codes, layout)


def _of_text(name: str, text: str) -> Sniffed:
    lines = text.split("\n")
    whole = [line.rstrip("\r") for line in (lines[:-1] if len(lines) > 1 else lines)]
    if all(map(STATEMENT.fullmatch, whole)) and any(line.strip() and line[0] != "#" for line in whole):
        return Sniffed(Format.ntriples)
    spoken = next((line for line in whole if line.strip() and not line.lstrip().startswith("#")), "")
    if TURTLE.match(spoken) or re.search(r"^\s*@prefix|^\s*prefix\s+\S*:\s*<", text, re.I | re.M):
        return Sniffed(Format.turtle)
    if text.lstrip()[:1] in ("{", "["):
        return Sniffed(Format.jsonld)
    return _of_table(name, text)


def _of_table(name: str, text: str) -> Sniffed:
    header = tables.header_line(text.encode(errors="replace"))
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t|]", header)]
    if openalex.is_topics(cells):
        return Sniffed(Format.codes)
    if any(kind_of(cell) for cell in cells):
        return Sniffed(Format.csv)
    if len(tables.roles(cells)) >= min(2, len(cells)):
        return Sniffed(Format.codes)
    raise Invalid(
        f"{name} is of no format known here: Turtle, RDF/XML, JSON-LD, N-Triples, JSKOS, or a table with "
        "columns named after kinds (field, discipline), or code and label; if it is one of them, say --format"
    )
