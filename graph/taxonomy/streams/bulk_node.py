"""An item of a bulk insertion: a node that names its parents in one of several ways."""

from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from graph.model import Text
from graph.taxonomy.inserting.imports import ImportedNode


class Named(NamedTuple):
    """A parent as an item names it."""

    how: Literal["id", "ref", "uri", "path"]
    text: str


Texts = Annotated[list[Text], Field(max_length=100)]


class BulkNode(ImportedNode):
    """A node of a bulk insertion. It may name its parents in several ways; the first named is its home."""

    # A text that cannot be sent to the database would fail the valid items of its batch too.
    parent_id: Text | None = Field(default=None, description="Id of the parent; a Taxonomy has none")
    parent_ids: Texts = Field(
        default_factory=list[str], description="Ids of several parents; the first is its home"
    )
    ref: Text | None = Field(
        default=None, max_length=10_000, description="A name by which other items can refer to this one"
    )
    parent_ref: Text | None = Field(
        default=None, description="`ref` of an earlier item, or of one that comes soon"
    )
    parent_refs: Texts = Field(default_factory=list[str], description="`ref`s of several parents")
    parent_uris: Texts = Field(
        default_factory=list[str],
        description="URIs of parents, of this stream or in the graph; urn:glan:ID is the node of that id",
    )
    parent_path: Text | None = Field(
        default=None, description="Path of names from any node down to the parent"
    )
    parent_paths: Texts = Field(default_factory=list[str], description="Paths to several parents")

    @cached_property
    def named(self) -> list[Named]:
        """The parents as they are named, each once, the home first."""
        if self.parent_id is not None and not (self.parent_ids or self.parent_refs or self.parent_uris):
            return [Named("id", self.parent_id)]
        found = [Named("id", text) for text in super().above]
        found += [Named("ref", text) for text in _all(self.parent_ref, self.parent_refs)]
        found += [Named("uri", text) for text in self.parent_uris]
        found += [Named("path", text) for text in _all(self.parent_path, self.parent_paths)]
        return [*dict.fromkeys(found)]

    @property
    def above(self) -> list[str]:
        """The parents as they are named, which Batch replaces by ids."""
        return [named.text for named in self.named]


def _all(first: str | None, others: list[str]) -> list[str]:
    return others if first is None else [first, *others]


def names_of(node: BulkNode) -> list[Named]:
    """The names by which other items can refer to an item."""
    found = [] if node.ref is None else [Named("ref", node.ref)]
    return found if node.uri is None else [*found, Named("uri", node.uri)]
