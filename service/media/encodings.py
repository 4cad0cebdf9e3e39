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
    """The encoding that the zeros in the first characters show; UTF-8 if there are none."""
    zeros = "".join(str(n) for n, byte in enumerate(start[:4]) if byte == 0)
    found = {"02": "utf-16-be", "13": "utf-16-le", "012": "utf-32-be", "123": "utf-32-le"}
    return found.get(zeros, "utf-8") if len(start) > 3 else "utf-8"


def known(encoding: str) -> str:
    """The name of an encoding that somebody names; raises Invalid for one that is not known."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise Invalid(
            f"there is no encoding {encoding!r}; examples: utf-8, utf-16, latin-1, cp1252"
        ) from None
