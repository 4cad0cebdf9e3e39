"""Decodes a file's bytes to UTF-8 without a byte order mark, from whatever it is written in."""

import codecs
import re

from graph.errors import Invalid
from service.media import encodings
from service.media.encodings import MARKS
from service.taxonomies.reading import packing
from service.taxonomies.reading.packing import Unpacked

START = 65_536
DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
DECLARATION = re.compile(rb"(^\s*<\?xml[^>]{0,200}?)\sencoding\s*=\s*[\"'][\w.:-]{1,40}[\"']")


class Decoded:
    """A file's text as UTF-8, piece by piece, with its beginning known before it is read."""

    def __init__(self, file: Unpacked, encoding: str = "") -> None:
        """Raises Invalid if the encoding is not known, or the beginning is not written in it."""
        self.name = file.name
        self._file = file
        self._offset = 0
        first = _filled(file)
        if packing.is_packed(first):
            raise Invalid(f"{file.name}: {packing.PACKED_TWICE}")
        mark = encodings.mark_of(first)
        self.encoding = (
            encodings.told(encoding, first, file.name) if encoding else MARKS.get(mark) or _guessed(first)
        )
        self.declared = bool(encoding or mark or DECLARED.match(first))
        self._decoder = codecs.getincrementaldecoder(self.encoding)()
        self._offset = len(mark)
        self.start = DECLARATION.sub(rb"\1", self._decoded(first[len(mark) :]))
        """The first 64 kB or so."""
        self._waiting = self.start
        self.since = 0
        """Bytes read since the reader last found something, and set this to 0."""

    def replace_start(self, text: bytes) -> None:
        """Puts another text in place of the beginning, before anything was read."""
        self.start = self._waiting = text

    def read(self, most: int = -1) -> bytes:
        """The next bytes, b"" at the end; raises Invalid where the file is not written in its encoding."""
        piece = self._waiting
        if piece:
            self._waiting = piece[most:] if most >= 0 else b""
            piece = piece[: len(piece) - len(self._waiting)]
        else:
            # A piece may decode to nothing: part of a character.
            while not piece and (raw := self._file.read(START)):
                piece = self._decoded(raw)
            if not piece:
                piece = self._decoded(b"", final=True)
            if 0 <= most < len(piece):
                piece, self._waiting = piece[:most], piece[most:]
        self.since += len(piece)
        return piece

    def _decoded(self, raw: bytes, *, final: bool = False) -> bytes:
        try:
            text = self._decoder.decode(raw, final)
        except UnicodeDecodeError as error:
            at = self._offset + error.start
            advice = "" if self.declared else "; if it is Latin-1, say --encoding latin-1"
            raise Invalid(
                f"{self.name} is not {self.encoding}: the byte {error.object[error.start]:#04x} at offset "
                f"{at:,} does not belong there{advice}"
            ) from None
        except UnicodeError as error:
            raise Invalid(f"{self.name} is not {self.encoding}: {error}") from None
        self._offset += len(raw)
        return text.encode(errors="surrogatepass")


def _filled(file: Unpacked) -> bytes:
    """The first START bytes, or the whole file if it is shorter."""
    found = b""
    while len(found) < START and (piece := file.read(START - len(found))):
        found += piece
    return found


def _guessed(start: bytes) -> str:
    """The encoding that an XML declaration names, or that the zeros in the first characters show.

    A declaration that can be read belies that it is UTF-16, or anything in which it would look otherwise.
    """
    declared = DECLARED.match(start)
    if not declared:
        return encodings.by_zeros(start) or "utf-8"
    known = encodings.known(declared[1].decode("ascii", "replace"))
    try:
        return known if declared[0].decode(known).encode() == declared[0] else "utf-8"
    except UnicodeError:
        return "utf-8"
