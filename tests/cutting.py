"""A TCP proxy that cuts connections midway, for tests of resuming after a lost connection."""

import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Cutter:
    """Forwards connections to a port; response n is cut after `cuts[n]` bytes, later ones are complete."""

    port: int
    cuts: Sequence[int]
    made: int = 0


@contextmanager
def cutting(port: int, *cuts: int) -> Generator[tuple[str, Cutter]]:
    """Runs a cutter in front of a port; yields its address and the cutter."""
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
        # Only streams are cut, and only they are longer than this; small responses pass.
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
