"""How fast the machine is by itself, for reading figures of another one or of another hour."""

import hashlib
import os
import socket
import tempfile
import threading
from statistics import median
from time import perf_counter

ROUNDS = 200
MB = 2**20


def speed() -> str:
    """One core, the disk and the loopback, in one line."""
    core, disk, loopback = core_mb_s(), fsync_ms(), loopback_us()
    return f"one core {core:,.0f} MB/s of SHA-256, fsync {disk:.2f} ms, loopback {loopback:.0f} µs"


def core_mb_s() -> float:
    """Megabytes per second that one core hashes; the best of five."""
    block = bytes(8 * MB)
    times: list[float] = []
    for _ in range(5):
        start = perf_counter()
        hashlib.sha256(block).digest()
        times.append(perf_counter() - start)
    return 8 / min(times)


def fsync_ms() -> float:
    """The median of writing a page to a file and having it on the disk."""
    times: list[float] = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(ROUNDS):
            start = perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            times.append(perf_counter() - start)
    return 1e3 * median(times)


def loopback_us() -> float:
    """The median of a byte there and back between two threads over TCP."""
    times: list[float] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as one,
    ):
        other, _ = server.accept()
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=_echo, args=(other,), daemon=True)
        thread.start()
        for _ in range(ROUNDS):
            start = perf_counter()
            one.sendall(b"x")
            one.recv(1)
            times.append(perf_counter() - start)
        one.shutdown(socket.SHUT_WR)
        thread.join()
    return 1e6 * median(times)


def _echo(other: socket.socket) -> None:
    with other:
        while found := other.recv(1):
            other.sendall(found)
