"""What a round decides, or would decide if it were closed now, and whom to ask about what next.

While a round is open, its result is counted from its votes each time. What a closing decided is stored, so
that it stays what it was when the taxonomy changes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from pydantic import BaseModel, Field

from graph.database import Database
from graph.model import Kind, Status
from graph.pages import Page, decode, page
from graph.queries import load
from graph.review import counting, rounds
from graph.review.counting import Ballot, Decided, Item, Outcome, Rule, Why
from graph.review.rounds import Round, RoundState

ITEMS = load("round.items")
SHOWN = load("round.shown")

MOST_CHILDREN = 20


class NodeResult(BaseModel):
    """What a round decides about one node."""

    node_id: str
    name: str
    kind: Kind
    keep: int = Field(description="Votes to keep it that count")
    remove: int = Field(description="Votes to remove it that count")
    abstain: int = Field(description="Abstentions, which count to the quorum only")
    outcome: Outcome = Field(description="accepted, rejected or undecided")
    reason: Why | None = Field(
        default=None,
        description="votes: removed by them, or by a tie; above: all its parents are removed, or it is kept "
        "and waits for one of them; quorum: too few votes; abstained: nobody has chosen",
    )
    above: list[str] = Field(default_factory=list, description="Ids of the removed parents")
    said: str = Field(description="The same in words")
    status: Status = Field(description="What the node is now")
    overridden: bool = Field(
        default=False, description="Whether its status was changed by hand after the round was closed"
    )
    level: int = Field(description="Above that of its parents")


class Asked(BaseModel):
    """A node that a person has not voted on yet."""

    node_id: str
    name: str
    kind: Kind
    description: str
    path: list[str] = Field(description="Names from a root down to it")
    children: list[str] = Field(description=f"Names of nodes below it, at most {MOST_CHILDREN}")


class Next(BaseModel):
    """What to ask a person next."""

    items: list[Asked]
    left: int = Field(description="Nodes that the person could still vote on")


class Counted(NamedTuple):
    """A round with its nodes, and what is decided about each; parents come before children."""

    round: Round
    items: dict[str, Item]
    decided: dict[str, Decided]

    def outcomes(self) -> dict[Outcome, int]:
        """The number of nodes by what becomes of them."""
        every = [one.outcome for one in self.decided.values()]
        return {outcome: every.count(outcome) for outcome in Outcome}


async def counted(database: Database, round_id: str) -> Counted:
    """Counts the votes of a round as they are now; raises NotFound."""
    found = await rounds.get(database, round_id)
    rows = await database.values(ITEMS, id=round_id)
    return await asyncio.to_thread(_counted, found, rows)


def _counted(found: Round, rows: Sequence[Sequence[Any]]) -> Counted:
    """In a thread, because of a hundred thousand nodes."""
    items = {row[0]: _item(*row) for row in rows}
    decided = counting.decide(items, found.counts_by)
    if found.state is RoundState.closed:
        for id_, _, _, _, _, _, _, [outcome, reason, above], *_ in rows:
            if outcome is not None:
                one = decided[id_]
                one.outcome, one.reason = Outcome(outcome), reason and Why(reason)
                one.above = list(above or ())
    return Counted(found, items, decided)


def _item(
    id_: str,
    name: str,
    kind: str,
    status: str,
    was: str,
    gave: str | None,
    turn: int | None,
    _decided: Sequence[Any],
    parents: Sequence[Sequence[str]],
    votes: Sequence[Sequence[str]],
    grown: bool,
) -> Item:
    return Item(
        id=id_,
        name=name,
        kind=Kind(kind),
        status=Status(status),
        was=Status(was),
        gave=Status(gave) if gave else None,
        turn=turn,
        parents=[(parent, Status(standing)) for parent, standing in parents],
        votes=[Ballot(*vote) for vote in votes],
        grown=grown,
    )


async def result(
    database: Database,
    round_id: str,
    outcome: Outcome | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[NodeResult]:
    """A page of what the round decides, parents before children; raises NotFound."""
    level, after = decode("round_results", cursor, (-1, ""))
    found = await counted(database, round_id)

    def places_after() -> list[tuple[int, str]]:
        wanted = (
            (one.level, id_)
            for id_, one in found.decided.items()
            if (outcome is None or one.outcome is outcome) and (one.level, id_) > (level, after)
        )
        return nsmallest(limit + 1, wanted)

    places = page("round_results", await asyncio.to_thread(places_after), limit, lambda place: place)
    return Page(items=[_result(found, id_) for _, id_ in places.items], next=places.next)


def _result(found: Counted, id_: str) -> NodeResult:
    item, decided = found.items[id_], found.decided[id_]
    return NodeResult(
        node_id=id_,
        name=item.name,
        kind=item.kind,
        keep=decided.tally.keep,
        remove=decided.tally.remove,
        abstain=decided.tally.abstain,
        outcome=decided.outcome,
        reason=decided.reason,
        above=decided.above,
        said=counting.said(decided, found.round.quorum),
        status=item.status,
        overridden=item.gave is not None and item.status is not item.gave,
        level=decided.level,
    )


async def next_for(database: Database, round_id: str, who: str, limit: int = 20) -> Next:
    """The nodes that a person has not voted on, parents first, then those that others disagree about most.

    What stands only below removed nodes is left out. How the others voted is not shown. Raises NotFound.
    """
    found = await counted(database, round_id)
    open_ = await asyncio.to_thread(_open_for, found, who)
    return Next(items=await _asked(database, found.items, open_[:limit]), left=len(open_))


def _open_for(found: Counted, who: str) -> list[str]:
    """What a person could still vote on, in the order in which to ask."""
    open_ = [
        id_
        for id_ in found.decided
        if not _is_lost(found, id_) and all(vote.who != who for vote in found.items[id_].votes)
    ]
    return sorted(open_, key=lambda id_: _place(found.decided[id_], id_))


def _is_lost(found: Counted, id_: str) -> bool:
    """Whether everything above a node is removed, even where its own votes are the reason given."""
    rule: Rule = found.round.counts_by
    for parent, status in found.items[id_].parents:
        if parent == rule.root_id:
            return False
        if parent in found.decided:
            lost = found.decided[parent].outcome is Outcome.rejected
        else:
            lost = status in (Status.rejected, Status.retired)
        if not lost:
            return False
    return True


def _place(one: Decided, id_: str) -> tuple[int, int, int, str]:
    votes = one.tally
    return one.level, -min(votes.keep, votes.remove), abs(votes.keep - votes.remove), id_


async def _asked(database: Database, items: Mapping[str, Item], ids: Sequence[str]) -> list[Asked]:
    rows = await database.read(SHOWN, ids=list(ids), children=MOST_CHILDREN)
    shown = {row["id"]: row for row in rows}
    return [
        Asked(
            node_id=id_,
            name=items[id_].name,
            kind=items[id_].kind,
            description=shown[id_]["description"] or "",
            path=shown[id_]["path"] or [],
            children=shown[id_]["children"],
        )
        for id_ in ids
        if id_ in shown
    ]
