"""Votes of a file, line by line: CSV with a header, or NDJSON."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any

from pydantic import ValidationError

from graph.errors import Invalid
from graph.review.counting import Choice, VoterKind
from graph.review.loading import Line, Loaded
from graph.review.votes import LONGEST_COMMENT
from service.media import csv_rows, strict_json
from service.media.content_type import media_type
from service.refusals import BodyTooLarge, Malformed, Unsupported

CSV, NDJSON = ("text/csv",), ("application/x-ndjson", "application/jsonl")
LONGEST_LINE = 20_000
"""Of NDJSON in bytes, of CSV in characters; a comment has at most 2,000 characters."""
MOST_LINES = 1_000_000
AT_ONCE = 2_000
"""Lines that are read and in memory at once."""
MOST_NAMED = 10
COLUMNS = tuple(Loaded.model_fields)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["who", "choice"],
    "properties": {
        "node": {"type": "string", "description": "Id of the node"},
        "uri": {"type": "string", "description": "Its URI, instead"},
        "who": {"type": "string", "maxLength": 200, "description": "The voter"},
        "choice": {"enum": [*Choice]},
        "comment": {"type": "string", "maxLength": LONGEST_COMMENT},
        "kind": {"enum": [*VoterKind], "default": VoterKind.person},
    },
}
"""One line of NDJSON, for the OpenAPI document."""
EXAMPLE = "node,who,choice,comment\n0199f0c2a7b1c3d4e5f60718,Ada,keep,\n"


async def read(content_type: str, body: bytes) -> AsyncIterator[list[Line]]:
    """The votes in parts, each with its line counted from 1; an invalid line is an Invalid in its place.

    Raises, before the first part, Unsupported for another type, BodyTooLarge for too many lines, and
    Malformed if the whole cannot be read.
    """
    kind = media_type(content_type)
    if kind not in CSV + NDJSON:
        given = f"Content-Type: {content_type}" if content_type else "no Content-Type"
        raise Unsupported(
            f"this was sent with {given}: send Content-Type: text/csv with the columns node or uri, who, "
            "choice and comment, or application/x-ndjson with one such object per line"
        )
    if max(body.count(b"\n"), body.count(b"\r")) > MOST_LINES:
        raise BodyTooLarge(f"a file of votes may have at most {MOST_LINES:,} lines; send it in several parts")
    if kind in NDJSON:
        return _parts(_objects(body))
    await asyncio.to_thread(_require_rows, body)
    return _parts(_rows(body))


async def _parts(lines: Iterator[Line]) -> AsyncIterator[list[Line]]:
    while part := await asyncio.to_thread(lambda: [*islice(lines, AT_ONCE)]):
        yield part


def _require_rows(body: bytes) -> None:
    """Raises Malformed for a CSV that cannot be read to its end: none of it is stored then."""
    rows = _cells(body)
    none: list[str] = []
    _require_columns(next(rows, (1, none))[1])
    for _ in rows:
        pass


def _rows(body: bytes) -> Iterator[Line]:
    rows = _cells(body)
    _, columns = next(rows)
    return ((line, _row(columns, cells)) for line, cells in rows if any(cells))


def _cells(body: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows, each with the line where it begins; first the names of the columns in lower case."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"the CSV is not UTF-8: byte {error.start} cannot be read") from None
    delimiter = csv_rows.delimiter_of(text.partition("\n")[0], lambda name: name.strip().lower() in COLUMNS)
    rows = csv.reader(_short(io.StringIO(text, newline="")), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in rows:
            yield line, cells if line > 1 else [name.strip().lower() for name in cells]
            line = rows.line_num + 1
    except csv.Error as error:
        raise Malformed(f"line {rows.line_num} of the CSV cannot be read: {error}") from None


def _short(lines: Iterable[str]) -> Iterator[str]:
    """The same lines; a longer one would become millions of cells before it could be refused."""
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise Malformed(f"line {number} of the CSV has more than {LONGEST_LINE:,} characters")
        yield line


def _require_columns(columns: list[str]) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in ("who", "choice") if name not in columns]
    if "node" not in columns and "uri" not in columns:
        missing.insert(0, "node or uri")
    if unknown or missing or len({*columns}) < len(columns):
        told = (
            f"missing: {', '.join(missing)}"
            if missing
            else f"it has {', '.join(unknown[:MOST_NAMED]) or 'one twice'}"
        )
        raise Malformed(f"the columns of the CSV are node or uri, who, choice, comment and kind; {told}")


def _row(columns: list[str], cells: list[str]) -> Loaded | Invalid:
    if len(cells) != len(columns):
        return Invalid(f"it has {len(cells)} cells, and the header {len(columns)}")
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    if "choice" in given:
        given["choice"] = given["choice"].lower()
    return _vote(given)


def _objects(body: bytes) -> Iterator[Line]:
    for number, line in enumerate(io.BytesIO(body), 1):
        if len(line) > LONGEST_LINE:
            yield number, Invalid(f"a line may have at most {LONGEST_LINE:,} bytes")
        elif line.strip():
            try:
                given = strict_json.loads(line)
            except ValueError as error:
                yield number, Invalid(f"the line is not JSON: {error}")
            else:
                yield number, _vote(given)


def _vote(given: Any) -> Loaded | Invalid:
    try:
        return Loaded.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return Invalid(f"{where + ': ' if where else ''}{first['msg']}")
