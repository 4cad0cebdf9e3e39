"""Proposals that follow what is decided about their nodes, in the transaction of the decision.

What was proposed to be added is decided about in many ways: by its proposal, by a round, by an edit.
Whichever it was, the proposal says the same as the node.
"""

from collections.abc import Mapping, Sequence

from graph.database import Transaction
from graph.queries import load

FOLLOW = load("proposal.follow")
BACK = load("proposal.back")

IS_BACK = "an import has it again"


async def follow(tx: Transaction, statuses: Mapping[str, str], by: str) -> None:
    """Settles the proposals to add or remove these locked nodes, given their new statuses by their ids."""
    if statuses:
        rows = [{"id": id_, "status": status} for id_, status in sorted(statuses.items())]
        await tx.run(FOLLOW, batch={"by": by, "rows": rows})


async def come_back(tx: Transaction, ids: Sequence[str], by: str) -> None:
    """Supersedes what imports proposed to remove, and what an import now has again."""
    await tx.run(BACK, batch={"by": by, "ids": sorted(ids), "why": IS_BACK})
