"""The nodes of the taxonomy, declared once.

A kind of node is one line of `Kind`: its label, its meaning, the kinds it may stand under, and the kind
within which its name is unique. Labels, the checks on links, the indexes (graph/database/schema.py), the
API's schema and docs/reference/model.md all derive from it; a new kind is one new line.
"""

import hashlib
import json
import math
import secrets
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import accumulate
from json.encoder import encode_basestring_ascii as json_text
from typing import Annotated, Any, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from graph import words
from graph.errors import Invalid
from graph.text import normal_name, storable_text, visible_name

DIGEST_BYTES = 16
# The noise has 48 bits and each id adds up to 2**32, so from here one call can still make some ten thousand.
MOST_NOISE = 2**47
INT64 = range(-(2**63), 2**63)


class Kind(StrEnum):
    """Label, meaning, the kinds it may stand under, and the kind within which its name is unique."""

    meaning: str
    parents: tuple[str, ...]
    unique_within: str | None

    def __new__(
        cls, label: str, meaning: str, parents: tuple[str, ...] = (), unique_within: str | None = None
    ) -> Self:
        kind = str.__new__(cls, label)
        kind._value_ = label
        kind.meaning = meaning
        kind.parents = parents
        kind.unique_within = unique_within
        return kind

    Taxonomy = "Taxonomy", "A whole body of knowledge and capabilities; the root"
    Field = "Field", "A broad area, such as natural sciences", ("Taxonomy",)
    Subfield = "Subfield", "A part of a field, to any depth", ("Field", "Subfield")
    Discipline = "Discipline", "What a department teaches; the leaf of a taxonomy", ("Field", "Subfield")
    Subject = "Subject", "A course of a discipline, with level and subtopics", ("Discipline",)
    Syllabus = "Syllabus", "How a subject is taught: introduction, objectives, sessions", ("Subject",)
    ClassSession = "ClassSession", "One class of a syllabus, with a description", ("Syllabus",)
    KeyConcept = (
        "KeyConcept",
        "What a session teaches; one node in all sessions of its discipline",
        ("ClassSession",),
        "Discipline",
    )

    def may_contain(self, child: "Kind") -> bool:
        """Whether a node of this kind may stand directly above one of kind `child`."""
        return self.value in child.parents


# From the root to the disciplines: few nodes, each with many below it.
UPPER = (Kind.Taxonomy, Kind.Field, Kind.Subfield, Kind.Discipline)


class Status(StrEnum):
    """How far a node is accepted; generation grows only what is accepted."""

    proposed = "proposed"
    accepted = "accepted"
    rejected = "rejected"
    retired = "retired"


def new_id() -> str:
    """A new opaque id of 24 hexadecimal digits; ids sort by the millisecond of their creation."""
    return new_ids(1)[0]


class _Clock:
    """The last id of this process: its millisecond, and its noise, which grows within a millisecond."""

    moment = 0
    noise = 0


STEP = struct.Struct("<I")


def new_ids(number: int) -> list[str]:
    """This many new ids, in ascending order, which sort after all ids made by this process before."""
    moment = max(time.time_ns() // 1_000_000, _Clock.moment)
    if moment > _Clock.moment or _Clock.noise >= MOST_NOISE:
        moment = max(moment, _Clock.moment + 1)
        _Clock.moment, _Clock.noise = moment, secrets.randbits(46)
    steps = (step + 1 for [step] in STEP.iter_unpack(secrets.token_bytes(STEP.size * number)))
    *_, last = noises = [*accumulate(steps, initial=_Clock.noise)]
    _Clock.noise = last
    start = f"{moment:012x}"
    return [f"{start}{noise:012x}" for noise in noises[1:]]


def digest(*parts: str | int) -> str:
    """A digest of `parts`, in this order, as 32 hexadecimal digits."""
    # Of a JSON list, written piece by piece, which is faster than as one.
    texts = (json_text(part) if isinstance(part, str) else json.dumps(part) for part in parts)
    return hashlib.blake2b(f"[{', '.join(texts)}]".encode(), digest_size=DIGEST_BYTES).hexdigest()


def node_key(kind: Kind, home_id: str | None, name: str) -> str:
    """The key of a node, unique in the graph: inserting a node with the same key twice gives one node."""
    return keys_within(kind, home_id)(normal_name(name))


@lru_cache(1000)
def keys_within(kind: Kind, home_id: str | None) -> Callable[[str], str]:
    """A function from normalised names to keys, the same as node_key's; faster for many names in one home."""
    begun = hashlib.blake2b(
        f"[{json_text(home_id or '')}, {json_text(kind.value)}, ".encode(), digest_size=DIGEST_BYTES
    )

    def key(name_key: str) -> str:
        whole = begun.copy()
        whole.update(f"{json_text(name_key)}]".encode())
        return whole.hexdigest()

    return key


Text = Annotated[str, AfterValidator(storable_text)]
Name = Annotated[str, Field(max_length=1000), AfterValidator(visible_name)]
UniqueName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="Letters, digits, dots, dashes and underscores; unique",
    ),
]
"""The name of a release or a benchmark, which stands in addresses and file names."""
# In characters: what one expression of a user's query may copy is bounded by it (read_door/growth.py).
LONGEST_TEXT = 100_000
Description = Annotated[Text, Field(max_length=LONGEST_TEXT)]
Weight = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


