"""HTTP/1.1 as uvicorn speaks it, with the patience that uvicorn does not bound itself.

A client that never finishes the head of its request, and one that asks for a stream and does not read it,
would hold a connection for ever; the latter a connection to the database as well.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedProtocol(H11Protocol):
    """Ends connections that wait for their client too long."""

    head_timeout_s: float = 20.0
    stall_timeout_s: float = 300.0
    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A head is awaited from now on."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head = _cancelled(self._head)
        self._stall = _cancelled(self._stall)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Begins to wait with the first byte of a head, and stops with its last."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._await_head()
        else:
            self._head = _cancelled(self._head)

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: there is no library to install, and anybody could fill the log by asking."""

    def pause_writing(self) -> None:
        """The client does not read as fast as is written."""
        super().pause_writing()
        self._stall = _cancelled(self._stall)
        self._stall = self.loop.call_later(self.stall_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
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
    """None, in the timer's place."""
    if timer is not None:
        timer.cancel()


def bounded(head_s: float, stall_s: float) -> type[Any]:
    """The protocol with these seconds."""
    return type("Bounded", (BoundedProtocol,), {"head_timeout_s": head_s, "stall_timeout_s": stall_s})
