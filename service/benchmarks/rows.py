"""Reads rows from a file: JSONL, JSON, CSV, TSV (each also gzipped) or Parquet, a part of it in memory.

A text is UTF-8, or what its byte order mark or its first zeros say, unless an encoding is named. Cells of CSV
are parted by what parts the names of its columns.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from graph.errors import Invalid
from service.media import csv_rows, encodings, strict_json

Row = dict[str, Any]

FORMS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
LARGEST_JSON = 200_000_000
LONGEST_CELL = 10_000_000
AT_ONCE = 1_000
START = 4


def form_of(path: Path) -> str:
    """The form of a file by its name, such as .csv; raises Invalid for others."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    if not suffixes or suffixes[-1] not in FORMS:
        raise Invalid(
            f"{path.name}: the name of a benchmark's file ends in {', '.join(FORMS[:-1])}, each also with "
            f".gz, or in {FORMS[-1]}"
        )
    return suffixes[-1]


def read(path: Path, encoding: str = "") -> Iterator[Row]:
    """The rows of a file; raises Invalid with the line that cannot be read.

    `encoding`: of the text, such as cp1252; empty: told by it.
    """
    form = form_of(path)
    if form == ".parquet":
        yield from _parquet(path)
        return
    with _opened(path, encoding) as file:
        try:
            match form:
                case ".json":
                    yield from _json(path, file)
                case ".csv" | ".tsv":
                    yield from _csv(path, file, "\t" if form == ".tsv" else "")
                case _:
                    yield from _lines(path, file)
        except UnicodeDecodeError as error:
            advice = "" if encoding else "; if it is Latin-1, say --encoding latin-1"
            raise Invalid(f"{path.name} is not {error.encoding}: {error.reason}{advice}") from None
        except (EOFError, gzip.BadGzipFile) as error:
            raise Invalid(f"{path.name} cannot be read: {error}") from None


def _opened(path: Path, encoding: str) -> IO[str]:
    zipped = path.suffix.lower() == ".gz"
    raw = cast(IO[bytes], gzip.open(path, "rb") if zipped else path.open("rb"))  # noqa: SIM115 - closed by the wrapper
    try:
        start = raw.read(START)
        mark = encodings.mark_of(start)
        raw.seek(len(mark))
        known = encodings.MARKS.get(mark) or encodings.by_zeros(start) or "utf-8"
        if encoding:
            known = encodings.told(encoding, start, path.name)
    except (EOFError, gzip.BadGzipFile) as error:
        raw.close()
        raise Invalid(f"{path.name} cannot be read: {error}") from None
    except Invalid:
        raw.close()
        raise
    return io.TextIOWrapper(raw, encoding=known, newline="")


def _lines(path: Path, file: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield _object(path, number, line)


def _object(path: Path, number: int, line: str) -> Row:
    try:
        found = strict_json.loads(line.encode())
    except ValueError as error:
        raise Invalid(f"{path.name}, line {number}: it is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Invalid(f"{path.name}, line {number}: it is not a JSON object")
    return cast(Row, found)


def _json(path: Path, file: IO[str]) -> Iterator[Row]:
    """The objects of a list, which may be the one list of an object, such as {"examples": [...]}."""
    text = file.read(LARGEST_JSON + 1)
    if len(text) > LARGEST_JSON:
        raise Invalid(f"{path.name} is too large for one list of JSON; write one object per line (.jsonl)")
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{path.name} is not JSON: {error}") from None
    if isinstance(found, dict):
        lists: list[Any] = [value for value in cast(Row, found).values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else None
    rows = cast(list[Any], found) if isinstance(found, list) else []
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise Invalid(f"{path.name} holds no list of objects; write one object per line (.jsonl)")
    yield from cast(list[Row], rows)


def _csv(path: Path, file: IO[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    first = file.readline()
    before = 0
    if named := csv_rows.named_delimiter(first):
        first, delimiter, before = file.readline(), named, 1
    delimiter = delimiter or csv_rows.delimiter_of(first)
    reader = csv.DictReader(chain([first], file), delimiter=delimiter, strict=True)
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        for row in reader:
            if any(cell.strip() for cell in cast(Any, row).pop(None, ())):
                raise Invalid(
                    f"{path.name}, line {reader.line_num + before}: it has more cells than the header; "
                    f"a text with {delimiter!r} in it must stand in quotes"
                )
            yield cast(Row, row)
    except csv.Error as error:
        raise Invalid(f"{path.name}, after line {reader.line_num + before}: {error}") from None


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow.lib
    import pyarrow.parquet

    parquet: Any = pyarrow.parquet
    invalid: type[Exception] = cast(Any, pyarrow.lib).ArrowInvalid
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=AT_ONCE):
                yield from batch.to_pylist()
    except invalid as error:
        raise Invalid(f"{path.name} is not a Parquet file: {error}") from None
