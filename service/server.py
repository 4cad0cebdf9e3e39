"""Runs the service with uvicorn: in the foreground, or beside a command that is its client."""

import gc
import secrets
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

import uvicorn
from pydantic import SecretStr

from service.app import Takes, build_app
from service.http.limits import LONGEST_HEAD
from service.http.protocol import bounded
from service.parts import Parts
from service.settings import Settings, listed

# After this long, open streams are cut at shutdown.
GRACE_S = 5
COLLECT_AFTER = 20_000


class Server(uvicorn.Server):
    """Says when it answers: between the binding of its port and that moment Neo4j may have to start."""

    on_ready: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets=sockets)
        collect_seldom()
        if self.started and self.on_ready:
            self.on_ready()


@cache
def collect_seldom() -> None:
    """Has Python look for circles of objects after many new ones, and not among those of the start.

    A batch of rows is tens of thousands of objects without a circle: as Python sets out, to look through them
    again and again takes a quarter of the time of a bulk insertion. Done once in a process: what is there
    then is never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def make_server(settings: Settings, *, host: str, port: int, takes: Takes) -> Server:
    """A server that is not running yet. It fails with NotLoopback where it would be open to others."""
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
        # No route speaks WebSocket; a request to upgrade is answered as the HTTP request that it is too.
        ws="none",
        # What a client says of its own address is believed of none but the proxies that are named.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        http=bounded(settings.head_timeout_s, settings.stall_timeout_s),
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server = Server(config)
    # Endless streams (server-sent events) end by themselves, or the shutdown would wait for them.
    parts: Parts = app.state.parts
    parts.exiting = lambda: server.should_exit
    return server


def listening(address: str, port: int) -> socket.socket:
    """A socket bound to an address and port; raises OSError.

    It says that it is TCP: asyncio lets small parts of an answer go at once (TCP_NODELAY) on no other, and
    without that each answer on a kept connection waits 40 ms for the client's acknowledgement.
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
    """The service in a thread of this process, on loopback and any free port: its address and token.

    The commands talk to it as they talk to a service elsewhere, so there is one way only.
    """
    token = secrets.token_urlsafe(24)
    own = settings.model_copy(update={"token": SecretStr(token), "rate_limit": None})
    with running(own, takes=takes) as url:
        yield url, token


@contextmanager
def running(settings: Settings, *, takes: Takes = "own") -> Generator[str]:
    """The address of a service in a thread of this process, on loopback and any free port."""
    with listening("127.0.0.1", 0) as listener:
        server = make_server(settings, host="127.0.0.1", port=0, takes=takes)
        thread = _Thread(server, listener)
        thread.start()
        try:
            thread.await_start()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        except KeyboardInterrupt:
            # A job that its command began ends with it, at once: what is in flight is given up.
            thread.leave()
            raise
        finally:
            server.should_exit = True
            thread.join()


class _Thread(threading.Thread):
    """Runs a server and keeps the error that kept it from starting."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        super().__init__(name="glan service", daemon=True)
        self._server = server
        self._listener = listener
        self._error: BaseException | None = None

    def run(self) -> None:
        """The thread's work."""
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as error:  # uvicorn leaves with SystemExit; the waiting thread raises it
            self._error = error

    def leave(self) -> None:
        """Has the worker of the service give up what is in flight."""
        app: Any = self._server.config.app
        parts: Parts = app.state.parts
        if parts.leave:
            parts.leave()

    def await_start(self) -> None:
        """Returns when requests are served; raises what kept the service from starting."""
        while not self._server.started:
            self.join(0.02)
            if not self.is_alive():
                raise failure(self._server) or self._error or RuntimeError("the service did not start")


def failure(server: uvicorn.Server) -> BaseException | None:
    """What kept a server that has ended from starting."""
    app: Any = server.config.app
    parts: Parts = app.state.parts
    return parts.failure
