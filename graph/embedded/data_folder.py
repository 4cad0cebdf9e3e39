"""The data folder of the embedded Neo4j, as glan's commands and the child process share it.

HOME is what the Neo4j container calls /data: it can be mounted there as it is. Beside Neo4j's own folders
(databases, transactions, dbms) it holds `glan/`:

    clients.lock    held shared by everybody who uses the database; the child goes when nobody does
    start.lock      held by whoever is starting the child
    server.lock     held by the child while it lives
    state.json      address and process id, true while server.lock is held
    password        of the user neo4j, mode 0600; password.applied: its SHA-256 once the database knows it
    version         of the Neo4j that wrote the folder
    neo4j.conf      made anew at each start; logs/ are Neo4j's own, server.log is the child's output
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
"""Lines of server.log that begin so say why the child did not start, the innermost cause last."""


@dataclass(frozen=True)
class State:
    """What the child says of itself; `uri` is None until it answers there."""

    pid: int
    uri: str | None
    version: str
    password_file: str


@dataclass(frozen=True)
class DataFolder:
    """Names in the folder, and the few things both sides do with them."""

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
        """Makes the folder, closed to other users: the password lies in it, and the data itself."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own.mkdir(mode=0o700, exist_ok=True)

    def close_to_others(self) -> None:
        """Takes from other users what older versions, a container or a copy has left open to them.

        What else is in HOME is not ours, and HOME itself only where there is nothing else.
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
        """The Neo4j that wrote the folder; None when glan has not run one there yet."""
        return self.version_file.read_text().strip() if self.version_file.exists() else None

    def require_version(self, version: str) -> None:
        """Raises ForeignData when another line of Neo4j (5.26 is one) wrote the folder."""
        found = self.version()  # None: new, or a container's; Neo4j itself refuses what it cannot read
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
        # The child's own look at the lock takes microseconds: a second try is enough to see past it.
        probe = lock(self.clients_lock, EXCLUSIVE, 0.1)
        if probe is not None:
            unlock(probe)
        return probe is None

    def read_state(self) -> State | None:
        """What the last child wrote. It may be dead: see `server_lives`."""
        try:
            return State(**json.loads(self.state_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write_state(self, state: State) -> None:
        write_whole(self.state_file, json.dumps(asdict(state)).encode(), mode=0o600)

    def password(self) -> str:
        """The password of the user neo4j; made up and written down when there is none yet."""
        if not self.password_file.exists():
            # Hexadecimal: no character that a shell or a URL would need escaped.
            write_whole(self.password_file, secrets.token_hex(16).encode(), mode=0o600)
        return self.password_file.read_text().strip()

    def password_is_applied(self) -> bool:
        """Whether the database was told the password in the file."""
        digest = hashlib.sha256(self.password().encode()).hexdigest()
        return self.applied_file.exists() and self.applied_file.read_text() == digest

    def mark_password_applied(self) -> None:
        digest = hashlib.sha256(self.password().encode()).hexdigest()
        write_whole(self.applied_file, digest.encode(), mode=0o600)

    def fresh_log(self) -> Path:
        """Where the next child writes; the log of the last one is kept beside it."""
        if self.log_file.exists():
            self.log_file.replace(self.own / "server.log.1")
        return self.log_file

    def hold_server_lock(self) -> IO[bytes] | None:
        """For the child: the lock that says it lives, or None when another child does."""
        return lock(self.server_lock, EXCLUSIVE, 2.0)  # seconds: others look at it with a shared lock


def _close(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone since; somebody else's, who may close it
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & 0o077:
            path.chmod(stat.S_IMODE(mode) & 0o700)


def _line(version: str) -> list[str]:
    return version.split(".")[:2]
