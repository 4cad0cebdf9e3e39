"""Coverage: how the instructions of a subtree spread over its concepts."""

import math
from collections.abc import Sequence

from pydantic import BaseModel, Field

from graph import nodes
from graph.database import Database, Row
from graph.model import Kind
from graph.pages import Page, decode, page
from graph.queries import load

CONCEPTS = load("coverage.concepts")
INSTRUCTIONS = load("coverage.instructions")
SESSIONS = load("coverage.sessions")
CAPACITY = load("coverage.capacity")
BELOW = load("coverage.below")
GAPS = load("coverage.gaps")
DEGREES = load("coverage.degrees")
LEVELS = load("coverage.levels")

MOST_ROWS = 1_000


class PerConcept(BaseModel):
    """Accepted instructions a concept."""

    min: int
    mean: float
    max: int


class SessionPairs(BaseModel):
    """Pairs of sessions of one syllabus, and those that an accepted instruction was drawn from."""

    possible: int
    covered: int


class Capacity(BaseModel):
    """Combinations of one stratum: in all, and drawn so far."""

    total: int
    drawn: int


class Coverage(BaseModel):
    """The coverage of one node's subtree."""

    id: str
    name: str
    concepts: int
    covered: int = Field(description="Concepts with at least one accepted instruction")
    ratio: float = Field(description="covered / concepts, 0 where there are none")
    instructions: int = Field(description="Accepted instructions, each once")
    per_concept: PerConcept
    entropy: float = Field(description="Of the instructions over the concepts, in bits")
    sessions: int
    session_pairs: SessionPairs
    capacity: dict[str, Capacity] = Field(description="By stratum, such as single:3 or pair:2")


class Gap(BaseModel):
    """A concept and how few instructions cover it."""

    id: str
    name: str
    instructions: int
    sessions: list[dict[str, str]]


async def of(database: Database, node_id: str, strata: Sequence[str]) -> Coverage:
    """The coverage below one node; raises NotFound."""
    await nodes.get(database, node_id)
    return (await of_many(database, [node_id], strata))[0]


async def by_kind(database: Database, node_id: str, kind: Kind, strata: Sequence[str]) -> list[Coverage]:
    """A row for each node of `kind` below a node, MOST_ROWS at most; raises NotFound."""
    await nodes.get(database, node_id)
    rows = await database.read(BELOW, id=node_id, kind=kind, limit=MOST_ROWS)
    return await of_many(database, [row["id"] for row in rows], strata)


async def of_many(database: Database, ids: Sequence[str], strata: Sequence[str]) -> list[Coverage]:
    """The coverage below each of these nodes, in the order of ids."""
    params = {"ids": list(ids)}
    concepts = await database.read(CONCEPTS, **params)
    instructions = {row["id"]: row for row in await database.read(INSTRUCTIONS, **params)}
    sessions = {row["id"]: row for row in await database.read(SESSIONS, **params)}
    capacity: dict[str, dict[str, Capacity]] = {}
    for row in await database.read(CAPACITY, strata=list(strata), **params):
        total = Capacity(total=int(row["total"]), drawn=row["drawn"])
        capacity.setdefault(row["id"], {})[row["stratum"]] = total
    return [
        _coverage(row, instructions.get(row["id"], {}), sessions[row["id"]], capacity.get(row["id"], {}))
        for row in concepts
    ]


async def instructions_below(database: Database, node_id: str) -> int:
    """How many accepted instructions are below a node."""
    rows = await database.read(INSTRUCTIONS, ids=[node_id])
    return rows[0]["instructions"] if rows else 0


async def concepts_below(database: Database, node_id: str) -> int:
    """How many accepted concepts are below a node."""
    return (await database.read(CONCEPTS, ids=[node_id]))[0]["concepts"]


async def degrees(database: Database, node_id: str) -> dict[str, dict[str, int]]:
    """By syllabus below a node: its concepts by id, none at two syllabi, and how often each is covered."""
    rows = await database.read(DEGREES, id=node_id)
    return {row["id"]: dict(zip(row["concepts"], row["degrees"], strict=True)) for row in rows}


async def levels(database: Database, node_id: str) -> dict[int, int]:
    """How many concepts that can be drawn below a node have so many accepted instructions."""
    return {row["degree"]: row["concepts"] for row in await database.read(LEVELS, id=node_id)}


async def exhausted(database: Database, node_id: str, strata: Sequence[str]) -> list[str]:
    """The strata of which nothing is left below a node, as far as its syllabi have been counted."""
    rows = await database.read(CAPACITY, ids=[node_id], strata=list(strata))
    return [row["stratum"] for row in rows if row["drawn"] >= row["total"]]


async def gaps(database: Database, node_id: str, limit: int = 100, cursor: str | None = None) -> Page[Gap]:
    """The least covered concepts below a node first; raises NotFound."""
    await nodes.get(database, node_id)
    degree, after = decode(cursor, (-1, ""))
    rows = await database.read(GAPS, id=node_id, degree=degree, after=after, limit=limit + 1)
    return page([Gap(**row) for row in rows], limit, lambda gap: (gap.instructions, gap.id))


def _coverage(concepts: Row, instructions: Row, sessions: Row, capacity: dict[str, Capacity]) -> Coverage:
    n, links = concepts["concepts"], concepts["links"]
    return Coverage(
        id=concepts["id"],
        name=concepts["name"],
        concepts=n,
        covered=concepts["covered"],
        ratio=concepts["covered"] / n if n else 0.0,
        instructions=instructions.get("instructions", 0),
        per_concept=PerConcept(min=concepts["least"], mean=links / n if n else 0.0, max=concepts["most"]),
        # H = -sum (d/L) log2 (d/L) = log2 L - (sum d log2 d) / L, with d the degree and L their sum
        entropy=max(0.0, math.log2(links) - concepts["d_log_d"] / math.log(2) / links) if links else 0.0,
        sessions=sessions["sessions"],
        session_pairs=SessionPairs(possible=sessions["possible"], covered=sessions["covered"]),
        capacity=capacity,
    )
