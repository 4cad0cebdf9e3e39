"""Searches for duplicates: what was looked for, how far each is, and what came of it.

(:DuplicateSearch)-[:LOOKED_UNDER]->(node). A search runs in the service that was asked; if that stops, the
search is shown as failed, and the next one finds the same proposals.
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.database import Database, Sealed, seal_of_shown
from graph.errors import NoNode, NotFound
from graph.model import Text, digest, new_id
from graph.queries import load

BEGIN = load("duplicate_search.begin")
GET = load("duplicate_search.get")
SEARCHES = Sealed(
    "search", "id", load("duplicate_search.lock_all"), load("duplicate_search.seal"), seal_of_shown
)
PROGRESS = load("duplicate_search.progress")

ALIVE_S = 60
"""Seconds after which a search that was not seen counts as stopped."""
FUZZY = 4


class SearchSpec(BaseModel):
    """Where to look for duplicates, and how far."""

    model_config = ConfigDict(extra="forbid")

    across: list[Text] = Field(
        default_factory=list[str],
        max_length=20,
        description="Ids of nodes with whose names those below this node are compared, each taken as one "
        "vocabulary; default: the names below this node with each other",
    )
    tier: Annotated[int, Field(ge=1, le=4)] = Field(
        default=3,
        description="Up to which tier: 1 same URI or notation, 2 same name but for its spelling, 3 name and "
        "alternative name, 4 similar names, which needs across",
    )
    threshold: Annotated[float, Field(ge=85, le=100)] = Field(
        default=92, description="Minimum similarity of names at tier 4, in percent"
    )

    @model_validator(mode="after")
    def _fuzzy_is_across(self) -> Self:
        if self.tier == FUZZY and not self.across:
            raise ValueError("tier 4 compares names of different vocabularies: say across")
        return self


class SearchState(StrEnum):
    """State of a search."""

    running = "running"
    done = "done"
    failed = "failed"


class SearchCounts(BaseModel):
    """What a search has read, found and proposed."""

    nodes: int = Field(default=0, description="Nodes read")
    pairs: int = Field(default=0, description="Pairs found")
    new: int = Field(default=0, description="Proposals made")
    reopened: int = Field(default=0, description="Proposals decided before, on other evidence")
    open: int = Field(default=0, description="Proposals that were open already")
    rejected: int = Field(default=0, description="Pairs that were rejected before and stay so")
    known: int = Field(default=0, description="Proposals that were applied or superseded before")
    missing: int = Field(default=0, description="Pairs of which a node went away during the search")


class DuplicateSearch(BaseModel):
    """A search for duplicates."""

    id: str
    node_id: str = Field(description="The node below which it looks")
    across: list[str] = Field(description="The nodes with which that is compared")
    tier: int
    threshold: float
    state: SearchState
    counts: SearchCounts
    reason: str | None = Field(default=None, description="Why it failed")
    created_by: str = Field(description="The caller, such as rest or the name of a token")
    started_at: datetime = Field(description="UTC")
    ended_at: datetime | None = Field(default=None, description="UTC")


async def begin(
    database: Database, node_id: str, spec: SearchSpec, by: str, search_id: str | None = None
) -> tuple[DuplicateSearch, bool]:
    """Stores a search, and returns it with whether it is new: the same one may be running already.

    Raises NoNode.
    """
    key = digest(node_id, *spec.across, spec.tier, str(spec.threshold))
    properties = spec.model_dump() | {"key": key, "created_by": by}
    rows = await database.write(
        BEGIN, id=search_id or new_id(), node_id=node_id, properties=properties, alive_s=ALIVE_S
    )
    if not rows:
        raise NoNode(node_id)
    return await get(database, rows[0]["id"]), rows[0]["fresh"]


async def get(database: Database, search_id: str) -> DuplicateSearch:
    """One search; raises NotFound."""
    rows = await SEARCHES.whole(database, await database.read(GET, id=search_id, alive_s=ALIVE_S))
    if not rows:
        raise NotFound(f"no search for duplicates has the id {search_id}")
    stored = rows[0]["search"] | {"counts": json.loads(rows[0]["search"]["counts"])}
    if stored["state"] == SearchState.running and not rows[0]["alive"]:
        stored |= {"state": SearchState.failed, "reason": "its service has stopped; search again"}
    return DuplicateSearch.model_validate(stored)


async def progress(
    database: Database,
    search_id: str,
    counts: SearchCounts,
    state: SearchState = SearchState.running,
    reason: str | None = None,
) -> None:
    """Stores how far a search is, and that it is alive."""
    await database.write(PROGRESS, id=search_id, state=state, counts=counts.model_dump_json(), reason=reason)
