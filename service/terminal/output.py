"""What the commands print: results on stdout, everything else on stderr, errors in one line."""

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

DONE, FAILED, USAGE, SHORT, INTERRUPTED = 0, 1, 2, 3, 130

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else on stdout.")]


class CommandError(Exception):
    """A command could not do what it was asked; the message says what to do."""


def stdout() -> "Console":
    """For results; wide where no terminal says how wide, so that tables in a file keep their columns."""
    from rich.console import Console

    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, width=160 if wide else None)


def stderr() -> "Console":
    """For progress and notes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """A line that is no result."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """A result as JSON, one document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str), flush=True)


@contextmanager
def errors() -> Generator[None]:
    """Known errors become one line on stderr and exit code 1; Ctrl-C becomes 130."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        note("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough (`glan pull … | head`).
        sys.stderr.close()
        raise typer.Exit(DONE) from None
    except Exception as error:
        message = _message(error)
        if message is None:
            raise
        note("error: " + " ".join(message.split()))
        raise typer.Exit(FAILED) from None


def _message(error: Exception) -> str | None:
    """What to say about a known error; None for a defect.

    Imported only now: most commands succeed, and `glan --help` is to be quick.
    """
    import httpx
    from pydantic import ValidationError

    from generators.errors import GenerationError
    from graph.errors import GraphError
    from service.http.auth import NotLoopback
    from service.settings import Settings, variable

    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "; ".join(f"{variable(str(e['loc'][0]).lower())}: {e['msg']}" for e in error.errors())
    known = CommandError | GraphError | GenerationError | NotLoopback | httpx.TransportError | OSError
    return str(error) if isinstance(error, known) else None


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
