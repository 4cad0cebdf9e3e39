"""The frame of every command: connects, asks, shows the answer or prints it as JSON, and handles errors.

A command is one call of `answer`. It need not handle errors: the group that runs it turns known errors into
one line on stderr and an exit code.
"""

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperGroup

from graph.text import is_whole
from service.terminal.meant import meant
from service.terminal.output import (
    DONE,
    FAILED,
    INTERRUPTED,
    CommandError,
    Rejected,
    note,
    print_json,
)

if TYPE_CHECKING:
    from service.terminal.client import Api

T = TypeVar("T")
# Typer does not export this class.
UsageError: Any = typer.BadParameter.__mro__[1]

# Fields of requests whose option has a different name.
OPTION_OF = {
    "root_id": "node",
    "subjects_per_discipline": "subjects",
    "queries_per_discipline": "queries",
    "sessions_per_syllabus": "sessions",
    "concepts_per_session": "concepts",
    "instructions_per_concept": "per_concept",
    "usd": "budget_usd",
    "tokens": "budget_tokens",
    "calls": "budget_calls",
    "default": "model",
    "answers": "answer_model",
    "judge": "judge_model",
    "timeout_s": "timeout",
    "scopes": "scope",
    "expires_at": "expires",
    "job_id": "job",
}


def answer(
    ask: "Callable[[Api], T]",
    show: Callable[[T], None],
    url: str | None,
    as_json: bool,
    *,
    works: bool = False,
) -> T:
    """Returns what `ask` gets from the service, after showing it with `show` or printing it as JSON.

    `works`: whether a service in the command's own process runs jobs.
    """
    from service.terminal.client import connect

    with connect(url, works=works) as api:
        found = ask(api)
    if as_json:
        print_json(found)
    else:
        show(found)
    return found


class Group(TyperGroup):
    """A group of commands that turns known errors into exit codes."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Reads the command line, and prints the help or the version if it asks for them."""
        with errors():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            with errors(lambda: self._parameters(ctx)):
                return super().invoke(ctx)
        except UsageError as error:
            error.told_of = getattr(error, "told_of", None) or self._path(ctx)
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds a command by name; the error for an unknown one suggests what may be meant."""
        name = args[0]
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            group = ctx.command_path.partition(" ")[2]
            of_group = f" in `{ctx.command_path}`" if group else ""
            root = ctx.find_root().command
            ctx.fail(f"there is no command {name!r}{of_group}{meant(name, root, group)}")
        return super().resolve_command(ctx, args)

    def _path(self, ctx: Any) -> str:
        name = ctx.invoked_subcommand
        return f"{ctx.command_path} {name}" if name in self.commands else ctx.command_path

    def _parameters(self, ctx: Any) -> Iterable[Any]:
        command = self.commands.get(ctx.invoked_subcommand or "")
        return command.params if command else ()


def wrong_usage(error: Any) -> int:
    """Prints what is wrong with the command line, in unwrapped lines; returns the exit code."""
    message = error.format_message().replace("Value error, ", "")  # a prefix added by pydantic
    if message:  # empty when a group has just printed its help
        if error.ctx:
            note(error.ctx.get_usage())
        note(f"error: {message}")
        note(f"Try `{error.told_of} --help`.")
    return error.exit_code


@contextmanager
def errors(parameters: Callable[[], Iterable[Any]] = tuple) -> Generator[None]:
    """Turns known errors into one line on stderr and exit code 1, and Ctrl-C into exit code 130.

    If the service rejects a value that came from one of `parameters`, that is wrong usage: exit code 2.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, UsageError):
        raise
    except KeyboardInterrupt:
        note("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of our output has closed the pipe (`glan pull … | head`).
        sys.stderr.close()
        raise typer.Exit(DONE) from None
    except Exception as error:
        if isinstance(error, Rejected) and (wrong := wrong_option(error, parameters())):
            raise wrong from None
        message = _message(error)
        if message is None:
            raise
        note("error: " + " ".join(message.split()))
        raise typer.Exit(FAILED) from None


def wrong_option(error: Rejected, parameters: Iterable[Any]) -> typer.BadParameter | None:
    """The error in terms of the command line; None if no option or argument gave the rejected value."""
    by_name = {parameter.name.rstrip("_"): parameter for parameter in parameters}
    for where, problem in error.problems:
        # Parameters of a query are not options, even if their names are the same.
        parts = [] if ".params" in where else where.split(".")
        names = [OPTION_OF.get(part, part) for part in reversed(parts)]
        named = next((by_name[name] for name in names if name in by_name), None)
        if named is not None:
            return typer.BadParameter(problem, param_hint=_hint(named))
    return None


def _hint(parameter: Any) -> str:
    option = parameter.param_type_name == "option"
    return parameter.opts[0] if option else parameter.metavar or parameter.name.upper()


def _no_text() -> str | None:
    """The message about an argument with bytes that are not text; None if there is none."""
    given = next((ascii(word) for word in sys.argv if not is_whole(word)), None)
    encoding = sys.getfilesystemencoding()
    return given and (
        f"{given} is not text in {encoding}, the encoding of the command line, and only a file may have such "
        "a name; LC_ALL=C.UTF-8 sets the encoding"
    )


def _message(error: Exception) -> str | None:
    """The message for a known error; None for a defect.

    The imports are inside because most commands succeed and `glan --help` must be quick.
    """
    import httpx
    from pydantic import ValidationError

    from generators.errors import GenerationError
    from graph.errors import GraphError
    from service.loopback import NotLoopback
    from service.settings import Settings, variable

    if isinstance(error, UnicodeEncodeError):
        return _no_text()
    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "; ".join(f"{variable(str(e['loc'][0]).lower())}: {e['msg']}" for e in error.errors())
    known = CommandError | GraphError | GenerationError | NotLoopback | httpx.TransportError | OSError
    return str(error) if isinstance(error, known) else None
