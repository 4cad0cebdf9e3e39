"""`glan serve`, `glan worker` and `glan doctor`."""

from typing import Annotated, Any

import typer

from service.terminal.output import FAILED, AsJson, CommandError, errors, note, print_json, stdout


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; beyond loopback needs a token.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any free one.")] = None,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Run jobs in this process.")] = True,
) -> None:
    """Run the REST service; it runs jobs itself unless --no-worker. Interactive documentation: /docs."""
    with errors():
        from service.logs import configure
        from service.server import failure, listening, make_server
        from service.settings import Settings

        settings = Settings()
        configure(settings.log_format, access=settings.access_log)
        address, number = host or settings.host, settings.port if port is None else port
        server = make_server(settings, host=address, port=number, takes="all" if worker else "none")
        try:
            listener = listening(address, number)
        except OSError as error:
            raise CommandError(
                f"cannot listen on {address}:{number}: {error.strerror}; choose --port"
            ) from None
        with listener:
            shown = f"[{address}]" if ":" in address else address
            url = f"http://{shown}:{listener.getsockname()[1]}"
            server.on_ready = lambda: note(f"glan on {url} (documentation: /docs)")
            _run(server, listener)
        if failed := failure(server):
            raise failed


def _run(server: Any, listener: Any) -> None:
    """Serves until a signal, which uvicorn raises once more at its end: to be asked to stop is no failure."""
    import signal
    from contextlib import suppress

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    with suppress(SystemExit):  # uvicorn's own way to say that the service did not start
        server.run(sockets=[listener])


def _stay(*_: object) -> None:
    """Takes a signal and does nothing."""


def worker() -> None:
    """Run jobs from the graph, one after another, until stopped; several workers share the jobs."""
    with errors():
        import asyncio

        from service.logs import configure
        from service.settings import Settings

        settings = Settings()
        configure(settings.log_format)
        asyncio.run(_work(settings))


async def _work(settings: Any) -> None:
    import asyncio
    import signal

    from service.app import make_worker, running_worker
    from service.database import open_database

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_database(settings) as database:
        worker = make_worker(database, settings)

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


def doctor(as_json: AsJson = False) -> None:
    """Look for what is missing on this machine and say what to do about it."""
    with errors():
        from service.doctor import checks
        from service.settings import Settings

        results = checks(Settings())
        if as_json:
            print_json(results)
        else:
            for check in results:
                stdout().print(
                    f"{'ok ' if check['ok'] else 'NO '} {check['what']}: {check['detail']}", markup=False
                )
        if not all(check["ok"] for check in results):
            raise typer.Exit(FAILED)
