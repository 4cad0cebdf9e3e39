"""Coverage: how the instructions of a subtree spread over its concepts.

At and above a discipline the figures come from graph/rollups; below it, where subtrees are small, they are
counted on request.
"""

import math
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from graph import rollups
from graph.database import Database, Row
from graph.dials import by_dial
from graph.errors import Invalid, NoNode
from graph.model import UPPER, Kind
from graph.pages import Page, decode, page
from graph.queries import load
from graph.rollups.count import Figures, batch_of, count
from graph.taxonomy import nodes
from graph.taxonomy.walking import traversal

CAPACITY = load("coverage.capacity")
CROSSED = load("coverage.crossed")
DISCIPLINES = load("coverage.disciplines")
GAPS = load("coverage.gaps")
DEGREES = load("coverage.degrees")
DEGREES_OF = load("coverage.degrees_of")
LEVELS = load("coverage.levels")
GET_MANY = load("node.get_many")

MOST_DISCIPLINES = 25_000
CROSS = "cross:"


class PerConcept(BaseModel):
    """Accepted instructions per concept."""

    min: int = Field(description="Of the least covered concept")
    mean: float = Field(description="Mean over all concepts, including uncovered ones")
    max: int = Field(description="Of the most covered concept")


class SessionPairs(BaseModel):
    """Pairs of sessions of one syllabus, and those used by an accepted instruction."""

    possible: int = Field(description="Pairs of sessions")
    covered: int = Field(description="Pairs with at least one accepted instruction")


class Capacity(BaseModel):
    """Combinations of one stratum: all of them, those drawn so far, and how often one was drawn again.

    Of crossings, only pairs of syllabi that something was drawn from are counted.
    """

    total: int = Field(description="Combinations there are")
    drawn: int = Field(description="Combinations drawn so far")
    repeated: int = Field(
        default=0, description="How often one was drawn again, by jobs with repeats, with other dials"
    )


class Coverage(BaseModel):
    """The coverage of one node's subtree."""

    id: str
    name: str
    concepts: int = Field(description="Accepted concepts, each once")
    covered: int = Field(description="Concepts with at least one accepted instruction")
    ratio: float = Field(description="covered / concepts, 0 where there are none")
    instructions: int = Field(description="Accepted instructions, each once")
    per_concept: PerConcept
    entropy: float = Field(description="Entropy of the distribution of instructions over concepts, in bits")
    sessions: int = Field(description="Accepted sessions, each once")
    session_pairs: SessionPairs
    capacity: dict[str, Capacity] = Field(description="By stratum, such as single:3 or pair:2")
    dials: dict[str, dict[str, int]] = Field(
        default_factory=dict,
        description="Accepted instructions by dial, such as difficulty, and by value",
    )


class Gap(BaseModel):
    """A concept, with the number of accepted instructions that cover it."""

    id: str
    name: str
    instructions: int = Field(description="Accepted instructions that cover it")
    sessions: list[dict[str, str]] = Field(description="Id and name of each session that has it")


class Day(BaseModel):
    """The coverage of a subtree at the end of a day, computed from what is accepted now."""

    day: str = Field(description="Of UTC, such as 2026-01-31", examples=["2026-01-31"])
    accepted: int = Field(description="Instructions accepted on this day")
    reached: int = Field(description="Concepts that got their first instruction on this day")
    instructions: int = Field(description="Accepted instructions up to the end of this day")
    covered: int = Field(description="Covered concepts at the end of this day")
    ratio: float = Field(description="covered / today's concepts")


async def of(database: Database, node_id: str, strata: Sequence[str]) -> Coverage:
    """The coverage below one node; raises NotFound."""
    node = await nodes.get(database, node_id)
    return (await _of_nodes(database, {node.id: (node.kind, node.name)}, strata))[0]


async def by_kind(
    database: Database,
    node_id: str,
    kind: Kind,
    strata: Sequence[str],
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Coverage]:
    """A page of the coverage of each node of `kind` below a node; raises NotFound."""
    below = await traversal.descendants(
        database, node_id, of="coverage", kind=kind, limit=limit, cursor=cursor
    )
    found = {node.id: (node.kind, node.name) for node in below.items}
    return Page(items=await _of_nodes(database, found, strata), next=below.next)


async def _of_nodes(
    database: Database, found: Mapping[str, tuple[Kind, str]], strata: Sequence[str]
) -> list[Coverage]:
    """The coverage below each of these nodes (kind and name by id), in the order given."""
    kinds = {id_: kind for id_, (kind, _) in found.items()}
    figures = await figures_of(database, kinds, history=False)
    capacity = await _capacity(database, list(found), strata)
    return [_coverage(id_, name, figures[id_], capacity.get(id_, {})) for id_, (_, name) in found.items()]


