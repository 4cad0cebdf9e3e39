"""Reads taxonomy files into the items of a bulk insertion.

CSV: columns named after kinds (taxonomy, field, subfield, discipline, subject; `subfield 2`, ... for deeper
ones) make one path per row; `description`, `weight` and `status` belong to the row's last node, any other
column is one of its properties. NDJSON: the items of POST /v1/nodes:bulk, unchanged.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO, cast

from graph.errors import Invalid
from graph.model import Kind, digest
from graph.text import is_whole, normal_name
from service.media import csv_rows, strict_json
from service.media.lines import LONGEST_LINE, Lines
from service.taxonomies.columns import EXPORTED, OWN, Columns, columns, kind_of, near

BUILT_IN = "glan"
BUILT_IN_NAME = "GLAN"
# At most the number of refs that the service and its client keep.
MOST_SEEN = 50_000
PIECE = 65_536
# With these, a file is planned as a whole before anything of it is inserted.
NAMES_URIS = ("uri", "parent_uris", "@id")
Item = tuple[int, dict[str, Any]]

ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


class Upper(dict[str, Any]):
    """The item for a node that a row names only on the path to its own node."""


@dataclass
class TaxonomyFile:
    """The items of a file with the lines that they come from, read on demand.

    An invalid line yields {"error": ...} in place of its item.
    """

    items: Iterator[Item]
    warnings: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """{line, warning} for what was loaded but may be a mistake."""

    def __iter__(self) -> Iterator[Item]:
        return self.items

    def warn(self, line: int, warning: str) -> None:
        """Records a warning, unless the same text is recorded already."""
        if all(known["warning"] != warning for known in self.warnings):
            self.warnings.append({"line": line, "warning": warning})


def read(source: str, under: str | None) -> TaxonomyFile:
    """Opens a taxonomy file, or the built-in one. `under`: id of the node to put the topmost nodes under.

    Raises Invalid if the file is not of a known form or has no column named after a kind.
    """
    if source == BUILT_IN:
        file = files("service.taxonomies").joinpath("glan.csv").open("rb")
        return _opened(source, cast(BinaryIO, file), BUILT_IN_NAME, under)
    path = Path(source)
    if path.suffix.lower() not in (".csv", ".tsv", ".ndjson", ".jsonl"):
        raise Invalid(f"{source}: the name of a taxonomy file ends in .csv, .tsv, .ndjson or .jsonl")
    file = path.open("rb")
    if path.suffix.lower() in (".csv", ".tsv"):
        return _opened(source, file, path.stem, under)
    return TaxonomyFile(_from_ndjson(_lines(source, file, LONGEST_LINE), under))


def sha256_of(source: str) -> str:
    """The SHA-256 of a taxonomy file, or of the built-in one."""
    built_in = files("service.taxonomies").joinpath("glan.csv")
    with built_in.open("rb") if source == BUILT_IN else Path(source).open("rb") as file:
        return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()


def is_loaded_by_rows(source: str) -> bool:
    """Whether a file is CSV with columns named after kinds, or NDJSON of items, and names no URIs.

    Raises OSError if it cannot be opened.
    """
    path = Path(source)
    if path.suffix.lower() not in (".csv", ".tsv", ".ndjson", ".jsonl"):
        return False
    with path.open("rb") as file:
        first = file.readline(PIECE).removeprefix(b"\xef\xbb\xbf")
        if first.lower().startswith(b"sep="):
            first = file.readline(PIECE)
    text = first.decode(errors="replace").strip()
    if path.suffix.lower() in (".ndjson", ".jsonl"):
        return '"kind"' in text and not any(f'"{name}"' in text for name in NAMES_URIS)
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t|]", text)]
    kinds = [cell for cell in cells if kind_of(cell) or kind_of(near(cell) or "")]
    return bool(kinds) and not any(cell.lower() in NAMES_URIS for cell in cells)


def _lines(source: str, file: BinaryIO, longest: int) -> Iterator[bytes | None]:
    """The lines of a file without its byte order mark; closes it after the last."""
    with file:
        lines = Lines(longest)
        piece = file.read(PIECE)
        _require_utf8(source, piece)
        piece = piece.removeprefix(b"\xef\xbb\xbf")
        while piece:
            yield from lines.fed(piece)
            piece = file.read(PIECE)
        yield from lines.ended()


def _require_utf8(source: str, start: bytes) -> None:
    encoding = next((name for mark, name in ENCODINGS.items() if start.startswith(mark)), None)
    if encoding is None and b"\x00" in start[:4]:
        encoding = "UTF-16"
    if encoding:
        raise Invalid(
            f"{source} is {encoding} text; save it as UTF-8 (in Excel: CSV UTF-8), "
            f"or convert it: iconv -f {encoding} -t UTF-8"
        )


def ndjson_items(lines: Iterator[bytes | None]) -> Iterator[Item]:
    """The items in lines of NDJSON, with their lines."""
    return _from_ndjson(lines, None)


def csv_items(lines: Iterator[bytes | None], name: str) -> TaxonomyFile:
    """The items in lines of CSV, also of an export, for a plan; `name`: of the taxonomy.

    Raises Invalid for a header without any kind.
    """
    found = TaxonomyFile(iter(()))
    found.items = _from_csv(lines, found, name, None, EXPORTED)
    return found


def _from_ndjson(lines: Iterator[bytes | None], under: str | None) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        if line is None:
            yield number, {"error": f"a line may have at most {LONGEST_LINE} bytes"}
        elif line.strip():
            yield number, _item(line, under)


def _item(line: bytes, under: str | None) -> dict[str, Any]:
    try:
        found = strict_json.loads(line)
        if not isinstance(found, dict):
            return {"error": "the line is not a JSON object"}
        item = cast(dict[str, Any], found)
        # An escape, or bytes from ED on, may encode half a surrogate pair, which cannot be sent.
        if (b"\\" in line or b"\xed" in line) and not is_whole(json.dumps(item, ensure_ascii=False)):
            raise ValueError("it holds half a surrogate pair, which is not a character")
    except ValueError as error:
        return {"error": f"the line is not JSON: {error}"}
    placed = {"parent_id", "parent_ids", "parent_path", "parent_ref"} & item.keys()
    if under and not placed and item.get("kind") != Kind.Taxonomy:
        item["parent_id"] = under
    return item


def _opened(source: str, file: BinaryIO, name: str, under: str | None) -> TaxonomyFile:
    found = TaxonomyFile(iter(()))
    try:
        found.items = _from_csv(_lines(source, file, csv_rows.LONGEST_READ), found, name, under)
    except BaseException:
        file.close()
        raise
    return found


def _from_csv(
    lines: Iterator[bytes | None],
    file: TaxonomyFile,
    name: str,
    under: str | None,
    own: Sequence[str] = OWN,
) -> Iterator[Item]:
    """Reads the header at once and the rows on demand; raises Invalid for a header without any kind."""
    first = next(lines, b"") or b""
    skipped = csv_rows.named_delimiter(first.decode(errors="replace"))
    header = (next(lines, b"") or b"") if skipped else first
    shown = header.decode(errors="replace").strip()
    delimiter = skipped or csv_rows.delimiter_of(shown, lambda cell: kind_of(cell) is not None)
    rows = csv_rows.rows(csv_rows.with_first(header, lines), delimiter)
    offset = 1 if skipped else 0
    line, cells = next(rows, (1, list[str]()))
    if isinstance(cells, Invalid):
        raise Invalid(f"line {line + offset}: {cells}")
    found = columns(cells, lambda warning: file.warn(line + offset, warning), own)
    if not found.path:
        meant = next(filter(None, map(near, cells)), None)
        hint = f"; is {meant} meant?" if meant else ""
        raise Invalid(
            "the first line of the CSV names no kind; columns: taxonomy, field, discipline, ... "
            f"separated by commas, semicolons or tabs{hint}"
        )
    return _rows(rows, offset, found, file, name, under)


def _rows(
    rows: Iterator[csv_rows.Row],
    offset: int,
    found: Columns,
    file: TaxonomyFile,
    name: str,
    under: str | None,
) -> Iterator[Item]:
    seen: dict[str, None] = {}
    top = [] if under or found.path[0][1] is Kind.Taxonomy else [(Kind.Taxonomy, name)]
    for start, cells in rows:
        line = start + offset
        if isinstance(cells, Invalid):
            yield line, {"error": str(cells)}
            continue
        path, details = found.read(cells, lambda warning, line=line: file.warn(line, warning))
        lost = found.lost(cells)
        if lost is not None and lost > found.width:
            yield line, {"error": "the row has more values than there are columns"}
        elif not path:
            yield line, {"error": "the row names no node"}
        else:
            if lost is not None:
                file.warn(line, f"column {lost} has no name: its values are not loaded")
            yield from ((line, item) for item in _new(top + path, details, seen, under))


def _new(
    path: list[tuple[Kind, str]], details: dict[str, Any], seen: dict[str, None], under: str | None
) -> Iterator[dict[str, Any]]:
    """An item for each node of the path that no earlier row has named, and always for the last node."""
    above: str | None = None
    for n, (kind, name) in enumerate(path):
        # The kind is included, because a subfield may have the name of a discipline next to it.
        ref = digest(above or "", kind.value, normal_name(name))
        last = n == len(path) - 1
        if ref in seen:
            seen[ref] = seen.pop(ref)
        if ref not in seen or last:
            _keep(seen, ref)
            # A row that names its parents by their addresses may have several.
            by_uri = last and details.get("parent_uris")
            parent = (
                {} if by_uri else {"parent_ref": above} if above else {"parent_id": under} if under else {}
            )
            item = {"ref": ref, "kind": kind.value, "name": name} | parent
            yield item | details if last else Upper(item)
        above = ref


def _keep(seen: dict[str, None], ref: str) -> None:
    """Remembers a ref, at most MOST_SEEN of them; a forgotten node is sent again, which changes nothing."""
    seen[ref] = None
    if len(seen) > MOST_SEEN:
        del seen[next(iter(seen))]
