"""Files that are written completely or not at all."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644) -> Generator[IO[bytes]]:
    """A file to write to that replaces `path` at the end; after an error `path` is unchanged.

    Nobody ever sees part of the content, not even after a crash: it is written next to `path`, synced, and
    renamed.
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
    """Replaces the content of `path` by `data`, as `whole_file` does."""
    with whole_file(path, mode=mode) as file:
        file.write(data)
