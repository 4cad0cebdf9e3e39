"""Opens a file, or standard input, and unpacks it. What grows out of all proportion is refused."""

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from graph.errors import Invalid

STANDARD_INPUT = "-"
LARGEST_RATIO = 200
"""Real vocabularies shrink to a tenth or a thirtieth; only repetition without end shrinks more than this."""
RATIO_COUNTS_FROM = 50_000_000
PACKED_TWICE = "it is compressed inside the compressed file; unpack it once and check it again"

MAGIC: dict[bytes, tuple[str, Callable[[BinaryIO], BinaryIO]]] = {
    b"\x1f\x8b": ("gzip", lambda file: cast(BinaryIO, gzip.GzipFile(fileobj=file))),
    b"BZh": ("bzip2", lambda file: cast(BinaryIO, bz2.BZ2File(file))),
    b"\xfd7zXZ\x00": ("xz", lambda file: cast(BinaryIO, lzma.LZMAFile(filename=file))),  # noqa: SIM115
    b"PK\x03\x04": ("zip", lambda file: _member(file)),
}
BROKEN = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error, OSError, RuntimeError)


@dataclass
class Unpacked:
    """The bytes of a file, unpacked as they are read."""

    name: str
    """The file's name without folders and without .gz and the like."""
    compression: str
    sha256: str
    """Of the file as it is."""
    size: int
    _file: BinaryIO
    _raw: BinaryIO
    given: int = 0

    def read(self, most: int) -> bytes:
        """The next bytes; raises Invalid for damaged files, and for bombs."""
        try:
            piece = self._file.read(most)
        except BROKEN as error:
            raise Invalid(f"{self.name}: the file is damaged or cut off ({error})") from None
        self.given += len(piece)
        if self.compression and self.given > max(RATIO_COUNTS_FROM, self.size * LARGEST_RATIO):
            raise Invalid(
                f"{self.name}: {self.size:,} bytes become over {self.given:,}; no vocabulary shrinks like "
                "that. If it is one, unpack it yourself"
            )
        return piece

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        self._raw.close()


def name_of(source: str) -> str:
    """The name of a file as text: bytes of it that are not text become U+FFFD."""
    return (
        "standard input"
        if source == STANDARD_INPUT
        else os.fsencode(Path(source).name).decode(errors="replace")
    )


def unpacked(source: str, folder: Path) -> Unpacked:
    """Opens a file; `-` is standard input, which is kept in `folder` while it is read.

    Raises Invalid if it is an archive of several files, and OSError if it cannot be opened.
    """
    raw = _opened(source, folder)
    digest = hashlib.file_digest(cast(Any, raw), "sha256").hexdigest()
    size = raw.tell()
    raw.seek(0)
    start = raw.read(8)
    raw.seek(0)
    name = name_of(source)
    for magic, (compression, unpack) in MAGIC.items():
        if start.startswith(magic):
            inner = name.removesuffix(Path(name).suffix) if _is_packed_name(name) else name
            try:
                return Unpacked(inner, compression, digest, size, unpack(raw), raw)
            except BaseException:
                raw.close()
                raise
    return Unpacked(name, "", digest, size, raw, raw)


def is_packed(start: bytes) -> bool:
    """Whether the first bytes are those of a compressed file."""
    return any(start.startswith(magic) for magic in MAGIC)


def _is_packed_name(name: str) -> bool:
    return Path(name).suffix.lower() in (".gz", ".bz2", ".xz", ".zip")


def _opened(source: str, folder: Path) -> BinaryIO:
    """The file itself, or a copy of what can be read only once."""
    if source != STANDARD_INPUT:
        path = Path(source)
        if path.is_dir():
            raise Invalid(f"{source} is a folder; name the files in it")
        if path.is_file():
            return path.open("rb")
    stream = sys.stdin.buffer if source == STANDARD_INPUT else Path(source).open("rb")  # noqa: SIM115
    copy = (folder / "input").open("w+b")
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


def _member(file: BinaryIO) -> BinaryIO:
    """The one file in a zip archive."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise Invalid(f"the zip file is damaged: {error}") from None
    names = [
        entry.filename
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    if len(names) != 1:
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise Invalid(
            f"the zip file has {len(names)} files ({shown}); unpack it and name the one "
            "that holds the taxonomy"
        )
    try:
        return cast(BinaryIO, archive.open(names[0]))
    except (RuntimeError, NotImplementedError) as error:
        raise Invalid(f"the zip file cannot be unpacked: {error}") from None
