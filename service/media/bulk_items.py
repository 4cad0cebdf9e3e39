"""The items of a bulk insertion as they arrive: lines of NDJSON, or the entries of one JSON list."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from graph.errors import Invalid
from graph.taxonomy.streams.bulk import Item
from service.media import strict_json
from service.media.content_type import media_type
from service.media.lines import LONGEST_LINE, lines_of
from service.refusals import BodyTooLarge, Malformed, Unsupported

LARGEST_LIST = 32_000_000
MOST_ENTRIES = 1_000_000
# Bounds on one item: an item with more is a mistake, and each of its parts would become a separate error.
MOST_VALUES = 10_000
MOST_FIELDS = 100


async def read(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    """The items, each with its number, counted from 1.

    Errors of the whole body (Unsupported, BodyTooLarge, Malformed) are raised before the response begins; an
    invalid line yields an Invalid in its place.
    """
    kind = media_type(content_type)
    if kind == "application/json":
        return _listed(await _list(body))
    if kind in ("application/x-ndjson", "application/jsonl", ""):
        return _numbered(body)
    given = f"Content-Type: {content_type}" if content_type else "no Content-Type"
    raise Unsupported(
        f"this was sent with {given}: send Content-Type: application/x-ndjson for one object per line, or "
        "application/json for a list"
    )


async def _list(body: AsyncIterator[bytes]) -> list[Any]:
    text = bytearray()
    async for chunk in body:
        text += chunk
        if len(text) > LARGEST_LIST:
            raise BodyTooLarge("a JSON list may have at most 32 MB; send NDJSON, which may be of any length")
    try:
        entries = await asyncio.to_thread(strict_json.entries, bytes(text), LONGEST_LINE, MOST_ENTRIES)
    except strict_json.TooMany as error:
        raise BodyTooLarge(
            f"the list cannot be read: {error}; send NDJSON, which may be of any length"
        ) from error
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    if entries is None:
        raise Malformed("the body must be a list of nodes")
    return entries


async def _listed(entries: list[Any]) -> AsyncIterator[Item]:
    for number, entry in enumerate(entries, 1):
        yield number, _checked(entry)


async def _numbered(body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    number = 0
    async for line in lines_of(body, LONGEST_LINE):
        number += 1
        if line is None:
            yield number, Invalid("a line may have at most 1 MB")
        elif line.strip():
            yield number, _parsed(line)


def _parsed(line: bytes) -> dict[str, Any] | Invalid:
    try:
        strict_json.require_at_most(line, MOST_VALUES)
        return _checked(strict_json.loads(line))
    except ValueError as error:
        return Invalid(f"the line is not JSON: {error}")


def _checked(entry: Any) -> dict[str, Any] | Invalid:
    if not isinstance(entry, dict):
        return Invalid("an item must be an object")
    fields = cast(dict[str, Any], entry)
    return fields if len(fields) <= MOST_FIELDS else Invalid(f"an item has at most {MOST_FIELDS} fields")
