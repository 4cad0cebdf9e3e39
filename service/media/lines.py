"""Lines out of pieces of a stream. A line ends with a line feed alone: a text may hold U+2028 or a carriage
return, at which Python and httpx cut too.
"""

from collections.abc import Iterator


class Lines:
    """Takes pieces as they come and gives the lines that are whole."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._too_long = False

    def fed(self, piece: bytes) -> Iterator[bytes | None]:
        """The lines that end in `piece`; None for one that is too long, of which little is kept."""
        first, *others = piece.split(b"\n")
        self._rest += first
        for part in others:
            yield self._line()
            self._rest, self._too_long = part, False
        if len(self._rest) > self._longest:
            self._rest, self._too_long = b"", True

    def ended(self) -> Iterator[bytes | None]:
        """The last line, where no line feed ends it."""
        if self._rest or self._too_long:
            yield self._line()

    def _line(self) -> bytes | None:
        return None if self._too_long or len(self._rest) > self._longest else self._rest
