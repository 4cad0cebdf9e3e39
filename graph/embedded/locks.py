"""Files shared between processes: locks that die with their holder, and errors of the file system."""

import errno
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import portalocker

from graph.errors import DiskFull, EmbeddedError

EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE
SHARED = portalocker.LockFlags.SHARED

_RETRY_S = 0.02
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def lock(path: Path, kind: portalocker.LockFlags, timeout_s: float = 0.0) -> IO[bytes] | None:
    """The open, locked file, or None if another process still holds it after `timeout_s` seconds.

    `unlock` releases it; the operating system does so when the process dies, however it dies.
    Raises OSError if the file system has no locks.
    """
    file = path.open("ab")
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            portalocker.lock(file, kind | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.AlreadyLocked:
            if time.monotonic() >= deadline:
                file.close()
                return None
            time.sleep(_RETRY_S)
        except portalocker.LockException as error:  # some network file systems have no locks
            file.close()
            raise OSError(errno.ENOLCK, "no locks here", str(path)) from error
        except BaseException:
            file.close()
            raise
        else:
            return file


def unlock(file: IO[bytes]) -> None:
    """Releases the lock and closes the file; does nothing if it is closed already."""
    if file.closed:
        return
    # Closing the file alone would leave the lock with children that were forked while it was held.
    portalocker.unlock(file)
    file.close()


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Raises DiskFull if fewer than `needed` bytes are free on the disk of the (existing) folder."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"No room for {purpose}: {folder} has {free >> 20} MB free, {(needed >> 20) + 1} MB are needed. "
            "Free some space, or set GLAN_HOME and GLAN_CACHE to folders on a larger disk."
        )


@contextmanager
def disk_errors(folder: Path) -> Generator[None, None, None]:
    """Turns errors of the file system into DiskFull or EmbeddedError."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"The disk of {folder} is full. Free some space, or set GLAN_HOME and GLAN_CACHE to folders "
                "on a larger disk."
            ) from error
        raise EmbeddedError(f"Cannot work in {folder}: {error}") from error
