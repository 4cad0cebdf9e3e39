"""Runs the service with uvicorn: in the foreground, or beside a command that is its client."""

import secrets
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from pydantic import SecretStr

from service.app import Takes, build_app
from service.auth import require_safe
from service.settings import Settings

# After this long, open streams are cut at shutdown.
GRACE_S = 5


class Server(uvicorn.Server):
    """Says when it answers: between the binding of its port and that moment Neo4j may have to start."""

    on_ready: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets=sockets)
        if self.started and self.on_ready:
            self.on_ready()


def make_server(settings: Settings, *, host: str, port: int, takes: Takes) -> Server:
    """A server that is not running yet; raises NotLoopback when it would be open to others."""
    require_safe(host, settings.token.get_secret_value() if settings.token else None)
    app = build_app(settings, takes=takes)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    server = Server(config)
    # Endless streams (server-sent events) end by themselves, or the shutdown would wait for them.
    app.state.exiting = lambda: server.should_exit
    return server


@contextmanager
def beside(settings: Settings, *, takes: Takes = "own") -> Generator[tuple[str, str]]:
    """The service in a thread of this process, on loopback and any free port: its address and token.

    The commands talk to it as they talk to a service elsewhere, so there is one way only.
    """
    token = secrets.token_urlsafe(24)
    own = settings.model_copy(update={"token": SecretStr(token)})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = make_server(own, host="127.0.0.1", port=0, takes=takes)
        thread = _Thread(server, listener)
        thread.start()
        try:
            thread.await_start()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", token
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

    def await_start(self) -> None:
        """Returns when requests are served; raises what kept the service from starting."""
        while not self._server.started:
            self.join(0.02)
            if not self.is_alive():
                raise failure(self._server) or self._error or RuntimeError("the service did not start")


def failure(server: uvicorn.Server) -> BaseException | None:
    """What kept a server that has ended from starting."""
    app: Any = server.config.app
    return app.state.failure
