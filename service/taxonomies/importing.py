"""The items of a plan as a bulk insertion takes them: in taxonomies of their own, or under a node."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.errors import Invalid
from graph.model import Kind, Status
from service.taxonomies.options import LoadedAs, OnExisting
from service.taxonomies.planning.items import PlannedItem
from service.taxonomies.planning.plan import Plan
from service.taxonomies.vocabulary import INTERNAL


@dataclass(frozen=True)
class Target:
    """Where a plan goes, and how; the defaults are those of the command."""

    on_existing: OnExisting = OnExisting.keep
    loaded_as: LoadedAs = LoadedAs.accepted
    name: str = ""
    """The name of the taxonomy, in place of the one that the file gives."""
    under: tuple[str, Kind] | None = None
    """The id and kind of the node under which the topmost concepts are put."""


def items(plan: Plan, target: Target) -> Iterator[dict[str, Any]]:
    """The items, parents before children.

    Under a node the taxonomies of the plan are left out; under a field, what would be a field is a subfield.
    """
    under = target.under
    if under and under[1] not in (Kind.Taxonomy, Kind.Field, Kind.Subfield):
        raise Invalid(f"a vocabulary goes under a Taxonomy, Field or Subfield, not under a {under[1]}")
    if target.name and len(plan.taxonomies) > 1:
        raise Invalid(
            f"there are {len(plan.taxonomies)} taxonomies, which cannot have one name; choose a --scheme"
        )
    shift = {Kind.Field: Kind.Subfield} if under and under[1] is not Kind.Taxonomy else {}
    left_out: set[str] = set()
    for item in plan.items():
        if under and item.kind is Kind.Taxonomy:
            left_out.add(item.ref)
            continue
        found = _item(item, target)
        if target.name and item.kind is Kind.Taxonomy:
            found["name"] = target.name
        found["kind"] = shift.get(item.kind, item.kind).value
        if under:
            above = [ref for ref in item.parents if ref not in left_out]
            found["parent_refs"] = above
            if len(above) < len(item.parents):
                found["parent_id"] = under[0]
        yield {name: value for name, value in found.items() if value not in ("", [], {}, None)}


def _item(item: PlannedItem, target: Target) -> dict[str, Any]:
    is_new_as = item.status == Status.accepted and target.loaded_as.value != Status.accepted
    return {
        "ref": item.ref,
        "name": item.name,
        "uri": item.uri,
        "notation": item.notation,
        "description": item.description,
        "status": item.status,
        "created_as": target.loaded_as.value if is_new_as else None,
        "parent_refs": item.parents,
        "related": [uri for uri in item.related if not uri.startswith((INTERNAL, "_:"))],
        "properties": item.properties,
        "key": item.key.value,
        "on_existing": target.on_existing.value,
        **item.fields,
    }
