"""How a file becomes a plan, and a plan a taxonomy: the options of `glan taxonomy check` and `load`."""

from dataclasses import dataclass
from enum import StrEnum

from graph.errors import Invalid


class Format(StrEnum):
    """Formats of files; `auto` tells them apart by their content."""

    auto = "auto"
    turtle = "turtle"
    rdfxml = "rdfxml"
    jsonld = "jsonld"
    ntriples = "ntriples"
    jskos = "jskos"
    csv = "csv"
    ndjson = "ndjson"
    codes = "codes"


class Top(StrEnum):
    """What stands under the taxonomy."""

    concepts = "concepts"
    schemes = "schemes"
    collections = "collections"


class Leaf(StrEnum):
    """What a concept without narrower ones becomes."""

    discipline = "discipline"
    subject = "subject"


class Below(StrEnum):
    """What becomes of concepts below the cut."""

    topics = "topics"
    subjects = "subjects"
    drop = "drop"


class KeyBy(StrEnum):
    """What makes two concepts the same."""

    uri = "uri"
    notation = "notation"
    path = "path"


class Deprecated(StrEnum):
    """What becomes of deprecated concepts."""

    skip = "skip"
    retire = "retire"


class OnCycle(StrEnum):
    """What happens to concepts that stand above themselves."""

    break_ = "break"
    refuse = "refuse"


class OnExisting(StrEnum):
    """What happens to nodes that are there."""

    keep = "keep"
    update = "update"
    propose = "propose"


class Missing(StrEnum):
    """What happens to concepts of an earlier import that are not in the file any more."""

    keep = "keep"
    retire = "retire"
    propose = "propose"


class LoadedAs(StrEnum):
    """The status of new nodes."""

    accepted = "accepted"
    proposed = "proposed"


@dataclass(frozen=True)
class Options:
    """How a file is read and planned; the defaults are those of the command."""

    format: Format = Format.auto
    encoding: str = ""
    context: str = ""
    """Path of a JSON-LD context, in place of those that the file names by an address."""
    schemes: tuple[str, ...] = ()
    """URIs or labels of concept schemes; all, if empty."""
    top: Top = Top.concepts
    languages: tuple[str, ...] = ()
    """Languages of names, in order; by default English, or else what most names are in."""
    leaf: Leaf = Leaf.discipline
    depth: int | None = None
    below: Below = Below.topics
    field: str = ""
    """The field for concepts that stand alone at the top; by default named after the scheme."""
    levels: tuple[int, ...] = ()
    """Lengths of codes, from the top down."""
    key: KeyBy | None = None
    deprecated: Deprecated = Deprecated.skip
    keep_redundant: bool = False
    on_cycle: OnCycle = OnCycle.break_
    skip: tuple[str, ...] = ()
    """Concepts whose names contain one of these are left out."""


MEANING = {
    "format": "Format; told by the content by default.",
    "encoding": "Encoding, such as latin-1.",
    "scheme": "Only this concept scheme, by its URI or label; may be repeated.",
    "top": "What stands under the taxonomy.",
    "lang": "Languages of names, in order, such as en,de; by default English, or the commonest.",
    "leaf": "What a concept without narrower ones becomes.",
    "depth": "Cut at this level.",
    "below": "What becomes of concepts below the cut.",
    "field": "Field for concepts that stand alone; by default the scheme's name.",
    "levels": "Lengths of codes from the top down, such as 2,4,6; others are left out.",
    "key": "What makes two concepts the same; by default the first that all have.",
    "deprecated": "Leave deprecated concepts out, or keep them as retired.",
    "keep_redundant": "Keep edges to concepts that stand above another parent.",
    "on_cycle": "Leave an edge of each cycle out, or refuse the file.",
    "skip": "Leave out concepts with this in their name; may be repeated.",
    "name": "Name of the taxonomy, in place of the file's.",
    "on_existing": "What happens to nodes that are there: keep leaves them, update has them follow the file "
    "where nobody changed them, propose makes proposals of that.",
    "missing": "What happens to concepts that the file does not have any more: keep lists them, retire "
    "retires those under which nothing stands, propose makes proposals to remove them.",
    "as": "The status of new nodes.",
}
"""What the options mean, in the words of the command and of the endpoint."""


def languages_of(text: str) -> tuple[str, ...]:
    """Languages from text such as en,de."""
    return tuple(filter(None, map(str.strip, text.split(","))))


def levels_of(text: str) -> tuple[int, ...]:
    """Lengths of codes from text such as 2,4,6; raises Invalid."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 4 for part in parts):
        raise Invalid(f"{text!r} must be lengths of codes from the top down, such as 2,4,6")
    found = tuple(map(int, parts))
    if list(found) != sorted(set(found)) or 0 in found:
        raise Invalid(f"{text!r}: each length must be greater than the one before, such as 2,4,6")
    return found
