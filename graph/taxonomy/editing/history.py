"""The audit trail: author, change and time, written in the same transaction as the change.

(:Edit)-[:CHANGED]->(node). Nodes that a job inserts have no Edit; their `created_by` names the job.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.errors import NoNode
from graph.model import Kind, new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.taxonomy.editing.locks import GET

RECORD = load("edit.record")
HISTORY = load("edit.history")

# Sorts after every id.
LAST = "~"


class Edit(BaseModel):
    """One change of the taxonomy."""

    id: str = Field(description="Opaque; sorts by the time of the edit")
    at: datetime = Field(description="UTC")
    who: str = Field(description="The caller, such as rest or the name of a token")
    action: str = Field(
        description="inserted, inserted_many, patched, linked, unlinked, moved, merged, retired, purged; "
        "voted: a round has decided about the node; reopened: a round over it; waived: a person keeps an "
        "instruction of the syllabus against what checks find; decided: a person accepts or rejects some"
    )
    node_id: str | None = Field(default=None, description="The node of the request; null for many at once")
    kind: Kind | None = Field(default=None, description="Its kind")
    name: str | None = Field(default=None, description="Its name before the edit")
    nodes: int = Field(description="Number of nodes it inserted, changed or removed")
    stale: int = Field(default=0, description="Number of instructions it made stale")
    detail: dict[str, Any] = Field(
        default_factory=dict,
        description="What was changed: ids, values before and after, names of the purged",
    )


async def record(
    tx: Transaction,
    action: str,
    who: str,
    node: Row | None,
    changed: Sequence[str],
    *,
    nodes: int = 1,
    stale: int = 0,
    detail: Row | None = None,
) -> None:
    """Records an edit of `node` (a row, or None for many) that changed the nodes with these ids."""
    edit = made(action, who, node, nodes=nodes, stale=stale, detail=detail)
    await tx.run(RECORD, edit=edit, ids=list(changed))


def made(
    action: str,
    who: str,
    node: Row | None,
    *,
    nodes: int = 1,
    stale: int = 0,
    detail: Row | None = None,
    id_: str | None = None,
) -> Row:
    """The properties of an edit, for queries that record many at once."""
    named = node or {}
    return {
        "id": id_ or new_id(),
        "who": who,
        "action": action,
        "node_id": named.get("id"),
        "kind": named.get("kind"),
        "name": named.get("name"),
        "nodes": nodes,
        "stale": stale,
        "detail": json.dumps(detail or {}, ensure_ascii=False),
    }


async def of(database: Database, node_id: str, *, limit: int = 100, cursor: str | None = None) -> Page[Edit]:
    """A page of a node's edits, newest first, also for a purged node; raises NoNode."""
    [before] = decode("history", cursor, (LAST,))
    rows = await database.read(HISTORY, id=node_id, before=before, limit=limit + 1)
    if not rows and cursor is None and not await database.read(GET, id=node_id):
        raise NoNode(node_id)
    found = [Edit(**{**row["edit"], "detail": json.loads(row["edit"]["detail"])}) for row in rows]
    return page("history", found, limit, lambda edit: (edit.id,))
