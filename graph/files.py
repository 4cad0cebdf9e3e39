"""Files that are written whole or not at all."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644) -> Generator[IO[bytes]]:
    """A file to write to, which takes the place of `path` at the end; after an error nothing has changed.

    Nobody, not even after a crash, sees a part of it: it is written beside it, synced, and renamed.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replaces the file by `data`, as whole_file does."""
    with whole_file(path, mode=mode) as file:
        file.write(data)
