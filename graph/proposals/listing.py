"""Reading proposals: one, pages of them best first, and their numbers."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from graph.database import Database, Row, Sealed, seal_of_shown
from graph.errors import NotFound
from graph.model import Text
from graph.pages import Page, decode, page
from graph.proposals.proposal import Proposal, ProposalKind, ProposalState, from_row
from graph.queries import load
from graph.text import normal_name

GET = load("proposal.get")
LIST = load("proposal.list")
PROPOSALS = Sealed("proposal", "id", load("proposal.lock_all"), load("proposal.seal"), seal_of_shown)
COUNTS = load("proposal.counts")


class Wanted(BaseModel):
    """Which proposals are meant; absent fields choose any."""

    model_config = ConfigDict(extra="forbid")

    kind: list[ProposalKind] | None = Field(default=None, description="Kinds")
    tier: list[int] | None = Field(default=None, max_length=4, description="Of merges: tiers, 1 to 4")
    under: Text | None = Field(default=None, description="A node at or above one that they are about")
    q: Text | None = Field(
        default=None, max_length=500, description="Part of a name, or of the first line of the evidence"
    )

    @property
    def is_any(self) -> bool:
        """Whether all proposals are meant."""
        return self.kind is None and self.tier is None and self.under is None and self.q is None


@dataclass(frozen=True)
class Placed:
    """A proposal, and its place in the list."""

    proposal: Proposal
    place: str


async def get(database: Database, proposal_id: str) -> Proposal:
    """One proposal; raises NotFound."""
    rows = await PROPOSALS.whole(database, await database.read(GET, id=proposal_id))
    if not rows:
        raise NotFound(f"no proposal has the id {proposal_id}; GET /v1/proposals lists them")
    return from_row(rows[0])


async def list_proposals(
    database: Database,
    wanted: Wanted,
    states: list[ProposalState] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Proposal]:
    """A page of the proposals in `states` (default: open), by tier and score, the best first."""
    found = await placed(database, wanted, states, limit, cursor)
    return Page(items=[one.proposal for one in found.items], next=found.next)


async def placed(
    database: Database,
    wanted: Wanted,
    states: list[ProposalState] | None,
    limit: int,
    cursor: str | None,
) -> Page[Placed]:
    """Like `list_proposals`, with their places."""
    [after] = decode("proposals", cursor, ("",))
    given: Row = {
        "kinds": wanted.kind,
        "tiers": wanted.tier,
        "text": normal_name(wanted.q) if wanted.q else None,
        "under": wanted.under,
    }
    chosen = sorted({*(states or [ProposalState.open])})
    rows = await database.read(LIST, states=chosen, wanted=given, after=after, limit=limit + 1)
    rows = await PROPOSALS.whole(database, rows)
    found = [Placed(from_row(row), row["proposal"]["place"]) for row in rows]
    return page("proposals", found, limit, lambda one: (one.place,))


async def counts(database: Database) -> dict[ProposalState, int]:
    """The number of proposals in each state."""
    rows = await database.read(COUNTS, states=[*ProposalState])
    return {ProposalState(row["state"]): row["proposals"] for row in rows}
