"""Files that arrive as bodies: which syntax they have, and where they are kept while they are read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from service.refusals import BodyTooLarge, Unsupported
from service.taxonomies.options import Format

SYNTAXES = {
    "text/turtle": Format.turtle,
    "application/rdf+xml": Format.rdfxml,
    "application/ld+json": Format.jsonld,
    "application/n-triples": Format.ntriples,
    "text/csv": Format.auto,
    "text/tab-separated-values": Format.auto,
    "application/x-ndjson": Format.auto,
    "application/octet-stream": Format.auto,
}
LARGEST = 1_000_000_000
AT_ONCE = 1_000_000
FILE = {"schema": {"type": "string", "format": "binary"}, "example": "(the file)"}


def syntax_of(kind: str, format_: Format, *more: str) -> Format:
    """The format of a body with this Content-Type, unless one is named; `more`: further types to be told by
    the content. Raises Unsupported.
    """
    if format_ is not Format.auto or not kind or kind in more:
        return format_
    if kind not in SYNTAXES:
        raise Unsupported(
            f"this was sent with Content-Type: {kind}; send {', '.join((*SYNTAXES, *more))}, or ?format="
        )
    return SYNTAXES[kind]


async def keep(body: AsyncIterator[bytes], path: Path, require_room: Callable[[], None]) -> None:
    """Writes a body to a file; raises BodyTooLarge, or what `require_room` raises before each piece.

    The file is on the disk of the database, which must not run full.
    """
    size, waiting = 0, bytearray()
    with path.open("wb") as file:
        async for chunk in body:
            size += len(chunk)
            waiting += chunk
            if size > LARGEST:
                raise BodyTooLarge(f"a file may have at most {LARGEST // 10**6:,} MB")
            if len(waiting) > AT_ONCE:
                require_room()
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        require_room()
        await asyncio.to_thread(file.write, bytes(waiting))
