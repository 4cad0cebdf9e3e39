"""The files of a release on the hub: one for each field and split, in configs by field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, Field

from graph.instructions.splits import Split

DEFAULT_CONFIG = "default"


class CardFile(BaseModel):
    """A file of the release, and the lines that belong into it."""

    path: str = Field(description="Path in the repository")
    config: str = Field(description="Name of its config; all files together are the config default")
    split: Split
    field: str | None = Field(description="Name of the field; null if fields were not pinned")
    count: int = Field(description="Number of lines")


def files_of(counts: Mapping[tuple[str, str], int], lines: int, suffix: str) -> list[CardFile]:
    """The files for counts by field and split; one file if there are none."""
    if not counts:
        path = f"data/train.{suffix}"
        return [CardFile(path=path, config=DEFAULT_CONFIG, split=Split.train, field=None, count=lines)]
    names = _config_names(sorted({field for field, _ in counts}))
    return [
        CardFile(
            path=f"data/{names[field]}/{split}.{suffix}",
            config=names[field],
            split=split,
            field=field,
            count=counts[field, split],
        )
        for field in names
        for split in Split
        if counts.get((field, split))
    ]


def configs(files: Iterable[CardFile]) -> list[dict[str, Any]]:
    """The configs of a card's front matter: all files, then those of each field if there are several."""
    by_config: dict[str, list[CardFile]] = {}
    for file in files:
        by_config.setdefault(file.config, []).append(file)
    everything = [file for some in by_config.values() for file in some]
    found: list[dict[str, Any]] = [_config(DEFAULT_CONFIG, everything) | {"default": True}]
    if len(by_config) > 1:
        found += [_config(name, some) for name, some in by_config.items()]
    return found


def _config(name: str, files: list[CardFile]) -> dict[str, Any]:
    paths = {split: [file.path for file in files if file.split is split] for split in Split}
    return {
        "config_name": name,
        "data_files": [{"split": split.value, "path": some} for split, some in paths.items() if some],
    }


def _config_names(fields: list[str]) -> dict[str, str]:
    """A name for each field that the hub and file systems take, and no other field has."""
    found: dict[str, str] = {}
    for field in fields:
        letters = unicodedata.normalize("NFKD", field).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60] or "field"
        base = "the-default" if base == DEFAULT_CONFIG else base
        name, n = base, 1
        while name in found.values():
            n += 1
            name = f"{base}-{n}"
        found[field] = name
    return found
