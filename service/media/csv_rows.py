"""Reads CSV (RFC 4180) row by row, with the line at which each row begins.

An invalid row does not end the reading. An unclosed quote does: from there on it is unknown where a row ends,
and what follows would be loaded as something that it is not.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from graph.errors import Invalid
from graph.text import is_whole

DELIMITERS = (",", ";", "\t", "|")
LONGEST_ROW = 1_000_000
# In bytes: the most that is read for one row, because an unclosed quote may run to the end of the file.
LONGEST_READ = 32_000_000

Row = tuple[int, list[str] | Invalid]
"""The line at which a row begins, and its cells, or the error in their place."""

OPEN_QUOTE = (
    "a quote that opens in this row is not closed, or text follows where it closes; a quote inside a text "
    'must be written twice (""). Nothing from this line on was read: correct it and load the file again'
)


class _Source:
    """Feeds lines to Python's CSV reader and measures those of the current row."""

    def __init__(self, lines: Iterable[bytes | None]) -> None:
        self._lines = iter(lines)
        self._number = 0
        self.first = 0
        self.taken = 0
        self._size = 0
        self._quotes = 0

    def begin(self) -> None:
        """Begins another row."""
        self.first, self.taken, self._size, self._quotes = self._number + 1, 0, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.taken += 1
        self._size += LONGEST_READ + 1 if line is None else len(line)
        if line is None or self._size > LONGEST_READ:
            raise csv.Error("too long")
        if self.taken == 1:
            self._quotes = line.count(b'"')
        return line.decode(errors="surrogateescape") + "\n"

    @property
    def is_lost(self) -> bool:
        """Whether it is unknown where the row ends."""
        return self.taken != 1 or self._quotes % 2 == 1 or self._size > LONGEST_READ

    @property
    def is_long(self) -> bool:
        return self._size > LONGEST_ROW


def rows(lines: Iterable[bytes | None], delimiter: str) -> Iterator[Row]:
    """The rows that are not empty; if an error ends the reading, it is the last row."""
    csv.field_size_limit(LONGEST_READ)
    source = _Source(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield source.first, Invalid(OPEN_QUOTE if source.is_lost else f"the row is not CSV: {error}")
            if source.is_lost:
                return
            continue
        if cells:
            yield source.first, _checked(cells, source)


def _checked(cells: list[str], source: _Source) -> list[str] | Invalid:
    if source.is_long:
        return Invalid(f"the row has over {LONGEST_ROW} bytes; shorten it")
    broken = next((cell for cell in cells if not is_whole(cell)), None)
    if broken is not None:
        return Invalid(f"{broken[:40]!r} is not UTF-8; save the file as UTF-8")
    return cells


def delimiter_of(header: str, is_known: Callable[[str], bool] = lambda name: False) -> str:
    """The delimiter that splits a header into the most known names, or else into the most cells."""

    def split(delimiter: str) -> tuple[int, int]:
        try:
            [cells] = csv.reader([header], delimiter=delimiter)
        except (csv.Error, ValueError):
            return 0, 0
        return sum(map(is_known, cells)), len(cells)

    return max(DELIMITERS, key=split)


def named_delimiter(line: str) -> str:
    """The delimiter that Excel names in a line before the header, such as `sep=;`; else empty."""
    line = line.rstrip("\r\n")
    return line[-1] if line.lower().startswith("sep=") and len(line) == len("sep=;") else ""


def with_first(first: bytes, lines: Iterable[bytes | None]) -> Iterator[bytes | None]:
    """The lines with the first one, already read, put back."""
    return chain([first], lines)
