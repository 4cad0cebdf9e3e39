"""A difference for people: as text, and as Markdown for a pull request."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from service.taxonomies.comparing.operations import GROUPS, group_of

TITLES = {
    "added": "added",
    "removed": "removed",
    "deprecated": "deprecated",
    "renamed": "under a new URI",
    "moved": "moved",
    "relabelled": "relabelled",
    "alt_labels": "with other alternative labels",
    "redefined": "redefined",
    "renotated": "with another notation",
    "mapped": "mapped otherwise",
    "other": "changed otherwise",
}
Group = tuple[str, int, Iterable[dict[str, Any]]]
"""A group, how many operations it has, and the first of them."""
LONGEST = 200
"""Characters of a value that are shown."""
SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~<>&])")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[^\s<>|\\]+")


def summary(counts: dict[str, int]) -> str:
    """The counts in a line."""
    said = [f"{counts[name]:,} {TITLES[name]}" for name in GROUPS if name in counts]
    return ", ".join(said) or "no difference"


def plain(text: str) -> str:
    """A text in one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def escaped(text: str) -> str:
    """A text in one line as Markdown shows it unchanged, also within a table."""
    return SPECIAL.sub(r"\\\1", plain(text))


def _address(uri: str) -> str:
    return f"<{uri}>" if ADDRESS.fullmatch(uri) else escaped(uri)


def _quoted(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'"{plain(text)}"' if isinstance(value, str) else plain(text)


def details(operation: dict[str, Any], group: str) -> str:
    """What an operation does to its node, as far as it belongs to a group."""
    match operation["op"]:
        case "add":
            return f"under {_names(operation['parents'])}" if operation["parents"] else "at the top"
        case "remove":
            return ""
        case "deprecate":
            named = [plain(one["name"] or one["uri"]) for one in operation["replaced_by"]]
            return f"replaced by {', '.join(named)}" if named else "not replaced"
        case "move":
            gained, lost = _names(operation["to"]), _names(operation["from"])
            also = "also " if not lost else ""
            parts = [f"{also}under {gained}"] if gained else []
            return "; ".join([*parts, *([f"no longer under {lost}"] if lost else [])])
        case "rename":
            return f"{_quoted(operation['from'])} -> {_quoted(operation['to'])}"
        case _:
            slots = [slot for slot in operation["to"] if group_of(slot) == group]
            if len(slots) > 1 and "description" in slots:
                # It follows from the definition.
                slots.remove("description")
            return "; ".join(_slot(slot, operation["from"][slot], operation["to"][slot]) for slot in slots)


def _names(refs: list[dict[str, Any]]) -> str:
    return ", ".join(plain(ref["name"]) for ref in refs)


def _slot(slot: str, was: Any, now: Any) -> str:
    base, _, tag = slot.partition("_")
    called = tag.replace("_", "-") if base == "prefLabel" and tag else slot.replace("_", " ")
    called = "URI" if slot == "uri" else "label" if slot == "prefLabel" else called
    if isinstance(was, list) or isinstance(now, list):
        before, after = cast(list[Any], was or []), cast(list[Any], now or [])
        if len(before) == len(after) == 1:
            return f"{called}: {_quoted(before[0])} -> {_quoted(after[0])}"
        gained = [f"+ {_quoted(one)}" for one in after if one not in before]
        lost = [f"- {_quoted(one)}" for one in before if one not in after]
        return f"{called}: {', '.join([*gained, *lost])}"
    return f"{called}: {_quoted(was)} -> {_quoted(now)}"


def _called(operation: dict[str, Any]) -> tuple[str, str]:
    node = operation["node"]
    name = plain(node["name"])
    return name, node["uri"]


def text(counts: dict[str, int], groups: Iterable[Group], most: int) -> Iterator[str]:
    """The lines of a difference: the counts, then each group."""
    yield summary(counts)
    for group, size, operations in groups:
        yield ""
        yield f"{TITLES[group]} ({counts[group]:,})"
        for operation in operations:
            name, uri = _called(operation)
            more = details(operation, group)
            shown = f"  {name}{f'  <{plain(uri)}>' if uri else ''}"
            yield f"{shown}  {more}" if more else shown
        if size > most:
            yield f"  ... and {size - most:,} more (--all lists all)"


def markdown(
    titles: tuple[str, str], counts: dict[str, int], groups: Iterable[Group], most: int
) -> Iterator[str]:
    """The same for a pull request: a table of counts, then a list for each group."""
    yield f"## {escaped(titles[0])} → {escaped(titles[1])}"
    yield ""
    if not counts:
        yield "No difference."
        return
    yield "| concepts | |"
    yield "|---:|---|"
    for group in GROUPS:
        if group in counts:
            yield f"| {counts[group]:,} | {TITLES[group]} |"
    for group, size, operations in groups:
        yield ""
        yield f"### {TITLES[group].capitalize() if group != 'renamed' else 'Under a new URI'}"
        yield ""
        for operation in operations:
            name, uri = _called(operation)
            more = details(operation, group).replace(" -> ", " → ")
            shown = f"- **{escaped(name)}**{f' {_address(uri)}' if uri else ''}"
            yield f"{shown}: {escaped(more)}" if more else shown
        if size > most:
            yield f"- ... and {size - most:,} more"
