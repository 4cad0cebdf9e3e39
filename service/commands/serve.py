"""`glan serve`, `glan worker` and `glan doctor`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Url
from service.terminal.output import FAILED, CommandError, note, print_json, say

if TYPE_CHECKING:
    import socket

    from service.server import Server
    from service.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; beyond loopback it needs a token.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")
    ] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether this process runs jobs.")
    ] = True,
) -> None:
    """Run the REST service; it also runs jobs unless --no-worker. Its documentation is at /docs."""
    from service.logs import configure
    from service.server import failure, make_server
    from service.settings import Settings

    settings = Settings()
    address, number = host or settings.host, settings.port if port is None else port
    with _listener(address, number, "--host" if host else "GLAN_HOST") as listener:
        configure(settings.log_format, access=settings.access_log)
        server = make_server(settings, host=address, port=number, takes="all" if worker else "none")
        shown = f"[{address}]" if ":" in address else address
        url = f"http://{shown}:{listener.getsockname()[1]}"
        server.on_ready = lambda: note(f"glan on {url} (documentation: {url}/docs)")
        _run(server, listener)
    if failed := failure(server):
        raise failed


def _listener(address: str, number: int, option: str) -> "socket.socket":
    """A bound socket; raises BadParameter for an address that is not this machine's, else CommandError."""
    import errno
    import socket

    from service.server import listening

    try:
        return listening(address, number)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise typer.BadParameter(
                f"{address} is not an address of this machine; 127.0.0.1 is for this machine alone, "
                "0.0.0.0 for the network",
                param_hint=option,
            ) from None
        raise CommandError(f"cannot listen on {address}:{number}: {error.strerror}; choose --port") from None


def _run(server: "Server", listener: "socket.socket") -> None:
    """Serves until a signal. uvicorn raises it once more on exit; a requested stop is not a failure."""
    import signal
    from contextlib import suppress

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    with suppress(SystemExit):  # raised by uvicorn when the service did not start
        server.run(sockets=[listener])


def _stay(*_: object) -> None:
    """Signal handler that does nothing."""


def worker() -> None:
    """Run jobs from the graph, one after another, until stopped; several workers share the jobs."""
    import asyncio

    from service.logs import configure
    from service.settings import Settings

    settings = Settings()
    configure(settings.log_format)
    asyncio.run(_work(settings))


async def _work(settings: "Settings") -> None:
    import asyncio
    import signal

    from service.app import make_worker, running_worker
    from service.database import open_database
    from service.memory import collect_seldom

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_database(settings) as database:
        worker = make_worker(database, settings)
        collect_seldom()

        def stop() -> None:
            if stopped.is_set():
                worker.leave()
            stopped.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        async with running_worker(worker):
            note(
                "worker: waiting for jobs; Ctrl-C finishes what is in flight and hands the job back, "
                "Ctrl-C again gives up what is in flight"
            )
            await stopped.wait()


def doctor(url: Url = None, as_json: AsJson = False) -> None:
    """Check what glan needs, here or at the servers it is set to use, and say what to do about it."""
    from service.doctor import checks
    from service.settings import Settings
    from service.terminal.client import require_address

    settings = Settings()
    if url or settings.url:
        require_address(url or settings.url or "", "--url" if url else "GLAN_URL")
    results = checks(settings, url or settings.url)
    if as_json:
        print_json(results)
    else:
        _show(results)
    if not all(check["ok"] for check in results):
        raise typer.Exit(FAILED)


def _show(results: list[dict[str, Any]]) -> None:
    for check in results:
        say(f"{'ok ' if check['ok'] else 'NO '} {check['what']}: {check['detail']}")
