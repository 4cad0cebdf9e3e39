"""`glan model`: small open models that run on this machine."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson
from service.terminal.frame import Group
from service.terminal.output import note, print_json, stdout

if TYPE_CHECKING:
    from generators.models.catalogue import OpenModel

app = typer.Typer(
    cls=Group, help="List and fetch small open models that run on this machine.", no_args_is_help=True
)


@app.command(name="list")
def list_models(as_json: AsJson = False) -> None:
    """List small open models with their size and licence, and which are on this machine."""
    from generators.models import catalogue

    folder = _folder()
    models = [
        _shown(model) | {"here": catalogue.is_there(model, folder)} for model in catalogue.CATALOGUE.values()
    ]
    if as_json:
        print_json({"items": models, "folder": str(folder)})
    else:
        _table(models)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `glan model list`.")], as_json: AsJson = False
) -> None:
    """Fetch a model once and check it; then use it with `--model NAME` or GLAN_MODEL=NAME."""
    from generators.models import catalogue

    model = catalogue.CATALOGUE.get(name)
    if model is None:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(catalogue.CATALOGUE)}")
    there = catalogue.is_there(model, _folder())
    if not there:
        note(f"fetching {name} from the Hugging Face hub, {model.size / 1e9:.1f} GB")
    path = catalogue.fetch(model, _folder(), checking=lambda: note("checking its SHA-256"))
    if as_json:
        print_json(_shown(model) | {"path": str(path), "fetched": not there})
    else:
        stdout().print(
            f"{path}\n{'is there' if there else 'is whole'}; use it with --model {name}",
            markup=False,
            soft_wrap=True,
        )


def _folder() -> Any:
    from service.settings import Settings

    return Settings().models_folder


def _shown(model: "OpenModel") -> dict[str, Any]:
    fields = ("name", "parameters", "size", "licence", "note", "repository", "revision", "file", "sha256")
    return {field: getattr(model, field) for field in fields}


def _table(models: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("name", "parameters", "size", "licence", "here", "", box=None, pad_edge=False)
    for model in models:
        table.add_row(
            model["name"],
            model["parameters"],
            f"{model['size'] / 1e9:.1f} GB",
            model["licence"],
            "yes" if model["here"] else "no",
            model["note"],
        )
    stdout().print(table)
