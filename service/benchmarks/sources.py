"""The items of a benchmark, from the hub by its name or from a file, as POST /v1/benchmarks takes them."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.errors import Invalid
from service.benchmarks import hub, rows
from service.benchmarks.columns import Columns
from service.benchmarks.hub import Fetched
from service.benchmarks.known import KNOWN

CHUNK = 1_000_000
SPLIT_IN_NAME = re.compile(r"(?<![a-z])(train|test|validation|valid|val|dev)(?![a-z])")


@dataclass
class Source:
    """A benchmark as it is published: what is said of it, its files, and the columns of their rows."""

    about: dict[str, Any]
    files: list[Fetched]
    columns: Columns
    notes: list[str] = field(default_factory=list[str])
    """What was guessed, to be said aloud before the items are sent."""
    empty: int = 0
    """Rows read so far that have no question."""
    repeated: int = 0
    """Questions read so far whose text is that of an earlier one."""
    encoding: str = ""

    def lines(self) -> Iterator[bytes]:
        """The items as lines of NDJSON, read as they are asked for."""
        seen: set[int] = set()
        for file in self.files:
            columns = None
            for number, row in enumerate(rows.read(file.path, self.encoding), 1):
                columns = columns or self.columns.fitted(row)
                found = list(columns.items(row, number, file.split, file.task))
                self.empty += not found
                for item in found:
                    key = hash(item["text"])
                    self.repeated += key in seen
                    seen.add(key)
                    yield json.dumps(item).encode() + b"\n"


def of(
    source: str, columns: Columns, name: str | None = None, licence: str | None = None, encoding: str = ""
) -> Source:
    """Opens a file or, if there is none of that name, fetches the well-known benchmark called so.

    `encoding`: of a file's text, such as cp1252; empty: told by it. Raises Invalid if there is neither, or if
    the file has no such columns or no rows.
    """
    path = Path(source)
    if path.is_file():
        return _of_file(path, columns, name, licence or "", encoding)
    if source.lower() not in KNOWN:
        raise Invalid(
            f"there is no file {source}, and no benchmark of this name is known; known are "
            f"{', '.join(sorted(KNOWN))}"
        )
    return _of_hub(source.lower(), columns, name, licence)


def _of_file(path: Path, columns: Columns, name: str | None, licence: str, encoding: str) -> Source:
    first = next(rows.read(path, encoding), None)
    if first is None:
        raise Invalid(f"{path} has no rows")
    fitted = columns.fitted(first)
    notes = fitted.guessed
    split = ""
    if not fitted.split and (named := SPLIT_IN_NAME.search(path.name.lower())):
        split = named[0]
        notes = [*notes, f"split {split} from the name of the file"]
    about = {
        "name": name or _name_of(path),
        "licence": licence,
        "source": path.name,
        "sha256": _sha256([path]),
    }
    return Source(about, [Fetched(path, split, "")], fitted, notes, encoding=encoding)


def _of_hub(source: str, columns: Columns, name: str | None, licence: str | None) -> Source:
    known = KNOWN[source]
    commit, files = hub.fetch(source, known)
    about = {
        "name": name or source,
        "version": commit,
        "licence": licence or known.licence,
        "source": known.repository,
        "sha256": _sha256([file.path for file in files]),
    }
    own = Columns(
        columns.question or known.question, columns.answer, columns.split, columns.task or known.task
    )
    return Source(about, files, own)


def _name_of(path: Path) -> str:
    """The name of a file without its endings, as the name of a benchmark."""
    stem = path.name.split(".")[0]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:100]
    if not name:
        raise Invalid(f"{path.name} gives no name; give one with --name")
    return name


def _sha256(paths: list[Path]) -> str:
    """The SHA-256 of a file, or of the bytes of several in their order."""
    found = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
    return found.hexdigest()
