"""`glan release card` and `glan release push`: what a release is, for people and for the hub."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands.options import AsJson, FileFormat, LayoutName, Licence, ReleaseArgument, Url
from service.commands.pull import pulled, target_of
from service.terminal.frame import answer
from service.terminal.output import CommandError, note, say, waiting

if TYPE_CHECKING:
    from service.terminal.client import Api


def card(
    name: ReleaseArgument,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ] = "-",
    licence: Licence = None,
    url: Url = None,
) -> None:
    """Write the card of a release: README.md with the hub's front matter, from what was pinned alone."""
    target = None if output == "-" else target_of(output)

    def ask(api: "Api") -> str:
        with waiting("reading the release"):
            return api.get(_path(name) + "/card", licence=licence)["text"]

    answer(ask, lambda text: _write(text, target), url, as_json=False)


def _write(text: str, target: Path | None) -> None:
    if target is None:
        sys.stdout.write(text)
    else:
        from graph.files import write_whole

        write_whole(target, text.encode())
        note(f"the card is in {target}")


def push(
    name: ReleaseArgument,
    repository: Annotated[
        str,
        typer.Option("--repo", metavar="USER/NAME", help="The dataset repository; made if missing."),
    ],
    private: Annotated[bool, typer.Option(help="Only for those whom its owner lets in.")] = False,
    layout: Annotated[LayoutName, typer.Option(help="Layout of the files.")] = LayoutName.openai,
    format_: Annotated[
        FileFormat, typer.Option("--format", help="Format of the files.")
    ] = FileFormat.parquet,
    licence: Licence = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Push a release to the Hugging Face hub: a file for each field and split, and its card.

    The token is that of HF_TOKEN or `hf auth login`, and is not sent to the service. All of it goes up in one
    commit. After a failure or a kill the same command continues; once all is there, it sends nothing.
    """
    if repository.count("/") != 1:
        raise typer.BadParameter("write the repository as USER/NAME", param_hint="--repo")

    def ask(api: "Api") -> dict[str, Any]:
        return _pushed(api, name, repository, private, (layout, format_, licence))

    answer(ask, _show, url, as_json)


def _pushed(
    api: "Api",
    name: str,
    repository: str,
    private: bool,
    written: tuple[LayoutName, FileFormat, str | None],
) -> dict[str, Any]:
    from service.settings import Settings
    from service.terminal.hub import Repository, remove

    layout, format_, licence = written
    there = Repository(repository, private=private)
    release = api.get(_path(name))
    with waiting("reading the release"):
        params = {"layout": layout, "files": format_, "repository": repository, "licence": licence}
        card = api.get(_path(name) + "/card", **params)
    address = there.make()
    part = f"{(release['sha256'] or '')[:16]}-{layout}-{format_}"
    folder = Settings().cache / "push" / repository.replace("/", "--") / part
    _write_files(api, release, card, folder, layout, format_)
    note(f"uploading {release['count']:,} instructions to {repository}")
    commit = there.upload(folder, f"{name}, sha256 {release['sha256']}")
    remove(folder)
    return {"repository": repository, "url": address, "commit": commit, "files": card["files"]}


def _write_files(
    api: "Api", release: dict[str, Any], card: dict[str, Any], folder: Path, layout: str, format_: FileFormat
) -> None:
    """Pulls the files that are not in the folder yet, each whole, and writes the card."""
    for file in card["files"]:
        target = folder / file["path"]
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        split = file["split"] if release["splits"] else None
        params = {"layout": layout, "split": split, "field": file["field"]}
        done = pulled(api, _path(release["name"]) + "/instructions", params, target, format_)
        if done != f"{file['count']} instructions":
            target.unlink()
            raise CommandError(f"{file['path']} has {done} and should have {file['count']}; run it again")
    (folder / "README.md").write_text(card["text"], encoding="utf-8")


def _path(name: str) -> str:
    return f"/v1/releases/{quote(name, safe='')}"


def _show(found: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    say(f"{found['url']} at {found['commit'][:12]}")
    rows = [[file["path"], f"{file['count']:,}"] for file in found["files"]]
    print_table(("file", "instructions"), rows, every="--json")
