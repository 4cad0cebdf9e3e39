"""Runs the service with uvicorn: in the foreground, or in a thread of a command that is its client."""

import secrets
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from pydantic import SecretStr

from service.app import Takes, build_app
from service.http.limits import LONGEST_HEAD
from service.http.protocol import bounded
from service.memory import collect_seldom
from service.parts import Parts
from service.settings import Settings, listed

# At shutdown, open streams are cut after this many seconds.
GRACE_S = 5


class Server(uvicorn.Server):
    """Calls `on_ready` once it serves requests: Neo4j may have to start after the port is bound."""

    on_ready: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts as uvicorn does, then tunes the garbage collector and calls `on_ready`."""
        await super().startup(sockets=sockets)
        collect_seldom()
        if self.started and self.on_ready:
            self.on_ready()


def make_server(settings: Settings, *, host: str, port: int, takes: Takes) -> Server:
    """A server that is not running yet. Starting it fails with NotLoopback if it would be open to others."""
    app = build_app(settings, takes=takes, host=host)
    proxies = listed(settings.trusted_proxies)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        # No route speaks WebSocket; an upgrade request is answered as a plain HTTP request.
        ws="none",
        # X-Forwarded headers are trusted only from the configured proxies.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        http=bounded(settings.head_timeout_s, settings.stall_timeout_s),
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server = Server(config)
    # Endless streams (server-sent events) check this and end, or the shutdown would wait for them.
    parts: Parts = app.state.parts
    parts.exiting = lambda: server.should_exit
    return server


def listening(address: str, port: int) -> socket.socket:
    """A socket bound to an address and port; raises OSError.

    Its protocol is explicitly TCP: only then does asyncio set TCP_NODELAY, without which every response on a
    kept-alive connection waits 40 ms for the client's acknowledgement.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def beside(settings: Settings, *, takes: Takes = "own") -> Generator[tuple[str, str]]:
    """Runs the service in a thread of this process, on loopback and a free port; yields its URL and token.

    Commands use it exactly like a service elsewhere, so there is only one path to the graph.
    """
    token = secrets.token_urlsafe(24)
    own = settings.model_copy(update={"token": SecretStr(token), "rate_limit": None})
    with running(own, takes=takes) as url:
        yield url, token


@contextmanager
def running(settings: Settings, *, takes: Takes = "own") -> Generator[str]:
    """Runs the service in a thread of this process, on loopback and a free port; yields its URL."""
    with listening("127.0.0.1", 0) as listener:
        server = make_server(settings, host="127.0.0.1", port=0, takes=takes)
        thread = _Thread(server, listener)
        thread.start()
        try:
            thread.await_start()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        except KeyboardInterrupt:
            # The command's own job stops with it at once: calls in flight are given up.
            thread.leave()
            raise
        finally:
            server.should_exit = True
            thread.join()


class _Thread(threading.Thread):
    """Runs a server and keeps its error if it does not start."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        super().__init__(name="glan service", daemon=True)
        self._server = server
        self._listener = listener
        self._error: BaseException | None = None

    def run(self) -> None:
        """Runs the server until it ends."""
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as error:  # uvicorn exits with SystemExit; await_start() raises it
            self._error = error

    def leave(self) -> None:
        """Has the service's worker give up the calls in flight."""
        app: Any = self._server.config.app
        parts: Parts = app.state.parts
        if parts.leave:
            parts.leave()

    def await_start(self) -> None:
        """Returns once requests are served; raises the error that kept the service from starting."""
        while not self._server.started:
            self.join(0.02)
            if not self.is_alive():
                raise failure(self._server) or self._error or RuntimeError("the service did not start")


def failure(server: uvicorn.Server) -> BaseException | None:
    """The error that kept a server from starting, if any."""
    app: Any = server.config.app
    parts: Parts = app.state.parts
    return parts.failure
