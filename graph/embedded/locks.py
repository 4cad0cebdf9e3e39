"""Files shared between processes: locks that die with their holder, and what a file system refuses."""

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
    """The locked open file, or None when somebody else still held it after `timeout_s` seconds.

    The operating system drops the lock when the process dies, however it dies. `unlock` gives it back.
    Raises OSError where the file system has no locks.
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
    """Gives the lock back; a file already closed is fine."""
    if file.closed:
        return
    # Closing alone would leave the lock with children forked while it was held.
    portalocker.unlock(file)
    file.close()


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Raises DiskFull when fewer than `needed` bytes are free where the (existing) folder lies."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"No room for {purpose}: {folder} has {free >> 20} MB free, {(needed >> 20) + 1} MB are needed. "
            "Free some space, or set GLAN_HOME and GLAN_CACHE to folders on a larger disk."
        )


@contextmanager
def disk_errors(folder: Path) -> Generator[None, None, None]:
    """Turns what the file system refuses into DiskFull or EmbeddedError."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"The disk of {folder} is full. Free some space, or set GLAN_HOME and GLAN_CACHE to folders "
                "on a larger disk."
            ) from error
        raise EmbeddedError(f"Cannot work in {folder}: {error}") from error
