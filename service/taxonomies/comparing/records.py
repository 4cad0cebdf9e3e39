"""A planned item in the form in which two are compared: what the source says, not how it says it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.model import RESERVED, Kind, Status
from service.taxonomies.planning.items import PlannedItem
from service.taxonomies.planning.labels import matches, storable
from service.taxonomies.vocabulary import NOTES, ROLES, SKOS, Role
from service.taxonomies.writing.labels import MATCHES, listed, tag_of

GONE = (Status.retired, Status.rejected)
DERIVED = RESERVED | {"nameMissing", "deprecated", "topics"}
"""Properties that follow from others, or that a status says already."""
LISTS = (*MATCHES, "replacedBy", "related", "broaderRedundant")
LABELS = ("altLabel", "hiddenLabel")
DESCRIBING = ("definition", "scopeNote")
NOTE_NAMES = tuple(NOTES.values())
BLANK = re.compile(r"_:[A-Za-z0-9]+")
NOTATION = f"<{SKOS}notation> "
TITLES = tuple(f"<{predicate}> " for predicate, role in ROLES.items() if role is Role.title)

encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
Slots = dict[str, Any]
"""What is compared, by the names that properties of nodes have."""


@dataclass
class Record:
    """An item for a comparison."""

    item: PlannedItem
    base: str | None
    """The name without what tells homonyms apart; None where the source gives none."""
    slots: Slots

    @property
    def is_gone(self) -> bool:
        """Whether it counts as not being there: deprecated, retired or rejected."""
        return self.item.status in GONE or self.item.properties.get("deprecated") is True

    def encoded(self) -> tuple[str, bytes]:
        """What is kept of it as JSON, and a digest: the same for records without a difference."""
        item, slots = self.item, encoded(self.slots)
        known = encoded({"ref": item.ref, "notation": item.notation, "description": item.description})
        compared = slots
        if "rdf" in self.slots:
            compared = encoded(self.slots | {"rdf": canonical("rdf", self.slots["rdf"], item.ref)})
        text = f"{encoded(self.base)} {compared}".encode(errors="surrogatepass")
        return f'{known[:-1]}, "slots": {slots}}}', hashlib.blake2b(text, digest_size=16).digest()


def record_of(item: PlannedItem, languages: Sequence[str]) -> Record:
    """An item of a plan as a record. `languages`: those of its names."""
    base, slots = read(item.name, item.description, item.properties, languages)
    if item.notation:
        slots["notation"] = sorted(item.notation)
    if (weight := item.fields.get("weight", 1.0)) != 1.0:
        slots["weight"] = weight
    if item.status not in (Status.accepted, *GONE):
        slots["status"] = item.status
    slots.pop("related", None)
    if item.kind is Kind.Taxonomy and not _has_title(item.properties):
        return Record(item, None, slots)
    return Record(item, None if item.is_made and item.kind is not Kind.Taxonomy else base, slots)


def read(
    name: str, description: str, properties: Mapping[str, Any], languages: Sequence[str]
) -> tuple[str, Slots]:
    """The name without what tells homonyms apart, and the slots, of what a node or an item has."""
    slots: Slots = {}
    for key, value in properties.items():
        if key in DERIVED or value is None:
            continue
        tagged = tag_of(key)
        if tagged and tagged[0] == "prefLabel":
            slots[key] = str(listed({key: value}, key)[0]) if value != [] else ""
        elif tagged or key in LISTS:
            slots[key] = sorted({str(one) for one in listed({key: value}, key)})
        else:
            slots[key] = value
    base = _name(name, slots, languages)
    _drop_repeated(slots)
    _describe(description, slots, languages)
    return base, {key: value for key, value in slots.items() if value not in ([], "")}


def canonical(slot: str, value: Any, ref: str = "") -> Any:
    """A value as it is compared: other statements without their subject and the names of blank nodes.

    A typed notation is compared by the slot of notations.
    """
    if slot != "rdf" or value is None:
        return value
    lines = (BLANK.sub("_:b", str(line).removeprefix(f"<{ref}> ")) for line in value)
    return sorted(line for line in lines if not line.startswith(NOTATION))


def _language(key: str) -> str:
    return (tag_of(key) or ("", ""))[1]


def _wanted(keys: Sequence[str], languages: Sequence[str]) -> str | None:
    """The property in the first of the languages that there is."""
    for language in languages:
        near = [key for key in keys if _language(key) and matches(_language(key), language)]
        if near:
            return min(near, key=len)
    return None


def _of_base(slots: Slots, base: str) -> list[str]:
    named = [key for key in slots if key.startswith(base)]
    return sorted(key for key in named if (tagged := tag_of(key)) and tagged[0] == base)


def _name(name: str, slots: Slots, languages: Sequence[str]) -> str:
    """Sets labels as an export would: a name that is none of them is the one in its language."""
    keys = _of_base(slots, "prefLabel")
    base = name
    # A name without a formula in it is what is made of the label that is the same.
    is_label = "$" not in name and any(slots[key] == name for key in keys)
    labels = {} if is_label else {key: storable(slots[key]) for key in keys}
    if keys and not is_label and name not in labels.values():
        told = [label for label in labels.values() if label and name.startswith(f"{label} (")]
        if told:
            base = max(told, key=len)
        else:
            slots[_wanted(keys, languages) or "prefLabel"] = name
    if _of_base(slots, "prefLabel") == ["prefLabel"] and storable(slots["prefLabel"]) == base:
        del slots["prefLabel"]
    return base


def _drop_repeated(slots: Slots) -> None:
    """A text is a label of one sort only."""
    for base in LABELS:
        for key in _of_base(slots, base):
            tail = key.removeprefix(base)
            seen = {slots.get(f"prefLabel{tail}")}
            if base == "hiddenLabel":
                seen |= set(slots.get(f"altLabel{tail}", ()))
            slots[key] = [text for text in slots[key] if text not in seen]


def _describe(description: str, slots: Slots, languages: Sequence[str]) -> None:
    """Sets definitions as an export would: a description that is none of them stands in place of one."""
    keys = [key for base in DESCRIBING for key in _of_base(slots, base)]
    if keys == ["definition"] and slots["definition"] == [description]:
        del slots["definition"]
        keys = []
    if not keys:
        slots["description"] = description
        return
    if description and all(description not in slots[key] for key in keys):
        of_base = _of_base(slots, "definition") or _of_base(slots, "scopeNote")
        key = _wanted(of_base, languages) or of_base[0]
        slots[key] = sorted([description, *slots[key][1:]])


def _has_title(properties: Mapping[str, Any]) -> bool:
    """Whether a taxonomy has a label of its own, and not the name of its file."""
    if any((tagged := tag_of(key)) and tagged[0] == "prefLabel" for key in properties):
        return True
    lines = (str(line).partition("> ")[2] for line in listed(dict(properties), "rdf"))
    return any(line.startswith(TITLES) for line in lines)
