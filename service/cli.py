"""`glan`: assembles the commands. Only light imports here, so that `glan --help` answers at once."""

import sys
from typing import Annotated

import typer

from service.commands import (
    analyze,
    benchmark,
    check,
    coverage,
    db,
    demo,
    diversity,
    grow,
    instruction,
    job,
    model,
    node,
    proposal,
    pull,
    query,
    release,
    round,
    serve,
    taxonomy,
    test,
    token,
    vote,
)
from service.terminal.frame import Group, UsageError, errors, wrong_usage
from service.terminal.output import FAILED, drop_output, note, open_streams

DAILY, EXPLORE, RUN = "Every day", "Look closer", "Run and maintain"

app = typer.Typer(
    name="glan",
    cls=Group,
    help="Grow instruction-tuning data from a taxonomy of knowledge (GLAN), kept as a graph in Neo4j.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `glan demo`. Every command explains itself: glan grow --help.",
)


def _version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        typer.echo(f"glan {importlib.metadata.version('glan')}")
        raise typer.Exit


@app.callback()
def _glan(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""


app.command(rich_help_panel=DAILY)(demo.demo)
app.add_typer(taxonomy.app, name="taxonomy", rich_help_panel=DAILY)
app.add_typer(node.app, name="node", rich_help_panel=DAILY)
app.command(rich_help_panel=DAILY)(grow.grow)
app.add_typer(job.app, name="job", rich_help_panel=DAILY)
app.command(rich_help_panel=DAILY)(coverage.coverage)
app.command(rich_help_panel=DAILY)(pull.pull)
app.command(rich_help_panel=EXPLORE)(analyze.analyze)
app.command(rich_help_panel=EXPLORE)(diversity.diversity)
app.command(rich_help_panel=EXPLORE)(query.query)
app.add_typer(round.app, name="round", rich_help_panel=EXPLORE)
app.command(rich_help_panel=EXPLORE)(vote.vote)
app.add_typer(instruction.app, name="instruction", rich_help_panel=EXPLORE)
app.add_typer(release.app, name="release", rich_help_panel=EXPLORE)
app.add_typer(benchmark.app, name="benchmark", rich_help_panel=EXPLORE)
app.add_typer(proposal.app, name="proposal", rich_help_panel=EXPLORE)
app.add_typer(check.app, name="check", rich_help_panel=EXPLORE)
app.add_typer(test.app, name="test", rich_help_panel=EXPLORE)
app.add_typer(model.app, name="model", rich_help_panel=RUN)
app.command(rich_help_panel=RUN)(serve.serve)
app.command(rich_help_panel=RUN)(serve.worker)
app.add_typer(db.app, name="db", rich_help_panel=RUN)
app.add_typer(token.app, name="token", rich_help_panel=RUN)
app.command(rich_help_panel=RUN)(serve.doctor)


def main() -> None:
    """Runs the command line and exits with its code."""
    open_streams()
    try:
        with errors():
            code = _run()
            if not code:
                sys.stdout.flush()
    except typer.Exit as ended:
        code = ended.exit_code
    if code:
        drop_output()
    sys.exit(code)


def _run() -> int:
    """Runs the command line; returns its exit code."""
    try:
        # Usage errors are printed as plain unwrapped lines, where Typer would draw a box.
        return app(standalone_mode=False)
    except typer.Abort:
        note("Aborted.")
        return FAILED
    except UsageError as error:
        return wrong_usage(error)
