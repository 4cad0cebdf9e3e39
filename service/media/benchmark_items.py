"""Items of a benchmark, or answers to a test set, as they arrive: NDJSON, in parts small in memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from graph.errors import Invalid
from graph.quality.loading import NewItem
from service.media import strict_json
from service.media.content_type import media_type
from service.media.lines import lines_of
from service.refusals import Unsupported

LONGEST_LINE = 1_000_000
MOST_LINES = 1_000
MOST_BYTES = 2_000_000
KINDS = ("application/x-ndjson", "application/jsonl", "")

Numbered = list[tuple[int, bytes]]
M = TypeVar("M", bound=BaseModel)


async def read(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[list[NewItem]]:
    """The items in parts; raises as `read_as` does."""
    return await read_as(NewItem, content_type, body, '{"text": "...", "split": "test"}')


async def read_as(
    model: type[M], content_type: str, body: AsyncIterator[bytes], example: str
) -> AsyncIterator[list[M]]:
    """The lines in parts; raises Unsupported at once, or Invalid with the number of a wrong line."""
    if media_type(content_type) not in KINDS:
        raise Unsupported(
            f"this was sent with Content-Type: {content_type}: send Content-Type: application/x-ndjson, one "
            f"object per line, such as {example}"
        )
    return _items(model, body)


async def _items(model: type[M], body: AsyncIterator[bytes]) -> AsyncIterator[list[M]]:
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
            yield await asyncio.to_thread(_parsed, model, part)
            part, size = [], 0
    if part:
        yield await asyncio.to_thread(_parsed, model, part)


def _parsed(model: type[M], part: Numbered) -> list[M]:
    return [_item(model, number, line) for number, line in part]


def _item(model: type[M], number: int, line: bytes) -> M:
    try:
        return model.model_validate(strict_json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Invalid(f"line {number}: {where + ': ' if where else ''}{first['msg']}") from None
    except ValueError as error:
        raise Invalid(f"line {number} is not JSON: {error}") from None
