"""Votes: one current one per round, node and person. A changed mind keeps the vote before.

(:Round)-[:HAS]->(:Vote)-[:ON]->(node), (:Vote)-[:REPLACES]->(:Vote). A person's own vote, cast with a token,
is not replaced by one that somebody else loads or casts in that name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, NotFound, Refused
from graph.model import Text, digest, new_ids
from graph.pages import Page, decode, page
from graph.queries import load
from graph.review import rounds
from graph.review.counting import Choice, VoterKind
from graph.review.rounds import Round, RoundState
from graph.text import visible_name

CAST = load("vote.cast")
UNDO = load("vote.undo")
GET = load("vote.get")
LIST = load("vote.list")

LONGEST_COMMENT = 2_000

Comment = Annotated[Text, Field(max_length=LONGEST_COMMENT)]
VoterName = Annotated[str, Field(max_length=200), AfterValidator(visible_name)]


class NewVote(BaseModel):
    """What one votes for."""

    model_config = ConfigDict(extra="forbid")

    choice: Choice = Field(description="keep, remove or abstain")
    comment: Comment | None = Field(default=None, description="Why, for the others")
    kind: VoterKind = Field(
        default=VoterKind.person, description="person or model; models count only where the round says so"
    )


class Vote(BaseModel):
    """One vote, also one that was replaced or undone."""

    id: str = Field(description="Sorts by the time at which it was cast")
    round: str
    node: str = Field(description="Id of the node")
    who: str = Field(description="The name of the voter's token, or what was given in its place")
    kind: VoterKind
    choice: Choice
    comment: str | None = None
    at: datetime = Field(description="UTC")
    current: bool = Field(description="Whether it counts; false once it was replaced or undone")
    unverified: bool = Field(default=False, description="Whether the name was given, without a token of it")
    loaded_by: str | None = Field(default=None, description="The caller that loaded it from a file")
    replaces: str | None = Field(default=None, description="Id of the vote before, by the same voter")
    undone_at: datetime | None = Field(default=None, description="When it was taken back")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        return cls(**{name: row[name] for name in cls.model_fields if name in row})

    @property
    def own(self) -> bool:
        """Whether the voter cast it, with a token."""
        return not self.unverified and self.loaded_by is None


@dataclass(frozen=True)
class Voter:
    """A person or model that votes; unverified: without a token of that name."""

    name: str
    unverified: bool = False


def key_of(round_id: str, node_id: str, who: str) -> str:
    """The key of the current vote of a person on a node."""
    return digest(round_id, node_id, who)


async def cast(database: Database, round_id: str, node_id: str, voter: Voter, wanted: NewVote) -> Vote:
    """Casts a vote and returns it; the same vote again changes nothing.

    Raises NotFound, Conflict if the round is not open or does not ask about the node, Refused for who may not
    vote in it.
    """
    row = row_of(0, round_id, node_id, voter.name, wanted, unverified=voter.unverified)

    async def work(tx: Transaction) -> Vote:
        found = await open_round(tx, round_id)
        _require_voter(found, voter.name)
        done = await cast_rows(tx, round_id, [row])
        if not done:
            raise NotFound(f"round {round_id} does not ask about a node {node_id}")
        if done[0][1] == "refused":
            raise Conflict(has_voted(voter.name))
        # Here, because a transaction of its own takes longer than all of this.
        return Vote.from_row((await tx.run(GET, key=row["key"]))[0]["vote"])

    return await database.writing(work)


async def get(database: Database, round_id: str, node_id: str, who: str) -> Vote:
    """A person's current vote on a node; raises NotFound."""
    found = await _current(database, round_id, node_id, who)
    if found is None:
        raise NotFound(f"{who} has no vote on {node_id} in round {round_id}")
    return found


async def _current(database: Database, round_id: str, node_id: str, who: str) -> Vote | None:
    rows = await database.read(GET, key=key_of(round_id, node_id, who))
    return Vote.from_row(rows[0]["vote"]) if rows else None


async def undo(database: Database, round_id: str, node_id: str, voter: Voter) -> Vote | None:
    """Takes back a vote and returns the one before, which counts again; None if there was none.

    Raises NotFound without a current vote, Conflict if the round is not open.
    """

    async def work(tx: Transaction) -> list[Row]:
        _require_voter(await open_round(tx, round_id), voter.name)
        key = key_of(round_id, node_id, voter.name)
        found = await tx.run(GET, key=key)
        if found and voter.unverified and Vote.from_row(found[0]["vote"]).own:
            raise Conflict(has_voted(voter.name))
        return await tx.run(UNDO, key=key)

    if not await database.writing(work):
        raise NotFound(f"{voter.name} has no vote on {node_id} in round {round_id}")
    return await _current(database, round_id, node_id, voter.name)


async def list_votes(
    database: Database,
    round_id: str,
    node: str | None = None,
    who: str | None = None,
    *,
    history: bool = False,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Vote]:
    """A page of votes in the order in which they came; with `history` also those that no longer count."""
    await rounds.get(database, round_id)
    [after] = decode("votes", cursor, ("",))
    wanted = {"node": node, "who": who, "history": history}
    rows = await database.read(LIST, id=round_id, wanted=wanted, after=after, limit=limit + 1)
    found = page("votes", rows, limit, lambda row: (row["vote"]["id"],))
    return Page(items=[Vote.from_row(row["vote"]) for row in found.items], next=found.next)


def row_of(
    number: int,
    round_id: str,
    node_id: str,
    who: str,
    wanted: NewVote,
    *,
    unverified: bool,
    loaded_by: str | None = None,
) -> Row:
    """A vote as `cast_rows` takes it, with the number by which its caller knows it."""
    own = not unverified and loaded_by is None
    vote = {
        "round": round_id,
        "node": node_id,
        "who": who,
        "kind": wanted.kind.value,
        "choice": wanted.choice.value,
        "comment": wanted.comment or None,
        "own": own,
        "unverified": unverified,
        "loaded_by": loaded_by,
        "current": True,
    }
    return {"n": number, "node": node_id, "key": key_of(round_id, node_id, who), "own": own, "vote": vote}


async def cast_rows(tx: Transaction, round_id: str, rows: Sequence[Row]) -> list[list[object]]:
    """Casts votes in a locked round; returns the number of each row on a node of it, and what it became."""
    for row, id_ in zip(rows, new_ids(len(rows)), strict=True):
        # Made under the lock, so that votes sort as they came.
        row["vote"]["id"] = id_
    found = await tx.run(CAST, batch={"round": round_id, "rows": list(rows)})
    return found[0]["done"] if found else []


async def open_round(tx: Transaction, round_id: str) -> Round:
    """Locks a round; raises NotFound, or Conflict if it is not open."""
    found = await rounds.locked(tx, round_id)
    require_open(found)
    return found


def require_open(found: Round) -> None:
    """Raises Conflict if a round takes no votes."""
    if found.state is not RoundState.open:
        what = {
            RoundState.opening: "being opened; send the request that opens it again",
            RoundState.closing: "being closed, and takes no more votes",
        }.get(found.state, "closed, and takes no more votes; it can be reopened with a reason")
        raise Conflict(f"the round is {what}")


def _require_voter(found: Round, who: str) -> None:
    if found.voters is not None and who not in found.voters:
        raise Refused(not_a_voter(who))


def not_a_voter(who: str) -> str:
    """Why somebody may not vote."""
    return f"{who} is not among the voters of this round"


def has_voted(who: str) -> str:
    """Why a vote of somebody else is not taken."""
    return f"{who} has voted with a token; nobody else can change that vote"
