"""Rounds: what is voted on, by whom, and by which rule.

(:Round)-[:OVER]->(root), (:Round)-[:ASKS]->(node). The nodes are those that were proposed below the root when
the round was opened; what is proposed later waits for the next one. All changes of a round and its votes lock
it first, so that a vote that arrives while it is closed is either counted or refused.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from graph.database import Database, Row, Sealed, Transaction, seal_of_shown
from graph.errors import Conflict, NotFound
from graph.model import Name, Text, digest, new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.review.counting import Rule
from graph.taxonomy import nodes
from graph.taxonomy.editing import history

CANDIDATES = load("round.candidates")
CREATE = load("round.create")
ASK = load("round.ask")
OPENED = load("round.opened")
GET = load("round.get")
LIST = load("round.list")
ROUNDS = Sealed("round", "id", load("round.lock_all"), load("round.seal"), seal_of_shown)
LOCK = load("round.lock")
SET = load("round.set")
COUNTS = load("round.counts")

AT_ONCE = 2_000
"""Nodes or votes written per transaction."""
MOST_NODES = 200_000
MOST_VOTERS = 1_000


class RoundState(StrEnum):
    """State of a round; opening and closing: a request for it has not ended yet, or was killed."""

    opening = "opening"
    open = "open"
    closing = "closing"
    closed = "closed"


def _distinct(names: list[str]) -> list[str]:
    return sorted({*names})


class NewRound(BaseModel):
    """A round to open."""

    model_config = ConfigDict(extra="forbid")

    root_id: Text = Field(description="The node below which people vote")
    name: Name = Field(description="Unique among the rounds over this node")
    quorum: Annotated[int, Field(ge=1, le=MOST_VOTERS)] = Field(
        default=1, description="Votes that a node needs, abstentions included; 3 are advised"
    )
    voters: (
        Annotated[
            list[Annotated[Text, Field(min_length=1, max_length=200)]],
            Field(min_length=1, max_length=MOST_VOTERS),
            AfterValidator(_distinct),
        ]
        | None
    ) = Field(default=None, description="Names of the only ones who may vote; null: everybody who may write")
    all: bool = Field(
        default=False, description="Vote on all nodes that are not retired, not only on proposed ones"
    )
    count_models: bool = Field(default=False, description="Whether votes of models count")


class Round(BaseModel):
    """A round of votes on the nodes below one."""

    id: str = Field(description="Sorts by the time of its opening")
    root_id: str = Field(description="The node below which people vote; it is not voted on itself")
    name: str
    state: RoundState
    rule: str = Field(description="majority: more votes to keep than to remove keep; a tie removes")
    quorum: int = Field(description="Votes that a node needs, abstentions included")
    voters: list[str] | None = Field(default=None, description="The only ones who may vote; null: everybody")
    all: bool = Field(default=False, description="Whether it asks about more than what was proposed")
    count_models: bool = Field(default=False, description="Whether votes of models count")
    nodes: int = Field(description="Nodes that it asks about")
    votes: int = Field(description="Current votes")
    turn: int = Field(description="How often it was opened")
    opened_at: datetime = Field(description="UTC")
    opened_by: str = Field(description="The caller, such as rest or the name of a token")
    closed_at: datetime | None = Field(default=None, description="When all its nodes were decided")
    closed_by: str | None = Field(default=None, description="The caller that closed it last")
    reopened_at: datetime | None = Field(default=None, description="When it was reopened last")
    reopened_by: str | None = Field(default=None, description="The caller that reopened it")
    reason: str | None = Field(default=None, description="Why it was reopened")
    accepted: int | None = Field(default=None, description="Nodes that the last closing accepted")
    rejected: int | None = Field(default=None, description="Nodes that it rejected")
    undecided: int | None = Field(default=None, description="Nodes that it left as they were")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        return cls(**{name: row[name] for name in cls.model_fields if name in row})

    @property
    def counts_by(self) -> Rule:
        """How its votes count."""
        return Rule(self.root_id, self.quorum, self.count_models)


async def open_round(
    database: Database, wanted: NewRound, by: str, round_id: str | None = None
) -> tuple[Round, bool]:
    """Opens a round over the nodes that are there now; returns it, and whether it is new.

    The same request again finds the round, and continues what was broken off. Raises NotFound, or Conflict if
    there is nothing or too much to vote on, or another round of this name over the node.
    """
    await nodes.get(database, wanted.root_id)
    rows = await database.read(CANDIDATES, id=wanted.root_id, all=wanted.all, limit=MOST_NODES + 1)
    if not rows:
        what = "nothing" if wanted.all else "nothing is proposed"
        raise Conflict(f"there is {what} below this node: a round needs something to vote on")
    if len(rows) > MOST_NODES:
        raise Conflict(f"over {MOST_NODES:,} nodes would be voted on; open a round further down")
    own = wanted.model_dump(exclude={"root_id"}, exclude_none=True)
    new = round_id or new_id()
    row = (
        await database.write(
            CREATE,
            id=new,
            root_id=wanted.root_id,
            key=digest(wanted.root_id, wanted.name),
            properties=own | {"opened_by": by},
        )
    )[0]["round"]
    if any(row.get(name) != value for name, value in wanted.model_dump(exclude={"root_id"}).items()):
        raise Conflict(
            f"round {row['id']} over this node has the same name and other rules; choose another name"
        )
    if row["state"] == RoundState.opening:
        ids: list[str] = [found["id"] for found in rows]
        for start in range(0, len(ids), AT_ONCE):
            batch = {"round": row["id"], "ids": ids[start : start + AT_ONCE]}
            await database.write(ASK, batch=batch)
        row = (await database.write(OPENED, id=row["id"]))[0]["round"]
    return Round.from_row(row), row["id"] == new


async def get(database: Database, round_id: str) -> Round:
    """One round; raises NotFound."""
    return _one(await ROUNDS.whole(database, await database.read(GET, id=round_id)), round_id)


async def locked(tx: Transaction, round_id: str) -> Round:
    """Locks a round for the rest of the transaction; raises NotFound."""
    return _one(await tx.run(LOCK, id=round_id), round_id)


def _one(rows: Sequence[Row], round_id: str) -> Round:
    if not rows:
        raise NotFound(f"no round has the id {round_id}; GET /v1/rounds lists them")
    return Round.from_row(rows[0]["round"])


async def list_rounds(
    database: Database,
    states: Sequence[RoundState] | None = None,
    root_id: str | None = None,
    node_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Round]:
    """A page of rounds, newest first: over a node, or that ask about one."""
    [before] = decode("rounds", cursor, ("~",))
    wanted = {"states": states and list(states), "root_id": root_id, "node_id": node_id}
    rows = await database.read(LIST, wanted=wanted, before=before, limit=limit + 1)
    found = page("rounds", await ROUNDS.whole(database, rows), limit, lambda row: (row["round"]["id"],))
    return Page(items=[Round.from_row(row["round"]) for row in found.items], next=found.next)


async def counts(database: Database) -> dict[str, tuple[int, int]]:
    """The number of rounds and of current votes, by state of the round."""
    return {row["state"]: (row["rounds"], row["votes"]) for row in await database.read(COUNTS)}


async def reopen(database: Database, round_id: str, reason: str, by: str) -> Round:
    """Opens a closed round again; its votes count as before, and its nodes stay as they are until it closes.

    The same request again changes nothing. Raises NotFound, or Conflict if it is not closed.
    """

    async def work(tx: Transaction) -> Round:
        found = await locked(tx, round_id)
        if (found.state, found.reason, found.reopened_by) == (RoundState.open, reason, by):
            return found
        if found.state is not RoundState.closed:
            raise Conflict(f"the round is {found.state}: only a closed one can be reopened")
        changes = {"state": "open", "turn": found.turn + 1, "reopened_by": by, "reason": reason}
        [row] = await tx.run(SET, id=round_id, changes=changes, at="reopened_at")
        detail = {"round": round_id, "name": found.name, "reason": reason}
        root = {"id": found.root_id}
        await history.record(tx, "reopened", by, root, [found.root_id], nodes=0, detail=detail)
        return Round.from_row(row["round"])

    return await database.writing(work)
