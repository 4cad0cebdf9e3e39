"""`glan db`: the Neo4j that glan runs itself, and Neo4j Browser to look into it."""

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson
from service.terminal.frame import Group
from service.terminal.output import CommandError, note, print_json, say

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from graph.embedded.attach import Attachment
    from service.settings import Settings

BROWSER_PORT = 7474

app = typer.Typer(
    cls=Group,
    help="Inspect, start and stop the embedded Neo4j; open Neo4j Browser.",
    no_args_is_help=True,
)


@app.command()
def info(as_json: AsJson = False) -> None:
    """Show which database is used, whether it runs, how to connect to it, and what it takes on disk.

    While it runs, also what its instructions take of that, and a million more would take.
    """
    from service.settings import Settings

    settings = Settings()
    facts = _facts(settings)
    if facts["embedded"]:
        facts["store"] = _store(settings, facts["home"], running=facts["running"])
    _show(facts, as_json)


@app.command()
def start(
    keep: Annotated[bool, typer.Option("--keep", help="Keep it running until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the embedded Neo4j. Without --keep it shuts down once unused for GLAN_LINGER_S seconds."""
    from service.settings import Settings

    settings = Settings()
    _require_embedded(settings, "start")
    with _attach(settings):
        if keep:
            _show(_facts(settings), as_json)
            note("running until Ctrl-C")
            _wait_for_interrupt()
    if not keep:
        _show(_facts(settings), as_json)
        note(f"shuts down when unused for {settings.linger_s:g} s; `glan db start --keep` holds it")


@app.command()
def stop(
    force: Annotated[
        bool, typer.Option("--force", help="Stop it even while other processes use it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shut the embedded Neo4j down. What was committed is kept."""
    from graph.embedded import attach
    from service.database import embedded_config
    from service.settings import Settings

    settings = Settings()
    _require_embedded(settings, "stop")
    stopped = attach.stop(embedded_config(settings), force=force)
    if as_json:
        print_json({"stopped": stopped})
    else:
        say("stopped" if stopped else "it was not running")


@app.command()
def path(as_json: AsJson = False) -> None:
    """Print the data folder of the embedded Neo4j; the Neo4j 5.26 container takes it as /data."""
    from graph.embedded.data_folder import DataFolder
    from service.settings import Settings

    settings = Settings()
    if settings.neo4j_uri:
        note(f"NEO4J_URI is set: {settings.neo4j_uri} is used instead of this folder")
    folder = DataFolder(settings.home.expanduser().resolve())
    if as_json:
        print_json(
            {
                "home": folder.home,
                "cache": settings.cache.expanduser().resolve(),
                "password_file": folder.password_file,
                "log": folder.log_file,
            }
        )
    else:
        print(folder.home)


@app.command()
def browser(
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help=f"Port of the page; default {BROWSER_PORT}, or any free one if that is taken.",
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the web browser.")] = True,
) -> None:
    """Serve Neo4j Browser and glan's guide on this machine until Ctrl-C, for the database glan uses."""
    with ExitStack() as stack:
        from graph.embedded.browser import browser_folder, browser_page
        from service.browser_guide import play
        from service.settings import Settings
        from service.startup import StartupProgress

        settings = Settings()
        with StartupProgress() as report:
            folder = browser_folder(settings.cache, settings.maven_url, report)
        uri, username, password = settings.neo4j_uri, settings.neo4j_username, "the one in NEO4J_PASSWORD"
        if uri is None:
            attached = stack.enter_context(_attach(settings))
            uri, username, password = attached.uri, attached.username, attached.password
        listener = stack.enter_context(_listen(port))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        address = f"{origin}/{browser_page(uri, username)}"
        facts = {"address": address, "user": username, "password": password, "guide": play(origin)}
        for name, value in facts.items():
            print(f"{name:9} {value}", flush=True)
        note("Neo4j Browser is served until Ctrl-C")
        if open_page:
            _open(address)
        _serve(folder, listener)


def _facts(settings: "Settings") -> dict[str, Any]:
    from graph.embedded import attach
    from graph.embedded.data_folder import USERNAME, DataFolder
    from graph.embedded.jar_lock import neo4j_version
    from service.database import embedded_config

    if settings.neo4j_uri:
        return {"embedded": False, "uri": settings.neo4j_uri, "username": settings.neo4j_username}
    found = attach.info(embedded_config(settings))
    folder = DataFolder(settings.home.expanduser().resolve())
    return {
        "embedded": True,
        "running": bool(found and found.running),
        "in_use": bool(found and found.in_use),
        "uri": found.uri if found else None,
        "pid": found.pid if found else None,
        "version": found.version if found else neo4j_version(),
        "home": folder.home,
        "username": USERNAME,
        "password_file": folder.password_file if folder.password_file.exists() else None,
    }


def _store(settings: "Settings", home: "Path", *, running: bool) -> dict[str, Any]:
    """Bytes on disk, by what they hold."""
    import asyncio

    from graph.embedded.store_files import store_files
    from graph.errors import GraphError
    from service.database import share_of_instructions

    files, share = store_files(home), None
    if running:
        try:
            share = asyncio.run(share_of_instructions(settings, files))
        except GraphError as error:  # the rest is true all the same
            note(f"what instructions take of it is not known: {error}")
    kinds = files.kinds | {"indexes": sum(files.indexes.values()), "other": files.other}
    return {
        "bytes": files.store,
        "kinds": kinds,
        "log": files.log,
        "free": files.free,
        "instructions": share.model_dump() if share else None,
    }


def _show(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    if facts["embedded"]:
        state = "running" if facts["running"] else "not running"
        rows = {"Neo4j": f"embedded, {facts['version']}, {state}{', in use' if facts['in_use'] else ''}"}
    else:
        rows = {"Neo4j": "a server of yours, by NEO4J_URI; glan runs none itself"}
    keys = {"address": "uri", "user": "username", "password in": "password_file"}
    keys |= {"process": "pid", "data folder": "home"}
    rows |= {name: facts[key] for name, key in keys.items() if facts.get(key) is not None}
    if facts.get("running"):
        password = f"\"$(cat '{facts['password_file']}')\""
        rows["connect"] = f"cypher-shell -a {facts['uri']} -u {facts['username']} -p {password}"
    if (store := facts.get("store")) and store["bytes"]:
        rows |= _store_lines(store)
    for name, value in rows.items():  # not a table, which would wrap the last line, meant for copying
        print(f"{name:<12} {value}", flush=True)


def _store_lines(store: dict[str, Any]) -> dict[str, str]:
    from rich.filesize import decimal

    kinds = sorted(store["kinds"].items(), key=lambda kind: -kind[1])
    lines = {
        "on disk": f"{decimal(store['bytes'])}, and {decimal(store['log'])} of transaction log; "
        f"{decimal(store['free'])} are free",
        "of this": ", ".join(f"{name} {decimal(size)}" for name, size in kinds),
    }
    if share := store["instructions"]:
        lines["instructions"] = (
            f"{share['instructions']:,} take {decimal(share['bytes'])}, {share['each']:,.0f} bytes each; a "
            f"million more about {decimal(share['million'])}"
        )
    return lines


def _require_embedded(settings: "Settings", verb: str) -> None:
    if settings.neo4j_uri:
        raise CommandError(
            f"NEO4J_URI is set, so glan uses {settings.neo4j_uri} and has no embedded Neo4j to {verb}. "
            "Unset it to use the embedded one."
        )


def _attach(settings: "Settings") -> "Attachment":
    from graph.embedded.attach import attach
    from service.database import embedded_config
    from service.startup import StartupProgress

    with StartupProgress() as report:
        attached = attach(embedded_config(settings), report)
        report.note(attached.notice)
    return attached


def _wait_for_interrupt() -> None:
    from threading import Event

    with suppress(KeyboardInterrupt):
        Event().wait()


def _listen(port: int | None) -> "socket.socket":
    """A socket on the given port; without one, on the default port, or on any free one if that is taken.

    Raises CommandError if the port cannot be bound.
    """
    from graph.embedded.ports import HOST, port_is_free
    from service.server import listening

    wanted = port if port is not None else BROWSER_PORT if port_is_free(BROWSER_PORT) else 0
    try:
        return listening(HOST, wanted)
    except OSError as error:
        raise CommandError(f"cannot listen on {HOST}:{wanted}: {error.strerror}; choose --port") from None


def _open(address: str) -> None:
    """Opens the page from a thread, because a text-mode browser would block."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _serve(folder: "Path", listener: "socket.socket") -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    from service.browser_guide import HEADERS, PATH, page

    async def guide(_: Request) -> HTMLResponse:
        return HTMLResponse(page(), headers=HEADERS)

    files = StaticFiles(directory=folder, html=True)
    pages = Starlette(routes=[Route(PATH, guide, methods=["GET", "OPTIONS"]), Mount("/", files)])
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(pages, log_level="warning", lifespan="off")).run(sockets=[listener])
