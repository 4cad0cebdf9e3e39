"""The frame of every command: connect, ask, show the answer or print it as JSON, errors into exit codes.

A command is one call of `answer`. Errors need no handling in it: the group that runs it turns those that are
known into one line on stderr and an exit code.
"""

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperGroup

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
# Typer gives it no name of its own.
UsageError: Any = typer.BadParameter.__mro__[1]

# The option of a field whose name is another one.
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
    """What `ask` gets from the service, shown by `show` or printed as JSON.

    `works`: whether a service beside the command is to run jobs.
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
    """A group of commands whose known errors end as exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            with errors(lambda: self._parameters(ctx)):
                return super().invoke(ctx)
        except UsageError as error:
            error.told_of = getattr(error, "told_of", None) or self._path(ctx)
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of a name; an error says which one may be meant."""
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
    """Says what was wrong with the command line, in lines that nothing breaks; returns the exit code."""
    message = error.format_message().replace("Value error, ", "")  # pydantic's own words
    if message:  # else it was the help of a group
        if error.ctx:
            note(error.ctx.get_usage())
        note(f"error: {message}")
        note(f"Try `{error.told_of} --help`.")
    return error.exit_code


@contextmanager
def errors(parameters: Callable[[], Iterable[Any]] = tuple) -> Generator[None]:
    """Known errors become one line on stderr and exit code 1; Ctrl-C becomes 130.

    What the service rejects of a value that one of `parameters` gave is wrong usage of that option: 2.
    """
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
        if isinstance(error, Rejected) and (wrong := wrong_option(error, parameters())):
            raise wrong from None
        message = _message(error)
        if message is None:
            raise
        note("error: " + " ".join(message.split()))
        raise typer.Exit(FAILED) from None


def wrong_option(error: Rejected, parameters: Iterable[Any]) -> typer.BadParameter | None:
    """The error in the words of the command line; None where no option or argument gave what is wrong."""
    by_name = {parameter.name.rstrip("_"): parameter for parameter in parameters}
    for where, problem in error.problems:
        # The parameters of a query have names of their own.
        parts = [] if ".params" in where else where.split(".")
        names = [OPTION_OF.get(part, part) for part in reversed(parts)]
        named = next((by_name[name] for name in names if name in by_name), None)
        if named is not None:
            return typer.BadParameter(problem, param_hint=_hint(named))
    return None


def _hint(parameter: Any) -> str:
    option = parameter.param_type_name == "option"
    return parameter.opts[0] if option else parameter.metavar or parameter.name.upper()


def _message(error: Exception) -> str | None:
    """What to say about a known error; None for a defect.

    Imported only now: most commands succeed, and `glan --help` is to be quick.
    """
    import httpx
    from pydantic import ValidationError

    from generators.errors import GenerationError
    from graph.errors import GraphError
    from service.loopback import NotLoopback
    from service.settings import Settings, variable

    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "; ".join(f"{variable(str(e['loc'][0]).lower())}: {e['msg']}" for e in error.errors())
    known = CommandError | GraphError | GenerationError | NotLoopback | httpx.TransportError | OSError
    return str(error) if isinstance(error, known) else None
