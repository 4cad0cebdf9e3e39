"""A change that a person, or what loads a vocabulary, proposes: one at a time, and once."""

from typing import Literal, Self

from pydantic import Field, model_validator

from graph.database import Database, Transaction
from graph.errors import NotFound
from graph.model import Text
from graph.proposals.listing import get
from graph.proposals.proposal import NewProposal, Proposal, ProposalKind, Source, Suggested
from graph.proposals.storing import Origin, Proposed, propose_in

OTHERS = {
    ProposalKind.add: "insert the node with the status proposed, which proposes to add it",
    ProposalKind.conflict: "conflicts are found by imports; propose an update",
}


class Suggestion(Suggested):
    """A change to propose."""

    source: Literal["person", "import"] = Field(
        default="person", description="import: it follows from a vocabulary that was loaded"
    )
    import_id: Text | None = Field(
        default=None, description="Id of the announced import that it follows from"
    )

    @model_validator(mode="after")
    def _is_of_a_kind_that_is_suggested(self) -> Self:
        if self.kind in OTHERS:
            raise ValueError(f"kind: {self.kind} cannot be proposed here; {OTHERS[self.kind]}")
        return self


async def suggest(database: Database, suggestion: Suggestion, *, by: str) -> tuple[Proposal, bool]:
    """Stores a proposal, and returns it with whether it is new; one that was there is returned as it is.

    One that was rejected stays so, unless the evidence is another one. Raises NotFound for unknown nodes.
    """
    new = NewProposal.model_validate(suggestion.model_dump(exclude={"source", "import_id"}))
    origin = Origin(Source(suggestion.source), suggestion.import_id, by)

    async def work(tx: Transaction) -> Proposed:
        return await propose_in(tx, [new], origin)

    counts = await database.writing(work)
    if counts.missing:
        named = ", ".join(dict.fromkeys(one.id for one in new.about))
        raise NotFound(f"not every node that it is about is there: {named}")
    return await get(database, counts.ids[0]), bool(counts.new)
