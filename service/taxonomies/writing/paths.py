"""CSV: one row per node with the path to it, in the columns that `glan taxonomy check` reads."""

import csv
import io
import json
from typing import IO

from graph.errors import Invalid
from graph.model import Kind
from service.taxonomies.columns import LISTS
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.lines import items
from service.taxonomies.writing.options import ExportOptions

MOST_LEVELS = 100
LAST = (
    "uri", *LISTS, "description", "weight", "status", "position", "properties"
)  # fmt: skip


def write(collection: Collection, options: ExportOptions, file: IO[bytes]) -> None:
    """Writes all rows; raises Invalid if the taxonomy is too deep for columns."""
    depth = collection.depth_of_subfields()
    if depth > MOST_LEVELS:
        raise Invalid(f"a path of {depth:,} subfields is too long for columns; take format=ndjson")
    order = list(Kind)
    kinds = order[: order.index(options.to) + 1]
    columns = [kind.value for kind in kinds for _ in range(depth if kind is Kind.Subfield else 1)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    seen = {name: 0 for name in columns}
    header: list[str] = []
    for name in columns:
        seen[name] += 1
        header.append(name.lower() if seen[name] == 1 else f"{name.lower()} {seen[name]}")
    rows.writerow([*header, *LAST])
    for member, item in items(collection):
        path = _path(collection, member.n, columns)
        lists = ["\n".join(item.get(name, ())) for name in LISTS]
        rest = [item.get(name, "") for name in ("description", "weight", "status", "position")]
        rows.writerow([*path, item["uri"], *lists, *rest, _json(item.get("properties", {}))])
        file.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()


def _json(properties: dict[str, object]) -> str:
    return json.dumps(properties, ensure_ascii=False) if properties else ""


def _path(collection: Collection, n: int, columns: list[str]) -> list[str]:
    """The names on the first way to a node, each in a column of its kind."""
    way: list[tuple[str, str]] = []
    at: int | None = n
    while at is not None:
        kind, _, name = collection.facts(at)
        way.append((kind, name))
        at = collection.first_parent(at)
    cells = [""] * len(columns)
    start = 0
    for kind, name in reversed(way):
        start = columns.index(kind, start)
        cells[start] = name
        start += 1
    return cells
