"""What follows from votes: a strict majority keeps, a tie removes, and nothing stays below what is removed.

Nothing here reads the graph. The same votes on the same taxonomy give the same result, however often they are
counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import NamedTuple

from graph.model import Kind, Status

MOST_ABOVE = 10
"""Removed parents that are named as the reason, at most."""


class Choice(StrEnum):
    """What a vote is for; an abstention counts to the quorum and to nothing else."""

    keep = "keep"
    remove = "remove"
    abstain = "abstain"


class VoterKind(StrEnum):
    """Kind of a voter; models count only in rounds that say so."""

    person = "person"
    model = "model"


class Outcome(StrEnum):
    """What becomes of a node; undecided: it stays what it was when the round opened."""

    accepted = "accepted"
    rejected = "rejected"
    undecided = "undecided"


class Why(StrEnum):
    """What a node is rejected or left undecided for."""

    votes = "votes"
    above = "above"
    quorum = "quorum"
    abstained = "abstained"


class Ballot(NamedTuple):
    """One current vote."""

    who: str
    choice: str
    kind: str


@dataclass(frozen=True)
class Tally:
    """How many current votes a node has."""

    keep: int = 0
    remove: int = 0
    abstain: int = 0

    @property
    def total(self) -> int:
        """All votes, those that count to the quorum."""
        return self.keep + self.remove + self.abstain


@dataclass
class Item:
    """A node that a round asks about."""

    id: str
    name: str
    kind: Kind
    status: Status
    was: Status
    """Its status when the round opened."""
    gave: Status | None
    """The status that the last closing gave it; None before the first."""
    turn: int | None
    """The closing that has decided about it last."""
    parents: Sequence[tuple[str, Status]]
    votes: Sequence[Ballot]
    grown: bool = False
    """Whether it is a discipline that something stands below."""


@dataclass
class Decided:
    """What a round decides about one node, and why."""

    outcome: Outcome
    tally: Tally
    reason: Why | None = None
    above: list[str] = field(default_factory=list[str])
    """Ids of the removed parents, if these are the reason."""
    level: int = 0
    """Higher than that of every parent in the round."""


@dataclass(frozen=True)
class Rule:
    """How a round counts."""

    root_id: str
    quorum: int = 1
    count_models: bool = False


def tally(votes: Iterable[Ballot], rule: Rule) -> Tally:
    """The votes that count."""
    chosen = [vote.choice for vote in votes if rule.count_models or vote.kind == VoterKind.person]
    return Tally(*(chosen.count(choice) for choice in Choice))


def decide(items: Mapping[str, Item], rule: Rule) -> dict[str, Decided]:
    """What the votes decide about each node, parents before children.

    A node is accepted if it is kept and one of its parents is accepted. It is rejected if it is removed, or
    if all its parents are. The root counts as accepted, and parents that the round does not ask about as what
    they are.
    """
    above = {id_: [parent for parent, _ in item.parents if parent in items] for id_, item in items.items()}
    decided: dict[str, Decided] = {}
    for id_ in TopologicalSorter({id_: above[id_] for id_ in sorted(above)}).static_order():
        item = items[id_]
        standing = {
            parent: _standing(items[parent], decided[parent])
            if parent in items
            else Status.accepted
            if parent == rule.root_id
            else status
            for parent, status in item.parents
        }
        found = _one(tally(item.votes, rule), rule.quorum, standing)
        found.level = 1 + max((decided[parent].level for parent in above[id_]), default=-1)
        decided[id_] = found
    return decided


def _one(votes: Tally, quorum: int, standing: Mapping[str, Status]) -> Decided:
    enough = votes.total >= quorum
    if enough and votes.keep <= votes.remove and votes.remove:
        return Decided(Outcome.rejected, votes, Why.votes)
    if all(status in (Status.rejected, Status.retired) for status in standing.values()):
        return Decided(Outcome.rejected, votes, Why.above, sorted(standing)[:MOST_ABOVE])
    if not enough:
        return Decided(Outcome.undecided, votes, Why.quorum)
    if not votes.keep:
        return Decided(Outcome.undecided, votes, Why.abstained)
    if Status.accepted in standing.values():
        return Decided(Outcome.accepted, votes)
    return Decided(Outcome.undecided, votes, Why.above)


def _standing(item: Item, decided: Decided) -> Status:
    """What a node is for those below it."""
    return item.was if decided.outcome is Outcome.undecided else Status(decided.outcome)


def said(decided: Decided, quorum: int) -> str:
    """A decision in words, such as `2 keep, 2 remove, 1 abstained: a tie removes`."""
    votes = decided.tally
    counted = f"{votes.keep} keep, {votes.remove} remove"
    if votes.abstain:
        counted += f", {votes.abstain} abstained"
    match decided.reason:
        case Why.votes:
            return f"{counted}: {'a tie' if votes.keep == votes.remove else 'the majority'} removes"
        case Why.above if decided.outcome is Outcome.rejected:
            return f"{counted}: everything above it is removed"
        case Why.above:
            return f"{counted}: kept, and waits for what stands above it"
        case Why.quorum:
            return f"{counted}: below the quorum of {quorum}, undecided"
        case Why.abstained:
            return f"{counted}: nobody has chosen, undecided"
        case None:
            return f"{counted}: the majority keeps"
