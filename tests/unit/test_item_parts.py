"""Items are sent in parts, and name what was sent long before by its id."""

from collections.abc import Iterator
from typing import Any

from service.taxonomies.inserting.parts import BULK_PART, answers
from service.taxonomies.lookup import Lookup
from service.taxonomies.vocabulary import GLAN

MANY = 101_000
"""More than the service keeps of the refs used last."""


def test_a_parent_may_have_been_sent_any_number_of_items_before():
    sent: list[dict[str, Any]] = []

    def insert(part: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert len(part) <= BULK_PART
        sent.extend(part)
        return [{"status": "created", "id": f"id-{item['ref']}"} for item in part]

    def items() -> Iterator[dict[str, Any]]:
        yield {"ref": "first", "name": "First"}
        yield from ({"ref": f"r{n}", "name": f"R{n}", "parent_ref": "first"} for n in range(MANY))
        yield {"ref": "last", "name": "Last", "parent_refs": ["r0", "first", "r1", "later"]}

    assert sum(1 for _ in answers(items(), insert)) == MANY + 2
    assert sent[1]["parent_ref"] == "first"
    assert sent[MANY] == {"ref": f"r{MANY - 1}", "name": f"R{MANY - 1}", "parent_id": "id-first"}
    last = {"ref": "last", "name": "Last", "parent_id": "id-r0", "parent_refs": ["later"]}
    assert sent[-1] == last | {"parent_uris": [f"{GLAN}id-first", f"{GLAN}id-r1"]}


def test_what_was_refused_is_not_known_and_the_last_of_one_ref_counts():
    sent: list[dict[str, Any]] = []

    def insert(part: list[dict[str, Any]]) -> list[dict[str, Any]]:
        sent.extend(part)
        return [{"status": "error"} if item["name"] == "Bad" else {"id": item["name"]} for item in part]

    ids = Lookup()
    for name, ref in (("One", "a"), ("Bad", "b"), ("Two", "a"), ("Bad", "a")):
        [_] = answers([{"ref": ref, "name": name}], insert, ids)
    [_] = answers([{"name": "Child", "parent_refs": ["b", "a"]}], insert, ids)
    assert sent[-1] == {"name": "Child", "parent_refs": ["b"], "parent_uris": [f"{GLAN}Two"]}
    both = [
        {"name": "Before", "parent_ref": "a"},
        {"ref": "a", "name": "Three"},
        {"name": "After", "parent_ref": "a"},
    ]
    assert len([*answers(both, insert, ids)]) == len(both)
    assert sent[-3:] == [{"name": "Before", "parent_id": "Two"}, *both[1:]]
