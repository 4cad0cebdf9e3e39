"""Suggests commands for an unknown word: mistyped, in another group, or under another name here."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

MOST = 3
# Words that people who know the REST paths or other tools may type.
OTHER_NAMES = {
    ("node tree", "node list"): ("children", "descendants", "subtree", "ls", "nodes", "browse"),
    ("node show",): ("parents", "ancestors", "paths", "get", "info", "node"),
    ("node list",): ("search", "find", "grep"),
    ("node add",): ("insert", "create", "new"),
    ("node retire", "node purge"): ("delete", "remove", "rm"),
    ("node move",): ("mv", "rename"),
    ("pull",): ("export", "download", "instructions", "fetch", "dump", "dataset", "data"),
    ("grow",): ("generate", "run", "make", "expand", "start"),
    ("grow --estimate",): ("estimate", "cost", "price"),
    ("taxonomy load",): ("import", "init", "upload"),
    ("job list", "job show"): ("jobs", "status", "ps", "ledger"),
    ("job cancel", "job pause"): ("kill", "abort"),
    ("query", "query --cypher"): ("queries", "cypher", "sql"),
    ("coverage --gaps",): ("gaps",),
    ("coverage", "analyze"): ("stats", "report"),
    ("release create", "release list"): ("releases", "snapshot", "pin", "tag"),
    ("token list", "token create"): ("tokens", "auth", "login"),
    ("db info", "db start"): ("database", "neo4j", "up"),
    ("serve",): ("server", "api", "service"),
    ("doctor",): ("check", "diagnose"),
    ("--version",): ("version",),
    ("--help",): ("help",),
}


def meant(word: str, root: Any, group: str) -> str:
    """`; did you mean ...?`, or "" if no command is similar. `group`: where the word was typed."""
    paths = list(_paths(root))
    here = [path for path in paths if path.rpartition(" ")[0] == group]
    near = get_close_matches(word.lower(), [path.rpartition(" ")[2] for path in here])
    found = [f"{group} {name}".strip() for name in near]
    found += [path for path in paths if path.rpartition(" ")[2] == word.lower()]
    found += [path for names, words in OTHER_NAMES.items() if word.lower() in words for path in names]
    if not found:
        last = {path.rpartition(" ")[2]: path for path in paths}
        found = [last[name] for name in get_close_matches(word.lower(), last)]
    shown = [f"`glan {path}`" for path in dict.fromkeys(found)][:MOST]
    return f"; did you mean {' or '.join(shown)}?" if shown else ""


def _paths(command: Any, above: str = "") -> Iterator[str]:
    for name, below in getattr(command, "commands", {}).items():
        path = f"{above} {name}".strip()
        if getattr(below, "commands", None) is None:
            yield path
        else:
            yield from _paths(below, path)
