"""The data folder of the embedded Neo4j, shared by glan's commands and the child process.

HOME is what the Neo4j container calls /data, and can be mounted there as it is. Next to Neo4j's own folders
(databases, transactions, dbms) it holds `glan/`:

    clients.lock    held, shared, by every process that uses the database; the child exits when nobody does
    start.lock      held by the process that is starting the child
    server.lock     held by the child while it lives
    state.json      address and process id, valid while server.lock is held
    password        of the user neo4j, mode 0600; password.applied: its SHA-256 once the database knows it
    version         of the Neo4j that wrote the folder
    neo4j.conf      written at each start; logs/ are Neo4j's own, server.log is the child's output
"""

import hashlib
import json
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from graph.embedded.locks import EXCLUSIVE, SHARED, lock, unlock
from graph.errors import ForeignData
from graph.files import write_whole

USERNAME: Final = "neo4j"
_OURS: Final = {"databases", "transactions", "dbms", "glan", "server_id"}
FAILED: Final = "failed: "
"""Lines of server.log with this prefix say why the child did not start, the innermost cause last."""


@dataclass(frozen=True)
class State:
    """What the child says about itself; `uri` is None until the database answers."""

    pid: int
    uri: str | None
    version: str
    password_file: str


@dataclass(frozen=True)
class DataFolder:
    """The paths in the folder, and the few operations that both sides need."""

    home: Path

    @property
    def own(self) -> Path:
        return self.home / "glan"

    @property
    def clients_lock(self) -> Path:
        return self.own / "clients.lock"

    @property
    def start_lock(self) -> Path:
        return self.own / "start.lock"

    @property
    def server_lock(self) -> Path:
        return self.own / "server.lock"

    @property
    def state_file(self) -> Path:
        return self.own / "state.json"

    @property
    def password_file(self) -> Path:
        return self.own / "password"

    @property
    def applied_file(self) -> Path:
        return self.own / "password.applied"

    @property
    def version_file(self) -> Path:
        return self.own / "version"

    @property
    def conf_file(self) -> Path:
        return self.own / "neo4j.conf"

    @property
    def log_file(self) -> Path:
        return self.own / "server.log"

    def prepare(self) -> None:
        """Creates the folder, closed to other users because it holds the password and the data."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own.mkdir(mode=0o700, exist_ok=True)

    def close_to_others(self) -> None:
        """Closes to other users what older versions, a container or a copy has left open to them.

        Anything else in HOME is left alone, and HOME itself too if there is anything else in it.
        """
        ours = [path for path in self.home.iterdir() if path.name in _OURS]
        if len(ours) == len(list(self.home.iterdir())):
            _close(self.home)
        for top in ours:
            _close(top)
            for folder, folders, files in os.walk(top):
                for name in [*folders, *files]:
                    _close(Path(folder, name))

    def version(self) -> str | None:
        """The version of the Neo4j that wrote the folder; None if glan has not run one there yet."""
        return self.version_file.read_text().strip() if self.version_file.exists() else None

    def require_version(self, version: str) -> None:
        """Raises ForeignData if another release line of Neo4j (such as 5.26) wrote the folder."""
        found = self.version()  # None: new, or from a container; Neo4j itself refuses data it cannot read
        if found is not None and _line(found) != _line(version):
            raise ForeignData(
                f"{self.home} was written by Neo4j {found}, and this glan runs Neo4j {version}. "
                "Set GLAN_HOME to another folder, install the glan that wrote it, or run that Neo4j yourself "
                "and set NEO4J_URI."
            )

    def server_lives(self) -> bool:
        """Whether a child holds the folder: starting, ready, or shutting down."""
        if not self.server_lock.exists():
            return False
        probe = lock(self.server_lock, SHARED)
        if probe is not None:
            unlock(probe)
        return probe is None

    def in_use(self) -> bool:
        """Whether any process is attached."""
        if not self.clients_lock.exists():
            return False
        # The child itself holds the lock for microseconds when it checks it: another try sees past that.
        probe = lock(self.clients_lock, EXCLUSIVE, 0.1)
        if probe is not None:
            unlock(probe)
        return probe is None

    def read_state(self) -> State | None:
        """The state that the last child wrote; it may be dead (see `server_lives`). None if there is none."""
        try:
            return State(**json.loads(self.state_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write_state(self, state: State) -> None:
        write_whole(self.state_file, json.dumps(asdict(state)).encode(), mode=0o600)

    def password(self) -> str:
        """The password of the user neo4j; generated and stored by the first call."""
        if not self.password_file.exists():
            # Hexadecimal, so that nothing in it has to be escaped in a shell or a URL.
            write_whole(self.password_file, secrets.token_hex(16).encode(), mode=0o600)
        return self.password_file.read_text().strip()

    def password_is_applied(self) -> bool:
        """Whether the database has been given the password in the file."""
        digest = hashlib.sha256(self.password().encode()).hexdigest()
        return self.applied_file.exists() and self.applied_file.read_text() == digest

    def mark_password_applied(self) -> None:
        digest = hashlib.sha256(self.password().encode()).hexdigest()
        write_whole(self.applied_file, digest.encode(), mode=0o600)

    def fresh_log(self) -> Path:
        """The log file for the next child; the last child's log is kept as server.log.1."""
        if self.log_file.exists():
            self.log_file.replace(self.own / "server.log.1")
        return self.log_file

    def hold_server_lock(self) -> IO[bytes] | None:
        """For the child: the lock that shows that it is alive; None if another child holds it."""
        return lock(self.server_lock, EXCLUSIVE, 2.0)  # seconds, because others probe it with a shared lock


def _close(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone by now; owned by another user, who may close it
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & 0o077:
            path.chmod(stat.S_IMODE(mode) & 0o700)


def _line(version: str) -> list[str]:
    return version.split(".")[:2]
