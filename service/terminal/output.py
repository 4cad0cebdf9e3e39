"""What the commands print: results on stdout, everything else on stderr, errors in one line."""

import codecs
import json
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

# Wider than any table.
UNWRAPPED = 10_000
DONE, FAILED, USAGE, SHORT, INTERRUPTED = 0, 1, 2, 3, 130


class CommandError(Exception):
    """A command could not do what it was asked; the message says what to do."""


class Rejected(CommandError):
    """The service rejects a value; `problems`: pairs of the place in the request and what is wrong there."""

    def __init__(self, message: str, problems: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.problems = problems


def open_streams() -> None:
    """Has the standard streams take any text: those that are closed, and those with few characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            # The file takes the number of the closed one, which another file or a connection would get else.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w":
            stream.reconfigure(errors="backslashreplace")


def drop_output() -> None:
    """Drops what stdout does not take: Python would try once more as it ends, and exit with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stdout() -> "Console":
    """The console for results."""
    return _console(sys.stdout.isatty())


def stderr() -> "Console":
    """The console for progress and notes."""
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, **options: Any) -> "Console":
    """A console as wide as the terminal or COLUMNS; output to a file or a pipe is not wrapped."""
    from rich.console import Console

    wide = not terminal and "COLUMNS" not in os.environ
    return Console(highlight=False, width=UNWRAPPED if wide else None, **options)


def note(text: str) -> None:
    """Prints a line that is not part of the result on stderr, without wrapping it."""
    print(text, file=sys.stderr, flush=True)


def notes(lines: Sequence[str], most: int = 20) -> None:
    """Prints the first lines on stderr, and how many more there are."""
    for line in lines[:most]:
        note(line)
    if len(lines) > most:
        note(f"... and {len(lines) - most} more (--json lists all)")


def say(text: str = "") -> None:
    """Prints a line of the result, wrapped between words on a terminal only."""
    if sys.stdout.isatty():
        stdout().print(text, markup=False)
    else:
        print(text, flush=True)


def print_json(value: Any) -> None:
    """Prints a result as one JSON document."""
    # A character that is escaped for the encoding, such as \xfc, would be no JSON.
    ascii_ = codecs.lookup(sys.stdout.encoding).name != "utf-8"
    print(json.dumps(value, ensure_ascii=ascii_, indent=2, default=str), flush=True)


@contextmanager
def waiting(text: str) -> Generator[None]:
    """Shows a spinner on a terminal if the work takes over a second."""
    from threading import Timer

    status = stderr().status(text)
    timer = Timer(1.0, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def spinner(text: str, *, shown: bool | None = None) -> "Progress":
    """Progress of work without a known end, on stderr while it lasts: a spinner, `text` and elapsed time.

    `text` is a Rich template, such as {task.description}. `shown`: show it; by default only on a terminal.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = stderr()
    hidden = not (console.is_terminal if shown is None else shown)
    columns = (SpinnerColumn(), TextColumn(text), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden)
