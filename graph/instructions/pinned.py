"""What a release has pinned, read part by part: its lines, all or some of them, and what is known of each."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from pydantic_core import from_json

from graph.database import Database, Row
from graph.errors import Invalid
from graph.instructions import facts, releases
from graph.instructions.facts import UNKNOWN, Facts
from graph.instructions.pulls import Key, Window, Windows
from graph.instructions.releases import PART, Release
from graph.instructions.splits import Split
from graph.pages import decode
from graph.queries import load

GET_PART = load("release.part")


@dataclass(frozen=True)
class Only:
    """Which lines of a release are wanted, by what was pinned with them; None where any will do."""

    split: Split | None = None
    field: str | None = None
    pairs: bool = False
    """Whether only those with a rejected answer are; that stands in the lines themselves."""

    @property
    def by_facts(self) -> bool:
        """Whether it depends on what was pinned beside the lines."""
        return self.split is not None or self.field is not None

    def numbers(self, found: Facts) -> list[int]:
        """The numbers of the lines that are wanted."""
        return [
            n
            for n, (split, field) in enumerate(zip(found["split"], found["field"], strict=True))
            if self.split in (None, split) and self.field in (None, field or UNKNOWN)
        ]


ANY = Only()


async def pull(database: Database, name: str, cursor: str | None = None, only: Only = ANY) -> Windows:
    """The windows of a release after the cursor; raises NotFound, Invalid, or Conflict until it is done."""
    release = await releases.complete(database, name)
    [position] = decode("release", cursor, [-1])
    if only.split and not release.splits and release.count:
        raise Invalid(f"release {name} was made without splits; make another one with splits")
    return _windows(database, release, position + 1, only)


async def _windows(database: Database, release: Release, start: int, only: Only) -> AsyncGenerator[Window]:
    for n in range(max(0, start) // PART, -(-release.count // PART)):
        lines, found = await _part(database, release, n)
        numbers = range(len(lines))
        if only.by_facts:
            numbers = only.numbers(_required(found, release))
        chosen = [number for number in numbers if number >= start - n * PART]
        rows = [(number, from_json(lines[number])) for number in chosen]
        if only.pairs:
            rows = [(number, row) for number, row in rows if row.get("rejected_answer") is not None]
        if rows:
            keys: list[Key] = [(n * PART + number,) for number, _ in rows]
            yield Window(keys, [row for _, row in rows], [lines[number] for number, _ in rows], "release")


async def parts(database: Database, release: Release) -> AsyncGenerator[tuple[list[Row], Facts | None]]:
    """The rows of each part with what was pinned with them; None in releases of earlier versions of glan."""
    for n in range(-(-release.count // PART)):
        lines, found = await _part(database, release, n)
        yield await asyncio.to_thread(_rows, lines), found


def _rows(lines: list[bytes]) -> list[Row]:
    return [from_json(line) for line in lines]


async def _part(database: Database, release: Release, n: int) -> tuple[list[bytes], Facts | None]:
    [[data, packed]] = await database.values(GET_PART, id=f"{release.name}/{n}")
    text: bytes = await asyncio.to_thread(zlib.decompress, data)
    # At line feeds only; a text may contain other characters at which splitlines would split.
    return text.split(b"\n")[:-1], facts.unpacked(packed) if packed else None


def _required(found: Facts | None, release: Release) -> Facts:
    if found is None:
        raise Invalid(f"release {release.name} is of an earlier version of glan, without splits or fields")
    return found