def one_line(text: str) -> str:
    """The text in one line; raises ValueError if nothing of it can be seen, or if it cannot be stored."""
    text = " ".join(storable_text(text).split())
    if not text:
        raise ValueError("it needs at least one visible character")
    return text


Uri = Annotated[str, Field(max_length=2000), AfterValidator(one_line)]
Notation = Annotated[
    list[Annotated[str, Field(max_length=200), AfterValidator(one_line)]], Field(max_length=50)
]
Properties = dict[str, Any]


def storable_properties(properties: Properties) -> Properties:
    """Returns `properties` unchanged; raises ValueError if Neo4j cannot store them for Cypher to filter on.

    Allowed are strings, booleans, 64-bit integers, finite floats, lists of one of these, and null, which in a
    change removes the property.
    """
    for name, value in properties.items():
        if name in RESERVED:
            raise ValueError(f"properties.{name}: the name belongs to glan; choose another")
        if not name or len(name) > 200:
            raise ValueError("a property's name has 1 to 200 characters")
        storable_text(name)
        _check_property(name, value)
    return properties


def _check_property(name: str, value: Any) -> None:
    values = cast(list[Any], value) if isinstance(value, list) else [value]
    families = {_family(name, item) for item in values}
    if isinstance(value, list) and (len(families) > 1 or None in families):
        raise ValueError(f"properties.{name}: a list holds values of one type, and no null")


