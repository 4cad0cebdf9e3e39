"""Work beside a block: a task that lasts as long as the block runs."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, Any], name: str | None = None) -> AsyncGenerator[None]:
    """Runs an endless coroutine as a task until the context ends, then cancels it."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
