"""Marks instructions stale in the transaction of the edit that changes what they were made from.

COVERS links only accepted instructions to their concepts, so that a concept's degree is its coverage; a stale
instruction keeps its origin as COVERED. While an edit looks for instructions, nothing is accepted there; one
that a model is still working on then is found outdated when it is accepted (graph/rollups/kept.py).
"""

from collections.abc import Sequence

from graph import rollups
from graph.database import Row, Transaction
from graph.queries import load

MARK_STALE = load("instruction.mark_stale")
MARK_STALE_IN = load("instruction.mark_stale_in")
MARK_STALE_OF_SYLLABUS = load("instruction.mark_stale_of_syllabus")


async def mark_stale(tx: Transaction, node_ids: Sequence[str], reason: str) -> int:
    """Marks accepted instructions drawn from these sessions or covering these concepts; returns how many."""
    await rollups.hold(tx, node_ids)
    return await _counted(tx, await tx.run(MARK_STALE, ids=list(node_ids), reason=reason))


async def mark_stale_in(tx: Transaction, session_id: str, concept_id: str, reason: str) -> int:
    """Marks accepted instructions drawn from this session that cover this concept; returns how many."""
    await rollups.hold(tx, [concept_id])
    rows = await tx.run(MARK_STALE_IN, session_id=session_id, concept_id=concept_id, reason=reason)
    return await _counted(tx, rows)


async def mark_stale_of_syllabus(tx: Transaction, syllabus_id: str, session_id: str, reason: str) -> int:
    """Marks accepted instructions of this syllabus that were drawn from this session; returns how many."""
    await rollups.hold(tx, [session_id])
    rows = await tx.run(MARK_STALE_OF_SYLLABUS, syllabus_id=syllabus_id, session_id=session_id, reason=reason)
    return await _counted(tx, rows)


async def _counted(tx: Transaction, rows: list[Row]) -> int:
    """The number of instructions that became stale; declares the figures of their disciplines unknown."""
    await rollups.forget_disciplines(tx, rows[0]["disciplines"])
    return rows[0]["stale"]
