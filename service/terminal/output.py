"""What the commands print: results on stdout, everything else on stderr, errors in one line."""

import json
import os
import sys
from collections.abc import Generator
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
    """The service does not take a value; `problems`: (where in the request, what is wrong with it)."""

    def __init__(self, message: str, problems: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.problems = problems


def stdout() -> "Console":
    """For results."""
    return _console(sys.stdout.isatty())


def stderr() -> "Console":
    """For progress and notes."""
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, **options: Any) -> "Console":
    """As wide as the terminal or as COLUMNS says; in a file or a pipe nothing needs to be wrapped."""
    from rich.console import Console

    wide = not terminal and "COLUMNS" not in os.environ
    return Console(highlight=False, width=UNWRAPPED if wide else None, **options)


def note(text: str) -> None:
    """A line that is not part of the result; a terminal breaks it where it ends."""
    print(text, file=sys.stderr, flush=True)


def say(text: str = "") -> None:
    """A line of the result: broken between words on a terminal, and nowhere else."""
    if sys.stdout.isatty():
        stdout().print(text, markup=False)
    else:
        print(text, flush=True)


def print_json(value: Any) -> None:
    """A result as JSON, one document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str), flush=True)


@contextmanager
def waiting(text: str) -> Generator[None]:
    """A spinner on a terminal for whatever takes over a second."""
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
    """Work whose end is not known, on stderr while it lasts: a spinner, `text` and the time.

    `text` is Rich's, such as {task.description}. `shown`: whether to show it; not given: on a terminal.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = stderr()
    hidden = not (console.is_terminal if shown is None else shown)
    columns = (SpinnerColumn(), TextColumn(text), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden)
