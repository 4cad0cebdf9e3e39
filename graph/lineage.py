"""What an instruction was made from, and what an edit does to it: it becomes stale in the same transaction.

COVERS stands only between an accepted instruction and its concepts, so that a concept's degree is its
coverage; a stale instruction keeps its origin as COVERED.
"""

from collections.abc import Sequence

from graph.database import Transaction
from graph.queries import load

MARK_STALE = load("instruction.mark_stale")
MARK_STALE_IN = load("instruction.mark_stale_in")


async def mark_stale(tx: Transaction, node_ids: Sequence[str], reason: str) -> int:
    """Marks the accepted instructions drawn from these sessions or covering these concepts."""
    return (await tx.run(MARK_STALE, ids=list(node_ids), reason=reason))[0]["stale"]


async def mark_stale_in(tx: Transaction, session_id: str, concept_id: str, reason: str) -> int:
    """Marks the accepted instructions drawn from this session that cover this concept."""
    rows = await tx.run(MARK_STALE_IN, session_id=session_id, concept_id=concept_id, reason=reason)
    return rows[0]["stale"]
