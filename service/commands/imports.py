"""`glan taxonomy imports`: what was read into the graph from files, by whom, and what became of it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Limit, Url
from service.terminal.frame import answer
from service.terminal.output import note, say

if TYPE_CHECKING:
    from service.terminal.client import Api

# What import_facts.RESULTS are called in a table.
SHOWN = ("created", "updated", "unchanged", "kept", "proposed", "conflicts", "missing", "refused")
COLUMNS = ("ID", "at", "file", "state", "by", "into", "concepts", *SHOWN)
LEAST = 6


def imports(
    node: Annotated[
        str | None,
        typer.Argument(metavar="NODE", help="Only what went into this node (id or path) or below it."),
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Show one import, and what is wrong in its file.")
    ] = None,
    code: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="With --id: only problems of this code, such as homonym or refused."
        ),
    ] = None,
    limit: Limit = 20,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show what was read from files, newest first: what into, by whom, and what became of the concepts.

    An import that was killed is `interrupted`: load the file again, which finds what is there.
    """
    if id_ is not None:
        answer(lambda api: _one(api, id_, code, limit), _show_one, url, as_json)
        return

    def ask(api: "Api") -> Any:
        return api.get("/v1/imports", under=api.node(node) if node else None, limit=limit)

    answer(ask, _show, url, as_json)


def _one(api: "Api", id_: str, code: str | None, limit: int) -> dict[str, Any]:
    found = api.get(f"/v1/imports/{id_}")
    page = api.get(f"/v1/imports/{id_}/problems", code=code, limit=limit)
    return found | {"listed": page["items"]}


def _show(page: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    if not page["items"]:
        say("no imports")
        return
    print_table(COLUMNS, [_row(one) for one in page["items"]], least=LEAST)
    if page["next"]:
        note(f"the first {len(page['items'])}; --limit shows more")


def _row(one: dict[str, Any]) -> list[str]:
    from graph.taxonomy.streams.import_facts import RESULTS

    into = ", ".join(node["name"] for node in one["into"])
    concepts = f"{one['plan']['concepts']:,}" if one["plan"] else ""
    at = one["at"][:16].replace("T", " ")
    counts = [f"{one[name]:,}" for name in RESULTS]
    return [one["id"], at, one["file"], one["state"], one["who"], into, concepts, *counts]


def _show_one(one: dict[str, Any]) -> None:
    from graph.taxonomy.streams.import_facts import RESULTS

    into = ", ".join(node["name"] for node in one["into"])
    options = "".join(f" {name}={value}" for name, value in one["options"].items())
    say(f"{one['file']} ({one['format']}, {one['triples']:,} statements) into {into or 'nothing'}{options}")
    say(f"{one['state']}, begun {one['at'][:19]} by {one['who']}, sha256 {one['sha256']}")
    if one["reason"]:
        say(one["reason"])
    named = zip(RESULTS, SHOWN, strict=True)
    say(", ".join(f"{one[name]:,} {shown}" for name, shown in named))
    for name, count in one["problems"].items():
        say(f"{name}: {count:,}")
    # As many as --limit has asked for.
    for row in one["listed"]:
        note(f"{row['code']}: {row['uri']} {row['text']}")