async def figures_of(
    database: Database, kinds: Mapping[str, Kind], *, history: bool = True
) -> dict[str, Figures]:
    """The figures below each node of `kinds`; without `history`, `reached` may be missing from them."""
    upper = await _disciplines(database, {id_: kind for id_, kind in kinds.items() if kind in UPPER})
    lower = [id_ for id_, kind in kinds.items() if kind not in UPPER]
    found = await count(database, {id_: [id_] for id_ in lower}, history=history) if lower else {}
    kept = await rollups.of(database, sorted({id_ for ids in upper.values() for id_ in ids}))
    return found | await kept.totals(database, upper)


async def disciplines(database: Database, node_id: str) -> list[str]:
    """Ids of a node's disciplines that count: itself, or those that a path of accepted nodes leads to.

    Sorted. Raises Invalid if there are more than MOST_DISCIPLINES.
    """
    return (await _below(database, [node_id])).get(node_id, [])


async def _disciplines(database: Database, kinds: Mapping[str, Kind]) -> dict[str, list[str]]:
    """Like `disciplines`, for several nodes given with their kinds; a discipline has only itself."""
    above = [id_ for id_, kind in kinds.items() if kind is not Kind.Discipline]
    return {id_: [id_] for id_ in kinds} | (await _below(database, above) if above else {})


