"""`glan`: assembles the commands. Only light imports here, so that `glan --help` answers at once."""

from typing import Annotated

import typer

from service.commands import (
    analyze,
    coverage,
    db,
    demo,
    grow,
    job,
    model,
    node,
    pull,
    query,
    release,
    serve,
    taxonomy,
    token,
)

app = typer.Typer(
    name="glan",
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


app.command()(demo.demo)
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(node.app, name="node")
app.command()(grow.grow)
app.add_typer(job.app, name="job")
app.command()(coverage.coverage)
app.command()(analyze.analyze)
app.command()(query.query)
app.command()(pull.pull)
app.add_typer(model.app, name="model")
app.add_typer(release.app, name="release")
app.command()(serve.serve)
app.command()(serve.worker)
app.add_typer(db.app, name="db")
app.add_typer(token.app, name="token")
app.command()(serve.doctor)


def main() -> None:
    """The entry point."""
    app()
