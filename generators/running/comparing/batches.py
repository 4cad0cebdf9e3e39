"""Gathers what waits in a queue into batches, because many at once cost little more than one."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

T = TypeVar("T")

# Seconds to wait for more: a transaction or a query costs its round trips however little it carries.
GATHER_S = 0.004


async def batches(queue: asyncio.Queue[T], largest: int) -> AsyncGenerator[list[T]]:
    """What waits in a queue, as it comes, at most `largest` at once; never ends by itself."""
    while True:
        batch = [await queue.get()]
        if queue.qsize() < largest:
            await asyncio.sleep(GATHER_S)
        while len(batch) < largest and not queue.empty():
            batch.append(queue.get_nowait())
        yield batch
