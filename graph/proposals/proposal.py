"""A proposal: one change of the taxonomy that somebody or something suggests, with its evidence.

(:Proposal)-[:ABOUT {role}]->(node), (:Proposal)-[:FROM]->(:Import | :Job). Its key follows from what would be
changed, so the same suggestion is one proposal, however often it is made.
"""

import json
from collections import Counter
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from graph.database import Row
from graph.model import NodePatch, Text, digest
from graph.taxonomy import told
from graph.taxonomy.told import FREE


class ProposalKind(StrEnum):
    """What would be done."""

    merge = "merge"
    add = "add"
    remove = "remove"
    move = "move"
    rename = "rename"
    update = "update"
    conflict = "conflict"


class ProposalState(StrEnum):
    """open: nobody has decided; applied: accepted and done; superseded: one of its nodes is gone.

    One to add a node follows the status of that: applied while it is accepted, superseded once it is retired.
    """

    open = "open"
    applied = "applied"
    rejected = "rejected"
    superseded = "superseded"


class Source(StrEnum):
    """What made a proposal."""

    import_ = "import"
    job = "job"
    person = "person"


class Role(StrEnum):
    """What a node is in a proposal.

    `from` would be merged into `into`; `subject` would be changed, and moved from the parent `from` to the
    parent `into`; `parent` is where a new node stands.
    """

    from_ = "from"
    into = "into"
    subject = "subject"
    parent = "parent"


class About(BaseModel):
    """A node that a proposal is about."""

    model_config = ConfigDict(extra="forbid")

    id: Text
    role: Role


EDITS = (ProposalKind.rename, ProposalKind.update, ProposalKind.conflict)
NEEDED: dict[ProposalKind, tuple[Role, ...]] = {
    ProposalKind.merge: (Role.from_, Role.into),
    ProposalKind.move: (Role.subject, Role.from_, Role.into),
}
FIELDS = ("name", "description", "weight", "uri", "notation")
MOST_ABOUT = 20
MOST_EVIDENCE = 20
LONGEST_EVIDENCE = 2_000
Evidence = Annotated[Text, Field(min_length=1, max_length=LONGEST_EVIDENCE)]


class Suggested(BaseModel):
    """What is proposed, of which nodes, and why."""

    model_config = ConfigDict(extra="forbid")

    kind: ProposalKind
    about: list[About] = Field(
        min_length=1,
        max_length=MOST_ABOUT,
        description="merge: from and into; move: subject, from and into; others: a subject, and parents",
    )
    evidence: list[Evidence] = Field(
        min_length=1, max_length=MOST_EVIDENCE, description="Lines from which it can be decided"
    )
    before: dict[str, Any] = Field(
        default_factory=dict,
        description="Values now, by name, description, weight, uri, notation or properties.NAME",
    )
    after: dict[str, Any] = Field(
        default_factory=dict, description="Values that are proposed; null removes a property"
    )

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        roles = Counter(one.role for one in self.about)
        needed = NEEDED.get(self.kind, (Role.subject,))
        if any(roles[role] != 1 for role in needed):
            raise ValueError(f"a {self.kind} is about one node for each of: {', '.join(needed)}")
        if self.kind is ProposalKind.merge and len({one.id for one in self.about}) < len(needed):
            raise ValueError("a node cannot be merged into itself")
        if bool(self.after) != (self.kind in EDITS):
            raise ValueError(f"after: needed for {', '.join(EDITS)}, and only for these")
        patch_of(self.after)
        return self

    @cached_property
    def key(self) -> str:
        """A digest of the kind, the nodes and what is proposed; which of two is merged does not count."""
        merged = self.kind is ProposalKind.merge
        ids = sorted(one.id if merged else f"{one.id} {one.role}" for one in self.about)
        return digest(self.kind, *ids, json.dumps(self.after, sort_keys=True))


class NewProposal(Suggested):
    """A proposal to store."""

    tier: Annotated[int, Field(ge=1, le=4)] | None = Field(
        default=None, description="Of a merge: how sure it is; 1 is the surest"
    )
    score: float = Field(default=1.0, ge=0, le=1, description="Orders proposals of one tier, best first")
    basis: Text | None = Field(
        default=None,
        description="What must be different before it comes up again after a decision; default: the evidence",
    )

    @cached_property
    def evidence_key(self) -> str:
        """A digest of the evidence: what was decided comes up again only if this has changed."""
        return digest(self.tier or 0, *([self.basis] if self.basis else self.evidence))


def patch_of(after: dict[str, Any]) -> NodePatch:
    """The change of a node that sets these values; raises ValueError for what cannot be set so."""
    for name, value in after.items():
        if not name.startswith(FREE) and (name not in FIELDS or value is None):
            raise ValueError(f"after: {name} cannot be set by a proposal")
    try:
        return told.patch_of(after)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ValueError(f"after: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error


class Step(BaseModel):
    """A node of a path."""

    id: str
    name: str


class AboutNode(BaseModel):
    """A node that a proposal is about, as it is now."""

    id: str
    role: Role
    kind: str | None = Field(default=None, description="Its kind; null if it is not there any more")
    name: str = Field(description="Its name; if it is not there any more, the one that it had")
    status: str | None = Field(default=None, description="Its status; null if it is not there any more")
    description: str = Field(default="", description="The first 500 characters of its description")
    path: list[Step] = Field(default_factory=list[Step], description="The shortest way down to it")


class Proposal(BaseModel):
    """A proposed change of the taxonomy."""

    id: str
    kind: ProposalKind
    state: ProposalState
    tier: int | None = Field(
        description="Of a merge: 1 same URI or notation, 2 same name but for its spelling, 3 name of one is "
        "an alternative name of the other, 4 similar names; null for other kinds"
    )
    score: float = Field(description="0 to 1; orders proposals of one tier")
    evidence: list[str] = Field(description="Lines of text from which it can be decided")
    about: list[AboutNode] = Field(description="The nodes that would be changed, and how")
    before: dict[str, Any] = Field(description="Values when it was made")
    after: dict[str, Any] = Field(description="Values that are proposed")
    source: Source
    source_id: str | None = Field(description="Id of the import or job that made it")
    made_by: str = Field(description="The caller, such as rest or the name of a token")
    at: datetime = Field(description="UTC; when it was made, or came up again")
    decided_by: str | None = Field(description="The caller that accepted or rejected it last")
    decided_at: datetime | None = Field(description="UTC")
    comment: str | None = Field(description="What was said when it was decided")
    refusal: str | None = Field(description="Why it could not be done when it was last accepted")


KEPT = {"tier", "source_id", "decided_by", "decided_at", "comment", "refusal"}


def from_row(row: Row) -> Proposal:
    """The proposal in a row of its stored properties, with `nodes`, those that are still there."""
    stored: Row = row["proposal"]
    now = {node["id"]: node for node in row["nodes"]}
    about = [AboutNode(**{**one, **now.get(one["id"], {})}) for one in json.loads(stored["about"])]
    known = {name: stored.get(name) for name in KEPT}
    parsed = {name: json.loads(stored[name]) for name in ("before", "after")}
    plain = {name: stored[name] for name in Proposal.model_fields.keys() & stored.keys()}
    return Proposal.model_validate(plain | known | parsed | {"about": about})
