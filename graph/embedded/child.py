"""The child process as its parent sees it: start it once, wait for it, end it, read its log."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graph.embedded.data_folder import FAILED, DataFolder, State
from graph.embedded.jar_lock import neo4j_version
from graph.embedded.locks import EXCLUSIVE, lock, require_space, unlock
from graph.embedded.ports import HOST, port_is_free, speaks_bolt
from graph.errors import DatabaseUnavailable, DiskFull, EmbeddedError, ForeignData, PortTaken

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and the total; a total of 0 means unknown."""

START_S: Final = 600.0  # a recovery after a kill may take long; a start without one takes seconds
STOP_S: Final = 30.0
_START_SPACE: Final = 64 * 2**20  # an empty database takes 2 MB, a recovery the writes of a minute
_FULL: Final = 2**20
_POLL_S: Final = 0.05
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has no SIGKILL: its SIGTERM kills
_FAILURES: Final = (
    (
        re.compile(r"Address already in use|BindException"),
        PortTaken,
        "Set GLAN_NEO4J_PORT to another port, or to 0 for any free one.",
    ),
    (
        re.compile(r"No space left on device|Disk quota exceeded|not enough space on the disk"),
        DiskFull,
        "Free some space, or set GLAN_HOME to a folder on a larger disk.",
    ),
    (
        re.compile(r"UnableToMigrate|UnsupportedLogVersion|[Ss]tore ?([Ff]ormat|[Vv]ersion)|newer version"),
        ForeignData,
        "Another version of Neo4j wrote the data. Set GLAN_HOME to another folder, or run that version "
        "yourself and set NEO4J_URI.",
    ),
)


@dataclass(frozen=True)
class EmbeddedConfig:
    """Where the embedded Neo4j lives and how much memory it may use; sizes as Java writes them: 512m, 4g.

    `settings` are Neo4j's own, by their names, over those that it has otherwise.
    """

    home: Path
    cache: Path
    maven_url: str | None = None
    port: int = 0
    heap: str = "512m"
    page_cache: str = "256m"
    linger_s: float = 30.0
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


def answering(folder: DataFolder) -> State | None:
    """The child's state if it is alive and speaks Bolt, otherwise None."""
    if not folder.server_lives():
        return None
    state = folder.read_state()
    return state if state and state.uri and speaks_bolt(state.uri) else None


def start(config: EmbeddedConfig, folder: DataFolder, report: Progress) -> State:
    """Starts the child and waits until it answers; raises EmbeddedError or one of its kinds, or DiskFull.

    Only one process starts it at a time; one that waited for its turn finds the child of the one before.
    """
    turn = lock(folder.start_lock, EXCLUSIVE, START_S)
    if turn is None:
        raise EmbeddedError(f"Another process has been starting Neo4j in {folder.home} for too long; end it.")
    try:
        # A live child is still starting, for a process that has died, or is about to end.
        state = _await(folder, None, report) if folder.server_lives() else None
        if state is None:
            state = _await(folder, _spawn(config, folder), report)
        if state is None:
            raise _failure(folder)
        return state
    finally:
        unlock(turn)


def _spawn(config: EmbeddedConfig, folder: DataFolder) -> "subprocess.Popen[bytes]":
    require_space(folder.home, _START_SPACE, "the database")
    if config.port and not port_is_free(config.port):
        raise PortTaken(
            f"Port {config.port} of {HOST} is in use by another program. Set GLAN_NEO4J_PORT to another one, "
            "or to 0 for any free one."
        )
    command = [sys.executable, "-P", "-m", "graph.embedded.server", str(folder.home)]
    command += ["--cache", str(config.cache.expanduser().resolve()), "--port", str(config.port)]
    command += ["--heap", config.heap, "--page-cache", config.page_cache, "--linger", str(config.linger_s)]
    command += [f"--set={name}={value}" for name, value in config.settings.items()]
    # -P and this path: a folder named graph in the user's working directory must not be imported instead.
    ours = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    with folder.fresh_log().open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=folder.own,
            env=os.environ | {"PYTHONPATH": ours},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # The child outlives this process, and must not get Ctrl-C from its terminal.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
            | getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    # Reaps the child if it dies before this process does.
    threading.Thread(target=child.wait, name="neo4j-child", daemon=True).start()
    return child


def _await(folder: DataFolder, child: "subprocess.Popen[bytes] | None", report: Progress) -> State | None:
    """Waits until the child answers; None if `child`, or any other child that held the folder, is gone."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < START_S:
        if state := answering(folder):
            return state
        if (child is None or child.poll() is not None) and not folder.server_lives():
            return None
        _end_if_disk_full(folder)
        report(f"Starting Neo4j {neo4j_version()}", int(passed), 0)
        time.sleep(_POLL_S)
    raise EmbeddedError(
        f"Neo4j in {folder.home} does not answer after {START_S:.0f} s. Its log is {folder.log_file}; "
        "`glan db stop --force` ends it."
    )


def _failure(folder: DataFolder) -> DatabaseUnavailable:
    """The error that the log of a dead child points to."""
    lines = folder.log_file.read_text(errors="replace").splitlines()
    causes = [line.removeprefix(FAILED) for line in lines if line.startswith(FAILED)]
    said = causes[-1:] or [line for line in lines if line.strip()][-5:]
    for pattern, kind, advice in _FAILURES:
        if pattern.search("\n".join(causes)):
            return kind(f"Neo4j did not start in {folder.home}: {said[0]}. {advice}")
    return EmbeddedError(
        f"Neo4j did not start in {folder.home}: {' / '.join(said) or 'it said nothing'}. "
        f"Its log is {folder.log_file}"
    )


def _end_if_disk_full(folder: DataFolder) -> None:
    """On a full disk, kills Neo4j and raises DiskFull: it would retry for ever, ignoring SIGTERM."""
    if shutil.disk_usage(folder.home).free < _FULL:
        _signal(folder, _KILL, 5.0)
        raise DiskFull(
            f"The disk of {folder.home} filled up while Neo4j started. Free some space, or set GLAN_HOME "
            "to a folder on a larger disk."
        )


def end(folder: DataFolder, force: bool) -> None:
    """Sends SIGTERM and, with `force`, kills a child that ignores it; Neo4j recovers from that, too.

    Raises EmbeddedError if the child is still alive.
    """
    gone = _signal(folder, signal.SIGTERM, STOP_S) or (force and _signal(folder, _KILL, 5.0))
    if not gone:
        raise EmbeddedError(
            f"The Neo4j of {folder.home} has not stopped in {STOP_S:.0f} s; `glan db stop --force` kills it."
        )


def _signal(folder: DataFolder, number: signal.Signals, wait_s: float) -> bool:
    """Sends a signal to the child; returns whether the child is gone within `wait_s` seconds."""
    state = folder.read_state()
    deadline = time.monotonic() + wait_s
    if state is not None and folder.server_lives():
        with suppress(ProcessLookupError):  # the child has just exited by itself
            os.kill(state.pid, number)
    while folder.server_lives():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
