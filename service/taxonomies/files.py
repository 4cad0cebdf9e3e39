"""Taxonomy files into the items of a bulk insertion.

CSV: columns named after kinds (taxonomy, field, subfield, discipline, subject; `subfield 2`, ... for deeper
ones) make a path, a row each; `description` and `weight` belong to the row's last node, any other column is
one of its properties. NDJSON: the items of POST /v1/nodes:bulk as they are.
"""

import csv
import io
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO, cast

from graph.errors import Invalid
from graph.model import Kind, normal_name

BUILT_IN = "glan"
# No more than the refs that the service and its client keep.
MOST_SEEN = 50_000
BUILT_IN_NAME = "GLAN"
Item = tuple[int, dict[str, Any]]

_KINDS = {kind.value.lower(): kind for kind in Kind}


def read(source: str, under: str | None) -> Iterator[Item]:
    """Items with the line of the file they come from; `under`: id of the node above the topmost ones.

    Raises Invalid for a file that cannot be read or has no column named after a kind.
    """
    if source == BUILT_IN:
        text = files("service.taxonomies").joinpath("glan.csv").read_text(encoding="utf-8")
        return _from_csv(io.StringIO(text, newline=""), BUILT_IN_NAME, under)
    path = Path(source)
    if path.suffix.lower() not in (".csv", ".ndjson", ".jsonl"):
        raise Invalid(f"{source}: the name of a taxonomy file ends in .csv, .ndjson or .jsonl")
    file = path.open(encoding="utf-8-sig", newline="")
    if path.suffix.lower() != ".csv":
        return _whole(source, file, _from_ndjson(file, under))
    try:
        items = _from_csv(file, path.stem, under)
    except UnicodeDecodeError as error:
        file.close()
        raise _no_text(source, error) from error
    except Invalid:
        file.close()
        raise
    return _whole(source, file, items)


def _whole(source: str, file: TextIO, items: Iterator[Item]) -> Iterator[Item]:
    """The items as they are read, and the file closed after the last."""
    with file:
        try:
            yield from items
        except UnicodeDecodeError as error:
            raise _no_text(source, error) from error


def _no_text(source: str, error: UnicodeDecodeError) -> Invalid:
    return Invalid(f"{source} is not UTF-8 text: {error}")


def _lines(file: TextIO) -> Iterator[str]:
    """Lines that end with a line feed: a text may hold U+2028, or a carriage return, where Python cuts."""
    rest = ""
    while part := file.read(65_536):
        *lines, rest = (rest + part).split("\n")
        yield from lines
    yield rest


def _from_ndjson(file: TextIO, under: str | None) -> Iterator[Item]:
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            item = {"error": f"the line is no JSON: {error}"}
        yield number, _placed(item, under)


def _placed(item: Any, under: str | None) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {"error": "the line is no JSON object"}
    found = cast(dict[str, Any], item)
    placed = {"parent_id", "parent_ids", "parent_path", "parent_ref"} & found.keys()
    if under and not placed and found.get("kind") != Kind.Taxonomy:
        found["parent_id"] = under
    return found


def _from_csv(file: TextIO, name: str, under: str | None) -> Iterator[Item]:
    reader = csv.DictReader(file)
    columns = [(column, kind) for column in reader.fieldnames or () if (kind := _kind_of(column))]
    if not columns:
        raise Invalid("the first line of the CSV names no kind; columns: taxonomy, field, discipline, ...")
    return _rows(reader, columns, name, under)


def _kind_of(column: str) -> Kind | None:
    return _KINDS.get(column.strip().lower().rstrip("0123456789 "))


def _rows(
    reader: "csv.DictReader[str]", columns: list[tuple[str, Kind]], name: str, under: str | None
) -> Iterator[Item]:
    seen: dict[str, None] = {}
    top = [] if under or columns[0][1] is Kind.Taxonomy else [(Kind.Taxonomy, name)]
    named = {column for column, _ in columns}
    for row in _records(reader):
        path = top + [(kind, value) for column, kind in columns if (value := (row[column] or "").strip())]
        extra = {k: v for k, v in row.items() if k and k not in named and v}
        if None in row:
            yield reader.line_num, {"error": "the row has more values than there are columns"}
        elif len(path) == len(top):
            yield reader.line_num, {"error": "the row names no node"}
        else:
            yield from ((reader.line_num, item) for item in _new(path, extra, seen, under))


def _records(reader: "csv.DictReader[str]") -> Iterator[dict[str | Any, str | Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Invalid(f"line {reader.reader.line_num}: {error}") from error


def _new(
    path: list[tuple[Kind, str]], extra: dict[str, str], seen: dict[str, None], under: str | None
) -> Iterator[dict[str, Any]]:
    """An item for each node of the path that no earlier row has named, and always for the last one."""
    above: str | None = None
    for n, (kind, name) in enumerate(path):
        ref = "/".join(normal_name(part).replace("/", "\\/") for _, part in path[: n + 1])
        if ref in seen:
            seen[ref] = seen.pop(ref)
        if ref not in seen or n == len(path) - 1:
            _keep(seen, ref)
            parent = {"parent_ref": above} if above else {"parent_id": under} if under else {}
            details = _details(extra) if n == len(path) - 1 else {}
            yield {"ref": ref, "kind": kind.value, "name": name} | parent | details
        above = ref


def _keep(seen: dict[str, None], ref: str) -> None:
    """A file may be of any length; what is forgotten is sent again, and is there already."""
    seen[ref] = None
    if len(seen) > MOST_SEEN:
        del seen[next(iter(seen))]


def _details(extra: dict[str, str]) -> dict[str, Any]:
    own = {name: extra[name] for name in ("description", "weight") if name in extra}
    rest = {name: value for name, value in extra.items() if name not in own}
    return own | ({"properties": rest} if rest else {})
