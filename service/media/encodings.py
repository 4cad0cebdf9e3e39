"""Encodings of text that the first bytes of a file tell."""

import codecs

from graph.errors import Invalid

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""The marks of UTF-32 begin like those of UTF-16, so they stand first."""


def mark_of(start: bytes) -> bytes:
    """The byte order mark that a file begins with; empty if there is none."""
    return next((mark for mark in MARKS if start.startswith(mark)), b"")


def by_zeros(start: bytes) -> str:
    """The encoding that the zeros in the first characters show; empty if they show none."""
    zeros = "".join(str(n) for n, byte in enumerate(start[:4]) if byte == 0) if len(start) > 3 else ""
    return {"02": "utf-16-be", "13": "utf-16-le", "012": "utf-32-be", "123": "utf-32-le"}.get(zeros, "")


def known(encoding: str) -> str:
    """The name of an encoding of texts that somebody names; raises Invalid for any other."""
    try:
        found = codecs.lookup(encoding)
        # Others, such as zlib, are not for texts; nothing else tells which these are.
        if not getattr(found, "_is_text_encoding", True):
            raise LookupError(encoding)
        return found.name
    except (LookupError, ValueError):
        raise Invalid(
            f"there is no encoding {encoding!r}; examples: utf-8, utf-16, latin-1, cp1252"
        ) from None


def told(encoding: str, start: bytes, name: str) -> str:
    """The encoding that a user names; of UTF-16 and UTF-32, with the order of bytes that the file shows.

    Raises Invalid if it is not known, or if the file, called `name`, does not begin as it does.
    """
    wanted = known(encoding)
    if wanted not in ("utf-16", "utf-32"):
        return wanted
    found = MARKS.get(mark_of(start)) or by_zeros(start)
    if not found.startswith(wanted):
        raise Invalid(f"{name} does not begin as {wanted} does; say {wanted}-le or {wanted}-be")
    return found