async def _below(database: Database, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await database.read(DISCIPLINES, ids=list(ids), limit=MOST_DISCIPLINES + 1):
        if len(row["disciplines"]) > MOST_DISCIPLINES:
            raise Invalid(
                f"over {MOST_DISCIPLINES:,} disciplines are below {row['id']}; ask for a node further down"
            )
        found[row["id"]] = sorted(row["disciplines"])
    return found


async def _capacity(
    database: Database, ids: Sequence[str], strata: Sequence[str]
) -> dict[str, dict[str, Capacity]]:
    capacity: dict[str, dict[str, Capacity]] = {}
    batch = batch_of({id_: [id_] for id_ in ids})
    within = [name for name in strata if not name.startswith(CROSS)]
    across = [name for name in strata if name.startswith(CROSS)]
    rows = await database.read(CAPACITY, batch=batch, strata=within)
    rows += await database.read(CROSSED, batch=batch, strata=across) if across else []
    for row in rows:
        of_stratum = Capacity(total=int(row["total"]), drawn=row["drawn"], repeated=row["repeated"])
        capacity.setdefault(row["id"], {})[row["stratum"]] = of_stratum
    return capacity


async def instructions_below(database: Database, node_id: str) -> int:
    """The number of accepted instructions below a node; raises NotFound."""
    return (await below(database, [node_id]))[node_id].instructions


async def below(database: Database, ids: Sequence[str]) -> dict[str, Figures]:
    """The figures below each of these nodes; raises NotFound if one does not exist."""
    rows = await database.read(GET_MANY, ids=list(ids))
    kinds = {row["node"]["id"]: Kind(row["node"]["kind"]) for row in rows}
    for id_ in ids:
        if id_ not in kinds:
            raise NoNode(id_)
    return await figures_of(database, kinds)


async def growth(database: Database, node_id: str) -> list[Day]:
    """The days on which something below a node was accepted, oldest first; raises NotFound."""
    figures = (await below(database, [node_id]))[node_id]
    days: list[Day] = []
    instructions = covered = 0
    for day in sorted(figures.made.keys() | figures.reached.keys()):
        accepted, reached = figures.made[day], figures.reached[day]
        instructions, covered = instructions + accepted, covered + reached
        ratio = covered / figures.concepts if figures.concepts else 0.0
        days.append(
            Day(
                day=day,
                accepted=accepted,
                reached=reached,
                instructions=instructions,
                covered=covered,
                ratio=ratio,
            )
        )
    return days


async def degrees(database: Database, node_id: str) -> dict[str, dict[str, int]]:
    """By syllabus below a node: for each concept id, the number of accepted instructions that cover it.

    A concept of several syllabi appears only in the first of them.
    """
    rows = await database.read(DEGREES, id=node_id)
    return {row["id"]: dict(zip(row["concepts"], row["degrees"], strict=True)) for row in rows}


async def degrees_of(database: Database, syllabus_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By syllabus, of these: for each of its concept ids, the number of instructions that cover it."""
    rows = await database.read(DEGREES_OF, ids=list(syllabus_ids))
    return {row["id"]: dict(zip(row["concepts"], row["degrees"], strict=True)) for row in rows}


async def levels(database: Database, node_id: str) -> dict[int, int]:
    """The number of concepts below a node that can be drawn, by the number of their instructions."""
    return {row["degree"]: row["concepts"] for row in await database.read(LEVELS, id=node_id)}


def exhausted(found: Coverage, laps: int = 1) -> list[str]:
    """The strata with nothing left to draw below a node, as far as its syllabi have been counted.

    `laps`: how often a combination may be drawn. Crossings are not among them: only those that something was
    drawn from are counted.
    """
    counted = {name: c for name, c in found.capacity.items() if not name.startswith(CROSS)}
    return [name for name, c in counted.items() if c.drawn + c.repeated >= laps * c.total]


async def gaps(database: Database, node_id: str, limit: int = 100, cursor: str | None = None) -> Page[Gap]:
    """A page of the concepts below a node, least covered first; raises NotFound.

    Equally covered concepts come discipline by discipline, so that a page reads as few of these as possible.
    """
    node = await nodes.get(database, node_id)
    degree, home, after = decode("gaps", cursor, (-1, "", ""))
    if node.kind not in UPPER or node.kind is Kind.Discipline:
        rows = await _gap_rows(database, {node.id: None}, (degree, home, after), limit + 1)
    else:
        rows = await _upper_gaps(database, node.id, (degree, home, after), limit + 1)
    gap_page = page("gaps", rows, limit, lambda row: (row["instructions"], row["home"], row["id"]))
    return Page(items=[Gap(**row) for row in gap_page.items], next=gap_page.next)


Position = tuple[int, str, str]
"""Number of instructions, home and id of a concept: the sort key of gaps."""


async def _gap_rows(
    database: Database, parts: Mapping[str, list[int] | None], position: Position, limit: int
) -> list[Row]:
    """Rows of the concepts below the nodes of `parts`, given with the degrees wanted there (None: all)."""
    degree, home, after = position
    batch = {"parts": [{"id": id_, "degrees": degrees} for id_, degrees in parts.items()]}
    return await database.read(GAPS, batch=batch, degree=degree, home=home, after=after, limit=limit)


async def _upper_gaps(database: Database, node_id: str, position: Position, limit: int) -> list[Row]:
    """Reads only the disciplines with the least covered concepts, as many as a page needs.

    Disciplines that share something are always read: their concepts come in the order of their homes, which
    may be other disciplines, even such as are not below the node.
    """
    kept = await rollups.of(database, await disciplines(database, node_id))
    sharing = kept.sharing()
    levels = sorted(
        (degree, id_, concepts)
        for id_, figures in kept.figures.items()
        for degree, concepts in figures.degrees.items()
        if concepts and id_ not in sharing and (degree, id_) >= position[:2]
    )
    parts: dict[str, list[int]] = {}
    sure = 0
    for degree, id_, concepts in levels:
        if sure >= limit:
            break
        parts.setdefault(id_, []).append(degree)
        # It is not known how many concepts are left in the discipline that the cursor points into.
        sure += concepts if (degree, id_) > position[:2] else 0
    return await _gap_rows(database, {**dict.fromkeys(sharing), **parts}, position, limit)


def _coverage(id_: str, name: str, figures: Figures, capacity: dict[str, Capacity]) -> Coverage:
    n = figures.concepts
    degrees = {degree: concepts for degree, concepts in figures.degrees.items() if concepts}
    covered = n - degrees.get(0, 0)
    links = sum(degree * concepts for degree, concepts in degrees.items())
    return Coverage(
        id=id_,
        name=name,
        concepts=n,
        covered=covered,
        ratio=covered / n if n else 0.0,
        instructions=figures.instructions,
        per_concept=PerConcept(
            min=min(degrees, default=0), mean=links / n if n else 0.0, max=max(degrees, default=0)
        ),
        entropy=_entropy(degrees, links),
        sessions=figures.sessions,
        session_pairs=SessionPairs(possible=figures.possible, covered=figures.covered),
        capacity=capacity,
        dials=by_dial(figures.dials),
    )


def _entropy(degrees: Mapping[int, int], links: int) -> float:
    """H = -sum (d/L) log2 (d/L) over the concepts, with d the degree of each and L their sum; in bits."""
    if not links:
        return 0.0
    spread = sum(concepts * degree * math.log2(degree) for degree, concepts in degrees.items() if degree)
    return max(0.0, math.log2(links) - spread / links)
