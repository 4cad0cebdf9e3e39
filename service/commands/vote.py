"""`glan vote`: votes on nodes, one after the other, on one alone, or from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Url, given
from service.terminal.output import FAILED, CommandError, note, print_json, say

if TYPE_CHECKING:
    from service.terminal.client import Api

CHOICES = {"k": "keep", "r": "remove", "a": "abstain"}
KEYS = "k keep, r remove, a abstain, c comment, u undo, s skip, q quit"
MORE = 20
TYPES = {".csv": "text/csv", ".tsv": "text/csv"}
LINES = "application/x-ndjson"


def vote(
    what: Annotated[
        str,
        typer.Argument(
            metavar="NODE|FILE",
            help="A node: walk through what the round over it asks you, or vote on it alone with --keep, "
            "--remove or --abstain. A CSV or NDJSON file: load the votes in it (node or uri, who, choice, "
            "comment).",
        ),
    ],
    round_: Annotated[
        str | None,
        typer.Option("--round", metavar="ROUND", help="Which round. Default: the only open one it can be."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Vote to keep the node.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Vote to remove it.")] = False,
    abstain: Annotated[bool, typer.Option("--abstain", help="Abstain: counts to the quorum only.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take your vote on it back.")] = False,
    comment: Annotated[str | None, typer.Option(help="Why, for the others.")] = None,
    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Your name, unless your token says it; marked unverified."),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Vote on proposed nodes: k keeps, r removes, a abstains, and the round decides by the majority."""
    from service.terminal.client import connect

    wanted = [name for name, on in (("keep", keep), ("remove", remove), ("abstain", abstain)) if on]
    if len(wanted) + undo > 1:
        raise typer.BadParameter("--keep, --remove, --abstain and --undo exclude each other")
    with connect(url) as api:
        if wanted or undo:
            found = _one(api, what, round_, wanted[0] if wanted else None, comment, as_)
        elif (path := Path(what)).is_file():
            found = _load(api, path, round_)
        else:
            _walk(api, what, round_, as_)
            return
    if as_json:
        print_json(found)
    elif "created" in found:
        _show_loaded(found)
    else:
        said = found.get("vote", found)
        say(f"{said['who']} votes {said['choice']}" if said else "taken back; there was no vote before")
    if found.get("refused"):
        raise typer.Exit(FAILED)


def _one(
    api: "Api", node: str, round_: str | None, choice: str | None, comment: str | None, who: str | None
) -> dict[str, Any]:
    node_id = api.node(node)
    path = f"/v1/rounds/{round_ or _round(api, node_id=node_id)}/votes/{node_id}"
    signed: dict[str, Any] = {"as": who}
    if choice is None:
        return api.delete(path, **signed)
    return api.put(path, given({"choice": choice, "comment": comment}), **signed)


def _round(api: "Api", **of: str) -> str:
    """The only open round over a node, or that asks about one; raises CommandError."""
    found = api.get("/v1/rounds", state="open", limit=2, **of)["items"]
    if len(found) == 1:
        return found[0]["id"]
    what = "over it" if "root_id" in of else "that asks about it"
    told = "several rounds are" if found else "no round is"
    raise CommandError(f"{told} open {what}: name one with --round; glan round list shows them")


def _load(api: "Api", path: Path, round_: str | None) -> dict[str, Any]:
    if round_ is None:
        raise CommandError("say into which round the votes are loaded: --round")
    content_type = TYPES.get(path.suffix.lower(), LINES)
    return api.send(f"/v1/rounds/{round_}/votes:bulk", path.read_bytes(), content_type)


def _show_loaded(found: dict[str, Any]) -> None:
    say(", ".join(f"{found[name]:,} {name}" for name in ("created", "changed", "existing", "refused")))
    for error in found["errors"]:
        note(f"line {error['line']}: {error['error']}")


def _walk(api: "Api", node: str, round_: str | None, who: str | None) -> None:
    """Asks about one node after the other until nothing is left or the person quits."""
    chosen = round_ or _round(api, root_id=api.node(node))
    _Walk(api, f"/v1/rounds/{chosen}", who).run()


class _Walk:
    """A person's way through a round."""

    def __init__(self, api: "Api", path: str, who: str | None) -> None:
        self._api = api
        self._path = path
        self._who = who
        self._skipped: set[str] = set()
        self._cast: list[dict[str, Any]] = []
        self._comment: str | None = None

    def run(self) -> None:
        """Shows nodes and takes keys; each vote is stored before the next node is shown."""
        note(KEYS)
        while (node := self._next()) is not None:
            _show(node)
            if not self._answered(node):
                break
        say(f"{len(self._cast)} votes")

    def _next(self) -> dict[str, Any] | None:
        limit = min(1000, len(self._skipped) + 1)
        found = self._api.get(f"{self._path}/next", **{"for": self._who}, limit=limit)
        left = [one for one in found["items"] if one["node_id"] not in self._skipped]
        note(f"{max(found['left'] - len(self._skipped), 0):,} left")
        return left[0] if left else None

    def _answered(self, node: dict[str, Any]) -> bool:
        """Takes keys until one settles the node; whether the person continues."""
        self._comment = None
        while True:
            match key():
                case "q" | "":
                    return False
                case "s":
                    self._skipped.add(node["node_id"])
                    return True
                case "c":
                    self._comment = typer.prompt("comment", err=True)
                case "u" if self._cast:
                    self._undo()
                    return True
                case letter if letter in CHOICES:
                    self._vote(node, CHOICES[letter])
                    return True
                case _:
                    note(KEYS)

    def _vote(self, node: dict[str, Any], choice: str) -> None:
        body = given({"choice": choice, "comment": self._comment})
        self._api.put(f"{self._path}/votes/{node['node_id']}", body, **{"as": self._who})
        self._cast.append(node)
        say(f"{choice}: {node['name']}")

    def _undo(self) -> None:
        node = self._cast.pop()
        signed: dict[str, Any] = {"as": self._who}
        self._api.delete(f"{self._path}/votes/{node['node_id']}", **signed)
        self._skipped.discard(node["node_id"])
        say(f"undone: {node['name']}")


def _show(node: dict[str, Any]) -> None:
    say()
    say(f"{node['kind']}: {' / '.join(node['path'])}")
    if node["description"]:
        say(f"  {node['description']}")
    if node["children"]:
        say(f"  below it: {', '.join(node['children'])}")


def key() -> str:
    """A key, without Return on a terminal; elsewhere the first letter of a line, and nothing at the end."""
    import sys

    if sys.stdin.isatty():
        return typer.getchar().lower()
    while line := sys.stdin.readline():
        if line.strip():
            return line.strip()[0].lower()
    return ""
