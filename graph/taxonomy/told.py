"""What an import says of a node, compared with what it said before and with what the graph has now.

Of the three, two are alike in most fields. Where the import says what it said before, people's changes stay;
where nobody changed the node, it follows the import; where both changed, there is a conflict, and nothing of
the node is changed. Parents are compared one by one, so they never conflict.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graph.database import Row
from graph.model import RESERVED, Kind, NewNode, NodePatch, Status, digest

LONGEST_KEPT = 300
"""In characters of JSON: longer values are kept as their digests."""
# Made once: an encoder with other options than the usual ones is otherwise made for each text.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
OWN = ("name", "description", "uri", "notation", "weight", "status")
FREE = "properties."
FORM = 2
"""Of what is kept of an import; the first said nothing of status and relations."""

Values = dict[str, Any]
"""What is said of a node, by field: name, description, uri, notation, weight, status, properties.NAME; empty
ones, and a weight and status as of most nodes, are left out."""


@dataclass(frozen=True)
class Told:
    """What an item says of a node that is there."""

    id: str
    values: Values
    parents: Sequence[str]
    """Ids."""
    applies: bool = False
    """Whether the node follows the import."""
    proposes: bool = False
    """Whether what would change is proposed instead."""
    keys: Row = field(default_factory=dict[str, Any])
    """Properties by which the node will be found again, if it has none yet."""
    kind: Kind | None = None
    """The kind that it will have, once what stands below it has left."""
    related: Sequence[str] = ()
    """URIs."""
    retires: bool = False
    """Whether it is retired before anything else of it changes."""


@dataclass
class Difference:
    """What an import would change."""

    changes: Values = field(default_factory=dict[str, Any])
    """The new values; None removes one."""
    conflicts: dict[str, tuple[Any, Any, Any]] = field(default_factory=dict[str, tuple[Any, Any, Any]])
    """What was said before, what the graph has, and what is said now."""
    linked: list[str] = field(default_factory=list[str])
    unlinked: list[str] = field(default_factory=list[str])
    """Ids of parents to add and to remove."""
    unrelated: list[str] = field(default_factory=list[str])
    """URIs of what it is not related to any more."""
    imported: str | None = None
    """What to compare the next import with, if that changes though nothing else does."""

    def __bool__(self) -> bool:
        return bool(self.changes or self.conflicts or self.linked or self.unlinked or self.unrelated)


def values_of(node: NewNode) -> Values:
    """What an item says of its node."""
    said: Values = {name: getattr(node, name) for name in OWN}
    said |= {f"{FREE}{name}": value for name, value in node.properties.items()}
    return _filled(said)


def values_in(node: Row) -> Values:
    """What the graph has of a node, given its stored properties."""
    has: Values = {name: node.get(name) for name in OWN}
    has |= {f"{FREE}{name}": value for name, value in node.items() if name not in RESERVED}
    return _filled(has)


EMPTY: Values = {"description": "", "uri": "", "notation": [], "weight": 1.0, "status": Status.accepted}
"""What empties a field; a free property is removed by None."""


def _filled(values: Values) -> Values:
    return {n: value for n, value in values.items() if value not in (None, "", []) and value != EMPTY.get(n)}


def emptied(changes: Values) -> Values:
    """The changes, with what empties a field in place of None."""
    return {name: EMPTY.get(name) if value is None else value for name, value in changes.items()}


def patch_of(changes: Values) -> NodePatch:
    """The change of a node that sets these values; raises ValidationError for what cannot be set."""
    free = {name.removeprefix(FREE): value for name, value in changes.items() if name.startswith(FREE)}
    own = {name: value for name, value in changes.items() if not name.startswith(FREE)}
    return NodePatch(**own, properties=free)


def imported(values: Values, parents: Iterable[str], related: Iterable[str] = ()) -> str:
    """What an import said, as JSON: the base of later comparisons."""
    return _ENCODER.encode({"form": FORM} | _kept(values, parents, related))


def _kept(values: Values, parents: Iterable[str], related: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"parents": sorted(parents)}
    found["said"] = {name: _short(value) for name, value in values.items()}
    return found | ({"related": sorted(related)} if related else {})


def retired(node: Row) -> str:
    """What an import said, as JSON, of a node that it retires now; `node`: its stored properties."""
    base = _base(node)
    return _ENCODER.encode(base | {"form": FORM, "said": said(node) | {"status": Status.retired}})


def said(node: Row) -> Values:
    """What the last import said of a node; long values are maps with their `digest`."""
    found = _base(node).get("said")
    return cast(Values, found) if isinstance(found, dict) else {}


def is_said(value: Any, before: Any) -> bool:
    """Whether a value is the one that an import said, as `said` returns it."""
    return _short(value) == before


def difference(told: Told, node: Row) -> Difference:
    """What a node would become by what is told of it; `node`: its stored properties, with `parents`."""
    found = Difference()
    now, graph = told.values, values_in(node)
    base = _base(node)
    before = said(node)
    for name in {**before, **now}:
        new, has, old = now.get(name), graph.get(name), before.get(name)
        if _short(new) in (_short(has), old) or (name == "uri" and new is None):
            continue
        if name == "status" and new != Status.retired and (told.proposes or base.get("form") != FORM):
            # A round or a person may have decided about it. No proposal sets a status but that of a removal.
            continue
        # Before the first import, a field that nobody filled in may be filled.
        if _short(has) == old:
            found.changes[name] = new
        else:
            found.conflicts[name] = (old, has, new)
    above: list[str] = node["parents"]
    known: list[str] = base.get("parents") or ([] if base else above)
    found.linked = [id_ for id_ in told.parents if id_ not in known and id_ not in above]
    left = left_by(told, node)
    found.unlinked = [] if {*left} >= {*above, *found.linked} else left
    if told.applies:
        found.unrelated = [uri for uri in base.get("related") or () if uri not in told.related]
    if not found.conflicts:
        kept = _kept(now, told.parents, told.related)
        # What is kept in an earlier form and says the same stays: else a load would write every node.
        if kept != {name: value for name, value in base.items() if name != "form"}:
            found.imported = imported(now, told.parents, told.related)
    return found


def left_by(told: Told, node: Row) -> list[str]:
    """Ids of the parents that an import said before, and does not say any more."""
    known: list[str] = _base(node).get("parents") or []
    return [id_ for id_ in known if id_ not in told.parents and id_ in node["parents"]]


def _base(node: Row) -> dict[str, Any]:
    try:
        found = json.loads(node.get("imported") or "{}")
    except ValueError:
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _short(value: Any) -> Any:
    """The value, or its digest. The order of a list says nothing: files give it as they like."""
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_KEPT):
        return value
    if isinstance(value, list):
        value = sorted(cast(list[Any], value), key=str)
        if _is_surely_short(value):
            return value
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= LONGEST_KEPT else {"digest": digest(text)}


def _is_surely_short(values: list[Any]) -> bool:
    """Whether texts are short enough even if every character of them is written as an escape."""
    most = 2
    for value in values:
        if not isinstance(value, str):
            return False
        most += 6 * len(value) + 4
    return most <= LONGEST_KEPT