def _family(name: str, value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case str() if len(value) > LONGEST_TEXT:
            raise ValueError(f"properties.{name}: a text may have at most {LONGEST_TEXT:,} characters")
        case str():
            storable_text(value)
            return "string"
        case int() if value in INT64:
            return "number"
        case float() if math.isfinite(value):
            return "number"
        case _:
            raise ValueError(
                f"properties.{name}: only strings, booleans, 64-bit integers, finite numbers and lists "
                "of one of them can be stored"
            )


CheckedProperties = Annotated[Properties, AfterValidator(storable_properties)]


def named(name: str) -> Properties:
    """The stored properties of a name: itself, its normalised form, and the words it is found by."""
    return {"name": name, "name_key": normal_name(name), "name_words": words.stored(name)}


def described(description: str) -> Properties:
    """The stored properties of a description: itself, and the words it is found by."""
    return {"description": description, "text_words": words.stored(description) if description else None}


LABELS = ("prefLabel", "altLabel", "hiddenLabel")
"""Properties with labels of SKOS; each may end in a language, as in altLabel_de."""


def labelled(notation: Iterable[str], properties: Mapping[str, Any]) -> Properties:
    """The stored words of notations and labels, by which a node is found beside its name."""
    terms = [*notation]
    for name, value in properties.items():
        if name.partition("_")[0] in LABELS:
            terms += cast(list[Any], value) if isinstance(value, list) else [value]
    return {"term_words": words.stored("\n".join(map(str, terms))) or None}


class Node(BaseModel):
    """A node as the service shows it."""

    id: str = Field(description="Opaque, unique, never changes")
    kind: Kind = Field(description="Its label in Neo4j")
    name: str = Field(description="Unique, normalised, among its siblings")
    description: str = Field(default="", description="What it is about")
    status: Status = Field(
        default=Status.accepted,
        description="proposed, accepted, rejected or retired; only accepted nodes are grown",
    )
    weight: float = Field(default=1.0, description="Relative share in jobs with the quota `weight`")
    uri: str | None = Field(default=None, description="URI of the concept in the vocabulary it came from")
    notation: list[str] = Field(default_factory=list, description="Codes of the concept there, such as 02.1")
    version: int = Field(default=1, description="Number of edits; part of the ETag")
    parents: list[str] = Field(default_factory=list, description="Ids of the nodes directly above")
    properties: Properties = Field(default_factory=dict, description="Free properties, as stored in Neo4j")
    created_at: datetime = Field(description="UTC")
    updated_at: datetime = Field(description="UTC")
    created_by: str = Field(default="", description="Author, such as rest, or the job that grew it")

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Built from the map that all queries of nodes return: stored properties, `kind` and `parents`."""
        free = {name: value for name, value in row.items() if name not in RESERVED}
        return cls(properties=free, **{name: row[name] for name in cls.model_fields if name in row})


class NewNode(BaseModel):
    """A node to insert."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="Kind of node; determines what it may stand under")
    name: Name = Field(description="One line; unique, normalised, among its siblings")
    parent_id: str | None = Field(default=None, description="Id of the parent; a Taxonomy has none")
    parent_ids: list[str] = Field(
        default_factory=list, max_length=100, description="Ids of several parents; the first is its home"
    )
    description: Description = Field(default="", description="What it is about")
    status: Status = Field(
        default=Status.accepted,
        description="proposed, accepted, rejected or retired; only accepted nodes are grown",
    )
    weight: Weight = Field(default=1.0, description="Relative share in jobs with the quota `weight`")
    position: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="Position among its siblings"
    )
    uri: Uri | None = Field(default=None, description="URI of the concept in the vocabulary it comes from")
    notation: Notation = Field(
        default_factory=list[str], description="Codes of the concept there, such as 02.1"
    )
    properties: CheckedProperties = Field(
        default_factory=dict, description="Free properties: strings, numbers, booleans, lists of one of these"
    )

    @model_validator(mode="after")
    def _parents_fit_the_kind(self) -> Self:
        above = self.above
        if self.kind.parents and not above:
            raise ValueError(f"a {self.kind} needs a parent: {' or '.join(self.kind.parents)}")
        if above and not self.kind.parents:
            raise ValueError(f"a {self.kind} stands at the top and takes no parent")
        return self

    @cached_property
    def own(self) -> Properties:
        """The stored properties that do not depend on the node's place; computed once."""
        return (
            self.properties
            | {"status": self.status.value, "weight": self.weight}
            | named(self.name)
            | described(self.description)
            | self._identifiers
        )

    @property
    def _identifiers(self) -> Properties:
        found: Properties = {} if self.uri is None else {"uri": self.uri}
        if self.notation:
            found["notation"] = self.notation
        if self.notation or self.properties:
            found |= labelled(self.notation, self.properties)
        return found

    @property
    def above(self) -> list[str]:
        """Ids of the parents without duplicates, the home first."""
        first = [self.parent_id] if self.parent_id else []
        return list(dict.fromkeys(first + self.parent_ids)) if self.parent_ids else first


class NodePatch(BaseModel):
    """A change to a node; absent fields stay as they are. In `properties`, a null removes that property."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = Field(default=None, description="A new name")
    description: Description | None = Field(default=None, description="A new description")
    status: Status | None = Field(default=None, description="proposed, accepted or rejected")
    weight: Weight | None = Field(default=None, description="A new weight")
    uri: Annotated[str, Field(max_length=2000), AfterValidator(storable_text)] | None = Field(
        default=None, description="A new URI; an empty one removes it"
    )
    notation: Notation | None = Field(default=None, description="New codes; an empty list removes them")
    properties: CheckedProperties = Field(
        default_factory=dict, description="Merged into the existing ones; null removes one"
    )

    @field_validator("status")
    @classmethod
    def _retiring_is_a_deletion(cls, status: Status | None) -> Status | None:
        if status is Status.retired:
            raise ValueError("retire a node with DELETE, which takes along what hangs on it alone")
        return status


RESERVED = frozenset(
    # All properties of a taxonomy node that glan uses itself.
    [
        *Node.model_fields,
        "key",
        "name_key",
        "name_words",
        "text_words",
        "term_words",
        "source_key",
        "notation_key",
        "imported",
        "old_keys",
        "home",
        "drawn",
        "ahead",
        "ahead_counts",
        "capacity",
        "space_version",
        "respaced",
        "guests",
        "seal",
        "handed_seal",
    ]
)


def require_child(parent: Kind, child: Kind) -> None:
    """Raises Invalid if a `child` may not stand under a `parent`."""
    if not parent.may_contain(child):
        allowed = " or ".join(child.parents) or "nothing: it is a root"
        raise Invalid(f"a {child} cannot stand under a {parent}; it stands under {allowed}")
