"""Pulls from the service into a file: an interrupted pull is resumed, and FILE is never incomplete.

Every line arrives with a cursor. Lines are written to FILE.part; FILE.part.json records which pull that is
and up to which byte and cursor it is valid, so a pull that was killed resumes there. A pipe or a device is
written directly. A link stays; the file that it leads to is replaced.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from graph.files import write_whole
from service.terminal.client import TRIES, Api, Busy, pause_before
from service.terminal.output import CommandError, note

if TYPE_CHECKING:
    from rich.progress import Progress

# Seconds between records of a pull's progress.
SAVE_EVERY_S = 1.0
BETWEEN = b'","item":'
BEFORE = b'{"cursor":"'


class Transfer:
    """What both kinds of pull share: where to write, retries, and the progress shown."""

    def __init__(
        self, api: Api, path: str, params: dict[str, Any], target: Path | None, progress: "Progress"
    ) -> None:
        self._api = api
        self._path = path
        self._params = params
        self._through = target is None or written_through(target)
        self._target = target if target is None or self._through else target.resolve()
        self._progress = progress
        self._task = progress.add_task("", total=None)
        self._started = time.monotonic()
        self._told = 0.0
        self._begun = False

    @property
    def _part(self) -> Path:
        assert self._target
        return self._target.with_name(self._target.name + ".part")

    @contextmanager
    def _straight(self) -> Generator[IO[bytes]]:
        """Stdout, or the named pipe or device."""
        if self._target is None:
            yield sys.stdout.buffer
        else:
            with self._target.open("wb") as file:
                yield file

    def _retried(self, go_on: Callable[[], None], reached: Callable[[], int]) -> None:
        """Calls `go_on`, and again after each loss of the connection; `reached` measures progress."""
        tries = 0
        while True:
            before = reached()
            try:
                return go_on()
            except (httpx.TransportError, Busy) as error:
                if not self._begun:
                    raise  # the service has never answered, so there is nothing to resume
                tries = 1 if reached() > before else tries + 1
                if tries > TRIES:
                    raise
                pause = pause_before(tries)
                note(
                    f"the connection was lost ({error}); continuing in {pause:.1f} s, try {tries} of {TRIES}"
                )
                time.sleep(pause)

    def _tell(self, text: Callable[[float], str]) -> None:
        now = time.monotonic()
        if now - self._told > 0.1:
            self._told = now
            self._progress.update(self._task, description=text(max(now - self._started, 0.001)))

    @contextmanager
    def _stream(self, **params: Any) -> Generator[httpx.Response]:
        with self._api.stream(self._path, **self._params, **params) as response:
            self._begun = True
            yield response


class Lines(Transfer):
    """Pulls JSON lines, each exactly once."""

    def __init__(
        self, api: Api, path: str, params: dict[str, Any], target: Path | None, progress: "Progress"
    ) -> None:
        super().__init__(api, path, params, target, progress)
        self._count = 0
        self._here = 0
        self._cursor: str | None = None
        self._saved = 0.0

    def run(self) -> str:
        """Pulls to the end and returns the number of instructions, as text."""
        if self._target is None or self._through:
            with self._straight() as file:
                self._pull_into(file)
        else:
            with self._opened() as file:
                self._pull_into(file)
            self._part.replace(self._target)
            self._state.unlink(missing_ok=True)
        return f"{self._count} instructions"

    @property
    def _state(self) -> Path:
        return self._part.with_name(self._part.name + ".json")

    def _pull_into(self, file: IO[bytes]) -> None:
        self._retried(lambda: self._go_on(file), lambda: self._here)
        file.flush()

    def _go_on(self, file: IO[bytes]) -> None:
        with self._stream(format="ndjson", cursors=True, cursor=self._cursor) as response:
            for lines in whole_lines(response.iter_bytes()):
                file.write(b"".join(line.partition(BETWEEN)[2][:-1] + b"\n" for line in lines))
                self._cursor = lines[-1].partition(BETWEEN)[0].removeprefix(BEFORE).decode()
                self._count += len(lines)
                self._here += len(lines)
                self._tell(lambda s: f"{self._count:,} instructions, {self._here / s:,.0f}/s")
                self._save(file)

    def _save(self, file: IO[bytes]) -> None:
        if self._through or time.monotonic() - self._saved < SAVE_EVERY_S:
            return
        file.flush()
        os.fsync(file.fileno())
        state = {"pull": self._identity, "cursor": self._cursor, "bytes": file.tell(), "count": self._count}
        write_whole(self._state, json.dumps(state).encode())
        self._saved = time.monotonic()

    @property
    def _identity(self) -> list[Any]:
        given = {name: value for name, value in self._params.items() if value is not None}
        return [self._path, json.dumps(given, sort_keys=True)]

    def _opened(self) -> IO[bytes]:
        """FILE.part, positioned after what an earlier run of the same pull has left in it."""
        state = self._left()
        if state is None:
            self._state.unlink(missing_ok=True)
            return self._part.open("wb")
        file = self._part.open("r+b")
        file.truncate(state["bytes"])
        file.seek(0, os.SEEK_END)
        self._cursor, self._count = state["cursor"], state["count"]
        note(f"continuing after {self._count} instructions in {self._part}; remove it to start over")
        return file

    def _left(self) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = json.loads(self._state.read_text(encoding="utf-8"))
            same = state["pull"] == self._identity and self._part.stat().st_size >= state["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if same else None


class Whole(Transfer):
    """Pulls a Parquet file, which is usable only as a whole: an interrupted pull starts over."""

    def run(self) -> str:
        """Pulls to the end and returns the number of instructions, as text, if it is known."""
        if self._target is None or self._through:
            with self._straight() as file:
                self._copy(file)
            return "a Parquet file"
        self._retried(self._write, lambda: 0)
        import pyarrow.parquet

        parquet: Any = pyarrow.parquet
        count = parquet.read_metadata(self._part).num_rows
        self._part.replace(self._target)
        return f"{count} instructions"

    def _write(self) -> None:
        with self._part.open("wb") as file:
            self._copy(file)

    def _copy(self, file: IO[bytes]) -> None:
        count = 0
        with self._stream(format="parquet") as response:
            for chunk in response.iter_bytes():
                file.write(chunk)
                count += len(chunk)
                self._tell(lambda s, mb=count / 1e6: f"{mb:,.1f} MB, {mb / s:,.1f} MB/s")
        file.flush()


def written_through(target: Path) -> bool:
    """Whether a path is a pipe, a device or an open file, not a file that could be replaced."""
    if target.absolute().parts[1:2] in (("dev",), ("proc",)):
        return True
    return target.exists() and not target.is_file()


def whole_lines(chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    """The lines that each chunk completes; raises CommandError if the first of them has no cursor."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            if not lines[0].startswith(BEFORE):
                raise CommandError("the service does not send cursors: it is older than this glan")
            yield lines
