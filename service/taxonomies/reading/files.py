"""Reads files of any format into a Staging, and says how each was read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from graph.errors import Invalid
from service.taxonomies import files as own_files
from service.taxonomies.options import Format, Options
from service.taxonomies.reading import codes, jskos, json_objects, openalex, own, presets, rdf, tables
from service.taxonomies.reading.decoding import Decoded
from service.taxonomies.reading.json_objects import Layout
from service.taxonomies.reading.packing import unpacked
from service.taxonomies.reading.sniffing import Sniffed, sniff
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import RDF, SCHEME_TYPES, UNNAMED

RDF_FORMATS = (Format.turtle, Format.rdfxml, Format.jsonld, Format.ntriples)
SAMPLE = 200
LONGEST_CONTEXT = 1_000_000


@dataclass
class Source:
    """A file, and how it was read."""

    file: str
    sha256: str
    bytes: int
    format: str
    compression: str
    encoding: str
    preset: str = ""
    statements: int = 0

    def said(self) -> str:
        """What a user is told, in a line."""
        packed = f", {self.compression}" if self.compression else ""
        coded = "" if self.encoding == "utf-8" else f", {self.encoding}"
        preset = f", as {self.preset}" if self.preset else ""
        return f"{self.file}: {self.format}{packed}{coded}{preset}; {self.statements:,} statements"

    def as_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


def read(source: str, options: Options, staging: Staging) -> Source:
    """Stages a file; `-` is standard input.

    Raises Invalid for a file that cannot be used, and OSError for one that cannot be opened.
    """
    file = unpacked(source, staging.path)
    try:
        text = Decoded(file, options.encoding)
        sniffed = sniff(file.name, text.start, options.format)
        before = staging.statements
        found = Source(
            file.name, file.sha256, file.size, sniffed.format.value, file.compression, text.encoding
        )
        _read(text, sniffed, options, staging, found)
        found.statements = staging.statements - before
        return found
    finally:
        file.close()


def _read(file: Decoded, sniffed: Sniffed, options: Options, staging: Staging, found: Source) -> None:
    if sniffed.format is Format.jsonld and sniffed.layout is Layout.lines:
        _linked_lines(file, options, staging)
    elif sniffed.format in RDF_FORMATS:
        rdf.read(file, sniffed.format, staging, context_of(options))
    elif sniffed.format is Format.jskos:
        records = json_objects.objects(file, sniffed.layout or Layout.lines, staging)
        if sniffed.layout is Layout.within:
            scheme = json_objects.head(file.start.decode(errors="ignore"))
            records = jskos.of_scheme(records, jskos.around(scheme)) if jskos.is_record(scheme) else records
        jskos.read(records, staging)
    elif sniffed.format is Format.csv:
        lines = tables.csv_lines(file)
        items = own_files.csv_items(lines, Path(file.name).stem)
        own.read(items, staging)
        for warning in items.warnings:
            staging.problem("column", "", f"line {warning['line']}: {warning['warning']}")
    elif sniffed.format is Format.ndjson:
        own.read(own_files.ndjson_items(tables.csv_lines(file)), staging)
    else:
        _table(file, sniffed, options, staging, found)


def _linked_lines(file: Decoded, options: Options, staging: Staging) -> None:
    """JSON-LD with a document per line; one document over several lines is read as a stream."""
    context = context_of(options)
    first, _, rest = file.start.lstrip().partition(b"\n")
    if not rest.strip() or not _is_whole(first):
        rdf.read(file, Format.jsonld, staging, context)
        return
    for number, line in enumerate(tables.csv_lines(file), 1):
        if line is None or line.strip():
            try:
                json_objects.line_object(line)
                rdf.read_text(line or b"", staging, context)
            except (ValueError, Invalid) as error:
                staging.problem("syntax", "", f"line {number}: {error}")


def _is_whole(line: bytes) -> bool:
    try:
        json_objects.line_object(line)
    except ValueError:
        return False
    return True


def context_of(options: Options) -> bytes:
    """The JSON-LD context that the user gives; raises Invalid if it is none."""
    if not options.context:
        return b""
    text = Path(options.context).read_bytes()
    try:
        if len(text) > LONGEST_CONTEXT:
            raise ValueError("it is too long")
        found = json_objects.line_object(text)
    except ValueError as error:
        raise Invalid(f"{options.context} is not a JSON-LD context: {error}") from None
    return json_objects.text_of(found.get("@context", found))


def _table(file: Decoded, sniffed: Sniffed, options: Options, staging: Staging, found: Source) -> None:
    table = (
        tables.of_objects(json_objects.objects(file, sniffed.layout, staging), staging)
        if sniffed.layout
        else tables.of_csv(file, staging)
    )
    scheme = _scheme(Path(file.name).stem, staging)
    if openalex.is_topics(table.header):
        found.preset = "OpenAlex"
        openalex.read(table, scheme, staging)
        return
    if not table.columns("label") and not table.column("parent_uri"):
        raise Invalid(
            f"{file.name}: no column looks like a name (label, title, name); there are: "
            f"{', '.join(table.header[:20])}"
        )
    sample = list(islice(table.rows, SAMPLE))
    preset = presets.preset_of(table, [line.cells for line in sample])
    found.preset = preset.name
    codes.read(replace(table, rows=chain(sample, table.rows)), preset, options.levels, scheme, staging)


def _scheme(name: str, staging: Staging) -> str:
    """What the scheme of a table is called. It has no label: the name of a file says nothing of it."""
    scheme = f"{UNNAMED}{name}"
    staging.link(scheme, RDF + "type", SCHEME_TYPES[0])
    return scheme


def said_of_presets(sources: list[Source]) -> Iterator[str]:
    """What is particular about the classifications that were recognised."""
    known = (presets.CIP, presets.ISCED, presets.ANZSRC, presets.MSC, presets.ESCO)
    yield from (f"{p.name}: {p.said}" for p in known if p.name in {source.preset for source in sources})
