"""What is left to draw below a node: a few numbers per syllabus, whose space is not kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from generators.planning.quotas import wanted_room
from generators.spaces.handed_out import HandedOut
from generators.spaces.held_space import HeldSpace
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph.database import Database
from graph.taxonomy import syllabi

# Syllabi read at once: a few thousand sessions.
PAGE = 100


@dataclass(frozen=True)
class Room:
    """A syllabus: per stratum, its combinations, and how many places of them a job may still draw.

    `weight`: the product of the weights on the path down to it.
    """

    id: str
    weight: float
    capacity: list[int]
    free: list[int]

    def wanted(self, spec: JobSpec) -> int:
        """How many instructions a job may draw here; 0 if its quota gives the syllabus nothing."""
        if spec.quota == "weight" and not self.weight:
            return 0
        return wanted_room(self.free, spec.weights())

    def share(self, spec: JobSpec) -> float:
        """The weight of the syllabus when a number is spread by the job's quota."""
        if spec.quota == "weight":
            return self.weight
        if spec.quota == "combinations":
            return wanted_room(self.capacity, spec.weights())
        return 1.0


async def below(database: Database, node_id: str, spec: JobSpec) -> list[Room]:
    """The room of each accepted syllabus below a node, in the order of their ids.

    A test set of sessions finds only what touches the sessions that are held out for it.
    """
    weights = dict(await syllabi.weighted(database, node_id))
    ids = list(weights)
    rooms: list[Room] = []
    for start in range(0, len(ids), PAGE):
        shapes = await syllabi.shapes(database, ids[start : start + PAGE])
        rooms += [_room(shape, weights[shape.id], spec) for shape in shapes]
    return rooms


def _room(shape: syllabi.Shape, weight: float, spec: JobSpec) -> Room:
    space = SyllabusSpace(shape.id, shape.sessions)
    free = HandedOut.of(space, shape, spec.laps).free
    if spec.holds_sessions:
        capacity = HeldSpace(space, shape.held).capacity
        free = [min(most, left) for most, left in zip(capacity, free, strict=True)]
        return Room(shape.id, weight, capacity, free)
    return Room(shape.id, weight, space.capacity, free)


def total(rooms: Sequence[Room], spec: JobSpec) -> int:
    """How many instructions a job may draw from all of these syllabi."""
    return sum(room.wanted(spec) for room in rooms)
