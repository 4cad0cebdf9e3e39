"""uvicorn's HTTP/1.1 with two timeouts that uvicorn itself does not have.

Without them, a client that never finishes the head of its request, or one that requests a stream and does
not read it, would hold its connection for ever; the latter would hold a database connection as well.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedProtocol(H11Protocol):
    """Closes connections whose client takes too long to send a request's head or to read a response."""

    head_timeout_s: float = 20.0
    stall_timeout_s: float = 300.0
    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the timer for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the timers."""
        self._head = _cancelled(self._head)
        self._stall = _cancelled(self._stall)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Runs the timer while a head is incomplete, and stops it once the head is complete."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._await_head()
        else:
            self._head = _cancelled(self._head)

    def _unsupported_upgrade_warning(self) -> None:
        """Logs nothing: WebSocket is not supported, and any client could fill the log by asking for it."""

    def pause_writing(self) -> None:
        """The client reads more slowly than is written: aborts unless it catches up in time."""
        super().pause_writing()
        self._stall = _cancelled(self._stall)
        self._stall = self.loop.call_later(self.stall_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stall = _cancelled(self._stall)
        super().resume_writing()

    def _await_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.head_timeout_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


def _cancelled(timer: asyncio.TimerHandle | None) -> None:
    """Cancels the timer and returns None to take its place."""
    if timer is not None:
        timer.cancel()


def bounded(head_s: float, stall_s: float) -> type[Any]:
    """The protocol with these timeouts, in seconds."""
    return type("Bounded", (BoundedProtocol,), {"head_timeout_s": head_s, "stall_timeout_s": stall_s})
