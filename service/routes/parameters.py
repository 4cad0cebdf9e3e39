"""Parameters shared by several resources."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from graph.model import Kind, Status
from graph.taxonomy.walking import traversal
from graph.taxonomy.walking.traversal import Listing

NodeId = Annotated[str, Path(description="Id of a node", examples=["0199f0c2a7b1c3d4e5f60718"])]
KindFilter = Annotated[Kind | None, Query(description="Only nodes of this kind")]
StatusFilter = Annotated[
    list[Status] | None, Query(description="Only these statuses; default: all but retired")
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Maximum number of items per page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the previous page")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="ETag of the node as last read; several, or * for any version, are accepted",
    ),
]
Depth = Annotated[int | None, Query(ge=1, le=100, description="Maximum number of links from the node")]


def statuses_of(chosen: list[Status] | None) -> tuple[Status, ...]:
    """The chosen statuses; if there are none, all but retired."""
    return tuple(chosen) if chosen else traversal.PRESENT


def _listing(
    kind: KindFilter = None, status: StatusFilter = None, limit: Limit = 100, cursor: Cursor = None
) -> Listing:
    return Listing(kind=kind, statuses=statuses_of(status), limit=limit, cursor=cursor)


TheListing = Annotated[Listing, Depends(_listing)]
