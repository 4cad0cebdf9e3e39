"""A TCP proxy that closes connections in the middle, for the tests of what goes on after a loss."""

import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Cutter:
    """Passes connections on to a port; the nth answer is cut after `cuts[n]` bytes, later ones not at all."""

    port: int
    cuts: Sequence[int]
    made: int = 0


@contextmanager
def cutting(port: int, *cuts: int) -> Generator[tuple[str, Cutter]]:
    """Its address, as long as it is open."""
    cutter = Cutter(port, cuts)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, cutter), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", cutter
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, cutter: Cutter) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, cutter), daemon=True).start()


def _serve(client: socket.socket, cutter: Cutter) -> None:
    with client, socket.create_connection(("127.0.0.1", cutter.port)) as service:
        threading.Thread(target=_copy, args=(client, service), daemon=True).start()
        # Small answers, such as that of a path, are not meant: only streams are longer than this.
        passed = 0
        with suppress(OSError):
            while data := service.recv(4096):
                if passed <= 8192 < passed + len(data):
                    cutter.made += 1
                passed += len(data)
                n = cutter.made - 1
                if passed > 8192 and n < len(cutter.cuts) and passed >= cutter.cuts[n]:
                    break
                client.sendall(data)
        for end in (client, service):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
