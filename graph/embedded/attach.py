"""Neo4j on the user's own machine, run by glan: attach, info, stop. All of it blocks; use asyncio.to_thread.

The first process to attach starts a child (graph.embedded.server); later ones find it. Each process holds a
shared lock while it uses the database, and the child exits once nobody has held that lock for the linger
time. Locks die with their process, so a killed process leaves none behind.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from graph.embedded.child import STOP_S, EmbeddedConfig, Progress, answering, end, start
from graph.embedded.data_folder import USERNAME, DataFolder
from graph.embedded.jar_lock import neo4j_version
from graph.embedded.jars import fetch
from graph.embedded.locks import EXCLUSIVE, SHARED, disk_errors, lock, unlock
from graph.errors import EmbeddedError

__all__ = ["LICENCE_NOTE", "Attachment", "EmbeddedConfig", "Info", "Progress", "attach", "info", "stop"]

LICENCE_NOTE: Final = (
    f"Neo4j Community {neo4j_version()} was fetched from the Maven repository, once. It is free software "
    "under the GNU General Public License 3, is not part of glan, and runs in a separate process."
)


class Attachment:
    """A running Neo4j, kept alive until `release` or the end of this process. Also a context manager.

    `notice` is the note on Neo4j's licence to show once, if this attachment fetched Neo4j; otherwise None.
    """

    def __init__(self, held: IO[bytes], uri: str, password: str, pid: int, notice: str | None) -> None:
        self.uri: Final = uri
        self.username: Final = USERNAME
        self.password: Final = password
        self.pid: Final = pid
        self.notice: Final = notice
        self._held = held

    def release(self) -> None:
        """Detaches; an unused child shuts down after the linger time. May be called twice."""
        if not self._held.closed:
            os.utime(self._held.name)  # the linger time starts now
        unlock(self._held)

    def __enter__(self) -> "Attachment":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@dataclass(frozen=True)
class Info:
    """The current state of the embedded database. `uri` and `pid` are None while it does not run."""

    running: bool
    uri: str | None
    pid: int | None
    version: str
    home: Path
    username: str
    password_file: Path
    in_use: bool


def attach(config: EmbeddedConfig, progress: Progress | None = None) -> Attachment:
    """Attaches to the running database, starting it if need be; the very first call fetches Neo4j.

    Raises DiskFull, or EmbeddedError and its kinds: JarsUnavailable, HashMismatch, ForeignData, and PortTaken
    (only if it has to start a child: a running one is used whatever its port).
    """
    report = progress or _silent
    folder = DataFolder(config.home.expanduser().resolve())
    with disk_errors(folder.home):
        folder.prepare()
        folder.require_version(neo4j_version())
        held = _hold_clients_lock(folder)
        try:
            state, fetched = answering(folder), False
            if state is None:
                fetched = _fetch(config, report)
                state = start(config, folder, report)
            notice = LICENCE_NOTE if fetched else None
            return Attachment(held, state.uri or "", folder.password(), state.pid, notice)
        except BaseException:
            unlock(held)
            raise


def info(config: EmbeddedConfig) -> Info | None:
    """What is known about the data folder; None if glan has never used it."""
    folder = DataFolder(config.home.expanduser().resolve())
    if not folder.own.exists():
        return None
    state = folder.read_state() if folder.server_lives() else None
    return Info(
        running=state is not None and state.uri is not None,
        uri=state.uri if state else None,
        pid=state.pid if state else None,
        version=state.version if state else folder.version() or neo4j_version(),
        home=folder.home,
        username=USERNAME,
        password_file=folder.password_file,
        in_use=folder.in_use(),
    )


def stop(config: EmbeddedConfig, *, force: bool = False) -> bool:
    """Shuts the child down; returns False if none runs.

    Raises EmbeddedError while clients are attached, unless `force`: they then lose the database, and whatever
    they had not committed. Committed data is safe either way.
    """
    folder = DataFolder(config.home.expanduser().resolve())
    if not folder.own.exists() or not folder.server_lives():
        return False
    with disk_errors(folder.home):
        kept_out = lock(folder.clients_lock, EXCLUSIVE, 0.2)  # so that nobody attaches to a stopping child
        try:
            if kept_out is None and not force:
                raise EmbeddedError(
                    f"The database in {folder.home} is in use by a glan process. End that one first, or "
                    "stop the database under it with `glan db stop --force`."
                )
            end(folder, force)
        finally:
            if kept_out is not None:
                unlock(kept_out)
    return True


def _silent(_what: str, _done: int, _total: int) -> None:
    """The progress callback for callers that pass none."""


def _hold_clients_lock(folder: DataFolder) -> IO[bytes]:
    held = lock(folder.clients_lock, SHARED, STOP_S)  # a child that is shutting down holds it until it exits
    if held is None:
        raise EmbeddedError(
            f"The Neo4j of {folder.home} has been shutting down for {STOP_S:.0f} s. "
            "End it with `glan db stop --force`."
        )
    os.utime(folder.clients_lock)
    return held


def _fetch(config: EmbeddedConfig, report: Progress) -> bool:
    what = f"Fetching Neo4j Community {neo4j_version()} (GPLv3)"
    return fetch(
        config.cache.expanduser().resolve(),
        "neo4j",
        config.maven_url,
        lambda done, total: report(what, done, total),
    )
