"""`glan taxonomy apply`: applies the operations of a difference to a taxonomy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from service.commands.options import AsJson, NodeArgument, Url
from service.terminal.frame import answer
from service.terminal.output import FAILED, CommandError, notes, say, spinner

if TYPE_CHECKING:
    from service.terminal.client import Api

OPERATIONS = ("rename", "update", "add", "move", "deprecate", "remove")


def apply(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `glan taxonomy diff --json` printed.")],
    node: NodeArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be done, and what would be refused.")
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Apply what `glan taxonomy diff --json` found to a taxonomy; applying it twice changes nothing.

    What somebody has changed since is refused, and so is what cannot stand where it should; the rest is
    applied. Removed concepts are retired. Exit code 1 if an operation was refused.
    """
    given = _read(file)

    def ask(api: "Api") -> dict[str, Any]:
        return _applied(api, api.node(node), given, check)

    found = answer(ask, lambda report: _show(report, check), url, as_json)
    if found["refused"]:
        raise typer.Exit(FAILED)


def _read(file: str) -> dict[str, Any]:
    """The content of the file; raises CommandError if it is not a difference."""
    try:
        found = json.loads(Path(file).read_bytes())
    except ValueError as error:
        raise CommandError(f"{file} is not JSON: {error}") from None
    content = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    operations: Any = content.get("operations")
    if not isinstance(operations, list) or not all(map(_is_operation, cast(list[Any], operations))):
        raise CommandError(f"{file} has no operations; it must be what glan taxonomy diff --json prints")
    return content


def _is_operation(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    operation = cast(dict[str, Any], value)
    return operation.get("op") in OPERATIONS and isinstance(operation.get("node"), dict)


def _applied(api: "Api", root: str, given: dict[str, Any], check: bool) -> dict[str, Any]:
    from service.terminal.applying import Applying

    languages = given.get("from", {}).get("languages", ["en"])
    report: dict[str, Any] = {"applied": 0, "unchanged": 0, "refused": []}
    applying = Applying(api, root, languages, check=check)
    with spinner("{task.completed} operations") as progress:
        task = progress.add_task("operations", total=None)
        for operation, state, why in applying.apply(given["operations"]):
            progress.advance(task)
            if state == "refused":
                report["refused"].append({"op": operation["op"], "node": operation["node"], "reason": why})
            else:
                report[state] += 1
    return report


def _show(report: dict[str, Any], check: bool) -> None:
    refused = report["refused"]
    notes([f"{row['op']} {row['node'].get('name', '')}: {row['reason']}" for row in refused])
    would = "would be " if check else ""
    say(f"{report['applied']} {would}applied, {report['unchanged']} there already, {len(refused)} refused")
