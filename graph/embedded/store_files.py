"""The bytes that the embedded Neo4j takes on disk, by what they hold."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

# The first that fits; https://neo4j.com/docs/operations-manual/5/database-internals/store-formats/
_HOLD = (
    ("nodes", re.compile(r"neostore\.nodestore")),
    ("links", re.compile(r"neostore\.relationship(group)?store")),
    ("texts", re.compile(r"neostore\.propertystore\.db\.strings")),
    ("lists", re.compile(r"neostore\.propertystore\.db\.arrays")),
    ("properties", re.compile(r"neostore\.propertystore")),
)
KINDS = tuple(kind for kind, _ in _HOLD)


@dataclass
class StoreFiles:
    """Bytes on disk."""

    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    """Of nodes, links (relationships), properties, and those texts and lists that stand outside of these."""
    indexes: dict[int, int] = field(default_factory=dict[int, int])
    """By the number of the index."""
    log: int = 0
    """The transaction log."""
    other: int = 0
    free: int = 0
    """What the disk has left."""

    @property
    def store(self) -> int:
        """All but the log."""
        return sum(self.kinds.values()) + sum(self.indexes.values()) + self.other


def store_files(home: Path) -> StoreFiles:
    """What the data folder `home` holds now; nothing if there is no database in it."""
    found = StoreFiles(log=sum(map(_size, _files(home / "transactions" / "neo4j"))))
    if home.exists():
        found.free = shutil.disk_usage(home).free
    folder = home / "databases" / "neo4j"
    for file in _files(folder):
        _count(found, file.relative_to(folder), _size(file))
    return found


def _count(found: StoreFiles, file: Path, size: int) -> None:
    if file.parts[:2] == ("schema", "index") and len(file.parts) > 3 and file.parts[3].isdigit():
        number = int(file.parts[3])
        found.indexes[number] = found.indexes.get(number, 0) + size
        return
    kind = next((kind for kind, pattern in _HOLD if pattern.match(file.name)), None)
    if kind is None:
        found.other += size
    else:
        found.kinds[kind] += size


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # pruned since it was listed
        return 0
