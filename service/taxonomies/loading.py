"""What became of a file's items, told as a report.

Two items that name one node at one place become one. That is never passed over: the report lists such lines,
and where the later one says something that the first does not, it is not stored and the load has failed.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

from graph.model import digest
from service.taxonomies.files import TaxonomyFile, Upper

# A file may be of any length; a node that was named before this many others is not recognised any more.
MOST_TOLD = 500_000
PARENTS = ("parent_id", "parent_ref", "parent_path", "parent_ids")
NAMED = ("ref", "kind", "name", "position")


class _Told(NamedTuple):
    """What a line has said of a node."""

    line: int
    place: str
    details: str
    """Empty where nothing but its name and place was said."""
    ref: str
    upper: bool
    """Whether the line only leads to other nodes by way of this one."""

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
        """To put a node under another parent too, or to lead by way of it, is no repetition."""
        if self.place != first.place:
            return bool(self.details) and self.details != first.details
        return not self.upper and (bool(self.details) or not first.upper)


class Loading:
    """Counts the answers to the items of one file."""

    def __init__(self, file: TaxonomyFile) -> None:
        self._file = file
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._counts = {"created": 0, "existing": 0}
        self._errors: list[dict[str, Any]] = []
        self._repeated: list[dict[str, Any]] = []

    def answered(self, line: int, item: dict[str, Any], answer: dict[str, Any]) -> None:
        """Takes the service's answer for one item."""
        if answer["status"] == "error":
            self._errors.append({"line": line, "error": answer["error"]})
            return
        self._counts[answer["status"]] += 1
        self._compare(line, item, answer["id"])

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
        """{created, existing, errors, repeated, warnings}; the last three are lists with a line in each.

        errors: {line, error}; repeated: {line, first, name, differs}; warnings: {line, warning}.
        """
        return {
            **self._counts,
            "errors": self._errors,
            "repeated": self._repeated,
            "warnings": self._file.warnings,
        }


def has_failed(report: dict[str, Any]) -> bool:
    """Whether something of the file is not in the graph."""
    return bool(report["errors"]) or any(row["differs"] for row in report["repeated"])
