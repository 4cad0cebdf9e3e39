"""Where a process of glan spends its CPU, and what it sends to Neo4j and waits for there. Linux only."""

import os
import signal
import socket
import struct
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter
from types import FrameType, TracebackType
from typing import Any

from graph.database import Database, Transaction

PERIOD_S = 0.001
REPLIES, COMPARISON = "replies: read, parsed, their shape", "comparison with other questions"
# Parts by where a function stands in the file system; the innermost function that is in one decides.
PARTS = (
    ("/neo4j/", "the driver: packing, sending, reading"),
    ("/openai/", "calls: connections, requests, bodies"),
    ("/aiohttp/", "calls: connections, requests, bodies"),
    ("/generators/models/replies/", REPLIES),
    ("/generators/models/", "calls: limits, prices, progress"),
    ("<template>", "prompts"),
    ("/jinja2/", "prompts"),
    ("/generators/prompts/", "prompts"),
    ("/generators/quality/rules/", "rules for texts"),
    ("/generators/quality/", COMPARISON),
    ("/generators/running/comparing/", COMPARISON),
    ("/generators/steps/language.py", "replies: their language"),
    ("/pydantic/", REPLIES),
    ("/generators/steps/", REPLIES),
    ("/generators/", "samples: drawn, followed, gathered for the writer"),
    ("/graph/", "rows for statements"),
    ("/asyncio/", "the event loop"),
    ("/selectors.py", "the event loop"),
    # What a job does in threads is comparing; such a thread is often seen when it has just done it.
    ("/concurrent/futures/", COMPARISON),
)
TCP_INFO, ACKED, RECEIVED = 11, 120, 128


class Profile:
    """While it is entered, looks at all threads' stacks, each time the process has spent some more CPU.

    A thread's CPU since the last look is given to what it is doing now. It looks by a signal, which comes in
    the middle of whatever runs: another thread would look when the first one waits, and call that its work.
    """

    def __init__(self, port: int) -> None:
        """`port`: Neo4j's."""
        self._port = port
        self._clocks: dict[int, float] = {}
        self._cpu_s = defaultdict[str, float](float)
        self._waits = _Waits()
        self._before = (0, 0)

    def figures(self) -> dict[str, Any]:
        """`cpu_s` by part; `sent` and `received`, bytes to and from Neo4j; `waits`, number and s, by kind."""
        sent, received = (now - then for now, then in zip(_bytes(self._port), self._before, strict=True))
        return {"cpu_s": self._cpu_s, "sent": sent, "received": received, "waits": self._waits.found}

    def __enter__(self) -> "Profile":
        self._before = _bytes(self._port)
        self._waits.begin()
        self._look(0, None)
        self._cpu_s.clear()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, PERIOD_S, PERIOD_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _number: int, interrupted: FrameType | None) -> None:
        own = threading.get_ident()
        for thread, frame in sys._current_frames().items():
            now = time.clock_gettime(time.pthread_getcpuclockid(thread))
            at = interrupted if thread == own else frame
            self._cpu_s[part(at)] += now - self._clocks.get(thread, 0.0)
            self._clocks[thread] = now


def part(frame: FrameType | None) -> str:
    """The part that a stack belongs to."""
    while frame is not None:
        path = frame.f_code.co_filename
        for place, name in PARTS:
            if place in path:
                return name
        frame = frame.f_back
    return "other"


class _Waits:
    """Times this process's statements and transactions, as whoever awaits them sees it."""

    def __init__(self) -> None:
        self.found: dict[str, list[float]] = {}

    def begin(self) -> None:
        """From now on, for good."""
        for of, name, kind in (
            (Transaction, "run", "statements"),
            (Transaction, "values", "statements"),
            (Database, "writing", "transactions that write"),
        ):
            setattr(of, name, self._timed(getattr(of, name), kind))

    def _timed(self, work: Callable[..., Awaitable[Any]], kind: str) -> Callable[..., Awaitable[Any]]:
        async def timed(*given: Any, **named: Any) -> Any:
            started = perf_counter()
            try:
                return await work(*given, **named)
            finally:
                number, seconds = self.found.get(kind, (0, 0.0))
                self.found[kind] = [number + 1, seconds + perf_counter() - started]

        return timed


def _bytes(port: int) -> tuple[int, int]:
    """What this process's open connections to a port have sent and received."""
    sent = received = 0
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as one:
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.getpeername()[1] == port:
                told = one.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
                sent += struct.unpack_from("Q", told, ACKED)[0]
                received += struct.unpack_from("Q", told, RECEIVED)[0]
    return sent, received
