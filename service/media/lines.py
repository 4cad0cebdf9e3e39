"""Splits a stream into lines at line feeds only: a text may contain U+2028 or a carriage return, at which
Python and httpx would split too.
"""

from collections.abc import AsyncIterator, Iterator

LONGEST_LINE = 1_000_000
"""In bytes: what an item of a bulk insertion may have."""


class Lines:
    """Takes pieces of a stream as they arrive and yields complete lines."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._too_long = False

    def fed(self, piece: bytes) -> Iterator[bytes | None]:
        """The lines that end in `piece`; None for each line that is too long, which is not kept in memory."""
        first, *others = piece.split(b"\n")
        self._rest += first
        for part in others:
            yield self._line()
            self._rest, self._too_long = part, False
        if len(self._rest) > self._longest:
            self._rest, self._too_long = b"", True

    def ended(self) -> Iterator[bytes | None]:
        """The last line, if no line feed ends it."""
        if self._rest or self._too_long:
            yield self._line()

    def _line(self) -> bytes | None:
        return None if self._too_long or len(self._rest) > self._longest else self._rest


async def lines_of(body: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes | None]:
    """The lines of a stream; None for each that is longer than `longest` bytes."""
    lines = Lines(longest)
    async for piece in body:
        for line in lines.fed(piece):
            yield line
    for line in lines.ended():
        yield line
