"""Streaming responses that rely on something open."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import AsyncExitStack
from typing import IO

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

PIECE = 262_144


async def pieces(file: IO[bytes]) -> AsyncGenerator[bytes]:
    """The content of a file from where it stands."""
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


class ClosingResponse(StreamingResponse):
    """Closes `opened` at the end, also if its first part was never requested or the client left early."""

    def __init__(
        self,
        content: AsyncIterable[bytes],
        opened: AsyncExitStack,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the content, then closes what it relies on."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            # In a separate task: this one may have been cancelled, and then could not await anything.
            await asyncio.shield(asyncio.ensure_future(self._opened.aclose()))
