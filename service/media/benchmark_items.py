"""The items of a benchmark as they arrive: lines of NDJSON, in parts that are small in memory."""

import asyncio
from collections.abc import AsyncIterator

from pydantic import ValidationError

from graph.errors import Invalid
from graph.quality.loading import NewItem
from service.media import strict_json
from service.media.lines import lines_of
from service.refusals import Unsupported

LONGEST_LINE = 1_000_000
MOST_LINES = 1_000
MOST_BYTES = 2_000_000
KINDS = ("application/x-ndjson", "application/jsonl", "")

Numbered = list[tuple[int, bytes]]


async def read(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[list[NewItem]]:
    """The items in parts; raises Unsupported at once, or Invalid with the number of a wrong line."""
    if content_type.split(";")[0].strip().lower() not in KINDS:
        raise Unsupported(
            f"this was sent with Content-Type: {content_type}: send Content-Type: application/x-ndjson, one "
            'object per line, such as {"text": "...", "split": "test"}'
        )
    return _items(body)


async def _items(body: AsyncIterator[bytes]) -> AsyncIterator[list[NewItem]]:
    part: Numbered = []
    size = number = 0
    async for line in lines_of(body, LONGEST_LINE):
        number += 1
        if line is None:
            raise Invalid(f"line {number}: a line may have at most {LONGEST_LINE // 1_000_000} MB")
        if not line.strip():
            continue
        part.append((number, line))
        size += len(line)
        if len(part) == MOST_LINES or size > MOST_BYTES:
            yield await asyncio.to_thread(_parsed, part)
            part, size = [], 0
    if part:
        yield await asyncio.to_thread(_parsed, part)


def _parsed(part: Numbered) -> list[NewItem]:
    return [_item(number, line) for number, line in part]


def _item(number: int, line: bytes) -> NewItem:
    try:
        return NewItem.model_validate(strict_json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Invalid(f"line {number}: {where + ': ' if where else ''}{first['msg']}") from None
    except ValueError as error:
        raise Invalid(f"line {number} is not JSON: {error}") from None
