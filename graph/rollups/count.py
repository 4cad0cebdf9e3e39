"""Figures of subtrees, counted by reading them.

A group is a set of nodes whose subtrees are counted together: what several of them share counts once. Figures
of groups that share nothing can be added up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from graph.database import Database, Row, Transaction
from graph.queries import load

HISTOGRAM = load("coverage.histogram")
INSTRUCTIONS = load("coverage.instructions")
DIALS = load("coverage.dials")
REACHED = load("coverage.reached")
SESSIONS = load("coverage.sessions")
PRESENT = load("coverage.present")

Groups = Mapping[str, Sequence[str]]
"""Ids of the nodes of each group, by a name that the caller chooses."""


@dataclass
class Figures:
    """The figures below some nodes; dates are days in UTC, such as 2026-01-31."""

    degrees: Counter[int] = field(default_factory=Counter[int])
    """Number of accepted concepts, by the number of accepted instructions that cover each."""
    made: Counter[str] = field(default_factory=Counter[str])
    """Number of accepted instructions, by the day they were accepted."""
    reached: Counter[str] = field(default_factory=Counter[str])
    """Number of accepted concepts, by the day of their first accepted instruction."""
    dials: Counter[str] = field(default_factory=Counter[str])
    """Number of accepted instructions, by the value of a dial that they have, such as difficulty=apply."""
    present: Counter[str] = field(default_factory=Counter[str])
    """Number of nodes that are not retired, by kind."""
    sessions: int = 0
    """Number of accepted sessions."""
    possible: int = 0
    """Number of pairs of accepted sessions within one accepted syllabus."""
    covered: int = 0
    """Number of these pairs that an accepted instruction was drawn from."""
    crossed: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """Of one discipline: its accepted instructions that another one has too, by that one's id, and by day and
    value of a dial. Sums of figures leave it out."""

    def less(self, crossed: Counter[str]) -> None:
        """Takes away what the figures of two disciplines count twice, by day and value of a dial."""
        for key, number in crossed.items():
            (self.dials if "=" in key else self.made)[key] -= number

    def __iadd__(self, other: Self) -> Self:
        self.degrees.update(other.degrees)
        self.made.update(other.made)
        self.reached.update(other.reached)
        self.dials.update(other.dials)
        self.present.update(other.present)
        self.sessions += other.sessions
        self.possible += other.possible
        self.covered += other.covered
        return self

    @property
    def concepts(self) -> int:
        """The number of accepted concepts."""
        return self.degrees.total()

    @property
    def instructions(self) -> int:
        """The number of accepted instructions."""
        return self.made.total()


def batch_of(groups: Groups) -> Row:
    """Groups as the queries take them: in a map, because Neo4j plans again for each size of a list."""
    return {"groups": [{"id": id_, "tops": list(tops)} for id_, tops in groups.items()]}


async def count(
    reader: Database | Transaction, groups: Groups, *, history: bool = True
) -> dict[str, Figures]:
    """The figures of each group, from reading all below it; `reached`, the slowest, only with `history`."""
    found = {id_: Figures() for id_ in groups}
    batch = batch_of(groups)
    for row in await reader.rows(HISTOGRAM, batch=batch):
        found[row["id"]].degrees[row["degree"]] = row["concepts"]
    for row in await reader.rows(INSTRUCTIONS, batch=batch):
        found[row["id"]].made[row["day"]] = row["instructions"]
    for row in await reader.rows(DIALS, batch=batch):
        found[row["id"]].dials[row["dial"]] = row["instructions"]
    for row in await reader.rows(REACHED, batch=batch) if history else ():
        found[row["id"]].reached[row["day"]] = row["concepts"]
    for id_, kinds in (await present(reader, groups)).items():
        found[id_].present = kinds
    for row in await reader.rows(SESSIONS, batch=batch):
        figures = found[row["id"]]
        figures.sessions, figures.possible, figures.covered = row["sessions"], row["possible"], row["covered"]
    return found


async def present(reader: Database | Transaction, groups: Groups) -> dict[str, Counter[str]]:
    """The number of nodes of each kind below each group that are not retired."""
    found = {id_: Counter[str]() for id_ in groups}
    for row in await reader.rows(PRESENT, batch=batch_of(groups)):
        found[row["id"]][row["kind"]] = row["nodes"]
    return found
