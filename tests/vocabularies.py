"""Small vocabularies for tests, and the plan of what is written in a file."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.taxonomies.checking import Checked, checked
from service.taxonomies.options import Options
from service.taxonomies.planning.items import PlannedItem

PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix iso: <http://purl.org/iso25964/skos-thes#> .
@prefix : <http://example.org/> .
"""


@contextmanager
def planned(folder: Path, text: str | bytes, name: str = "own.ttl", **options: Any) -> Generator[Checked]:
    """What a file with this text becomes."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with checked([str(path)], Options(**options), folder / "home") as found:
        yield found
    assert not list((folder / "home" / "staging").iterdir()), "the staging file is removed"


def turtle(folder: Path, text: str, **options: Any) -> tuple[dict[str, PlannedItem], dict[str, Any]]:
    """The items by the ends of their URIs or refs, and the report, of Turtle without its prefixes."""
    return plan_of(folder, PREFIXES + text, **options)


def plan_of(
    folder: Path, text: str | bytes, name: str = "own.ttl", **options: Any
) -> tuple[dict[str, PlannedItem], dict[str, Any]]:
    """As turtle, of any text."""
    with planned(folder, text, name, **options) as found:
        report, items = found.report(100), list(found.plan.items())
    by_end = {item.ref.replace("#", "/").rpartition("/")[2]: item for item in items}
    assert_whole(items, report)
    return by_end, report


def assert_whole(items: list[PlannedItem], report: dict[str, Any]) -> None:
    """Holds a plan to what is true of every plan."""
    kinds: dict[str, int] = {}
    place_of: dict[str, int] = {}
    names: set[tuple[str, str, str]] = set()
    for n, item in enumerate(items):
        assert item.ref not in place_of, "no item twice"
        place_of[item.ref] = n
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
        assert bool(item.parents) == bool(item.kind.parents)
        for parent in item.parents:
            above = items[place_of[parent]]
            assert above.kind.may_contain(item.kind), (above, item)
            assert (parent, item.kind, item.name.casefold()) not in names, "homonyms are told apart"
            names.add((parent, item.kind, item.name.casefold()))
    assert kinds == report["plan"]["kinds"]


def shown(items: dict[str, PlannedItem]) -> dict[str, tuple[str, str, list[str]]]:
    """Kind, name and parents' ends of each item, without taxonomies and made fields."""
    return {
        end: (
            item.kind.value,
            item.name,
            [parent.replace("#", "/").rpartition("/")[2] for parent in item.parents],
        )
        for end, item in items.items()
        if not item.is_made
    }
