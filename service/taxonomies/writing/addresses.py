"""IRIs for nodes: their own, without characters that an IRI must not have, or one made of the id."""

import re

from service.taxonomies.vocabulary import INTERNAL

FORBIDDEN = re.compile(r"[\x00-\x20<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def iri(text: str, base: str) -> str:
    """A text as an absolute IRI, with what must not be in one encoded; behind `base` if it is relative."""
    whole = text if ABSOLUTE.match(text) else base + text
    return FORBIDDEN.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), whole)


def address(uri: str | None, id_: str, base: str) -> str:
    """What a node is called in a file."""
    return iri(uri if uri and not uri.startswith((INTERNAL, "_:")) else base + id_, base)
