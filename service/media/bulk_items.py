"""The items of a bulk insertion as they come in: lines of NDJSON, or the entries of one JSON list."""

from collections.abc import AsyncIterator
from typing import Any, cast

from starlette.exceptions import HTTPException

from graph.errors import Invalid
from graph.taxonomy.bulk import Item
from service.media import strict_json
from service.media.lines import Lines

LONGEST_LINE = 1_000_000
LARGEST_LIST = 32_000_000


async def read(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    """The items, each with its number from 1.

    What is wrong with the whole body is raised here, before an answer has begun; what is wrong with a line
    stands in its place.
    """
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        return _listed(await _list(body))
    if kind in ("application/x-ndjson", "application/jsonl", ""):
        return _numbered(body)
    raise HTTPException(415, "send application/x-ndjson, an object a line, or application/json, a list")


async def _list(body: AsyncIterator[bytes]) -> list[Any]:
    text = bytearray()
    async for chunk in body:
        text += chunk
        if len(text) > LARGEST_LIST:
            raise HTTPException(413, "a JSON list may have 32 MB; send NDJSON, which may be of any length")
    try:
        entries = strict_json.loads(bytes(text))
    except ValueError as error:
        raise HTTPException(422, f"the body is no JSON: {error}") from error
    if not isinstance(entries, list):
        raise HTTPException(422, "the body is to be a list of nodes")
    return cast(list[Any], entries)


async def _listed(entries: list[Any]) -> AsyncIterator[Item]:
    for number, entry in enumerate(entries, 1):
        yield number, _checked(entry)


async def _numbered(body: AsyncIterator[bytes]) -> AsyncIterator[Item]:
    number = 0
    async for line in _lines(body):
        number += 1
        if line is None:
            yield number, Invalid("a line may have 1 MB")
        elif line.strip():
            yield number, _parsed(line)


async def _lines(body: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    lines = Lines(LONGEST_LINE)
    async for chunk in body:
        for line in lines.fed(chunk):
            yield line
    for line in lines.ended():
        yield line


def _parsed(line: bytes) -> dict[str, Any] | Invalid:
    try:
        return _checked(strict_json.loads(line))
    except ValueError as error:
        return Invalid(f"the line is not JSON: {error}")


def _checked(entry: Any) -> dict[str, Any] | Invalid:
    return cast(dict[str, Any], entry) if isinstance(entry, dict) else Invalid("an item is to be an object")
