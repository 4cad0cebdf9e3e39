"""What instructions take of the store, and what a million more would take.

Neo4j says how large its files are, not whose what is in them is. So each file is split by what its records
hold: nodes and relationships by their numbers, which Neo4j keeps; properties, long texts and lists by their
numbers on some nodes of each label; an index belongs to the label that it is for. Parts of releases, few
and large, are left out, and so is the log, whose size is bounded.
"""

from collections.abc import Callable, Sequence
from typing import TypedDict

from pydantic import BaseModel, Field

from graph.database import Database
from graph.embedded.store_files import StoreFiles
from graph.model import Kind
from graph.queries import load

COUNTS = load("admin.counts")
SORTS = load("admin.sorts")
INDEXES = load("admin.indexes")
PARTS = load("admin.release_parts")

INSTRUCTION = "Instruction"
LOOKED_AT, PARTS_LOOKED_AT = 1_000, 20
RARE = 1_000
"""One of this many nodes."""
MILLION = 1_000_000


class Sort(TypedDict):
    """The nodes of a label: how many there are, and the records of one of them."""

    label: str
    nodes: int
    properties: float
    texts: float
    lists: float


class Share(BaseModel):
    """What instructions take."""

    instructions: int
    bytes: int = Field(description="What they take of the store, without the log")
    each: float = Field(description="Bytes of one")
    million: int = Field(description="Bytes of a million more")


async def of_instructions(database: Database, files: StoreFiles) -> Share | None:
    """What instructions take of a store; None if there are none."""
    [counts] = await database.read(COUNTS)
    # A node of the taxonomy has the label of its kind beside the one of all. Rare labels weigh nothing, and
    # Neo4j would look through all nodes for them.
    least = sum(count for _, count in counts["nodes"]) / RARE
    nodes = {label: count for label, count in counts["nodes"] if count > least and label not in set(Kind)}
    looked_at = await database.read(SORTS, labels=[*nodes], most=LOOKED_AT)
    sorts = [Sort(**row, nodes=nodes[row["label"]]) for row in looked_at]
    labels = {row["id"]: row["labels"] for row in await database.read(INDEXES)}
    indexes = sum(size for id_, size in files.indexes.items() if INSTRUCTION in labels.get(id_, ()))
    share = (counts["of_instructions"] or 0) / (counts["links"] or 1)
    [parts] = await database.read(PARTS, most=PARTS_LOOKED_AT)
    return split(files, sorts, share, indexes, round(parts["parts"] * parts["bytes"]))


def split(
    files: StoreFiles, sorts: Sequence[Sort], share_of_links: float, indexes: int, releases: int = 0
) -> Share | None:
    """As `of_instructions`.

    `indexes`: the bytes of indexes that are for instructions alone; `releases`: those of parts of releases,
    which are stored with the lists.
    """
    count = sum(sort["nodes"] for sort in sorts if sort["label"] == INSTRUCTION)
    if not count:
        return None
    shares = {
        "nodes": _share(sorts, lambda sort: 1),
        "links": share_of_links,
        "properties": _share(sorts, lambda sort: sort["properties"]),
        "texts": _share(sorts, lambda sort: sort["texts"]),
        "lists": _share(sorts, lambda sort: sort["lists"]),
    }
    kinds = files.kinds | {"lists": max(0, files.kinds["lists"] - releases)}
    taken = indexes + sum(kinds[kind] * share for kind, share in shares.items())
    return Share(
        instructions=count, bytes=round(taken), each=taken / count, million=round(taken / count * MILLION)
    )


def _share(sorts: Sequence[Sort], records: Callable[[Sort], float]) -> float:
    """The share of instructions in these records; `records`: those of one node of a sort."""
    weights = {sort["label"]: sort["nodes"] * records(sort) for sort in sorts}
    return weights[INSTRUCTION] / (sum(weights.values()) or 1)
