"""Reports what became of a file's items.

Two items with the same name in the same place become one node. The report lists such lines; where the later
one says something that the first does not, that is not stored and the load counts as failed.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

from graph.model import Kind, digest
from graph.taxonomy.streams.import_facts import MOST_INTO
from service.taxonomies.files import TaxonomyFile, Upper

# A file may be of any length: a node that was named before this many others is no longer recognised.
MOST_TOLD = 500_000
PARENTS = ("parent_id", "parent_ref", "parent_path", "parent_ids")
NAMED = ("ref", "kind", "name", "position")


class _Told(NamedTuple):
    """What a line says about a node."""

    line: int
    place: str
    details: str
    """A digest; empty if the line gives only name and place."""
    ref: str
    upper: bool
    """Whether the line names this node only on the path to another one."""

    @classmethod
    def of(cls, line: int, item: dict[str, Any]) -> "_Told":
        details = {name: value for name, value in item.items() if name not in (*PARENTS, *NAMED)}
        return cls(
            line,
            digest(*(str(item.get(name, "")) for name in PARENTS)),
            digest(repr(sorted(details.items()))) if details else "",
            str(item.get("ref", "")),
            isinstance(item, Upper),
        )

    def repeats(self, first: "_Told") -> bool:
        """Whether this repeats `first`; another parent, or naming it only on a path, is not a repetition."""
        if self.place != first.place:
            return bool(self.details) and self.details != first.details
        return not self.upper and (bool(self.details) or not first.upper)


class Loading:
    """Counts the answers to the items of one file."""

    def __init__(self, file: TaxonomyFile) -> None:
        self._file = file
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._counts = {"created": 0, "existing": 0, "updated": 0, "unchanged": 0, "proposed": 0}
        self._conflicts: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self.taxonomies: list[str] = []
        """Ids of the taxonomies that items are."""
        self._repeated: list[dict[str, Any]] = []

    def answered(self, line: int, item: dict[str, Any], answer: dict[str, Any]) -> None:
        """Records the service's answer for one item."""
        if answer["status"] == "error":
            self._errors.append({"line": line, "error": answer["error"]})
            return
        if answer["status"] == "conflict":
            self._conflicts.append({"name": item.get("name", "")} | answer | {"line": line})
        else:
            self._counts[answer["status"]] += 1
        if item.get("kind") == Kind.Taxonomy and self._is_new_taxonomy(answer["id"]):
            self.taxonomies.append(answer["id"])
        self._compare(line, item, answer["id"])

    def _is_new_taxonomy(self, id_: str) -> bool:
        return len(self.taxonomies) < MOST_INTO and id_ not in self.taxonomies

    def _compare(self, line: int, item: dict[str, Any], id_: str) -> None:
        first = self._told.get(id_)
        now = _Told.of(line, item)
        if first is None:
            self._told[id_] = now
            if len(self._told) > MOST_TOLD:
                self._told.popitem(last=False)
        elif now.repeats(first):
            self._repeated.append(
                {
                    "line": line,
                    "first": first.line,
                    "name": item.get("name", ""),
                    "differs": now.details != first.details
                    or (now.place == first.place and now.ref != first.ref),
                }
            )

    def report(self) -> dict[str, Any]:
        """Five counts and four lists: {created, existing, updated, unchanged, proposed, conflicts, errors,
        repeated, warnings}.

        conflicts: as the service answers; errors: {line, error}; repeated: {line, first, name, differs};
        warnings: {line, warning}. Lines count from 1.
        """
        return {
            **self._counts,
            "conflicts": self._conflicts,
            "errors": self._errors,
            "repeated": self._repeated,
            "warnings": self._file.warnings,
        }


def has_failed(report: dict[str, Any]) -> bool:
    """Whether anything in the file did not get into the graph."""
    return bool(report["errors"]) or any(row["differs"] for row in report["repeated"])
